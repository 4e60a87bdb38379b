//! The `Stripe-Signature` header: `t=<seconds>,v1=<hex of HMAC-SHA256 over "t.body">`, with a `v1` for every secret in use.

use super::client::Secret;
use crate::payment::NoticeError;
use crate::stdx::clock::Timestamp;
use crate::stdx::crypto::hmac_sha256;
use crate::stdx::digest::{hex, same};

/// How far a signature's time may be from ours: a body that somebody caught is good for no longer than this.
const TOLERANCE_MS: i64 = 5 * 60 * 1_000;
/// Most signatures of one header that are compared; the provider sends one for each secret in use.
const SIGNATURES_MAX: usize = 16;

/// Checks the header against the raw body.
pub(super) fn verify(secrets: &[Secret], header: Option<&str>, body: &[u8], now: Timestamp) -> Result<(), NoticeError> {
    let header = header.ok_or(NoticeError::Unsigned)?;
    let fields = || header.split(',').filter_map(|field| field.trim().split_once('='));
    let seconds = fields().find(|(name, _)| *name == "t").map(|(_, value)| value).ok_or(NoticeError::Unsigned)?;
    let at_ms = seconds.parse::<i64>().ok().and_then(|seconds| seconds.checked_mul(1_000)).ok_or(NoticeError::Unsigned)?;
    let signatures: Vec<&str> = fields().filter(|(name, _)| *name == "v1").map(|(_, value)| value).take(SIGNATURES_MAX).collect();
    if signatures.is_empty() {
        return Err(NoticeError::Unsigned);
    }
    let expected = secrets.iter().map(|secret| hex(&hmac_sha256(secret.bytes(), &[seconds.as_bytes(), b".", body])));
    // Every pair is compared, so that nothing is told by how long it takes.
    let is_right = expected.fold(false, |found, expected| {
        signatures.iter().fold(found, |found, signature| found | same(expected.as_bytes(), signature.as_bytes()))
    });
    match (is_right, now.0.saturating_sub(at_ms).saturating_abs() <= TOLERANCE_MS) {
        (false, _) => Err(NoticeError::Forged),
        (true, false) => Err(NoticeError::Stale),
        (true, true) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made by other means: `printf '%s' "1700000000.{}" | openssl dgst -sha256 -hmac whsec_test`.
    const GOOD: &str = "35495024f4ef3f94e5a93e22221544c4b75e9a42300cd965ab81cb85cd994e91";

    #[test]
    fn only_what_was_signed_lately_with_one_of_the_secrets_is_believed() {
        let secrets = [Secret::new("whsec_newer"), Secret::new("whsec_test")];
        let now = Timestamp(1_700_000_000_000);
        let check = |header: &str, body: &[u8], now: Timestamp, expected: Result<(), NoticeError>| {
            assert_eq!(verify(&secrets, Some(header), body, now), expected, "{header}");
        };
        let header = format!("t=1700000000,v1={GOOD},v0=ignored");
        check(&header, b"{}", now, Ok(()));
        check(&format!("t=1700000000,v1=00,v1={GOOD}"), b"{}", now, Ok(()));
        check(&header, b"{ }", now, Err(NoticeError::Forged));
        check(&format!("t=1700000001,v1={GOOD}"), b"{}", now, Err(NoticeError::Forged));
        check("t=1700000000,v1=", b"{}", now, Err(NoticeError::Forged));
        check(&header, b"{}", now.plus_ms(TOLERANCE_MS), Ok(()));
        check(&header, b"{}", now.plus_ms(TOLERANCE_MS + 1), Err(NoticeError::Stale));
        check(&header, b"{}", now.plus_ms(-TOLERANCE_MS - 1), Err(NoticeError::Stale));
        for malformed in ["", "t=1700000000", "v1=00", "t=x,v1=00", "t=99999999999999999999,v1=00"] {
            check(malformed, b"{}", now, Err(NoticeError::Unsigned));
        }
        assert_eq!(verify(&secrets, None, b"{}", now), Err(NoticeError::Unsigned));
        assert_eq!(verify(&[], Some(&header), b"{}", now), Err(NoticeError::Forged), "without a secret nothing is believed");
    }
}
