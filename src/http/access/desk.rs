//! What the edge remembers of logins: sessions, and attempts that count. It ends with the process.

use crate::access::{LoginLimits, Session, Sessions};
use crate::http::edge::Group;
use crate::id::AdminId;
use crate::stdx::clock::Timestamp;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::Semaphore;

/// Passwords that are looked at at the same time: each takes 19 MiB and some ten milliseconds of a core.
const PASSWORDS_AT_ONCE_MAX: usize = 2;

/// Sessions and attempts.
pub(in crate::http) struct Desk {
    sessions: Mutex<Sessions>,
    limits: Mutex<LoginLimits>,
    pub(in crate::http) passwords: Semaphore,
}

impl Default for Desk {
    fn default() -> Self {
        Self { sessions: Mutex::default(), limits: Mutex::default(), passwords: Semaphore::new(PASSWORDS_AT_ONCE_MAX) }
    }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Addresses that count as one, by the name that they are counted under: somebody with IPv6 has more of them than can be counted.
fn neighbours(address: Option<IpAddr>) -> Option<String> {
    address.map(|address| Group::of(address).to_string())
}

impl Desk {
    /// The session of a cookie, which is used by this.
    pub(in crate::http) fn session(&self, cookie: &str, now: Timestamp) -> Option<Session> {
        held(&self.sessions).used(cookie, now)
    }

    /// Begins a session; answers its cookie.
    pub(in crate::http) fn begin(&self, admin: AdminId, random: [u8; 64], now: Timestamp) -> (String, Session) {
        held(&self.sessions).begin(admin, random, now)
    }

    /// Ends a session.
    pub(in crate::http) fn end(&self, cookie: &str) {
        held(&self.sessions).end(cookie);
    }

    /// Ends all sessions of somebody.
    pub(in crate::http) fn end_all_of(&self, admin: &AdminId) {
        held(&self.sessions).end_all_of(admin);
    }

    /// Takes the step of a code; false when it was taken before.
    pub(in crate::http) fn take_step(&self, admin: &AdminId, step: i64) -> bool {
        held(&self.sessions).take_step(admin, step)
    }

    /// Counts an attempt to log in.
    ///
    /// # Errors
    /// Milliseconds to wait, after too many.
    pub(in crate::http) fn begin_attempt(&self, name: &str, address: Option<IpAddr>, now: Timestamp) -> Result<(), i64> {
        held(&self.limits).begin(name, neighbours(address).as_deref(), now)
    }

    /// The attempt was a login.
    pub(in crate::http) fn attempt_succeeded(&self, name: &str, address: Option<IpAddr>) {
        held(&self.limits).succeeded(name, neighbours(address).as_deref());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each address of one household was counted by itself, and it has 2^64 of them.
    #[test]
    fn whoever_has_many_addresses_has_the_attempts_of_one() {
        let desk = Desk::default();
        let attempt = |network: u16, host: u16| {
            let address = IpAddr::from([0x2001, 0xdb8, 1, network, 0, 0, 0, host]);
            desk.begin_attempt(&format!("name-{network}-{host}"), Some(address), Timestamp(0))
        };
        let refused = (0..100).filter(|host| attempt(1, *host).is_err()).count();
        assert_eq!(refused, 70, "30 of them were looked at");
        assert_eq!(attempt(2, 0), Ok(()), "the neighbours are other people");
    }
}
