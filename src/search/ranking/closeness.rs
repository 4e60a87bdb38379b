//! How a title says the words of a query: how much of them, how close together, in which order, and beside how many other words.
//!
//! A text score knows which words a product holds and not where. In titles the places tell a lot: `phone charger` is a charger, a
//! `charger for phone` is one too, and a `case for iphone 7` is no iPhone.

use crate::search::index::word_number;
use crate::search::understand::Query;

/// Words after which a title says what the product goes with, not what it is; as terms, in the languages of Latin script that shops use.
const COMPANIONS: [&str; 12] = ["for", "with", "compatible", "fit", "fur", "mit", "pour", "avec", "para", "con", "per", "voor"];
/// Words of a query that are told apart.
const WORDS_MAX: usize = 32;

/// The words of a query as titles have them.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Number of a term and the words it will do for, one bit each; rising.
    terms: Vec<(u32, u32)>,
    /// What each word is worth; together 1.
    worth: Vec<f32>,
    companions: Vec<u32>,
}

/// How a title says the words of a query. Each from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Closeness {
    /// What the words in the title are worth, of all.
    pub share: f32,
    /// Words of the title that were asked for, of all its words.
    pub fit: f32,
    /// Neighbouring words of the query that are neighbours in the title, of all such pairs; 0 for a single word.
    pub phrase: f32,
    /// Words found, of the words between the first and the last of the closest occurrence; 0 when fewer than two are found.
    pub nearness: f32,
    /// What the words are worth that the title says only of what the product goes with.
    pub companion: f32,
}

impl Wanted {
    /// The words of a query, each worth what `worth` says.
    #[must_use]
    pub fn of(query: &Query, worth: &[f32]) -> Self {
        let mut terms: Vec<(u32, u32)> = Vec::new();
        for (word, bit) in query.words.iter().take(WORDS_MAX).zip(0_u32..) {
            for term in word.shown() {
                let number = word_number(term);
                match terms.iter_mut().find(|(known, _)| *known == number) {
                    Some((_, words)) => *words |= 1 << bit,
                    None => terms.push((number, 1 << bit)),
                }
            }
        }
        terms.sort_unstable();
        let asked = |companion: &u32| terms.binary_search_by_key(companion, |(number, _)| *number).is_ok();
        let companions = COMPANIONS.iter().map(|term| word_number(term)).filter(|companion| !asked(companion)).collect();
        Self { terms, worth: worth.iter().copied().take(WORDS_MAX).collect(), companions }
    }

    fn words_of(&self, number: u32) -> u32 {
        self.terms.binary_search_by_key(&number, |(number, _)| *number).map_or(0, |at| self.terms[at].1)
    }

    fn worth_of(&self, words: u32) -> f32 {
        self.worth.iter().zip(0_u32..).filter(|(_, bit)| words >> bit & 1 == 1).map(|(worth, _)| worth).sum()
    }

    /// How a title says the words.
    #[must_use]
    pub fn closeness(&self, title: &[u32]) -> Closeness {
        let mut places = [0_u32; WORDS_MAX];
        let places = &mut places[..title.len().min(WORDS_MAX)];
        for (place, number) in places.iter_mut().zip(title) {
            *place = self.words_of(*number);
        }
        let all = places.iter().fold(0, |all, words| all | words);
        if all == 0 {
            return Closeness::default();
        }
        let own_len = title.iter().take(places.len()).position(|number| self.companions.contains(number)).unwrap_or(places.len());
        let own = places[..own_len].iter().fold(0, |all, words| all | words);
        let hits_count = places.iter().filter(|words| **words != 0).count();
        Closeness {
            share: self.worth_of(all).min(1.0),
            fit: hits_count as f32 / places.len() as f32,
            phrase: self.phrase(places),
            nearness: nearness(places, all),
            companion: self.worth_of(all & !own).min(1.0),
        }
    }

    fn phrase(&self, places: &[u32]) -> f32 {
        let pairs_count = self.worth.len().saturating_sub(1);
        let side_by_side = |bit: usize| places.windows(2).any(|pair| pair[0] >> bit & 1 == 1 && pair[1] >> (bit + 1) & 1 == 1);
        let found = (0..pairs_count).filter(|&bit| side_by_side(bit)).count();
        if pairs_count == 0 { 0.0 } else { found as f32 / pairs_count as f32 }
    }
}

/// Words found, of the length of the shortest stretch of places that holds all of them.
fn nearness(places: &[u32], all: u32) -> f32 {
    if all.count_ones() < 2 {
        return 0.0;
    }
    let mut shortest = places.len();
    for start in 0..places.len() {
        let mut held = 0;
        let end = places[start..].iter().position(|words| {
            held |= words;
            held == all
        });
        let Some(end) = end else { break };
        shortest = shortest.min(end + 1);
    }
    (all.count_ones() as f32 / shortest as f32).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::understand::Word;
    use crate::text;

    fn closeness(query: &str, title: &str) -> Closeness {
        let words: Vec<Word> = text::terms(query).into_iter().map(Word::plain).collect();
        let worth = vec![1.0 / words.len() as f32; words.len()];
        let title: Vec<u32> = text::terms(title).iter().map(|term| word_number(term)).collect();
        Wanted::of(&Query { words, ..Query::default() }, &worth).closeness(&title)
    }

    #[test]
    fn places_of_words_are_told() {
        let found = closeness("phone charger", "Fast phone charger for desk");
        assert_eq!((found.share, found.fit, found.phrase, found.nearness, found.companion), (1.0, 0.4, 1.0, 1.0, 0.0));
        let found = closeness("phone charger", "Charger in red for any phone");
        assert_eq!((found.phrase, found.companion), (0.0, 0.5));
        assert!((found.nearness - 2.0 / 6.0).abs() < 1e-6);
        let found = closeness("iphone 7", "Case for iPhone 7");
        assert_eq!((found.share, found.companion), (1.0, 1.0));
        assert_eq!(closeness("iphone 7", "Desk lamp"), Closeness::default());
        assert_eq!(closeness("lamp", "Lamp").nearness, 0.0);
        assert_eq!(closeness("for", "Case for phone").companion, 0.0);
    }

    proptest::proptest! {
        #[test]
        fn every_number_is_between_0_and_1(query in "[a-c]( [a-e]){0,40}", title in "[a-e]?( ([a-f]|for)){0,40}") {
            let found = closeness(&query, &title);
            for number in [found.share, found.fit, found.phrase, found.nearness, found.companion] {
                proptest::prop_assert!((0.0..=1.0 + 1e-6).contains(&number), "{found:?}");
            }
        }
    }
}
