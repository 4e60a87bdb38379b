//! What narrows a search, a look-up or a product: categories and a price.

use crate::catalog::Product;
use crate::money::{Currency, Money};
use crate::search::filter::syntax::quoted;
use serde::Deserialize;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Filters {
    categories: Vec<String>,
    price: PriceFilter,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct PriceFilter {
    min: Option<u32>,
    max: Option<u32>,
}

impl Filters {
    /// Whether it narrows anything.
    pub(super) fn is_empty(&self) -> bool {
        self.categories.is_empty() && self.price.min.is_none() && self.price.max.is_none()
    }

    /// As the search's own filter.
    pub(super) fn expression(&self, currency: Currency) -> Option<String> {
        let decimal = |amount: u32| {
            let money = Money::new(i64::from(amount), currency).to_string();
            money.split(' ').next().unwrap_or_default().to_owned()
        };
        let categories = self.categories.iter().map(|text| quoted(text)).collect::<Vec<_>>().join(", ");
        let parts = [
            (!self.categories.is_empty()).then(|| format!("category IN [{categories}]")),
            self.price.min.map(|amount| format!("price >= {}", decimal(amount))),
            self.price.max.map(|amount| format!("price <= {}", decimal(amount))),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        (!parts.is_empty()).then(|| parts.join(" AND "))
    }

    /// Whether a product is in one of the categories, or below one.
    pub(super) fn takes_product(&self, product: &Product) -> bool {
        let is_below = |path: &str, category: &String| path == category || path.starts_with(&format!("{category} > "));
        let paths = || product.categories.iter().map(|path| path.join(" > "));
        self.categories.is_empty() || paths().any(|path| self.categories.iter().any(|category| is_below(&path, category)))
    }

    /// Whether a price is within the bounds.
    pub(super) fn takes_price(&self, price: Money) -> bool {
        let amount = price.amount_minor;
        self.price.min.is_none_or(|min| amount >= i64::from(min)) && self.price.max.is_none_or(|max| amount <= i64::from(max))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filters(json: &str) -> Filters {
        serde_json::from_str(json).expect("filters")
    }

    #[test]
    fn filters_become_one_expression() {
        assert_eq!(filters("{}").expression(Currency::USD), None);
        let all = filters(r#"{"categories":["A > B","say \"C\""],"price":{"min":1050,"max":99}}"#).expression(Currency::USD);
        assert_eq!(all.as_deref(), Some(r#"category IN ["A > B", "say \"C\""] AND price >= 10.50 AND price <= 0.99"#));
    }

    #[test]
    fn a_category_holds_what_is_below_it_and_bounds_hold_their_ends() {
        let product: Product =
            serde_json::from_str(r#"{"id":"p","title":"P","categories":[["A","B"]],"variants":[{"sku":"s"}]}"#).expect("a product");
        let check = |json: &str, expected: bool| assert_eq!(filters(json).takes_product(&product), expected, "{json}");
        check("{}", true);
        check(r#"{"categories":["A"]}"#, true);
        check(r#"{"categories":["X","A > B"]}"#, true);
        check(r#"{"categories":["B"]}"#, false);
        check(r#"{"categories":["A > "]}"#, false);
        let price = filters(r#"{"price":{"min":10,"max":20}}"#);
        let taken: Vec<i64> = [9, 10, 20, 21].into_iter().filter(|amount| price.takes_price(Money::new(*amount, Currency::USD))).collect();
        assert_eq!(taken, [10, 20]);
    }
}
