//! Products and variants as the protocol shows them.

use super::filter::Filters;
use crate::catalog::{AttributeValue, Product, Variant};
use crate::http::access::Caller;
use crate::id::{MarketplaceId, ProductId, Sku};
use crate::money::{Currency, Money};
use crate::trade::State as Trade;
use serde::Serialize;

#[derive(Debug, Serialize)]
pub(super) struct ProductShape {
    id: ProductId,
    title: String,
    description: Plain,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    categories: Vec<Category>,
    price_range: Range,
    #[serde(skip_serializing_if = "Option::is_none")]
    list_price_range: Option<Range>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    media: Vec<Media>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) options: Vec<OptionShape>,
    /// What is chosen of the options, where one product is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) selected: Option<Vec<Choice>>,
    variants: Vec<VariantShape>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rating: Option<RatingShape>,
}

#[derive(Debug, Serialize)]
struct Plain {
    plain: String,
}

#[derive(Debug, Serialize)]
struct Category {
    value: String,
    taxonomy: &'static str,
}

#[derive(Debug, Clone, Copy, Serialize)]
struct Price {
    amount: i64,
    currency: Currency,
}

impl From<Money> for Price {
    fn from(Money { amount_minor, currency }: Money) -> Self {
        Self { amount: amount_minor, currency }
    }
}

#[derive(Debug, Serialize)]
struct Range {
    min: Price,
    max: Price,
}

impl Range {
    fn of(prices: impl Iterator<Item = Price> + Clone) -> Option<Self> {
        Some(Self { min: prices.clone().min_by_key(|price| price.amount)?, max: prices.max_by_key(|price| price.amount)? })
    }
}

#[derive(Debug, Serialize)]
struct Media {
    r#type: &'static str,
    url: String,
}

#[derive(Debug, Serialize)]
struct RatingShape {
    value: f32,
    scale_min: u8,
    scale_max: u8,
    count: u32,
}

/// What variants differ by.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct OptionShape {
    pub(super) name: String,
    pub(super) values: Vec<ValueShape>,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct ValueShape {
    pub(super) label: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) available: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) exists: Option<bool>,
}

#[derive(Debug, Serialize)]
pub(super) struct VariantShape {
    pub(super) id: Sku,
    sku: Sku,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    barcodes: Vec<Barcode>,
    title: String,
    description: Plain,
    price: Price,
    #[serde(skip_serializing_if = "Option::is_none")]
    list_price: Option<Price>,
    pub(super) availability: Availability,
    pub(super) options: Vec<Choice>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) inputs: Vec<Input>,
}

#[derive(Debug, Serialize)]
struct Barcode {
    r#type: &'static str,
    value: String,
}

#[derive(Debug, Serialize)]
pub(super) struct Availability {
    pub(super) available: bool,
    status: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Choice {
    pub(super) name: String,
    pub(super) label: String,
}

/// Which name in a look-up led to a variant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Input {
    pub(super) id: String,
    pub(super) r#match: &'static str,
}

/// The variants of a product that have a price within the filter's bounds.
pub(super) fn variants(trade: &Trade, product: &Product, filters: &Filters) -> Vec<VariantShape> {
    let marketplace = Caller::current().marketplace(None).ok().flatten();
    let shape = |variant| variant_shape(trade, &product.title, variant, (filters, marketplace.as_ref()));
    product.variants.iter().filter_map(shape).collect()
}

/// The variant that stands for its product: the first that can be bought.
pub(super) fn featured(variants: &[VariantShape]) -> usize {
    variants.iter().position(|variant| variant.availability.available).unwrap_or(0)
}

fn variant_shape(
    trade: &Trade,
    product_title: &str,
    variant: &Variant,
    (filters, marketplace): (&Filters, Option<&MarketplaceId>),
) -> Option<VariantShape> {
    let offer = variant.offer(marketplace).filter(|offer| filters.takes_price(offer.price))?;
    let available = trade.available_units(&variant.sku) > 0;
    let title = variant.title.clone().unwrap_or_else(|| product_title.to_owned());
    let choice = |(name, value): (&String, &AttributeValue)| Choice { name: name.clone(), label: label_of(value) };
    Some(VariantShape {
        id: variant.sku.clone(),
        sku: variant.sku.clone(),
        barcodes: variant.trade_numbers().map(|gtin| Barcode { r#type: "GTIN", value: gtin.to_owned() }).collect(),
        description: Plain { plain: title.clone() },
        title,
        price: offer.price.into(),
        list_price: offer.list_price.map(Price::from),
        availability: Availability { available, status: if available { "in_stock" } else { "out_of_stock" } },
        options: variant.attributes.iter().map(choice).collect(),
        inputs: Vec::new(),
    })
}

fn label_of(value: &AttributeValue) -> String {
    match value {
        AttributeValue::Flag(flag) => if *flag { "yes" } else { "no" }.to_owned(),
        AttributeValue::Number(number) => number.to_string(),
        AttributeValue::Text(text) => text.clone(),
        AttributeValue::Texts(texts) => texts.join(", "),
    }
}

/// Every option of the variants with its values, in the order in which they come.
pub(super) fn options(variants: &[VariantShape]) -> Vec<OptionShape> {
    let mut options: Vec<OptionShape> = Vec::new();
    for Choice { name, label } in variants.iter().flat_map(|variant| &variant.options) {
        let place = options.iter().position(|option| option.name == *name).unwrap_or_else(|| {
            options.push(OptionShape { name: name.clone(), values: Vec::new() });
            options.len() - 1
        });
        let values = &mut options[place].values;
        if !values.iter().any(|value| value.label == *label) {
            values.push(ValueShape { label: label.clone(), available: None, exists: None });
        }
    }
    options
}

/// A product with these of its variants; none without any.
pub(super) fn product(product: Product, options: Vec<OptionShape>, variants: Vec<VariantShape>) -> Option<ProductShape> {
    let price_range = Range::of(variants.iter().map(|variant| variant.price))?;
    let is_address = |url: &String| url.starts_with("https://") || url.starts_with("http://");
    Some(ProductShape {
        description: Plain { plain: product.description.unwrap_or_else(|| product.title.clone()) },
        id: product.id,
        title: product.title,
        url: product.url.filter(is_address),
        categories: product.categories.iter().map(|path| Category { value: path.join(" > "), taxonomy: "merchant" }).collect(),
        price_range,
        list_price_range: Range::of(variants.iter().filter_map(|variant| variant.list_price)),
        media: product.images.into_iter().filter(is_address).map(|url| Media { r#type: "image", url }).collect(),
        options,
        selected: None,
        variants,
        rating: product.rating.map(|rating| RatingShape { value: rating.average, scale_min: 0, scale_max: 5, count: rating.count }),
    })
}
