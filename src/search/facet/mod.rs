//! Facets: for each value of a field, what the total would be if a filter for that value were added.
//!
//! A field that the filter already constrains is counted as if its own conditions were not there (the *disjunctive* view), so that a
//! shopper sees what ticking another value of the same group would bring. Where the filter can tell variants of a product apart, only
//! variants that pass it lend their values, because an added filter would have to hold on the same variant.

pub mod buckets;
pub mod keywords;
pub mod numbers;

use super::fields::FieldRef;
use super::filter::{Filter, Scope};
use super::request::FACETS_MAX;
use super::{FacetCounts, FacetValue, SearchError};
use crate::id::Ordinal;
use roaring::RoaringBitmap;
use std::borrow::Cow;

/// Most values shown of one keyword facet.
pub const VALUES_MAX: usize = 100;

/// What facets are counted over.
#[derive(Clone, Copy)]
pub struct Counted<'a> {
    /// Facts, live numbers and marketplace.
    pub scope: Scope<'a>,
    /// What the words match, before any filter.
    pub candidates: &'a RoaringBitmap,
    /// The candidates that pass the filter: the match set.
    pub matches: &'a RoaringBitmap,
    /// The filter.
    pub filter: &'a Filter,
}

/// The products that one facet counts, and the filter that they have passed.
pub struct Base<'a> {
    scope: Scope<'a>,
    products: Cow<'a, RoaringBitmap>,
    filter: Cow<'a, Filter>,
    /// Whether a product lends only the values of variants that pass the filter.
    by_variant: bool,
}

impl<'a> Base<'a> {
    fn of(field: FieldRef, counted: Counted<'a>) -> Self {
        let (products, filter) = match counted.filter.without(field) {
            Some(rest) => (Cow::Owned(rest.products(counted.scope, counted.candidates)), Cow::Owned(rest)),
            None => (Cow::Borrowed(counted.matches), Cow::Borrowed(counted.filter)),
        };
        let by_variant = filter.is_variant_level() && field.is_variant_level(counted.scope.columns);
        Self { scope: counted.scope, products, filter, by_variant }
    }

    /// Products whose passing variants have to be found before they lend values: those with several variants, if that matters at all.
    fn apart(&self) -> RoaringBitmap {
        if self.by_variant { &*self.products & self.scope.columns.multi() } else { RoaringBitmap::new() }
    }
}

/// Counts each of the fields, in their order.
///
/// # Errors
/// More than [`FACETS_MAX`] fields, an unknown one, or one whose values name single products.
pub fn count(names: &[String], counted: Counted<'_>) -> Result<Vec<FacetCounts>, SearchError> {
    if names.len() > FACETS_MAX {
        return Err(refused(format!("at most {FACETS_MAX} facets")));
    }
    names.iter().map(|name| count_one(name, counted)).collect()
}

fn refused(reason: String) -> SearchError {
    SearchError::Invalid { field: "facets", reason }
}

fn count_one(name: &str, counted: Counted<'_>) -> Result<FacetCounts, SearchError> {
    let (columns, market) = (counted.scope.columns, counted.scope.market);
    let field = FieldRef::named(name, columns, market).ok_or_else(|| refused(format!("unknown field `{name}`")))?;
    let base = Base::of(field, counted);
    let mut counts = FacetCounts { field: name.to_owned(), values: Vec::new(), range: None };
    match field {
        FieldRef::Column(id) if id.is_naming() => return Err(refused(format!("`{name}` names single products and cannot be counted"))),
        FieldRef::Column(id) => {
            counts.values = keywords::count(id, &base, &counted.filter.selected(field));
            if !columns.dictionary().field(id).numbered.is_empty() {
                let (range, values) = numbers::of_field(id, &base);
                counts.range = range;
                counts.values.extend(values);
            }
        }
        FieldRef::Price(_) => (counts.range, counts.values) = numbers::of_prices(&base),
        FieldRef::Live(number) => (counts.range, counts.values) = numbers::of_live(number, &base),
        FieldRef::Available => counts.values = availability(&base),
    }
    Ok(counts)
}

fn availability(base: &Base<'_>) -> Vec<FacetValue> {
    let available = base.products.iter().filter(|&ordinal| base.scope.live.is_available(Ordinal(ordinal))).count() as u64;
    let mut values = vec![
        FacetValue { value: "true".to_owned(), count: available },
        FacetValue { value: "false".to_owned(), count: base.products.len() - available },
    ];
    values.retain(|value| value.count > 0);
    values.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.value.cmp(&b.value)));
    values
}

#[cfg(test)]
mod tests;
