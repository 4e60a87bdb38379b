//! What a query means beyond its words: brands, categories, colours, sizes, materials and other values that the catalogue itself names, and
//! prices that are said in words ("red nike shoes under $50").
//!
//! A price is a demand: it becomes a filter and its words are not looked for. A name is a hint: its words stay words, and products that
//! really have the value are lifted by as much as the words are a sign of it. The *confidence* of a name is the share of the products with its
//! words that have the value: `nike` is hardly ever anything but the brand, `apple` may be a taste. A category whose name is the thing itself
//! (`head`) is what is asked for, whatever its share. Everything recognised is reported, so that a page can show it as chips, and each kind can
//! be switched off by the request.

mod belonging;
mod head;
mod lexicon;
mod names;
mod price;

pub use belonging::is_belonging;
pub use lexicon::Lexicon;

use super::columns::{FieldId, TermId};
use super::filter::Scope;
use super::index::{SearchSnapshot, is_whom};
use crate::id::Ordinal;
use crate::search::denied::Denied;
use crate::search::reach::Reach;
use crate::search::thesaurus::Thesaurus;
use crate::search::understand::Word;
use crate::text::Language;
use names::{Name, Names, names};
use serde::{Deserialize, Serialize};

/// How sure `accessories` of `phone accessories` is to be said by what is meant: products of that category are lifted, and that suffices.
const WHATEVER_SURENESS: f32 = 0.1;
/// From this confidence on a value tells what has another one apart.
const SURE: f32 = 0.9;
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
    /// Values that lift a product which has any of them.
    lifting: Vec<Lift>,
    asked: Option<Asked>,
    /// The word that names the thing itself, whether or not a category has its name; as a term.
    head: Option<String>,
    /// Whether that word says no more than that something belongs to the thing: cases are called so by nobody.
    is_whatever_belongs: bool,
}

/// Values that a part of a query names.
#[derive(Debug, Clone, PartialEq)]
struct Lift {
    /// A product that has any of these is lifted ...
    values: Vec<TermId>,
    /// ... unless it has one of these.
    apart: Vec<TermId>,
    confidence: f32,
    is_thing: bool,
    /// The attribute that they are values of, where a product with another value of it is another thing: women's for `boys`.
    apart_by: Option<FieldId>,
}

impl Lift {
    /// What a product with the value is lifted by, and one that says another value in its place set back by.
    fn towards(&self, product: Ordinal, scope: Scope<'_>) -> f32 {
        if self.fits(product, scope) {
            return self.confidence;
        }
        let row = || scope.columns.row(product);
        let is_other = self.apart_by.is_some_and(|field| row().is_some_and(|row| row.shared().keywords_of(field).next().is_some()));
        if is_other { -self.confidence } else { 0.0 }
    }

    fn fits(&self, product: Ordinal, scope: Scope<'_>) -> bool {
        has_any(product, &self.values, scope) && !has_any(product, &self.apart, scope)
    }
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
    /// Categories below them of what only belongs to the thing.
    apart: Vec<TermId>,
    /// Whether the shop has categories of that name.
    is_own_name: bool,
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
    /// What else its words may be called, when that counts.
    pub thesaurus: Option<Thesaurus>,
    /// What whoever asks may know of; none is all.
    pub(in crate::search) reach: Option<&'a Reach<'a>>,
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

    /// What the query names that variants of one product may differ in, each as a filter.
    pub(in crate::search) fn variant_hints(&self) -> impl Iterator<Item = &str> {
        let is_of_variants = |one: &&Intent| match one.kind {
            IntentKind::Colour | IntentKind::Size | IntentKind::Material | IntentKind::Attribute => one.applied == Applied::Boost,
            IntentKind::Brand | IntentKind::Category | IntentKind::Price => false,
        };
        // What is not wanted is reported as `NOT …`: a variant without it is shown where there is one.
        self.found.iter().filter(is_of_variants).map(|one| one.filter.as_str())
    }

    /// The price that may be none, if there is one: said without a currency, or named and no more.
    pub(in crate::search) fn doubtful_price(&self) -> Option<&Intent> {
        let is_doubtful = |one: &&Intent| one.kind == IntentKind::Price && one.applied == Applied::Filter && one.confidence < price::SURE;
        self.found.iter().find(is_doubtful)
    }

    /// The words that name a category, when the query says nothing else but names of other kinds, measures and prices.
    #[must_use]
    pub fn asked_category(&self) -> Option<&str> {
        self.asked.as_ref().filter(|asked| asked.is_all).map(|asked| asked.words.as_str())
    }

    /// Whether the query names a brand.
    #[must_use]
    pub fn name_a_brand(&self) -> bool {
        self.found.iter().any(|one| one.kind == IntentKind::Brand && one.applied == Applied::Boost)
    }

    /// The terms of brands that were recognised.
    #[must_use]
    pub fn brand_terms(&self) -> Vec<String> {
        let brands = self.found.iter().filter(|one| one.kind == IntentKind::Brand);
        brands.flat_map(|one| crate::text::terms(&one.words)).collect()
    }

    /// Tells a word of the query whether it is part of the name of the thing itself.
    pub(super) fn mark(&self, word: &mut Word) {
        word.is_thing = self.asked.as_ref().is_some_and(|asked| asked.terms.iter().any(|term| term == word.read_as()));
        let of_whole = word.part_of.as_ref().filter(|part| !part.is_beside).map(|part| part.whole.as_str());
        word.is_head = self.head.as_deref().is_some_and(|head| head == word.read_as() || of_whole == Some(head));
        word.is_brand = self.brand_terms().iter().any(|term| term == word.read_as());
        word.is_maker = self.head.is_none() && word.is_brand;
        if word.is_head && self.is_whatever_belongs {
            word.sureness *= WHATEVER_SURENESS;
        }
    }

    /// Whether terms name the thing as the shop itself calls it: its products are found by the name of their category, and nothing has to stand
    /// for it.
    #[must_use]
    pub fn is_called(&self, terms: &[String]) -> bool {
        self.asked.as_ref().is_some_and(|asked| asked.is_own_name && terms.iter().all(|term| asked.terms.contains(term)))
    }

    /// Whether the product may be the thing asked for: it is in one of the categories of that name, or the query names none.
    #[must_use]
    pub fn may_be_the_thing(&self, product: Ordinal, scope: Scope<'_>) -> bool {
        let is_it = |asked: &Asked| has_any(product, &asked.categories, scope) && !has_any(product, &asked.apart, scope);
        self.asked.as_ref().is_none_or(is_it)
    }

    /// How well a product fits the names in the query, -1 to 1: the confidence of those it has, of as many as there are. One whose title says the
    /// thing only of what it goes with (`is_companion`) is not the thing, whatever its category.
    #[must_use]
    pub fn fit(&self, ordinal: Ordinal, is_companion: bool, scope: Scope<'_>) -> f32 {
        if self.lifting.is_empty() {
            return 0.0;
        }
        let lifting = self.lifting.iter().filter(|lift| !(is_companion && lift.is_thing));
        let sum: f32 = lifting.map(|lift| lift.towards(ordinal, scope)).sum();
        sum / self.lifting.len() as f32
    }
}

/// Whether a product has any of some values.
fn has_any(product: Ordinal, values: &[TermId], scope: Scope<'_>) -> bool {
    values.iter().any(|value| scope.columns.dictionary().postings(*value).contains(product))
}

/// Recognises a price that is said in words of the language or in English, unless prices are ignored; none where what
/// is just named stands behind a word that `says_nothing`.
#[must_use]
pub fn price(typed: &str, scope: Scope<'_>, ignored: &[IntentKind], language: Language, says_nothing: &dyn Fn(&str) -> bool) -> Intents {
    let mut intents = Intents::none(typed);
    if !ignored.contains(&IntentKind::Price)
        && let Some(said) = price::said(typed, language, says_nothing)
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
        let Names { names, head, is_whatever_belongs } = names(read, index, hearing);
        (self.head, self.is_whatever_belongs) = (head, is_whatever_belongs);
        let is_only_category = names.iter().filter(|name| name.kind == IntentKind::Category).count() == 1;
        for name in names {
            let intent = name.intent(&index.columns);
            if hearing.reach.is_some_and(|reach| !reach.has_any(&intent.filter)) {
                continue;
            }
            let terms = crate::text::terms(&name.words);
            // `bathroom accessories` is for what belongs in a bathroom; of `mobile phone charger` a phone is another thing.
            let says_what = is_only_category || !terms.iter().any(|term| belonging::is_whatever_belongs(term));
            let is_whom = name.kind == IntentKind::Attribute && name.confidence >= SURE && terms.iter().all(|term| is_whom(term));
            if name.is_thing && says_what {
                self.asked = Some(Asked {
                    words: name.words.clone(),
                    terms,
                    categories: name.terms.clone(),
                    apart: name.apart.clone(),
                    is_own_name: name.is_own_name,
                    is_all: name.is_all,
                });
            }
            if self.found.iter().any(|known| (known.kind, &known.filter) == (intent.kind, &intent.filter)) {
                // `lamp lamp`: said twice, it is one chip.
                continue;
            }
            self.found.push(intent);
            if name.terms.is_empty() {
                continue;
            }
            let Name { terms: values, apart, confidence, is_thing, field, .. } = name;
            let apart_by = Some(field).filter(|_| is_whom);
            self.lifting.push(Lift { values, apart, confidence, is_thing, apart_by });
        }
    }
}

impl Intents {
    /// Reports what a query does not want, where it has a name; products without it stand higher.
    pub(super) fn deny(&mut self, denied: &[Denied], index: &SearchSnapshot, hearing: Hearing<'_>) {
        for denied in denied {
            let named = names::denied(&denied.terms().collect::<Vec<_>>(), index, hearing.ignored);
            let is_had = |intent: &Intent| hearing.reach.is_none_or(|reach| reach.has_any(intent.filter.trim_start_matches("NOT ")));
            let told = named.filter(is_had);
            self.found.extend(told.map(|intent| Intent { words: denied.said(), ..intent }));
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

#[cfg(test)]
mod tests;
