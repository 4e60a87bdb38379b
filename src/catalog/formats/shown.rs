//! In what prices are that do not say it: a column that has shown one currency goes on in it.
//!
//! `129,99 €` above `1.299,00` is how people write tables. A column that has shown two currencies tells nothing, nor does one that has shown none yet: what
//! stands there is in the currency of the file.

use super::currencies::currency_said;
use super::value::Value;
use crate::money::Currency;

/// Columns of prices that are remembered; a file has a few.
const COLUMNS_MAX: usize = 64;

/// What the columns of one file have shown.
#[derive(Debug, Default)]
pub(super) struct Shown {
    /// None of a column that has shown several.
    columns: Vec<(String, Option<Currency>)>,
}

impl Shown {
    /// The currency that a price of this column is in because of those above it; `own` is that of the file. None where the price says it, and where
    /// nothing above does.
    pub(super) fn currency(&mut self, column: &str, value: &Value<'_>, own: Currency) -> Option<Currency> {
        let has_room = self.columns.len() < COLUMNS_MAX;
        let known = self.columns.iter_mut().find(|(name, _)| name == column);
        let Some(said) = currency_said(value, own) else { return known.and_then(|(_, shown)| *shown) };
        match known {
            Some((_, shown)) => *shown = shown.filter(|shown| *shown == said),
            None if has_room => self.columns.push((column.to_owned(), Some(said))),
            None => {}
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_goes_on_in_the_only_currency_that_it_has_shown() {
        let mut shown = Shown::default();
        let mut check = |column: &str, price: &str, expected: Option<Currency>| {
            let currency = shown.currency(column, &Value::Text(price.into()), Currency::USD);
            assert_eq!(currency, expected, "{column} {price}");
        };
        check("Preis", "5", None);
        check("Preis", "129,99 €", None);
        check("Preis", "1.299,00", Some(Currency::EUR));
        check("UVP", "5", None);
        check("Preis", "on request", Some(Currency::EUR));
        check("Preis", "£5", None);
        check("Preis", "5", None);
        check("Preis", "5 €", None);
        check("Preis", "5", None);
    }
}
