//! Counts of keyword values. Three ways, chosen by cost: one pass over a dense column, where the field has one; intersecting the set of each
//! value, when there are few values; looking at the rows, when there are few products.

use super::{Base, VALUES_MAX};
use crate::id::Ordinal;
use crate::search::FacetValue;
use crate::search::columns::{Columns, FieldId, Only, TermId};
use crate::stdx::chunked::Chunked;
use roaring::RoaringBitmap;

/// Cost of finding a row and reading its keywords, in units of looking one ordinal up in a set.
const ROW_COST: u64 = 40;
/// Cost of reading one product's value from a dense column, in the same unit.
const COLUMN_COST: u64 = 2;
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
    let mut counts = match &known.only {
        Some(column) if whole.len() * COLUMN_COST < by_sets => by_column(field, column, columns, whole),
        _ if whole.len() * ROW_COST < by_sets => by_rows(field, columns, whole),
        _ => by_intersection(field, columns, whole),
    };
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
    found.extend(terms);
    if found.len() > start + 1 {
        let mut own = found.split_off(start);
        own.sort_unstable();
        own.dedup();
        found.append(&mut own);
    }
}

/// Counts deepest nodes and adds each to the nodes above it; products with several values are looked at.
fn by_column(field: FieldId, column: &Chunked<Only>, columns: &Columns, products: &RoaringBitmap) -> Counts {
    let known = columns.dictionary().field(field);
    let mut counts = vec![0_u64; known.terms.len()];
    let mut found = Vec::new();
    for ordinal in products {
        let only = *column.at(ordinal as usize);
        if let Some(place) = only.place() {
            counts[place] += 1;
        } else if only == Only::SEVERAL
            && let Some(row) = columns.row(Ordinal(ordinal))
        {
            push_distinct(&mut found, row.all_facts().flat_map(|facts| facts.keywords_of(field)));
        }
    }
    // Nodes enter the dictionary after the ones above them, so going backwards every node is complete when it is added.
    for (place, parent) in known.parents.iter().enumerate().rev() {
        if let Some(parent) = parent {
            counts[*parent as usize] += counts[place];
        }
    }
    let counts = known.terms.iter().copied().zip(counts).filter(|(_, count)| *count > 0).collect();
    if found.is_empty() { counts } else { counted(found, counts) }
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
