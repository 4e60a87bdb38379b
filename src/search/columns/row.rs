//! The facts of one product as numbers: keywords and numeric attributes of the product and of each variant, and each variant's prices.

use super::dictionary::{Dictionary, FieldId, TermId};
use super::numbers::{MarketId, Prices, Span, thousandths};
use crate::catalog::product::{AttributeValue, Attributes, Product, Variant};

/// Levels of a category path that are kept; deeper ones count as the last kept.
const CATEGORY_LEVELS_MAX: usize = 16;

/// One keyword fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Keyword {
    /// The field.
    pub field: FieldId,
    /// The value in the dictionary.
    pub term: TermId,
}

/// One numeric fact.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Number {
    /// The field.
    pub field: FieldId,
    /// The value, finite.
    pub value: f64,
}

/// Facts of a product or of a variant.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Facts {
    /// Ascending by field, then term, without repeats.
    pub keywords: Box<[Keyword]>,
    /// Ascending by field.
    pub numbers: Box<[Number]>,
}

impl Facts {
    /// Whether the keyword is among them.
    #[must_use]
    pub fn has(&self, term: TermId) -> bool {
        self.keywords.iter().any(|keyword| keyword.term == term)
    }

    /// The keywords of one field.
    pub fn keywords_of(&self, field: FieldId) -> impl Iterator<Item = TermId> {
        self.keywords.iter().filter(move |keyword| keyword.field == field).map(|keyword| keyword.term)
    }

    /// The numbers of one field.
    pub fn numbers_of(&self, field: FieldId) -> impl Iterator<Item = f64> {
        self.numbers.iter().filter(move |number| number.field == field).map(|number| number.value)
    }

    /// Fields that have a fact here, possibly several times.
    pub fn fields(&self) -> impl Iterator<Item = FieldId> {
        self.keywords.iter().map(|keyword| keyword.field).chain(self.numbers.iter().map(|number| number.field))
    }
}

/// Facts and prices of one variant.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct VariantRow {
    /// What it does not share with the others; its SKU is among the keywords.
    pub own: Facts,
    /// Prices in thousandths of the major unit, one for each marketplace with an offer.
    pub offers: Box<[(MarketId, i64)]>,
}

/// Facts of one product.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Row {
    /// What all variants share.
    pub shared: Facts,
    /// At least one.
    pub variants: Box<[VariantRow]>,
}

impl Row {
    /// The facts of a product; new names and values enter the dictionary.
    pub fn of(product: &Product, dictionary: &mut Dictionary, prices: &mut Prices) -> Self {
        let mut shared = Builder::new(dictionary);
        shared.keyword(FieldId::ID, product.id.as_str());
        shared.keyword(FieldId::TITLE, &product.title);
        product.brand.iter().for_each(|brand| shared.keyword(FieldId::BRAND, brand));
        product.categories.iter().for_each(|path| shared.category(path));
        if let Some(rating) = product.rating {
            shared.number(FieldId::RATING, shortest_decimal(rating.average));
        }
        shared.attributes(&product.attributes);
        let shared = shared.build();
        let mut variants: Vec<VariantRow> =
            product.variants.iter().map(|variant| VariantRow::of(variant, &mut Builder::new(dictionary), prices)).collect();
        if variants.is_empty() {
            variants.push(VariantRow::default());
        }
        Self { shared, variants: variants.into_boxed_slice() }
    }

    /// The product's facts, then those of each variant.
    pub fn all_facts(&self) -> impl Iterator<Item = &Facts> {
        std::iter::once(&self.shared).chain(self.variants.iter().map(|variant| &variant.own))
    }

    /// Keywords of the product and its variants, possibly several times.
    pub fn terms(&self) -> impl Iterator<Item = TermId> {
        self.all_facts().flat_map(|facts| facts.keywords.iter().map(|keyword| keyword.term))
    }

    /// Fields of the product and its variants, possibly several times.
    pub fn fields(&self) -> impl Iterator<Item = FieldId> {
        self.all_facts().flat_map(Facts::fields)
    }

    /// Smallest and largest number in `field`.
    #[must_use]
    pub fn number_span(&self, field: FieldId) -> Span<f64> {
        let mut span = Span::<f64>::EMPTY;
        self.all_facts().flat_map(|facts| facts.numbers_of(field)).for_each(|number| span.include(number));
        span
    }

    /// Smallest and largest number of every numeric field.
    #[must_use]
    pub fn number_spans(&self) -> Vec<(FieldId, Span<f64>)> {
        let mut fields: Vec<FieldId> = self.all_facts().flat_map(|facts| facts.numbers.iter().map(|number| number.field)).collect();
        fields.sort_unstable();
        fields.dedup();
        fields.into_iter().map(|field| (field, self.number_span(field))).collect()
    }

    /// Marketplaces in which some variant has an offer of its own, without repeats.
    #[must_use]
    pub fn markets(&self) -> Vec<MarketId> {
        let mut markets: Vec<MarketId> = self.variants.iter().flat_map(|variant| variant.offers.iter().map(|offer| offer.0)).collect();
        markets.sort_unstable();
        markets.dedup();
        markets
    }
}

impl VariantRow {
    fn of(variant: &Variant, own: &mut Builder<'_>, prices: &mut Prices) -> Self {
        own.keyword(FieldId::SKU, variant.sku.as_str());
        own.attributes(&variant.attributes);
        let mut offers: Vec<(MarketId, i64)> = Vec::with_capacity(variant.offers.len());
        for offer in &variant.offers {
            if let Some(market) = prices.market_or_new(offer.marketplace.as_ref())
                && !offers.iter().any(|(known, _)| *known == market)
            {
                offers.push((market, thousandths(offer.price)));
            }
        }
        Self { own: own.take(), offers: offers.into_boxed_slice() }
    }
}

/// The number that the shortest decimal text of `number` means, so that a rating of 4.3 equals 4.3.
fn shortest_decimal(number: f32) -> f64 {
    number.to_string().parse().unwrap_or_else(|_| f64::from(number))
}

/// Collects facts in any order.
struct Builder<'a> {
    dictionary: &'a mut Dictionary,
    keywords: Vec<Keyword>,
    numbers: Vec<Number>,
}

impl<'a> Builder<'a> {
    fn new(dictionary: &'a mut Dictionary) -> Self {
        Self { dictionary, keywords: Vec::new(), numbers: Vec::new() }
    }

    fn keyword(&mut self, field: FieldId, text: &str) {
        if let Some(term) = self.dictionary.intern(field, text) {
            self.keywords.push(Keyword { field, term });
        }
    }

    fn number(&mut self, field: FieldId, value: f64) {
        if value.is_finite() {
            self.numbers.push(Number { field, value });
        }
    }

    /// Enters the node and all its ancestors.
    fn category(&mut self, path: &[String]) {
        let mut joined = String::new();
        for name in path.iter().map(|name| name.trim()).filter(|name| !name.is_empty()).take(CATEGORY_LEVELS_MAX) {
            if !joined.is_empty() {
                joined.push_str(" > ");
            }
            joined.push_str(name);
            self.keyword(FieldId::CATEGORY, &joined);
        }
    }

    fn attributes(&mut self, attributes: &Attributes) {
        for (name, value) in attributes {
            let field = self.dictionary.intern_attribute(name);
            match value {
                AttributeValue::Flag(flag) => self.keyword(field, if *flag { "true" } else { "false" }),
                AttributeValue::Number(number) => self.number(field, *number),
                AttributeValue::Text(text) => self.keyword(field, text),
                AttributeValue::Texts(texts) => texts.iter().for_each(|text| self.keyword(field, text)),
            }
        }
    }

    fn take(&mut self) -> Facts {
        self.keywords.sort_unstable();
        self.keywords.dedup();
        self.numbers.sort_by_key(|number| number.field);
        Facts { keywords: std::mem::take(&mut self.keywords).into(), numbers: std::mem::take(&mut self.numbers).into() }
    }

    fn build(mut self) -> Facts {
        self.take()
    }
}
