//! The value by which a product is sorted or grouped in a field, where it may have several: those of its own and of the variants that pass
//! the filter; of a category path only the deepest node, because the nodes above it follow.

use super::columns::{Decoded, Field, FieldId, Row, Span};
use super::filter::{Filter, Scope};
use crate::id::Ordinal;

/// Gives the place of each keyword value of a product in `field` to `visit`, possibly several times.
#[inline]
pub fn each_place(field: FieldId, ordinal: Ordinal, scope: Scope<'_>, filter: &Filter, visit: &mut impl FnMut(u32)) {
    let dictionary = scope.columns.dictionary();
    let known = dictionary.field(field);
    if let Some(profiles) = known.profiles.as_ref().filter(|_| !may_differ(field, ordinal, scope, filter)) {
        match profiles.codes().at(ordinal).decode() {
            Decoded::Nothing => return,
            Decoded::Place(place) => return visit(place as u32),
            Decoded::Profile(number) => return deepest(&profiles.profile(number).places, known, visit),
            Decoded::Look => {}
        }
    } else if !known.present.contains(ordinal.0) {
        return;
    }
    let Some(row) = scope.columns.row(ordinal) else { return };
    if field == FieldId::CATEGORY {
        let places: Vec<u32> = row.shared().keywords_of(field).map(|term| dictionary.place(term)).collect();
        return deepest(&places, known, visit);
    }
    row.shared().keywords_of(field).for_each(|term| visit(dictionary.place(term)));
    each_variant(field, ordinal, row, scope, filter, |variant| {
        row.variant(variant).own.keywords_of(field).for_each(|term| visit(dictionary.place(term)));
    });
}

/// Gives the places that stand above no other to `visit`: all of them, but for nodes of categories.
fn deepest(places: &[u32], field: &Field, visit: &mut impl FnMut(u32)) {
    let parent = |place: u32| field.parents.get(place as usize).copied().flatten();
    let is_above = |place: u32| places.iter().any(|&other| parent(other) == Some(place));
    places.iter().copied().filter(|&place| field.parents.is_empty() || !is_above(place)).for_each(visit);
}

/// Smallest and largest number of a product in `field`.
#[must_use]
#[inline]
pub fn numbers(field: FieldId, ordinal: Ordinal, scope: Scope<'_>, filter: &Filter) -> Span<f64> {
    let all = scope.columns.number_span(field, ordinal);
    if all.is_empty() || !may_differ(field, ordinal, scope, filter) {
        return all;
    }
    let Some(row) = scope.columns.row(ordinal) else { return all };
    let mut span = Span::<f64>::EMPTY;
    row.shared().numbers_of(field).for_each(|number| span.include(number));
    each_variant(field, ordinal, row, scope, filter, |variant| {
        row.variant(variant).own.numbers_of(field).for_each(|number| span.include(number));
    });
    span
}

fn each_variant(field: FieldId, ordinal: Ordinal, row: Row<'_>, scope: Scope<'_>, filter: &Filter, visit: impl FnMut(usize)) {
    if may_differ(field, ordinal, scope, filter) {
        filter.variants(scope, ordinal, row).for_each(visit);
    } else if scope.columns.dictionary().field(field).is_variant_level {
        (0..row.variants_count()).for_each(visit);
    }
}

/// Whether the filter may shut out variants that have a value of their own.
fn may_differ(field: FieldId, ordinal: Ordinal, scope: Scope<'_>, filter: &Filter) -> bool {
    filter.is_variant_level()
        && scope.columns.dictionary().field(field).is_variant_level
        && (!filter.is_by_stock() || scope.live.sold_out_variants(ordinal) != 0)
        && scope.columns.multi().contains(ordinal.0)
}
