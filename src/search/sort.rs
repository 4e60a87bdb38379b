//! The order of hits as one comparable key: explicit criteria, then relevance, then ordinal.
//!
//! Every part is a whole number that is larger for what stands higher, so comparing keys is comparing numbers, and a key is a place in the
//! list that a cursor can name. A field with numbers and texts (sizes: 42, XL) has its numbers before its texts.

use super::columns::{FieldId, MarketId, Span, TextRanks};
use super::fields::{FieldRef, LiveNumber};
use super::filter::{Filter, Scope};
use super::geo::Point;
use super::values;
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

impl Key {
    /// Where a hit stands without criteria.
    #[must_use]
    pub fn by_relevance(relevance: u64, ordinal: Ordinal) -> Self {
        Self { criteria: [0; SORTS_MAX], relevance, ordinal: Reverse(ordinal) }
    }
}

/// What one criterion looks at.
#[derive(Debug, Clone)]
enum By {
    Relevance,
    Newest,
    Price(MarketId),
    Available,
    Number(FieldId),
    /// Values in the order of their texts, and numbers if the field has any.
    Text(FieldId, TextRanks, bool),
    /// Metres to each value of the field by its place; none that is no number is a point.
    Distance(FieldId, Vec<f32>),
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
    /// Too many criteria, an unknown field, or one that nothing can be ordered by.
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
            let number = number(by, *is_descending, ordinal, relevance, scope, filter);
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
    if let Some(inside) = field.strip_prefix("geo(").and_then(|rest| rest.strip_suffix(')')) {
        return distance(inside, scope);
    }
    match named(field, scope)? {
        FieldRef::Price(market) => Ok(By::Price(market)),
        FieldRef::Available => Ok(By::Available),
        FieldRef::Live(number) => Ok(By::Live(number)),
        FieldRef::Column(id) if id.is_naming() && id != FieldId::TITLE => Err(refused(format!("`{field}` cannot be sorted by"))),
        FieldRef::Column(id) => {
            let known = scope.columns.dictionary().field(id);
            let has_numbers = id == FieldId::RATING || !known.numbered.is_empty();
            let has_texts = !known.terms.is_empty();
            Ok(if has_texts { By::Text(id, scope.columns.dictionary().text_ranks(id), has_numbers) } else { By::Number(id) })
        }
    }
}

fn named(field: &str, scope: Scope<'_>) -> Result<FieldRef, SearchError> {
    FieldRef::named(field, scope.columns, scope.market).ok_or_else(|| refused(format!("unknown field `{field}`")))
}

/// `field, latitude, longitude`
fn distance(inside: &str, scope: Scope<'_>) -> Result<By, SearchError> {
    let mut parts = inside.rsplitn(3, ',').map(str::trim);
    let (longitude, latitude, field) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default(), parts.next());
    let centre = Point::parse(&format!("{latitude},{longitude}"));
    let (Some(field), Some(centre)) = (field, centre) else {
        return Err(refused(format!("`geo({inside})` is not a distance such as geo(store, 52.52, 13.405)")));
    };
    let FieldRef::Column(id) = named(field, scope)? else { return Err(refused(format!("`{field}` has no points such as 52.52,13.405"))) };
    let dictionary = scope.columns.dictionary();
    let points = dictionary.points(id);
    if points.is_empty() {
        return Err(refused(format!("`{field}` has no points such as 52.52,13.405")));
    }
    let mut metres = vec![f32::NAN; dictionary.field(id).terms.len()];
    points.into_iter().for_each(|(term, point)| metres[dictionary.place(term) as usize] = centre.metres_to(point) as f32);
    Ok(By::Distance(id, metres))
}

/// The number that a product is ordered by, as one that compares; none when it has none.
fn number(by: &By, is_descending: bool, ordinal: Ordinal, relevance: u64, scope: Scope<'_>, filter: &Filter) -> Option<u64> {
    match by {
        By::Relevance => Some(relevance),
        By::Newest => Some(u64::from(ordinal.0)),
        By::Price(market) => price(ordinal, *market, scope, filter).map(of_i64),
        By::Available => Some(u64::from(scope.live.is_available(ordinal))),
        By::Live(number) => Some(of_f64(scope.live.number(*number, ordinal))),
        By::Number(field) => number_in(*field, is_descending, ordinal, scope, filter),
        By::Text(field, ranks, has_numbers) => {
            let mut best = None;
            // Half of the range for numbers, which costs them their last binary digit, half for texts.
            if *has_numbers {
                best = number_in(*field, is_descending, ordinal, scope, filter).map(|number| number >> 1);
            }
            values::each_place(*field, ordinal, scope, filter, &mut |place| take(&mut best, 1 << 63 | ranks.rank(place), is_descending));
            best
        }
        By::Distance(field, metres) => {
            let mut best = None;
            values::each_place(*field, ordinal, scope, filter, &mut |place| {
                let metres = metres.get(place as usize).copied().filter(|metres| !metres.is_nan());
                metres.into_iter().for_each(|metres| take(&mut best, of_f64(f64::from(metres)), is_descending));
            });
            best
        }
    }
}

/// Of several values the one that puts the product highest.
#[inline]
fn take(best: &mut Option<u64>, number: u64, is_descending: bool) {
    let is_better = best.is_none_or(|best| if is_descending { number > best } else { number < best });
    if is_better {
        *best = Some(number);
    }
}

fn number_in(field: FieldId, is_descending: bool, ordinal: Ordinal, scope: Scope<'_>, filter: &Filter) -> Option<u64> {
    let span = values::numbers(field, ordinal, scope, filter);
    let end = if is_descending { span.max } else { span.min };
    (!span.is_empty()).then(|| of_f64(end))
}

/// Price of the cheapest variant that passes the filter, in thousandths of the major unit; of those that can be sold now, if any can.
#[must_use]
pub fn price(ordinal: Ordinal, market: MarketId, scope: Scope<'_>, filter: &Filter) -> Option<i64> {
    let span = scope.columns.price_span(ordinal, market);
    let is_partly_sold_out = scope.live.sold_out_variants(ordinal) != 0;
    let may_differ = filter.tells_variants_apart() && scope.columns.multi().contains(ordinal.0);
    if span.is_empty() || !is_partly_sold_out && !may_differ {
        return (!span.is_empty()).then_some(span.min);
    }
    let row = scope.columns.row(ordinal)?;
    let [mut sold, mut all] = [Span::<i64>::EMPTY; 2];
    for variant in filter.variants(scope, ordinal, row) {
        let Some(price) = row.variant(variant).price(market) else { continue };
        all.include(price);
        if scope.live.sells(ordinal, variant) {
            sold.include(price);
        }
    }
    [sold, all].into_iter().find(|span| !span.is_empty()).map(|span| span.min)
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

/// Reads `price:asc,rating:desc,geo(store,52.52,13.405)`. Without a direction what is good comes first: prices, texts, distances and
/// attributes go up, ratings and behaviour go down.
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
    parts(text).filter(|part| !part.trim().is_empty()).map(criterion).collect()
}

/// The text between commas that stand in no parentheses.
fn parts(text: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_usize;
    text.split(move |letter| {
        depth = match letter {
            '(' => depth + 1,
            ')' => depth.saturating_sub(1),
            _ => depth,
        };
        letter == ',' && depth == 0
    })
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
        check("geo(store, 52.52,13.4):desc,brand", &[("geo(store, 52.52,13.4)", true), ("brand", false)]);
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
