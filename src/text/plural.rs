//! Plurals: Harman's S-stemmer (D. Harman, "How effective is suffixing?", JASIS 42(1), 1991), the lightest that helps shop queries without
//! joining unrelated words, and the plurals of English that end otherwise: potatoes and shelves are in every shop.

/// Plurals of a letter more or less than the rule says, each with its singular.
const IRREGULAR: [(&str, &str); 44] = [
    ("children", "child"),
    ("mice", "mouse"),
    ("geese", "goose"),
    ("teeth", "tooth"),
    ("lens", "lens"),
    ("lenses", "lens"),
    ("canvas", "canvas"),
    ("canvases", "canvas"),
    ("atlas", "atlas"),
    ("atlases", "atlas"),
    ("buses", "bus"),
    ("gases", "gas"),
    ("viruses", "virus"),
    ("cactuses", "cactus"),
    ("walruses", "walrus"),
    ("octopuses", "octopus"),
    ("irises", "iris"),
    ("bonuses", "bonus"),
    ("leaves", "leaf"),
    ("halves", "half"),
    ("calves", "calf"),
    ("elves", "elf"),
    ("mustaches", "mustache"),
    ("moustaches", "moustache"),
    ("headaches", "headache"),
    ("niches", "niche"),
    ("quiches", "quiche"),
    ("axes", "axe"),
    ("ties", "tie"),
    ("pies", "pie"),
    ("dies", "die"),
    ("lies", "lie"),
    ("khakis", "khaki"),
    ("capris", "capri"),
    ("bikinis", "bikini"),
    ("kiwis", "kiwi"),
    ("skis", "ski"),
    ("taxis", "taxi"),
    ("emojis", "emoji"),
    ("menus", "menu"),
    ("cpus", "cpu"),
    ("gpus", "gpu"),
    ("tutus", "tutu"),
    ("gnus", "gnu"),
];
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
    if word.len() <= 3 || !word.is_ascii() || word.bytes().any(|letter| letter.is_ascii_digit()) {
        return;
    }
    if let Some((_, singular)) = IRREGULAR.iter().find(|(plural, _)| *plural == word.as_str()) {
        (*singular).clone_into(word);
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
