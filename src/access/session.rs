//! Sessions of administrators: in memory, so they end with the process; bounded in time and number.

use crate::id::AdminId;
use crate::stdx::base64;
use crate::stdx::clock::Timestamp;
use crate::stdx::digest::{Digest, blake3, same};
use std::collections::HashMap;

/// A session that nobody uses for so long has ended.
pub const SESSION_IDLE_MS: i64 = 30 * 60 * 1_000;
/// A session ends after so long whatever happens.
pub const SESSION_LIFE_MS: i64 = 12 * 60 * 60 * 1_000;
/// Sessions at once; the one that was used the longest ago makes room.
const SESSIONS_MAX: usize = 1_024;

/// One login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Who.
    pub admin: AdminId,
    /// What a page has to show beside the cookie to change anything; other sites' pages cannot know it.
    pub csrf: String,
    /// When it began.
    pub created_at: Timestamp,
    seen_at: Timestamp,
}

impl Session {
    /// When it ends if nobody uses it any more.
    #[must_use]
    pub fn ends_at(&self) -> Timestamp {
        self.seen_at.plus_ms(SESSION_IDLE_MS).min(self.created_at.plus_ms(SESSION_LIFE_MS))
    }

    /// Whether this is its token against writes from other sites.
    #[must_use]
    pub fn is_csrf(&self, shown: &str) -> bool {
        same(&blake3(&[shown.as_bytes()]), &blake3(&[self.csrf.as_bytes()]))
    }
}

/// All sessions, by the digest of their cookie.
#[derive(Debug, Default)]
pub struct Sessions {
    open: HashMap<Digest, Session>,
    /// The step of the last code that each administrator showed: none is taken twice.
    steps: HashMap<AdminId, i64>,
}

impl Sessions {
    /// Begins a session; answers the cookie.
    pub fn begin(&mut self, admin: AdminId, random: [u8; 64], now: Timestamp) -> (String, Session) {
        let (cookie, csrf) = random.split_at(32);
        let (cookie, csrf) = (base64::encode(cookie), base64::encode(csrf));
        self.open.retain(|_, session| now < session.ends_at());
        if self.open.len() >= SESSIONS_MAX {
            let idle = self.open.iter().min_by_key(|(_, session)| session.seen_at).map(|(digest, _)| *digest);
            idle.iter().for_each(|digest| drop(self.open.remove(digest)));
        }
        let session = Session { admin, csrf, created_at: now, seen_at: now };
        self.open.insert(digest_of(&cookie), session.clone());
        (cookie, session)
    }

    /// The session of a cookie, which is used by this; none when it has ended.
    pub fn used(&mut self, cookie: &str, now: Timestamp) -> Option<Session> {
        let digest = digest_of(cookie);
        let session = self.open.get_mut(&digest)?;
        if session.ends_at() <= now {
            self.open.remove(&digest);
            return None;
        }
        session.seen_at = session.seen_at.max(now);
        Some(session.clone())
    }

    /// Ends a session.
    pub fn end(&mut self, cookie: &str) {
        self.open.remove(&digest_of(cookie));
    }

    /// Ends all sessions of an administrator, whose password or codes have changed.
    pub fn end_all_of(&mut self, admin: &AdminId) {
        self.open.retain(|_, session| session.admin != *admin);
    }

    /// Takes the step of a code; false when it was taken before.
    pub fn take_step(&mut self, admin: &AdminId, step: i64) -> bool {
        let last = self.steps.entry(admin.clone()).or_insert(i64::MIN);
        let is_new = step > *last;
        *last = step.max(*last);
        is_new
    }
}

/// A random cookie is found by its digest, so how long finding takes tells nothing of it.
fn digest_of(cookie: &str) -> Digest {
    blake3(&[cookie.as_bytes()])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admin(name: &str) -> AdminId {
        AdminId::new(name).expect("a name")
    }

    #[test]
    fn a_session_ends_when_it_is_idle_and_when_it_is_old() {
        let mut sessions = Sessions::default();
        let (cookie, session) = sessions.begin(admin("ann"), [1; 64], Timestamp(0));
        assert!(session.is_csrf(&session.csrf) && !session.is_csrf(&cookie[1..]) && !session.is_csrf(""));
        assert!(sessions.used(&cookie, Timestamp(SESSION_IDLE_MS - 1)).is_some());
        assert!(sessions.used(&cookie, Timestamp(2 * SESSION_IDLE_MS - 1)).is_none(), "half an hour after it was used");
        assert!(sessions.used(&cookie, Timestamp(0)).is_none(), "what has ended does not come back");
        let (cookie, _) = sessions.begin(admin("ann"), [2; 64], Timestamp(0));
        let mut now = 0;
        while now + SESSION_IDLE_MS / 2 < SESSION_LIFE_MS {
            now += SESSION_IDLE_MS / 2;
            assert!(sessions.used(&cookie, Timestamp(now)).is_some());
        }
        assert!(sessions.used(&cookie, Timestamp(SESSION_LIFE_MS)).is_none(), "twelve hours after it began");
    }

    #[test]
    fn sessions_end_when_told_and_make_room_for_each_other() {
        let mut sessions = Sessions::default();
        let (ann, _) = sessions.begin(admin("ann"), [1; 64], Timestamp(0));
        let (ben, _) = sessions.begin(admin("ben"), [2; 64], Timestamp(1));
        sessions.end_all_of(&admin("ann"));
        assert!(sessions.used(&ann, Timestamp(1)).is_none() && sessions.used(&ben, Timestamp(1)).is_some());
        sessions.end(&ben);
        assert!(sessions.used(&ben, Timestamp(1)).is_none());
        for number in 0..SESSIONS_MAX + 10 {
            let mut random = [0; 64];
            random[..8].copy_from_slice(&(number as u64).to_le_bytes());
            sessions.begin(admin("ann"), random, Timestamp(2));
        }
        assert_eq!(sessions.open.len(), SESSIONS_MAX);
    }

    #[test]
    fn a_code_is_taken_once() {
        let mut sessions = Sessions::default();
        let steps = [5, 5, 4, 6].map(|step| sessions.take_step(&admin("ann"), step));
        assert_eq!(steps, [true, false, false, true]);
        assert!(sessions.take_step(&admin("ben"), 5));
    }
}
