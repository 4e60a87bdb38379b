//! What shoppers bought, basket by basket: one JSON object, `{shopper: [[-1], [product, ...], ..., [-1]]}`, baskets oldest first, the -1 at
//! both ends as the field's own files have them (Li et al., "A next basket recommendation reality check", TOIS 41(4), 2023).

use super::{Names, for_each_line, line_error};
use crate::learn::LearnError;
use std::collections::BTreeMap;
use std::path::Path;

/// The baskets of one shopper, oldest first; products by number.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Baskets {
    /// Name of the shopper.
    pub shopper: String,
    /// Products of each, none of them empty.
    pub baskets: Vec<Vec<u32>>,
}

/// Reads baskets, shoppers in the order of their names.
///
/// # Errors
/// When the file cannot be read or is of another form.
pub fn read_baskets(path: &Path, products: &mut Names) -> Result<Vec<Baskets>, LearnError> {
    let mut text = String::new();
    for_each_line(path, |_, line| {
        text.push_str(line);
        Ok(())
    })?;
    let shoppers: BTreeMap<String, Vec<Vec<i64>>> = serde_json::from_str(&text).map_err(|error| line_error(path, 1, error.to_string()))?;
    let mut numbered = |basket: Vec<i64>| -> Vec<u32> {
        basket.into_iter().filter(|product| *product >= 0).map(|product| products.number(&product.to_string())).collect()
    };
    let read = |(shopper, baskets): (String, Vec<Vec<i64>>)| Baskets {
        shopper,
        baskets: baskets.into_iter().map(&mut numbered).filter(|basket| !basket.is_empty()).collect(),
    };
    Ok(shoppers.into_iter().map(read).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_are_struck_and_another_form_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("baskets");
        let mut products = Names::default();
        std::fs::write(&path, "{\"b\": [[-1], [7, 3], [7], [-1]],\n \"a\": []}").expect("writes");
        let baskets = read_baskets(&path, &mut products).expect("reads");
        let expected = [("a", vec![]), ("b", vec![vec![0, 1], vec![0]])];
        assert_eq!(baskets, expected.map(|(shopper, baskets)| Baskets { shopper: shopper.to_owned(), baskets }));
        assert_eq!(products.name(1), Some("3"));
        std::fs::write(&path, "[1, 2]").expect("writes");
        assert!(read_baskets(&path, &mut products).is_err());
    }
}
