//! What is called what was asked for, and what only speaks of it.
//!
//! A description of a cable may say `jacket`, and of a bulb `lamp`. As matches of `jacket under $80` they stand last, where nobody goes; but they are in
//! the total, in every facet, and first when a page is sorted by price. So where the shop has a category of the thing that is asked for and there is plenty
//! that is called so, by title, brand, category or a value, a product that says it elsewhere only is not found, and the answer says how many are left out.
//! Without categories nobody knows: of a shop's tablets the most wanted are called iPad, and only their descriptions say `tablet`.
//!
//! It depends on words alone, so the match set stays one: totals, facets, sorts and pages agree as before. Where fewer are called so everything that
//! says it is found, behind what is called so.

use super::heads::Heads;
use super::index::{SearchSnapshot, word_number};
use super::languages::Stems;
use super::matched::{Class, Match};
use super::understand::{Query, Word};
use crate::id::Ordinal;
use crate::search::columns::{FieldId, TermId, last_part};
use crate::text::{self, Language};
use std::collections::{BTreeSet, HashMap};

/// So many that are called so, and there is enough to choose from.
const PLENTY: usize = 20;
/// Longer values, and lists, are texts and not names: what is made of milk powder is no milk.
const NAME_BYTES_MAX: usize = 64;
const NAME_WORDS_MAX: usize = 4;

/// Takes out of matches that have all words those that are not called the thing that is asked for, where plenty are, and says so; where few are, those
/// stand behind them. `identified` are those that an identifier in the query names.
pub(super) fn keep(
    matches: &mut Vec<Match>,
    query: &Query,
    identified: &[Ordinal],
    index: &SearchSnapshot,
    language: Language,
) -> Option<String> {
    let things = things(query);
    if things.is_empty() {
        return None;
    }
    let judged = Names::of(&things, query, index, language).judge(matches, identified);
    lower(matches, &judged);
    let left_out_count = judged.iter().filter(|how| **how == Some(How::Elsewhere)).count();
    if matches.len() - left_out_count < PLENTY || left_out_count == 0 {
        return None;
    }
    let mut judged = judged.into_iter();
    matches.retain(|_| judged.next().flatten() != Some(How::Elsewhere));
    // Of two words that were read as one each is that one.
    let mut thing: Vec<&str> = things.iter().map(|word| word.read_as()).collect();
    thing.dedup();
    let thing = thing.join(" ");
    let (products, say, are) = if left_out_count == 1 { ("product", "says", "is") } else { ("products", "say", "are") };
    Some(format!("{left_out_count} {products} that {say} `{thing}` but {are} not called so {are} left out"))
}

/// Lowers those of these matches with all words that are not called one of the things, as long as any is.
pub(super) fn lower_others(
    matches: &mut [Match],
    things: &[&Word],
    query: &Query,
    identified: &[Ordinal],
    index: &SearchSnapshot,
    language: Language,
) {
    let judged = Names::of(things, query, index, language).judge(matches, identified);
    lower(matches, &judged);
}

fn lower(matches: &mut [Match], judged: &[Option<How>]) {
    if judged.contains(&Some(How::ByName)) {
        let others = matches.iter_mut().zip(judged).filter(|(_, how)| how.is_some_and(|how| how < How::ByName));
        others.for_each(|(found, _)| found.class = Class::SOME);
    }
}

/// The words that surely name the thing that is asked for.
pub(super) fn things(query: &Query) -> Vec<&Word> {
    query.words.iter().filter(|word| word.is_thing && !word.is_quoted && word.open.is_none()).collect()
}

/// The words of a thing, to be looked for in names.
struct Names<'a> {
    terms: BTreeSet<u32>,
    /// What is known of values, which many products share.
    values: HashMap<TermId, How>,
    index: &'a SearchSnapshot,
}

impl<'a> Names<'a> {
    fn of(things: &[&Word], query: &Query, index: &'a SearchSnapshot, language: Language) -> Self {
        // A `Taschenlampe` is called a lamp, also where two hundred other kinds are more frequent.
        let heads = Heads::of(language, &index.vocabulary);
        let stems = heads.map(|heads| (heads, Stems::of(&query.typed, language)));
        let kinds: Vec<String> =
            stems.iter().flat_map(|(heads, stems)| things.iter().flat_map(|word| heads.kinds_of(word, stems))).collect();
        let phrases = things.iter().flat_map(|word| word.phrases_of_several()).flatten();
        let terms = things.iter().flat_map(|word| word.shown()).chain(phrases.chain(&kinds).map(String::as_str)).map(word_number).collect();
        Self { terms, values: HashMap::new(), index }
    }

    /// How each of some matches is called them; none of one that lacks words, or that an identifier names.
    fn judge(&mut self, matches: &[Match], identified: &[Ordinal]) -> Vec<Option<How>> {
        let is_judged = |found: &Match| found.class == Class::ALL && !identified.contains(&found.ordinal);
        matches.iter().map(|found| is_judged(found).then(|| self.said_by(found.ordinal))).collect()
    }

    fn said_by(&mut self, product: Ordinal) -> How {
        let Self { terms, values, index } = self;
        if index.titles.words(product).iter().any(|number| terms.contains(number)) {
            return How::ByName;
        }
        let dictionary = index.columns.dictionary();
        let mut said =
            |field: FieldId, value: TermId| *values.entry(value).or_insert_with(|| said_in(field, dictionary.text(value), terms));
        let row = index.columns.row(product);
        let hows = row.iter().flat_map(|row| row.all().keywords().map(|keyword| said(keyword.field, keyword.term)).max());
        hows.max().unwrap_or(How::Elsewhere)
    }
}

/// How a product is called something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum How {
    /// Not at all: it says it elsewhere.
    Elsewhere,
    /// By a category of several things only: yeast extract among `Jams & butters` is no butter.
    ByShelf,
    /// By its title, its brand, a category of nothing else or another value.
    ByName,
}

fn said_in(field: FieldId, text: &str, terms: &BTreeSet<u32>) -> How {
    let says = |text: &str| text::terms(text).iter().any(|term| terms.contains(&word_number(term)));
    if field.is_naming() || text.len() > NAME_BYTES_MAX || !says(text) {
        return How::Elsewhere;
    }
    if field == FieldId::CATEGORY {
        let last = last_part(text);
        // Each category above it is a value of its own.
        let is_of_one = !last.contains(['&', ',', '/']) && !last.contains(" and ") && says(last);
        return if is_of_one { How::ByName } else { How::ByShelf };
    }
    let is_name = text.split_whitespace().count() <= NAME_WORDS_MAX && !text.contains(',');
    if is_name { How::ByName } else { How::Elsewhere }
}
