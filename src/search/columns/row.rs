//! The facts of one product as numbers: keywords and numeric attributes of the product and of each variant, and each variant's prices.

use super::dictionary::{Dictionary, FieldId, PATH_JOINT, TermId};
use super::lists;
use super::numbers::{MarketId, Prices, Span, thousandths};
use crate::catalog::{AttributeValue, Attributes, Offer, Product};

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

/// Facts of a product or of a variant, where they lie.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Facts<'a> {
    /// Field and value; of one product or variant ascending, without repeats.
    keywords: &'a [[u32; 2]],
    /// Field and the two halves of the number.
    numbers: &'a [[u32; 3]],
}

impl<'a> Facts<'a> {
    /// All keywords.
    pub fn keywords(self) -> impl Iterator<Item = Keyword> + 'a {
        self.keywords.iter().map(|&[field, term]| Keyword { field: FieldId(field), term: TermId(term) })
    }

    /// All numbers.
    pub fn numbers(self) -> impl Iterator<Item = Number> + 'a {
        self.numbers.iter().map(|&[field, low, high]| Number { field: FieldId(field), value: f64::from_bits(joined(low, high)) })
    }

    /// Whether the keyword is among them.
    #[must_use]
    pub fn has(self, term: TermId) -> bool {
        self.keywords.iter().any(|keyword| keyword[1] == term.0)
    }

    /// The keywords of one field.
    pub fn keywords_of(self, field: FieldId) -> impl Iterator<Item = TermId> + 'a {
        self.keywords().filter(move |keyword| keyword.field == field).map(|keyword| keyword.term)
    }

    /// The numbers of one field.
    pub fn numbers_of(self, field: FieldId) -> impl Iterator<Item = f64> + 'a {
        self.numbers().filter(move |number| number.field == field).map(|number| number.value)
    }

    /// Fields that have a fact here, possibly several times.
    pub fn fields(self) -> impl Iterator<Item = FieldId> + 'a {
        self.keywords().map(|keyword| keyword.field).chain(self.numbers().map(|number| number.field))
    }
}

/// Facts and prices of one variant.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct VariantRow<'a> {
    /// Which of the product's variants it is.
    pub index: usize,
    /// What it does not share with the others; its SKU is among the keywords.
    pub own: Facts<'a>,
    /// Marketplace and the two halves of the price.
    offers: &'a [[u32; 3]],
}

impl<'a> VariantRow<'a> {
    /// Prices in thousandths of the major unit, one for each marketplace with an offer.
    pub fn offers(self) -> impl Iterator<Item = (MarketId, i64)> + 'a {
        self.offers.iter().map(|&[market, low, high]| (MarketId(market), joined(low, high).cast_signed()))
    }

    /// Price in `market` in thousandths of the major unit: its own offer there, else the general one.
    #[must_use]
    pub fn price(self, market: MarketId) -> Option<i64> {
        let of = |wanted| self.offers().find(|offer| offer.0 == wanted).map(|offer| offer.1);
        of(market).or_else(|| of(MarketId::GENERAL))
    }
}

/// Facts of one product, where they lie: in memory, or in the mapped file of a generation.
///
/// A row is a run of words: the number of variants; for the product and then for each variant where its keywords, numbers and offers end;
/// all keywords; all numbers; all offers. What the product itself has stands first, and it has no offers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Row<'a> {
    /// Where keywords, numbers and offers end, of the product and of each variant.
    ends: &'a [[u32; 3]],
    keywords: &'a [[u32; 2]],
    numbers: &'a [[u32; 3]],
    offers: &'a [[u32; 3]],
}

impl<'a> Row<'a> {
    /// The row in these words; none when they are none, or are not the words of a row.
    #[must_use]
    pub fn of_words(words: &'a [u32]) -> Option<Self> {
        let (&variants_count, rest) = words.split_first()?;
        let (ends, rest) = lists::<3>(rest, variants_count as usize + 1)?;
        let &[keywords_count, numbers_count, offers_count] = ends.last()?;
        let (keywords, rest) = lists::<2>(rest, keywords_count as usize)?;
        let (numbers, rest) = lists::<3>(rest, numbers_count as usize)?;
        let (offers, _) = lists::<3>(rest, offers_count as usize)?;
        Some(Self { ends, keywords, numbers, offers })
    }

    /// How many variants, at least one.
    #[must_use]
    pub fn variants_count(self) -> usize {
        self.ends.len() - 1
    }

    /// What all variants share.
    #[must_use]
    pub fn shared(self) -> Facts<'a> {
        self.part(0).0
    }

    /// A variant; one without facts and offers beyond the last.
    #[must_use]
    pub fn variant(self, index: usize) -> VariantRow<'a> {
        let (own, offers) = self.part(index + 1);
        VariantRow { index, own, offers }
    }

    /// The variants in their order.
    pub fn variants(self) -> impl Iterator<Item = VariantRow<'a>> {
        (0..self.variants_count()).map(move |index| self.variant(index))
    }

    /// The product's facts and those of each variant, one after another.
    #[must_use]
    pub fn all(self) -> Facts<'a> {
        Facts { keywords: self.keywords, numbers: self.numbers }
    }

    /// The facts and the offers of the product, or of the variant before this one.
    fn part(self, index: usize) -> (Facts<'a>, &'a [[u32; 3]]) {
        let starts = index.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or_default();
        let ends = self.ends.get(index).copied().unwrap_or(starts);
        let run = |kind: usize| starts[kind] as usize..ends[kind] as usize;
        let own = Facts { keywords: self.keywords.get(run(0)).unwrap_or_default(), numbers: self.numbers.get(run(1)).unwrap_or_default() };
        (own, self.offers.get(run(2)).unwrap_or_default())
    }

    /// Smallest and largest number in `field`.
    #[must_use]
    pub fn number_span(self, field: FieldId) -> Span<f64> {
        let mut span = Span::<f64>::EMPTY;
        self.all().numbers_of(field).for_each(|number| span.include(number));
        span
    }

    /// Smallest and largest number of every numeric field.
    #[must_use]
    pub fn number_spans(self) -> Vec<(FieldId, Span<f64>)> {
        let mut fields: Vec<FieldId> = self.all().numbers().map(|number| number.field).collect();
        fields.sort_unstable();
        fields.dedup();
        fields.into_iter().map(|field| (field, self.number_span(field))).collect()
    }

    /// All offers of all variants, to be compared with those of a row of the same variants and marketplaces.
    #[must_use]
    pub fn prices(self) -> &'a [[u32; 3]] {
        self.offers
    }

    /// Marketplaces in which some variant has an offer of its own, without repeats.
    #[must_use]
    pub fn markets(self) -> Vec<MarketId> {
        let mut markets: Vec<MarketId> = self.offers.iter().map(|offer| MarketId(offer[0])).collect();
        markets.sort_unstable();
        markets.dedup();
        markets
    }
}

/// So many lists of `N` words, and what comes after them.
fn lists<const N: usize>(words: &[u32], count: usize) -> Option<(&[[u32; N]], &[u32])> {
    let (lists, rest) = words.split_at_checked(count.checked_mul(N)?)?;
    Some((lists.as_chunks().0, rest))
}

fn joined(low: u32, high: u32) -> u64 {
    u64::from(low) | u64::from(high) << 32
}

fn halves(number: u64) -> [u32; 2] {
    [number as u32, (number >> 32) as u32]
}

/// The row of a product as words; new names and values enter the dictionary.
#[must_use]
pub fn words_of(product: &Product, dictionary: &mut Dictionary, prices: &mut Prices) -> Vec<u32> {
    let mut row = Builder::new(dictionary);
    row.keyword(FieldId::ID, product.id.as_str());
    row.keyword(FieldId::TITLE, &product.title);
    product.brand.iter().for_each(|brand| row.keyword(FieldId::BRAND, brand));
    product.categories.iter().for_each(|path| row.category(path));
    if let Some(rating) = product.rating {
        row.number(FieldId::RATING, shortest_decimal(rating.average));
    }
    row.attributes(&product.attributes);
    row.end_part();
    for variant in &product.variants {
        row.keyword(FieldId::SKU, variant.sku.as_str());
        row.attributes(&variant.attributes);
        variant.offers.iter().for_each(|offer| row.offer(offer, prices));
        row.end_part();
    }
    if product.variants.is_empty() {
        row.end_part();
    }
    row.words()
}

/// The number that the shortest decimal text of `number` means, so that a rating of 4.3 equals 4.3.
fn shortest_decimal(number: f32) -> f64 {
    number.to_string().parse().unwrap_or_else(|_| f64::from(number))
}

/// Collects the facts of one part of a row after another, each in any order.
struct Builder<'a> {
    dictionary: &'a mut Dictionary,
    ends: Vec<[u32; 3]>,
    keywords: Vec<Keyword>,
    numbers: Vec<Number>,
    offers: Vec<(MarketId, i64)>,
}

impl<'a> Builder<'a> {
    fn new(dictionary: &'a mut Dictionary) -> Self {
        Self { dictionary, ends: Vec::new(), keywords: Vec::new(), numbers: Vec::new(), offers: Vec::new() }
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
                joined.push_str(PATH_JOINT);
            }
            joined.push_str(name);
            self.keyword(FieldId::CATEGORY, &joined);
        }
    }

    /// Enters a text, or the values that it puts side by side.
    fn text(&mut self, field: FieldId, text: &str) {
        match lists::values(field, text, self.dictionary) {
            Some(terms) => self.keywords.extend(terms.into_iter().map(|term| Keyword { field, term })),
            None => self.keyword(field, text),
        }
    }

    fn attributes(&mut self, attributes: &Attributes) {
        for (name, value) in attributes {
            let field = self.dictionary.intern_attribute(name);
            match value {
                AttributeValue::Flag(flag) => self.keyword(field, if *flag { "true" } else { "false" }),
                AttributeValue::Number(number) => self.number(field, *number),
                AttributeValue::Text(text) => self.text(field, text),
                AttributeValue::Texts(texts) => texts.iter().for_each(|text| self.text(field, text)),
            }
        }
    }

    /// Enters a price, unless this variant has one in the marketplace already.
    fn offer(&mut self, offer: &Offer, prices: &mut Prices) {
        let first = self.last_end()[2] as usize;
        if let Some(market) = prices.market_or_new(offer.marketplace.as_ref())
            && !self.offers[first..].iter().any(|(known, _)| *known == market)
        {
            self.offers.push((market, thousandths(offer.price)));
        }
    }

    fn last_end(&self) -> [u32; 3] {
        self.ends.last().copied().unwrap_or_default()
    }

    /// What is entered from here on is of the next variant.
    fn end_part(&mut self) {
        let [keywords_start, numbers_start, _] = self.last_end();
        let mut own = self.keywords.split_off(keywords_start as usize);
        own.sort_unstable();
        own.dedup();
        self.keywords.append(&mut own);
        self.numbers[numbers_start as usize..].sort_by_key(|number| number.field);
        self.ends.push([self.keywords.len() as u32, self.numbers.len() as u32, self.offers.len() as u32]);
    }

    fn words(self) -> Vec<u32> {
        let mut words = vec![self.ends.len() as u32 - 1];
        words.extend(self.ends.as_flattened());
        words.extend(self.keywords.iter().flat_map(|keyword| [keyword.field.0, keyword.term.0]));
        let mut entry = |key: u32, number: u64| {
            let [low, high] = halves(number);
            words.extend([key, low, high]);
        };
        self.numbers.iter().for_each(|number| entry(number.field.0, number.value.to_bits()));
        self.offers.iter().for_each(|(market, price)| entry(market.0, price.cast_unsigned()));
        words
    }
}
