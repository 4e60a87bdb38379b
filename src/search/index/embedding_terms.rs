//! What of a product is embedded: its words with the weight that they have in its vector.

use crate::catalog::{AttributeValue, Product};
use crate::text;

/// Terms of the description beyond these say little about what the product is.
const DESCRIPTION_TERMS_MAX: usize = 50;
/// Terms of the attributes beyond these are data-sheet noise.
const ATTRIBUTE_TERMS_MAX: usize = 100;

/// The terms of a product with their weights: title 3, brand 2, the narrowest part of each category path 2, text attributes 1, the start of
/// the description 0.5. A term stands as often as it occurs. Training and indexing both use this, so that products, queries and the model
/// speak of the same words.
#[must_use]
pub fn embedding_terms(product: &Product) -> Vec<(String, f32)> {
    let leaves = product.categories.iter().filter_map(|path| path.last());
    let attributes = product.attributes.values().flat_map(|value| match value {
        AttributeValue::Text(text) => std::slice::from_ref(text),
        AttributeValue::Texts(texts) => texts.as_slice(),
        AttributeValue::Flag(_) | AttributeValue::Number(_) => &[],
    });
    weighted(std::iter::once(&product.title), 3.0, usize::MAX)
        .chain(weighted(product.brand.iter(), 2.0, usize::MAX))
        .chain(weighted(leaves, 2.0, usize::MAX))
        .chain(weighted(attributes, 1.0, ATTRIBUTE_TERMS_MAX))
        .chain(weighted(product.description.iter(), 0.5, DESCRIPTION_TERMS_MAX))
        .collect()
}

fn weighted<'a>(texts: impl Iterator<Item = &'a String>, weight: f32, terms_max: usize) -> impl Iterator<Item = (String, f32)> {
    texts.flat_map(|text| text::terms(text)).take(terms_max).map(move |term| (term, weight))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_carry_the_weight_of_their_field() {
        let product = Product::from_document(
            br#"{"id":"a","title":"Desk lamp","brand":"Acme","description":"A light","categories":[["Home","Lamps"]],
                "attributes":{"colour":"red","height_cm":30},"variants":[{"sku":"a"}]}"#,
        )
        .expect("a product");
        let weighted = embedding_terms(&product);
        let expected = [("desk", 3.0), ("lamp", 3.0), ("acme", 2.0), ("lamp", 2.0), ("red", 1.0), ("a", 0.5), ("light", 0.5)];
        assert_eq!(weighted, expected.map(|(term, weight)| (term.to_owned(), weight)));
    }
}
