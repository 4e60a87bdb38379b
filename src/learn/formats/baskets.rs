//! What shoppers bought, basket by basket: one JSON object, `{shopper: [[-1], [product, ...], ..., [-1]]}`, baskets oldest first, the -1 at
//! both ends as the field's own files have them (Li et al., "A next basket recommendation reality check", TOIS 41(4), 2023); or a table of
//! what was bought; or a line a basket.

use super::form::{By, is_nobody};
use super::rows::{Row, for_each_row};
use super::{Names, for_each_line, line_error};
use crate::learn::LearnError;
use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, Visitor};
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::path::Path;

/// The baskets of one shopper, oldest first; products by number.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Baskets {
    /// Name of the shopper.
    pub shopper: String,
    /// Products of each, none of them empty.
    pub baskets: Vec<Vec<u32>>,
}

/// All baskets of a file.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct BasketFile {
    /// In the order of their names.
    pub shoppers: Vec<Baskets>,
    /// Lines that say of how many units they are, and that it is none or fewer: what was cancelled or came back is not what was bought.
    pub lines_left_out: usize,
}

/// Reads baskets. Of a table (as of [`read_interactions`](super::read_interactions)) rows with one basket's name are a basket, or where it names
/// none those with one time, but for those of no unit or fewer; of lists every line is a basket.
///
/// # Errors
/// When the file cannot be read or is of another form, a product is no name, or a quantity no number.
pub fn read_baskets(path: &Path, products: &mut Names) -> Result<BasketFile, LearnError> {
    let (mut lines_count, mut text) = (0, String::new());
    for_each_line(path, |number, line| {
        // Only an object of lists is one JSON text. Its lines stand where they stood, so that an error names the right one.
        if lines_count == 0 || text.trim_start().starts_with('{') {
            (lines_count + 1..number).for_each(|_| text.push('\n'));
            text.push_str(line);
            text.push('\n');
            lines_count = number;
        }
        Ok(())
    })?;
    if !text.trim_start().starts_with('{') {
        return from_rows(path, products);
    }
    let refused = |line: usize, error: &serde_json::Error| {
        line_error(path, line.max(1) as u64, format!("expected {{shopper: [[product, ...], ...]}}: {error}"))
    };
    match serde_json::from_str::<BTreeMap<String, Vec<Vec<Product>>>>(&text) {
        Ok(shoppers) => Ok(BasketFile { shoppers: from_object(shoppers, products), lines_left_out: 0 }),
        Err(error) if serde_json::from_str::<BTreeMap<String, Vec<Vec<IgnoredAny>>>>(&text).is_ok() => Err(refused(error.line(), &error)),
        Err(error) => from_rows(path, products).map_err(|_| refused(1, &error)),
    }
}

/// A product in a list: `null` is none, and was taken for one of that name.
struct Product(String);

impl<'de> Deserialize<'de> for Product {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Named;

        impl Visitor<'_> for Named {
            type Value = Product;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a product: a name or a number")
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<Product, E> {
                if is_nobody(name) { Err(E::invalid_value(serde::de::Unexpected::Str(name), &self)) } else { Ok(Product(name.to_owned())) }
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Product, E> {
                Ok(Product(number.to_string()))
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Product, E> {
                Ok(Product(number.to_string()))
            }

            fn visit_f64<E: Error>(self, number: f64) -> Result<Product, E> {
                Ok(Product(number.to_string()))
            }
        }

        deserializer.deserialize_any(Named)
    }
}

fn from_object(shoppers: BTreeMap<String, Vec<Vec<Product>>>, products: &mut Names) -> Vec<Baskets> {
    let mut numbered = |basket: Vec<Product>| -> Vec<u32> {
        basket.iter().filter(|product| !product.0.starts_with('-')).map(|product| products.number(&product.0)).collect()
    };
    let read = |(shopper, baskets): (String, Vec<Vec<Product>>)| Baskets {
        shopper,
        baskets: baskets.into_iter().map(&mut numbered).filter(|basket| !basket.is_empty()).collect(),
    };
    shoppers.into_iter().map(read).collect()
}

/// A basket that is being filled, and when it was bought.
#[derive(Default)]
struct Filled {
    at: Option<f64>,
    products: Vec<u32>,
}

/// Whether something was bought; what does not say how much is one.
fn is_bought(quantity: Option<&str>) -> Result<bool, String> {
    let Some(told) = quantity.filter(|told| !is_nobody(told)) else { return Ok(true) };
    told.parse::<f64>().map(|units| units > 0.0).map_err(|_| format!("the quantity is no number: {told}"))
}

fn from_rows(path: &Path, products: &mut Names) -> Result<BasketFile, LearnError> {
    let mut lines_left_out = 0;
    let mut shoppers: BTreeMap<String, Vec<Filled>> = BTreeMap::new();
    let mut places: HashMap<(String, String), usize> = HashMap::new();
    for_each_row(path, By::Shopper, |row| {
        match row {
            Row::List(_, []) => {}
            Row::List(shopper, list) => {
                let filled = Filled { at: None, products: list.iter().map(|product| products.number(product)).collect() };
                shoppers.entry(shopper.to_owned()).or_default().push(filled);
            }
            // Where a table names orders, what stands in none was not bought.
            Row::One { basket: Some(basket), .. } if is_nobody(basket) => {}
            Row::One { quantity, .. } if !is_bought(quantity)? => lines_left_out += 1,
            Row::One { shopper, product, time, basket, .. } => {
                let name = basket.map(str::to_owned).or_else(|| time.map(|time| time.to_string()));
                let name = name.ok_or("says neither which basket nor when: expected a column order_id, basket_id or a time")?;
                let baskets = shoppers.entry(shopper.to_owned()).or_default();
                let place = *places.entry((shopper.to_owned(), name)).or_insert(baskets.len());
                if place == baskets.len() {
                    baskets.push(Filled { at: time, products: Vec::new() });
                }
                baskets[place].products.push(products.number(product));
            }
        }
        Ok(())
    })?;
    let in_order = |(shopper, mut baskets): (String, Vec<Filled>)| {
        // Stable: baskets without times, or of one time, come as the file has them.
        baskets.sort_by(|a, b| a.at.unwrap_or(0.0).total_cmp(&b.at.unwrap_or(0.0)));
        Baskets { shopper, baskets: baskets.into_iter().map(|basket| basket.products).collect() }
    };
    Ok(BasketFile { shoppers: shoppers.into_iter().map(in_order).collect(), lines_left_out })
}

/// The last basket of each shopper who has two taken from the others: what is left, and what came next.
#[must_use]
pub fn last_baskets_apart(all: Vec<Baskets>) -> (Vec<Baskets>, Vec<Baskets>) {
    let (mut before, mut next) = (Vec::new(), Vec::new());
    for mut shopper in all {
        if shopper.baskets.len() > 1 {
            let last = shopper.baskets.pop().into_iter().collect();
            next.push(Baskets { shopper: shopper.shopper.clone(), baskets: last });
        }
        before.push(shopper);
    }
    (before, next)
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
        let baskets = read_baskets(&path, &mut products).expect("reads").shoppers;
        let expected = [("a", vec![]), ("b", vec![vec![0, 1], vec![0]])];
        assert_eq!(baskets, expected.map(|(shopper, baskets)| Baskets { shopper: shopper.to_owned(), baskets }));
        assert_eq!(products.name(1), Some("3"));
        std::fs::write(&path, "{\"a\": 1}").expect("writes");
        assert!(read_baskets(&path, &mut products).is_err());
    }

    /// `null` was a product of that name, as was what stood in braces.
    #[test]
    fn what_is_no_name_is_no_product_and_its_line_is_named() {
        let refused = |text: &str| read(text).expect_err("is refused").to_string();
        let null = refused("\n{\"a\": [[1, 2]],\n\n \"b\": [[3],\n [4, null]]}");
        assert!(null.contains("baskets:5: ") && null.contains("null, expected a product"), "{null}");
        assert!(refused("{\"a\": [[{\"id\": 1}]]}").contains("expected a product"));
        assert!(refused("{\"a\": [[\"\"]]}").contains("expected a product"));
        assert!(refused("{\"user_id\":1,\"items\":[5]}\n{\"user_id\":2,\"items\":[5,null]}").contains("baskets:"));
    }

    /// What was cancelled or came back counted as bought.
    #[test]
    fn lines_of_no_unit_or_fewer_are_left_out_and_counted() {
        let file = |text: &str| {
            let folder = tempfile::tempdir().expect("a folder");
            let path = folder.path().join("baskets");
            std::fs::write(&path, text).expect("writes");
            read_baskets(&path, &mut Names::default())
        };
        let text = "InvoiceNo,StockCode,Quantity,InvoiceDate,CustomerID\n1,milk,2,2020-01-01,ann\n1,jam,0,2020-01-01,ann\n\
                    C2,milk,-1,2020-01-02,ann\n3,tea,,2020-01-03,ann\n3,jam,1.5,2020-01-03,ann\n";
        let found = file(text).expect("reads");
        assert_eq!((found.lines_left_out, found.shoppers[0].baskets.as_slice()), (2, &[vec![0], vec![1, 2]][..]));
        let error = file(&text.replace("1.5", "some")).expect_err("is refused").to_string();
        assert!(error.contains("baskets:6: the quantity is no number: some"), "{error}");
        let objects =
            "{\"user_id\":1,\"item_id\":5,\"order_id\":1,\"quantity\":-2}\n{\"user_id\":1,\"item_id\":6,\"order_id\":1,\"quantity\":2}\n";
        assert_eq!(file(objects).map(|found| (found.lines_left_out, found.shoppers.len())).expect("reads"), (1, 1));
    }

    type Named = (String, Vec<Vec<String>>);

    fn read(text: &str) -> Result<Vec<Named>, LearnError> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("baskets");
        std::fs::write(&path, text).expect("writes");
        let mut products = Names::default();
        let baskets = read_baskets(&path, &mut products)?;
        let named = |basket: &Vec<u32>| basket.iter().filter_map(|&number| products.name(number).map(str::to_owned)).collect();
        Ok(baskets.shoppers.into_iter().map(|shopper| (shopper.shopper, shopper.baskets.iter().map(named).collect())).collect())
    }

    #[test]
    fn tables_lists_and_objects_of_baskets_say_the_same() {
        let same = [
            "household_key,BASKET_ID,DAY,PRODUCT_ID\nann,8,1,milk\nann,9,1,tea\nann,8,1,jam\n",
            "user_id,item_id,timestamp\nann,tea,2020-01-02\nann,milk,2020-01-01\nann,jam,2020-01-01\n",
            "order_id;customer_id;product_id\n8;ann;milk\n8;ann;jam\n9;ann;tea\n",
            "visitorid,itemid,transactionid\nann,milk,8\nann,soap,\nann,jam,8\nann,tea,9\n",
            "ann milk jam\nann tea\n",
            "{\"ann\": [[\"milk\", \"jam\"], [\"tea\"]]}",
            "{\"user_id\":\"ann\",\"item_id\":\"milk\",\"order_id\":8}\n{\"user_id\":\"ann\",\"item_id\":\"jam\",\"order_id\":8}\n\
             {\"user_id\":\"ann\",\"item_id\":\"tea\",\"order_id\":9}\n",
        ];
        for text in same {
            let found = read(text).expect("reads");
            let expected = vec![vec!["milk".to_owned(), "jam".to_owned()], vec!["tea".to_owned()]];
            assert_eq!(found, [("ann".to_owned(), expected)], "{text}");
        }
        let error = read("user_id,item_id\nann,milk\n").expect_err("is refused").to_string();
        assert!(error.contains("neither which basket nor when"), "{error}");
    }

    #[test]
    fn the_last_basket_of_who_has_two_is_what_came_next() {
        let baskets = |shopper: &str, baskets: &[&[u32]]| Baskets {
            shopper: shopper.to_owned(),
            baskets: baskets.iter().map(|basket| basket.to_vec()).collect(),
        };
        let (before, next) = last_baskets_apart(vec![baskets("a", &[&[1], &[2, 3]]), baskets("b", &[&[4]])]);
        assert_eq!((before, next), (vec![baskets("a", &[&[1]]), baskets("b", &[&[4]])], vec![baskets("a", &[&[2, 3]])]));
    }
}
