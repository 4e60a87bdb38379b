//! What can be asked of the access book, and why it says no.

use super::book::{ADMINS_MAX, Book, KEYS_MAX};
use super::grant::check_grant;
use super::named::{Named, Write};
use super::secret::Presented;
use crate::event::access::{Deed, Grant, PasswordHash};
use crate::event::{AccessEvent, Document};
use crate::id::{Actor, AdminId, KeyId};
use crate::stdx::clock::Timestamp;
use crate::stdx::digest::Digest;

/// Longest name of a key.
const NAME_BYTES_MAX: usize = 128;
/// Longest time for which two secrets of a key are good: a year.
const OVERLAP_MS_MAX: i64 = 365 * 24 * 60 * 60 * 1_000;

/// What work is refused with that was begun under the same name before.
const BEGUN: &str = "it was begun before under this idempotency key and its answer is not known: it is being done, the answer was too long to keep, or the server ended \
                     meanwhile; look, and use another key";

/// One request to change something.
#[derive(Debug, Clone)]
pub enum AccessCommand {
    /// Make a key.
    CreateKey {
        /// Its name and the digest of its secret.
        presented: Presented,
        /// What the operator calls it.
        name: String,
        /// What it is good for.
        grant: Grant,
        /// Who asks.
        by: Actor,
    },
    /// Give a key a new secret.
    RotateKey {
        /// Its name and the digest of the new secret.
        presented: Presented,
        /// For how long the old secret stays good.
        overlap_ms: i64,
        /// Who asks.
        by: Actor,
    },
    /// Make a key good for nothing, at once.
    RevokeKey {
        /// Which.
        key: KeyId,
        /// Who asks.
        by: Actor,
    },
    /// Tell when keys were used.
    NoteUses(Vec<(KeyId, Timestamp)>),
    /// Make an administrator.
    CreateAdmin {
        /// Who it is.
        admin: AdminId,
        /// Their password.
        password: PasswordHash,
        /// Who asks.
        by: Actor,
    },
    /// Give an administrator another password.
    ChangePassword {
        /// Whose.
        admin: AdminId,
        /// It.
        password: PasswordHash,
        /// Who asks.
        by: Actor,
    },
    /// Remove an administrator.
    RemoveAdmin {
        /// Who it is.
        admin: AdminId,
        /// Who asks.
        by: Actor,
    },
    /// Have an administrator show a code from now on.
    EnrolTotp {
        /// Who.
        admin: AdminId,
        /// The sealed secret.
        sealed: Vec<u8>,
        /// Who asks.
        by: Actor,
    },
    /// Let an administrator in without a code.
    RemoveTotp {
        /// Who.
        admin: AdminId,
        /// Who asks.
        by: Actor,
    },
    /// Write down what somebody did.
    Note(Deed),
    /// Do something, once for the name that its caller gave it.
    Once {
        /// The write as it is named.
        named: Named,
        /// What.
        command: Box<AccessCommand>,
    },
    /// Begin work that is done once for the name that its caller gave it.
    Begin(Named),
    /// Such work is done: the digest of its name, the status, and the answer, in which nothing is secret.
    Answer(Digest, u16, Document),
    /// Such work was not done: the digest of its name.
    Release(Digest),
}

/// Why nothing has happened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AccessRefusal {
    /// Nothing has that name.
    #[error("there is no {kind} {id}")]
    Unknown {
        /// `key` or `admin`.
        kind: &'static str,
        /// The name that was given.
        id: String,
    },
    /// The name is taken.
    #[error("there is a {kind} {id} already")]
    Exists {
        /// `key` or `admin`.
        kind: &'static str,
        /// The name that was given.
        id: String,
    },
    /// A field is at fault.
    #[error("{field}: {reason}")]
    Invalid {
        /// Which.
        field: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// The name was used for another write.
    #[error("the idempotency key was used before with another request")]
    NameReused,
    /// It does not allow that any more.
    #[error("{0}")]
    Over(&'static str),
}

/// What a command makes happen, or why nothing does. No events: what was asked for was done before under the same name.
///
/// # Errors
/// When the command does not fit what the book holds.
pub fn decide(book: &Book, command: AccessCommand, now: Timestamp) -> Result<Vec<AccessEvent>, AccessRefusal> {
    match command {
        AccessCommand::Once { named, .. } if known(book, &named)?.is_some() => Ok(Vec::new()),
        AccessCommand::Begin(named) if known(book, &named)?.is_some_and(|write| write.answer.is_some()) => Ok(Vec::new()),
        AccessCommand::Once { named, command } => {
            let done = happens(book, *command, now)?;
            let about = match &done {
                AccessEvent::KeyCreated { key, .. } => Some(key.to_string()),
                _ => None,
            };
            Ok(vec![done, named_event(named, about)])
        }
        AccessCommand::Begin(named) if book.write(&named.name).is_some() => Err(AccessRefusal::Over(BEGUN)),
        AccessCommand::Begin(named) => Ok(vec![named_event(named, None)]),
        command => happens(book, command, now).map(|event| vec![event]),
    }
}

fn named_event(Named { name, request }: Named, about: Option<String>) -> AccessEvent {
    AccessEvent::WriteNamed { name, request, about }
}

/// What was done, or begun, under that name before.
fn known<'a>(book: &'a Book, named: &Named) -> Result<Option<&'a Write>, AccessRefusal> {
    match book.write(&named.name) {
        Some(known) if known.request != named.request => Err(AccessRefusal::NameReused),
        known => Ok(known),
    }
}

fn happens(book: &Book, command: AccessCommand, now: Timestamp) -> Result<AccessEvent, AccessRefusal> {
    Ok(match command {
        AccessCommand::CreateKey { presented: Presented { key, secret }, name, grant, by } => {
            check_new_key(book, &key, &name, &grant, now)?;
            AccessEvent::KeyCreated { key, name, secret, grant, by }
        }
        AccessCommand::RotateKey { presented: Presented { key, secret }, overlap_ms, by } => {
            let known = book.key(&key).ok_or_else(|| unknown("key", key.as_str()))?;
            if !known.is_live(now) {
                return Err(AccessRefusal::Over("the key has ended; make a new one"));
            }
            if !(0..=OVERLAP_MS_MAX).contains(&overlap_ms) {
                return invalid("overlap_s", format!("must be between 0 and {}", OVERLAP_MS_MAX / 1_000));
            }
            AccessEvent::KeyRotated { key, secret, old_until: now.plus_ms(overlap_ms), by }
        }
        AccessCommand::RevokeKey { key, by } => {
            let known = book.key(&key).ok_or_else(|| unknown("key", key.as_str()))?;
            if known.revoked_at.is_some() {
                return Err(AccessRefusal::Over("the key was revoked before"));
            }
            AccessEvent::KeyRevoked { key, by }
        }
        AccessCommand::NoteUses(uses) => AccessEvent::KeysUsed { uses },
        AccessCommand::CreateAdmin { admin, password, by } => {
            if book.admin(&admin).is_some() {
                return Err(AccessRefusal::Exists { kind: "administrator", id: admin.to_string() });
            }
            if book.admins().count() >= ADMINS_MAX {
                return invalid("name", format!("there are {ADMINS_MAX} administrators already"));
            }
            AccessEvent::AdminCreated { admin, password, by }
        }
        AccessCommand::ChangePassword { admin, password, by } => {
            check_admin(book, &admin)?;
            AccessEvent::PasswordChanged { admin, password, by }
        }
        AccessCommand::RemoveAdmin { admin, by } => {
            check_admin(book, &admin)?;
            AccessEvent::AdminRemoved { admin, by }
        }
        AccessCommand::EnrolTotp { admin, sealed, by } => {
            check_admin(book, &admin)?;
            AccessEvent::TotpEnrolled { admin, sealed, by }
        }
        AccessCommand::RemoveTotp { admin, by } => {
            check_admin(book, &admin)?;
            AccessEvent::TotpRemoved { admin, by }
        }
        AccessCommand::Note(deed) => AccessEvent::Done(deed),
        AccessCommand::Answer(name, status, answer) => AccessEvent::WriteAnswered { name, status, answer },
        AccessCommand::Release(name) => AccessEvent::WriteFailed { name },
        AccessCommand::Once { .. } | AccessCommand::Begin(_) => return Err(AccessRefusal::Over("a name names one thing")),
    })
}

fn check_new_key(book: &Book, key: &KeyId, name: &str, grant: &Grant, now: Timestamp) -> Result<(), AccessRefusal> {
    check_grant(grant).map_err(|error| AccessRefusal::Invalid { field: error.field, reason: error.reason })?;
    if name.trim().is_empty() || name.len() > NAME_BYTES_MAX || name.chars().any(char::is_control) {
        return invalid("name", format!("must have between 1 and {NAME_BYTES_MAX} bytes and no control characters"));
    }
    if grant.expires_at.is_some_and(|end| end <= now) {
        return invalid("expires_at", "lies in the past".to_owned());
    }
    if book.key(key).is_some() {
        return Err(AccessRefusal::Exists { kind: "key", id: key.to_string() });
    }
    if book.keys().filter(|(_, key)| key.revoked_at.is_none()).count() >= KEYS_MAX {
        return invalid("name", format!("there are {KEYS_MAX} keys already; revoke some"));
    }
    Ok(())
}

fn check_admin(book: &Book, admin: &AdminId) -> Result<(), AccessRefusal> {
    book.admin(admin).map(|_| ()).ok_or_else(|| unknown("administrator", admin.as_str()))
}

fn unknown(kind: &'static str, id: &str) -> AccessRefusal {
    AccessRefusal::Unknown { kind, id: id.to_owned() }
}

fn invalid<T>(field: &'static str, reason: String) -> Result<T, AccessRefusal> {
    Err(AccessRefusal::Invalid { field, reason })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::{KEY_RANDOM_BYTES, hash_password, new_secret};
    use crate::id::Offset;

    struct Desk {
        book: Book,
        now: Timestamp,
    }

    impl Desk {
        fn new() -> Self {
            Self { book: Book::default(), now: Timestamp(1_000) }
        }

        fn ask(&mut self, command: AccessCommand) -> Result<(), AccessRefusal> {
            let events = decide(&self.book, command, self.now)?;
            self.book.apply(self.book.next(), &events, self.now);
            Ok(())
        }

        fn is_good(&self, presented: &Presented, at: i64) -> bool {
            self.book.good_key(presented, Timestamp(at)).is_some()
        }
    }

    fn by() -> Actor {
        Actor::new("operator").expect("a name")
    }

    fn key(seed: u8, name: Option<&KeyId>) -> Presented {
        new_secret([seed; KEY_RANDOM_BYTES], name).expect("a key").1
    }

    fn create(presented: &Presented, expires_at: Option<i64>) -> AccessCommand {
        let grant = Grant { scopes: vec!["search:read".to_owned()], expires_at: expires_at.map(Timestamp), ..Grant::default() };
        AccessCommand::CreateKey { presented: presented.clone(), name: "shop page".to_owned(), grant, by: by() }
    }

    #[test]
    fn a_key_is_good_until_it_ends_and_the_door_stays_closed_after_that() {
        let mut desk = Desk::new();
        assert!(!desk.book.is_closed());
        let first = key(1, None);
        desk.ask(create(&first, Some(2_000))).expect("is made");
        assert!(desk.is_good(&first, 1_999) && !desk.is_good(&first, 2_000));
        let forged = Presented { secret: [0; 32], ..first.clone() };
        assert!(!desk.is_good(&forged, 1_500));
        desk.ask(AccessCommand::RevokeKey { key: first.key.clone(), by: by() }).expect("is revoked");
        assert!(!desk.is_good(&first, 1_500) && desk.book.is_closed());
        let again = desk.ask(AccessCommand::RevokeKey { key: first.key.clone(), by: by() });
        assert!(matches!(again, Err(AccessRefusal::Over(_))));
        assert!(matches!(desk.ask(create(&key(2, None), Some(900))), Err(AccessRefusal::Invalid { field: "expires_at", .. })));
    }

    #[test]
    fn both_secrets_are_good_while_they_overlap() {
        let mut desk = Desk::new();
        let old = key(1, None);
        desk.ask(create(&old, None)).expect("is made");
        let new = key(2, Some(&old.key));
        desk.ask(AccessCommand::RotateKey { presented: new.clone(), overlap_ms: 500, by: by() }).expect("is rotated");
        assert!(desk.is_good(&new, 1_000) && desk.is_good(&old, 1_499) && !desk.is_good(&old, 1_500));
        let newest = key(3, Some(&old.key));
        desk.ask(AccessCommand::RotateKey { presented: newest.clone(), overlap_ms: 0, by: by() }).expect("is rotated");
        assert!(desk.is_good(&newest, 1_000) && !desk.is_good(&new, 1_000) && !desk.is_good(&old, 1_000));
        let long = desk.ask(AccessCommand::RotateKey { presented: newest, overlap_ms: i64::MAX, by: by() });
        assert!(matches!(long, Err(AccessRefusal::Invalid { field: "overlap_s", .. })));
    }

    #[test]
    fn an_administrator_is_made_once_changed_and_removed() {
        let mut desk = Desk::new();
        let admin = AdminId::new("ann").expect("a name");
        let password = hash_password("correct horse", [1; 16]);
        let make = AccessCommand::CreateAdmin { admin: admin.clone(), password: password.clone(), by: by() };
        desk.ask(make.clone()).expect("is made");
        assert!(matches!(desk.ask(make), Err(AccessRefusal::Exists { .. })));
        desk.ask(AccessCommand::EnrolTotp { admin: admin.clone(), sealed: vec![1], by: by() }).expect("is enrolled");
        assert_eq!(desk.book.admin(&admin).and_then(|admin| admin.totp.clone()), Some(vec![1]));
        desk.ask(AccessCommand::RemoveAdmin { admin: admin.clone(), by: by() }).expect("is removed");
        let gone = desk.ask(AccessCommand::ChangePassword { admin, password, by: by() });
        assert!(matches!(gone, Err(AccessRefusal::Unknown { .. })));
    }

    #[test]
    fn what_was_done_under_a_name_is_not_done_again() {
        let mut desk = Desk::new();
        let named = |request: u8| Named { name: [1; 32], request: [request; 32] };
        let once = |named, command| AccessCommand::Once { named, command: Box::new(command) };
        let (first, second) = (key(1, None), key(2, None));
        assert!(desk.ask(once(named(1), create(&first, Some(900)))).is_err(), "what is refused leaves the name free");
        desk.ask(once(named(1), create(&first, None))).expect("is made");
        desk.ask(once(named(1), create(&second, None))).expect("is a repetition");
        assert!(desk.is_good(&first, 1_000) && !desk.is_good(&second, 1_000));
        assert_eq!(desk.book.write(&[1; 32]).and_then(|write| write.about.clone()), Some(first.key.to_string()));
        assert_eq!(desk.ask(once(named(2), create(&second, None))), Err(AccessRefusal::NameReused));
        assert_eq!(desk.ask(AccessCommand::Begin(named(2))), Err(AccessRefusal::NameReused));
    }

    #[test]
    fn work_under_a_name_is_begun_once_and_answered_or_let_go() {
        let mut desk = Desk::new();
        let named = Named { name: [1; 32], request: [1; 32] };
        desk.ask(AccessCommand::Begin(named)).expect("is begun");
        assert!(matches!(desk.ask(AccessCommand::Begin(named)), Err(AccessRefusal::Over(_))), "nobody knows how that goes");
        desk.ask(AccessCommand::Release(named.name)).expect("is let go");
        desk.ask(AccessCommand::Begin(named)).expect("is begun again");
        let answer = Document(b"{}".as_slice().into());
        desk.ask(AccessCommand::Answer(named.name, 200, answer.clone())).expect("is done");
        assert_eq!(desk.book.write(&named.name).and_then(|write| write.answer.clone()), Some((200, answer)));
        assert_eq!(decide(&desk.book, AccessCommand::Begin(named), desk.now), Ok(Vec::new()), "what is answered is not begun again");
    }

    #[test]
    fn what_was_folded_before_changes_nothing_and_a_book_comes_back_whole() {
        let mut desk = Desk::new();
        desk.ask(create(&key(1, None), None)).expect("is made");
        let before = desk.book.clone();
        desk.book.apply(Offset(0), &[AccessEvent::KeyRevoked { key: key(1, None).key, by: by() }], Timestamp(5));
        assert_eq!(desk.book, before);
        let bytes = crate::event::codec::to_bytes(&before).expect("is written");
        let read: Book = crate::event::codec::from_bytes(&bytes).expect("is read");
        assert_eq!(read.restored(), before);
    }
}
