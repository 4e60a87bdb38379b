//! The names in a query, and which of them is the thing itself.

use super::belonging::{apart, is_whatever_belongs};
use super::head::head;
use super::lexicon;
use super::{Applied, Hearing, Intent, IntentKind, WORDS_MAX};
use crate::id::Ordinal;
use crate::search::asked::{Piece, pieces};
use crate::search::columns::{Columns, FieldId, TermId};
use crate::search::filter::syntax::quoted;
use crate::search::index::{SearchSnapshot, is_never_the_thing, is_whom};
use crate::text::{self, Compound, Language, Token};
use std::cmp::{Ordering, Reverse};
use std::ops::Range;

/// Most names that are recognised in one query.
const NAMES_MAX: usize = 8;
/// Words of a query that are looked at.
const QUERY_WORDS_MAX: usize = 32;
/// A name of which fewer of the products with its words are is a word like any other.
const CONFIDENCE_MIN: f32 = 0.1;
/// How sure a size is that is called one, and a category whose name is the thing itself: `gaming laptop` asks for laptops, though most products with that word may be bags and
/// stands for them.
const NAMED: f32 = 0.9;
/// Products that are looked at for whether any has a size that is a number.
const NUMBERED_MAX: usize = 10_000;
/// Categories that one thing may be in: `lamp` is desk lamps and camping lamps.
const CATEGORIES_MAX: usize = 16;

/// A value named by words of the query.
pub(super) struct Name {
    pub(super) kind: IntentKind,
    pub(super) field: FieldId,
    /// The values that it names; the first is what it is shown as.
    pub(super) terms: Vec<TermId>,
    /// The number that it names instead.
    pub(super) number: Option<String>,
    /// Categories below them that hold what only belongs to the thing.
    pub(super) apart: Vec<TermId>,
    pub(super) words: String,
    pub(super) confidence: f32,
    /// Whether it is a category that is the thing itself.
    pub(super) is_thing: bool,
    /// Whether the shop calls it so, not everyday language alone.
    pub(super) is_own_name: bool,
    /// Whether the query says nothing else but names of other kinds and measures.
    pub(super) is_all: bool,
}

impl Name {
    /// One value that the shop calls so.
    fn of(kind: IntentKind, field: FieldId, term: TermId, confidence: f32) -> Self {
        Self {
            kind,
            field,
            terms: vec![term],
            number: None,
            apart: Vec::new(),
            words: String::new(),
            confidence,
            is_thing: false,
            is_own_name: true,
            is_all: false,
        }
    }

    /// The surer one is likelier, then the kind that stands first.
    fn likelihood(&self, other: &Self) -> Ordering {
        self.confidence.total_cmp(&other.confidence).then_with(|| other.kind.cmp(&self.kind)).then_with(|| other.terms.cmp(&self.terms))
    }

    pub(super) fn intent(&self, columns: &Columns) -> Intent {
        let dictionary = columns.dictionary();
        let field = dictionary.field(self.field).name.to_string();
        let values: Vec<&str> = self.terms.iter().map(|term| dictionary.text(*term)).collect();
        let number = self.number.as_deref();
        let filter = match values[..] {
            [] => format!("{} = {}", quoted_name(&field), number.unwrap_or_default()),
            [value] => format!("{} = {}", quoted_name(&field), quoted(value)),
            _ => format!("{} IN [{}]", quoted_name(&field), values.iter().map(|value| quoted(value)).collect::<Vec<_>>().join(", ")),
        };
        let value = values.first().copied().or(number).unwrap_or_default().to_owned();
        Intent { kind: self.kind, words: self.words.clone(), field, value, filter, confidence: self.confidence, applied: Applied::Boost }
    }
}

/// A field's name as filters take it.
fn quoted_name(name: &str) -> String {
    let is_plain = name.chars().all(|letter| letter.is_alphanumeric() || letter == '_' || letter == '.');
    if is_plain { name.to_owned() } else { quoted(name) }
}

/// What a query names.
#[derive(Default)]
pub(super) struct Names {
    /// Longest first, none inside another.
    pub(super) names: Vec<Name>,
    /// The word that is the thing itself, as a term.
    pub(super) head: Option<String>,
    /// Whether that word says no more than that something belongs to another thing, and categories are known of what does.
    pub(super) is_whatever_belongs: bool,
}

/// The names in a query.
pub(super) fn names(typed: &str, index: &SearchSnapshot, hearing: Hearing<'_>) -> Names {
    if pieces(typed).iter().any(|(_, piece)| matches!(piece, Piece::Quoted(_))) {
        return Names::default();
    }
    let tokens: Vec<Token> = text::tokens(typed).into_iter().take(QUERY_WORDS_MAX).collect();
    let mut taken = vec![false; tokens.len()];
    let unwanted: Vec<Range<usize>> = pieces(typed).into_iter().filter_map(excluded).collect();
    let excluded = |token: &Token| unwanted.iter().any(|unwanted| unwanted.contains(&token.start));
    tokens.iter().zip(&mut taken).for_each(|(token, taken)| *taken = excluded(token));
    let compounds = text::compounds(typed, &tokens);
    let measures = measures(&compounds);
    let cuts = |span: &Range<usize>| measures.iter().any(|measure| cuts(span, measure));
    let mut found: Vec<(Range<usize>, Name)> = Vec::new();
    for compound in compounds.iter().filter(|compound| !taken[compound.parts.clone()].contains(&true)) {
        if let Some(name) = size(compound, index, hearing.ignored) {
            found.push((compound.parts.clone(), Name { words: said(typed, &tokens[compound.parts.clone()]), ..name }));
        }
    }
    found.iter().for_each(|(span, _)| taken[span.clone()].fill(true));
    for length in (1..=WORDS_MAX.min(tokens.len())).rev() {
        for start in 0..=tokens.len() - length {
            let span = start..start + length;
            if found.len() == NAMES_MAX || taken[span.clone()].contains(&true) || cuts(&span) {
                continue;
            }
            let terms: Vec<&str> = tokens[span.clone()].iter().map(|token| token.term.as_str()).collect();
            if let Some(mut name) = likeliest(&terms, index, hearing.ignored) {
                name.words = said(typed, &tokens[span.clone()]);
                taken[span.clone()].fill(true);
                found.push((span, name));
            }
        }
    }
    measures.into_iter().for_each(|measure| taken[measure].fill(true));
    let query = Said { typed, tokens: &tokens, taken: &taken };
    let head = query.head(&found, hearing.language);
    let asked = head.filter(|_| !hearing.ignored.contains(&IntentKind::Category));
    let is_whatever_belongs = asked.is_some_and(|head| query.ask_for_what_belongs(head, &mut found, index, hearing));
    if let Some(head) = asked.filter(|_| !is_whatever_belongs) {
        query.ask_for_the_thing(head, &mut found, index, hearing);
    }
    found.sort_by_key(|(span, _)| span.start);
    let head = head.map(|at| tokens[at].term.clone());
    Names { names: found.into_iter().map(|(_, name)| name).collect(), head, is_whatever_belongs }
}

fn excluded((at, piece): (usize, Piece<'_>)) -> Option<Range<usize>> {
    match piece {
        Piece::Excluded(text) | Piece::ExcludedQuote(text) => Some(at..at + text.len()),
        Piece::Plain(_) | Piece::Quoted(_) => None,
    }
}

fn said(typed: &str, tokens: &[Token]) -> String {
    let ends = tokens.first().zip(tokens.last());
    ends.map(|(first, last)| typed[first.start..last.end].to_owned()).unwrap_or_default()
}

/// A query and what is known of its tokens: which are part of a name or a measure, or shut out.
struct Said<'a> {
    typed: &'a str,
    tokens: &'a [Token],
    taken: &'a [bool],
}

impl Said<'_> {
    /// Where the thing itself stands.
    fn head(&self, found: &[(Range<usize>, Name)], language: Language) -> Option<usize> {
        let is_category = |at: usize| found.iter().any(|(span, name)| name.kind == IntentKind::Category && span.contains(&at));
        let is_number = |at: usize| self.tokens[at].term.starts_with(|letter: char| letter.is_ascii_digit());
        let is_aside = |at: usize| !is_category(at) && (self.taken[at] || is_number(at));
        let terms: Vec<&str> = self.tokens.iter().map(|token| token.term.as_str()).collect();
        // Where a shop keeps what a product is as a value like any other, `headphones` is one.
        let is_value = |at: usize| found.iter().any(|(span, name)| name.kind == IntentKind::Attribute && span.contains(&at));
        // `leather sofa brown`, in a shop that says no colours, asks for a sofa.
        // Nor does `dress shoes men` ask for men, in a shop with a category of that name.
        let is_said_of_it = |at: usize| is_aside(at) || is_whom(terms[at]) || !is_category(at) && is_never_the_thing(terms[at]);
        let heads = || head(&terms, is_aside, language).or_else(|| head(&terms, |at| is_aside(at) && !is_value(at), language));
        head(&terms, is_said_of_it, language).or_else(heads)
    }

    /// Makes sure of the categories that have the thing's name or are kinds of it: `lamp` is `Lamps` and `Desk lamps`.
    fn ask_for_the_thing(&self, head: usize, found: &mut Vec<(Range<usize>, Name)>, index: &SearchSnapshot, hearing: Hearing<'_>) {
        let terms: Vec<&str> = self.tokens.iter().map(|token| token.term.as_str()).collect();
        let known = found.iter().position(|(span, name)| name.kind == IntentKind::Category && span.contains(&head));
        let span = known.map_or(head..head + 1, |at| found.remove(at).0);
        let named = kinds_of(&terms[span.clone()], index, hearing.language);
        let is_own_name = !named.is_empty();
        let called = hearing.thesaurus.map(|thesaurus| thesaurus.called(&terms, head, hearing.language, index)).unwrap_or_default();
        let kinds = if is_own_name { named } else { kinds_of_any(&called, index, hearing.language) };
        if kinds.is_empty() {
            return;
        }
        let own_name = terms[span.clone()].iter().map(|term| (*term).to_owned()).collect();
        let names: Vec<Vec<String>> = std::iter::once(own_name).chain(called).collect();
        let others_said = (0..terms.len()).any(|at| !self.taken[at] && !span.contains(&at));
        let is_only = !found.iter().any(|(_, name)| name.kind == IntentKind::Category);
        let name = Name {
            kind: IntentKind::Category,
            field: FieldId::CATEGORY,
            apart: apart(&names, &kinds, hearing.language, index),
            terms: kinds,
            number: None,
            words: said(self.typed, &self.tokens[span.clone()]),
            confidence: NAMED,
            is_thing: true,
            is_own_name,
            is_all: is_only && !others_said,
        };
        found.push((span, name));
    }

    /// Makes sure of the categories of what belongs to a thing that is named beside a word such as `accessories`; says whether there are any.
    fn ask_for_what_belongs(
        &self,
        head: usize,
        found: &mut Vec<(Range<usize>, Name)>,
        index: &SearchSnapshot,
        hearing: Hearing<'_>,
    ) -> bool {
        if !is_whatever_belongs(&self.tokens[head].term) {
            return false;
        }
        let is_thing = |(span, name): &(Range<usize>, Name)| name.kind == IntentKind::Category && !span.contains(&head);
        let Some(at) = found.iter().position(is_thing) else { return false };
        let terms: Vec<&str> = found[at].0.clone().map(|at| self.tokens[at].term.as_str()).collect();
        let kinds = kinds_of(&terms, index, hearing.language);
        let belongings = apart(&[terms.iter().map(|term| (*term).to_owned()).collect()], &kinds, hearing.language, index);
        if belongings.is_empty() {
            return false;
        }
        let (span, name) = found.remove(at);
        found.retain(|(other, name)| name.kind != IntentKind::Category || !other.contains(&head));
        let span = span.start.min(head)..span.end.max(head + 1);
        let words = said(self.typed, &self.tokens[span.clone()]);
        found.push((span, Name { terms: belongings, words, confidence: NAMED, is_thing: true, ..name }));
        true
    }
}

/// The categories of this name and those that are kinds of it, the one with most products first; at most [`CATEGORIES_MAX`].
fn kinds_of(words: &[&str], index: &SearchSnapshot, language: Language) -> Vec<TermId> {
    let dictionary = index.columns.dictionary();
    let mut named = index.lexicon.named(words, dictionary);
    named.retain(|(term, _)| dictionary.field_of(*term) == FieldId::CATEGORY);
    let is_whole = named.iter().any(|(_, is_whole)| *is_whole);
    let exact = named.into_iter().filter(|(_, whole)| *whole == is_whole).map(|(term, _)| term);
    let mut kinds: Vec<TermId> = exact.chain(index.lexicon.kinds(words, language).iter().copied()).collect();
    kinds.retain(|kind| !dictionary.postings(*kind).is_empty());
    largest_first(kinds, index)
}

/// The categories of any of these names: what the thing is called in everyday language, when no category has its own name. A couch is looked for
/// among sofas.
fn kinds_of_any(names: &[Vec<String>], index: &SearchSnapshot, language: Language) -> Vec<TermId> {
    let words = |name: &Vec<String>| kinds_of(&name.iter().map(String::as_str).collect::<Vec<_>>(), index, language);
    largest_first(names.iter().flat_map(words).collect(), index)
}

/// Each category once, the one with most products first; at most [`CATEGORIES_MAX`].
fn largest_first(mut kinds: Vec<TermId>, index: &SearchSnapshot) -> Vec<TermId> {
    kinds.sort_by_key(|kind| (Reverse(index.columns.dictionary().postings(*kind).len()), *kind));
    kinds.dedup();
    kinds.truncate(CATEGORIES_MAX);
    kinds
}

/// The tokens that say a measure together: the `l` of `1.5 l` is no size.
fn measures(compounds: &[Compound]) -> Vec<Range<usize>> {
    compounds.iter().filter(|compound| compound.role == text::Role::Whole).map(|compound| compound.parts.clone()).collect()
}

/// The value that `size 42` or `taille XL` names, of an attribute that holds sizes: the one that most products have. No other words name a mere number.
fn size(compound: &Compound, index: &SearchSnapshot, ignored: &[IntentKind]) -> Option<Name> {
    let value = compound.term.strip_prefix("size").filter(|_| compound.parts.len() == 2 && !ignored.contains(&IntentKind::Size))?;
    let dictionary = index.columns.dictionary();
    let fields = (0..dictionary.fields_count()).map(|number| FieldId(number as u32));
    let of_sizes = fields.filter(|field| !field.is_naming() && lexicon::kind_of(*field, dictionary) == IntentKind::Size);
    let of_sizes: Vec<FieldId> = of_sizes.collect();
    let texts = of_sizes.iter().filter_map(|field| dictionary.term(*field, value));
    let held = texts.map(|term| (dictionary.postings(term).len(), Reverse(term))).filter(|(holders_count, _)| *holders_count > 0);
    if let Some((_, Reverse(term))) = held.max() {
        return Some(Name::of(IntentKind::Size, dictionary.field_of(term), term, NAMED));
    }
    let number: f64 = value.parse().ok().filter(|_| index.vocabulary.df(value) > 0)?;
    let field = of_sizes.into_iter().find(|field| has_number(*field, number, index))?;
    Some(Name { terms: Vec::new(), number: Some(value.to_owned()), ..Name::of(IntentKind::Size, field, TermId(0), NAMED) })
}

/// Whether a product has a number in a field; the first ones that have any are looked at.
fn has_number(field: FieldId, number: f64, index: &SearchSnapshot) -> bool {
    let columns = &index.columns;
    let rows = columns.dictionary().field(field).numbered.iter().take(NUMBERED_MAX).filter_map(|ordinal| columns.row(Ordinal(ordinal)));
    rows.into_iter().any(|row| row.all().numbers_of(field).any(|own| own == number))
}

/// Whether a span holds a part of another one and not the whole.
fn cuts(span: &Range<usize>, whole: &Range<usize>) -> bool {
    let overlaps = span.start < whole.end && whole.start < span.end;
    overlaps && !(span.start <= whole.start && whole.end <= span.end)
}

/// What words that are denied name most likely, as something that a product has not; none when they name nothing.
pub(super) fn denied(terms: &[&str], index: &SearchSnapshot, ignored: &[IntentKind]) -> Option<Intent> {
    let intent = likeliest(terms, index, ignored)?.intent(&index.columns);
    Some(Intent { filter: format!("NOT {}", intent.filter), ..intent })
}

/// What the words name most likely, if they name anything.
fn likeliest(terms: &[&str], index: &SearchSnapshot, ignored: &[IntentKind]) -> Option<Name> {
    let dictionary = index.columns.dictionary();
    let rarest = terms.iter().map(|term| index.vocabulary.df(term)).min().unwrap_or(0);
    if rarest == 0 {
        return None;
    }
    let candidates = index.lexicon.named(terms, dictionary).into_iter().filter_map(|(term, is_whole)| {
        let field = dictionary.field_of(term);
        let kind = lexicon::kind_of(field, dictionary);
        let holders = dictionary.postings(term).len();
        let share = (holders as f32 / rarest as f32).min(1.0);
        // Whoever says all the words of a category's name means it, however many descriptions say one of them: `iphone 7 cases`.
        let is_its_name = kind == IntentKind::Category && is_whole && terms.len() > 1;
        let confidence = if is_its_name { share.max(NAMED) } else { share };
        let is_sure = confidence >= CONFIDENCE_MIN && !ignored.contains(&kind);
        is_sure.then(|| (is_whole, Name::of(kind, field, term, confidence)))
    });
    // `beds` are the category of that name before `Beds & Headboards`.
    candidates.max_by(|a, b| a.0.cmp(&b.0).then_with(|| a.1.likelihood(&b.1))).map(|(_, name)| name)
}
