//! Signatures that anybody can check: ECDSA over P-256 with SHA-256, as ES256 writes them.

use super::crypto::NoRandomness;
use ring::digest::{SHA256, digest};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, UnparsedPublicKey};

/// Bytes of a coordinate.
const COORDINATE_BYTES: usize = 32;

/// A private key.
pub struct SigningKey {
    pair: EcdsaKeyPair,
    document: Vec<u8>,
}

impl SigningKey {
    /// A new key.
    ///
    /// # Errors
    /// When the system has no randomness.
    pub fn fresh() -> Result<Self, NoRandomness> {
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).map_err(|_| NoRandomness)?;
        Self::read(document.as_ref()).ok_or(NoRandomness)
    }

    /// A key out of its PKCS#8 document; none when that holds no such key.
    #[must_use]
    pub fn read(document: &[u8]) -> Option<Self> {
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document, &SystemRandom::new()).ok()?;
        Some(Self { pair, document: document.to_vec() })
    }

    /// The key as a PKCS#8 document: a secret.
    #[must_use]
    pub fn document(&self) -> &[u8] {
        &self.document
    }

    /// The two coordinates of the public key.
    #[must_use]
    pub fn coordinates(&self) -> (&[u8], &[u8]) {
        // An uncompressed point: a byte 4, then both coordinates.
        self.pair.public_key().as_ref()[1..].split_at(COORDINATE_BYTES)
    }

    /// Signs a message: both numbers of the signature, one after another.
    ///
    /// # Errors
    /// When the system has no randomness.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, NoRandomness> {
        let signature = self.pair.sign(&SystemRandom::new(), message).map_err(|_| NoRandomness)?;
        Ok(signature.as_ref().to_vec())
    }
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("SigningKey(..)")
    }
}

/// Whether the holder of the key with these coordinates signed a message.
#[must_use]
pub fn is_signed((x, y): (&[u8], &[u8]), message: &[u8], signature: &[u8]) -> bool {
    let point = [&[4], x, y].concat();
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message, signature).is_ok()
}

/// SHA-256, for those outside who count on it; inside, digests are BLAKE3.
#[must_use]
pub fn sha256(bytes: &[u8]) -> Vec<u8> {
    digest(&SHA256, bytes).as_ref().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_signed_is_known_by_the_public_key_and_by_no_other() {
        let (key, other) = (SigningKey::fresh().expect("a key"), SigningKey::fresh().expect("a key"));
        let signature = key.sign(b"order 1").expect("signs");
        assert_eq!((signature.len(), key.coordinates().0.len(), key.coordinates().1.len()), (64, 32, 32));
        assert!(is_signed(key.coordinates(), b"order 1", &signature));
        assert!(!is_signed(key.coordinates(), b"order 2", &signature) && !is_signed(other.coordinates(), b"order 1", &signature));
        let again = SigningKey::read(key.document()).expect("the same key");
        assert!(is_signed(again.coordinates(), b"order 1", &signature));
        assert!(SigningKey::read(b"no key").is_none());
    }

    #[test]
    fn the_vector_of_fips_180_holds() {
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        let found: String = sha256(b"abc").iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(found, expected);
    }
}
