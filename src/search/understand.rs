//! From what was typed to what is looked for: words with their alternatives, words that must or must not be there.
//!
//! - `-word` at the beginning of a word shuts products with that word out.
//! - `"two words"` must be there, whatever else is given up; order and distance do not count.
//! - Words that say nothing (`for`, `with`) are not looked for when there are others.
//! - Words that were probably meant as others are read as those (`spelling`): one as another, one as two, two as one. What was typed stays an
//!   alternative, and the query as a whole can be had as typed.
//! - Of a query that is still being typed the last word may be unfinished: it stands for every word that begins with it.

use super::index::TermGroup;
use super::request::QUERY_TERMS_MAX;
use super::spelling::{Reading, Typed};
use crate::text;
use std::ops::Range;

/// What a corrected word counts, against the typed one.
const CORRECTED_WEIGHT: f32 = 0.9;
/// Words that join others and say nothing of a product.
const STOP_WORDS: [&str; 14] = ["a", "an", "and", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with"];

/// One word to look for.
#[derive(Debug, Clone, PartialEq)]
pub struct Word {
    /// The term as typed.
    pub typed: String,
    /// Other terms that will do, such as a correction.
    pub others: Vec<String>,
    /// Whether it stood in quotes, so that it is never given up.
    pub is_quoted: bool,
    /// As written, when it may go on.
    pub open: Option<String>,
}

impl Word {
    pub(super) fn plain(typed: String) -> Self {
        Self { typed, others: Vec::new(), is_quoted: false, open: None }
    }

    /// As the index takes it.
    #[must_use]
    pub fn group(&self) -> TermGroup {
        let others = self.others.iter().map(|other| (other.clone(), CORRECTED_WEIGHT));
        // The beginning as typed and its singular: "glas" goes on to "glass", "shoes" is "shoe".
        let written = self.open.iter().filter(|written| **written != self.typed).map(|written| (written.clone(), 1.0));
        let terms = std::iter::once((self.typed.clone(), 1.0)).chain(written).chain(others).collect();
        TermGroup { terms, prefix: self.open.is_some(), ..TermGroup::default() }
    }

    /// The term that it was read as.
    #[must_use]
    pub fn read_as(&self) -> &str {
        self.others.first().unwrap_or(&self.typed)
    }

    /// Every term that will do.
    pub fn terms(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.typed).chain(&self.others).map(String::as_str)
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
    /// The whole as it was read: what was typed with the corrections in place.
    pub read: String,
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

/// What the shop knows of words.
pub trait Words {
    /// The words of a query that were probably meant as others, in order and apart.
    fn readings(&self, typed: &[Typed]) -> Vec<Reading>;
    /// What the beginning of a word was probably meant to be, when no word begins so.
    fn beginning(&self, typed: &str) -> Option<String>;
}

/// How a query is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Manner {
    /// Nothing is corrected.
    pub as_typed: bool,
    /// The last word may be unfinished.
    pub is_open: bool,
}

/// Reads a query.
#[must_use]
pub fn understand(typed: &str, manner: Manner, vocabulary: &impl Words) -> Query {
    let mut query = Query { typed: typed.trim().to_owned(), ..Query::default() };
    let asked = asked(&mut query);
    // A word goes on when nothing follows it, not even a blank, a quote or an excluded word.
    let is_last = |asked: &Asked| typed.ends_with(char::is_alphanumeric) && asked.at.end == query.typed.len();
    let open = asked.len().checked_sub(1).filter(|&last| manner.is_open && is_last(&asked[last]));
    let fixed = |(at, asked): (usize, &Asked)| Typed { written: asked.written.clone(), fixed: asked.is_quoted || Some(at) == open };
    let typed: Vec<Typed> = asked.iter().enumerate().map(fixed).collect();
    let readings = if manner.as_typed { Vec::new() } else { vocabulary.readings(&typed) };
    take(&asked, &readings, &mut query);
    if open.is_some()
        && let Some(last) = query.words.last_mut()
    {
        go_on(last, &asked[asked.len() - 1].written, manner, vocabulary);
    }
    drop_stop_words(&mut query.words);
    query
}

#[derive(Debug, PartialEq, Eq)]
enum Piece<'a> {
    Plain(&'a str),
    Quoted(&'a str),
    Excluded(&'a str),
}

/// Cuts at blanks and quotes, with the place of each piece. A quote opens only at the beginning of a word, so that `24" frame` keeps its inches.
fn pieces(typed: &str) -> Vec<(usize, Piece<'_>)> {
    let mut found = Vec::new();
    let mut rest = typed.trim_start();
    while let Some(first) = rest.chars().next() {
        if first == '"'
            && let Some(end) = rest[1..].find('"')
        {
            found.push((typed.len() - rest.len() + 1, Piece::Quoted(&rest[1..=end])));
            rest = rest[end + 2..].trim_start();
            continue;
        }
        let at = typed.len() - rest.len();
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        let word = &rest[..end];
        match word.strip_prefix('-').filter(|excluded| excluded.starts_with(char::is_alphanumeric)) {
            Some(excluded) => found.push((at + 1, Piece::Excluded(excluded))),
            None => found.push((at, Piece::Plain(word))),
        }
        rest = rest[end..].trim_start();
    }
    found
}

/// A word that was asked for.
struct Asked {
    written: String,
    term: String,
    /// Where it stands in what was typed.
    at: Range<usize>,
    is_quoted: bool,
}

/// The words that are asked for in order, repetitions included; the excluded ones go into the query.
fn asked(query: &mut Query) -> Vec<Asked> {
    let mut asked: Vec<Asked> = Vec::new();
    let mut terms_count = 0;
    for (at, piece) in pieces(&query.typed) {
        let (text, is_quoted) = match piece {
            Piece::Plain(text) => (text, false),
            Piece::Quoted(text) => (text, true),
            Piece::Excluded(text) => {
                let terms = text::terms(text);
                if !terms.is_empty() && query.excluded.len() < QUERY_TERMS_MAX {
                    query.excluded.push(terms.into_iter().take(QUERY_TERMS_MAX).collect());
                }
                continue;
            }
        };
        for token in text::tokens(text) {
            let is_known = asked.iter().any(|asked| asked.term == token.term);
            if !is_known && terms_count == QUERY_TERMS_MAX {
                query.dropped_count += 1;
            } else if asked.len() < 2 * QUERY_TERMS_MAX {
                terms_count += usize::from(!is_known);
                let written = text::fold(&text[token.start..token.end]);
                asked.push(Asked { written, term: token.term, at: at + token.start..at + token.end, is_quoted });
            }
        }
    }
    asked
}

/// Puts the words into the query, as they were read.
fn take(asked: &[Asked], readings: &[Reading], query: &mut Query) {
    let (mut next, mut copied) = (0, 0);
    for reading in readings {
        let span = &asked[reading.typed.clone()];
        let (Some(first), Some(last)) = (span.first(), span.last()) else { continue };
        asked[next..reading.typed.start].iter().for_each(|word| query.add(Word::asked(word, Vec::new())));
        let terms: Vec<String> = reading.read.iter().map(|read| text::term_of(read)).collect();
        match terms.as_slice() {
            // A product that has the one word has both.
            [joined] => span.iter().for_each(|word| query.add(Word::asked(word, vec![joined.clone()]))),
            halves => halves.iter().for_each(|half| query.add(Word::asked(first, vec![half.clone()]))),
        }
        let typed: Vec<&str> = span.iter().map(|word| word.written.as_str()).collect();
        let read = reading.read.join(" ");
        query.read.push_str(&query.typed[copied..first.at.start]);
        query.read.push_str(&read);
        query.corrections.push((typed.join(" "), read));
        (next, copied) = (reading.typed.end, last.at.end);
    }
    asked[next..].iter().for_each(|word| query.add(Word::asked(word, Vec::new())));
    query.read.push_str(&query.typed[copied..]);
}

impl Query {
    /// Adds a word, unless it is there.
    fn add(&mut self, word: Word) {
        match self.words.iter_mut().find(|known| known.typed == word.typed && known.others == word.others) {
            Some(known) => known.is_quoted |= word.is_quoted,
            None => self.words.push(word),
        }
    }
}

impl Word {
    fn asked(asked: &Asked, others: Vec<String>) -> Self {
        Self { others, is_quoted: asked.is_quoted, ..Self::plain(asked.term.clone()) }
    }
}

/// Lets the last word go on, as what it was probably meant to be when no word begins so.
fn go_on(last: &mut Word, written: &str, manner: Manner, vocabulary: &impl Words) {
    last.open = Some(written.to_owned());
    if !manner.as_typed {
        last.others.extend(vocabulary.beginning(written));
    }
}

fn drop_stop_words(words: &mut Vec<Word>) {
    let says_nothing = |word: &Word| !word.is_quoted && STOP_WORDS.contains(&word.read_as());
    if !words.iter().all(says_nothing) {
        words.retain(|word| !says_nothing(word));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A shop that knows a handful of words.
    struct Shop;

    impl Words for Shop {
        fn readings(&self, typed: &[Typed]) -> Vec<Reading> {
            let read = |typed: Range<usize>, read: &str| Reading { typed, read: read.split(' ').map(str::to_owned).collect() };
            let one = |at: usize| match typed[at].written.as_str() {
                _ if typed[at].fixed => None,
                "lmap" => Some(read(at..at + 1, "lamp")),
                "lmaps" => Some(read(at..at + 1, "lamps")),
                "smokealarm" => Some(read(at..at + 1, "smoke alarm")),
                "infloor" => Some(read(at..at + 1, "in floor")),
                "wall" if typed.get(at + 1).is_some_and(|next| next.written == "paper") => Some(read(at..at + 2, "wallpaper")),
                _ => None,
            };
            (0..typed.len()).filter_map(one).collect()
        }
        fn beginning(&self, typed: &str) -> Option<String> {
            (typed == "haed").then(|| "head".to_owned())
        }
    }

    /// The words as `typed|others`, quoted ones with `!`, excluded ones with `-`.
    fn shown(typed: &str) -> String {
        shown_as(typed, Manner::default())
    }

    fn shown_as(typed: &str, manner: Manner) -> String {
        let query = understand(typed, manner, &Shop);
        let words = query.words.iter().map(|word| {
            let mark = if word.is_quoted { "!" } else { "" };
            let open = if word.open.is_some() { "…" } else { "" };
            format!("{mark}{}{open}", word.terms().collect::<Vec<_>>().join("|"))
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
        check("infloor lamp", "infloor|floor lamp");
        check("lmap red lmap", "lmap|lamp red");
        check("…", "");
    }

    #[test]
    fn what_was_changed_is_reported() {
        let corrections = |typed: &str| understand(typed, Manner::default(), &Shop).corrections;
        assert_eq!(corrections("lmap"), [("lmap".to_owned(), "lamp".to_owned())]);
        assert_eq!(corrections("smokealarm"), [("smokealarm".to_owned(), "smoke alarm".to_owned())]);
        assert_eq!(corrections("wall paper"), [("wall paper".to_owned(), "wallpaper".to_owned())]);
        let long: String = (0..40).map(|number| format!("w{number} ")).collect();
        let query = understand(&long, Manner::default(), &Shop);
        assert_eq!((query.words.len(), query.dropped_count), (QUERY_TERMS_MAX, 8));
    }

    #[test]
    fn the_whole_is_given_as_it_was_read() {
        let check = |typed: &str, expected: &str| assert_eq!(understand(typed, Manner::default(), &Shop).read, expected, "{typed}");
        check(" 1/2\" Lmaps, \"red\" ", "1/2\" lamps, \"red\"");
        check("smokealarm wall-paper -lmap", "smoke alarm wallpaper -lmap");
        check("red", "red");
        assert_eq!(shown_as("smokealarm lmap", Manner { as_typed: true, is_open: false }), "smokealarm lmap");
    }

    #[test]
    fn the_last_word_may_go_on_while_it_is_typed() {
        let check = |typed: &str, expected: &str| {
            assert_eq!(shown_as(typed, Manner { as_typed: false, is_open: true }), expected, "{typed}");
        };
        check("lmap shoes", "lmap|lamp shoe…");
        check("red lmap", "red lmap…");
        check("red haed", "red haed|head…");
        check("red shoe ", "red shoe");
        check("red -shoe", "red -shoe");
        check("\"red shoe\"", "!red !shoe");
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read(typed in "([a-z]{1,3}|\"|-| |\\PC){0,30}") {
            let query = understand(&typed, Manner { as_typed: false, is_open: true }, &Shop);
            proptest::prop_assert!(!query.corrections.is_empty() || query.read == query.typed);
        }
    }
}
