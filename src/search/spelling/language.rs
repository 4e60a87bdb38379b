//! How likely a word is in this shop, and after another one: negative logarithms of probabilities, in nats.
//!
//! A word alone is as likely as products hold it and people ask for it; after another, as titles put the two side by side, smoothed towards
//! the word alone (Dirichlet smoothing: C. Zhai and J. Lafferty, "A study of smoothing methods for language models", TOIS 22(2), 2004). Pairs
//! are counted of terms, so a plural has the neighbours of its singular.

use super::lexicon::Lexicon;
use crate::text;

/// What the pairs of a word weigh against the words alone: pseudo-occurrences behind every word.
const SMOOTHING: f32 = 200.0;
/// Occurrences of a word of [`UNSEEN_LETTERS`] letters that was never seen.
const UNSEEN: f32 = 0.005;
/// Each letter more makes an unseen word less likely by so many nats: of long words most are known, short ones may be anything.
const UNSEEN_BY_LETTER: f32 = 1.2;
const UNSEEN_LETTERS: f32 = 6.0;
const UNSEEN_LETTERS_MAX: f32 = 14.0;
/// A shop of fewer words says no more about which others there are than one of so many.
const TOTAL_MIN: f32 = 300_000.0;
/// Occurrences of a known term in a form that was never seen.
const UNSEEN_FORM: f32 = 0.5;
/// A pair in the other order counts so much.
const REVERSED: f32 = 0.5;

/// A word with what is known of it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Word {
    pub(super) written: String,
    pub(super) term: String,
    /// Occurrences as it is written.
    count: f32,
    /// Occurrences of its term, at least those of the word.
    term_count: f32,
    /// Whether it has a digit: such words are never compared with others.
    pub(super) has_digit: bool,
    /// Whether only everyday language has it, and the shop what stands for it.
    is_spoken: bool,
    /// How likely a word that the shop does not have is one nevertheless, because of what it is put together of; 0 where nothing tells.
    put_together: f32,
}

impl Word {
    pub(super) fn of(written: &str, lexicon: &Lexicon<'_>) -> Self {
        let term = text::term_of(written);
        let count = lexicon.written_count(written, &term);
        let term_count = (lexicon.term_count(&term)).max(count);
        let has_digit = written.bytes().any(|byte| byte.is_ascii_digit());
        Self { written: written.to_owned(), term, count, term_count, has_digit, is_spoken: false, put_together: 0.0 }
    }

    /// The same word as it was typed, which may be put together of others.
    pub(super) fn or_put_together(self, lexicon: &Lexicon<'_>) -> Self {
        let may_be = !self.is_known() && !self.has_digit;
        let put_together = if may_be { lexicon.likelihood_of_parts(&self.term) } else { 0.0 };
        Self { put_together, ..self }
    }

    /// A word of everyday language for what so many products have.
    pub(super) fn spoken(written: &str, count: f32) -> Self {
        Self {
            written: written.to_owned(),
            term: text::term_of(written),
            count,
            term_count: count,
            has_digit: false,
            is_spoken: true,
            put_together: 0.0,
        }
    }

    /// Whether something tells that it is put together of words of the shop, or is a part of some.
    pub(super) fn is_put_together(&self) -> bool {
        self.put_together > 0.0
    }

    /// Whether only everyday language has it.
    pub(super) fn is_spoken(&self) -> bool {
        self.is_spoken
    }

    /// Whether the shop knows the word, in the singular or the plural.
    pub(super) fn is_known(&self) -> bool {
        self.term_count > 0.0
    }

    /// How often its term occurs.
    pub(super) fn term_count(&self) -> f32 {
        self.term_count
    }
}

/// `P(term)`.
fn term_alone(word: &Word, lexicon: &Lexicon<'_>) -> f32 {
    let total = lexicon.total();
    if word.is_known() {
        return word.term_count / total;
    }
    let letters_beyond = (word.written.chars().count() as f32).min(UNSEEN_LETTERS_MAX) - UNSEEN_LETTERS;
    (UNSEEN * (-UNSEEN_BY_LETTER * letters_beyond).exp() / total.max(TOTAL_MIN)).max(word.put_together)
}

/// `−ln P(word | term)`: of the term's occurrences, those as it is written.
fn form(word: &Word) -> f32 {
    -(word.count.max(UNSEEN_FORM) / word.term_count.max(UNSEEN_FORM)).ln()
}

/// `−ln P(word)`.
pub(super) fn alone(word: &Word, lexicon: &Lexicon<'_>) -> f32 {
    form(word) - term_alone(word, lexicon).ln()
}

/// What a word costs less behind another one when so many titles hold the two side by side, where pairs know of none.
pub(super) fn gain_of_titles(count: f32, word: &Word, lexicon: &Lexicon<'_>) -> f32 {
    (count / (SMOOTHING * term_alone(word, lexicon))).ln_1p()
}

/// `−ln P(word | before)`. Words with digits are free: they are what they are, and say nothing of what stands beside them.
pub(super) fn after(before: Option<&Word>, word: &Word, lexicon: &Lexicon<'_>) -> f32 {
    if word.has_digit {
        return 0.0;
    }
    let Some(before) = before else { return alone(word, lexicon) };
    let pairs = match before.is_spoken || word.is_spoken {
        true => lexicon.spoken_pair_count(&before.term, &word.term),
        false => lexicon.pair_count(&before.term, &word.term) + REVERSED * lexicon.pair_count(&word.term, &before.term),
    };
    let term_after = (pairs + SMOOTHING * term_alone(word, lexicon)) / ((1.0 + REVERSED) * before.term_count + SMOOTHING);
    form(word) - term_after.ln()
}
