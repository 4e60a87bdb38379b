//! The order of hits as one comparable key: explicit criteria, then relevance, then ordinal.
//!
//! Every part is a whole number that is larger for what stands higher, so comparing keys is comparing numbers, and a key is a place in the
//! list that a cursor can name.

use super::columns::{FieldId, MarketId, Span};
use super::fields::{FieldRef, LiveNumber};
use super::filter::{Filter, Scope};
use super::{SearchError, Sort};
use crate::id::Ordinal;
use std::cmp::Reverse;

/// Most criteria in one request.
pub const SORTS_MAX: usize = 4;

/// Where a hit stands; the largest comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// One for each criterion, zero where there is none or the product has no value.
    pub criteria: [u64; SORTS_MAX],
    /// Class, availability and score.
    pub relevance: u64,
    /// Breaks ties.
    pub ordinal: Reverse<Ordinal>,
}

/// What one criterion looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    Relevance,
    Newest,
    Price(MarketId),
    Available,
    Number(FieldId),
    Live(LiveNumber),
}

/// The order that a request asks for.
#[derive(Debug, Clone, Default)]
pub struct Order {
    criteria: Vec<(By, bool)>,
}

impl Order {
    /// Reads the criteria of a request.
    ///
    /// # Errors
    /// Too many criteria, an unknown field, or one without numbers.
    pub fn of(sorts: &[Sort], scope: Scope<'_>) -> Result<Self, SearchError> {
        if sorts.len() > SORTS_MAX {
            return Err(refused(format!("at most {SORTS_MAX} criteria")));
        }
        let criteria = sorts.iter().map(|sort| Ok((by(&sort.field, scope)?, sort.descending))).collect::<Result<_, SearchError>>()?;
        Ok(Self { criteria })
    }

    /// Whether hits are ordered by relevance alone.
    #[must_use]
    pub fn is_relevance(&self) -> bool {
        self.criteria.is_empty()
    }

    /// Whether price is a criterion, so that the cheapest variant is the one to show.
    #[must_use]
    pub fn is_by_price(&self) -> bool {
        self.criteria.iter().any(|(by, _)| matches!(by, By::Price(_)))
    }

    /// Where a product stands.
    #[must_use]
    pub fn key(&self, ordinal: Ordinal, relevance: u64, scope: Scope<'_>, filter: &Filter) -> Key {
        let mut criteria = [0; SORTS_MAX];
        for (slot, (by, is_descending)) in criteria.iter_mut().zip(&self.criteria) {
            // Ascending order turns every number around except zero, which is no number.
            let number = number(*by, *is_descending, ordinal, relevance, scope, filter);
            *slot = number.map_or(0, |number| (if *is_descending { number } else { !number }).max(1));
        }
        Key { criteria, relevance, ordinal: Reverse(ordinal) }
    }
}

fn refused(reason: String) -> SearchError {
    SearchError::Invalid { field: "sort", reason }
}

fn by(field: &str, scope: Scope<'_>) -> Result<By, SearchError> {
    match field {
        "relevance" => return Ok(By::Relevance),
        "newest" => return Ok(By::Newest),
        _ => {}
    }
    match FieldRef::named(field, scope.columns, scope.market) {
        None => Err(refused(format!("unknown field `{field}`"))),
        Some(FieldRef::Price(market)) => Ok(By::Price(market)),
        Some(FieldRef::Available) => Ok(By::Available),
        Some(FieldRef::Live(number)) => Ok(By::Live(number)),
        Some(FieldRef::Column(id)) if id == FieldId::RATING || !scope.columns.dictionary().field(id).numbered.is_empty() => {
            Ok(By::Number(id))
        }
        Some(FieldRef::Column(_)) => Err(refused(format!("`{field}` has no numbers to sort by"))),
    }
}

/// The number that a product is ordered by, as one that compares; none when it has none.
fn number(by: By, is_descending: bool, ordinal: Ordinal, relevance: u64, scope: Scope<'_>, filter: &Filter) -> Option<u64> {
    match by {
        By::Relevance => Some(relevance),
        By::Newest => Some(u64::from(ordinal.0)),
        By::Price(market) => price(ordinal, market, scope, filter).map(of_i64),
        By::Available => Some(u64::from(scope.live.is_available(ordinal))),
        By::Live(number) => Some(of_f64(scope.live.number(number, ordinal))),
        By::Number(field) => {
            let span = scope.columns.number_span(field, ordinal);
            let end = if is_descending { span.max } else { span.min };
            (!span.is_empty()).then(|| of_f64(end))
        }
    }
}

/// Price of the cheapest variant that passes the filter, in thousandths of the major unit.
#[must_use]
pub fn price(ordinal: Ordinal, market: MarketId, scope: Scope<'_>, filter: &Filter) -> Option<i64> {
    let mut span = scope.columns.price_span(ordinal, market);
    if !span.is_point() && filter.is_variant_level() {
        let row = scope.columns.row(ordinal)?;
        span = Span::<i64>::EMPTY;
        filter
            .variants(scope, ordinal, row)
            .filter_map(|variant| row.variants[variant].price(market))
            .for_each(|price| span.include(price));
    }
    (!span.is_empty()).then_some(span.min)
}

/// Orders as the signed numbers do.
fn of_i64(number: i64) -> u64 {
    number as u64 ^ (1 << 63)
}

/// Orders as the finite numbers do (the usual trick on IEEE 754 bits).
fn of_f64(number: f64) -> u64 {
    let bits = (number + 0.0).to_bits();
    if bits >> 63 == 0 { bits | (1 << 63) } else { !bits }
}

/// Reads `price:asc,rating:desc`. Without a direction, prices and attributes go up and everything else comes best first.
///
/// # Errors
/// A direction that is neither `asc` nor `desc`, or an empty name.
pub fn parse(text: &str) -> Result<Vec<Sort>, SearchError> {
    let criterion = |part: &str| {
        let (field, direction) = part.rsplit_once(':').unwrap_or((part, ""));
        let best_first = ["relevance", "newest", "rating", "popularity", "velocity", "conversion", "available"];
        let descending = match direction.trim().to_ascii_lowercase().as_str() {
            "asc" => false,
            "desc" => true,
            "" => best_first.contains(&field.trim()),
            other => return Err(refused(format!("`{other}` is neither `asc` nor `desc`"))),
        };
        if field.trim().is_empty() {
            return Err(refused("a criterion needs a field".to_owned()));
        }
        Ok(Sort { field: field.trim().to_owned(), descending })
    };
    text.split(',').filter(|part| !part.trim().is_empty()).map(criterion).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn criteria_are_read() {
        let check = |text: &str, expected: &[(&str, bool)]| {
            let sorts = parse(text).expect(text);
            let read: Vec<(&str, bool)> = sorts.iter().map(|sort| (sort.field.as_str(), sort.descending)).collect();
            assert_eq!(read, expected, "{text}");
        };
        check("price:asc, rating:DESC", &[("price", false), ("rating", true)]);
        check("price,newest", &[("price", false), ("newest", true)]);
        check("", &[]);
        assert_eq!(parse("price:up").expect_err("refused").to_string(), "sort: `up` is neither `asc` nor `desc`");
        assert_eq!(parse(":asc").expect_err("refused").to_string(), "sort: a criterion needs a field");
    }

    proptest! {
        #[test]
        fn numbers_keep_their_order(a in any::<f64>(), b in any::<f64>(), c in any::<i64>(), d in any::<i64>()) {
            prop_assume!(a.is_finite() && b.is_finite());
            prop_assert_eq!(of_f64(a).cmp(&of_f64(b)), a.partial_cmp(&b).expect("finite"));
            prop_assert_eq!(of_i64(c).cmp(&of_i64(d)), c.cmp(&d));
        }
    }
}
