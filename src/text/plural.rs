//! Plurals: Harman's S-stemmer (D. Harman, "How effective is suffixing?", JASIS 42(1), 1991), the lightest that helps shop queries without
//! joining unrelated words, and the plurals of English that end otherwise: potatoes and shelves are in every shop.

/// Plurals of a letter more or less than the rule says, each with its singular, in the order of the alphabet.
const IRREGULAR: [(&str, &str); 44] = [
    ("atlas", "atlas"),
    ("atlases", "atlas"),
    ("axes", "axe"),
    ("bikinis", "bikini"),
    ("bonuses", "bonus"),
    ("buses", "bus"),
    ("cactuses", "cactus"),
    ("calves", "calf"),
    ("canvas", "canvas"),
    ("canvases", "canvas"),
    ("capris", "capri"),
    ("children", "child"),
    ("cpus", "cpu"),
    ("dies", "die"),
    ("elves", "elf"),
    ("emojis", "emoji"),
    ("gases", "gas"),
    ("geese", "goose"),
    ("gnus", "gnu"),
    ("gpus", "gpu"),
    ("halves", "half"),
    ("headaches", "headache"),
    ("irises", "iris"),
    ("khakis", "khaki"),
    ("kiwis", "kiwi"),
    ("leaves", "leaf"),
    ("lens", "lens"),
    ("lenses", "lens"),
    ("lies", "lie"),
    ("menus", "menu"),
    ("mice", "mouse"),
    ("moustaches", "moustache"),
    ("mustaches", "mustache"),
    ("niches", "niche"),
    ("octopuses", "octopus"),
    ("pies", "pie"),
    ("quiches", "quiche"),
    ("skis", "ski"),
    ("taxis", "taxi"),
    ("teeth", "tooth"),
    ("ties", "tie"),
    ("tutus", "tutu"),
    ("viruses", "virus"),
    ("walruses", "walrus"),
];
/// The letters that plurals and their singulars in `-ie` end with: `shoes`, `mice`, `children`, `teeth`.
const ENDINGS: [u8; 4] = *b"senh";
/// Endings of plurals whose singular ends in `f` or `fe`, with what stands for `ves`; a word may be longer: `bookshelves`.
const VES: [(&str, &str); 8] = [
    ("knives", "fe"),
    ("wives", "fe"),
    ("shelves", "f"),
    ("loaves", "f"),
    ("wolves", "f"),
    ("scarves", "f"),
    ("thieves", "f"),
    ("hooves", "f"),
];
/// Words in `-oes` whose singular ends in `-oe`; all of five letters and fewer do too (`toes`).
const OES: [&str; 5] = ["shoes", "canoes", "tiptoes", "mistletoes", "backhoes"];
const OES_LETTERS_MIN: usize = 6;

/// Words in `-ie` of so many letters and more have the term of one in `-y`, as their plurals do: movies, cookies and hoodies.
const IE_LETTERS_MIN: usize = 5;

/// `-ies` and `-ie` to `-y`, `-es` to `-e`, `-s` dropped, each with its exceptions; words of three letters or fewer and those with a digit stay.
pub(super) fn stem_plural(word: &mut String) {
    let Some(last) = word.bytes().last().filter(|_| word.len() > 3) else { return };
    // Most words of a text end otherwise, and a text has many.
    if !ENDINGS.contains(&last) || !word.is_ascii() || word.bytes().any(|letter| letter.is_ascii_digit()) {
        return;
    }
    if let Ok(at) = IRREGULAR.binary_search_by(|(plural, _)| (*plural).cmp(word)) {
        IRREGULAR[at].1.clone_into(word);
        return;
    }
    let ends = |endings: &[&str]| endings.iter().any(|ending| word.ends_with(ending));
    let ves = VES.iter().find(|(plural, _)| word.ends_with(plural));
    if let Some((_, singular)) = ves {
        word.truncate(word.len() - "ves".len());
        word.push_str(singular);
    } else if ends(&["ies"]) && !ends(&["eies", "aies"]) {
        word.truncate(word.len() - 3);
        word.push('y');
    } else if ends(&["ie"]) && word.len() >= IE_LETTERS_MIN && !ends(&["eie", "aie"]) {
        word.truncate(word.len() - 2);
        word.push('y');
    } else if ends(&["sses", "shes", "ches", "xes", "zzes", "tzes"]) || ends(&["oes"]) && word.len() >= OES_LETTERS_MIN && !ends(&OES) {
        word.truncate(word.len() - 2);
    } else if ends(&["s"]) && !ends(&["us", "ss", "is"]) {
        word.truncate(word.len() - 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_irregular_plural_is_found_where_it_is_looked_for() {
        assert!(IRREGULAR.is_sorted());
        for (plural, one) in IRREGULAR {
            assert_eq!(singular(plural), one, "{plural}");
        }
    }

    fn singular(word: &str) -> String {
        let mut word = word.to_owned();
        stem_plural(&mut word);
        word
    }

    /// In a shop of groceries `potatoes` found no potato, `sizes` no size and `bookshelves` no bookshelf.
    #[test]
    fn one_and_many_of_a_thing_are_one_word() {
        let pairs = "potato potatoes, tomato tomatoes, mango mangoes, hero heroes, echo echoes, tornado tornadoes, shoe shoes, toe toes, canoe canoes, \
                     snowshoe snowshoes, aloe aloes, size sizes, prize prizes, maze mazes, box boxes, watch watches, dish dishes, glass glasses, knife knives, \
                     shelf shelves, bookshelf bookshelves, leaf leaves, loaf loaves, scarf scarves, wolf wolves, half halves, lens lenses, canvas canvases, \
                     bus buses, gas gases, virus viruses, mouse mice, child children, tooth teeth, glove gloves, sleeve sleeves, stove stoves, groove grooves, \
                     movie movies, cookie cookies, hoodie hoodies, beanie beanies, tie ties, pie pies, die dies, axe axes, khaki khakis, menu menus, ski skis, \
                     olive olives, battery batteries, house houses, blouse blouses, vase vases, headache headaches, peach peaches, beach beaches, waltz waltzes";
        for pair in pairs.split(", ") {
            let (one, many) = pair.trim().split_once(' ').expect("a pair");
            assert_eq!(singular(many), singular(one), "{pair}");
        }
    }

    #[test]
    fn words_that_only_look_like_others_stay_apart() {
        for (one, other) in [
            ("pie", "py"),
            ("tie", "ty"),
            ("leave", "leaves"),
            ("glove", "gloaf"),
            ("stove", "stof"),
            ("sleeve", "sleef"),
            ("shoe", "sho"),
            ("glass", "glas"),
        ] {
            assert_ne!(singular(one), singular(other), "{one} and {other}");
        }
        assert_eq!(singular("resolves"), "resolve");
    }
}
