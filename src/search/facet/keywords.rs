//! Counts of keyword values. Three ways, chosen by cost: one pass over a dense column, where the field has one; intersecting the set of each
//! value, when there are few values; looking at the rows, when there are few products.

use super::apart::Apart;
use super::base::{Part, View};
use super::tally::Tally;
use crate::id::Ordinal;
use crate::search::columns::{Columns, FieldId, Lineup, Row, TermId};

/// Cost of finding a row and reading its keywords, in units of looking one ordinal up in a set.
const ROW_COST: u64 = 40;
/// Cost of starting one intersection, in the same unit.
const SET_COST: u64 = 15;

/// Products by value, each value once, those with no product left out.
pub(super) type Counts = Vec<(TermId, u64)>;

/// Counts the values of `field`; `tally` is that of the products that lend all their values.
pub(super) fn count(field: FieldId, view: &View<'_>, tally: Option<&Tally<'_>>) -> Counts {
    let columns = view.scope.columns;
    let mut counts = match tally {
        Some(tally) => by_tally(field, tally, columns),
        None => without_column(field, view.whole, columns),
    };
    if let Some(apart) = view.apart {
        counts = joined(counts, by_lineup(field, apart, columns));
    }
    counts
}

/// The values that passing variants have.
fn by_lineup(field: FieldId, apart: &Apart, columns: &Columns) -> Counts {
    let known = columns.dictionary().field(field);
    let mut counts = vec![0_u64; known.terms.len()];
    let (mut places, mut found) = (Vec::new(), Vec::new());
    let count = |lineup: &Lineup, bits: u64, count: u32| {
        places.clear();
        places.extend(lineup.variants(bits).flat_map(|(places, _)| places));
        places.sort_unstable();
        places.dedup();
        places.iter().for_each(|place: &u32| counts[*place as usize] += u64::from(count));
    };
    let look = |row: &Row, variants: &[usize]| {
        let terms = variants.iter().flat_map(|variant| row.variants[*variant].own.keywords_of(field));
        push_distinct(&mut found, row.shared.keywords_of(field).chain(terms));
    };
    apart.each(known.lineups.as_ref(), columns, count, look);
    let counts = known.terms.iter().copied().zip(counts).filter(|(_, count)| *count > 0).collect();
    if found.is_empty() { counts } else { counted(found, counts) }
}

fn by_tally(field: FieldId, tally: &Tally<'_>, columns: &Columns) -> Counts {
    let known = columns.dictionary().field(field);
    let mut counts: Vec<u64> = tally.places().iter().map(|count| u64::from(*count)).collect();
    for (profile, count) in tally.profiles() {
        profile.places.iter().for_each(|place| counts[*place as usize] += u64::from(count));
    }
    let mut found = Vec::new();
    for row in tally.looks.iter().filter_map(|ordinal| columns.row(*ordinal)) {
        push_distinct(&mut found, row.all_facts().flat_map(|facts| facts.keywords_of(field)));
    }
    let counts = known.terms.iter().copied().zip(counts).filter(|(_, count)| *count > 0).collect();
    if found.is_empty() { counts } else { counted(found, counts) }
}

fn without_column(field: FieldId, part: &Part, columns: &Columns) -> Counts {
    let known = columns.dictionary().field(field);
    if known.terms.is_empty() {
        return Counts::new();
    }
    let by_sets = known.terms.len() as u64 * SET_COST + known.present.len();
    let present_count = known.present.intersection_len(&part.products);
    if present_count * ROW_COST >= by_sets {
        return by_intersection(field, columns, part);
    }
    let mut found = Vec::new();
    for row in (&*known.present & &part.products).iter().filter_map(|ordinal| columns.row(Ordinal(ordinal))) {
        push_distinct(&mut found, row.all_facts().flat_map(|facts| facts.keywords_of(field)));
    }
    counted(found, Counts::new())
}

/// Adds the values of one product, each once however many variants share it.
fn push_distinct(found: &mut Vec<TermId>, terms: impl Iterator<Item = TermId>) {
    let start = found.len();
    for term in terms {
        if !found[start..].contains(&term) {
            found.push(term);
        }
    }
}

/// How often each value was found, added to what was counted before.
fn counted(mut found: Vec<TermId>, before: Counts) -> Counts {
    found.sort_unstable();
    let counts: Counts = found.chunk_by(|a, b| a == b).map(|same| (same[0], same.len() as u64)).collect();
    joined(counts, before)
}

fn joined(mut counts: Counts, others: Counts) -> Counts {
    if others.is_empty() {
        return counts;
    }
    counts.extend(others);
    summed(counts)
}

fn summed(mut counts: Counts) -> Counts {
    counts.sort_unstable_by_key(|(term, _)| *term);
    counts.chunk_by(|a, b| a.0 == b.0).map(|same| (same[0].0, same.iter().map(|(_, count)| count).sum())).collect()
}

fn by_intersection(field: FieldId, columns: &Columns, part: &Part) -> Counts {
    let dictionary = columns.dictionary();
    let everything = part.products.len() == columns.live().len();
    let count = |term: &TermId| {
        let postings = dictionary.postings(*term);
        if everything { postings.len() } else { postings.intersection_len(&part.products) }
    };
    dictionary.field(field).terms.iter().map(|term| (*term, count(term))).filter(|(_, count)| *count > 0).collect()
}
