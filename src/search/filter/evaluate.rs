//! Conditions to sets of products. Each gives the products that have *some* variant meeting it: exact for a product with one variant, and
//! for others as long as not two conditions meet (the caller looks at those one by one).

use super::Scope;
use super::resolve::{Ask, Leaf, Node, is_in};
use crate::id::Ordinal;
use crate::search::columns::{Columns, FieldId, MarketId, Span, TermId};
use crate::search::fields::FieldRef;
use roaring::RoaringBitmap;

/// The products of `within` that may meet every node. Cheap nodes come first, so that costly ones look at few products.
pub fn all(nodes: &[Node], scope: Scope<'_>, within: &RoaringBitmap) -> RoaringBitmap {
    let mut order: Vec<&Node> = nodes.iter().collect();
    order.sort_by_key(|node| cost(node, scope.columns));
    let Some((first, rest)) = order.split_first() else { return within.clone() };
    rest.iter().fold(candidates(first, scope, within), |passing, node| candidates(node, scope, &passing))
}

/// Rough order of cost of looking at one product, from cheap to costly.
fn cost(node: &Node, columns: &Columns) -> u32 {
    match node {
        Node::All(parts) | Node::Any(parts) => parts.iter().map(|part| cost(part, columns)).max().unwrap_or(0) + 1,
        Node::Leaf(leaf) => match (&leaf.ask, leaf.field) {
            (Ask::Exists, _) => 0,
            (Ask::Values(_, ranges), FieldRef::Column(_)) if ranges.is_empty() => 0,
            (Ask::Near(_), _) => 1,
            (Ask::Prices(_), _) => 2,
            (Ask::Values(..), FieldRef::Column(field)) if columns.dictionary().field(field).column.is_some() => 2,
            (Ask::Flags(_), _) => 3,
            (Ask::Values(..), _) => 4,
        },
    }
}

fn candidates(node: &Node, scope: Scope<'_>, within: &RoaringBitmap) -> RoaringBitmap {
    match node {
        Node::All(parts) => all(parts, scope, within),
        Node::Any(parts) => parts.iter().fold(RoaringBitmap::new(), |found, part| found | candidates(part, scope, within)),
        Node::Leaf(leaf) => {
            let meeting = meeting(leaf, scope, within);
            match (leaf.negated, leaf.is_variant_level) {
                (false, _) => meeting,
                (true, false) => within - meeting,
                // Some other variant of a product may not meet it.
                (true, true) => within - (meeting - scope.columns.multi()),
            }
        }
    }
}

/// The products of `within` that meet the condition without its negation on some variant.
fn meeting(leaf: &Leaf, scope: Scope<'_>, within: &RoaringBitmap) -> RoaringBitmap {
    match (&leaf.ask, leaf.field) {
        (Ask::Exists, FieldRef::Column(field)) => within & &*scope.columns.dictionary().field(field).present,
        (Ask::Exists, FieldRef::Price(market)) => kept(within, |ordinal| !scope.columns.price_span(ordinal, market).is_empty()),
        (Ask::Exists, FieldRef::Available | FieldRef::Live(_)) => within.clone(),
        (Ask::Values(terms, ranges), FieldRef::Column(field)) => {
            let found = with_terms(terms, scope.columns, within);
            if ranges.is_empty() { found } else { found | with_numbers(field, ranges, scope.columns, within) }
        }
        (Ask::Values(_, ranges), FieldRef::Live(number)) => kept(within, |ordinal| is_in(ranges, scope.live.number(number, ordinal))),
        (Ask::Prices(ranges), FieldRef::Price(market)) => with_prices(market, ranges, scope.columns, within),
        (Ask::Flags(flags), FieldRef::Available) => kept(within, |ordinal| flags.contains(&scope.live.is_available(ordinal))),
        (Ask::Near(near), FieldRef::Column(_)) => within & near.products(scope.columns),
        (Ask::Values(..) | Ask::Prices(_) | Ask::Flags(_) | Ask::Near(_), _) => RoaringBitmap::new(),
    }
}

fn kept(within: &RoaringBitmap, keep: impl Fn(Ordinal) -> bool) -> RoaringBitmap {
    let ordinals = within.iter().filter(|&ordinal| keep(Ordinal(ordinal)));
    // The iterator ascends, so nothing can be out of order.
    RoaringBitmap::from_sorted_iter(ordinals).unwrap_or_default()
}

fn with_terms(terms: &[TermId], columns: &Columns, within: &RoaringBitmap) -> RoaringBitmap {
    let postings = |term: &TermId| columns.dictionary().postings(*term);
    match terms {
        [term] => within & &*postings(term).bitmap(),
        _ => within & terms.iter().fold(RoaringBitmap::new(), |found, term| found | &*postings(term).bitmap()),
    }
}

fn with_numbers(field: FieldId, ranges: &[(f64, f64)], columns: &Columns, within: &RoaringBitmap) -> RoaringBitmap {
    let has_number = |ordinal| {
        let any =
            |row: &crate::search::columns::Row| row.all_facts().any(|facts| facts.numbers_of(field).any(|number| is_in(ranges, number)));
        columns.row(ordinal).is_some_and(any)
    };
    let numbered = within & &*columns.dictionary().field(field).numbered;
    kept(&numbered, |ordinal| span_meets(columns.number_span(field, ordinal), ranges, || has_number(ordinal)))
}

fn with_prices(market: MarketId, ranges: &[(i64, i64)], columns: &Columns, within: &RoaringBitmap) -> RoaringBitmap {
    let has_price = |ordinal| {
        let any = |row: &crate::search::columns::Row| {
            row.variants.iter().filter_map(|variant| variant.price(market)).any(|price| is_in(ranges, price))
        };
        columns.row(ordinal).is_some_and(any)
    };
    kept(within, |ordinal| span_meets(columns.price_span(ordinal, market), ranges, || has_price(ordinal)))
}

/// Whether a number of the span lies in a range: its ends decide almost always, else the numbers themselves.
fn span_meets<T: PartialOrd + Copy>(span: Span<T>, ranges: &[(T, T)], look: impl Fn() -> bool) -> bool {
    if !ranges.iter().any(|&(low, high)| span.touches(low, high)) {
        return false;
    }
    is_in(ranges, span.min) || is_in(ranges, span.max) || look()
}
