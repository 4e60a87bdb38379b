//! What shoppers type: nouns of a category, with brands, colours and properties that are really there, now and then misspelled.

use super::{Draw, Shop, assortment};
use crate::demo::grammar::Pick;

const MISSPELLED_SHARE: f64 = 0.07;

/// A query for anything.
pub(super) fn any(shop: &Shop, draw: &mut Draw) -> String {
    let category = draw.usize(..shop.shelves.len());
    for_category(shop, category, draw)
}

/// A query that products of the category answer.
pub(super) fn for_category(shop: &Shop, category: usize, draw: &mut Draw) -> String {
    let index = shop.shelves[category].popular(draw);
    let core = assortment::core(&shop.grammar, shop.seed, category, index);
    let noun = core.slots()["noun"].to_lowercase();
    let luck = draw.f64();
    let text = match luck {
        _ if luck < 0.40 => noun,
        _ if luck < 0.62 => format!("{} {noun}", core.slots()["brand"].to_lowercase()),
        _ if luck < 0.74 && !core.colours().is_empty() => format!("{} {noun}", core.colours()[0]),
        _ if luck < 0.80 => format!("{} {}", core.slots()["brand"], core.slots()["series"]).to_lowercase(),
        _ if luck < 0.84 => core.slots()["model"].to_lowercase(),
        _ => match text_property(&core, draw) {
            Some(property) => format!("{property} {noun}"),
            None => noun,
        },
    };
    if draw.f64() < MISSPELLED_SHARE { misspelled(&text, draw) } else { text }
}

/// A property that is a word, such as a material.
fn text_property(core: &assortment::Core<'_>, draw: &mut Draw) -> Option<String> {
    let is_word = |picks: &[Pick]| picks.iter().all(|pick| matches!(pick, Pick::Text(text) if text.len() <= 20));
    let words: Vec<&str> = core.category.attributes.iter().filter(|(_, picks)| is_word(picks)).map(|(name, _)| name.as_str()).collect();
    if words.is_empty() { None } else { Some(core.slots()[words[draw.usize(..words.len())]].to_lowercase()) }
}

/// One slip of the finger: a letter left out, doubled, or swapped with the next.
fn misspelled(text: &str, draw: &mut Draw) -> String {
    let letters: Vec<char> = text.chars().collect();
    let places: Vec<usize> =
        (1..letters.len().saturating_sub(1)).filter(|&at| letters[at].is_alphabetic() && letters[at + 1].is_alphabetic()).collect();
    let Some(&at) = draw.choice(&places) else { return text.to_owned() };
    let mut typed = letters;
    match draw.usize(..3) {
        0 => drop(typed.remove(at)),
        1 => typed.insert(at, typed[at]),
        _ => typed.swap(at, at + 1),
    }
    typed.into_iter().collect()
}
