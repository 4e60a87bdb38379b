//! Counts of keyword values. Three ways, chosen by cost: one pass over a dense column, where the field has one; intersecting the set of each
//! value, when there are few values; looking at the rows, when there are few products.

use super::apart::Apart;
use super::base::{Part, View};
use super::tally::Tally;
use crate::id::Ordinal;
use crate::search::columns::{Columns, FieldId, Lineup, Row};

/// Cost of finding a row and reading its keywords, in units of looking one ordinal up in a set.
const ROW_COST: u64 = 40;
/// Cost of starting one intersection, in the same unit.
const SET_COST: u64 = 15;

/// Counters that are looked at together for one above 0.
const COUNTERS_AT_ONCE: usize = 16;

/// Products by place of a value in its field's list, ascending, those with no product left out.
pub(super) type Counts = Vec<(u32, u32)>;

/// Counts the values of `field`.
pub(super) fn count(field: FieldId, view: &View<'_>) -> Counts {
    let columns = view.scope.columns;
    let known = columns.dictionary().field(field);
    let mut counts = match known.profiles.as_ref().filter(|profiles| profiles.is_of_use(known.present.len())) {
        Some(profiles) => by_tally(field, &Tally::of(profiles, known.terms.len(), &known.present, view.whole, columns), columns),
        None => without_column(field, view.whole, columns),
    };
    if let Some(apart) = view.apart {
        counts = joined(counts, by_lineup(field, apart, columns));
    }
    counts
}

/// Counts without those of some of the same products.
pub(super) fn less(counts: &Counts, others: &Counts) -> Counts {
    let mut others = others.iter().copied().peekable();
    let left = |&(place, count): &(u32, u32)| {
        let other = others.next_if(|(other, _)| *other == place).map_or(0, |(_, count)| count);
        (count > other).then(|| (place, count - other))
    };
    counts.iter().filter_map(left).collect()
}

/// The values that passing variants have.
fn by_lineup(field: FieldId, apart: &Apart, columns: &Columns) -> Counts {
    let known = columns.dictionary().field(field);
    let mut counts = vec![0_u32; known.terms.len()];
    let (mut places, mut found) = (Vec::new(), Vec::new());
    let count = |lineup: &Lineup, bits: u64, count: u32| {
        places.clear();
        places.extend(lineup.variants(bits).flat_map(|(places, _)| places));
        places.sort_unstable();
        places.dedup();
        places.iter().for_each(|place: &u32| counts[*place as usize] += count);
    };
    let look = |row: Row<'_>, variants: &[usize]| {
        let terms = variants.iter().flat_map(|variant| row.variant(*variant).own.keywords_of(field));
        let terms = row.shared().keywords_of(field).chain(terms);
        push_distinct(&mut found, terms.map(|term| columns.dictionary().place(term)));
    };
    apart.each(known.lineups.as_ref(), columns, count, look);
    joined(counted(found), occurring(&counts))
}

fn by_tally(field: FieldId, tally: &Tally<'_>, columns: &Columns) -> Counts {
    let counts = tally.by_place();
    if tally.looks.is_empty() { counts } else { joined(counts, by_row(field, tally.looks.iter().copied(), columns)) }
}

fn by_row(field: FieldId, products: impl Iterator<Item = Ordinal>, columns: &Columns) -> Counts {
    let mut found = Vec::new();
    for row in products.filter_map(|ordinal| columns.row(ordinal)) {
        let terms = row.all().keywords_of(field);
        push_distinct(&mut found, terms.map(|term| columns.dictionary().place(term)));
    }
    counted(found)
}

fn without_column(field: FieldId, part: &Part<'_>, columns: &Columns) -> Counts {
    let known = columns.dictionary().field(field);
    if known.terms.is_empty() {
        return Counts::new();
    }
    let by_sets = known.terms.len() as u64 * SET_COST + known.present.len();
    let present_count = known.present.intersection_len(part.products());
    if present_count * ROW_COST >= by_sets {
        return by_intersection(field, columns, part);
    }
    by_row(field, (&*known.present & part.products()).iter().map(Ordinal), columns)
}

/// Adds the values of one product, each once however many variants share it.
fn push_distinct(found: &mut Vec<u32>, places: impl Iterator<Item = u32>) {
    let start = found.len();
    for place in places {
        if !found[start..].contains(&place) {
            found.push(place);
        }
    }
}

/// How often each value was found.
fn counted(mut found: Vec<u32>) -> Counts {
    found.sort_unstable();
    found.chunk_by(|a, b| a == b).map(|same| (same[0], same.len() as u32)).collect()
}

/// Both counts together.
fn joined(mut counts: Counts, others: Counts) -> Counts {
    if counts.is_empty() || others.is_empty() {
        counts.extend(others);
        return counts;
    }
    counts.extend(others);
    summed(counts)
}

/// Counts in any order as counts, each place once.
pub(super) fn summed(mut counts: Counts) -> Counts {
    counts.sort_unstable_by_key(|(place, _)| *place);
    counts.chunk_by(|a, b| a.0 == b.0).map(|same| (same[0].0, same.iter().map(|(_, count)| count).sum())).collect()
}

/// The counters above 0, by index.
pub(super) fn occurring(counts: &[u32]) -> Counts {
    let mut found = Vec::new();
    for (number, some) in counts.chunks(COUNTERS_AT_ONCE).enumerate() {
        if some.iter().fold(0, |any, count| any | count) > 0 {
            let first = (number * COUNTERS_AT_ONCE) as u32;
            found.extend((first..).zip(some.iter().copied()).filter(|(_, count)| *count > 0));
        }
    }
    found
}

fn by_intersection(field: FieldId, columns: &Columns, part: &Part<'_>) -> Counts {
    let dictionary = columns.dictionary();
    let everything = part.products().len() == columns.live().len();
    let count = |term| {
        let postings = dictionary.postings(term);
        (if everything { postings.len() } else { postings.intersection_len(part.products()) }) as u32
    };
    let terms = dictionary.field(field).terms.iter();
    (0..).zip(terms).map(|(place, term)| (place, count(*term))).filter(|(_, count)| *count > 0).collect()
}
