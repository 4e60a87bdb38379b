//! What a query means beyond its words: brands, categories, colours, sizes, materials and other values that the catalogue itself names, and
//! prices that are said in words ("red nike shoes under $50").
//!
//! A price is a demand: it becomes a filter and its words are not looked for. A name is a hint: its words stay words, and products that
//! really have the value are lifted by as much as the words are a sign of it. The *confidence* of a name is the share of the products with its
//! words that have the value: `nike` is hardly ever anything but the brand, `apple` may be a taste. A category that nothing else stands beside
//! is what is asked for, whatever its share. Everything recognised is reported, so that a page can show it as chips, and each kind can be
//! switched off by the request.

mod lexicon;
mod price;

pub use lexicon::Lexicon;

use super::asked::{Piece, pieces};
use super::columns::{FieldId, TermId};
use super::filter::Scope;
use super::index::SearchSnapshot;
use crate::id::Ordinal;
use crate::text;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Most names that are recognised in one query.
const NAMES_MAX: usize = 8;
/// Most words in a name.
const WORDS_MAX: usize = 4;
/// Words of a query that are looked at.
const QUERY_WORDS_MAX: usize = 32;
/// A name of which fewer of the products with its words are is a word like any other.
const CONFIDENCE_MIN: f32 = 0.1;
/// How sure a category is that is all a query says, names and measures aside: `laptop` asks for laptops, though most products with that word may
/// be bags and stands for them.
const NAMED_ALONE: f32 = 0.9;

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
    lifting: Vec<(TermId, f32)>,
    asked_category: Option<String>,
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
        self.asked_category.as_deref()
    }

    /// How well a product fits the names in the query, 0 to 1: the confidence of those it has, of as many as there are.
    #[must_use]
    pub fn fit(&self, ordinal: Ordinal, scope: Scope<'_>) -> f32 {
        if self.lifting.is_empty() {
            return 0.0;
        }
        let has = |term: &TermId| scope.columns.dictionary().postings(*term).contains(ordinal);
        let sum: f32 = self.lifting.iter().filter(|(term, _)| has(term)).map(|(_, confidence)| confidence).sum();
        sum / self.lifting.len() as f32
    }
}

/// Recognises what a query means, but for the kinds that are `ignored`.
#[must_use]
pub fn recognise(typed: &str, index: &SearchSnapshot, scope: Scope<'_>, ignored: &[IntentKind]) -> Intents {
    let mut intents = Intents::none(typed);
    if !ignored.contains(&IntentKind::Price)
        && let Some(said) = price::said(typed)
        && has_prices(scope)
    {
        intents.rest = format!("{} {}", &typed[..said.start], &typed[said.end..]);
        intents.found.push(said.intent(typed));
    }
    for name in names(&intents.rest, index, ignored) {
        intents.lifting.push((name.term, name.confidence));
        if name.is_all {
            intents.asked_category = Some(name.words.clone());
        }
        intents.found.push(name.intent(scope));
    }
    intents
}

/// Whether the shop says prices at all: some product of an even sample has one.
fn has_prices(scope: Scope<'_>) -> bool {
    const SAMPLE: u64 = 1_000;
    let live = scope.columns.live();
    let step = (live.len() / SAMPLE).max(1) as usize;
    live.iter().step_by(step).any(|ordinal| !scope.columns.price_span(Ordinal(ordinal), scope.market).is_empty())
}

/// A value named by words of the query.
struct Name {
    kind: IntentKind,
    field: FieldId,
    term: TermId,
    words: String,
    confidence: f32,
    /// Whether it is a category, and the query says nothing else but names of other kinds and measures.
    is_all: bool,
}

impl Name {
    fn intent(self, scope: Scope<'_>) -> Intent {
        let dictionary = scope.columns.dictionary();
        let (field, value) = (dictionary.field(self.field).name.to_string(), dictionary.text(self.term).to_owned());
        let filter = format!("{} = {}", quoted_name(&field), quoted(&value));
        Intent { kind: self.kind, words: self.words, field, value, filter, confidence: self.confidence, applied: Applied::Boost }
    }
}

/// A field's name as filters take it.
fn quoted_name(name: &str) -> String {
    let is_plain = name.chars().all(|letter| letter.is_alphanumeric() || letter == '_' || letter == '.');
    if is_plain { name.to_owned() } else { quoted(name) }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// The names in a query: longest first, none inside another.
fn names(typed: &str, index: &SearchSnapshot, ignored: &[IntentKind]) -> Vec<Name> {
    if pieces(typed).iter().any(|(_, piece)| matches!(piece, Piece::Quoted(_))) {
        return Vec::new();
    }
    let tokens: Vec<text::Token> = text::tokens(typed).into_iter().take(QUERY_WORDS_MAX).collect();
    let excluded =
        |token: &text::Token| typed[..token.start].ends_with('-') && (token.start == 1 || typed[..token.start - 1].ends_with(' '));
    let mut taken = vec![false; tokens.len()];
    tokens.iter().zip(&mut taken).for_each(|(token, taken)| *taken = excluded(token));
    let measures = measures(typed, &tokens);
    let cuts = |span: &Range<usize>| measures.iter().any(|measure| cuts(span, measure));
    let mut found: Vec<(usize, Name)> = Vec::new();
    for length in (1..=WORDS_MAX.min(tokens.len())).rev() {
        for start in 0..=tokens.len() - length {
            let span = start..start + length;
            if found.len() == NAMES_MAX || taken[span.clone()].contains(&true) || cuts(&span) {
                continue;
            }
            let terms: Vec<&str> = tokens[span.clone()].iter().map(|token| token.term.as_str()).collect();
            if let Some(mut name) = likeliest(&terms, index, ignored) {
                name.words = typed[tokens[start].start..tokens[span.end - 1].end].to_owned();
                taken[span].fill(true);
                found.push((start, name));
            }
        }
    }
    measures.into_iter().for_each(|measure| taken[measure].fill(true));
    let mut categories = found.iter_mut().map(|(_, name)| name).filter(|name| name.kind == IntentKind::Category);
    if let (Some(only), None, false) = (categories.next(), categories.next(), taken.contains(&false)) {
        (only.is_all, only.confidence) = (true, only.confidence.max(NAMED_ALONE));
    }
    found.sort_by_key(|(start, _)| *start);
    found.into_iter().map(|(_, name)| name).collect()
}

/// The tokens that say a measure together: the `l` of `1.5 l` is no size.
fn measures(typed: &str, tokens: &[text::Token]) -> Vec<Range<usize>> {
    let compounds = text::compounds(typed, tokens).into_iter();
    compounds.filter(|compound| compound.role == text::Role::Whole).map(|compound| compound.parts).collect()
}

/// Whether a span holds a part of another one and not the whole.
fn cuts(span: &Range<usize>, whole: &Range<usize>) -> bool {
    let overlaps = span.start < whole.end && whole.start < span.end;
    overlaps && !(span.start <= whole.start && whole.end <= span.end)
}

/// What the words name most likely, if they name anything.
fn likeliest(terms: &[&str], index: &SearchSnapshot, ignored: &[IntentKind]) -> Option<Name> {
    let dictionary = index.columns.dictionary();
    let rarest = terms.iter().map(|term| index.vocabulary.df(term)).min().unwrap_or(0);
    if rarest == 0 {
        return None;
    }
    let candidates = index.lexicon.named(terms, dictionary).into_iter().filter_map(|term| {
        let field = dictionary.field_of(term);
        let kind = lexicon::kind_of(field, dictionary);
        let holders = dictionary.postings(term).len();
        let confidence = (holders as f32 / rarest as f32).min(1.0);
        let is_sure = confidence >= CONFIDENCE_MIN && !ignored.contains(&kind);
        is_sure.then(|| Name { kind, field, term, words: String::new(), confidence, is_all: false })
    });
    candidates.max_by(|a, b| a.confidence.total_cmp(&b.confidence).then_with(|| b.kind.cmp(&a.kind)).then_with(|| b.term.cmp(&a.term)))
}
