//! What happens to those who may ask: keys, administrators, and what they did to the shop.
//!
//! These events have a journal of their own beside the three streams: nothing but the access book folds them. They hold digests and sealed
//! secrets, never a secret, and names that the operator gave, never a shopper's.

use super::Document;
use crate::id::{Actor, AdminId, KeyId, MarketplaceId};
use crate::stdx::clock::Timestamp;
use crate::stdx::digest::Digest;
use serde::{Deserialize, Serialize};

/// What a key lets its bearer do.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Grant {
    /// `resource:verb`, each in the words of `access::Scope`.
    pub scopes: Vec<String>,
    /// The only marketplace that can be asked about; any, if none.
    pub marketplace: Option<MarketplaceId>,
    /// A filter that every product shown under the key passes; every product, if none.
    pub filter: Option<String>,
    /// The web origins whose pages may use the key; every page, if empty.
    pub origins: Vec<String>,
    /// When it ends; never, if none.
    pub expires_at: Option<Timestamp>,
}

/// A password as it is kept: Argon2id with its cost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordHash {
    /// Random, one for each password.
    pub salt: [u8; 16],
    /// KiB of memory that computing it takes.
    pub memory_kib: u32,
    /// Passes over that memory.
    pub passes: u32,
    /// The result.
    pub hash: Digest,
}

/// One administrative write, done or refused. It holds names and numbers, no content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deed {
    /// Who.
    pub by: Actor,
    /// The method.
    pub method: String,
    /// The address as the interface describes it.
    pub route: String,
    /// What its variable parts were; names of people, and codes that are worth something, as digests.
    pub object: Option<String>,
    /// The status that it was answered with.
    pub status: u16,
    /// The request's name, as in the answer and the access log.
    pub request: String,
}

/// Events of the access journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccessEvent {
    /// A key was made.
    KeyCreated {
        /// Its name.
        key: KeyId,
        /// What the operator calls it.
        name: String,
        /// The digest of its secret.
        secret: Digest,
        /// What it is good for.
        grant: Grant,
        /// Who made it.
        by: Actor,
    },
    /// A key has a new secret; the one before is good for a while.
    KeyRotated {
        /// Which.
        key: KeyId,
        /// The digest of the new secret.
        secret: Digest,
        /// Until when the old one is good.
        old_until: Timestamp,
        /// Who did it.
        by: Actor,
    },
    /// A key is good for nothing any more.
    KeyRevoked {
        /// Which.
        key: KeyId,
        /// Who did it.
        by: Actor,
    },
    /// When keys were used last: coarse, and told for many at once.
    KeysUsed {
        /// Which, and when.
        uses: Vec<(KeyId, Timestamp)>,
    },
    /// An administrator was made.
    AdminCreated {
        /// Who it is.
        admin: AdminId,
        /// Their password.
        password: PasswordHash,
        /// Who made them.
        by: Actor,
    },
    /// An administrator has another password.
    PasswordChanged {
        /// Whose.
        admin: AdminId,
        /// It.
        password: PasswordHash,
        /// Who did it.
        by: Actor,
    },
    /// An administrator is none any more.
    AdminRemoved {
        /// Who it was.
        admin: AdminId,
        /// Who did it.
        by: Actor,
    },
    /// From now on an administrator shows a code at every login.
    TotpEnrolled {
        /// Who.
        admin: AdminId,
        /// The secret, sealed under the key of `data/keys/access.key`.
        sealed: Vec<u8>,
        /// Who did it.
        by: Actor,
    },
    /// An administrator shows no code any more.
    TotpRemoved {
        /// Who.
        admin: AdminId,
        /// Who did it.
        by: Actor,
    },
    /// Somebody changed the shop, or tried to.
    Done(Deed),
    /// The change in this entry, or work that begins with it, was asked for under a name that its caller gave it.
    WriteNamed {
        /// The digest of the name.
        name: Digest,
        /// A digest of what was asked for, under a secret of the shop: passwords may be among it.
        request: Digest,
        /// What was made, when it has a name of its own.
        about: Option<String>,
    },
    /// How work under such a name was answered. Nothing secret is ever among it.
    WriteAnswered {
        /// The digest of the name.
        name: Digest,
        /// The status.
        status: u16,
        /// The answer.
        answer: Document,
    },
    /// Work under such a name was not done: the name is free again.
    WriteFailed {
        /// The digest of the name.
        name: Digest,
    },
}
