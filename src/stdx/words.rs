//! Checkpoint state as 64-bit words: what a fold writes into the sections of a mapped file and reads back bit for bit.
//!
//! Floating-point numbers travel as their bits, so a fold that is saved and loaded goes on exactly where it stood.

use super::clock::Timestamp;
use super::mapped::as_bytes;

/// Appends numbers as words.
#[derive(Debug, Default)]
pub struct WordWriter(Vec<u64>);

impl WordWriter {
    /// Room for `words_count` words.
    #[must_use]
    pub fn with_capacity(words_count: usize) -> Self {
        Self(Vec::with_capacity(words_count))
    }

    /// Appends an unsigned number.
    pub fn unsigned(&mut self, number: u64) {
        self.0.push(number);
    }

    /// Appends a signed number, two's complement.
    pub fn signed(&mut self, number: i64) {
        self.0.push(number.cast_unsigned());
    }

    /// Appends a floating-point number, as its bits.
    pub fn float(&mut self, number: f64) {
        self.0.push(number.to_bits());
    }

    /// Appends a moment.
    pub fn time(&mut self, time: Timestamp) {
        self.signed(time.0);
    }

    /// The words written so far.
    #[must_use]
    pub fn words(&self) -> &[u64] {
        &self.0
    }

    /// The same as the bytes of a section.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        as_bytes(&self.0)
    }
}

/// Reads what a [`WordWriter`] wrote, in the same order. Beyond the end every read gives `None`.
#[derive(Debug)]
pub struct WordReader<'a>(std::slice::Iter<'a, u64>);

impl<'a> WordReader<'a> {
    /// Starts at the first word.
    #[must_use]
    pub fn new(words: &'a [u64]) -> Self {
        Self(words.iter())
    }

    /// The next word as an unsigned number.
    pub fn unsigned(&mut self) -> Option<u64> {
        self.0.next().copied()
    }

    /// The next word as a signed number.
    pub fn signed(&mut self) -> Option<i64> {
        self.unsigned().map(u64::cast_signed)
    }

    /// The next word as a finite floating-point number; `None` for any other.
    pub fn float(&mut self) -> Option<f64> {
        self.unsigned().map(f64::from_bits).filter(|number| number.is_finite())
    }

    /// The next word as a moment.
    pub fn time(&mut self) -> Option<Timestamp> {
        self.signed().map(Timestamp)
    }

    /// Words not read yet.
    #[must_use]
    pub fn left(&self) -> usize {
        self.0.len()
    }
}

/// Takes the next `len` bytes, at most `len_max`, off `texts`, which stand one behind the other beside the words; none when there are fewer or they
/// are no text.
pub fn take_text<'a>(texts: &mut &'a [u8], len: u64, len_max: usize) -> Option<&'a str> {
    let len = usize::try_from(len).ok().filter(|len| *len <= len_max)?;
    let (text, rest) = texts.split_at_checked(len)?;
    *texts = rest;
    std::str::from_utf8(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back_bit_for_bit_and_then_nothing() {
        let mut writer = WordWriter::with_capacity(4);
        writer.unsigned(u64::MAX);
        writer.signed(-5);
        writer.float(-0.1);
        writer.time(Timestamp(i64::MIN));
        let mut reader = WordReader::new(writer.words());
        assert_eq!((reader.unsigned(), reader.signed(), reader.float()), (Some(u64::MAX), Some(-5), Some(-0.1)));
        assert_eq!((reader.left(), reader.time(), reader.unsigned()), (1, Some(Timestamp(i64::MIN)), None));
    }

    #[test]
    fn texts_are_taken_one_behind_the_other_and_never_beyond_the_end_or_the_limit() {
        let mut texts = &b"lampmug\xff"[..];
        assert_eq!((take_text(&mut texts, 4, 4), take_text(&mut texts, 3, 2), take_text(&mut texts, 5, 9)), (Some("lamp"), None, None));
        assert_eq!((take_text(&mut texts, 3, 9), take_text(&mut texts, 1, 9), take_text(&mut texts, 0, 0)), (Some("mug"), None, Some("")));
    }

    #[test]
    fn a_number_that_is_not_finite_is_damage() {
        assert_eq!(WordReader::new(&[f64::NAN.to_bits()]).float(), None);
    }
}
