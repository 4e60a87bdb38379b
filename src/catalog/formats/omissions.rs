//! What an import tells of a file beside its rows: what its columns were taken for, what was left out, and what may have been meant otherwise.

use super::amount::{Pricing, is_doubtful};
use super::clean::cut;
use super::currencies::word_beside;
use super::value::Value;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

/// Of an example that is told.
const EXAMPLE_BYTES_MAX: usize = 40;

/// What was understood of a file and what was left out of its rows, told while it is read.
#[derive(Debug, Clone, Default)]
pub struct Omissions {
    attributes_count: Arc<AtomicU64>,
    joined_count: Arc<AtomicU64>,
    guessed_count: Arc<AtomicU64>,
    doubtful: Arc<Examples>,
    unknown_words: Arc<Examples>,
    columns: Arc<Mutex<Told>>,
    hints: Arc<Mutex<Vec<String>>>,
}

/// What columns were taken for.
#[derive(Debug, Default)]
struct Told {
    rows_count: u64,
    columns: String,
}

/// What the columns of a file hold is told after its first row and after each of these; rows of JSON need not be alike.
const TOLD_AFTER_ROWS: [u64; 3] = [1, 100, 10_000];

impl Omissions {
    /// What the columns were taken for, as `id from uniq_id; title from product_name`; empty when the file holds our own documents.
    #[must_use]
    pub fn columns(&self) -> String {
        self.columns.lock().map_or_else(|_| String::new(), |told| told.columns.clone())
    }

    pub(super) fn tell_columns(&self, understood: impl FnOnce() -> String) {
        if let Ok(mut told) = self.columns.lock() {
            told.rows_count += 1;
            if TOLD_AFTER_ROWS.contains(&told.rows_count) {
                told.columns = understood();
            }
        }
    }

    /// What was not found in the file, and what looks like it.
    #[must_use]
    pub fn hints(&self) -> Vec<String> {
        self.hints.lock().map_or_else(|_| Vec::new(), |hints| hints.clone())
    }

    pub(super) fn tell_hints(&self, remarks: Vec<String>) {
        if let Ok(mut hints) = self.hints.lock() {
            *hints = remarks;
        }
    }

    /// Attributes beyond the most that a product may have; the first ones of each row were kept.
    #[must_use]
    pub fn attributes_count(&self) -> u64 {
        self.attributes_count.load(Ordering::Relaxed)
    }

    /// Rows that said a further category of a product that an earlier row described, and nothing else.
    #[must_use]
    pub fn joined_count(&self) -> u64 {
        self.joined_count.load(Ordering::Relaxed)
    }

    /// Prices that did not name their currency and were taken to be in that of the prices above them.
    #[must_use]
    pub fn guessed_count(&self) -> u64 {
        self.guessed_count.load(Ordering::Relaxed)
    }

    /// Prices such as `2.500` that may be a thousand times what they were read as: how many, and one of them.
    #[must_use]
    pub fn doubtful(&self) -> Option<(u64, String)> {
        self.doubtful.told()
    }

    /// Prices beside which stands a word that is no currency that is known: how many, and one of them.
    #[must_use]
    pub fn unknown_words(&self) -> Option<(u64, String)> {
        self.unknown_words.told()
    }

    /// Notes what is doubtful about a price that was read so: `is_guessed`: its currency is that of the prices above it; `is_unsaid`: nobody said a currency.
    pub(super) fn note_price(&self, value: &Value<'_>, pricing: Pricing, is_guessed: bool, is_unsaid: bool) {
        if is_guessed {
            self.guessed_count.fetch_add(1, Ordering::Relaxed);
        }
        let Value::Text(text) = value else { return };
        let example = || cut(text.trim(), EXAMPLE_BYTES_MAX).to_owned();
        if is_doubtful(value, pricing) {
            self.doubtful.add(example);
        }
        // A number says nothing; asked of every row.
        let has_words = is_unsaid && !is_guessed && !text.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_punctuation());
        if has_words && word_beside(text, pricing.currency).is_some() {
            self.unknown_words.add(example);
        }
    }

    pub(super) fn add_joined(&self) {
        self.joined_count.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn add_attributes(&self, count: u64) {
        self.attributes_count.fetch_add(count, Ordering::Relaxed);
    }
}

/// How often something was met with, and what it was the first time.
#[derive(Debug, Default)]
struct Examples {
    count: AtomicU64,
    first: OnceLock<String>,
}

impl Examples {
    fn add(&self, example: impl FnOnce() -> String) {
        self.count.fetch_add(1, Ordering::Relaxed);
        self.first.get_or_init(example);
    }

    fn told(&self) -> Option<(u64, String)> {
        self.first.get().map(|first| (self.count.load(Ordering::Relaxed), first.clone()))
    }
}
