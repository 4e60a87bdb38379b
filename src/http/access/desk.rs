//! What the edge remembers of logins: sessions, and attempts that count. It ends with the process.

use crate::access::{LoginLimits, Session, Sessions};
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
        held(&self.limits).begin(name, address, now)
    }

    /// The attempt was a login.
    pub(in crate::http) fn attempt_succeeded(&self, name: &str, address: Option<IpAddr>) {
        held(&self.limits).succeeded(name, address);
    }
}
