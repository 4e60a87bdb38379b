//! The words of a product as they are written: what a correction may be shown as, and counted to know how likely each is.

use crate::catalog::Product;
use crate::catalog::product::AttributeValue;
use crate::text;

/// Longer words are no words that anybody misspells.
const LETTERS_MAX: usize = 32;

/// Each word of the names and texts of a product once, folded but in the singular or plural that it has. Words with digits are left out.
pub(super) fn written_words(product: &Product) -> Vec<String> {
    let mut words = Vec::new();
    let mut add = |text: &str| {
        let is_spelled =
            |word: &String| (2..=LETTERS_MAX).contains(&word.chars().count()) && !word.bytes().any(|letter| letter.is_ascii_digit());
        words.extend(text::written(text).into_iter().filter(is_spelled));
    };
    add(&product.title);
    product.brand.iter().for_each(|brand| add(brand));
    product.categories.iter().flatten().for_each(|part| add(part));
    product.description.iter().for_each(|description| add(description));
    for variant in &product.variants {
        variant.title.iter().for_each(|title| add(title));
    }
    for value in product.attributes.values().chain(product.variants.iter().flat_map(|variant| variant.attributes.values())) {
        match value {
            AttributeValue::Text(text) => add(text),
            AttributeValue::Texts(texts) => texts.iter().for_each(|text| add(text)),
            AttributeValue::Flag(_) | AttributeValue::Number(_) => {}
        }
    }
    words.sort_unstable();
    words.dedup();
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_kept_as_they_are_written() {
        let json = r#"{"id":"a","title":"Brass hinges, 4x4","brand":"Café","categories":[["Doors"]],
            "attributes":{"finish":"Polished","width":3},"variants":[{"sku":"a","title":"Pair"}]}"#;
        let product = Product::from_document(json.as_bytes()).expect("a product");
        assert_eq!(written_words(&product), ["brass", "cafe", "doors", "hinges", "pair", "polished"]);
    }
}
