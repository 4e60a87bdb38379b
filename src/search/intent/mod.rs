//! What a query means beyond its words: brands, categories, colours, sizes, materials and other values that the catalogue itself names, and
//! prices that are said in words ("red nike shoes under $50").
//!
//! A price is a demand: it becomes a filter and its words are not looked for. A name is a hint: its words stay words, and products that
//! really have the value are lifted by as much as the words are a sign of it. The *confidence* of a name is the share of the products with its
//! words that have the value: `nike` is hardly ever anything but the brand, `apple` may be a taste. A category whose name is the thing itself
//! (`head`) is what is asked for, whatever its share. Everything recognised is reported, so that a page can show it as chips, and each kind can
//! be switched off by the request.

mod head;
mod lexicon;
mod names;
mod price;

pub use lexicon::Lexicon;

use super::columns::TermId;
use super::filter::Scope;
use super::index::SearchSnapshot;
use crate::id::Ordinal;
use crate::text::Language;
use names::names;
use serde::{Deserialize, Serialize};

/// Most words in a name.
const WORDS_MAX: usize = 4;

/// What a part of a query may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IntentKind {
    /// Who makes it.
    Brand,
    /// The last part of a category's path.
    Category,
    /// A value of an attribute that holds colours.
    Colour,
    /// A value of an attribute that holds sizes.
    Size,
    /// A value of an attribute that holds materials.
    Material,
    /// A value of another attribute.
    Attribute,
    /// An upper or lower bound of the price, or both.
    Price,
}

impl IntentKind {
    /// All kinds.
    pub const ALL: [Self; 7] = [Self::Brand, Self::Category, Self::Colour, Self::Size, Self::Material, Self::Attribute, Self::Price];

    /// As requests and answers write it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Brand => "brand",
            Self::Category => "category",
            Self::Colour => "colour",
            Self::Size => "size",
            Self::Material => "material",
            Self::Attribute => "attribute",
            Self::Price => "price",
        }
    }
}

/// What recognised words do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Applied {
    /// Only products that pass the filter are found.
    Filter,
    /// Products that pass the filter are lifted.
    Boost,
}

/// Something recognised in a query.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Intent {
    /// What it names.
    pub kind: IntentKind,
    /// The words of the query that say it.
    pub words: String,
    /// The field, as filters name it.
    pub field: String,
    /// The value, as facets show it; for prices the range.
    pub value: String,
    /// The same as a filter.
    pub filter: String,
    /// How sure it is, 0 to 1.
    pub confidence: f32,
    /// What it does.
    pub applied: Applied,
}

/// What was recognised in one query.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Intents {
    /// In the order of the query; at most a handful.
    pub found: Vec<Intent>,
    /// The query without the words of filters.
    pub rest: String,
    /// Values that lift a product which has any of them, and by how much.
    lifting: Vec<(Vec<TermId>, f32)>,
    asked: Option<Asked>,
}

/// The thing that a query asks for, as categories.
#[derive(Debug, Clone, PartialEq)]
struct Asked {
    /// The words that name it.
    words: String,
    /// The same as terms.
    terms: Vec<String>,
    /// Those categories.
    categories: Vec<TermId>,
    /// Whether the query says nothing else but names of other kinds, measures and prices.
    is_all: bool,
}

/// What recognising names needs to know beside the index.
#[derive(Debug, Clone, Copy)]
pub struct Hearing<'a> {
    /// Kinds that are not to be recognised.
    pub ignored: &'a [IntentKind],
    /// What the query is written in.
    pub language: Language,
}

impl Intents {
    /// Nothing recognised.
    fn none(typed: &str) -> Self {
        Self { rest: typed.to_owned(), ..Self::default() }
    }

    /// What the query demands, as a filter.
    #[must_use]
    pub fn filter(&self) -> String {
        let filters: Vec<&str> = self.found.iter().filter(|one| one.applied == Applied::Filter).map(|one| one.filter.as_str()).collect();
        filters.join(" AND ")
    }

    /// The words that name a category, when the query says nothing else but names of other kinds, measures and prices.
    #[must_use]
    pub fn asked_category(&self) -> Option<&str> {
        self.asked.as_ref().filter(|asked| asked.is_all).map(|asked| asked.words.as_str())
    }

    /// Whether a word, as a term, is part of the name of the thing itself.
    #[must_use]
    pub fn is_thing(&self, term: &str) -> bool {
        self.asked.as_ref().is_some_and(|asked| asked.terms.iter().any(|known| known == term))
    }

    /// Whether the product may be the thing asked for: it is in one of the categories of that name, or the query names none.
    #[must_use]
    pub fn may_be_the_thing(&self, product: Ordinal, scope: Scope<'_>) -> bool {
        self.asked.as_ref().is_none_or(|asked| has_any(product, &asked.categories, scope))
    }

    /// How well a product fits the names in the query, 0 to 1: the confidence of those it has, of as many as there are.
    #[must_use]
    pub fn fit(&self, ordinal: Ordinal, scope: Scope<'_>) -> f32 {
        if self.lifting.is_empty() {
            return 0.0;
        }
        let lifting = self.lifting.iter().filter(|(terms, _)| has_any(ordinal, terms, scope));
        let sum: f32 = lifting.map(|(_, confidence)| confidence).sum();
        sum / self.lifting.len() as f32
    }
}

/// Whether a product has any of some values.
fn has_any(product: Ordinal, values: &[TermId], scope: Scope<'_>) -> bool {
    values.iter().any(|value| scope.columns.dictionary().postings(*value).contains(product))
}

/// Recognises a price that is said in words, unless prices are ignored.
#[must_use]
pub fn price(typed: &str, scope: Scope<'_>, ignored: &[IntentKind]) -> Intents {
    let mut intents = Intents::none(typed);
    if !ignored.contains(&IntentKind::Price)
        && let Some(said) = price::said(typed)
        && has_prices(scope)
    {
        intents.rest = format!("{} {}", &typed[..said.start], &typed[said.end..]);
        intents.found.push(said.intent(typed));
    }
    intents
}

impl Intents {
    /// Recognises names in the rest of the query as it was read, `laptop` where `lapotp` was typed.
    pub fn name(&mut self, read: &str, index: &SearchSnapshot, hearing: Hearing<'_>) {
        let names = names(read, index, hearing);
        let is_only_category = names.iter().filter(|name| name.kind == IntentKind::Category).count() == 1;
        for name in names {
            if name.is_thing && is_only_category {
                let terms = crate::text::terms(&name.words);
                self.asked = Some(Asked { words: name.words.clone(), terms, categories: name.terms.clone(), is_all: name.is_all });
            }
            self.found.push(name.intent(&index.columns));
            self.lifting.push((name.terms, name.confidence));
        }
    }
}

/// Whether the shop says prices at all: some product of an even sample has one.
fn has_prices(scope: Scope<'_>) -> bool {
    const SAMPLE: u64 = 1_000;
    let live = scope.columns.live();
    let step = (live.len() / SAMPLE).max(1) as usize;
    live.iter().step_by(step).any(|ordinal| !scope.columns.price_span(Ordinal(ordinal), scope.market).is_empty())
}
