//! Idempotency keys: every write names itself, so that repeating it has one effect and one answer.

use super::access::Caller;
use super::error::{Kind, Problem};
use super::versions::only_if;
use crate::id::IdempotencyKey;
use crate::payment::card_guard;
use crate::stdx::digest::{self, Digest};
use crate::trade::{Action, Command};
use axum::http::header::IF_MATCH;
use axum::http::{HeaderMap, HeaderValue};

const HEADER: &str = "idempotency-key";

/// A write as its caller names it.
#[derive(Debug, Clone)]
pub(super) struct Key {
    /// The caller's name for it.
    pub(super) name: IdempotencyKey,
    /// The digest of what it was used for.
    pub(super) digest: Digest,
    /// `If-Match`: the versions over which it may be done.
    if_match: Vec<HeaderValue>,
}

impl Key {
    /// The command that does this under the key, while its subject has a version that `If-Match` names, when it names any.
    ///
    /// # Errors
    /// When `If-Match` names nothing that could be a version.
    pub(super) fn command(&self, action: impl Into<Action>) -> Result<Command, Problem> {
        let action = action.into();
        let action = match action.subject() {
            Some(subject) => only_if(&self.if_match, subject, action)?,
            None => action,
        };
        Ok(Command { key: Some((self.name.clone(), self.digest)), action })
    }

    /// The key of one part of a body that is read in pieces: the caller's and the part's number, bound to what this one is bound to.
    ///
    /// # Errors
    /// Never: a digest is a key.
    pub(super) fn of_part(self, number: u64) -> Result<Self, Problem> {
        let name = digest::hex(&digest::blake3(&[self.name.as_str().as_bytes(), b"\n", &number.to_le_bytes()]));
        let name = IdempotencyKey::new(&name).map_err(|error| Problem::internal(&error))?;
        Ok(Self { name, ..self })
    }
}

/// The caller's key, bound to operation, address and body.
///
/// # Errors
/// When the header is missing or is not a key.
pub(super) fn keyed(headers: &HeaderMap, operation: &str, subject: &str, body: &[u8]) -> Result<Key, Problem> {
    let missing = || Problem::of_field(Kind::MissingHeader, HEADER, "name the write, so that repeating it has one effect; a UUID will do");
    let text = headers.get(HEADER).ok_or_else(missing)?.to_str().map_err(|_| Problem::invalid(HEADER, "must be printable ASCII"))?;
    let name = own_key(IdempotencyKey::new(text).map_err(|error| Problem::invalid(HEADER, error.to_string()))?)?;
    let digest = digest::blake3(&[operation.as_bytes(), b"\n", subject.as_bytes(), b"\n", body]);
    Ok(Key { name, digest, if_match: headers.get_all(IF_MATCH).iter().cloned().collect() })
}

/// One caller's key is not another's: nobody is answered what somebody else was, or kept from a key that somebody else has used.
fn own_key(key: IdempotencyKey) -> Result<IdempotencyKey, Problem> {
    let caller = Caller::current().namespace();
    // A key is kept for ever, and some number that names an order may look like a card's.
    if caller.is_none() && card_guard(HEADER, key.as_str()).is_ok() {
        return Ok(key);
    }
    let digest = digest::hex(&digest::blake3(&[caller.unwrap_or_default().as_bytes(), b"\n", key.as_str().as_bytes()]));
    IdempotencyKey::new(&digest).map_err(|error| Problem::internal(&error))
}

/// The same for writes that may go without a key.
///
/// # Errors
/// When there is a key and it is not one.
pub(super) fn keyed_if_given(headers: &HeaderMap, operation: &str, subject: &str, body: &[u8]) -> Result<Option<Key>, Problem> {
    headers.contains_key(HEADER).then(|| keyed(headers, operation, subject, body)).transpose()
}

/// The key of one batch of a body of many lines, bound to the digests of those lines.
///
/// # Errors
/// When there is a key and it is not one.
pub(super) fn batch_keyed_if_given(headers: &HeaderMap, operation: &str, number: u64, lines: &[Digest]) -> Result<Option<Key>, Problem> {
    keyed_if_given(headers, operation, "", &lines.concat())?.map(|key| key.of_part(number)).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(value: &'static str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(HEADER, HeaderValue::from_static(value));
        headers
    }

    #[test]
    fn a_key_is_bound_to_what_it_was_used_for() {
        let of = |operation, subject, body: &[u8]| keyed(&headers("k"), operation, subject, body).expect("a key").digest;
        assert_eq!(of("put", "a", b"{}"), of("put", "a", b"{}"));
        assert_ne!(of("put", "a", b"{}"), of("put", "b", b"{}"));
        assert_ne!(of("put", "a", b"{}"), of("put", "a", b"{ }"));
        assert_eq!(keyed(&HeaderMap::new(), "put", "a", b"").expect_err("is missing").field(), Some(HEADER));
        assert_eq!(keyed(&headers(""), "put", "a", b"").expect_err("is empty").field(), Some(HEADER));
    }

    #[test]
    fn parts_of_a_body_have_keys_of_their_own() {
        let part = |number| keyed(&headers("k"), "put", "a", b"").and_then(|key| key.of_part(number)).expect("a key");
        assert_eq!((part(0).name, part(0).digest), (part(0).name, part(1).digest));
        assert_ne!(part(0).name, part(1).name);
    }
}
