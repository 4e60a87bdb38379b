//! Signatures after Standard Webhooks 1.0: `v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`, under the bytes of a secret that is
//! written `whsec_` and base64.

use crate::stdx::base64::{decode_padded, encode_padded};
use crate::stdx::crypto::{NoRandomness, hmac_sha256, random};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What the text of a secret begins with.
pub const SECRET_PREFIX: &str = "whsec_";
/// Random bytes of a new secret; the specification asks for 24 to 64.
const SECRET_BYTES: usize = 32;
const SECRET_BYTES_RANGE: std::ops::RangeInclusive<usize> = 24..=64;

/// Why a text is not a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a secret is written {SECRET_PREFIX} and the base64 of 24 to 64 bytes")]
pub struct SecretError;

/// What a destination checks signatures with.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Secret(Vec<u8>);

impl Secret {
    /// A new one that nobody can guess.
    ///
    /// # Errors
    /// When the system gives no randomness.
    pub fn fresh() -> Result<Self, NoRandomness> {
        random::<SECRET_BYTES>().map(|bytes| Self(bytes.to_vec()))
    }

    /// As its holder keeps it. Shown once, when it is made.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{SECRET_PREFIX}{}", encode_padded(&self.0))
    }

    /// One signature.
    fn sign(&self, id: &str, timestamp_s: i64, body: &[u8]) -> String {
        let timestamp = timestamp_s.to_string();
        let digest = hmac_sha256(&self.0, &[id.as_bytes(), b".", timestamp.as_bytes(), b".", body]);
        format!("v1,{}", encode_padded(&digest))
    }
}

/// The `webhook-signature` header: one signature for each secret, the newest first, so that either side of a rotation finds its own.
#[must_use]
pub(super) fn header(secrets: &[&Secret], id: &str, timestamp_s: i64, body: &[u8]) -> String {
    secrets.iter().map(|secret| secret.sign(id, timestamp_s, body)).collect::<Vec<_>>().join(" ")
}

impl TryFrom<String> for Secret {
    type Error = SecretError;

    fn try_from(text: String) -> Result<Self, SecretError> {
        let bytes = text.strip_prefix(SECRET_PREFIX).and_then(decode_padded).ok_or(SecretError)?;
        if SECRET_BYTES_RANGE.contains(&bytes.len()) { Ok(Self(bytes)) } else { Err(SecretError) }
    }
}

impl From<Secret> for String {
    fn from(secret: Secret) -> Self {
        secret.text()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Secret(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> Secret {
        Secret::try_from(text.to_owned()).expect("a secret")
    }

    /// Made by other means: `printf '%s' "$id.$ts.$body" | openssl dgst -sha256 -mac HMAC -macopt hexkey:$key -binary | base64`, where `$key`
    /// is `base64 -d` of the secret.
    #[test]
    fn signatures_are_those_that_openssl_makes() {
        let known = secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let signature = header(&[&known], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, br#"{"test": 2432232314}"#);
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        let other = secret("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
        let both = header(&[&other, &known], "trade/123/0", 1_700_000_000, br#"{"type":"order_placed"}"#);
        assert_eq!(both, "v1,H6MpE/Dy/mwB24BdzeAzFZTnOV8ThyqSB/n0pfnCnpM= v1,EzpSjGHjmRfx2+3XxTh/VWHfHThf6KbM+fQiQuunJMQ=");
    }

    #[test]
    fn a_secret_is_written_as_the_specification_says_and_never_shown_by_accident() {
        let fresh = Secret::fresh().expect("randomness");
        assert_eq!(secret(&fresh.text()), fresh);
        assert_eq!(serde_json::from_str::<Secret>(&serde_json::to_string(&fresh).expect("writes")).expect("reads"), fresh);
        assert_eq!(format!("{fresh:?}"), "Secret(..)");
        let check = |text: &str| assert_eq!(Secret::try_from(text.to_owned()), Err(SecretError), "{text}");
        check("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        check("whsec_");
        check("whsec_AAAA");
        check("whsec_not base64");
        check(&format!("whsec_{}", "A".repeat(100)));
    }
}
