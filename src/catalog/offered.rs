//! What selling needs of a product: what it is called and costs. Everything else of its document is passed over unread.

use super::offer::Offer;
use super::product::{Product, ProductError};
use crate::event::Document;
use crate::id::{MarketplaceId, Sku};
use serde::Deserialize;

/// What a product is called, and its variants.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Offered {
    /// Its title.
    pub title: String,
    /// What can be bought of it.
    #[serde(default)]
    pub variants: Vec<OfferedVariant>,
}

/// What a variant is called and costs.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct OfferedVariant {
    /// Its SKU.
    pub sku: Sku,
    /// Its title, beside the product's.
    #[serde(default)]
    pub title: Option<String>,
    /// What it costs, where.
    #[serde(default)]
    pub offers: Vec<Offer>,
}

impl Offered {
    /// Whether it is not offered in other marketplaces only: some offer holds in `marketplace`, or there is none anywhere.
    #[must_use]
    pub fn is_offered_in(&self, marketplace: &MarketplaceId) -> bool {
        let mut offers = self.variants.iter().flat_map(|variant| &variant.offers).peekable();
        offers.peek().is_none() || offers.any(|offer| holds_in(offer, marketplace))
    }
}

fn holds_in(offer: &Offer, marketplace: &MarketplaceId) -> bool {
    offer.marketplace.as_ref().is_none_or(|named| named == marketplace)
}

/// A product's document without the offers of other marketplaces than `marketplace`.
///
/// # Errors
/// Bytes that are no document of a product.
pub fn document_in(document: &[u8], marketplace: &MarketplaceId) -> Result<Document, ProductError> {
    let mut product = Product::from_document(document)?;
    product.variants.iter_mut().for_each(|variant| variant.offers.retain(|offer| holds_in(offer, marketplace)));
    product.to_document()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_offered_is_what_the_whole_document_says() {
        let document = br#"{"id":"s","title":"Shirt","description":"Soft","attributes":{"fit":["slim","long"]},"variants":[
            {"sku":"s-m","title":"M","gtins":["12345678"],"attributes":{"size":"M"},"offers":[{"price":{"amount_minor":1000,"currency":"USD"}}]},{"sku":"s-l"}]}"#;
        let (whole, offered) =
            (Product::from_document(document).expect("a product"), serde_json::from_slice::<Offered>(document).expect("is read"));
        let seen: Vec<_> = offered.variants.iter().map(|variant| (&variant.sku, &variant.title, &variant.offers)).collect();
        let expected: Vec<_> = whole.variants.iter().map(|variant| (&variant.sku, &variant.title, &variant.offers)).collect();
        assert_eq!((&offered.title, seen), (&whole.title, expected));
    }
    #[test]
    fn a_marketplace_has_its_own_offers_and_those_that_hold_everywhere() {
        let document = |offers: &str| format!(r#"{{"id":"s","title":"Shirt","variants":[{{"sku":"s-m","offers":[{offers}]}}]}}"#);
        let (general, german, french) = (
            r#"{"price":{"amount_minor":1000,"currency":"USD"}}"#,
            r#"{"marketplace":"de","price":{"amount_minor":900,"currency":"EUR"}}"#,
            r#"{"marketplace":"fr","price":{"amount_minor":800,"currency":"EUR"}}"#,
        );
        let german_market: MarketplaceId = "de".parse().expect("a marketplace");
        let is_offered = |offers: &[&str]| {
            let document = document(&offers.join(","));
            serde_json::from_str::<Offered>(&document).expect("is read").is_offered_in(&german_market)
        };
        assert_eq!(
            [is_offered(&[general]), is_offered(&[german]), is_offered(&[french]), is_offered(&[french, general]), is_offered(&[])],
            [true, true, false, true, true]
        );
        let whole = document(&[general, german, french].join(","));
        let shown = document_in(whole.as_bytes(), &german_market).expect("a document");
        assert_eq!(&*shown.0, document(&[general, german].join(",")).as_bytes());
    }
}
