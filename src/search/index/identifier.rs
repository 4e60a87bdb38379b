//! Identifiers as people write them: with spaces, dashes and dots or without, in either case, with the leading zeros of a longer GTIN or not.

use crate::catalog::Product;
use crate::id::ID_BYTES_MAX;
use crate::text;

/// A shorter start of an identifier names too much.
const STARTED_CHARS_MIN: usize = 4;
/// Digits from this length on are a GTIN, whose leading zeros only fill it up.
pub const GTIN_DIGITS_MIN: usize = 8;

/// The letters and digits of an identifier in lower case, without leading zeros when it is a GTIN. None when nothing is left of it or it
/// is longer than any identifier.
pub(super) fn folded(written: &str) -> Option<String> {
    if written.len() > ID_BYTES_MAX {
        return None;
    }
    let mut folded = text::fold(written);
    folded.retain(char::is_alphanumeric);
    if folded.len() >= GTIN_DIGITS_MIN && folded.bytes().all(|byte| byte.is_ascii_digit()) {
        folded = folded.trim_start_matches('0').to_owned();
    }
    (!folded.is_empty()).then_some(folded)
}

/// Whether the start of an identifier is long and special enough to be completed.
pub(super) fn may_be_started(folded: &str) -> bool {
    folded.chars().count() >= STARTED_CHARS_MIN && folded.chars().any(|letter| letter.is_ascii_digit())
}

/// Every identifier of a product, folded, each once, in order.
pub(super) fn identifiers(product: &Product) -> Vec<String> {
    let of_variants = product.variants.iter().flat_map(|variant| {
        let printed = variant.gtins.iter().chain(&variant.mpn).map(String::as_str);
        std::iter::once(variant.sku.as_str()).chain(printed)
    });
    let mut found: Vec<String> = std::iter::once(product.id.as_str()).chain(of_variants).filter_map(folded).collect();
    found.sort_unstable();
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writing_does_not_matter() {
        let check = |written: &str, expected: Option<&str>| assert_eq!(folded(written).as_deref(), expected, "{written}");
        check("311-992 D3", Some("311992d3"));
        check("00885909950805", Some("885909950805"));
        check("0 885909 950805", Some("885909950805"));
        check("007", Some("007"));
        check("00000000", None);
        check(" - ", None);
        check(&"9".repeat(ID_BYTES_MAX + 1), None);
    }

    #[test]
    fn a_start_needs_a_digit_and_four_characters() {
        assert!(may_be_started("3119") && may_be_started("ab12"));
        assert!(!may_be_started("311") && !may_be_started("lamp"));
    }

    #[test]
    fn every_identifier_of_a_product_counts() {
        let product = Product::from_document(
            br#"{"id":"P-1","title":"a","variants":[{"sku":"P-1"},{"sku":"S 2","gtins":["0885909950805"],"mpn":"MG/5A2"}]}"#,
        );
        assert_eq!(identifiers(&product.expect("a product")), ["885909950805", "mg5a2", "p1", "s2"]);
    }
}
