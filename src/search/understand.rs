//! From what was typed to what is looked for: words with their alternatives, words that must or must not be there.
//!
//! - `-word` at the beginning of a word shuts products with that word out.
//! - `"two words"` must be there, whatever else is given up; order and distance do not count.
//! - Words that say nothing (`for`, `with`) are not looked for when there are others.
//! - A word that no product has is read as the nearest one that some product has, or as two words written as one; two words that the shop
//!   writes as one are looked for as one too. What was typed stays an alternative. Words with digits are never changed.

use super::index::{SearchSnapshot, TermGroup};
use super::request::QUERY_TERMS_MAX;
use crate::text;

/// What a corrected word counts, against the typed one.
const CORRECTED_WEIGHT: f32 = 0.9;
/// What a synonym counts, against the typed word: of two products that are alike the one with the typed word stands first.
const SYNONYM_WEIGHT: f32 = 0.9;
/// Words that join others and say nothing of a product.
const STOP_WORDS: [&str; 14] = ["a", "an", "and", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with"];

/// One word to look for.
#[derive(Debug, Clone, PartialEq)]
pub struct Word {
    /// The term as typed.
    pub typed: String,
    /// Other terms that will do, such as a correction.
    pub others: Vec<String>,
    /// Synonyms, each as terms that a product must all have.
    pub synonyms: Vec<Vec<String>>,
    /// Whether it stood in quotes, so that it is never given up.
    pub is_quoted: bool,
}

impl Word {
    pub(super) fn plain(typed: String) -> Self {
        Self { typed, others: Vec::new(), synonyms: Vec::new(), is_quoted: false }
    }

    /// As the index takes it.
    #[must_use]
    pub fn group(&self) -> TermGroup {
        let others = self.others.iter().map(|other| (other.clone(), CORRECTED_WEIGHT));
        let synonyms = self.synonyms.iter().map(|terms| (terms.clone(), SYNONYM_WEIGHT));
        let terms = std::iter::once((self.typed.clone(), 1.0)).chain(others).collect();
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
        let single = std::iter::once(&self.typed).chain(&self.others).map(|term| products_count(term)).max();
        let phrases = self.synonyms.iter().filter_map(|terms| terms.iter().map(|term| products_count(term)).min()).max();
        single.max(phrases).unwrap_or(0)
    }

    /// Every term that will do.
    pub fn terms(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.typed).chain(&self.others).chain(self.synonyms.iter().flatten()).map(String::as_str)
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
}

impl Words for SearchSnapshot {
    fn products_count(&self, term: &str) -> u64 {
        self.vocabulary.df(term)
    }
    fn pair_count(&self, first: &str, second: &str) -> u64 {
        self.vocabulary.pair_titles_count(first, second)
    }
    fn correct(&self, term: &str) -> Option<String> {
        self.vocabulary.correct(term)
    }
    fn split(&self, term: &str) -> Option<(String, String)> {
        self.vocabulary.split(term)
    }
    fn join(&self, first: &str, second: &str) -> Option<String> {
        self.vocabulary.join(first, second)
    }
}

/// Reads a query.
#[must_use]
pub fn understand(typed: &str, vocabulary: &impl Words) -> Query {
    let mut query = Query { typed: typed.trim().to_owned(), ..Query::default() };
    for piece in pieces(&query.typed.clone()) {
        take_piece(piece, &mut query);
    }
    drop_stop_words(&mut query.words);
    correct(&mut query, vocabulary);
    query
}

#[derive(Debug, PartialEq, Eq)]
enum Piece<'a> {
    Plain(&'a str),
    Quoted(&'a str),
    Excluded(&'a str),
}

/// Cuts at blanks and quotes. A quote opens only at the beginning of a word, so that `24" frame` keeps its inches.
fn pieces(typed: &str) -> Vec<Piece<'_>> {
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

/// Terms as a query of them would look for them: each once, and without those that say nothing when there are others.
#[must_use]
pub fn without_stop_words(terms: Vec<String>) -> Vec<String> {
    let mut words: Vec<Word> = Vec::new();
    for term in terms {
        if words.iter().all(|known| known.typed != term) {
            words.push(Word::plain(term));
        }
    }
    drop_stop_words(&mut words);
    words.into_iter().map(|word| word.typed).collect()
}

fn drop_stop_words(words: &mut Vec<Word>) {
    let says_nothing = |word: &Word| !word.is_quoted && STOP_WORDS.contains(&word.typed.as_str());
    if !words.iter().all(says_nothing) {
        words.retain(|word| !says_nothing(word));
    }
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
            u64::from(["red", "shoe", "smoke", "alarm", "wallpaper", "wall", "paper", "lamp", "for", "the", "usb", "c"].contains(&term))
        }
        fn pair_count(&self, first: &str, second: &str) -> u64 {
            u64::from((first, second) == ("smoke", "alarm"))
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
