//! Numbers and codes in queries. Pinned here:
//!
//! 1. a short number that titles say is a word: the product with that number for an id does not stand above them, and is still found;
//! 2. a short number beside other words names no product by its id, while a code does;
//! 3. `-CODE` shuts out the product with that code, whose texts do not say it;
//! 4. of a text of thousands of words the first are read, and the answer says so.

use super::request::READ_BYTES_MAX;
use super::testing::{LiveShop, described, numbers};
use super::{Mode, Request};
use serde_json::{Value, json};

fn found(shop: &mut LiveShop, q: &str) -> Vec<u32> {
    numbers(&shop.search(&Request { q: q.to_owned(), mode: Mode::Text, limit: 20, ..Request::default() }).hits)
}

fn shop(products: &[(&str, &str)]) -> LiveShop {
    let products: Vec<(&str, Value)> =
        products.iter().map(|(id, title)| (*title, json!({"id": id, "variants": [{"sku": format!("s-{id}")}]}))).collect();
    described(&products)
}

#[test]
fn a_short_number_in_titles_is_a_word_before_it_is_an_id() {
    let mut shop = shop(&[("1984", "Blue teapot"), ("a", "Orwell: 1984, a novel"), ("b", "Red teapot"), ("7003", "Green teapot")]);
    assert_eq!(found(&mut shop, "1984"), [1, 0]);
    assert_eq!(found(&mut shop, "7003"), [3], "no title says it");
}

#[test]
fn a_short_number_beside_other_words_names_nothing() {
    let mut shop = shop(&[
        ("1000", "Garden gnome"),
        ("a", "Kitchen mixer 1000 watt"),
        ("b", "Wall paint 1000 ml"),
        ("c", "Kitchen mixer"),
        ("DHP482Z", "Makita drill"),
        ("40001234", "Brass nail"),
    ]);
    assert!(!found(&mut shop, "1000 watt mixer").contains(&0));
    assert!(!found(&mut shop, "paint 1000 ml").contains(&0));
    assert_eq!(found(&mut shop, "1000 watt mixer")[0], 1);
    assert!(found(&mut shop, "power drill dhp482z").contains(&4));
    assert!(found(&mut shop, "steel 40001234").contains(&5), "as long as a GTIN");
}

#[test]
fn an_excluded_code_shuts_out_its_product() {
    let mut shop = shop(&[("DHP482Z", "Makita drill"), ("b", "Makita drill small"), ("c", "Makita saw")]);
    assert_eq!(found(&mut shop, "makita drill -DHP482Z"), [1, 2]);
    assert_eq!(found(&mut shop, "makita drill -dhp-482z"), [1, 2]);
    assert_eq!(found(&mut shop, "-DHP482Z"), [1, 2]);
    assert_eq!(found(&mut shop, "makita drill")[..2].iter().copied().collect::<std::collections::BTreeSet<_>>(), [0, 1].into());
}

#[test]
fn of_a_long_text_the_beginning_is_read() {
    let mut shop = shop(&[("a", "Oak desk"), ("b", "รองเท้า")]);
    let q = format!("oak desk {}", "desk ".repeat(READ_BYTES_MAX));
    let mut asked = |q: String| shop.search(&Request { q, mode: Mode::Text, limit: 20, ..Request::default() });
    let answer = asked(q);
    assert_eq!((numbers(&answer.hits), answer.left_out), (vec![0], vec!["all but the first 4093 bytes of the query".to_owned()]));
    let answer = asked("รองเท้า".repeat(3_000));
    assert_eq!((numbers(&answer.hits), answer.left_out), (vec![1], vec!["all but the first 4095 bytes of the query".to_owned()]));
    assert!(asked("oak ".repeat(READ_BYTES_MAX / 4)).left_out.is_empty());
}
