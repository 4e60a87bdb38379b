//! Phrases: words that a query has in quotes, which must stand side by side, and those that must not.
//!
//! The index knows which products hold the words, and titles are kept word by word. What else a product says is read from its document, of so many
//! products at most; so a phrase costs what its words have in common, and nobody else pays for positions.

use super::index::{SearchSnapshot, word_number};
use super::request::QUERY_TERMS_MAX;
use crate::catalog::{AttributeValue, Attributes, CatalogSnapshot, Product};
use crate::id::Ordinal;
use crate::stdx::clock::Deadline;
use crate::text;
use roaring::RoaringBitmap;

/// Documents that are read for the phrases of one query: some thirty milliseconds.
pub(super) const DOCUMENTS_MAX: usize = 2_000;
/// Documents between two looks at the clock.
const DOCUMENTS_BETWEEN: usize = 64;

/// Several words in a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phrase {
    /// Its terms in order.
    pub terms: Vec<String>,
    /// Whether what says it is out.
    pub is_excluded: bool,
}

/// The products that say a phrase.
pub(super) struct Saying {
    /// They.
    pub(super) products: RoaringBitmap,
    /// Whether some product was not read, because there were too many or time was up.
    pub(super) is_cut: bool,
}

impl Phrase {
    /// What a quote says, unless it is one word or none.
    pub(super) fn of(quote: &str, is_excluded: bool) -> Option<Self> {
        let terms: Vec<String> = text::terms(quote).into_iter().take(QUERY_TERMS_MAX).collect();
        (terms.len() > 1).then_some(Self { terms, is_excluded })
    }

    /// As it is told of.
    pub(super) fn said(&self) -> String {
        self.terms.join(" ")
    }

    /// Which of the products that hold all of its words say it. As many documents as may be read are read, and taken off.
    pub(super) fn said_by(
        &self,
        holders: &RoaringBitmap,
        (index, catalog): (&SearchSnapshot, &CatalogSnapshot),
        documents_left: &mut usize,
        deadline: &Deadline,
    ) -> Saying {
        let numbers: Vec<u32> = self.terms.iter().map(|term| word_number(term)).collect();
        let in_title = |product: &u32| index.titles.words(Ordinal(*product)).windows(numbers.len()).any(|words| words == numbers);
        let mut products: RoaringBitmap = holders.iter().filter(in_title).collect();
        let unread = holders - &products;
        let mut is_cut = unread.len() > *documents_left as u64;
        for (count, product) in unread.iter().take(*documents_left).enumerate() {
            if count % DOCUMENTS_BETWEEN == 0 && deadline.is_over() {
                is_cut = true;
                break;
            }
            *documents_left -= 1;
            if catalog.product(Ordinal(product)).is_some_and(|document| self.is_in(&document)) {
                products.insert(product);
            }
        }
        Saying { products, is_cut }
    }

    fn is_in(&self, product: &Product) -> bool {
        let plain = [Some(&product.title), product.brand.as_ref(), product.description.as_ref()];
        let categories = product.categories.iter().flatten();
        let variants = product.variants.iter();
        plain.into_iter().flatten().chain(categories).any(|text| self.is_said(text))
            || self.is_an_attribute(&product.attributes)
            || variants.clone().filter_map(|variant| variant.title.as_ref()).any(|title| self.is_said(title))
            || variants.into_iter().any(|variant| self.is_an_attribute(&variant.attributes))
    }

    fn is_an_attribute(&self, attributes: &Attributes) -> bool {
        attributes.iter().any(|(name, value)| match value {
            AttributeValue::Text(text) => self.is_said(text),
            AttributeValue::Texts(texts) => texts.iter().any(|text| self.is_said(text)),
            AttributeValue::Flag(is_so) => *is_so && self.is_said(name),
            AttributeValue::Number(_) => false,
        })
    }

    fn is_said(&self, text: &str) -> bool {
        text::terms(text).windows(self.terms.len()).any(|words| words == self.terms)
    }
}
