//! A product as lists show it: the few fields that a card needs, read from the document without reading the rest.

use crate::catalog::{CatalogSnapshot, Offer, Rating};
use crate::id::{MarketplaceId, Ordinal, ProductId, Sku};
use crate::money::Money;
use crate::signal::SignalTable;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// The part of a document that a card is made of.
#[derive(Deserialize)]
struct CardDocument {
    id: ProductId,
    title: String,
    brand: Option<String>,
    #[serde(default)]
    categories: Vec<Vec<String>>,
    #[serde(default)]
    images: Vec<String>,
    rating: Option<Rating>,
    variants: Vec<CardVariant>,
}

#[derive(Deserialize)]
struct CardVariant {
    sku: Sku,
    #[serde(default)]
    offers: Vec<Offer>,
}

/// A product in a list.
#[derive(Debug, Serialize)]
pub(in crate::http) struct Card {
    /// The shop's name for it.
    pub(in crate::http) id: ProductId,
    title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    brand: Option<String>,
    /// Its first category path, widest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    category: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    price: Option<Money>,
    #[serde(skip_serializing_if = "Option::is_none")]
    list_price: Option<Money>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rating: Option<Rating>,
    /// Whether any variant can be bought now.
    available: bool,
    /// The variant that fits best.
    #[serde(skip_serializing_if = "Option::is_none")]
    sku: Option<Sku>,
    variants_count: usize,
}

/// How much of each product an answer holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::http) enum Fields {
    /// A card.
    Card,
    /// The whole document, byte for byte.
    All,
}

/// A product in an answer.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(in crate::http) enum Shown {
    /// A card.
    Card(Box<Card>),
    /// The whole document.
    Document(Box<RawValue>),
}

/// Shows products of one moment.
pub(in crate::http) struct Shelf<'a> {
    /// Where documents are.
    pub(in crate::http) catalog: &'a CatalogSnapshot,
    /// Where availability is.
    pub(in crate::http) signals: &'a SignalTable,
    /// Whose prices hold.
    pub(in crate::http) marketplace: Option<&'a MarketplaceId>,
}

impl Shelf<'_> {
    /// The card of a product with its variant number `variant`; none when the product has gone meanwhile.
    pub(in crate::http) fn card(&self, ordinal: Ordinal, variant: usize) -> Option<Card> {
        let document = self.catalog.document(ordinal)?;
        let mut read: CardDocument = serde_json::from_slice(&document).ok()?;
        let variants_count = read.variants.len();
        let variant = if variant < variants_count { variant } else { 0 };
        let chosen = (variants_count > 0).then(|| read.variants.swap_remove(variant));
        let (sku, offers) = chosen.map(|chosen| (chosen.sku, chosen.offers)).unzip();
        let offer = Offer::choose(offers.as_deref().unwrap_or_default(), self.marketplace);
        Some(Card {
            id: read.id,
            title: read.title,
            brand: read.brand,
            category: read.categories.into_iter().next().unwrap_or_default(),
            price: offer.map(|offer| offer.price),
            list_price: offer.and_then(|offer| offer.list_price),
            image: read.images.into_iter().next(),
            rating: read.rating,
            available: self.signals.is_available(ordinal),
            sku,
            variants_count,
        })
    }

    /// The product as the request wants it, with its id.
    pub(in crate::http) fn show(&self, ordinal: Ordinal, variant: usize, fields: Fields) -> Option<(ProductId, Shown)> {
        match fields {
            Fields::Card => self.card(ordinal, variant).map(|card| (card.id.clone(), Shown::Card(Box::new(card)))),
            Fields::All => {
                let document = self.catalog.document(ordinal)?;
                Some((self.catalog.id_of(ordinal)?, Shown::Document(serde_json::from_slice(&document).ok()?)))
            }
        }
    }
}
