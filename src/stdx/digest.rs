//! Checksums against accidents and digests against everything else. The only home of `crc32c` and `blake3`.

use std::hint::black_box;

/// CRC-32C (Castagnoli) of `bytes`: finds torn and flipped bytes.
#[must_use]
pub fn crc32c(bytes: &[u8]) -> u32 {
    ::crc32c::crc32c(bytes)
}

/// CRC-32C of the bytes that gave `so_far` followed by `bytes`.
#[must_use]
pub fn crc32c_append(so_far: u32, bytes: &[u8]) -> u32 {
    ::crc32c::crc32c_append(so_far, bytes)
}

/// A 256-bit BLAKE3 digest.
pub type Digest = [u8; 32];

/// What is shorter is digested in one piece: names are, by the hundred thousand a second.
const SHORT_BYTES: usize = 128;

/// BLAKE3 of the parts, one after another.
#[must_use]
pub fn blake3(parts: &[&[u8]]) -> Digest {
    let mut bytes = [0; SHORT_BYTES];
    let mut len = 0;
    for part in parts {
        let Some(place) = bytes.get_mut(len..len + part.len()) else { return blake3_in_parts(parts) };
        place.copy_from_slice(part);
        len += part.len();
    }
    *::blake3::hash(&bytes[..len]).as_bytes()
}

fn blake3_in_parts(parts: &[&[u8]]) -> Digest {
    let mut hasher = ::blake3::Hasher::new();
    for part in parts {
        hasher.update(part);
    }
    *hasher.finalize().as_bytes()
}

/// BLAKE3 of what comes piece by piece.
#[derive(Default)]
pub struct Hasher(::blake3::Hasher);

impl Hasher {
    /// Appends a piece.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The digest of all pieces, one after another.
    #[must_use]
    pub fn finish(&self) -> Digest {
        *self.0.finalize().as_bytes()
    }
}

/// BLAKE3 of everything that a reader gives.
///
/// # Errors
/// When reading fails.
pub fn blake3_of(mut reader: impl std::io::Read) -> std::io::Result<Digest> {
    let mut hasher = ::blake3::Hasher::new();
    std::io::copy(&mut reader, &mut hasher)?;
    Ok(*hasher.finalize().as_bytes())
}

/// A digest's first 64 bits, little-endian: enough to tell a few million names apart.
#[must_use]
pub fn short(digest: &Digest) -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = *digest;
    u64::from_le_bytes([a, b, c, d, e, f, g, h])
}

/// Whether two digests, or codes as long as each other, are the same, found out in a time that does not depend on where they differ.
#[must_use]
pub fn same(a: &[u8], b: &[u8]) -> bool {
    // What is seen of it so far is hidden, so that the compiler does not stop at the first difference.
    a.len() == b.len() && a.iter().zip(b).fold(0, |differs, (a, b)| black_box(differs | (a ^ b))) == 0
}

/// Bytes as hexadecimal digits, two each.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = |byte: &u8| [byte >> 4, byte & 0xf].map(|digit| char::from(DIGITS[usize::from(digit)]));
    bytes.iter().flat_map(digits).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_match_their_published_values() {
        // RFC 3720, appendix B.4: 32 bytes of zeroes.
        assert_eq!(crc32c(&[0; 32]), 0x8a91_36aa);
        assert_eq!(crc32c_append(crc32c(b"1234"), b"56789"), 0xe306_9283);
        // The BLAKE3 test vectors' empty input.
        assert!(hex(&blake3(&[])).starts_with("af1349b9f5f9a1a6"));
    }

    #[test]
    fn a_digest_does_not_depend_on_how_its_bytes_come() {
        let bytes: Vec<u8> = (0..300).map(|number| number as u8).collect();
        for len in [0, 1, 127, 128, 129, 300] {
            let mut whole = Hasher::default();
            whole.update(&bytes[..len]);
            let (first, last) = bytes[..len].split_at(len / 3);
            assert_eq!(blake3(&[first, &[], last]), whole.finish(), "{len}");
        }
    }
}
