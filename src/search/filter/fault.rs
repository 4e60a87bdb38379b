//! What is wrong with a filter, and where.

use crate::search::SearchError;

/// What is wrong with a filter, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// In bytes.
    pub at: usize,
    /// What is wrong.
    pub reason: String,
}

impl SyntaxError {
    /// Something wrong at byte `at`.
    pub fn new(at: usize, reason: impl Into<String>) -> Self {
        Self { at, reason: reason.into() }
    }

    /// For the caller: the place as a character count from 1.
    #[must_use]
    pub fn in_text(&self, text: &str) -> SearchError {
        SearchError::Invalid { field: "filter", reason: self.placed_in(text) }
    }

    /// The place and what is wrong there, in words.
    #[must_use]
    pub fn placed_in(&self, text: &str) -> String {
        let character = text.char_indices().take_while(|(at, _)| *at < self.at).count() + 1;
        format!("at character {character}: {}", self.reason)
    }
}
