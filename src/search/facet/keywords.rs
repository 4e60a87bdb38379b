//! Counts of keyword values. Many matches are counted by intersecting the set of each value, few by looking at the rows.

use super::{Base, VALUES_MAX};
use crate::id::Ordinal;
use crate::search::FacetValue;
use crate::search::columns::{Columns, FieldId, TermId};
use roaring::RoaringBitmap;

/// Cost of finding a row and reading its keywords, in units of looking one ordinal up in a set.
const ROW_COST: u64 = 40;
/// Cost of starting one intersection, in the same unit.
const SET_COST: u64 = 15;

/// The values of `field` and their counts, most frequent first; those `selected` are there whatever their count.
pub fn count(field: FieldId, base: &Base<'_>, selected: &[TermId]) -> Vec<FacetValue> {
    let columns = base.scope.columns;
    let apart = base.apart();
    let whole = if apart.is_empty() { None } else { Some(&*base.products - &apart) };
    let whole = whole.as_ref().unwrap_or(&base.products);
    let known = columns.dictionary().field(field);
    let by_sets = known.terms.len() as u64 * SET_COST + known.present.len();
    let mut counts = if whole.len() * ROW_COST < by_sets { by_rows(field, columns, whole) } else { by_intersection(field, columns, whole) };
    if !apart.is_empty() {
        let mut found = Vec::new();
        for (ordinal, row) in apart.iter().map(Ordinal).filter_map(|ordinal| Some((ordinal, columns.row(ordinal)?))) {
            let variants = base.filter.variants(base.scope, ordinal, row);
            let terms = variants.flat_map(|variant| row.variants[variant].own.keywords_of(field));
            push_distinct(&mut found, row.shared.keywords_of(field).chain(terms));
        }
        counts = counted(found, counts);
    }
    shown(counts, selected, columns)
}

/// Products by value, each value once.
type Counts = Vec<(TermId, u64)>;

fn by_rows(field: FieldId, columns: &Columns, products: &RoaringBitmap) -> Counts {
    let mut found = Vec::new();
    for row in products.iter().filter_map(|ordinal| columns.row(Ordinal(ordinal))) {
        push_distinct(&mut found, row.all_facts().flat_map(|facts| facts.keywords_of(field)));
    }
    counted(found, Vec::new())
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
    let mut counts: Counts = found.chunk_by(|a, b| a == b).map(|same| (same[0], same.len() as u64)).collect();
    if before.is_empty() {
        return counts;
    }
    counts.extend(before);
    counts.sort_unstable_by_key(|(term, _)| *term);
    counts.chunk_by(|a, b| a.0 == b.0).map(|same| (same[0].0, same.iter().map(|(_, count)| count).sum())).collect()
}

fn by_intersection(field: FieldId, columns: &Columns, products: &RoaringBitmap) -> Counts {
    let dictionary = columns.dictionary();
    let everything = products.len() == columns.live().len();
    let count = |term: &TermId| {
        let postings = dictionary.postings(*term);
        if everything { postings.len() } else { postings.intersection_len(products) }
    };
    dictionary.field(field).terms.iter().map(|term| (*term, count(term))).filter(|(_, count)| *count > 0).collect()
}

/// The first [`VALUES_MAX`] by count, then by text, with the selected ones among them.
fn shown(mut order: Counts, selected: &[TermId], columns: &Columns) -> Vec<FacetValue> {
    for term in selected {
        if order.iter().all(|(known, _)| known != term) {
            order.push((*term, 0));
        }
    }
    let text = |term: TermId| columns.dictionary().text(term);
    let rank = |a: &(TermId, u64), b: &(TermId, u64)| b.1.cmp(&a.1).then_with(|| text(a.0).cmp(text(b.0)));
    if order.len() > VALUES_MAX {
        order.select_nth_unstable_by(VALUES_MAX, rank);
        let (kept, left) = order.split_at(VALUES_MAX);
        let forced: Vec<(TermId, u64)> = left.iter().filter(|(term, _)| selected.contains(term)).take(VALUES_MAX).copied().collect();
        let mut kept = kept.to_vec();
        kept.sort_unstable_by(|a, b| selected.contains(&b.0).cmp(&selected.contains(&a.0)).then_with(|| rank(a, b)));
        kept.truncate(VALUES_MAX - forced.len());
        kept.extend(forced);
        order = kept;
    }
    order.sort_unstable_by(rank);
    order.into_iter().map(|(term, count)| FacetValue { value: text(term).to_owned(), count }).collect()
}
