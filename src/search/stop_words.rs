//! Words that say nothing of a product in this shop, learnt from how its titles use them: a word that joins others ("with", "für", "avec")
//! stands in many titles, begins and ends hardly any, and is followed by everything. "Stainless" is followed by "steel", "black" ends
//! titles, and names begin them. Nothing here knows a language.

use super::index::word_number;
use super::understand::STOP_WORDS;
use std::collections::HashMap;
use std::sync::Arc;

/// A shop of fewer titles has not said enough to learn from.
const TITLES_MIN: usize = 200;
/// Titles that are looked at, at even distances: shares of 3 in 100 are known to a tenth of themselves.
pub(super) const TITLES_MAX: usize = 20_000;
/// In fewer of 100 titles a word is no word that joins others.
const TITLES_PERCENT_MIN: usize = 3;
/// Titles that a joining word may end, of 1,000 that have it: titles are cut off now and then.
const ENDS_PER_MILLE_MAX: usize = 10;
/// Titles that it may begin, of 1,000 that have it.
const BEGINS_PER_MILLE_MAX: usize = 30;
/// Of 100 times that it is followed, those that one and the same word may follow.
const FOLLOWER_PERCENT_MAX: usize = 25;

/// Of 100 titles with an English word that joins others, those that it ends before it says something here: gold is `or` in French.
const SAYS_ENDS_PERCENT: usize = 10;
/// And so many at least.
const SAYS_ENDS_MIN: usize = 2;

/// The numbers of the words, as titles have them, rising.
#[derive(Debug, Clone, Default)]
pub struct StopWords {
    joining: Arc<[u32]>,
    /// Those that join others in English and end titles here.
    saying: Arc<[u32]>,
}

/// How titles use one word.
#[derive(Default)]
struct Use {
    titles_count: usize,
    begins_count: usize,
    ends_count: usize,
    followers: HashMap<u32, usize>,
    last_title: Option<usize>,
}

impl StopWords {
    /// Learns from titles, each as the numbers of its words.
    pub(super) fn learn<'a>(titles: impl Iterator<Item = &'a [u32]>) -> Self {
        let mut uses: HashMap<u32, Use> = HashMap::new();
        let mut count = 0;
        for title in titles.filter(|title| !title.is_empty()) {
            take(title, count, &mut uses);
            count += 1;
        }
        let rising = |is_it: &dyn Fn(u32, &Use) -> bool| {
            let mut numbers: Vec<u32> = uses.iter().filter(|(number, word)| is_it(**number, word)).map(|(number, _)| *number).collect();
            numbers.sort_unstable();
            numbers.into()
        };
        let english = STOP_WORDS.map(word_number);
        let joining = rising(&|_, word| count >= TITLES_MIN && word.joins(count));
        Self { joining, saying: rising(&|number, word| english.contains(&number) && word.ends_titles()) }
    }

    /// Whether a word that joins others in English, by its number, ends so many titles that it says something here.
    pub(super) fn says(&self, number: u32) -> bool {
        self.saying.binary_search(&number).is_ok()
    }

    /// Whether a word, by its number, says nothing.
    pub(super) fn contains(&self, number: u32) -> bool {
        self.joining.binary_search(&number).is_ok()
    }
}

fn take(title: &[u32], number: usize, uses: &mut HashMap<u32, Use>) {
    for (at, word) in title.iter().enumerate() {
        let word = uses.entry(*word).or_default();
        if word.last_title.replace(number) != Some(number) {
            word.titles_count += 1;
        }
        word.begins_count += usize::from(at == 0);
        match title.get(at + 1) {
            Some(follower) => *word.followers.entry(*follower).or_default() += 1,
            None => word.ends_count += 1,
        }
    }
}

impl Use {
    fn ends_titles(&self) -> bool {
        self.ends_count >= SAYS_ENDS_MIN && self.ends_count * 100 >= self.titles_count * SAYS_ENDS_PERCENT
    }

    fn joins(&self, titles_count: usize) -> bool {
        let followed: usize = self.followers.values().sum();
        let most = self.followers.values().copied().max().unwrap_or(0);
        self.titles_count * 100 >= titles_count * TITLES_PERCENT_MIN
            && self.ends_count * 1_000 <= self.titles_count * ENDS_PER_MILLE_MAX
            && self.begins_count * 1_000 <= self.titles_count * BEGINS_PER_MILLE_MAX
            && most * 100 <= followed * FOLLOWER_PERCENT_MAX
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 10] = ["acme", "bolt", "cora", "dura", "elan", "fino", "gala", "hexa", "iris", "juno"];
    const THINGS: [&str; 10] = ["lampe", "tisch", "stuhl", "regal", "sofa", "bett", "spiegel", "vase", "uhr", "teppich"];

    /// 500 German titles: a name, a thing, and what it goes with.
    fn shop() -> Vec<String> {
        let title = |number: usize| {
            let (name, thing, other) = (NAMES[number % 10], THINGS[number / 10 % 10], THINGS[(number / 10 + number + 3) % 10]);
            match number % 4 {
                0 => format!("{name} {thing} mit {other} schwarz"),
                1 => format!("{name} {thing} für {other}"),
                2 => format!("{name} {thing} aus rostfreier stahl"),
                _ => format!("the {name} {thing} schwarz {other}"),
            }
        };
        (0..500).map(title).collect()
    }

    fn number(word: &str) -> u32 {
        word.bytes().fold(7, |number: u32, byte| number.wrapping_mul(31).wrapping_add(u32::from(byte)))
    }

    /// Who typed `collier or` was shown any necklace, because English joins words with `or`.
    #[test]
    fn words_that_end_titles_join_nothing_whatever_english_does_with_them() {
        let numbers = |title: &str| title.split(' ').map(word_number).collect::<Vec<u32>>();
        let titles = ["collier or", "bague or", "collier argent or blanc", "bague with a stone", "bague for her"].map(numbers);
        let learnt = StopWords::learn(titles.iter().map(Vec::as_slice));
        assert!(learnt.says(word_number("or")));
        assert!(["with", "for", "a", "blanc"].iter().all(|word| !learnt.says(word_number(word))));
    }

    #[test]
    fn joining_words_are_learnt_and_others_are_not() {
        let titles: Vec<Vec<u32>> = shop().iter().map(|title| title.split(' ').map(number).collect()).collect();
        let learnt = StopWords::learn(titles.iter().map(Vec::as_slice));
        let check = |word: &str, expected: bool| assert_eq!(learnt.contains(number(word)), expected, "{word}");
        check("mit", true);
        check("für", true);
        // One word follows it, it ends titles, it begins them, it is rare.
        for word in ["rostfreier", "aus", "schwarz", "the", "acme", "lampe", "unknown"] {
            check(word, false);
        }
        assert!(!StopWords::learn(titles[..100].iter().map(Vec::as_slice)).contains(number("mit")));
    }
}
