//! Products that have all words of a query and none of them in their name.
//!
//! A description or a data sheet of a thousand words holds nearly everything: a printer that runs off a CD in an external drive is no `external cd
//! drive`, and stood above the drives whose titles lack one of the words. While products are so few that others join them which lack some
//! words, one whose title, brand and categories say nothing of the query stands among those.

use super::columns::FieldId;
use super::index::{SearchSnapshot, word_number};
use super::matched::{Class, Match};
use super::understand::{Query, Word};
use crate::id::Ordinal;
use crate::text;
use std::collections::BTreeSet;

/// Lowers those of these matches with all words whose names say none of them, unless an identifier in the query names them (`identified`).
pub(super) fn lower(matches: &mut [Match], query: &Query, identified: &[Ordinal], index: &SearchSnapshot) {
    // What stands in one field by itself, such as the name of a size, is a name too.
    if query.words.len() < 2 {
        return;
    }
    let shown: BTreeSet<u32> = query.words.iter().flat_map(Word::shown).map(word_number).collect();
    let whole = matches.iter_mut().filter(|found| found.class == Class::ALL && !identified.contains(&found.ordinal));
    for found in whole.filter(|found| !is_named(found.ordinal, &shown, index)) {
        found.class = Class::SOME;
    }
}

/// Whether the title, the brand or a category of a product says any of these words.
fn is_named(product: Ordinal, shown: &BTreeSet<u32>, index: &SearchSnapshot) -> bool {
    let says = |text: &str| text::terms(text).iter().any(|term| shown.contains(&word_number(term)));
    index.titles.words(product).iter().any(|number| shown.contains(number))
        || index.columns.row(product).is_some_and(|row| {
            let mut values = [FieldId::BRAND, FieldId::CATEGORY].into_iter().flat_map(|field| row.shared().keywords_of(field));
            values.any(|value| says(index.columns.dictionary().text(value)))
        })
}
