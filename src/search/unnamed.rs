//! Products that have all words of a query and not the thing that it asks for, or none of them, in their name.
//!
//! A description or a data sheet of a thousand words holds nearly everything: a printer that runs off a CD in an external drive is no `external cd
//! drive`, and stood above the drives whose titles lack one of the words. While products are so few that others join them which lack some
//! words, one whose title, brand and categories say nothing of the query stands among those. So does one that is not called the thing that is asked
//! for where others are: organic jam, to be served with pasta, is no organic pasta.

use super::called::{lower_others, things};
use super::columns::FieldId;
use super::index::{SearchSnapshot, word_number};
use super::matched::{Class, Match};
use super::understand::{Query, Word};
use crate::id::Ordinal;
use crate::text::{self, Language};
use std::collections::BTreeSet;

/// Lowers those of these matches with all words that are not called the thing that is asked for, as long as any is; where nobody knows the thing those
/// whose names say none of the words. What an identifier in the query names (`identified`) stays where it is.
pub(super) fn lower(matches: &mut [Match], query: &Query, identified: &[Ordinal], index: &SearchSnapshot, language: Language) {
    // What stands in one field by itself, such as the name of a size, is a name too.
    if query.words.len() < 2 {
        return;
    }
    let things = things(query);
    if !things.is_empty() {
        lower_others(matches, &things, query, identified, index, language);
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
