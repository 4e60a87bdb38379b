//! Versions: what a caller read, so that a write can be refused when it has changed since.
//!
//! A version is a digest of the thing itself, so everything that can be read has one, none can be forgotten to be counted up, and a version
//! that comes back means that the very same thing is there again. The condition travels inside the command and is checked where the command
//! is decided: of two writes over the same version, whichever the writer takes second is refused.

use super::command::{Action, Rejection};
use super::keys::Snapshot;
use super::state::State;
use crate::event::codec::{to_bytes, to_compact_bytes};
use crate::event::trade::Subject;
use crate::event::trade::pricing::PricingSubject;
use crate::stdx::digest::{blake3, hex};
use serde::Serialize;
use std::fmt;

/// Bytes of a version; half a digest, because nobody gains by making two of their own things look the same.
const VERSION_BYTES: usize = 16;
/// Versions that one condition may name.
pub const VERSIONS_MAX: usize = 16;

/// How something was when it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Version([u8; VERSION_BYTES]);

/// Why a text is not a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a version has {} hexadecimal digits", 2 * VERSION_BYTES)]
pub struct VersionError;

impl Version {
    /// The version of a thing as it then was; none when nothing was left of it.
    #[must_use]
    pub fn of(snapshot: &Snapshot) -> Option<Self> {
        if matches!(snapshot, Snapshot::Gone) {
            return None;
        }
        to_compact_bytes(snapshot).ok().map(|bytes| Self::of_bytes(&bytes))
    }

    /// The version of what was set: the whole of it is what was asked for.
    #[must_use]
    pub fn of_setting<T: Serialize>(setting: &T) -> Option<Self> {
        to_bytes(setting).ok().map(|bytes| Self::of_bytes(&bytes))
    }

    fn of_bytes(bytes: &[u8]) -> Self {
        let mut version = [0; VERSION_BYTES];
        version.copy_from_slice(&blake3(&[bytes])[..VERSION_BYTES]);
        Self(version)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&hex(&self.0))
    }
}

impl std::str::FromStr for Version {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<Self, VersionError> {
        if text.len() != 2 * VERSION_BYTES || !text.is_ascii() {
            return Err(VersionError);
        }
        let mut version = [0; VERSION_BYTES];
        for (at, byte) in version.iter_mut().enumerate() {
            let digits = text.get(2 * at..2 * at + 2).filter(|digits| !digits.starts_with('+')).ok_or(VersionError)?;
            *byte = u8::from_str_radix(digits, 16).map_err(|_| VersionError)?;
        }
        Ok(Self(version))
    }
}

/// What has to hold for a command to be decided at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// What it is about.
    pub subject: Subject,
    /// The versions that will do, at most [`VERSIONS_MAX`]; empty when it only has to exist.
    pub versions: Vec<Version>,
}

impl State {
    /// The version of a thing as it is now; none when it does not exist.
    #[must_use]
    pub fn version_of(&self, subject: &Subject) -> Option<Version> {
        let prices = &self.pricing;
        match subject {
            Subject::Pricing(PricingSubject::PriceList(id)) => Version::of_setting(&prices.list(id)?.list),
            Subject::Pricing(PricingSubject::Promotion(id)) => Version::of_setting(&**prices.promotion(id)?),
            Subject::Pricing(PricingSubject::Coupon(code)) => Version::of_setting(&**prices.coupon(code)?),
            Subject::Pricing(PricingSubject::Taxes(country)) => Version::of_setting(&**prices.tax_zone(country)?),
            Subject::Pricing(PricingSubject::Groups(shopper)) => Version::of_setting(&prices.groups_of_shopper(shopper)?),
            Subject::QuantityRule(target) => Version::of_setting(self.quantity_rule(target)?),
            Subject::Shopper(shopper) => Version::of_setting(&**self.one_click_of(shopper)?),
            thing => Version::of(&self.snapshot(thing)),
        }
    }

    /// Refuses when a condition does not hold.
    pub(super) fn check(&self, condition: &Condition) -> Result<(), Rejection> {
        let found = self.version_of(&condition.subject);
        let holds = found.is_some_and(|found| condition.versions.is_empty() || condition.versions.contains(&found));
        if holds { Ok(()) } else { Err(Rejection::VersionChanged { found: found.map(|version| version.to_string()) }) }
    }
}

impl Action {
    /// The action that is done when all conditions around it hold.
    #[must_use]
    pub fn unconditional(&self) -> &Self {
        let mut action = self;
        while let Self::OnlyIf { action: inner, .. } = action {
            action = inner;
        }
        action
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_read_as_it_is_written() {
        let version = Version([0xab; VERSION_BYTES]);
        assert_eq!(version.to_string().parse(), Ok(version));
        let check = |text: &str| assert_eq!(text.parse::<Version>(), Err(VersionError), "{text}");
        check("");
        check("abab");
        check(&"zz".repeat(VERSION_BYTES));
        check(&"+a".repeat(VERSION_BYTES));
        check(&"é".repeat(VERSION_BYTES));
    }
}
