//! Keyed hashes, sealed bytes and randomness that nobody can guess: the one place that names `ring`.

use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};

/// Bytes of a key of [`SealingKey`].
pub const KEY_BYTES: usize = 32;
/// Bytes that sealing adds: a nonce before, a tag behind.
pub const SEAL_BYTES: usize = NONCE_BYTES + 16;

const NONCE_BYTES: usize = 12;
/// What keeps the hash that makes nonces apart from every other use of a key.
const NONCE_DOMAIN: &[u8] = b"shopkeeper nonce\0";

/// Why the system gives no randomness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the system gives no randomness")]
pub struct NoRandomness;

/// Bytes from the system's own source of randomness.
///
/// # Errors
/// When the system has none.
pub fn random<const N: usize>() -> Result<[u8; N], NoRandomness> {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).map_err(|_| NoRandomness)?;
    Ok(bytes)
}

/// HMAC-SHA256 (RFC 2104) of the parts, one after another.
#[must_use]
pub fn hmac_sha256(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, key));
    parts.iter().for_each(|part| context.update(part));
    let mut digest = [0; 32];
    digest.copy_from_slice(context.sign().as_ref());
    digest
}

/// HMAC-SHA1 (RFC 2104) of some bytes: for RFC 6238, which authenticator apps speak, and for nothing else.
#[must_use]
pub fn hmac_sha1(key: &[u8], bytes: &[u8]) -> [u8; 20] {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, key), bytes);
    let mut digest = [0; 20];
    digest.copy_from_slice(tag.as_ref());
    digest
}

/// A key that seals bytes with ChaCha20-Poly1305 (RFC 8439).
///
/// The nonce is an HMAC of the text under the same key, so equal texts under one key are sealed alike and no counter has to be kept: what is
/// given away is that two sealed texts of one person are the same, and nothing between persons.
pub struct SealingKey {
    key: LessSafeKey,
    secret: [u8; KEY_BYTES],
}

impl SealingKey {
    /// From its bytes.
    #[must_use]
    pub fn new(secret: [u8; KEY_BYTES]) -> Self {
        let unbound = UnboundKey::new(&CHACHA20_POLY1305, &secret);
        let unbound = unbound.unwrap_or_else(|_| panic!("a key of this cipher has {KEY_BYTES} bytes"));
        Self { key: LessSafeKey::new(unbound), secret }
    }

    /// `bytes`, sealed together with what they are about; opening needs the same `about`.
    #[must_use]
    pub fn seal(&self, about: &[u8], bytes: &[u8]) -> Vec<u8> {
        let length = (about.len() as u64).to_le_bytes();
        let hash = hmac_sha256(&self.secret, &[NONCE_DOMAIN, &length, about, bytes]);
        let mut nonce = [0; NONCE_BYTES];
        nonce.copy_from_slice(&hash[..NONCE_BYTES]);
        let mut body = bytes.to_vec();
        let sealed = self.key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(about), &mut body);
        sealed.unwrap_or_else(|_| panic!("a text of memory size can be sealed"));
        [nonce.as_slice(), body.as_slice()].concat()
    }

    /// The bytes that were sealed; none when they were sealed under another key, about something else, or were changed.
    #[must_use]
    pub fn open(&self, about: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, body) = sealed.split_at_checked(NONCE_BYTES)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut body = body.to_vec();
        let length = self.key.open_in_place(nonce, Aad::from(about), &mut body).ok()?.len();
        body.truncate(length);
        Some(body)
    }
}

impl std::fmt::Debug for SealingKey {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("SealingKey(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(bytes: &[u8; 32]) -> String {
        crate::stdx::digest::hex(bytes)
    }

    #[test]
    fn the_vectors_of_rfc_4231_hold() {
        let check = |key: &[u8], parts: &[&[u8]], expected: &str| assert_eq!(hex(&hmac_sha256(key, parts)), expected);
        check(&[0x0b; 20], &[b"Hi ", b"There"], "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
        check(b"Jefe", &[b"what do ya want for nothing?"], "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    }

    #[test]
    fn what_is_sealed_opens_under_its_key_about_its_subject_and_unchanged() {
        let (key, other) = (SealingKey::new([1; 32]), SealingKey::new([2; 32]));
        let sealed = key.seal(b"email", b"ada@example.org");
        assert_eq!(sealed.len(), 15 + SEAL_BYTES);
        assert_eq!(key.open(b"email", &sealed).as_deref(), Some(&b"ada@example.org"[..]));
        assert_eq!(key.seal(b"email", b"ada@example.org"), sealed, "the same text is sealed alike");
        assert_ne!(key.seal(b"email", b"ada@example.com")[..12], sealed[..12], "another text has another nonce");
        assert_eq!((key.open(b"name", &sealed), other.open(b"email", &sealed), key.open(b"email", &sealed[..8])), (None, None, None));
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(key.open(b"email", &changed), None, "byte {at}");
        }
    }

    #[test]
    fn randomness_does_not_repeat() {
        assert_ne!(random::<32>(), random::<32>());
        assert_eq!(format!("{:?}", SealingKey::new([7; 32])), "SealingKey(..)");
    }
}
