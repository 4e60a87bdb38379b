//! How a title says the words of a query: how much of them, how close together, in which order, and beside how many other words.
//!
//! A text score knows which words a product holds and not where. In titles the places tell a lot: `phone charger` is a charger, a
//! `charger for phone` is one too, and a `case for iphone 7` is no iPhone.

use crate::search::index::{ThingWords, companions_begin, word_number};
use crate::search::intent::is_belonging;
use crate::search::understand::{Query, Word};

/// Words after which a title says what the product goes with, not what it is; as terms, in the languages of Latin script that shops use.
pub(in crate::search) const COMPANIONS: [&str; 12] =
    ["for", "with", "compatible", "fit", "fur", "mit", "pour", "avec", "para", "con", "per", "voor"];
/// So many words behind the thing may say what belongs to it: `washing machine fill hose`.
const BELONGING_WITHIN: usize = 2;
/// And so many may be another thing, that the product is about: `washer and dryer stacking kit`.
const ANOTHER_WITHIN: usize = 3;
/// Words of a query that are told apart.
const WORDS_MAX: usize = 32;

/// The words of a query as titles have them.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Number of a term and the words it will do for, one bit each; rising.
    terms: Vec<(u32, u32)>,
    /// Phrases that will do for words, likewise: titles that hold all of one say those words with it.
    phrases: Vec<(Vec<u32>, u32)>,
    /// Words that two neighbours of the query were read as, with the place of the first: `soundbar` of `sound bar`.
    joined: Vec<(u32, usize)>,
    /// What each word is worth; together 1.
    worth: Vec<f32>,
    companions: Vec<u32>,
    /// The words that name the thing itself, one bit each.
    thing: u32,
    /// The one of them that says what it is, whether or not the shop has a category of it.
    head: u32,
    /// Of a query that says a brand and no thing, the words for it.
    maker: u32,
    /// The words for a brand: titles begin with it, and what stands right behind it says nothing of how they are meant together.
    brand: u32,
    /// Words that are things by themselves in this shop.
    thing_words: ThingWords,
}

/// How a title says the words of a query. Each from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Closeness {
    /// What the words in the title are worth, of all.
    pub share: f32,
    /// Words of the title that were asked for, of all its words.
    pub fit: f32,
    /// Neighbouring words of the query that are neighbours in the title, of all such pairs; 0 for a single word. The name of a brand is nobody's neighbour.
    pub phrase: f32,
    /// Words found, of the words between the first and the last of the closest occurrence; 0 when fewer than two are found.
    pub nearness: f32,
    /// What the words are worth that the title says only of what the product goes with.
    pub companion: f32,
    /// Whether the thing itself is among those: the title says it and says it of nothing else.
    pub is_companion: bool,
    /// Whether the title says the thing of something that belongs to it: a `laptop sleeve` is no laptop, and neither is a `sleeve for laptops`. Of a
    /// query that says a brand alone, whether the title says what belongs to its things: `Acme - Bag for Acme cameras`.
    pub is_belonging: bool,
    /// How far a word right behind the thing is a thing by itself in this shop, so that the title is about that.
    pub another: f32,
}

impl Wanted {
    /// The words of a query, each worth what `worth` says.
    #[must_use]
    pub fn of(query: &Query, worth: &[f32]) -> Self {
        let (mut terms, mut phrases) = (Vec::new(), Vec::new());
        for (word, bit) in query.words.iter().take(WORDS_MAX).zip(0_u32..) {
            word.shown().for_each(|term| mark(&mut terms, word_number(term), 1 << bit));
            for phrase in word.phrases_of_several() {
                mark(&mut phrases, phrase.iter().map(|term| word_number(term)).collect(), 1 << bit);
            }
        }
        terms.sort_unstable();
        let pairs = query.words.windows(2).take(WORDS_MAX - 1).enumerate();
        let joined = pairs.flat_map(|(at, pair)| {
            let read = pair[0].others.iter().filter(|other| pair[1].others.contains(other));
            // `Damenschuhe` says `Schuhe Damen`: no other word than the two as one ends with both, or is a form of both.
            let as_one =
                pair[0].endings.iter().map(|(term, _)| term).filter(|term| pair[1].endings.iter().any(|(other, _)| other == *term));
            let forms = pair[0].forms.iter().filter(|form| pair[1].forms.contains(form));
            read.chain(as_one).chain(forms).map(move |other| (word_number(other), at)).collect::<Vec<_>>()
        });
        let joined = joined.collect();
        let asked = |companion: &u32| terms.binary_search_by_key(companion, |(number, _)| *number).is_ok();
        let companions = COMPANIONS.iter().map(|term| word_number(term)).filter(|companion| !asked(companion)).collect();
        let bits = |is: fn(&Word) -> bool| {
            let words = query.words.iter().take(WORDS_MAX).zip(0_u32..).filter(move |(word, _)| is(word));
            words.fold(0, |bits, (_, bit)| bits | 1 << bit)
        };
        let (thing, head, maker) = (bits(|word| word.is_thing), bits(|word| word.is_head), bits(|word| word.is_maker));
        let brand = bits(|word| word.is_brand);
        let (worth, thing_words) = (worth.iter().copied().take(WORDS_MAX).collect(), ThingWords::default());
        Self { terms, joined, worth, companions, thing, head, maker, brand, phrases, thing_words }
    }

    /// The same in a shop whose titles say these words as things.
    #[must_use]
    pub fn among(self, thing_words: ThingWords) -> Self {
        Self { thing_words, ..self }
    }

    fn words_of(&self, number: u32) -> u32 {
        self.terms.binary_search_by_key(&number, |(number, _)| *number).map_or(0, |at| self.terms[at].1)
    }

    /// What the word that says what the thing is is worth, of all.
    pub(super) fn head_worth(&self) -> f32 {
        self.worth_of(self.head).min(1.0)
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
        self.mark_phrases(places, title);
        let all = places.iter().fold(0, |all, words| all | words);
        if all == 0 {
            return Closeness::default();
        }
        let own_len = companions_begin(&title[..places.len()], &self.companions).unwrap_or(places.len());
        let own = places[..own_len].iter().fold(0, |all, words| all | words);
        let hits_count = places.iter().filter(|words| **words != 0).count();
        Closeness {
            share: self.worth_of(all).min(1.0),
            fit: hits_count as f32 / places.len() as f32,
            phrase: self.phrase(places, title),
            nearness: nearness(places, all & !self.brand),
            companion: self.worth_of(all & !own).min(1.0),
            is_belonging: self.is_belonging(all, &places[..own_len], title),
            another: self.another(&places[..own_len], title),
            is_companion: all & self.thing != 0 && own & self.thing == 0,
        }
    }

    /// Marks the places of phrases that the title holds in whole.
    fn mark_phrases(&self, places: &mut [u32], title: &[u32]) {
        for (phrase, words) in self.phrases.iter().filter(|(phrase, _)| phrase.iter().all(|number| title.contains(number))) {
            let of_phrase = places.iter_mut().zip(title).filter(|(_, number)| phrase.contains(number));
            of_phrase.for_each(|(place, _)| *place |= words);
        }
    }

    /// Whether a word for what belongs to something stands right behind the last place of the thing, or the thing only among what the product
    /// goes with; `own` are the places before that.
    fn is_belonging(&self, all: u32, own: &[u32], title: &[u32]) -> bool {
        let belongs = |(words, number): (&u32, &u32)| *words == 0 && is_belonging(*number);
        if self.maker != 0 {
            return own.iter().zip(title).any(belongs);
        }
        let Some(at) = own.iter().rposition(|words| words & self.head != 0) else { return all & self.head != 0 };
        own.iter().zip(title).skip(at + 1).take(BELONGING_WITHIN).any(belongs)
    }

    /// How far one of the words right behind the last place of the thing is a thing that was not asked for.
    fn another(&self, own: &[u32], title: &[u32]) -> f32 {
        let Some(at) = own.iter().rposition(|words| words & self.head != 0) else { return 0.0 };
        let behind = own.iter().zip(title).skip(at + 1).take(ANOTHER_WITHIN).filter(|(words, _)| **words == 0);
        behind.map(|(_, number)| self.thing_words.share(*number)).fold(0.0, f32::max)
    }

    fn phrase(&self, places: &[u32], title: &[u32]) -> f32 {
        let pairs = || (0..self.worth.len().saturating_sub(1)).filter(|bit| self.brand >> bit & 0b11 == 0);
        let pairs_count = pairs().count();
        let is_joined = |bit: usize| self.joined.iter().any(|(number, at)| *at == bit && title.contains(number));
        let side_by_side = |bit: usize| places.windows(2).any(|pair| pair[0] >> bit & 1 == 1 && pair[1] >> (bit + 1) & 1 == 1);
        let found = pairs().filter(|&bit| side_by_side(bit) || is_joined(bit)).count();
        if pairs_count == 0 { 0.0 } else { found as f32 / pairs_count as f32 }
    }
}

/// Lets a key stand for some words more.
fn mark<K: PartialEq>(keys: &mut Vec<(K, u32)>, key: K, words: u32) {
    match keys.iter_mut().find(|(known, _)| *known == key) {
        Some((_, known)) => *known |= words,
        None => keys.push((key, words)),
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
            held |= words & all;
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
    use crate::text;

    fn closeness(query: &str, title: &str) -> Closeness {
        let words: Vec<Word> = text::terms(query).into_iter().map(Word::plain).collect();
        let worth = vec![1.0 / words.len() as f32; words.len()];
        let title: Vec<u32> = text::terms(title).iter().map(|term| word_number(term)).collect();
        Wanted::of(&Query { words, ..Query::default() }, &worth).closeness(&title)
    }

    #[test]
    fn a_phrase_stands_for_words_where_a_title_holds_all_of_it() {
        let synonyms = vec![vec!["flash".to_owned(), "drive".to_owned()]];
        let words = ["usb", "stick"].map(|word| Word { synonyms: synonyms.clone(), ..Word::plain(word.to_owned()) });
        let wanted = Wanted::of(&Query { words: words.to_vec(), ..Query::default() }, &[0.5, 0.5]);
        let share = |title: &str| wanted.closeness(&text::terms(title).iter().map(|term| word_number(term)).collect::<Vec<_>>()).share;
        assert_eq!((share("Blue flash drive"), share("Camera flash"), share("USB flash"), share("Hard drive")), (1.0, 0.0, 0.5, 0.0));
    }

    #[test]
    fn a_title_that_says_the_thing_of_something_else_is_told() {
        let words = vec![Word { is_thing: true, ..Word::plain("phone".to_owned()) }, Word::plain("red".to_owned())];
        let wanted = Wanted::of(&Query { words, ..Query::default() }, &[0.5, 0.5]);
        let is = |title: &str| wanted.closeness(&text::terms(title).iter().map(|term| word_number(term)).collect::<Vec<_>>()).is_companion;
        assert_eq!((is("Red case for phone"), is("Red phone with case"), is("Red case")), (true, false, false));
    }

    #[test]
    fn a_title_that_says_what_belongs_to_the_thing_is_not_the_thing() {
        let check = |query: &str, head: &str, title: &str, expected: bool| {
            let word = |term: String| Word { is_head: term == head, ..Word::plain(term) };
            let words: Vec<Word> = text::terms(query).into_iter().map(word).collect();
            let worth = vec![1.0 / words.len() as f32; words.len()];
            let title: Vec<u32> = text::terms(title).iter().map(|term| word_number(term)).collect();
            assert_eq!(
                Wanted::of(&Query { words, ..Query::default() }, &worth).closeness(&title).is_belonging,
                expected,
                "{query}: {title:?}"
            );
        };
        check("laptop", "laptop", "Gaming laptop 15 inch", false);
        check("laptop", "laptop", "Laptop sleeve, gray", true);
        check("laptop", "laptop", "Laptop with charger", false);
        check("laptop sleeve", "sleeve", "Laptop sleeve, gray", false);
        check("washing machine", "machine", "Washing machine fill hose", true);
        check("laptop", "laptop", "Sleeve for laptops", true);
        check("laptop", "laptop", "Desk", false);
        check("jeans", "jean", "Black slim fit stretchable jeans", false);
        check("jeans", "jean", "Patches fit jeans", true);
    }

    #[test]
    fn one_word_that_says_two_of_the_query_is_a_phrase_of_them() {
        let word = |typed: &str| Word { others: vec!["soundbar".to_owned()], ..Word::plain(typed.to_owned()) };
        let wanted = Wanted::of(&Query { words: vec![word("sound"), word("bar")], ..Query::default() }, &[0.5, 0.5]);
        let phrase = |title: &str| wanted.closeness(&text::terms(title).iter().map(|term| word_number(term)).collect::<Vec<_>>()).phrase;
        assert_eq!((phrase("Soundbar for a wall"), phrase("Sound bar"), phrase("Sound and light bar")), (1.0, 1.0, 0.0));
        // What stands for both is no phrase of theirs.
        let word = |typed: &str| Word { alternatives: vec![vec!["camcorder".to_owned()]], ..Word::plain(typed.to_owned()) };
        let wanted = Wanted::of(&Query { words: vec![word("video"), word("camera")], ..Query::default() }, &[0.5, 0.5]);
        assert_eq!(wanted.closeness(&[word_number("camcorder"), word_number("battery")]).phrase, 0.0);
    }

    /// `Schuhe Damen` began with gloves: a title that says both words in one had no phrase of them.
    #[test]
    fn a_word_that_two_are_put_together_into_is_a_phrase_of_them() {
        let word = |typed: &str, forms: &[&str]| Word {
            endings: vec![("~dedamenschuh".to_owned(), 1.0)],
            forms: forms.iter().map(|form| (*form).to_owned()).collect(),
            ..Word::plain(typed.to_owned())
        };
        let words = vec![word("schuhe", &["handschuhe", "damenschuhe"]), word("damen", &["damenschuhe"])];
        let wanted = Wanted::of(&Query { words, ..Query::default() }, &[0.5, 0.5]);
        let found = |title: &str| wanted.closeness(&text::terms(title).iter().map(|term| word_number(term)).collect::<Vec<_>>());
        let (as_one, apart) = (found("Damenschuhe Leder"), found("Handschuhe Leder Damen"));
        assert_eq!((as_one.phrase, as_one.nearness, as_one.share, apart.phrase), (1.0, 1.0, 1.0, 0.0));
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
