//! What somebody has looked at lately, as a small lift for products of the same kind.
//!
//! ```text
//! weight    0.9^i for the i-th product of the history, newest first, so that this visit says more than the last one
//! brand     share of the weight that is of the product's brand
//! category  largest share over the product's categories, times 1 - products in it / products: being in a shop's only category says nothing
//! price     in a category that was looked at: exp(-(ln price - mean ln price there)² / (2 · ln²2)), times the category's part
//! lift      W / (W + 2) · (0.4 · brand + 0.35 · category + 0.25 · price)          W sum of weights; between 0 and 1
//! ```
//!
//! It never lowers anything, so what somebody has not looked at yet stays where it is. The profile lives for one request and is written
//! nowhere.

use super::columns::{Columns, FieldId, MarketId, Row, TermId};
use crate::id::Ordinal;

/// Products of a history that are looked at.
pub const RECENT_MAX: usize = 20;

/// What each step back in a history is worth.
const FALL: f32 = 0.9;
/// Weight that halves the lift of a short history.
const WEIGHT_PRIOR: f32 = 2.0;
const BRAND_PART: f32 = 0.4;
const CATEGORY_PART: f32 = 0.35;
const PRICE_PART: f32 = 0.25;
/// Brands and categories of twenty products, at the most that is worth comparing for every candidate.
const BRANDS_MAX: usize = 8;
const CATEGORIES_MAX: usize = 24;
/// Prices a factor of two apart are one deviation apart.
const PRICE_DEVIATION: f32 = std::f32::consts::LN_2;

#[derive(Debug, Clone, Copy, PartialEq)]
struct Category {
    term: TermId,
    /// Its part of the weight, times how special it is; 0 to 1.
    part: f32,
    /// Mean of ln(price), when any of its products had one.
    price_log: Option<f32>,
}

/// A profile of one history. The empty one is neutral.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Taste {
    brands: Vec<(TermId, f32)>,
    categories: Vec<Category>,
    confidence: f32,
}

/// Sums of one category while a profile is made.
#[derive(Default)]
struct Seen {
    weight: f32,
    price_weight: f32,
    price_sum: f32,
}

impl Taste {
    /// The profile of the newest [`RECENT_MAX`] products, given newest first; those that are not in count for nothing.
    #[must_use]
    pub fn of(recent: &[Ordinal], columns: &Columns, market: MarketId) -> Self {
        let mut brands: Vec<(TermId, f32)> = Vec::new();
        let mut categories: Vec<(TermId, Seen)> = Vec::new();
        let mut whole = 0.0;
        let mut weight = 1.0;
        for &product in recent.iter().take(RECENT_MAX) {
            let Some(row) = columns.row(product) else { continue };
            whole += weight;
            terms(row, FieldId::BRAND).for_each(|term| *entry(&mut brands, term) += weight);
            let price_log = price_log(columns, product, market);
            for term in terms(row, FieldId::CATEGORY) {
                let seen = entry(&mut categories, term);
                seen.weight += weight;
                if let Some(price_log) = price_log {
                    seen.price_weight += weight;
                    seen.price_sum += weight * price_log;
                }
            }
            weight *= FALL;
        }
        let products_count = columns.live().len().max(1) as f32;
        let special = |term: TermId| 1.0 - columns.dictionary().postings(term).len() as f32 / products_count;
        let category = |(term, seen): (TermId, Seen)| Category {
            term,
            part: (seen.weight / whole * special(term)).max(0.0),
            price_log: (seen.price_weight > 0.0).then(|| seen.price_sum / seen.price_weight),
        };
        let mut brands: Vec<(TermId, f32)> = brands.into_iter().map(|(term, weight)| (term, weight / whole)).collect();
        let mut categories: Vec<Category> = categories.into_iter().map(category).collect();
        brands.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        categories.sort_by(|a, b| b.part.total_cmp(&a.part).then(a.term.cmp(&b.term)));
        brands.truncate(BRANDS_MAX);
        categories.truncate(CATEGORIES_MAX);
        Self { brands, categories, confidence: whole / (whole + WEIGHT_PRIOR) }
    }

    /// Whether it says nothing.
    #[must_use]
    pub fn is_neutral(&self) -> bool {
        self.brands.is_empty() && self.categories.is_empty()
    }

    /// How much a product is like what was looked at, 0 to 1; 0 when nothing is known. Allocates nothing.
    #[must_use]
    pub fn lift(&self, product: Ordinal, columns: &Columns, market: MarketId) -> f32 {
        let Some(row) = Some(()).filter(|()| !self.is_neutral()).and_then(|()| columns.row(product)) else { return 0.0 };
        let brand = terms(row, FieldId::BRAND).filter_map(|term| self.brands.iter().find(|(known, _)| *known == term));
        let brand = brand.map(|(_, share)| *share).fold(0.0, f32::max);
        let category = terms(row, FieldId::CATEGORY).filter_map(|term| self.categories.iter().find(|known| known.term == term));
        let category = category.max_by(|a, b| a.part.total_cmp(&b.part));
        let part = category.map_or(0.0, |category| category.part);
        let price =
            category.and_then(|category| category.price_log).zip(price_log(columns, product, market)).map_or(0.0, |(mean, price)| {
                let deviations = (price - mean) / PRICE_DEVIATION;
                part * (-deviations * deviations / 2.0).exp()
            });
        self.confidence * (BRAND_PART * brand + CATEGORY_PART * part + PRICE_PART * price)
    }
}

fn entry<T: Default>(entries: &mut Vec<(TermId, T)>, term: TermId) -> &mut T {
    let place = entries.iter().position(|(known, _)| *known == term).unwrap_or_else(|| {
        entries.push((term, T::default()));
        entries.len() - 1
    });
    &mut entries[place].1
}

/// The keywords of a product in one of the first fields, which stand at the beginning.
fn terms(row: Row<'_>, field: FieldId) -> impl Iterator<Item = TermId> {
    row.shared()
        .keywords()
        .take_while(move |keyword| keyword.field <= field)
        .filter(move |keyword| keyword.field == field)
        .map(|keyword| keyword.term)
}

/// ln of the lowest price; none when there is no offer or it is free.
fn price_log(columns: &Columns, product: Ordinal, market: MarketId) -> Option<f32> {
    let span = columns.price_span(product, market);
    (!span.is_empty() && span.min > 0).then(|| (span.min as f32).ln())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::product::Product;
    use serde_json::json;

    const MARKET: MarketId = MarketId::GENERAL;

    fn columns(products: &[(&str, &str, u32)]) -> Columns {
        let mut columns = Columns::new();
        for (ordinal, (brand, category, price)) in products.iter().enumerate() {
            let offers = json!([{"price": {"amount_minor": price, "currency": "EUR"}}]);
            let document = json!({"id": format!("p{ordinal}"), "title": "t", "brand": brand, "categories": [["All", category]],
                "variants": [{"sku": format!("s{ordinal}"), "offers": offers}]});
            let product: Product = serde_json::from_value(document).expect("a product");
            columns.put(Ordinal(ordinal as u32), &product);
        }
        columns
    }

    #[test]
    fn products_like_those_looked_at_are_lifted_by_brand_category_and_price() {
        let columns = columns(&[
            ("acme", "Phones", 80_000),
            ("acme", "Phones", 70_000),
            ("acme", "Phones", 75_000),
            ("acme", "Phones", 5_000),
            ("other", "Phones", 75_000),
            ("acme", "Cables", 900),
            ("other", "Cables", 900),
        ]);
        let taste = Taste::of(&[Ordinal(0), Ordinal(1), Ordinal(999)], &columns, MARKET);
        let lifts: Vec<f32> = (2..7).map(|ordinal| taste.lift(Ordinal(ordinal), &columns, MARKET)).collect();
        let [alike, cheap, other_brand, other_category, stranger] = lifts[..] else { panic!("five") };
        assert!(alike > cheap && cheap > other_category && alike > other_brand && other_brand > stranger, "{lifts:?}");
        assert!(stranger == 0.0 && alike <= 1.0 && alike > 0.25, "{lifts:?}");
    }

    #[test]
    fn no_history_is_neutral_and_a_longer_one_says_more() {
        let columns = columns(&[("acme", "Phones", 80_000), ("acme", "Phones", 80_000), ("other", "Cables", 9)]);
        assert_eq!(Taste::of(&[], &columns, MARKET).lift(Ordinal(0), &columns, MARKET), 0.0);
        assert!(Taste::of(&[Ordinal(77)], &columns, MARKET).is_neutral());
        let short = Taste::of(&[Ordinal(0)], &columns, MARKET).lift(Ordinal(1), &columns, MARKET);
        let long = Taste::of(&[Ordinal(0); RECENT_MAX], &columns, MARKET).lift(Ordinal(1), &columns, MARKET);
        assert!(0.0 < short && short < long);
    }

    #[test]
    fn the_newest_says_most() {
        let columns = columns(&[("a", "Phones", 9), ("b", "Cables", 9), ("a", "Phones", 9), ("b", "Cables", 9)]);
        let taste = Taste::of(&[Ordinal(0), Ordinal(1)], &columns, MARKET);
        assert!(taste.lift(Ordinal(2), &columns, MARKET) > taste.lift(Ordinal(3), &columns, MARKET));
    }
}
