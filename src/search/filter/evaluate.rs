//! Conditions to sets of products. Each gives the products that have *some* variant meeting it: exact for a product with one variant, and
//! for others as long as not two conditions meet (the caller looks at those one by one).

use super::Scope;
use super::ranges::is_in;
use super::resolve::{Ask, Leaf, Node};
use crate::id::Ordinal;
use crate::search::columns::price_classes::{CLASSES_COUNT, class_range};
use crate::search::columns::{Columns, Decoded, FieldId, MarketId, PriceClasses, Profiles, Row, Span, TermId};
use crate::search::dense::DenseSet;
use crate::search::fields::FieldRef;
use roaring::{MultiOps, RoaringBitmap};

/// Fewer products than this are asked for their prices one by one; joining the sets of classes costs as much.
const CLASSED_MIN: u64 = 2_048;
/// From so many products on, those that pass are gathered as bits.
const DENSE_MIN: u64 = 1_024;
/// Trying a profile costs as much as looking at so many products.
const PROFILE_COST: u64 = 4;

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
        (Ask::Flags(flags), FieldRef::Available) => match (flags.contains(&true), flags.contains(&false)) {
            (true, true) => within.clone(),
            (true, false) => within - scope.live.sold_out(within),
            (false, true) if leaf.is_variant_level => {
                scope.live.sold_out(within) | scope.live.partly_sold_out(&(within & scope.columns.multi()))
            }
            (false, true) => scope.live.sold_out(within),
            (false, false) => RoaringBitmap::new(),
        },
        (Ask::Near(near), FieldRef::Column(_)) => within & near.products(scope.columns),
        (Ask::Values(..) | Ask::Prices(_) | Ask::Flags(_) | Ask::Near(_), _) => RoaringBitmap::new(),
    }
}

fn kept(within: &RoaringBitmap, keep: impl Fn(Ordinal) -> bool) -> RoaringBitmap {
    if within.len() >= DENSE_MIN {
        let mut kept = DenseSet::below(within.max().map_or(0, |last| last as usize + 1));
        within.iter().map(Ordinal).for_each(|ordinal| kept.add_if(ordinal, keep(ordinal)));
        return kept.to_bitmap();
    }
    let (mut kept, mut refused) = (Vec::new(), Vec::new());
    for ordinal in within {
        if keep(Ordinal(ordinal)) { &mut kept } else { &mut refused }.push(ordinal);
    }
    // They ascend, so nothing can be out of order. A set is made of the fewer: most conditions on stock refuse next to nothing.
    let set = |ordinals: Vec<u32>| RoaringBitmap::from_sorted_iter(ordinals).unwrap_or_default();
    if refused.len() < kept.len() { within - set(refused) } else { set(kept) }
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
        let any = |row: Row<'_>| row.all().numbers_of(field).any(|number| is_in(ranges, number));
        columns.row(ordinal).is_some_and(any)
    };
    let known = columns.dictionary().field(field);
    let numbered = within & &*known.numbered;
    let spans = |ordinal| span_meets(columns.number_span(field, ordinal), ranges, || has_number(ordinal));
    let pays =
        |profiles: &&Profiles| profiles.is_of_use(known.present.len()) && profiles.profiles_count() as u64 * PROFILE_COST < numbered.len();
    match known.profiles.as_ref().filter(pays) {
        None => kept(&numbered, spans),
        Some(profiles) => {
            let meets = |number: usize| profiles.profile(number).numbers.iter().any(|own| is_in(ranges, *own));
            let meeting: Vec<bool> = (0..profiles.profiles_count()).map(meets).collect();
            kept(&numbered, |ordinal| match profiles.codes().at(ordinal).decode() {
                Decoded::Profile(number) => meeting[number],
                Decoded::Look => spans(ordinal),
                Decoded::Nothing | Decoded::Place(_) => false,
            })
        }
    }
}

fn with_prices(market: MarketId, ranges: &[(i64, i64)], columns: &Columns, within: &RoaringBitmap) -> RoaringBitmap {
    let has_price = |ordinal| {
        let any = |row: Row<'_>| row.variants().filter_map(|variant| variant.price(market)).any(|price| is_in(ranges, price));
        columns.row(ordinal).is_some_and(any)
    };
    let meets = |ordinal| span_meets(columns.price_span(ordinal, market), ranges, || has_price(ordinal));
    let (Some(general), Some(own)) = (columns.price_classes(MarketId::GENERAL), columns.price_classes(market)) else {
        return kept(within, meets);
    };
    if within.len() < CLASSED_MIN {
        return kept(within, meets);
    }
    if market == MarketId::GENERAL {
        return with_classes(general, ranges, within, meets);
    }
    with_classes(own, ranges, &(within & own.present()), meets) | with_classes(general, ranges, &(within - own.present()), meets)
}

/// The products with a price in the ranges: all that have a class that lies within a range, and of those with a class that one only touches,
/// those that meet it.
fn with_classes(classes: &PriceClasses, ranges: &[(i64, i64)], within: &RoaringBitmap, meets: impl Fn(Ordinal) -> bool) -> RoaringBitmap {
    let (mut whole, mut touched) = (Vec::new(), Vec::new());
    for class in 0..CLASSES_COUNT as u32 {
        let (Some(holders), (least, most)) = (classes.holders(class), class_range(class)) else { continue };
        if ranges.iter().any(|&(low, high)| low <= least && most <= high) {
            whole.push(holders);
        } else if ranges.iter().any(|&(low, high)| low <= most && least <= high) {
            touched.push(holders);
        }
    }
    let meeting = whole.union() & within;
    let touched = (touched.union() & within) - &meeting;
    meeting | kept(&touched, meets)
}

/// Whether a number of the span lies in a range: its ends decide almost always, else the numbers themselves.
fn span_meets<T: PartialOrd + Copy>(span: Span<T>, ranges: &[(T, T)], look: impl Fn() -> bool) -> bool {
    if !ranges.iter().any(|&(low, high)| span.touches(low, high)) {
        return false;
    }
    is_in(ranges, span.min) || is_in(ranges, span.max) || look()
}
