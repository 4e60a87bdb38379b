//! Titles that say a thing and are of another kind: of a shop that sells records too, `The Laptop [EP] - CD` is a CD that is called so.
//!
//! What a shop sells by the thousand its titles say by one word (`cd`, `dvd`), which is mostly the thing where it is said (`ThingWords`). Where hardly any
//! of the laptops say it, although so many titles of the shop do, one that does is no laptop. Where many do, it may be one: of `piano`, in a shop of
//! more piano music than pianos, nothing is known.
//!
//! And words that end with the one for the thing and name another: gloves are `Handschuhe`, and no shoes. Where the shop has a category of the thing its
//! products tell.
//!
//! And things that a letter makes others of: a `T-shirt` is no shirt to who asks for shirts, an `O-ring` no ring.

use super::SearchError;
use super::index::{SearchSnapshot, TermGroup, TextQuery, word_number};
use super::understand::{Query, Word};
use crate::id::Ordinal;
use crate::text::{self, Language};
use roaring::RoaringBitmap;

/// A word that one title of so many says as what the product is stands for a kind that the shop sells by the thousand.
const TITLES_PER_KIND: u64 = 20;
/// Fewer things have not said enough of what they are.
const THINGS_MIN: u64 = 20;
/// Things that are looked at, at even distances.
const SAMPLE: usize = 200;
/// A kind is strange to things that say it less than once for so many times that titles of the shop do.
const STRANGE: u64 = 10;

/// Products with words that end with the one for a thing that are looked at, for one query.
const ENDING_PRODUCTS_MAX: u64 = 20_000;
/// What a word counts at least that ends with the one for the thing, of what it counts where all its products are of that category.
const ENDING_SHARE_MIN: f32 = 0.1;
/// So few products with such a word may be in another category by chance.
const ENDING_PRODUCTS_MIN: u32 = 2;

/// Lets words that end with the one for the thing that is asked for count as much as their products are that thing, which `is_it` tells; where none is,
/// the word says another thing.
///
/// # Errors
/// When the index cannot be read.
pub(super) fn weigh_endings(
    query: &mut Query,
    language: Language,
    is_it: impl Fn(Ordinal) -> bool,
    index: &SearchSnapshot,
) -> Result<(), SearchError> {
    let mut room = ENDING_PRODUCTS_MAX;
    for word in query.words.iter_mut().filter(|word| word.is_thing) {
        let mut others: Vec<String> = Vec::new();
        // What two words of the query are as one is what they say.
        for (term, weight) in word.endings.iter_mut().filter(|(_, weight)| *weight < 1.0) {
            let Some(left) = room.checked_sub(index.vocabulary.df(term)) else { continue };
            room = left;
            let (mut held, mut inside) = (0_u32, 0_u32);
            index.text.matches(&TextQuery { groups: vec![TermGroup::exactly(term.as_str())], required: 1 }, &mut |one| {
                held += 1;
                inside += u32::from(is_it(one.ordinal));
            })?;
            if inside == 0 && held >= ENDING_PRODUCTS_MIN {
                others.push(text::unmarked(term).unwrap_or(term).to_owned());
            }
            *weight *= ((inside + 1) as f32 / (held + 1) as f32).max(ENDING_SHARE_MIN);
        }
        word.forms.retain(|form| !language.stem(form).is_some_and(|stem| others.contains(&stem)));
    }
    Ok(())
}

/// A letter and a word with a hyphen between are a thing of their own when so many products say so.
const LETTERED_MIN: u64 = 20;

/// What a letter makes another thing of the one that a query asks for.
#[derive(Debug, Clone, Default)]
pub(super) struct Lettered {
    letters: Vec<u32>,
    things: Vec<u32>,
}

impl Lettered {
    /// Of a query that does not say the letter itself.
    pub(super) fn of(query: &Query, index: &SearchSnapshot) -> Self {
        let mut lettered = Self::default();
        let asked: Vec<&str> = query.words.iter().flat_map(Word::shown).collect();
        for head in query.words.iter().filter(|word| word.is_head).map(Word::read_as) {
            let letters = ('a'..='z').map(String::from).filter(|letter| {
                let joined = format!("{letter}{head}");
                let is_asked = asked.contains(&letter.as_str()) || asked.contains(&joined.as_str());
                !is_asked && index.vocabulary.df(&joined) >= LETTERED_MIN && index.vocabulary.pair_titles_count(letter, head) > 0
            });
            let letters: Vec<u32> = letters.map(|letter| word_number(&letter)).collect();
            if !letters.is_empty() {
                lettered.letters.extend(letters);
                lettered.things.push(word_number(head));
            }
        }
        lettered
    }

    pub(super) fn is_empty(&self) -> bool {
        self.things.is_empty()
    }

    /// Whether a title says the thing only behind such a letter.
    pub(super) fn are_all_of(&self, title: &[u32]) -> bool {
        let places = || title.iter().enumerate().filter(|(_, word)| self.things.contains(word)).map(|(at, _)| at);
        places().next().is_some() && places().all(|at| at > 0 && self.letters.contains(&title[at - 1]))
    }
}

/// The words, by number, that say that a title is of another kind than the things that these titles say.
pub(super) fn strange(query: &Query, things: &RoaringBitmap, index: &SearchSnapshot) -> Vec<u32> {
    let titles_count = index.columns.live().len();
    if things.len() < THINGS_MIN {
        return Vec::new();
    }
    let asked: Vec<u32> = query.words.iter().flat_map(Word::shown).map(word_number).collect();
    let is_large = |(word, count): &&(u32, u64)| count * TITLES_PER_KIND >= titles_count && !asked.contains(word);
    let kinds: Vec<(u32, u64)> = index.thing_words.kinds().iter().filter(is_large).copied().collect();
    if kinds.is_empty() {
        return Vec::new();
    }
    let step = (things.len() as usize).div_ceil(SAMPLE);
    let sample: Vec<&[u32]> = things.iter().step_by(step).map(|thing| index.titles.words(Ordinal(thing))).collect();
    let is_strange = |(word, count): &(u32, u64)| {
        let said = sample.iter().filter(|title| title.contains(word)).count() as u64;
        said * STRANGE * titles_count < count * sample.len() as u64
    };
    kinds.into_iter().filter(is_strange).map(|(word, _)| word).collect()
}
