//! The words of one moment of the shop, as a query is read by them.

use super::lexicon::Lexicon;
use super::{Reading, Typed, unspaced};
use crate::search::columns::FieldId;
use crate::search::heads::{Heads, PutTogether, is_known_katakana};
use crate::search::index::{SearchSnapshot, TermGroup, TextQuery, is_a_quality, word_number};
use crate::search::languages::{Stems, forms};
use crate::search::merchandising::Synonyms;
use crate::search::reach::Reach;
use crate::search::thesaurus::Thesaurus;
use crate::search::understand::Words;
use crate::search::wishes;
use crate::signal::SignalTable;
use crate::signal::demand::DemandSnapshot;
use crate::text::{Language, PART_LETTERS_MIN, is_unit, term_of};

/// How titles say what people say with `no`: who types `no slip mat` wants one that is `non-slip` or `anti-slip`.
const WITHOUT: [&str; 2] = ["non", "anti"];

/// The index, for what words there are, and the live numbers, for what sells.
#[derive(Clone, Copy)]
pub struct ShopWords<'a> {
    /// Words.
    pub index: &'a SearchSnapshot,
    /// Live numbers.
    pub signals: &'a SignalTable,
    /// What people ask.
    pub demand: &'a DemandSnapshot,
    /// Words that merchants gave a meaning: those are no slips, whether or not some product has them.
    pub(in crate::search) synonyms: &'a Synonyms,
    /// Words of everyday language: those are none either.
    pub(in crate::search) thesaurus: Option<Thesaurus>,
    /// The stems of the query's words: a word is known when one with its stem is.
    pub(in crate::search) stems: &'a Stems,
    /// Whose words they may be; none for all.
    pub(in crate::search) reach: Option<&'a Reach<'a>>,
}

/// Readings that say what nobody who asks may know of, before the query stays as typed.
const READ_ANEW_MAX: usize = 8;

impl ShopWords<'_> {
    /// How many products have a word with the stem of a term of the query.
    fn stems_count(&self, term: &str) -> u64 {
        self.stems.terms(term).map(|stem| self.index.vocabulary.df(&stem)).max().unwrap_or(0)
    }

    /// What a term of the query is put together of.
    fn put_together(&self, term: &str) -> PutTogether {
        let heads = Heads::of(self.stems.language(), &self.index.vocabulary);
        heads.zip(self.stems.stem_of(term)).map(|(heads, stem)| heads.put_together(&stem)).unwrap_or_default()
    }

    /// The words of the shop that say in one that something is not there, as the index and titles have them.
    fn lacking_in_one(&self, term: &str) -> Vec<String> {
        let (language, vocabulary) = (self.stems.language(), &self.index.vocabulary);
        let stem = self.stems.stem_of(term).unwrap_or_else(|| term.to_owned());
        let mut found: Vec<String> = Vec::new();
        for ending in language.lacking_endings() {
            let parts =
                [stem.as_str(), term].into_iter().flat_map(|part| language.links().iter().map(move |link| format!("{part}{link}{ending}")));
            for word in parts {
                let of_stem = language.stem(&word).map(|stem| (language.marked(&stem), forms(language, &stem, vocabulary)));
                found.extend(of_stem.into_iter().flat_map(|(marked, forms)| forms.into_iter().chain([marked])).chain([word]));
            }
        }
        found.retain(|term| vocabulary.df(term) > 0);
        found.sort_unstable();
        found.dedup();
        found
    }

    /// How many products hold both terms; none when that cannot be read.
    fn products_with_both(&self, first: &str, second: &str) -> u64 {
        let groups = [first, second].map(TermGroup::exactly).to_vec();
        let mut count = 0;
        let read = self.index.text.matches(&TextQuery { groups, required: 2 }, &mut |_| count += 1);
        if read.is_ok() { count } else { 0 }
    }

    /// The likeliest readings by words that whoever asks may know of; what `read` is given may not be said.
    fn sayable(&self, read: impl Fn(&[String]) -> Vec<Reading>) -> Vec<Reading> {
        let mut unsaid = Vec::new();
        loop {
            let readings = read(&unsaid);
            let is_beyond = |word: &&String| self.reach.is_some_and(|reach| !reach.has_word(word));
            match readings.iter().flat_map(|reading| &reading.read).find(is_beyond) {
                None => return readings,
                Some(_) if unsaid.len() == READ_ANEW_MAX => return Vec::new(),
                Some(word) => unsaid.push(word.clone()),
            }
        }
    }

    /// Whether some product that holds the term has sold. Only asked of rare terms.
    fn sells(&self, term: &str) -> bool {
        let query = TextQuery { groups: vec![TermGroup::exactly(term)], required: 1 };
        let mut sells = false;
        let read = self.index.text.matches(&query, &mut |found| {
            sells = sells || self.signals.row(found.ordinal).velocity_long_per_day > 0.0;
        });
        // What cannot be read is not changed either.
        sells || read.is_err()
    }
}

impl Words for ShopWords<'_> {
    fn readings(&self, typed: &[Typed]) -> Vec<Reading> {
        let sells = |term: &str| self.sells(term);
        let beside = |first: &str, second: &str| self.index.has_rare_pair(first, second);
        let Self { index, demand, .. } = self;
        let products_count = index.text.products_count();
        // Of a query that denies something `nicht` is no slip of `inch`.
        let language = self.stems.language();
        let denies = |typed: &Typed| language.denies(&typed.term) || language.may_deny(&typed.term);
        let is_known = |typed: &Typed| {
            let is_wish = wishes::is_phrase(std::slice::from_ref(&typed.term), language);
            is_wish
                || self.synonyms.has(&typed.term)
                || self.stems_count(&typed.term) > 0
                || is_known_katakana(&typed.term, &index.vocabulary)
                || denies(typed)
                || self.lacked_by(&typed.term).is_some()
        };
        let terms: Vec<&str> = typed.iter().map(|typed| typed.term.as_str()).collect();
        let everyday = self.thesaurus.map_or_else(
            || vec![false; terms.len()],
            |thesaurus| thesaurus.known(&terms, |term| index.vocabulary.df(term) == 0 && self.stems_count(term) == 0),
        );
        // `1.5 litre` is right in a shop that writes `liter`.
        let is_unit =
            |at: usize| at > 0 && typed[at - 1].term.ends_with(|letter: char| letter.is_ascii_digit()) && is_unit(&typed[at].term);
        let is_spoken = |at: usize| {
            index.vocabulary.df(&typed[at].term) == 0 && self.thesaurus.is_some_and(|thesaurus| thesaurus.has_word(&typed[at].term))
        };
        // The code of a product is no name and number that were written as one.
        let is_code = |typed: &Typed| {
            let has_digit = typed.written.bytes().any(|byte| byte.is_ascii_digit());
            let found = || index.text.identified_by_words(std::iter::once(typed.written.as_str()));
            has_digit && index.vocabulary.df(&typed.term) == 0 && found().is_ok_and(|found| !found.is_empty())
        };
        let known = |(at, is_word): (usize, bool)| {
            let fixed = typed[at].fixed || is_known(&typed[at]) || is_unit(at) || is_code(&typed[at]);
            Typed { fixed, is_word: is_word || is_spoken(at), ..typed[at].clone() }
        };
        let mut typed: Vec<Typed> = everyday.into_iter().enumerate().map(known).collect();
        let is_had = |term: &str| index.vocabulary.df(term) > 0 && self.reach.is_none_or(|reach| reach.has_word(term));
        let mut readings = unspaced::cut_anew(&typed, &is_had);
        readings.iter().flat_map(|reading| reading.typed.clone()).for_each(|at| typed[at].fixed = true);
        let spelt = |unsaid: &[String]| {
            let lexicon = Lexicon {
                vocabulary: &index.vocabulary,
                products_count,
                queries: demand,
                sells: &sells,
                beside: &beside,
                shared: &|first, second| self.products_with_both(first, second),
                put_together: &|term| self.put_together(term),
                is_name: &|term| self.is_value(&[term]),
                joins: &|term| self.only_joins(term) || self.is_used_to_join(term),
                spoken: self.thesaurus.map(|thesaurus| (thesaurus, *index)),
                synonyms: Some(self.synonyms),
                unsaid,
            };
            lexicon.readings(&typed)
        };
        readings.extend(self.sayable(spelt));
        readings.sort_by_key(|reading| reading.typed.start);
        readings
    }

    fn beginning(&self, typed: &str) -> Option<String> {
        super::beginning(&self.index.vocabulary, typed).filter(|meant| self.reach.is_none_or(|reach| reach.has_beginning(meant)))
    }

    fn products_count(&self, term: &str) -> u64 {
        Some(self.index.vocabulary.df(term)).filter(|&count| count > 0).unwrap_or_else(|| self.stems_count(term))
    }

    fn pair_count(&self, first: &str, second: &str) -> u64 {
        self.index.vocabulary.pair_titles_count(first, second)
    }

    fn only_joins(&self, term: &str) -> bool {
        self.stems.joins(term)
    }

    fn joins_as_in_english(&self, term: &str) -> bool {
        let number = word_number(term);
        let says_something = || self.index.stop_words.says(number) || self.is_value(&[term]);
        match self.stems.language() {
            _ if self.stems.is_accented(term) => false,
            _ if self.index.stop_words.contains(number) => true,
            Language::English => !says_something(),
            // Where no product has it, it can only be left out.
            _ => self.products_count(term) == 0,
        }
    }

    fn is_used_to_join(&self, term: &str) -> bool {
        // What products have as a value of their own joins nothing, however titles use it, nor do colours and whom things are for, in shops that say
        // them in titles alone.
        self.index.stop_words.contains(word_number(term)) && !is_a_quality(term) && !self.is_value(&[term])
    }

    fn is_value(&self, terms: &[&str]) -> bool {
        !self.index.lexicon.named(terms, self.index.columns.dictionary()).is_empty()
    }

    fn denies(&self, term: &str) -> bool {
        self.stems.language().denies(term)
    }

    fn may_deny(&self, term: &str, next: &str) -> bool {
        let is_apart = |first: &str| !self.is_said(&[first, next]);
        self.stems.language().may_deny(term) && [term].into_iter().chain(WITHOUT).all(is_apart)
    }

    fn lacks(&self, term: &str) -> bool {
        self.stems.language().lacking().contains(&term)
    }

    fn ways_to_lack(&self, terms: &[&str]) -> Vec<Vec<String>> {
        let language = self.stems.language();
        let before =
            language.denying().iter().map(|by| [term_of(by)].into_iter().chain(terms.iter().map(|term| (*term).to_owned())).collect());
        let behind = language.lacking().iter().map(|by| terms.iter().map(|term| (*term).to_owned()).chain([(*by).to_owned()]).collect());
        let mut ways: Vec<Vec<String>> = before.chain(behind).collect();
        ways.retain(|way| self.is_said(&way.iter().map(String::as_str).collect::<Vec<_>>()));
        ways.iter_mut().for_each(|way| way.retain(|term| !language.joins(term)));
        if let [term] = terms {
            ways.extend(self.lacking_in_one(term).into_iter().map(|term| vec![term]));
        }
        ways
    }

    fn lacked_by(&self, term: &str) -> Option<String> {
        let language = self.stems.language();
        let stem = self.stems.stem_of(term).filter(|_| language.puts_words_together())?;
        let ends = || language.lacking().iter().filter_map(|lacking| stem.strip_suffix(lacking));
        let lacked = ends().flat_map(|part| language.links().iter().filter_map(move |link| part.strip_suffix(link)));
        let mut lacked = lacked.filter(|lacked| lacked.len() >= PART_LETTERS_MIN);
        lacked.find_map(|lacked| {
            let stem = language.stem(lacked)?;
            forms(language, &stem, &self.index.vocabulary)
                .into_iter()
                .next()
                .or_else(|| (self.products_count(lacked) > 0).then(|| lacked.to_owned()))
        })
    }

    fn is_said(&self, terms: &[&str]) -> bool {
        let is_pair = |pair: &[&str]| self.pair_count(pair[0], pair[1]) > 0 || self.index.has_rare_pair(pair[0], pair[1]);
        // Only of pairs it is known without a look.
        terms.windows(2).all(is_pair) && (terms.len() <= 2 || self.index.has_title_saying(terms))
    }

    fn is_wish(&self, terms: &[String]) -> bool {
        wishes::is_phrase(terms, self.stems.language())
    }

    fn is_title(&self, typed: &str) -> bool {
        self.index.columns.dictionary().term(FieldId::TITLE, typed).is_some()
    }

    fn is_or(&self, term: &str) -> bool {
        self.stems.language().is_or(term)
    }

    fn is_name(&self, phrase: &str) -> bool {
        let dictionary = self.index.columns.dictionary();
        [FieldId::BRAND, FieldId::CATEGORY].into_iter().any(|field| dictionary.term(field, phrase).is_some())
    }
}
