//! The few numbers of a product document that signals need, read without building the product.

use super::skus::SkuMark;
use crate::event::Document;
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::borrow::Cow;

/// The feed's popularity is not believed beyond this.
const POPULARITY_MAX: f32 = 1e9;

/// Price, reduction, rating and stated popularity of one product.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct DocumentNumbers {
    /// Lowest price of a variant in the general offer, else in any; minor units.
    pub(super) price_minor: i64,
    /// How far that price is below its list price, 0 to 1.
    pub(super) discount: f32,
    /// Mean of the stars, 0 to 5; no meaning without a count.
    pub(super) rating_average: f32,
    /// How many rated.
    pub(super) rating_count: u32,
    /// `ln(1 + popularity)` of the feed, when it states one.
    pub(super) popularity_log: Option<f32>,
}

#[derive(Deserialize)]
struct ProductPart<'d> {
    #[serde(default)]
    rating: Option<RatingPart>,
    #[serde(default)]
    popularity: Option<f32>,
    #[serde(default, borrow)]
    variants: Vec<VariantPart<'d>>,
}

#[derive(Deserialize)]
struct RatingPart {
    average: f32,
    count: u32,
}

#[derive(Deserialize)]
struct VariantPart<'d> {
    #[serde(default, borrow)]
    sku: Cow<'d, str>,
    #[serde(default)]
    offers: Vec<OfferPart>,
}

#[derive(Deserialize)]
struct OfferPart {
    #[serde(default)]
    marketplace: Option<IgnoredAny>,
    price: AmountPart,
    #[serde(default)]
    list_price: Option<AmountPart>,
}

#[derive(Deserialize)]
struct AmountPart {
    amount_minor: i64,
}

impl DocumentNumbers {
    /// Reads a document, and the SKUs of its variants where there are several. One that is not a product has neither: the catalogue checked it long
    /// before it came here.
    pub(super) fn of(document: &Document) -> (Self, Vec<SkuMark>) {
        let Ok(part) = serde_json::from_slice::<ProductPart<'_>>(&document.0) else { return Default::default() };
        let marks = part.variants.iter().map(|variant| SkuMark::of(&variant.sku));
        (Self::of_part(&part), if part.variants.len() > 1 { marks.collect() } else { Vec::new() })
    }

    fn of_part(part: &ProductPart<'_>) -> Self {
        let offers = || part.variants.iter().flat_map(|variant| &variant.offers);
        let general = offers().filter(|offer| offer.marketplace.is_none()).min_by_key(|offer| offer.price.amount_minor);
        let offer = general.or_else(|| offers().min_by_key(|offer| offer.price.amount_minor));
        let rating = part.rating.as_ref().filter(|rating| (0.0..=5.0).contains(&rating.average));
        let popularity = part.popularity.filter(|popularity| popularity.is_finite() && *popularity >= 0.0);
        Self {
            price_minor: offer.map_or(0, |offer| offer.price.amount_minor.max(0)),
            discount: offer.map_or(0.0, OfferPart::discount),
            rating_average: rating.map_or(0.0, |rating| rating.average),
            rating_count: rating.map_or(0, |rating| rating.count),
            popularity_log: popularity.map(|popularity| popularity.min(POPULARITY_MAX).ln_1p()),
        }
    }
}

impl OfferPart {
    fn discount(&self) -> f32 {
        let price_minor = self.price.amount_minor.max(0);
        match &self.list_price {
            Some(list) if list.amount_minor > price_minor => (1.0 - price_minor as f64 / list.amount_minor as f64) as f32,
            _ => 0.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    fn numbers(document: &str) -> DocumentNumbers {
        DocumentNumbers::of(&Document(Arc::from(document.as_bytes()))).0
    }

    #[test]
    fn the_lowest_general_offer_counts() {
        let offers = r#"[{"marketplace":"fr","price":{"amount_minor":1,"currency":"EUR"}},
            {"price":{"amount_minor":75,"currency":"EUR"},"list_price":{"amount_minor":100,"currency":"EUR"}}]"#;
        let found = numbers(&format!(r#"{{"id":"a","title":"A","variants":[{{"sku":"s","offers":{offers}}}]}}"#));
        assert_eq!((found.price_minor, found.discount), (75, 0.25));
    }

    #[test]
    fn numbers_out_of_range_and_broken_documents_count_for_nothing() {
        assert_eq!(numbers(r#"{"rating":{"average":9.0,"count":3},"popularity":-4}"#), DocumentNumbers::default());
        assert_eq!(numbers("{"), DocumentNumbers::default());
    }
}
