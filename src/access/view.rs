//! Keys and administrators as people see them: without anything that lets one in.

use super::book::{Admin, Key};
use crate::id::{AdminId, KeyId, MarketplaceId};
use crate::stdx::clock::Timestamp;
use serde::Serialize;

/// A key.
#[derive(Serialize)]
pub struct KeyView<'a> {
    id: &'a KeyId,
    name: &'a str,
    scopes: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    marketplace: Option<&'a MarketplaceId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    filter: Option<&'a str>,
    origins: &'a [String],
    created_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    used_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    old_secret_until: Option<String>,
    /// Only in the answer that makes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
}

impl<'a> KeyView<'a> {
    /// A key as it is now; `secret` when it has just been made.
    #[must_use]
    pub fn of(id: &'a KeyId, key: &'a Key, used_at: Option<Timestamp>, now: Timestamp, secret: Option<String>) -> Self {
        Self {
            id,
            name: &key.name,
            scopes: key.scopes().iter().map(|scope| scope.to_string()).collect(),
            marketplace: key.grant.marketplace.as_ref(),
            filter: key.grant.filter.as_deref(),
            origins: &key.grant.origins,
            created_at: key.created_at.to_rfc3339(),
            expires_at: key.grant.expires_at.map(Timestamp::to_rfc3339),
            used_at: used_at.map(Timestamp::to_rfc3339),
            revoked_at: key.revoked_at.map(Timestamp::to_rfc3339),
            old_secret_until: key.old_until.filter(|until| *until > now).map(Timestamp::to_rfc3339),
            secret,
        }
    }
}

/// An administrator.
#[derive(Serialize)]
pub struct AdminView<'a> {
    name: &'a AdminId,
    has_totp: bool,
    created_at: String,
}

impl<'a> AdminView<'a> {
    /// An administrator as they are now.
    #[must_use]
    pub fn of(name: &'a AdminId, admin: &Admin) -> Self {
        Self { name, has_totp: admin.totp.is_some(), created_at: admin.created_at.to_rfc3339() }
    }
}
