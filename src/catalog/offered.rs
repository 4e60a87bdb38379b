//! What selling needs of a product: what it is called and costs. Everything else of its document is passed over unread.

use super::offer::Offer;
use crate::id::Sku;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Product;

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
}
