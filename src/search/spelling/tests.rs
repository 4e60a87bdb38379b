//! What is read and what is left alone:
//!
//! 1. an unknown word is read as the likeliest near one, and a strange one that nothing is near stays;
//! 2. neighbours decide between words that are equally near;
//! 3. a rare word of the catalogue beside strange neighbours may be a slip, but not one that sells or is asked for, nor a frequent one, nor
//!    one that titles hold beside its neighbour;
//! 4. words with digits, fixed words and words of two letters stay;
//! 5. one word may be two and two one, with a slip where they meet or in one of them;
//! 6. what is shown is as people write it, not a term;
//! 7. the work for a query of nonsense is bounded;
//! 8. a reading is as sure as it is likelier than what was typed.

use super::lexicon::Lexicon;
use super::{Reading, Typed, beginning};
use crate::search::heads::{Half, PutTogether};
use crate::search::testing::asked;
use crate::search::vocabulary::{Counted, Vocabulary, WordCounts};
use crate::signal::demand::DemandSnapshot;
use crate::text;
use std::collections::BTreeMap;
use std::sync::Arc;

struct Shop {
    vocabulary: Vocabulary,
    queries: Arc<DemandSnapshot>,
    selling: Vec<&'static str>,
    beside: Vec<(&'static str, &'static str)>,
    shared: Vec<(&'static str, &'static str, u64)>,
    unsaid: Vec<String>,
    /// Products with words that begin or end with a term, and the titles of the halves of another; the language puts words together.
    parts: Vec<(&'static str, u64, u64)>,
    _folder: tempfile::TempDir,
}

impl Shop {
    /// A shop of 100,000 products, of words as written with the products that hold them, and of pairs of terms.
    fn of(written: &[(&str, u64)], pairs: &[(&str, u64)]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("vocabulary.bin");
        let mut words: BTreeMap<String, WordCounts> = BTreeMap::new();
        // What stands behind `#` is said by texts only, and by no title.
        let plain: Vec<(&str, u64)> = written.iter().map(|(word, products)| (word.trim_start_matches('#'), *products)).collect();
        for (word, products) in written {
            let (word, titles) = word.strip_prefix('#').map_or((*word, *products), |word| (word, 0));
            let counts = words.entry(text::term_of(word)).or_default();
            (counts.products, counts.titles) = (counts.products + products, counts.titles + titles);
        }
        let counted = |counts: &[(&str, u64)]| counts.iter().map(|&(key, count)| (key.to_owned(), count)).collect();
        let mut written: BTreeMap<String, u64> = counted(&plain);
        written.insert("filler".to_owned(), 500_000);
        let counted = Counted { words: &words, pairs: &counted(pairs), written: &written };
        Vocabulary::write(&path, counted, &[]).expect("writes");
        Self {
            vocabulary: Vocabulary::open(&path).expect("opens"),
            queries: Arc::default(),
            selling: Vec::new(),
            beside: Vec::new(),
            shared: Vec::new(),
            unsaid: Vec::new(),
            parts: Vec::new(),
            _folder: folder,
        }
    }

    /// The query as it is read; words in capitals are fixed, those behind `=` are words of the language.
    fn read(&self, query: &str) -> String {
        let mut words: Vec<String> = query.split(' ').map(|word| word.trim_start_matches('=').to_lowercase()).collect();
        for reading in self.readings(query).into_iter().rev() {
            words.splice(reading.typed, reading.read);
        }
        words.join(" ")
    }

    fn readings(&self, query: &str) -> Vec<Reading> {
        let typed = |word: &str| Typed {
            written: word.trim_start_matches('=').to_lowercase(),
            term: crate::text::term_of(word.trim_start_matches('=')),
            fixed: word.chars().all(char::is_uppercase),
            is_word: word.starts_with('='),
        };
        let typed: Vec<Typed> = query.split(' ').map(typed).collect();
        let sells = |term: &str| self.selling.contains(&term);
        let beside = |first: &str, second: &str| self.beside.contains(&(first, second));
        let shared = |first: &str, second: &str| {
            self.shared.iter().find(|(one, other, _)| (*one, *other) == (first, second)).map_or(0, |(.., count)| *count)
        };
        let put_together = |term: &str| {
            let half = |titles_count: u64| Half { term: "half".to_owned(), titles_count, is_short: false };
            let known = self.parts.iter().find(|(known, ..)| *known == term);
            let parts = |(_, longer_count, halves): &(&str, u64, u64)| PutTogether {
                longer_count: *longer_count,
                halves: if *halves > 0 { vec![[half(*halves), half(9_000)]] } else { Vec::new() },
            };
            known.map(parts).unwrap_or_default()
        };
        let lexicon = Lexicon {
            vocabulary: &self.vocabulary,
            products_count: 100_000,
            queries: &self.queries,
            sells: &sells,
            beside: &beside,
            shared: &shared,
            put_together: &put_together,
            is_name: &|_| false,
            joins: &|term| term == "fur",
            spoken: None,
            synonyms: None,
            unsaid: &self.unsaid,
        };
        lexicon.readings(&typed)
    }
}

fn hardware() -> Shop {
    let written = [
        ("anew", 20),
        ("new", 40),
        ("collated", 60),
        ("screws", 900),
        ("screw", 800),
        ("lamp", 700),
        ("lump", 60),
        ("lam", 90),
        ("damp", 500),
        ("desk", 300),
        ("refrigerator", 90),
        ("fluorescent", 400),
        ("flourescent", 1),
        ("hinges", 80),
        ("hinge", 50),
        ("drain", 300),
        ("hose", 400),
        ("smoke", 100),
        ("alarm", 200),
        ("wallpaper", 300),
        ("wall", 2_000),
        ("paper", 600),
        ("finish", 500),
        ("underlayment", 60),
        ("light", 3_000),
        ("colon", 2),
        ("column", 90),
        ("p400", 3),
        ("kitchen", 900),
        ("mm", 5_000),
    ];
    let pairs = [
        ("collated screw", 30),
        ("smoke alarm", 90),
        ("drain hose", 20),
        ("fluorescent light", 100),
        ("desk lamp", 90),
        ("colon light", 2),
    ];
    Shop::of(&written, &pairs)
}

#[test]
fn slips_are_read_as_the_likeliest_words_and_the_rest_stays() {
    let shop = hardware();
    let check = |typed: &str, expected: &str| assert_eq!(shop.read(typed), expected, "{typed}");
    check("colated", "collated");
    check("refridgerater", "refrigerator");
    check("lmap", "lamp");
    check("almp", "lamp");
    check("citchen", "kitchen");
    check("hingse", "hinges");
    check("1/2 colated screws", "1/2 collated screws");
    check("zyxwvut", "zyxwvut");
    check("mom", "mom");
    check("kamp", "kamp");
    check("p40o la", "p40o la");
    check("p4oo", "p4oo");
    check("COLATED", "colated");
    check("=almp", "almp");
    check("lamp lump lam", "lamp lump lam");
    check("screws", "screws");
    check("kichen hinge", "kitchen hinge");
}

#[test]
fn neighbours_decide() {
    let shop = hardware();
    assert_eq!(shop.read("lxmp"), "lamp");
    let shop = Shop::of(&[("lamp", 100), ("lump", 110), ("desk", 300), ("sugar", 300)], &[("desk lamp", 90), ("sugar lump", 90)]);
    assert_eq!((shop.read("desk lxmp").as_str(), shop.read("sugar lxmp").as_str()), ("desk lamp", "sugar lump"));
}

#[test]
fn a_rare_word_may_be_a_slip_unless_it_earns_its_place() {
    let mut shop = hardware();
    assert_eq!(shop.read("flourescent light"), "fluorescent light");
    assert_eq!(shop.read("colon light"), "colon light", "titles hold the two side by side");
    assert_eq!(shop.read("lump light"), "lump light", "nothing more likely is near");
    shop.selling.push("flourescent");
    assert_eq!(shop.read("flourescent light"), "flourescent light");
    shop.selling.clear();
    shop.queries = asked("flourescent tube");
    assert_eq!(shop.read("flourescent light"), "flourescent light");
}

#[test]
fn what_no_product_has_stays_a_slip_however_many_ask_for_it() {
    let mut shop = hardware();
    assert_eq!(shop.read("fluoresent light"), "fluorescent light");
    shop.queries = asked("fluoresent light");
    assert_eq!(shop.read("fluoresent light"), "fluorescent light");
}

#[test]
fn a_word_of_any_length_is_read_in_a_moment() {
    let shop = hardware();
    for letter in ["a", "ж", "전", "ア"] {
        let long = letter.repeat(60_000);
        // Each cut of it would be a look at both halves: minutes.
        assert_eq!(shop.read(&format!("{long} light")), format!("{long} light"));
    }
}

#[test]
fn words_are_split_and_joined() {
    let shop = hardware();
    let check = |typed: &str, expected: &str| assert_eq!(shop.read(typed), expected, "{typed}");
    check("smokealarm", "smoke alarm");
    check("fi nish", "finish");
    check("under layment", "underlayment");
    check("wall paper", "wallpaper");
    check("=wall =paper", "wallpaper");
    check("smoke alarm", "smoke alarm");
    check("desk lamp", "desk lamp");
    check("a new lamp", "a new lamp");
}

/// `usb c to lightning` was read as `usb cto lightning` in a shop of piano scores.
#[test]
fn what_stands_between_any_two_words_is_no_half_of_one() {
    let shop = Shop::of(&[("usb", 400), ("c", 30), ("cto", 40), ("lightning", 90), ("boxof", 40), ("box", 3)], &[]);
    assert_eq!((shop.read("usb c to lightning"), shop.read("box of usb")), ("usb c to lightning".to_owned(), "box of usb".to_owned()));
}

#[test]
fn a_query_of_long_nonsense_ends_soon() {
    let letters: Vec<String> = ('a'..='z').flat_map(|one| ('a'..='z').map(move |other| format!("{one}{other}"))).collect();
    let words: Vec<String> = letters.iter().flat_map(|one| ["able", "ing", "tion", "er"].map(|end| format!("{one}{one}{end}"))).collect();
    let written: Vec<(&str, u64)> = words.iter().map(|word| (word.as_str(), 5)).collect();
    let shop = Shop::of(&written, &[]);
    let nonsense: Vec<String> =
        (0..32).map(|number| format!("{}xqzkjvwpt{number}", letters[number]).replace(char::is_numeric, "y")).collect();
    assert_eq!(shop.read(&nonsense.join(" ")), nonsense.join(" "));
}

/// `usbcable` found nothing in a shop that has its USB cables in a category of chargers and cables and says the two words in no title.
#[test]
fn a_word_is_split_into_two_that_most_products_have_together() {
    let mut shop = Shop::of(&[("usb", 400), ("cable", 1_200), ("fit", 900), ("bit", 700)], &[]);
    assert_eq!((shop.read("usbcable"), shop.read("fitbit")), ("usbcable".to_owned(), "fitbit".to_owned()));
    shop.shared = vec![("usb", "cable", 320), ("fit", "bit", 60)];
    assert_eq!((shop.read("usbcable"), shop.read("fitbit")), ("usb cable".to_owned(), "fitbit".to_owned()), "few fit and are bits");
}

/// `sonny headphones` stayed as it was: a film is called so, and titles say more between the maker and the thing.
#[test]
fn a_known_word_that_no_product_has_with_its_neighbour_may_be_one_that_many_have() {
    let mut shop = Shop::of(&[("sonny", 2), ("sony", 1_500), ("headphones", 900), ("wool", 90), ("wood", 3_000), ("coaster", 60)], &[]);
    assert_eq!((shop.read("sonny headphones"), shop.read("wool coaster")), ("sonny headphones".to_owned(), "wool coaster".to_owned()));
    shop.shared = vec![("sony", "headphone", 300), ("wood", "coaster", 10)];
    assert_eq!(
        (shop.read("sonny headphones"), shop.read("headphones sonny")),
        ("sony headphones".to_owned(), "headphones sony".to_owned())
    );
    assert_eq!((shop.read("sonny"), shop.read("wool coaster")), ("sonny".to_owned(), "wool coaster".to_owned()));
    shop.shared.push(("sonny", "headphone", 1));
    assert_eq!(shop.read("sonny headphones"), "sonny headphones", "somebody makes them");
}

/// `hardrive` found nothing.
#[test]
fn a_word_is_split_where_a_letter_is_shared_or_a_half_has_a_slip() {
    let written = [("hard", 900), ("drive", 700), ("wireless", 900), ("mouse", 300), ("moose", 3), ("board", 90), ("card", 90)];
    let shop = Shop::of(&written, &[("hard drive", 400), ("wireless mouse", 90)]);
    let check = |typed: &str, expected: &str| assert_eq!(shop.read(typed), expected, "{typed}");
    check("hardrive", "hard drive");
    check("wirelesmouse", "wireless mouse");
    check("wirelessmose", "wireless mouse");
    check("cardoard", "cardoard");
}

/// `xbox360 controller` found controllers of everything: a word with a digit was never taken apart.
#[test]
fn a_name_and_its_number_may_have_been_written_as_one() {
    let mut shop = Shop::of(
        &[
            ("xbox", 400),
            ("360", 300),
            ("iphone", 90),
            ("4", 900),
            ("ha", 9),
            ("179", 3),
            ("gt1000", 2),
            ("galaxy", 90),
            ("s2", 9),
            ("2", 900),
        ],
        &[("xbox 360", 280), ("galaxy s2", 9), ("galaxy 2", 3)],
    );
    let check = |shop: &Shop, typed: &str, expected: &str| assert_eq!(shop.read(typed), expected, "{typed}");
    check(&shop, "xbox360 controller", "xbox 360 controller");
    check(&shop, "galaxys2", "galaxy s2");
    check(&shop, "iphone4", "iphone4");
    check(&shop, "ha179", "ha179");
    shop.beside.push(("iphone", "4"));
    check(&shop, "iphone4 case", "iphone 4 case");
}

/// `h and k dress` was read as a hand, and `size s dress` as sizes.
#[test]
fn an_initial_is_no_part_of_the_word_beside_it() {
    let shop = Shop::of(&[("hand", 400), ("sizes", 90), ("tshirt", 90), ("dress", 50)], &[]);
    assert_eq!((shop.read("h and k dress"), shop.read("size s dress")), ("h and k dress".to_owned(), "size s dress".to_owned()));
    assert_eq!(shop.read("t shirt"), "tshirt");
}

#[test]
fn two_words_that_one_title_holds_side_by_side_may_have_been_written_as_one() {
    let mut shop = Shop::of(&[("smoke", 3), ("alarm", 2), ("other", 9)], &[]);
    assert_eq!(shop.read("smokealarm"), "smokealarm", "strangers to each other");
    shop.beside.push(("smoke", "alarm"));
    assert_eq!((shop.read("smokealarm"), shop.read("alarmsmoke")), ("smoke alarm".to_owned(), "alarmsmoke".to_owned()));
}

#[test]
fn beginnings_are_corrected_as_far_as_they_were_typed() {
    let shop = Shop::of(&[("headphone", 40), ("headset", 50), ("hammer", 90)], &[]);
    let check = |typed: &str, expected: Option<&str>| assert_eq!(beginning(&shop.vocabulary, typed).as_deref(), expected, "{typed}");
    check("haed", Some("head"));
    check("headpo", Some("headpho"));
    check("head", None);
    check("hx", None);
    check("zzz", None);
}

#[test]
fn a_reading_is_as_sure_as_it_is_likelier_than_what_was_typed() {
    let shop = Shop::of(&[("chandelier", 900), ("brad", 40)], &[]);
    let sureness = |query: &str| shop.readings(query).first().map(|reading| reading.sureness);
    let (long, short) = (sureness("chandelir").expect("is read"), sureness("braed").expect("is read"));
    assert!(long > 0.99 && short < long && short > 0.5, "{long} {short}");
}

#[test]
fn what_may_not_be_said_is_passed_over_for_the_next_likeliest() {
    let mut shop = Shop::of(&[("quantumizer", 900), ("quantumiger", 4)], &[]);
    assert_eq!(shop.read("quantumiser"), "quantumizer");
    shop.unsaid = vec!["quantumizer".to_owned()];
    assert_eq!(shop.read("quantumiser"), "quantumiger");
    shop.unsaid.push("quantumiger".to_owned());
    assert_eq!(shop.read("quantumiser"), "quantumiser");
}

/// In German shops `harribo` stayed as it was, because one fish is called har and a vitamin ribo: what can be cut into two words was never corrected.
#[test]
fn what_can_be_cut_into_two_words_may_be_a_slip_nevertheless() {
    let mut shop = Shop::of(&[("haribo", 80), ("standlampe", 4), ("koffer", 90)], &[]);
    shop.parts = vec![("harribo", 0, 1), ("strandlampe", 0, 900), ("kaffee", 30, 0)];
    assert_eq!(shop.read("harribo"), "haribo");
    assert_eq!(shop.read("strandlampe"), "strandlampe", "both halves stand in many titles");
    assert_eq!(shop.read("kaffee"), "kaffee", "words of the shop begin so");
    shop.parts.clear();
    assert_eq!((shop.read("strandlampe"), shop.read("kaffer")), ("standlampe".to_owned(), "koffer".to_owned()));
}

/// In an English shop of hardware `taxis` was read as `this`, and so were hundreds of common words that a shop lacks read as others of five letters.
#[test]
fn words_of_sentences_and_words_of_texts_alone_are_hardly_meant() {
    let shop = Shop::of(&[("this", 30_000), ("chair", 400), ("desk", 90), ("arm", 900)], &[("arm chair", 30)]);
    assert_eq!((shop.read("taxis"), shop.read("thsi")), ("taxis".to_owned(), "thsi".to_owned()));
    assert_eq!((shop.read("cahri"), shop.read("arm cahri")), ("cahri".to_owned(), "arm chair".to_owned()), "two slips of five letters");
    assert_eq!(shop.read("cahir"), "chair");
    assert_eq!(Shop::of(&[("носки", 400_000)], &[]).read("носок"), "носки", "another form of one word begins as it does");
    let texts = Shop::of(&[("leather", 60), ("#leathra", 300)], &[]);
    assert_eq!(texts.read("leathre"), "leather");
    let texts = Shop::of(&[("#polyestre", 2), ("polyester", 2_000)], &[]);
    assert_eq!(texts.read("polyestre"), "polyester", "a slip of a text");
    let texts = Shop::of(&[("polyestre", 2), ("polyester", 2_000)], &[]);
    assert_eq!(texts.read("polyestre"), "polyestre", "a title says so");
}
