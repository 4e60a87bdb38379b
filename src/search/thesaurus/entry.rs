//! How the files of everyday words are read.
//!
//! ```text
//! # a comment
//! sofa, couch            each stands for the others
//! footwear > shoe, boot  who asks for the left finds the right too
//! ~ schuhe > shoe        words of another language, that nobody means by a misspelled word
//! = tap and die, ac dc   phrases that are no sum of their words: nothing stands for a part of them
//! ```
//!
//! Words of a line are cut into terms as documents are, without those that only join others; of languages that are stemmed, stems stand in
//! their place, as the index keeps them beside the terms. What merely says more than a phrase (`toner cartridge` of `toner`) is found by the
//! phrase anyway and left out.

use crate::search::understand::without_stop_words;
use crate::text::{self, Language};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};

/// Words of the longest phrase that is looked up, those that join others included.
pub(super) const PHRASE_WORDS_MAX: usize = 5;

/// A phrase, by the keys of its words.
pub(super) type Phrase = Vec<String>;

/// The everyday words of one language.
#[derive(Debug)]
pub(super) struct Book {
    language: Language,
    /// What stands for a phrase; phrases as keys with a blank between.
    others: HashMap<String, Vec<Phrase>>,
    /// The keys that phrases begin with: most words of most queries begin none, and are not looked at further.
    firsts: HashSet<String>,
    /// The keys of all words of phrases.
    words: HashSet<String>,
    /// How a phrase was written, for people.
    written: HashMap<Phrase, String>,
    /// Every word as it is written, folded, with the phrases that have something in their place and it in them.
    spoken: BTreeMap<String, Vec<Phrase>>,
}

impl Book {
    /// Reads a file. A line that says nothing adds nothing; `every_line_says_something` holds the files to more.
    pub(super) fn read(lines: &str, language: Language) -> Self {
        let mut book = Self {
            language,
            others: HashMap::new(),
            firsts: HashSet::new(),
            words: HashSet::new(),
            written: HashMap::new(),
            spoken: BTreeMap::new(),
        };
        let mut elsewhere: HashSet<Phrase> = HashSet::new();
        for line in lines.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            if let Some(kept) = line.strip_prefix('=') {
                for phrase in book.phrases(kept) {
                    book.others.entry(phrase.join(" ")).or_default();
                }
                continue;
            }
            let (line, is_elsewhere) = line.strip_prefix('~').map_or((line, false), |line| (line, true));
            let (from, to) = line.split_once('>').unwrap_or((line, line));
            let (from, to) = (book.phrases(from), book.phrases(to));
            elsewhere.extend(from.iter().filter(|_| is_elsewhere).cloned());
            from.iter().for_each(|phrase| book.add(phrase, &to));
        }
        book.firsts = book.others.keys().filter_map(|phrase| phrase.split(' ').next()).map(str::to_owned).collect();
        let is_stood_for = |phrase: &Phrase| book.others.get(&phrase.join(" ")).is_some_and(|others| !others.is_empty());
        for (phrase, written) in book.written.iter().filter(|(phrase, _)| is_stood_for(phrase) && !elsewhere.contains(*phrase)) {
            for word in written.split_whitespace().map(text::fold).filter(|word| !book.language.joins(word)) {
                book.spoken.entry(word).or_default().push(phrase.clone());
            }
        }
        book.spoken.values_mut().for_each(|phrases| phrases.sort_unstable());
        book.words = book.others.keys().flat_map(|phrase| phrase.split(' ')).map(str::to_owned).collect();
        book
    }

    fn add(&mut self, phrase: &Phrase, to: &[Phrase]) {
        let known = self.others.entry(phrase.join(" ")).or_default();
        for other in to {
            let says_more = phrase.iter().all(|word| other.contains(word));
            if !says_more && !known.contains(other) {
                known.push(other.clone());
            }
        }
    }

    fn phrases(&mut self, list: &str) -> Vec<Phrase> {
        let mut phrases = Vec::new();
        for written in list.split(',').map(str::trim) {
            let phrase = self.phrase(written);
            if (1..=PHRASE_WORDS_MAX).contains(&phrase.len()) {
                self.written.entry(phrase.clone()).or_insert_with(|| written.to_owned());
                phrases.push(phrase);
            }
        }
        phrases
    }

    fn phrase(&self, written: &str) -> Phrase {
        if self.language == Language::English {
            return without_stop_words(text::terms(written));
        }
        let tokens = text::tokens(written).into_iter().filter(|token| !self.language.joins(&token.term));
        tokens.map(|token| self.key(&written[token.start..token.end]).unwrap_or(token.term)).collect()
    }

    /// A word as phrases are looked up by: its stem, marked as the index marks it.
    fn key(&self, word: &str) -> Option<String> {
        Some(self.language.marked(&self.language.stem(word)?))
    }

    fn key_of<'w>(&self, word: &'w str) -> Cow<'w, str> {
        self.key(word).map_or(Cow::Borrowed(word), Cow::Owned)
    }

    /// What stands for a phrase of terms or written words; none when nothing is known of it.
    pub(super) fn of<T: AsRef<str>>(&self, phrase: &[T]) -> Option<&Vec<Phrase>> {
        let mut words = phrase.iter().map(AsRef::as_ref).filter(|word| !self.language.joins(word));
        let first = words.next().map(|word| self.key_of(word)).filter(|first| self.firsts.contains(first.as_ref()))?;
        let phrase = words.fold(first.into_owned(), |phrase, word| phrase + " " + self.key_of(word).as_ref());
        self.others.get(&phrase)
    }

    /// What stands for a phrase of keys.
    pub(super) fn of_keys(&self, phrase: &Phrase) -> Option<&Vec<Phrase>> {
        self.others.get(&phrase.join(" "))
    }

    /// Words of phrases as they are written, with those phrases, from one on in order.
    pub(super) fn spoken_from<'b>(&'b self, first: &str) -> impl Iterator<Item = (&'b str, &'b Vec<Phrase>)> {
        self.spoken.range(first.to_owned()..).map(|(word, phrases)| (word.as_str(), phrases))
    }

    /// Whether a term or written word is part of some phrase.
    pub(super) fn has_word(&self, word: &str) -> bool {
        self.words.contains(self.key_of(word).as_ref())
    }

    /// A phrase as a person would write it.
    pub(super) fn written(&self, phrase: &[String]) -> String {
        self.written.get(phrase).cloned().unwrap_or_else(|| phrase.join(" "))
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.others.len()
    }
}
