//! Values that put other values of the same field side by side: of a shop that knows `Black` and `Grey`, a case that is `Black,Grey` is both.
//!
//! Feeds write several colours, materials or interfaces as one text. Taken as one value it is found by neither colour's filter and counted by neither
//! facet, and a list of colours is half combinations. Which texts are lists is nothing that a mark could say (`Black & Decker`, `USB/HDMI`, `Windows 10
//! Home, 64 bit`), so the vocabulary does: every part has to be a value by itself.

use super::dictionary::{Dictionary, FieldId, TermId};
use crate::catalog::Product;
use crate::catalog::product::{AttributeValue, Attributes};

/// What stands between the parts.
const MARKS: [char; 4] = [',', '/', ';', '&'];
const WORDS: [&str; 3] = [" and ", " und ", " et "];
/// More parts make a text, not a list.
const PARTS_MAX: usize = 8;

/// The parts of a text that may be a list, two or more, each with a letter; none of any other.
fn parts(text: &str) -> Option<Vec<&str>> {
    if !text.contains(MARKS) && !WORDS.iter().any(|word| text.contains(word)) {
        return None;
    }
    let by_words =
        |part| WORDS.iter().fold(vec![part], |parts: Vec<&str>, word| parts.into_iter().flat_map(|part| part.split(word)).collect());
    let parts: Vec<&str> = text.split(MARKS).flat_map(by_words).map(str::trim).collect();
    let is_said = |part: &&str| part.contains(char::is_alphabetic);
    ((2..=PARTS_MAX).contains(&parts.len()) && parts.iter().all(is_said)).then_some(parts)
}

/// The values that a text puts side by side, where each of them is known; none where it is one value.
pub(super) fn values(field: FieldId, text: &str, dictionary: &Dictionary) -> Option<Vec<TermId>> {
    parts(text)?.into_iter().map(|part| dictionary.term(field, part)).collect()
}

/// Enters those values of attributes that are no lists, so that it does not matter whether a list or its parts are met first.
pub(super) fn learn(product: &Product, dictionary: &mut Dictionary) {
    let variants = product.variants.iter().map(|variant| &variant.attributes);
    std::iter::once(&product.attributes).chain(variants).for_each(|attributes| learn_from(attributes, dictionary));
}

fn learn_from(attributes: &Attributes, dictionary: &mut Dictionary) {
    for (name, value) in attributes {
        let texts = match value {
            AttributeValue::Text(text) => std::slice::from_ref(text),
            AttributeValue::Texts(texts) => texts,
            AttributeValue::Flag(_) | AttributeValue::Number(_) => continue,
        };
        let field = dictionary.intern_attribute(name);
        for text in texts.iter().filter(|text| parts(text).is_none()) {
            dictionary.intern(field, text);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::id::Ordinal;
    use crate::search::Columns;
    use serde_json::json;

    fn put(columns: &mut Columns, number: u32, attributes: &serde_json::Value) {
        let id = format!("p{number}");
        let value = json!({"id": id, "title": "Case", "attributes": attributes, "variants": [{"sku": id}]});
        columns.put(Ordinal(number), &serde_json::from_value(value).expect("a product"));
    }

    #[test]
    fn a_value_that_puts_known_ones_side_by_side_is_each_of_them() {
        let mut columns = Columns::new();
        for (number, colour) in
            ["Black", "Grey", "Dark blue", "Black,Grey", "grey / Dark Blue", "Black and Pink", "Black, 2"].iter().enumerate()
        {
            put(&mut columns, number as u32, &json!({"colour": colour, "maker": "Black, Grey"}));
        }
        let dictionary = columns.dictionary();
        let of = |field: &str, value: &str| {
            let field = dictionary.field_named(field).expect("a field");
            dictionary.term(field, value).map(|term| dictionary.postings(term).bitmap().iter().collect::<Vec<u32>>())
        };
        assert_eq!(of("attributes.colour", "black"), Some(vec![0, 3]));
        assert_eq!(of("attributes.colour", "grey"), Some(vec![1, 3, 4]));
        assert_eq!(of("attributes.colour", "dark blue"), Some(vec![2, 4]));
        assert_eq!(of("attributes.colour", "Black,Grey"), None, "a list is no value of its own");
        // One part is no value, or no word; and of another field that knows neither it is one.
        assert_eq!((of("attributes.colour", "Black and Pink"), of("attributes.colour", "Black, 2")), (Some(vec![5]), Some(vec![6])));
        assert_eq!(of("attributes.maker", "Black, Grey").map(|found| found.len()), Some(7));
    }

    #[test]
    fn parts_that_become_known_later_are_taken_in_with_new_prices() {
        let mut columns = Columns::new();
        let colours = ["Black,Grey", "Black", "Grey"];
        colours.iter().enumerate().for_each(|(number, colour)| put(&mut columns, number as u32, &json!({"colour": colour})));
        let product = json!({"id": "p0", "title": "Case", "attributes": {"colour": colours[0]}, "variants": [{"sku": "p0"}]});
        let renumbered = columns.renumber(Ordinal(0), &serde_json::from_value(product).expect("a product"));
        assert!(renumbered.values, "whoever remembers what it was is told");
        let dictionary = columns.dictionary();
        let colour = dictionary.field_named("attributes.colour").expect("a field");
        let holders = |value: &str| dictionary.term(colour, value).map(|term| dictionary.postings(term).len());
        assert_eq!((holders("black"), holders("grey"), holders("Black,Grey")), (Some(2), Some(2), Some(0)));
    }
}
