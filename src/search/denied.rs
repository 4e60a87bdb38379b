//! What a query says that it does not want, in everyday language: `jacket not waterproof`, `laptop without ssd`, `no black or leather bag`.
//!
//! Unlike `-word`, which shuts products out, this is a wish: a description may say a word of anything, so products with it stay in the match set
//! and stand lower in their class, and the answer says so. A title that says the same (`Phone without contract`) is no product with a contract,
//! and neither is one that can be had without: of a shirt in black and in red, `not black` means the red one.
//! What titles say of such products is looked for beside the rest, in whatever words they say it: `ohne Zucker`, `zuckerfrei`.
//! `sugar free chocolate` does not want sugar either, and wants what says so most; where nothing says so, what does not say `sugar` is as good.
//! Nothing is denied where the words are a name (`Not Your Mother's`) or titles say them together, nor by a query that says nothing else.

use super::SearchError;
use super::columns::{Dictionary, Row, TermId};
use super::dense::DenseSet;
use super::index::{SearchSnapshot, TermGroup, TextQuery, word_number};
use super::understand::{PartOf, Query, Word, Words, belongs_to_a_name, joins};
use crate::id::Ordinal;
use crate::text::{self, Language};
use roaring::RoaringBitmap;
use std::collections::HashMap;
use std::ops::Range;

/// Words of a name that is denied.
const WORDS_MAX: usize = 3;
/// A word belongs to the one behind it when it is said before that in one title of so many.
const BEFORE_SHARE: u64 = 2;

/// Words that are not wanted.
#[derive(Debug, Clone, PartialEq)]
pub struct Denied {
    /// The word that denies them, as typed.
    pub by: String,
    /// The words.
    pub words: Vec<Word>,
    /// All terms of the query that say it, in a row; none where they are looked for as well.
    span: Vec<String>,
    /// Whether it stands behind them: `sugar free`.
    is_behind: bool,
    /// How titles say so, each as terms: `ohne zucker`, `zuckerfrei`.
    ways: Vec<Vec<String>>,
}

impl Denied {
    /// As the query says it.
    #[must_use]
    pub fn said(&self) -> String {
        let mut said: Vec<&str> = self.terms().collect();
        said.insert(if self.is_behind { said.len() } else { 0 }, &self.by);
        said.join(" ")
    }

    /// The terms that are not wanted, as they were read.
    pub fn terms(&self) -> impl Iterator<Item = &str> {
        self.words.iter().map(Word::read_as)
    }

    fn of(query: &Query, at: usize, words: Range<usize>, by: &str, vocabulary: &impl Words) -> Self {
        let span = query.words[at..words.end].iter().map(|word| word.read_as().to_owned()).collect();
        let said: Vec<&str> = query.words[words.clone()].iter().map(Word::read_as).collect();
        let ways = vocabulary.ways_to_lack(&said);
        let is_alone = words.len() == 1;
        let words = query.words[words].iter().filter(|word| is_alone || !joins(word, vocabulary)).cloned().collect();
        Self { by: by.to_owned(), words, span, is_behind: false, ways }
    }

    /// What is looked for as one word, though not demanded: what titles say of products that lack it. None where no title does.
    fn wanted(&self) -> Option<Word> {
        let ways = self.ways.clone();
        let part_of = Some(PartOf { whole: self.said(), is_beside: true });
        let word = || Word { alternatives: ways.clone(), usual: ways, is_foreign: true, part_of, ..Word::plain(self.said()) };
        (!self.ways.is_empty()).then(word)
    }
}

/// Lets other ways to say it do for words that say in one that something is not there: `ohne Zucker` for `zuckerfrei`.
pub(super) fn offer_ways(words: &mut [Word], vocabulary: &impl Words) {
    for word in words.iter_mut().filter(|word| is_plain(word)) {
        let Some(lacked) = vocabulary.lacked_by(&word.typed) else { continue };
        let mut ways = vocabulary.ways_to_lack(&[&lacked]);
        ways.retain(|way| *way != [word.typed.as_str()]);
        word.usual.extend(ways.iter().cloned());
        word.alternatives.extend(ways);
    }
}

/// Takes what is denied out of the words of a query.
pub(super) fn take_denied(query: &mut Query, vocabulary: &impl Words) {
    let (mut kept, mut denied): (Vec<Word>, Vec<Denied>) = (Vec::new(), Vec::new());
    let says_more = |word: &Word| word.is_quoted || !joins(word, vocabulary) && !vocabulary.is_or(&word.typed);
    let (mut at, mut says_something) = (0, false);
    while at < query.words.len() {
        if let Some(is_said) = lacked(query, at, vocabulary) {
            let [word, by] = [at, at + 1].map(|at| query.words[at].clone());
            let span = if is_said { Vec::new() } else { [&word, &by].map(|word| word.read_as().to_owned()).to_vec() };
            let ways = if is_said { Vec::new() } else { vocabulary.ways_to_lack(&[word.read_as()]) };
            let one = Denied { by: by.typed.clone(), words: vec![word.clone()], span, is_behind: true, ways };
            kept.extend(one.wanted());
            denied.push(one);
            says_something |= is_said;
            kept.extend([word, by].into_iter().filter(|_| is_said));
            at += 2;
            continue;
        }
        let Some((from, end)) = denied_by(query, at, vocabulary) else {
            says_something |= says_more(&query.words[at]);
            kept.push(query.words[at].clone());
            at += 1;
            continue;
        };
        let by = &query.words[at].typed;
        let mut take = |at: usize, words: Range<usize>| {
            let one = Denied::of(query, at, words, by, vocabulary);
            kept.extend(one.wanted());
            denied.push(one);
        };
        take(at, from..end);
        at = end;
        // `not black or red`.
        while query.words.get(at).is_some_and(|word| is_plain(word) && vocabulary.is_or(&word.typed))
            && let Some((from, end)) = named_after(query, at, vocabulary)
        {
            take(at, from..end);
            at = end;
        }
    }
    if says_something && !denied.is_empty() {
        query.words = kept;
        query.denied = denied;
    }
}

/// Whether the word at a place is not wanted because the next one says so behind it, and whether titles say it so: `sugar free`. Not of `white free
/// standing sink`, whose `free` titles say with what follows, nor of `pc games free`.
fn lacked(query: &Query, at: usize, vocabulary: &impl Words) -> Option<bool> {
    let (word, by) = query.words.get(at).zip(query.words.get(at + 1))?;
    let has_digit = word.typed.starts_with(|letter: char| letter.is_ascii_digit());
    if !is_plain(word) || !is_plain(by) || !vocabulary.lacks(&by.typed) || joins(word, vocabulary) || has_digit {
        return None;
    }
    let said_count = |first: &Word, second: &Word| {
        let pair = [first.read_as(), second.read_as()];
        vocabulary.pair_count(pair[0], pair[1]).max(u64::from(vocabulary.is_said(&pair)))
    };
    let next = query.words.get(at + 2);
    match (said_count(word, by), next.map_or(0, |next| said_count(by, next))) {
        (0, 0) => next.is_some().then_some(false),
        (before, behind) => (before > behind).then_some(true),
    }
}

fn is_plain(word: &Word) -> bool {
    !word.is_quoted && word.open.is_none()
}

/// Which words the one at a place denies; none when it is no such word.
fn denied_by(query: &Query, at: usize, vocabulary: &impl Words) -> Option<(usize, usize)> {
    let words = &query.words;
    if at + 1 == words.len() || !is_plain(&words[at]) || !says_no(words, at, vocabulary) || belongs_to_a_name(words, at, vocabulary) {
        return None;
    }
    let begins_a_name = |end: &usize| vocabulary.is_value(&words[at..*end].iter().map(Word::read_as).collect::<Vec<_>>());
    if (at + 2..=words.len().min(at + 1 + WORDS_MAX)).any(|end| begins_a_name(&end)) {
        return None;
    }
    named_after(query, at, vocabulary)
}

/// Whether a word says that what follows is not wanted.
fn says_no(words: &[Word], at: usize, vocabulary: &impl Words) -> bool {
    let typed = &words[at].typed;
    vocabulary.denies(typed) || words.get(at + 1).is_some_and(|next| vocabulary.may_deny(typed, next.read_as()))
}

/// The words behind a place that say one thing; `a` and `the` aside. Of `cordless phone no answering machine` that is the machine: titles hardly say
/// `answering` but before it.
fn named_after(query: &Query, at: usize, vocabulary: &impl Words) -> Option<(usize, usize)> {
    let words = &query.words;
    let can_be_denied = |word: &&Word| is_plain(word) && !word.typed.starts_with(|letter: char| letter.is_ascii_digit());
    let from = (at + 1..words.len()).find(|at| !joins(&words[*at], vocabulary))?;
    // `not black or not red`: the second denies for itself.
    if says_no(words, from, vocabulary) {
        return None;
    }
    let room = words[from..].iter().take(WORDS_MAX).take_while(can_be_denied).count();
    let says_something_before = words[..at].iter().any(|word| !joins(word, vocabulary));
    let is_one = |count: &usize| {
        let terms: Vec<&str> = words[from..from + count].iter().map(Word::read_as).collect();
        let (together, first) = match terms[..] {
            [first, second] if says_something_before => (vocabulary.pair_count(first, second), vocabulary.products_count(first)),
            _ => (0, 0),
        };
        let is_of_one = together > 0 && together * BEFORE_SHARE >= first;
        // `sans huile de palme`.
        let is_joined = *count == WORDS_MAX && joins(&words[from + 1], vocabulary) && vocabulary.is_said(&terms);
        *count == 1 || is_of_one || is_joined || query.typed.to_lowercase().contains(&terms.join("-")) || vocabulary.is_value(&terms)
    };
    let count = (1..=room).rev().find(is_one)?;
    Some((from, from + count))
}

/// Leaves one of those that deny the same.
pub(super) fn once(denied: &mut Vec<Denied>) {
    let mut known: Vec<Vec<String>> = Vec::new();
    denied.retain(|denied| {
        let terms: Vec<String> = denied.terms().map(str::to_owned).collect();
        let is_new = !known.contains(&terms);
        known.push(terms);
        is_new
    });
}

/// A text without what is denied in it.
pub(super) fn without_denied(read: &str, denied: &[Denied]) -> String {
    let mut rest = read.to_owned();
    for Denied { span, .. } in denied {
        // `w/o` is two tokens.
        let short =
            span.first().filter(|first| *first == "without").map(|_| ["w", "o"].into_iter().chain(span[1..].iter().map(String::as_str)));
        let writings: [Vec<&str>; 2] = [span.iter().map(String::as_str).collect(), short.into_iter().flatten().collect()];
        let tokens = text::tokens(&rest);
        let begins =
            |at: usize, said: &[&str]| tokens[at..].iter().map(|token| token.term.as_str()).take(said.len()).eq(said.iter().copied());
        let found = writings.iter().filter(|said| !said.is_empty()).find_map(|said| {
            let at = (0..tokens.len()).find(|at| begins(*at, said))?;
            Some(tokens[at].start..tokens[at + said.len() - 1].end)
        });
        if let Some(place) = found {
            rest = format!("{} {}", &rest[..place.start], &rest[place.end..]);
        }
    }
    rest
}

/// Of the products that were found, those that have all words of something that is denied, but for those whose titles deny it too and those that can
/// be had without.
///
/// # Errors
/// When the index cannot be read.
pub(super) fn products(
    query: &Query,
    language: Language,
    found: &RoaringBitmap,
    index: &SearchSnapshot,
) -> Result<Option<DenseSet>, SearchError> {
    if query.denied.is_empty() {
        return Ok(None);
    }
    let mut with_it = DenseSet::below(index.columns.ordinals_end());
    let numbers_of = |words: &[&str]| words.iter().map(|word| word_number(&text::term_of(word))).collect::<Vec<u32>>();
    let (denying, lacking) = (numbers_of(language.denying()), numbers_of(language.lacking()));
    for denied in &query.denied {
        let groups: Vec<TermGroup> = denied.words.iter().map(Word::group).collect();
        let numbers: Vec<u32> = denied.words.iter().flat_map(Word::shown).map(word_number).collect();
        let in_one: Vec<u32> =
            denied.ways.iter().filter_map(|way| way.first().filter(|_| way.len() == 1)).map(|term| word_number(term)).collect();
        let mut variants = Variants::of(denied);
        let mut is_without = |product: Ordinal| {
            let title = index.titles.words(product);
            let denies = |one: u32, next: u32| {
                denying.contains(&one) && numbers.contains(&next) || numbers.contains(&one) && lacking.contains(&next)
            };
            let says_so = title.windows(2).any(|pair| denies(pair[0], pair[1])) || title.iter().any(|word| in_one.contains(word));
            says_so || !title.iter().any(|word| numbers.contains(word)) && variants.can_be_had_without(product, index)
        };
        index.text.matches(&TextQuery { required: groups.len(), groups }, &mut |one| {
            if found.contains(one.ordinal.0) && !is_without(one.ordinal) {
                with_it.insert(one.ordinal);
            }
        })?;
    }
    Ok(Some(with_it))
}

/// Which variants have what is denied, by their own keywords.
pub(super) struct Variants<'a> {
    /// For each word what shows it.
    words: Vec<Vec<&'a str>>,
    /// Which of the words a keyword says: many variants share it.
    known: HashMap<TermId, u32>,
}

impl<'a> Variants<'a> {
    pub(super) fn of(denied: &'a Denied) -> Self {
        Self { words: denied.words.iter().map(|word| word.shown().collect()).collect(), known: HashMap::new() }
    }

    /// Whether a variant has all of the words.
    pub(super) fn has(&mut self, row: Row<'_>, variant: usize, dictionary: &Dictionary) -> bool {
        let words = &self.words;
        let said = |keyword: TermId| {
            let terms = text::terms(dictionary.text(keyword));
            let says = |word: &Vec<&str>| terms.iter().any(|term| word.contains(&term.as_str()));
            (0..).zip(words).filter(|(_, word)| says(word)).fold(0, |said, (place, _)| said | 1 << place)
        };
        let keywords = row.variant(variant).own.keywords();
        let all = keywords.fold(0, |all, keyword| all | *self.known.entry(keyword.term).or_insert_with(|| said(keyword.term)));
        all.count_ones() as usize == self.words.len()
    }

    /// Whether some variants of a product have it and others do not.
    fn can_be_had_without(&mut self, product: Ordinal, index: &SearchSnapshot) -> bool {
        if !index.columns.multi().contains(product.0) {
            return false;
        }
        let Some(row) = index.columns.row(product) else { return false };
        let dictionary = index.columns.dictionary();
        let with_count = (0..row.variants_count()).filter(|variant| self.has(row, *variant, dictionary)).count();
        with_count > 0 && with_count < row.variants_count()
    }
}

/// What is told of it.
pub(super) fn told(denied: &Denied) -> String {
    let terms: Vec<&str> = denied.terms().collect();
    format!("what has `{}` stands lower", terms.join(" "))
}
