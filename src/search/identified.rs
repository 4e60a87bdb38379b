//! Whether a text is an identifier of a product, whatever separators it is written with.

use crate::catalog::{CatalogSnapshot, Product};
use crate::id::Ordinal;
use crate::text;

/// Whether one of the product's identifiers is the text, separators and leading zeros of numbers aside. The index says that one of them is
/// or begins with it.
pub(super) fn has_identifier(ordinal: Ordinal, typed: &str, catalog: &CatalogSnapshot) -> bool {
    let Some(product) = catalog.product(ordinal) else { return false };
    let wanted = bare(typed);
    identifiers(&product).any(|identifier| bare(identifier) == wanted)
}

fn identifiers(product: &Product) -> impl Iterator<Item = &str> {
    let of_variants = product.variants.iter().flat_map(|variant| {
        let gtins = variant.gtins.iter().map(String::as_str);
        gtins.chain(variant.mpn.as_deref()).chain(std::iter::once(variant.sku.as_str()))
    });
    std::iter::once(product.id.as_str()).chain(of_variants)
}

/// Letters and digits only, folded; leading zeros of a number dropped.
fn bare(identifier: &str) -> String {
    let bare: String = text::fold(identifier).chars().filter(|letter| letter.is_alphanumeric()).collect();
    if bare.bytes().all(|byte| byte.is_ascii_digit()) { bare.trim_start_matches('0').to_owned() } else { bare }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_compared_without_separators() {
        assert_eq!(bare("AB-12 c"), "ab12c");
        assert_eq!(bare("0012-3"), "123");
    }
}
