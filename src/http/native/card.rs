//! A product as lists show it: the few fields that a card needs, read from the document without reading the rest.

use crate::catalog::{self, CatalogSnapshot, Offer, Rating, View};
use crate::http::access::Caller;
use crate::http::error::Problem;
use crate::id::{MarketplaceId, Ordinal, ProductId, Sku};
use crate::money::Money;
use crate::signal::SignalTable;
use serde::de::{Deserializer, IgnoredAny, SeqAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::{RawValue, to_raw_value};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

/// Fields of a card.
const OF_CARD: [&str; 11] =
    ["id", "title", "brand", "category", "price", "list_price", "image", "rating", "available", "sku", "variants_count"];
/// Fields of a document that a card does not have.
const OF_DOCUMENT: [&str; 7] = ["description", "categories", "attributes", "images", "url", "popularity", "variants"];

/// The part of a document that a card is made of. Of a list only what is shown is kept.
#[derive(Deserialize)]
struct CardDocument<'d> {
    id: ProductId,
    title: String,
    brand: Option<String>,
    #[serde(default)]
    categories: First<Vec<String>>,
    #[serde(default)]
    images: First<String>,
    rating: Option<Rating>,
    #[serde(borrow)]
    variants: Vec<&'d RawValue>,
}

/// The first element of a list, if there is one.
#[derive(Debug, PartialEq)]
struct First<T>(Option<T>);

impl<T> Default for First<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for First<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Taking<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Taking<T> {
            type Value = First<T>;
            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a list")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<First<T>, A::Error> {
                let first = list.next_element()?;
                while list.next_element::<IgnoredAny>()?.is_some() {}
                Ok(First(first))
            }
        }
        deserializer.deserialize_seq(Taking(PhantomData))
    }
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
    /// Whether the variant of `sku` can be bought now.
    available: bool,
    /// The variant that fits best.
    #[serde(skip_serializing_if = "Option::is_none")]
    sku: Option<Sku>,
    variants_count: usize,
}

/// How much of each product an answer holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::http) enum Fields {
    /// A card.
    Card,
    /// The whole document, byte for byte.
    All,
    /// These alone, of the card and of the document.
    Chosen(BTreeSet<&'static str>),
}

impl Fields {
    /// As a request says it; a card when it does not.
    ///
    /// # Errors
    /// When a field is named that there is not.
    pub(in crate::http) fn read(text: Option<&str>) -> Result<Self, Problem> {
        let known = || OF_CARD.into_iter().chain(OF_DOCUMENT);
        let field = |name: &str| known().find(|known| *known == name.trim());
        match text {
            None | Some("card") => Ok(Self::Card),
            Some("*") => Ok(Self::All),
            Some(names) => names.split(',').map(field).collect::<Option<_>>().map(Self::Chosen).ok_or_else(|| {
                Problem::invalid("fields", format!("must be card, *, or some of {}", known().collect::<Vec<_>>().join(", ")))
            }),
        }
    }
}

/// A product in an answer.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(in crate::http) enum Shown {
    /// A card.
    Card(Drawn),
    /// The whole document.
    Document(Box<RawValue>),
    /// The fields that were chosen, as far as the product has them.
    Part(BTreeMap<&'static str, Box<RawValue>>),
}

/// A card as it is written.
#[derive(Debug)]
pub(in crate::http) struct Drawn(Arc<catalog::Shown>);

impl Serialize for Drawn {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.json.serialize(serializer)
    }
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
        self.card_of(&self.catalog.document(ordinal)?, variant, self.signals.sells(ordinal, variant))
    }

    fn card_of(&self, document: &[u8], variant: usize, is_available: bool) -> Option<Card> {
        let read: CardDocument<'_> = serde_json::from_slice(document).ok()?;
        let variants_count = read.variants.len();
        let chosen = read.variants.get(variant).or(read.variants.first());
        let chosen = chosen.and_then(|chosen| serde_json::from_str::<CardVariant>(chosen.get()).ok());
        let (sku, offers) = chosen.map(|chosen| (chosen.sku, chosen.offers)).unzip();
        let offer = Offer::choose(offers.as_deref().unwrap_or_default(), self.marketplace);
        Some(Card {
            id: read.id,
            title: read.title,
            brand: read.brand,
            category: read.categories.0.unwrap_or_default(),
            price: offer.map(|offer| offer.price),
            list_price: offer.and_then(|offer| offer.list_price),
            image: read.images.0,
            rating: read.rating,
            available: is_available,
            sku,
            variants_count,
        })
    }

    /// The product as the request wants it, with its id.
    pub(in crate::http) fn show(&self, ordinal: Ordinal, variant: usize, fields: &Fields) -> Option<(ProductId, Shown)> {
        match fields {
            Fields::Card => {
                let is_available = self.signals.sells(ordinal, variant);
                let view = View { variant, marketplace: self.marketplace.cloned(), is_available };
                let draw = |document: &[u8]| {
                    let card = self.card_of(document, variant, is_available)?;
                    Some(catalog::Shown { json: to_raw_value(&card).ok()?, id: card.id })
                };
                let shown = self.catalog.shown(ordinal, view, draw)?;
                Some((shown.id.clone(), Shown::Card(Drawn(shown))))
            }
            Fields::All => {
                let document = self.catalog.document(ordinal)?;
                let document = Caller::current().shown_document(&document).ok()?;
                Some((self.catalog.id_of(ordinal)?, Shown::Document(serde_json::from_slice(&document).ok()?)))
            }
            Fields::Chosen(names) => Some((self.catalog.id_of(ordinal)?, Shown::Part(self.part(ordinal, variant, names)?))),
        }
    }

    fn part(&self, ordinal: Ordinal, variant: usize, names: &BTreeSet<&'static str>) -> Option<BTreeMap<&'static str, Box<RawValue>>> {
        let card = serde_json::to_value(self.card(ordinal, variant)?).ok()?;
        let bytes = self.catalog.document(ordinal)?;
        let bytes = Caller::current().shown_document(&bytes).ok()?;
        let document: BTreeMap<&str, &RawValue> = serde_json::from_slice(&bytes).ok()?;
        let of_card = |name: &str| card.get(name).and_then(|value| to_raw_value(value).ok());
        let of_document = |name: &str| document.get(name).map(|value| (*value).to_owned());
        Some(names.iter().filter_map(|name| Some((*name, of_card(name).or_else(|| of_document(name))?))).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Product;
    use serde_json::json;

    #[test]
    fn of_a_list_the_first_is_taken_and_the_rest_may_be_anything() {
        let read = |json: &str| serde_json::from_str::<First<Vec<String>>>(json).map(|first| first.0).ok();
        assert_eq!(read(r#"[["a","b"],["c"],7,{"d":[]}]"#), Some(Some(vec!["a".to_owned(), "b".to_owned()])));
        assert_eq!((read("[]"), read("[7]"), read("{}")), (Some(None), None, None));
    }

    #[test]
    fn every_field_of_a_product_can_be_chosen() {
        let whole = json!({
            "id": "mug", "title": "Mug", "brand": "Kiln", "description": "d", "categories": [["Kitchen"]], "attributes": {"a": "b"},
            "images": ["/m.png"], "url": "https://shop.example/mug", "rating": {"average": 4.0, "count": 2}, "popularity": 1.0,
            "variants": [{"sku": "M"}],
        });
        let product: Product = serde_json::from_value(whole).expect("a product");
        let written = serde_json::to_value(product).expect("is written");
        let names = written.as_object().expect("an object").keys();
        let strangers: Vec<&String> = names.filter(|name| Fields::read(Some(name)).is_err()).collect();
        assert!(strangers.is_empty(), "{strangers:?}");
        assert_eq!(Fields::read(Some("price, title,price")), Ok(Fields::Chosen(BTreeSet::from(["price", "title"]))));
        assert_eq!((Fields::read(None), Fields::read(Some("*"))), (Ok(Fields::Card), Ok(Fields::All)));
        for wrong in ["", ",", "title,", "all", "cards", "title;price", "card,price"] {
            assert_eq!(Fields::read(Some(wrong)).expect_err(wrong).field(), Some("fields"), "{wrong}");
        }
    }
}
