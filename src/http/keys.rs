//! Idempotency keys: every write names itself, so that repeating it has one effect and one answer.

use super::access::Caller;
use super::error::{Kind, Problem};
use crate::id::IdempotencyKey;
use crate::stdx::digest::{self, Digest};
use axum::http::HeaderMap;

const HEADER: &str = "idempotency-key";

/// A key, and the digest of what it was used for.
pub(super) type Key = (IdempotencyKey, Digest);

/// The caller's key, bound to operation, address and body.
///
/// # Errors
/// When the header is missing or is not a key.
pub(super) fn keyed(headers: &HeaderMap, operation: &str, subject: &str, body: &[u8]) -> Result<Key, Problem> {
    let missing = || Problem::of_field(Kind::MissingHeader, HEADER, "name the write, so that repeating it has one effect; a UUID will do");
    let text = headers.get(HEADER).ok_or_else(missing)?.to_str().map_err(|_| Problem::invalid(HEADER, "must be printable ASCII"))?;
    let key = own_key(IdempotencyKey::new(text).map_err(|error| Problem::invalid(HEADER, error.to_string()))?)?;
    Ok((key, digest::blake3(&[operation.as_bytes(), b"\n", subject.as_bytes(), b"\n", body])))
}

/// One caller's key is not another's: nobody is answered what somebody else was, or kept from a key that somebody else has used.
fn own_key(key: IdempotencyKey) -> Result<IdempotencyKey, Problem> {
    let Some(caller) = Caller::current().namespace() else { return Ok(key) };
    let digest = digest::hex(&digest::blake3(&[caller.as_bytes(), b"\n", key.as_str().as_bytes()]));
    IdempotencyKey::new(&digest).map_err(|error| Problem::internal(&error))
}

/// The same for writes that may go without a key.
///
/// # Errors
/// When there is a key and it is not one.
pub(super) fn keyed_if_given(headers: &HeaderMap, operation: &str, subject: &str, body: &[u8]) -> Result<Option<Key>, Problem> {
    headers.contains_key(HEADER).then(|| keyed(headers, operation, subject, body)).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn headers(value: &'static str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(HEADER, HeaderValue::from_static(value));
        headers
    }

    #[test]
    fn a_key_is_bound_to_what_it_was_used_for() {
        let of = |operation, subject, body: &[u8]| keyed(&headers("k"), operation, subject, body).expect("a key").1;
        assert_eq!(of("put", "a", b"{}"), of("put", "a", b"{}"));
        assert_ne!(of("put", "a", b"{}"), of("put", "b", b"{}"));
        assert_ne!(of("put", "a", b"{}"), of("put", "a", b"{ }"));
        assert_eq!(keyed(&HeaderMap::new(), "put", "a", b"").expect_err("is missing").field(), Some(HEADER));
        assert_eq!(keyed(&headers(""), "put", "a", b"").expect_err("is empty").field(), Some(HEADER));
    }
}
