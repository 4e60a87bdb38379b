//! Counts of keyword values. Many matches are counted by intersecting the set of each value, few by looking at the rows.

use super::{Base, VALUES_MAX};
use crate::id::Ordinal;
use crate::search::FacetValue;
use crate::search::columns::{Columns, FieldId, TermId};
use roaring::RoaringBitmap;
use std::collections::HashMap;

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
    for ordinal in apart.iter().map(Ordinal) {
        let Some(row) = columns.row(ordinal) else { continue };
        let variants = base.filter.variants(base.scope, ordinal, row);
        let terms = variants.flat_map(|variant| row.variants[variant].own.keywords_of(field));
        add_distinct(&mut counts, row.shared.keywords_of(field).chain(terms));
    }
    shown(counts, selected, columns)
}

type Counts = HashMap<TermId, u64>;

fn by_rows(field: FieldId, columns: &Columns, products: &RoaringBitmap) -> Counts {
    let mut counts = Counts::new();
    for row in products.iter().filter_map(|ordinal| columns.row(Ordinal(ordinal))) {
        add_distinct(&mut counts, row.all_facts().flat_map(|facts| facts.keywords_of(field)));
    }
    counts
}

/// A product counts once for each of its values, however many variants share it.
fn add_distinct(counts: &mut Counts, terms: impl Iterator<Item = TermId>) {
    let mut terms: Vec<TermId> = terms.collect();
    terms.sort_unstable();
    terms.dedup();
    for term in terms {
        *counts.entry(term).or_default() += 1;
    }
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
fn shown(mut counts: Counts, selected: &[TermId], columns: &Columns) -> Vec<FacetValue> {
    for term in selected {
        counts.entry(*term).or_default();
    }
    let text = |term: TermId| columns.dictionary().text(term);
    let mut order: Vec<(TermId, u64)> = counts.into_iter().collect();
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
