//! Words: the one way in which documents, queries and models cut text into terms.
//!
//! A term is a run of letters and digits, folded (`fold`) and in the singular (`plural`); where a script writes words without blanks between
//! them, the run is split by a dictionary or a model (`segment`). A decimal point or comma between digits stays inside ("15.6", and "15,6"
//! becomes "15.6"); the `'s` of a possessive is no part of its word.
//!
//! What people write in several ways has *compounds* beside its terms (`compound`): "15.6 inch", `15,6"` and "15.6-in" all hold "15.6in";
//! "wi-fi" holds "wifi". The index keeps both; a query looks for the compound.

mod compound;
#[cfg(test)]
mod compound_tests;
mod cut;
mod fold;
mod joining;
mod katakana;
mod measure;
mod plural;
mod segment;
mod stem;

pub use compound::{Compound, Role, compounds};
pub use cut::{TERM_BYTES_MAX, Token, term_of, terms, tokens, written};
pub use fold::{digit_of, fold, folded};
pub use katakana::{KATAKANA_LETTERS_MIN, katakana_ending, katakana_letters, katakana_otherwise};
pub use measure::{is_measure, is_unit, near_measures, same_measures, unit_of_name};
pub use segment::is_unspaced;
pub use stem::{Language, PART_LETTERS_MIN, is_marked, marked_thing, unmarked};
