//! From what was typed to what is looked for: words with their alternatives, words that must or must not be there.
//!
//! - `-word` at the beginning of a word shuts products with that word out.
//! - `"two words"` must be there, whatever else is given up; order and distance do not count.
//! - Words that say nothing (`for`, `with`) are not looked for when there are others.
//! - A word that no product has is read as the nearest one that some product has, or as two words written as one; two words that the shop
//!   writes as one are looked for as one too. What was typed stays an alternative. Words with digits are never changed.

use super::columns::FieldId;
use super::compound;
use super::index::{SearchSnapshot, TermGroup, word_number};
use super::languages::Stems;
use super::merchandising::Synonyms;
use super::request::QUERY_TERMS_MAX;
use crate::text::{self, Language};

/// What a corrected word counts, against the typed one.
const CORRECTED_WEIGHT: f32 = 0.9;
/// What a synonym counts, against the typed word: of two products that are alike the one with the typed word stands first.
const SYNONYM_WEIGHT: f32 = 0.9;
/// Words that join others and say nothing of a product.
const STOP_WORDS: [&str; 14] = ["a", "an", "and", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with"];

/// Words of a name that is looked up.
const NAME_WORDS_MAX: usize = 4;
/// One of so many products with a word must say it right behind a joining word for the two to be a fixed phrase.
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
    /// The plain terms that it was put together from; none for a plain one.
    pub parts: Vec<String>,
    /// Synonyms, each as terms that a product must all have.
    pub synonyms: Vec<Vec<String>>,
    /// Whether it stood in quotes, so that it is never given up.
    pub is_quoted: bool,
}

impl Word {
    pub(super) fn plain(typed: String) -> Self {
        Self { typed, others: Vec::new(), writings: Vec::new(), parts: Vec::new(), synonyms: Vec::new(), is_quoted: false }
    }

    /// As the index takes it.
    #[must_use]
    pub fn group(&self) -> TermGroup {
        let others = self.others.iter().map(|other| (other.clone(), CORRECTED_WEIGHT));
        let synonyms = self.synonyms.iter().map(|terms| (terms.clone(), SYNONYM_WEIGHT));
        let terms = std::iter::once((self.typed.clone(), 1.0)).chain(self.writings.iter().cloned()).chain(others).collect();
        TermGroup { terms, phrases: synonyms.collect(), ..TermGroup::default() }
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
        let writings = self.writings.iter().map(|(term, _)| term);
        let single = std::iter::once(&self.typed).chain(&self.others).chain(writings).map(|term| products_count(term)).max();
        let phrases = self.synonyms.iter().filter_map(|terms| terms.iter().map(|term| products_count(term)).min()).max();
        single.max(phrases).unwrap_or(0)
    }

    /// The plain terms that say what it means.
    pub fn meaning(&self) -> impl Iterator<Item = &str> {
        let whole = self.parts.is_empty().then(|| self.read_as());
        self.parts.iter().map(String::as_str).chain(whole)
    }

    /// Every term that will do.
    pub fn terms(&self) -> impl Iterator<Item = &str> {
        let writings = self.writings.iter().map(|(term, _)| term);
        std::iter::once(&self.typed).chain(&self.others).chain(writings).chain(self.synonyms.iter().flatten()).map(String::as_str)
    }

    /// Every term that shows the word in a text: those that will do, and the plain ones that a compound was put together from.
    pub fn shown(&self) -> impl Iterator<Item = &str> {
        self.terms().chain(self.parts.iter().map(String::as_str))
    }
}

/// What a query says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Query {
    /// As typed, without blanks around it.
    pub typed: String,
    /// What to look for, each once.
    pub words: Vec<Word>,
    /// Each holds the terms of one excluded word; a product with all of them is out.
    pub excluded: Vec<Vec<String>>,
    /// Words that were read as others: as typed, as read.
    pub corrections: Vec<(String, String)>,
    /// Words beyond [`QUERY_TERMS_MAX`], which nobody looked at.
    pub dropped_count: usize,
}

impl Query {
    /// Whether everything matches.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        self.words.is_empty() && self.excluded.is_empty()
    }
}

/// What the vocabulary of the shop says about words.
pub trait Words {
    /// How many products have the word.
    fn products_count(&self, term: &str) -> u64;
    /// How many titles have the two words side by side.
    fn pair_count(&self, first: &str, second: &str) -> u64;
    /// The nearest word that some product has.
    fn correct(&self, term: &str) -> Option<String>;
    /// The two words that this one was made of.
    fn split(&self, term: &str) -> Option<(String, String)>;
    /// The one word that these two are usually written as.
    fn join(&self, first: &str, second: &str) -> Option<String>;
    /// Whether the shop's titles use the word only to join others.
    fn only_joins(&self, term: &str) -> bool;
    /// Whether a brand or a category has this name.
    fn is_name(&self, phrase: &str) -> bool;
}

/// The words of a shop as a query in one language meets them: a word is known when one with its stem is.
struct Known<'a> {
    index: &'a SearchSnapshot,
    stems: &'a Stems,
    synonyms: &'a Synonyms,
}

impl Words for Known<'_> {
    fn products_count(&self, term: &str) -> u64 {
        let vocabulary = &self.index.vocabulary;
        let of_stems = || self.stems.terms(term).map(|stem| vocabulary.df(&stem)).max().unwrap_or(0);
        let count = Some(vocabulary.df(term)).filter(|&count| count > 0).unwrap_or_else(of_stems);
        count.max(u64::from(self.synonyms.has(term)))
    }
    fn pair_count(&self, first: &str, second: &str) -> u64 {
        self.index.vocabulary.pair_titles_count(first, second)
    }
    fn correct(&self, term: &str) -> Option<String> {
        self.index.vocabulary.correct(term)
    }
    fn split(&self, term: &str) -> Option<(String, String)> {
        self.index.vocabulary.split(term)
    }
    fn join(&self, first: &str, second: &str) -> Option<String> {
        self.index.vocabulary.join(first, second)
    }
    fn only_joins(&self, term: &str) -> bool {
        self.index.stop_words.contains(word_number(term))
    }
    fn is_name(&self, phrase: &str) -> bool {
        let dictionary = self.index.columns.dictionary();
        [FieldId::BRAND, FieldId::CATEGORY].into_iter().any(|field| dictionary.term(field, phrase).is_some())
    }
}

/// Reads a query of a shop in the language of the marketplace that it is asked in.
#[must_use]
pub fn understand_in(typed: &str, language: Language, index: &SearchSnapshot, synonyms: &Synonyms) -> Query {
    let stems = Stems::of(typed, language);
    let mut query = understand(typed, &Known { index, stems: &stems, synonyms });
    stems.offer(&mut query);
    query
}

/// Reads a query.
#[must_use]
pub fn understand(typed: &str, vocabulary: &impl Words) -> Query {
    let mut query = Query { typed: typed.trim().to_owned(), ..Query::default() };
    for piece in pieces(&query.typed.clone()) {
        take_piece(piece, &mut query);
    }
    drop_stop_words(&mut query.words, vocabulary);
    correct(&mut query, vocabulary);
    compound::look_for_compounds(&mut query, vocabulary);
    query
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    Plain(&'a str),
    Quoted(&'a str),
    Excluded(&'a str),
}

/// Cuts at blanks and quotes. A quote opens only at the beginning of a word, so that `24" frame` keeps its inches.
pub(super) fn pieces(typed: &str) -> Vec<Piece<'_>> {
    let mut found = Vec::new();
    let mut rest = typed.trim_start();
    while let Some(first) = rest.chars().next() {
        if first == '"'
            && let Some(end) = rest[1..].find('"')
        {
            found.push(Piece::Quoted(&rest[1..=end]));
            rest = rest[end + 2..].trim_start();
            continue;
        }
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        let word = &rest[..end];
        match word.strip_prefix('-').filter(|excluded| excluded.starts_with(char::is_alphanumeric)) {
            Some(excluded) => found.push(Piece::Excluded(excluded)),
            None => found.push(Piece::Plain(word)),
        }
        rest = rest[end..].trim_start();
    }
    found
}

fn take_piece(piece: Piece<'_>, query: &mut Query) {
    let (text, is_quoted) = match piece {
        Piece::Plain(text) => (text, false),
        Piece::Quoted(text) => (text, true),
        Piece::Excluded(text) => {
            let terms = text::terms(text);
            if !terms.is_empty() && query.excluded.len() < QUERY_TERMS_MAX {
                query.excluded.push(terms.into_iter().take(QUERY_TERMS_MAX).collect());
            }
            return;
        }
    };
    for term in text::terms(text) {
        if let Some(known) = query.words.iter_mut().find(|word| word.typed == term) {
            known.is_quoted |= is_quoted;
        } else if query.words.len() < QUERY_TERMS_MAX {
            query.words.push(Word { is_quoted, ..Word::plain(term) });
        } else {
            query.dropped_count += 1;
        }
    }
}

/// The terms that are asked for, in order, with repetitions and without excluded ones.
#[must_use]
pub fn asked_terms(typed: &str) -> Vec<String> {
    let asked = pieces(typed).into_iter().filter_map(|piece| match piece {
        Piece::Plain(text) | Piece::Quoted(text) => Some(text),
        Piece::Excluded(_) => None,
    });
    asked.flat_map(text::terms).take(QUERY_TERMS_MAX).collect()
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

/// Drops words that only join others, unless there are no others.
fn drop_stop_words(words: &mut Vec<Word>, vocabulary: &impl Words) {
    let joins = |word: &Word| STOP_WORDS.contains(&word.typed.as_str()) || vocabulary.only_joins(&word.typed);
    let says_nothing = |at: usize| !words[at].is_quoted && joins(&words[at]) && !belongs_to_a_name(words, at, vocabulary);
    let mut dropped = (0..words.len()).map(says_nothing).collect::<Vec<bool>>().into_iter();
    if dropped.clone().any(|dropped| !dropped) {
        words.retain(|_| !dropped.next().unwrap_or(false));
    }
}

/// Whether a word and its neighbours are a fixed phrase: the name of a brand or category ("the north face"), or two words of which the
/// other is seldom said without this one ("to go cups", "on ear").
fn belongs_to_a_name(words: &[Word], at: usize, vocabulary: &impl Words) -> bool {
    let phrase = |from: usize, to: usize| words[from..to].iter().map(|word| word.typed.as_str()).collect::<Vec<_>>().join(" ");
    let spans = (at.saturating_sub(NAME_WORDS_MAX - 1)..=at)
        .flat_map(|from| (at + 1..=words.len().min(from + NAME_WORDS_MAX)).map(move |to| (from, to)));
    let fixed = words.get(at + 1).is_some_and(|next| {
        let together = vocabulary.pair_count(&words[at].typed, &next.typed);
        together > 0 && together.saturating_mul(FIXED_SHARE) >= vocabulary.products_count(&next.typed)
    });
    fixed || spans.into_iter().any(|(from, to)| vocabulary.is_name(&phrase(from, to)))
}

/// Gives unknown words their corrections and split words their joined form.
fn correct(query: &mut Query, vocabulary: &impl Words) {
    let mut corrected: Vec<Word> = Vec::with_capacity(query.words.len());
    let mut joined_with_last = false;
    for word in std::mem::take(&mut query.words) {
        let joined = corrected.last().filter(|last| !joined_with_last && !last.is_quoted && !word.is_quoted);
        if let Some(joined) = joined.and_then(|last| vocabulary.join(&last.typed, &word.typed)) {
            join(&mut corrected, word, joined, &mut query.corrections);
            joined_with_last = true;
            continue;
        }
        joined_with_last = false;
        if word.is_quoted || vocabulary.products_count(&word.typed) > 0 {
            corrected.push(word);
        } else {
            corrected.extend(replaced(word, vocabulary, &mut query.corrections));
        }
    }
    query.words = corrected;
}

/// Both words may stand as the one: a product that has it has both.
fn join(words: &mut Vec<Word>, second: Word, joined: String, corrections: &mut Vec<(String, String)>) {
    let Some(first) = words.last_mut() else { return };
    corrections.retain(|(typed, _)| *typed != first.typed);
    corrections.push((format!("{} {}", first.typed, second.typed), joined.clone()));
    first.others = vec![joined.clone()];
    words.push(Word { others: vec![joined], ..second });
}

/// The word or words that an unknown word was probably meant to be.
fn replaced(word: Word, vocabulary: &impl Words, corrections: &mut Vec<(String, String)>) -> Vec<Word> {
    let split = vocabulary.split(&word.typed);
    let is_a_pair = split.as_ref().is_some_and(|(first, second)| vocabulary.pair_count(first, second) > 0);
    let nearest = if is_a_pair { None } else { vocabulary.correct(&word.typed) };
    match (nearest, split) {
        (Some(nearest), _) => {
            corrections.push((word.typed.clone(), nearest.clone()));
            vec![Word { others: vec![nearest], ..word }]
        }
        (None, Some((first, second))) => {
            corrections.push((word.typed.clone(), format!("{first} {second}")));
            [first, second].into_iter().map(|half| Word { others: vec![half], ..word.clone() }).collect()
        }
        (None, None) => vec![word],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A shop that knows a handful of words.
    struct Shop;

    impl Words for Shop {
        fn products_count(&self, term: &str) -> u64 {
            u64::from(
                ["red", "shoe", "smoke", "alarm", "wallpaper", "wall", "paper", "lamp", "for", "the", "usb", "c", "north", "face", "go"]
                    .contains(&term),
            )
        }
        fn pair_count(&self, first: &str, second: &str) -> u64 {
            u64::from([("smoke", "alarm"), ("to", "go")].contains(&(first, second)))
        }
        fn correct(&self, term: &str) -> Option<String> {
            (term == "lmap").then(|| "lamp".to_owned())
        }
        fn split(&self, term: &str) -> Option<(String, String)> {
            term.strip_suffix("alarm").filter(|first| !first.is_empty()).map(|first| (first.to_owned(), "alarm".to_owned()))
        }
        fn join(&self, first: &str, second: &str) -> Option<String> {
            ((first, second) == ("wall", "paper")).then(|| "wallpaper".to_owned())
        }
        fn only_joins(&self, term: &str) -> bool {
            term == "mit"
        }
        fn is_name(&self, phrase: &str) -> bool {
            ["the north face", "on"].contains(&phrase)
        }
    }

    /// The words as `typed|others`, quoted ones with `!`, excluded ones with `-`.
    fn shown(typed: &str) -> String {
        let query = understand(typed, &Shop);
        let words = query.words.iter().map(|word| {
            let mark = if word.is_quoted { "!" } else { "" };
            format!("{mark}{}", word.terms().collect::<Vec<_>>().join("|"))
        });
        words.chain(query.excluded.iter().map(|terms| format!("-{}", terms.join("+")))).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn queries_are_read() {
        let check = |typed: &str, expected: &str| assert_eq!(shown(typed), expected, "{typed}");
        check("Red Shoes", "red shoe");
        check("red red RED", "red");
        check("shoes for the red", "shoe red");
        check("the", "the");
        check("lamp mit shoe", "lamp shoe");
        check("mit", "mit");
        check("the north face for red", "the north face red");
        check("the north", "north");
        check("on shoe", "on shoe");
        check("to go lamp", "to go lamp");
        check("red -shoes -usb-c", "red -shoe -usb+c");
        check("red - shoe", "red shoe");
        check("\"red shoe\" lamp", "!red !shoe lamp");
        check("24\" red \"the lamp", "24 red lamp");
        check("lmap", "lmap|lamp");
        check("smokealarm", "smokealarm|smoke smokealarm|alarm");
        check("wall paper", "wall|wallpaper paper|wallpaper");
        check("\"lmap\"", "!lmap");
        check("…", "");
    }

    #[test]
    fn what_was_changed_is_reported() {
        let corrections = |typed: &str| understand(typed, &Shop).corrections;
        assert_eq!(corrections("lmap"), [("lmap".to_owned(), "lamp".to_owned())]);
        assert_eq!(corrections("smokealarm"), [("smokealarm".to_owned(), "smoke alarm".to_owned())]);
        assert_eq!(corrections("wall paper"), [("wall paper".to_owned(), "wallpaper".to_owned())]);
        let long: String = (0..40).map(|number| format!("w{number} ")).collect();
        let query = understand(&long, &Shop);
        assert_eq!((query.words.len(), query.dropped_count), (QUERY_TERMS_MAX, 8));
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read(typed in "([a-z]{1,3}|\"|-| |\\PC){0,30}") {
            let _ = understand(&typed, &Shop);
        }
    }
}
