//! What the shop knows of words: its vocabulary, what people asked for, and what sells.

use super::channel::Channel;
use super::walk::{self, Near, Purse};
use crate::search::heads::{Half, PutTogether};
use crate::search::index::SearchSnapshot;
use crate::search::merchandising::Synonyms;
use crate::search::thesaurus::Thesaurus;
use crate::search::vocabulary::Vocabulary;
use crate::signal::demand::DemandSnapshot;
use crate::text;

/// A rare word asked for so often, with success, is no slip of a frequent one.
const ASKED_MIN: u32 = 3;

/// Two words belong together when so many products have both ...
const SHARED_MIN: f32 = 5.0;
/// ... and this share of those with the rarer one ...
const SHARED_SHARE: f32 = 0.5;
/// ... which has no more: words that so many products have and no title says side by side do not belong together, and are not worth counting.
const RARER_MAX: f32 = 50_000.0;

/// Words of everyday language of fewer letters are mostly short for others, and not what is meant by a slip.
const SPOKEN_LETTERS_MIN: usize = 4;

/// Words behind one that are looked at for whether another stands behind them.
const FOLLOWERS_MAX: usize = 8;

/// What it takes off the likelihood of the rarer of two words that a third is put together of them, in nats, where some product holds both ...
const TOGETHER: f32 = 2.0;
/// ... where none does ...
const APART: f32 = 4.0;
/// ... and where one of them is so short that this may be chance.
const SHORT_HALF: f32 = 3.0;
/// In fewer than one title of so many a word is too rare to be half of another that no product has both of.
const FREQUENT_TITLES: u64 = 5_000;
/// How likely what words of the shop begin or end with is to be asked for by itself, against those.
const BY_ITSELF: f32 = 0.5;

/// What readings of a query are judged by.
pub(in crate::search) struct Lexicon<'a> {
    /// The words of the catalogue.
    pub(in crate::search) vocabulary: &'a Vocabulary,
    /// How many products there are.
    pub(in crate::search) products_count: u64,
    /// Queries that found something, asked by enough people.
    pub(in crate::search) queries: &'a DemandSnapshot,
    /// Whether some product that holds the term sells.
    pub(in crate::search) sells: &'a dyn Fn(&str) -> bool,
    /// Whether some title holds two terms side by side, for pairs that are not counted: what only one title says, and live products.
    pub(in crate::search) beside: &'a dyn Fn(&str, &str) -> bool,
    /// How many products hold two terms, wherever.
    pub(in crate::search) shared: &'a dyn Fn(&str, &str) -> u64,
    /// What a term is put together of, in languages that do so.
    pub(in crate::search) put_together: &'a dyn Fn(&str) -> PutTogether,
    /// Whether some brand, category or other value is just called so.
    pub(in crate::search) is_name: &'a dyn Fn(&str) -> bool,
    /// Whether a term only joins others, here or in the language of the query.
    pub(in crate::search) joins: &'a dyn Fn(&str) -> bool,
    /// Words of everyday language, and the shop that has what stands for some of them.
    pub(in crate::search) spoken: Option<(Thesaurus, &'a SearchSnapshot)>,
    /// Words that merchants gave a meaning.
    pub(in crate::search) synonyms: Option<&'a Synonyms>,
    /// Words that nothing may be read as.
    pub(in crate::search) unsaid: &'a [String],
}

impl Lexicon<'_> {
    /// How often a word of this term occurs as it is written: products that hold it and queries that asked for it. Who asks for what no product has is
    /// answered with the rest of the query, which makes a slip no word, however many make it.
    pub(super) fn written_count(&self, written: &str, term: &str) -> f32 {
        let asked_count = if self.vocabulary.df(term) > 0 { self.queries.asked_count(written) } else { 0 };
        self.vocabulary.written_count(written) as f32 + asked_count as f32
    }

    /// How many products hold a term.
    pub(super) fn term_count(&self, term: &str) -> f32 {
        self.vocabulary.df(term) as f32
    }

    /// Whether a title says the term, or something is called so; otherwise only texts do, whose slips are words of the shop too.
    pub(super) fn is_titled(&self, term: &str) -> bool {
        self.vocabulary.titles_count(term) > 0 || (self.is_name)(term)
    }

    /// How likely a term that no product holds is a word nevertheless: 0 where nothing tells.
    pub(super) fn likelihood_of_parts(&self, term: &str) -> f32 {
        let PutTogether { longer_count, halves } = (self.put_together)(term);
        let frequent = self.products_count / FREQUENT_TITLES;
        let of_halves = |[first, head]: &[Half; 2]| {
            let rarer = first.titles_count.min(head.titles_count);
            let off = match self.shared_count(&first.term, &head.term) > 0.0 {
                true => TOGETHER,
                false if rarer > frequent => APART,
                false => return 0.0,
            };
            let off = if first.is_short || head.is_short { off + SHORT_HALF } else { off };
            rarer as f32 * (-off).exp()
        };
        let of_halves = halves.iter().map(of_halves).fold(0.0, f32::max);
        of_halves.max(longer_count as f32 * BY_ITSELF) / self.total()
    }

    /// How many titles hold two terms side by side, in this order.
    pub(super) fn pair_count(&self, first: &str, second: &str) -> f32 {
        self.vocabulary.pair_titles_count(first, second) as f32
    }

    /// How many products have what stands for two words in everyday language.
    pub(super) fn spoken_pair_count(&self, first: &str, second: &str) -> f32 {
        self.spoken.map_or(0, |(thesaurus, index)| thesaurus.count(&[first, second], index)) as f32
    }

    /// Whether some title holds two known terms side by side that no count knows. Looks at titles.
    pub(super) fn is_a_rare_pair(&self, first: &str, second: &str) -> bool {
        self.pair_count(first, second) == 0.0 && (self.beside)(first, second)
    }

    /// Whether titles say two known terms with one more between them: `usb-c cable`. Only asked of halves of a word that nobody knows.
    pub(super) fn are_said_together(&self, first: &str, second: &str) -> bool {
        let between = self.vocabulary.followers(first, FOLLOWERS_MAX);
        between.iter().any(|word| self.vocabulary.pair_titles_count(word, second) > 0)
            || self.spoken.is_some_and(|(_, index)| index.has_rare_pair_apart(first, second))
    }

    /// How many products hold both of two words, where most of those with one of them do: chargers and cables are found under USB by their
    /// category, though no title says `usb cable`. Otherwise 0. Only asked of halves of a word that nobody knows.
    pub(super) fn held_together(&self, first: &str, second: &str) -> f32 {
        let rarer = self.term_count(first).min(self.term_count(second));
        let count = if rarer >= SHARED_MIN { self.shared_count(first, second) } else { 0.0 };
        if count >= SHARED_MIN && count >= rarer * SHARED_SHARE { count } else { 0.0 }
    }

    /// How many products hold both of two terms; 0 where the rarer is in more than are worth counting.
    pub(super) fn shared_count(&self, first: &str, second: &str) -> f32 {
        let is_worth_counting = self.term_count(first).min(self.term_count(second)) <= RARER_MAX;
        if is_worth_counting { (self.shared)(first, second) as f32 } else { 0.0 }
    }

    /// Occurrences of all words, at least 1.
    pub(super) fn total(&self) -> f32 {
        self.vocabulary.occurrences_count().max(1) as f32
    }

    /// How many products there are.
    pub(super) fn products_count(&self) -> f32 {
        self.products_count as f32
    }

    /// Whether a word earns its place: people ask for it or buy what holds it. It is never taken for a slip.
    pub(super) fn earns(&self, written: &str, term: &str) -> bool {
        self.queries.asked_count(written) >= ASKED_MIN || (self.sells)(term)
    }

    /// The words that a typed one may stand for, none with a digit.
    pub(super) fn near(&self, channel: &Channel, purse: &mut Purse) -> Vec<Near> {
        let mut found: Vec<Near> = self.vocabulary.written().map(|words| walk::words(words, channel, purse)).unwrap_or_default();
        for live in walk::live_words(self.vocabulary.live(), channel, purse) {
            if found.iter().all(|near| near.word != live.word) {
                found.push(live);
            }
        }
        found.retain(|near| !near.word.bytes().any(|byte| byte.is_ascii_digit()));
        found
    }

    /// The words of everyday language that a typed one may stand for, none of which the shop has, and how many products have what stands for each.
    pub(super) fn near_spoken(&self, channel: &Channel, purse: &mut Purse) -> Vec<(Near, f32)> {
        let first: String = channel.first_letter().into_iter().collect();
        let mut near = self.near_meant(channel, &first, purse);
        near.extend(self.near_everyday(channel, &first, purse));
        near
    }

    /// The same of words that merchants gave a meaning, which no product need have.
    fn near_meant(&self, channel: &Channel, first: &str, purse: &mut Purse) -> Vec<(Near, f32)> {
        let Some(synonyms) = self.synonyms else { return Vec::new() };
        let words = synonyms.written_from(first).take_while(|word| word.starts_with(first));
        let held = |term: &String| self.vocabulary.df(term);
        let count = |word: &str| {
            let others = synonyms.others_of(&text::term_of(word));
            others.iter().filter_map(|terms| terms.iter().map(held).min()).max().unwrap_or(0) as f32
        };
        let near = walk::words_in_order(words, channel, purse).into_iter();
        near.map(|near| (count(&near.word), near)).filter(|(count, _)| *count > 0.0).map(|(count, near)| (near, count)).collect()
    }

    fn near_everyday(&self, channel: &Channel, first: &str, purse: &mut Purse) -> Vec<(Near, f32)> {
        let Some((thesaurus, index)) = self.spoken else { return Vec::new() };
        let words = || thesaurus.spoken_from(first, index).take_while(|(word, _)| word.starts_with(first));
        let near = walk::words_in_order(words().map(|(word, _)| word), channel, purse).into_iter();
        // Short for another word: nobody means `blk` by `blak`.
        let is_whole = |near: &Near| near.word.chars().count() >= SPOKEN_LETTERS_MIN;
        let foreign = near.filter(|near| is_whole(near) && self.term_count(&text::term_of(&near.word)) == 0.0);
        let count = |word: &str| words().find(|(known, _)| *known == word).map_or(0, |(_, count)| count());
        foreign.map(|near| (count(&near.word) as f32, near)).filter(|(count, _)| *count > 0.0).map(|(count, near)| (near, count)).collect()
    }
}
