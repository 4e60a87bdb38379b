//! Passwords of administrators: Argon2id. The only home of `argon2`.

use crate::event::access::PasswordHash;
use crate::stdx::digest::{Digest, same};
use argon2::{Algorithm, Argon2, Params, Version};

/// OWASP's first choice for Argon2id (Password Storage Cheat Sheet): 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1_024;
const PASSES: u32 = 2;
/// What a journal may ask of this process.
const MEMORY_KIB_MAX: u32 = 256 * 1_024;
const PASSES_MAX: u32 = 16;

/// Longest password that is looked at.
pub const PASSWORD_BYTES_MAX: usize = 1_024;
/// Shortest one that is taken: NIST SP 800-63B asks for 15 where no second factor is required.
const PASSWORD_CHARS_MIN: usize = 15;

/// Whether a new password will do.
///
/// # Errors
/// What is wrong with it.
pub fn check(password: &str) -> Result<(), String> {
    let fits = password.chars().count() >= PASSWORD_CHARS_MIN && password.len() <= PASSWORD_BYTES_MAX;
    fits.then_some(()).ok_or_else(|| format!("must have at least {PASSWORD_CHARS_MIN} characters and at most {PASSWORD_BYTES_MAX} bytes"))
}

/// What is kept of a password.
#[must_use]
pub fn hash(password: &str, salt: [u8; 16]) -> PasswordHash {
    let mut kept = PasswordHash { salt, memory_kib: MEMORY_KIB, passes: PASSES, hash: [0; 32] };
    kept.hash = computed(password, &kept).unwrap_or_default();
    kept
}

/// Whether it is this password. Without one to compare with, as much time goes by: nobody learns from it which names there are.
#[must_use]
pub fn verify(password: &str, kept: Option<&PasswordHash>) -> bool {
    let nobody = PasswordHash { salt: [0; 16], memory_kib: MEMORY_KIB, passes: PASSES, hash: [0; 32] };
    let found = computed(password, kept.unwrap_or(&nobody));
    found.is_some_and(|found| kept.is_some_and(|kept| same(&found, &kept.hash)))
}

fn computed(password: &str, PasswordHash { salt, memory_kib, passes, .. }: &PasswordHash) -> Option<Digest> {
    let params = Params::new((*memory_kib).min(MEMORY_KIB_MAX), (*passes).min(PASSES_MAX), 1, None).ok()?;
    let mut hash = [0; 32];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params).hash_password_into(password.as_bytes(), salt, &mut hash).ok()?;
    Some(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_known_again_and_no_other_is() {
        let kept = hash("correct horse", [3; 16]);
        assert!(verify("correct horse", Some(&kept)));
        assert!(!verify("correct horsf", Some(&kept)) && !verify("", Some(&kept)) && !verify("correct horse", None));
        assert_ne!(hash("correct horse", [4; 16]).hash, kept.hash);
    }
}
