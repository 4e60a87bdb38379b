//! A product that is put again with the words it had. Pinned here:
//!
//! 1. its numbers are the new ones, and its words stay where they are, in the generation or beside it;
//! 2. whoever was gone, or said something else in between, is indexed like any other.

use super::tests::Shop;
use crate::id::ProductId;
use crate::search::columns::FieldId;

/// How many products the overlay has words of, and what a product is rated.
fn told(shop: &mut Shop, id: &str) -> (u64, f64) {
    shop.indexer.commit();
    let snapshot = shop.index.snapshot();
    let ordinal = shop.catalog.working().ordinal_of(&ProductId::new(id).expect("an id")).expect("is known");
    (snapshot.text.overlay.products_count(), snapshot.columns.number_span(FieldId::RATING, ordinal).max)
}

#[test]
fn a_product_that_says_what_it_said_gets_new_numbers_and_no_new_words() {
    let mut shop = Shop::new();
    shop.put("a", "red lamp");
    shop.put("b", "blue lamp");
    let generation = shop.build().id;
    shop.promote(generation);
    shop.put_rated("a", "red lamp", 4.5);
    assert_eq!(told(&mut shop, "a"), (0, 4.5), "the words are those of the generation");
    assert_eq!((shop.ids(&["red"], 1), shop.indexer.overlay_count()), (vec!["a".to_owned()], 0));
    shop.put_rated("a", "green lamp", 4.5);
    shop.put_rated("a", "green lamp", 3.0);
    assert_eq!((told(&mut shop, "a"), shop.ids(&["green"], 1)), ((1, 3.0), vec!["a".to_owned()]));
    shop.put_rated("a", "red lamp", 2.0);
    assert_eq!((told(&mut shop, "a"), shop.ids(&["green"], 1).len(), shop.ids(&["red"], 1).len()), ((1, 2.0), 0, 1));
    // Gone and there again, as it was: what hides it has to go, too.
    shop.remove("b");
    shop.put("b", "blue lamp");
    assert_eq!((told(&mut shop, "b"), shop.ids(&["blue"], 1)), ((2, 1.0), vec!["b".to_owned()]));
    // Whoever compares the shop with the generation finds new numbers of it, and no words.
    shop.put_rated("b", "blue lamp", 5.0);
    shop.put("a", "red lamp");
    shop.promote(generation);
    assert_eq!((told(&mut shop, "b"), told(&mut shop, "a")), ((0, 5.0), (0, 1.0)));
    assert_eq!(shop.ids(&["lamp"], 1), ["a", "b"]);
}

/// A shop that was given new prices over night asked for a whole new generation, of which no word was new.
#[test]
fn new_numbers_of_the_whole_shop_ask_for_no_new_generation() {
    let mut shop = Shop::new();
    let each =
        |shop: &mut Shop, title: &str, stars: f64| (0..600).for_each(|n| shop.put_rated(&format!("p{n}"), &format!("{title} {n}"), stars));
    each(&mut shop, "lamp", 1.0);
    let generation = shop.build().id;
    shop.promote(generation);
    each(&mut shop, "lamp", 4.5);
    assert_eq!((told(&mut shop, "p7"), shop.indexer.overlay_count(), shop.indexer.wants_rebuild()), ((0, 4.5), 0, false));
    // Neither does whoever finds the new numbers by comparing the shop with its generation.
    shop.promote(generation);
    assert_eq!((shop.indexer.overlay_count(), shop.indexer.wants_rebuild()), (0, false));
    each(&mut shop, "lantern", 4.5);
    assert_eq!((shop.indexer.overlay_count(), shop.indexer.wants_rebuild()), (600, true));
}
