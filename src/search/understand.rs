//! From what was typed to what is looked for: words with their alternatives, words that must or must not be there.
//!
//! - `-word` at the beginning of a word shuts products with that word out.
//! - `without a word` is a wish, not a demand (`denied`).
//! - `"two words"` must be there side by side, whatever else is given up, and `-"two words"` must not (`phrases`).
//! - Words that say nothing (`for`, `with`, and what this shop's titles use like them) are not looked for when there are others, unless
//!   they belong to a name ("the north face").
//! - Words that were probably meant as others are read as those (`spelling`): one as another, one as two, two as one. What was typed stays an
//!   alternative, and the query as a whole can be had as typed.
//! - Measures, dimensions and words with a hyphen are looked for as one (`compound`), and words by their stem (`languages`) and as the last part
//!   of others (`heads`).
//! - Of a query that is still being typed the last word may be unfinished: it stands for every word that begins with it.

mod part;
mod words;

pub use part::PartOf;
pub use words::Words;

use super::asked::{Asked, asked, take};
use super::blanks::offer_blanks;
use super::compound;
use super::denied::{Denied, offer_ways, take_denied};
use super::heads::{Heads, offer_katakana};
use super::index::{GROUPS_MAX, TermGroup};
use super::languages::Stems;
use super::moment::Moment;
use super::phrases::Phrase;
use super::reach::Reach;
use super::request::ShownBy;
use super::spelling::{ShopWords, Typed};
use super::thesaurus::Alternative;
use super::wishes::take_wishes;
use crate::id::MarketplaceId;

/// What a corrected word counts, against the typed one, when it is sure that it was meant.
const CORRECTED_WEIGHT: f32 = 0.9;
/// What a synonym counts, against the typed word.
const SYNONYM_WEIGHT: f32 = 0.9;
/// What a word counts that stands for the typed one in everyday language, against it: as likely as not it is what was meant, since the shop may
/// tell apart what people do not.
const ALTERNATIVE_WEIGHT: f32 = 0.5;
/// The same for a word that is the shop's own name of the thing: where laptops are called notebooks, those called `laptop` are locks and bags for some.
const USUAL_WEIGHT: f32 = 0.9;
/// Words that join others and say nothing of a product.
pub(super) const STOP_WORDS: [&str; 14] = ["a", "an", "and", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with"];
/// Words of a name that may hold one of them.
const NAME_WORDS_MAX: usize = 4;
/// A word belongs to its neighbour when that one is said with it once in so many times.
const FIXED_SHARE: u64 = 4;

/// One word to look for.
#[derive(Debug, Clone, PartialEq)]
pub struct Word {
    /// The term as typed.
    pub typed: String,
    /// Other terms that will do, such as a correction.
    pub others: Vec<String>,
    /// Other writings of the same, with what they count.
    pub writings: Vec<(String, f32)>,
    /// Words that end with it, where a language puts words together, with what they count.
    pub endings: Vec<(String, f32)>,
    /// What titles say for it and the index is not asked for: other forms of the word, and of those that end with it.
    pub forms: Vec<String>,
    /// The plain terms that it was put together from; none for a plain one.
    pub parts: Vec<String>,
    /// Synonyms, each as terms that a product must all have.
    pub synonyms: Vec<Vec<String>>,
    /// What stands for it in everyday language, each as terms that a product must all have.
    pub alternatives: Vec<Vec<String>>,
    /// Those of them that are the shop's own name of the thing, where it hardly calls a product by what was typed.
    pub usual: Vec<Vec<String>>,
    /// Whether no product has it and those are all there is.
    pub is_foreign: bool,
    /// Whether it stood in quotes, so that it is never given up.
    pub is_quoted: bool,
    /// As written, when it may go on.
    pub open: Option<String>,
    /// Whether it names the thing that is asked for.
    pub is_thing: bool,
    /// Whether it is the one that says what the thing is, in the grammar of the language: `bag` of `laptop bag`.
    pub is_head: bool,
    /// Whether it names who makes it, in a query that says no thing.
    pub is_maker: bool,
    /// Whether it is part of the name of a brand.
    pub is_brand: bool,
    /// What it was taken out of, where the language writes two words as one.
    pub part_of: Option<PartOf>,
    /// How likely it was meant as it is read, 0 to 1.
    pub sureness: f32,
}

impl Word {
    pub(super) fn plain(typed: String) -> Self {
        Self {
            typed,
            others: Vec::new(),
            writings: Vec::new(),
            endings: Vec::new(),
            forms: Vec::new(),
            parts: Vec::new(),
            synonyms: Vec::new(),
            alternatives: Vec::new(),
            is_foreign: false,
            is_quoted: false,
            open: None,
            is_thing: false,
            is_head: false,
            is_maker: false,
            is_brand: false,
            usual: Vec::new(),
            part_of: None,
            sureness: 1.0,
        }
    }

    /// As the index takes it.
    #[must_use]
    pub fn group(&self) -> TermGroup {
        let others = self.others.iter().map(|other| (other.clone(), CORRECTED_WEIGHT * self.sureness));
        // The beginning as typed and its singular: "glas" goes on to "glass", "shoes" is "shoe".
        let written = self.open.iter().filter(|written| **written != self.typed).map(|written| (written.clone(), 1.0));
        let typed = std::iter::once((self.typed.clone(), 1.0)).chain(written);
        TermGroup {
            terms: typed.chain(self.writings.iter().cloned()).chain(others).chain(self.endings.iter().cloned()).collect(),
            phrases: self.phrases().map(|(terms, weight)| (terms.clone(), weight)).collect(),
            prefix: self.open.is_some(),
            ..TermGroup::default()
        }
    }

    /// Phrases that will do in its place, with what they count; what a merchant said first.
    fn phrases(&self) -> impl Iterator<Item = (&Vec<String>, f32)> {
        let everyday = self.alternatives.iter().filter(|other| !self.synonyms.contains(other));
        let weight = |terms: &Vec<String>| if self.usual.contains(terms) { USUAL_WEIGHT } else { ALTERNATIVE_WEIGHT };
        self.synonyms.iter().map(|terms| (terms, SYNONYM_WEIGHT)).chain(everyday.map(move |terms| (terms, weight(terms))))
    }

    /// The term that it was read as.
    #[must_use]
    pub fn read_as(&self) -> &str {
        self.others.first().unwrap_or(&self.typed)
    }

    /// How many products have the word at most, when so many have each term: the most frequent alternative counts, and of a phrase its
    /// rarest term.
    #[must_use]
    pub fn holders(&self, products_count: impl Fn(&str) -> u64) -> u64 {
        let single = self.single_terms().map(&products_count).max();
        let phrases = self.phrases().filter_map(|(terms, _)| terms.iter().map(|term| products_count(term)).min()).max();
        single.max(phrases).unwrap_or(0)
    }

    fn single_terms(&self) -> impl Iterator<Item = &str> {
        let writings = self.writings.iter().chain(&self.endings).map(|(term, _)| term);
        std::iter::once(&self.typed).chain(&self.others).chain(writings).map(String::as_str)
    }

    /// The plain terms that say what it means.
    pub fn meaning(&self) -> impl Iterator<Item = &str> {
        let whole = (self.parts.is_empty() && !self.is_foreign).then(|| self.read_as());
        let everyday = self.alternatives.first().filter(|_| self.is_foreign).into_iter().flatten();
        self.parts.iter().chain(everyday).map(String::as_str).chain(whole)
    }

    /// Every term that will do.
    pub fn terms(&self) -> impl Iterator<Item = &str> {
        self.single_terms().chain(self.phrases().flat_map(|(terms, _)| terms).map(String::as_str))
    }

    /// Every term that shows the word in a text by itself: those that will do, their other forms, and the plain ones that a compound was put
    /// together from.
    pub fn shown(&self) -> impl Iterator<Item = &str> {
        let alone = self.phrases().filter(|(terms, _)| terms.len() == 1).flat_map(|(terms, _)| terms);
        self.single_terms().chain(alone.map(String::as_str)).chain(self.parts.iter().chain(&self.forms).map(String::as_str))
    }

    /// What words may begin with that it goes on to; none of one that is finished.
    pub fn beginnings(&self) -> impl Iterator<Item = &str> {
        self.open.iter().chain(self.others.iter().filter(|_| self.open.is_some())).map(String::as_str)
    }

    /// What shows it in a text, for those who mark it elsewhere.
    pub(super) fn shown_by(&self) -> ShownBy {
        let owned = |term: &str| term.to_owned();
        let terms = self.terms().chain(self.parts.iter().map(String::as_str)).map(owned).collect();
        ShownBy { terms, beginnings: self.beginnings().map(owned).collect() }
    }

    /// Phrases of several terms that show the word in a text that holds all of one.
    pub fn phrases_of_several(&self) -> impl Iterator<Item = &Vec<String>> {
        self.phrases().map(|(terms, _)| terms).filter(|terms| terms.len() > 1)
    }
}

/// What a query says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Query {
    /// As typed, without blanks around it.
    pub typed: String,
    /// What to look for, each once when all is read, at most [`GROUPS_MAX`] of them.
    pub words: Vec<Word>,
    /// Each holds the terms of one excluded word; a product with all of them is out.
    pub excluded: Vec<Vec<String>>,
    /// What was said in quotes, of several words.
    pub phrases: Vec<Phrase>,
    /// What it says that it does not want.
    pub denied: Vec<Denied>,
    /// What it says of the wish and not of a product, as it was typed; none of the words.
    pub wishes: Vec<String>,
    /// Words for what the thing is wanted for that no such thing has; none of the words.
    pub uses: Vec<String>,
    /// Whether it says what the thing is for, which some such thing has.
    pub is_for: bool,
    /// Whether it asks for two things, so that a product with either word has all that was asked for.
    pub is_either: bool,
    /// Words that were read as others: as typed, as read.
    pub corrections: Vec<(String, String)>,
    /// Words that the shop does not have and that were taken apart.
    pub apart: Vec<Alternative>,
    /// The whole as it was read: what was typed with the corrections in place.
    pub read: String,
    /// Words beyond [`super::request::QUERY_TERMS_MAX`], which nobody looked at.
    pub dropped_count: usize,
    /// Excluded words beyond [`super::request::QUERY_TERMS_MAX`], likewise.
    pub dropped_excluded_count: usize,
}

impl Query {
    /// Whether everything matches.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        self.words.is_empty() && self.excluded.is_empty()
    }

    /// Adds a word, unless it is there.
    pub(super) fn add(&mut self, word: Word) {
        match self.words.iter_mut().find(|known| known.typed == word.typed && known.others == word.others) {
            Some(known) => {
                known.is_quoted |= word.is_quoted;
                known.open = known.open.take().or(word.open);
            }
            None => self.words.push(word),
        }
    }
}

/// How a query is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Manner {
    /// Nothing is corrected.
    pub as_typed: bool,
    /// The last word may be unfinished.
    pub is_open: bool,
    /// What words mean in everyday language does not count: they may be typing errors.
    pub without_thesaurus: bool,
}

/// Reads a query with all that a shop knows at one moment, in the language of the marketplace that it is asked in.
#[must_use]
pub fn understand_at(moment: &Moment, marketplace: Option<&MarketplaceId>, typed: &str, manner: Manner) -> Query {
    understand_within(moment, marketplace, typed, manner, None)
}

/// The same with what whoever asks may know of; none is all.
pub(super) fn understand_within(
    moment: &Moment,
    marketplace: Option<&MarketplaceId>,
    typed: &str,
    manner: Manner,
    reach: Option<&Reach<'_>>,
) -> Query {
    let stems = Stems::of(typed, moment.index.languages.of(marketplace));
    let words = ShopWords {
        index: &moment.index,
        signals: &moment.signals,
        demand: &moment.demand,
        synonyms: moment.settings.synonyms(),
        thesaurus: moment.index.languages.thesaurus(marketplace).filter(|_| !manner.without_thesaurus),
        stems: &stems,
        reach,
    };
    let mut query = understand(typed, manner, &words);
    stems.offer(&mut query, &moment.index.vocabulary);
    query.denied.iter_mut().flat_map(|denied| &mut denied.words).for_each(|word| stems.offer_to(word, &moment.index.vocabulary));
    if !manner.as_typed {
        let vocabulary = &moment.index.vocabulary;
        Heads::of(stems.language(), vocabulary).iter().for_each(|heads| heads.offer(&mut query, &stems));
        offer_katakana(&mut query, vocabulary);
        offer_blanks(&mut query, &moment.index);
    }
    query
}

/// Reads a query.
#[must_use]
pub fn understand(typed: &str, manner: Manner, vocabulary: &impl Words) -> Query {
    let mut query = Query { typed: typed.trim().to_owned(), ..Query::default() };
    let (mut asked, looked_at) = asked(&mut query);
    take_wishes(&mut asked, &mut query, manner, vocabulary);
    // A word goes on when nothing follows it, not even a blank, a quote or an excluded word.
    let is_last = |asked: &Asked| typed.ends_with(char::is_alphanumeric) && asked.at.end == query.typed.len();
    let open = asked.len().checked_sub(1).filter(|&last| manner.is_open && is_last(&asked[last]));
    let typed_word = |(at, asked): (usize, &Asked)| Typed {
        written: asked.written.clone(),
        term: asked.term.clone(),
        fixed: asked.is_quoted || Some(at) == open || asked.is_of_a_code(&query.typed),
        is_word: false,
    };
    let typed_words: Vec<Typed> = asked.iter().enumerate().map(typed_word).collect();
    let readings = if manner.as_typed { Vec::new() } else { vocabulary.readings(&typed_words) };
    take(&asked, &readings, &mut query);
    if open.is_some()
        && let Some(last) = query.words.last_mut()
    {
        let written = &asked[asked.len() - 1].written;
        let meant = go_on(last, written, manner, vocabulary);
        query.corrections.extend(meant.map(|meant| (written.clone(), meant)));
    }
    if !manner.as_typed {
        take_denied(&mut query, vocabulary);
        offer_ways(&mut query.words, vocabulary);
    }
    std::mem::take(&mut query.words).into_iter().for_each(|word| query.add(word));
    drop_stop_words(&mut query.words, vocabulary);
    compound::look_for_compounds(&mut query, looked_at, vocabulary);
    // Words that were taken apart may be more than were typed.
    query.dropped_count += query.words.len().saturating_sub(GROUPS_MAX);
    query.words.truncate(GROUPS_MAX);
    query
}

/// Lets the last word go on, also as what it was probably meant to be when no word begins so; says that.
fn go_on(last: &mut Word, written: &str, manner: Manner, vocabulary: &impl Words) -> Option<String> {
    last.open = Some(written.to_owned());
    let meant = if manner.as_typed { None } else { vocabulary.beginning(written) };
    last.others.extend(meant.clone());
    meant
}

/// Terms as a query of them would look for them: each once, and without those that say nothing in any shop when there are others.
#[must_use]
pub fn without_stop_words(terms: Vec<String>) -> Vec<String> {
    let says_nothing = |term: &String| STOP_WORDS.contains(&term.as_str());
    let has_others = !terms.iter().all(says_nothing);
    let mut kept: Vec<String> = Vec::new();
    for term in terms.into_iter().filter(|term| !has_others || !says_nothing(term)) {
        if !kept.contains(&term) {
            kept.push(term);
        }
    }
    kept
}

/// Drops words that only join others, unless there are no others. What only this shop's titles tell of a word holds where it does join: nobody
/// begins or ends with one, while `white sneakers` begins and `jeans blue` ends with a colour, which titles of `brand gender colour thing` use alike.
fn drop_stop_words(words: &mut Vec<Word>, vocabulary: &impl Words) {
    let stands_between = |at: usize| at > 0 && at + 1 < words.len();
    let joins_here = |at: usize| if stands_between(at) { joins(&words[at], vocabulary) } else { joins_anywhere(&words[at], vocabulary) };
    let says_nothing = |at: usize| !words[at].is_quoted && joins_here(at) && !belongs_to_a_name(words, at, vocabulary);
    let mut dropped = (0..words.len()).map(says_nothing).collect::<Vec<bool>>().into_iter();
    if dropped.clone().any(|dropped| !dropped) {
        words.retain(|_| !dropped.next().unwrap_or(false));
    }
}

/// Whether a word only joins others.
pub(super) fn joins(word: &Word, vocabulary: &impl Words) -> bool {
    joins_anywhere(word, vocabulary) || vocabulary.is_used_to_join(word.read_as())
}

fn joins_anywhere(word: &Word, vocabulary: &impl Words) -> bool {
    let term = word.read_as();
    STOP_WORDS.contains(&term) && vocabulary.joins_as_in_english(term) || vocabulary.only_joins(term)
}

/// Whether a word and its neighbours are a fixed phrase: the name of a brand or category ("the north face"), or two words of which the
/// other is seldom said without this one ("to go cups", "on ear").
pub(super) fn belongs_to_a_name(words: &[Word], at: usize, vocabulary: &impl Words) -> bool {
    let fixed = words.get(at + 1).is_some_and(|next| {
        let together = vocabulary.pair_count(&words[at].typed, &next.typed);
        together > 0 && together.saturating_mul(FIXED_SHARE) >= vocabulary.products_count(&next.typed)
    });
    fixed || is_in_a_name(words, at, vocabulary)
}

/// Whether a word and its neighbours are the name of a brand or category.
pub(super) fn is_in_a_name(words: &[Word], at: usize, vocabulary: &impl Words) -> bool {
    let phrase = |from: usize, to: usize| words[from..to].iter().map(|word| word.typed.as_str()).collect::<Vec<_>>().join(" ");
    let spans = (at.saturating_sub(NAME_WORDS_MAX - 1)..=at)
        .flat_map(|from| (at + 1..=words.len().min(from + NAME_WORDS_MAX)).map(move |to| (from, to)));
    spans.into_iter().any(|(from, to)| vocabulary.is_name(&phrase(from, to)))
}

#[cfg(test)]
mod tests;
