//! The access book: every key and administrator, as a fold over the access journal.

use super::grant::{check_grant, is_for_shoppers, is_restricted};
use super::named::{Named, Write, Writes};
use super::scope::{Resource, Scope, ScopeSet, Verb};
use super::secret::Presented;
use crate::event::AccessEvent;
use crate::event::access::{Grant, PasswordHash};
use crate::id::{AdminId, KeyId, Offset};
use crate::stdx::clock::Timestamp;
use crate::stdx::digest::{Digest, same};
use imbl::OrdMap;
use serde::{Deserialize, Serialize};

/// Keys that are good, and beyond which revoked ones are forgotten, the oldest first.
pub(super) const KEYS_MAX: usize = 10_000;
/// Administrators.
pub(super) const ADMINS_MAX: usize = 1_000;

/// A key. Its secret is nowhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// What the operator calls it.
    pub name: String,
    /// What it is good for.
    pub grant: Grant,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was revoked, if it was.
    pub revoked_at: Option<Timestamp>,
    /// When it was used last, to some minutes.
    pub used_at: Option<Timestamp>,
    /// Until when the secret before the present one is good, if there is one.
    pub old_until: Option<Timestamp>,
    secret: Digest,
    old_secret: Option<Digest>,
    /// The grant's scopes, read.
    #[serde(skip)]
    scopes: ScopeSet,
}

impl Key {
    /// The scopes it holds.
    #[must_use]
    pub fn scopes(&self) -> ScopeSet {
        self.scopes
    }

    /// Whether it is good for anything now.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.grant.expires_at.is_none_or(|end| now < end)
    }

    /// Whether it sees a part of the shop only.
    #[must_use]
    pub fn is_restricted(&self) -> bool {
        is_restricted(&self.grant)
    }

    /// Whether its bearer works for the shop, and so reaches everybody's carts and orders: it sees the whole shop and all its orders.
    #[must_use]
    pub fn is_house(&self) -> bool {
        !self.is_restricted() && self.scopes.allows(Scope::new(Resource::Orders, Verb::Read))
    }

    /// Whether a browser may have it: it holds nothing that somebody who only shops must not have.
    #[must_use]
    pub fn is_for_shoppers(&self) -> bool {
        is_for_shoppers(self.scopes)
    }

    fn has_secret(&self, secret: &Digest, now: Timestamp) -> bool {
        let is_present = same(secret, &self.secret);
        let is_old = self.old_secret.is_some_and(|old| same(secret, &old)) && self.old_until.is_some_and(|until| now < until);
        is_present || is_old
    }
}

/// An administrator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Admin {
    /// What is kept of their password.
    pub password: PasswordHash,
    /// The sealed secret of their codes, if they show any.
    pub totp: Option<Vec<u8>>,
    /// When they were made.
    pub created_at: Timestamp,
}

/// Every key and administrator. Cheap to clone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Book {
    keys: OrdMap<KeyId, Key>,
    admins: OrdMap<AdminId, Admin>,
    #[serde(default)]
    writes: Writes,
    next: Offset,
}

impl Book {
    /// Whether requests need a key: from the first one ever made on, also when all are revoked.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        !self.keys.is_empty()
    }

    /// Every key, revoked ones too, by name.
    pub fn keys(&self) -> impl Iterator<Item = (&KeyId, &Key)> {
        self.keys.iter()
    }

    /// A key.
    #[must_use]
    pub fn key(&self, id: &KeyId) -> Option<&Key> {
        self.keys.get(id)
    }

    /// The key that somebody shows, if its secret is right and it is good for anything now.
    #[must_use]
    pub fn good_key(&self, presented: &Presented, now: Timestamp) -> Option<&Key> {
        self.keys.get(&presented.key).filter(|key| key.has_secret(&presented.secret, now) && key.is_live(now))
    }

    /// Every administrator by name.
    pub fn admins(&self) -> impl Iterator<Item = (&AdminId, &Admin)> {
        self.admins.iter()
    }

    /// An administrator.
    #[must_use]
    pub fn admin(&self, id: &AdminId) -> Option<&Admin> {
        self.admins.get(id)
    }

    /// What was done under a name that its caller gave it, within the last day.
    #[must_use]
    pub fn write(&self, name: &Digest) -> Option<&Write> {
        self.writes.get(name)
    }

    /// The next offset of the access journal to fold.
    #[must_use]
    pub fn next(&self) -> Offset {
        self.next
    }

    /// Folds the events of the entry at `offset`; one that was folded before changes nothing.
    pub fn apply(&mut self, offset: Offset, events: &[AccessEvent], at: Timestamp) {
        if offset < self.next {
            return;
        }
        events.iter().for_each(|event| self.fold(event, at));
        self.next = offset.plus(1);
    }

    /// What is not written down is worked out again.
    #[must_use]
    pub fn restored(mut self) -> Self {
        let keys = std::mem::take(&mut self.keys);
        self.keys = keys.into_iter().map(|(id, key)| (id, Key { scopes: scopes_of(&key.grant), ..key })).collect();
        self
    }

    fn fold(&mut self, event: &AccessEvent, at: Timestamp) {
        match event {
            AccessEvent::KeyCreated { key, name, secret, grant, .. } => self.add(key, name, *secret, grant, at),
            AccessEvent::KeyRotated { key, secret, old_until, .. } => {
                if let Some(key) = self.keys.get_mut(key) {
                    key.old_secret = Some(std::mem::replace(&mut key.secret, *secret));
                    key.old_until = Some(*old_until);
                }
            }
            AccessEvent::KeyRevoked { key, .. } => {
                if let Some(key) = self.keys.get_mut(key) {
                    key.revoked_at.get_or_insert(at);
                }
            }
            AccessEvent::KeysUsed { uses } => {
                for (key, used_at) in uses {
                    if let Some(key) = self.keys.get_mut(key) {
                        key.used_at = key.used_at.max(Some(*used_at));
                    }
                }
            }
            AccessEvent::AdminCreated { admin, password, .. } => {
                self.admins.insert(admin.clone(), Admin { password: password.clone(), totp: None, created_at: at });
            }
            AccessEvent::PasswordChanged { admin, password, .. } => self.change(admin, |admin| admin.password = password.clone()),
            AccessEvent::AdminRemoved { admin, .. } => drop(self.admins.remove(admin)),
            AccessEvent::TotpEnrolled { admin, sealed, .. } => self.change(admin, |admin| admin.totp = Some(sealed.clone())),
            AccessEvent::TotpRemoved { admin, .. } => self.change(admin, |admin| admin.totp = None),
            AccessEvent::Done(_) => {}
            AccessEvent::WriteNamed { name, request, about } => {
                self.writes.begin(Named { name: *name, request: *request }, about.clone(), at);
            }
            AccessEvent::WriteAnswered { name, status, answer } => self.writes.answer(name, *status, answer),
            AccessEvent::WriteFailed { name } => self.writes.forget(name),
        }
    }

    fn add(&mut self, key: &KeyId, name: &str, secret: Digest, grant: &Grant, at: Timestamp) {
        if self.keys.len() >= KEYS_MAX {
            let oldest = self.keys.iter().filter(|(_, key)| key.revoked_at.is_some()).min_by_key(|(_, key)| key.revoked_at);
            if let Some(oldest) = oldest.map(|(id, _)| id.clone()) {
                self.keys.remove(&oldest);
            }
        }
        let new = Key {
            name: name.to_owned(),
            grant: grant.clone(),
            created_at: at,
            revoked_at: None,
            used_at: None,
            old_until: None,
            secret,
            old_secret: None,
            scopes: scopes_of(grant),
        };
        self.keys.insert(key.clone(), new);
    }

    fn change(&mut self, admin: &AdminId, change: impl FnOnce(&mut Admin)) {
        if let Some(admin) = self.admins.get_mut(admin) {
            change(admin);
        }
    }
}

/// A grant that a later release wrote and this one cannot read holds nothing.
fn scopes_of(grant: &Grant) -> ScopeSet {
    check_grant(grant).unwrap_or_default()
}
