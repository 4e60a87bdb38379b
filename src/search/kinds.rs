//! Titles that say a thing and are of another kind: of a shop that sells records too, `The Laptop [EP] - CD` is a CD that is called so.
//!
//! What a shop sells by the thousand its titles say by one word (`cd`, `dvd`), which is mostly the thing where it is said (`ThingWords`). Where hardly any
//! of the laptops say it, although so many titles of the shop do, one that does is no laptop. Where many do, it may be one: of `piano`, in a shop of
//! more piano music than pianos, nothing is known.

use super::index::{SearchSnapshot, word_number};
use super::understand::{Query, Word};
use crate::id::Ordinal;
use roaring::RoaringBitmap;

/// A word that one title of so many says as what the product is stands for a kind that the shop sells by the thousand.
const TITLES_PER_KIND: u64 = 20;
/// Fewer things have not said enough of what they are.
const THINGS_MIN: u64 = 20;
/// Things that are looked at, at even distances.
const SAMPLE: usize = 200;
/// A kind is strange to things that say it less than once for so many times that titles of the shop do.
const STRANGE: u64 = 10;

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
