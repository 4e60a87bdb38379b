//! Codes of authenticator apps: RFC 6238 with HMAC-SHA1, six digits, thirty seconds, which is what all of them speak.

use crate::stdx::base32;
use crate::stdx::clock::Timestamp;
use crate::stdx::crypto::hmac_sha1;
use crate::stdx::digest::same;
use crate::stdx::percent::encoded;

/// Bytes of a secret: as long as the hash.
pub const TOTP_SECRET_BYTES: usize = 20;
const STEP_MS: i64 = 30_000;
/// Steps before and after the present one whose codes are taken: clocks differ, and typing takes time.
const DRIFT_STEPS: i64 = 1;

/// The step whose code this is, near this time; none when it is none. The caller takes no step twice.
#[must_use]
pub fn totp_step(secret: &[u8], code: &str, now: Timestamp) -> Option<i64> {
    let present = now.0.div_euclid(STEP_MS);
    // All are computed whatever matches: how long it takes tells nothing.
    let matching = (present - DRIFT_STEPS..=present + DRIFT_STEPS).filter(|step| same(code_of(secret, *step).as_bytes(), code.as_bytes()));
    matching.fold(None, |_, step| Some(step))
}

/// RFC 4226, section 5.3.
fn code_of(secret: &[u8], step: i64) -> String {
    let digest = hmac_sha1(secret, &step.to_be_bytes());
    let at = usize::from(digest[19] & 15);
    let number = u32::from_be_bytes([digest[at] & 0x7f, digest[at + 1], digest[at + 2], digest[at + 3]]);
    format!("{:06}", number % 1_000_000)
}

/// What an app reads from a picture.
#[must_use]
pub fn totp_uri(secret: &[u8], admin: &str) -> String {
    format!("otpauth://totp/shopkeeper:{}?secret={}&issuer=shopkeeper", encoded(admin), base32::encode(secret))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vectors_of_rfc_6238_hold() {
        // The last six of the eight digits of appendix B.
        let check = |seconds: i64, code: &str| {
            assert_eq!(totp_step(b"12345678901234567890", code, Timestamp(seconds * 1_000)), Some(seconds / 30), "{seconds}");
        };
        check(59, "287082");
        check(1_111_111_109, "081804");
        check(1_111_111_111, "050471");
        check(1_234_567_890, "005924");
        check(2_000_000_000, "279037");
    }

    #[test]
    fn a_code_is_taken_a_step_early_or_late_and_no_other_is() {
        let secret = [5; TOTP_SECRET_BYTES];
        let code = code_of(&secret, 100);
        let at = |step: i64| totp_step(&secret, &code, Timestamp(step * STEP_MS));
        assert_eq!([at(98), at(99), at(100), at(101), at(102)], [None, Some(100), Some(100), Some(100), None]);
        assert_eq!(totp_step(&secret, &code[..5], Timestamp(100 * STEP_MS)), None);
        assert_eq!(totp_uri(b"foobar", "ann b"), "otpauth://totp/shopkeeper:ann%20b?secret=MZXW6YTBOI&issuer=shopkeeper");
    }
}
