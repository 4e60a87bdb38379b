//! A set of whole numbers in nearly as few bits as there can be.
//!
//! The gaps between neighbours of a set that is spread over a range are nearly geometric, and for those a Rice code (R. F. Rice, "Some
//! Practical Universal Noiseless Coding Techniques", 1979) is within half a bit of the best: the low `k` bits of a gap as they are, the
//! rest in unary. 4,096 of 200,000 take 3.8 KiB where fixed numbers take 16.
//!
//! Bytes: how many (4), `k` (1), the codes, low bits first, filled up with zeroes to a whole byte.

const HEAD_BYTES: usize = 5;
/// Low bits that are kept as they are, at most; with more the code of one gap would not fit a shift.
const LOW_BITS_MAX: u32 = 56;

/// The bytes of a set; its numbers rise and are below 2^63.
#[must_use]
pub fn encode(rising: &[u64]) -> Vec<u8> {
    debug_assert!(rising.is_sorted_by(|a, b| a < b), "a set rises");
    let low_bits = low_bits(rising);
    let mut bytes = (rising.len() as u32).to_le_bytes().to_vec();
    bytes.push(low_bits as u8);
    let mut bits = BitWriter { bytes, free: 0 };
    let mut next = 0;
    for &number in rising {
        let gap = number - next;
        (0..gap >> low_bits).for_each(|_| bits.push(true));
        bits.push(false);
        (0..low_bits).for_each(|bit| bits.push(gap >> bit & 1 == 1));
        next = number + 1;
    }
    bits.bytes
}

/// The power of two next to the mean gap, so that the unary parts together are at most about two bits a number.
fn low_bits(rising: &[u64]) -> u32 {
    let (Some(&last), count) = (rising.last(), rising.len() as u64) else { return 0 };
    (last / count).checked_ilog2().unwrap_or(0).min(LOW_BITS_MAX)
}

/// The set; none when the bytes are not exactly what [`encode`] gives for some set of at most `count_max` numbers.
#[must_use]
pub fn decode(bytes: &[u8], count_max: usize) -> Option<Vec<u64>> {
    let count = u32::from_le_bytes(*bytes.first_chunk()?) as usize;
    let low_bits = u32::from(*bytes.get(HEAD_BYTES - 1)?);
    if count > count_max || low_bits > LOW_BITS_MAX {
        return None;
    }
    let mut bits = BitReader { bytes: &bytes[HEAD_BYTES..], at: 0 };
    let mut rising = Vec::with_capacity(count);
    let mut next = 0_u64;
    for _ in 0..count {
        let mut gap = 0_u64;
        while bits.next()? {
            gap += 1;
        }
        gap = gap.checked_mul(1 << low_bits)?;
        for bit in 0..low_bits {
            gap |= u64::from(bits.next()?) << bit;
        }
        let number = next.checked_add(gap)?;
        rising.push(number);
        next = number.checked_add(1)?;
    }
    (encode(&rising) == bytes).then_some(rising)
}

struct BitWriter {
    bytes: Vec<u8>,
    /// Bits of the last byte that are not used yet.
    free: u32,
}

impl BitWriter {
    fn push(&mut self, bit: bool) {
        if self.free == 0 {
            self.bytes.push(0);
            self.free = 8;
        }
        if let Some(last) = self.bytes.last_mut() {
            *last |= u8::from(bit) << (8 - self.free);
        }
        self.free -= 1;
    }
}

struct BitReader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl BitReader<'_> {
    fn next(&mut self) -> Option<bool> {
        let bit = self.bytes.get(self.at / 8)? >> (self.at % 8) & 1 == 1;
        self.at += 1;
        Some(bit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn any_set_comes_back(
            set in prop::collection::btree_set(prop_oneof![0_u64..100, 0_u64..1 << 20, 0_u64..1 << 48], 0..60),
        ) {
            let rising: Vec<u64> = set.into_iter().collect();
            let bytes = encode(&rising);
            prop_assert_eq!(decode(&bytes, 60), Some(rising.clone()));
            if !rising.is_empty() {
                prop_assert_eq!(decode(&bytes, rising.len() - 1), None);
                prop_assert_eq!(decode(&bytes[..bytes.len() - 1], 60), None);
            }
        }

        #[test]
        fn any_bytes_are_a_set_or_nothing(bytes in prop::collection::vec(any::<u8>(), 0..30), count in 0_u8..9, low in 0_u8..64) {
            let bytes = [&[count, 0, 0, 0, low], &bytes[..]].concat();
            if let Some(rising) = decode(&bytes, 20) {
                prop_assert!(rising.is_sorted_by(|a, b| a < b));
                prop_assert_eq!(encode(&rising), bytes);
            }
        }
    }

    #[test]
    fn a_spread_set_is_small() {
        let spread: BTreeSet<u64> = (0..4_096_u64).map(|number| number.wrapping_mul(0x9e37_79b9_7f4a_7c15) % 200_000).collect();
        let rising: Vec<u64> = spread.into_iter().collect();
        assert!(encode(&rising).len() < rising.len(), "{} bytes for {} numbers", encode(&rising).len(), rising.len());
    }
}
