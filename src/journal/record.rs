//! One record as bytes, and back.
//!
//! ```text
//! 0      4            8        16        24                24+len
//! ┌──────┬────────────┬────────┬─────────┬─────────────────┬─────────────┐
//! │ crc  │ kind │ len │ offset │ durable │ payload         │ zeroes to 8 │
//! └──────┴────────────┴────────┴─────────┴─────────────────┴─────────────┘
//! ```
//!
//! `crc` is over everything after it up to the payload's end, seeded by the segment, so that a record of another segment is not taken for one of this. `durable` is the
//! stream's durable end at the time of writing. Records start at multiples of eight bytes, so that recovery can look for later ones behind a bad one.

use crate::id::Offset;
use crate::stdx::digest::{Digest, blake3, crc32c_append};

/// The longest payload of one record: a product document with a thousand variants is about 1 MiB.
pub const RECORD_BYTES_MAX: usize = 8 << 20;
/// Bytes before the payload.
pub(super) const HEAD_BYTES: usize = 24;
/// Records start at multiples of this.
pub(super) const ALIGNMENT: usize = 8;
/// Bytes of the seal that closes a segment.
pub(super) const SEAL_BYTES: usize = HEAD_BYTES + size_of::<Digest>();

const LENGTH_BITS: u32 = 24;
const LENGTH_MASK: u32 = (1 << LENGTH_BITS) - 1;
const KIND_RECORD: u32 = 1;
const KIND_SEAL: u32 = 2;
const _: () = assert!(RECORD_BYTES_MAX <= LENGTH_MASK as usize, "the length must fit its bits");

/// What stands at a place in a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A caller's record.
    Record,
    /// The end of a full segment; the payload is the chain's digest.
    Seal,
}

/// The fixed part of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) kind: Kind,
    pub(super) payload_bytes: usize,
    pub(super) offset: Offset,
    pub(super) durable: Offset,
    crc: u32,
}

/// Bytes that a payload of this length takes in a segment.
pub(super) fn frame_bytes(payload_bytes: usize) -> usize {
    (HEAD_BYTES + payload_bytes).next_multiple_of(ALIGNMENT)
}

/// Appends a record to `out` and returns the bytes of it that the chain covers.
pub(super) fn encode<'a>(out: &'a mut Vec<u8>, seed: u32, kind: Kind, offset: Offset, durable: Offset, payload: &[u8]) -> &'a [u8] {
    assert!(payload.len() <= RECORD_BYTES_MAX, "the caller checks the length");
    let start = out.len();
    let number = match kind {
        Kind::Record => KIND_RECORD,
        Kind::Seal => KIND_SEAL,
    };
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(&((number << LENGTH_BITS) | payload.len() as u32).to_le_bytes());
    out.extend_from_slice(&offset.0.to_le_bytes());
    out.extend_from_slice(&durable.0.to_le_bytes());
    out.extend_from_slice(payload);
    let crc = crc32c_append(seed, &out[start + 4..]);
    out[start..start + 4].copy_from_slice(&crc.to_le_bytes());
    let end = out.len();
    out.resize(start + frame_bytes(payload.len()), 0);
    &out[start..end]
}

/// Reads the fixed part; `None` when it cannot be one.
pub(super) fn decode_head(bytes: &[u8]) -> Option<Head> {
    let bytes = bytes.get(..HEAD_BYTES)?;
    let kind_and_length = u32_at(bytes, 4);
    let kind = match kind_and_length >> LENGTH_BITS {
        KIND_RECORD => Kind::Record,
        KIND_SEAL => Kind::Seal,
        _ => return None,
    };
    let payload_bytes = (kind_and_length & LENGTH_MASK) as usize;
    if payload_bytes > RECORD_BYTES_MAX || (kind == Kind::Seal && payload_bytes != size_of::<Digest>()) {
        return None;
    }
    let durable = Offset(u64_at(bytes, 16));
    Some(Head { kind, payload_bytes, offset: Offset(u64_at(bytes, 8)), durable, crc: u32_at(bytes, 0) })
}

/// Whether `record` (head and payload) is what was written under `head`.
pub(super) fn is_whole(head: &Head, seed: u32, record: &[u8]) -> bool {
    record.len() == HEAD_BYTES + head.payload_bytes && crc32c_append(seed, &record[4..]) == head.crc
}

/// The chain after one more record: `chain' = blake3(chain ‖ record)`.
pub(super) fn chained(chain: &Digest, record: &[u8]) -> Digest {
    blake3(&[chain, record])
}

/// The little-endian number at `at`, which must lie inside.
pub(super) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes[at..at + 4].iter().rev().fold(0, |number, &byte| (number << 8) | u32::from(byte))
}

/// The little-endian number at `at`, which must lie inside.
pub(super) fn u64_at(bytes: &[u8], at: usize) -> u64 {
    bytes[at..at + 8].iter().rev().fold(0, |number, &byte| (number << 8) | u64::from(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_comes_back_and_any_flipped_bit_is_seen() {
        let mut bytes = Vec::new();
        let covered = encode(&mut bytes, 77, Kind::Record, Offset(5), Offset(3), b"payload").to_vec();
        assert_eq!((bytes.len(), covered.len()), (frame_bytes(7), HEAD_BYTES + 7));
        let head = decode_head(&bytes).expect("a head");
        assert_eq!((head.kind, head.offset, head.durable, head.payload_bytes), (Kind::Record, Offset(5), Offset(3), 7));
        assert!(is_whole(&head, 77, &covered));
        assert!(!is_whole(&head, 78, &covered), "a record of another segment");
        for bit in 0..covered.len() * 8 {
            let mut flipped = covered.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let seen = decode_head(&flipped).is_none_or(|head| !is_whole(&head, 77, &flipped));
            assert!(seen, "bit {bit}");
        }
    }

    #[test]
    fn zeroes_are_not_a_record() {
        assert_eq!(decode_head(&[0; 64]), None);
        assert_eq!(decode_head(&[1; 10]), None);
    }
}
