//! Changes of stock.

use super::*;

#[test]
fn stock_moves_by_to_and_under_a_condition() {
    let mut shop = Shop::stocked();
    let on_hand = |shop: &Shop| shop.state.buckets(&id("a"), &id("north")).on_hand;
    shop.moves("a", "north", StockChange::By(-3)).expect("moves");
    assert_eq!(on_hand(&shop), 7);
    shop.moves("a", "north", StockChange::To(20)).expect("moves");
    assert_eq!(on_hand(&shop), 20);
    assert_eq!(shop.moves("a", "north", StockChange::To(20)), Ok(Vec::new()), "nothing to do");
    let change = StockChange::CompareAndSet { expected: 19, on_hand: 5 };
    assert_eq!(shop.moves("a", "north", change), Err(Rejection::StockChanged { sku: id("a"), expected: 19, on_hand: 20 }));
    shop.moves("a", "north", StockChange::CompareAndSet { expected: 20, on_hand: 5 }).expect("moves");
    assert_eq!((on_hand(&shop), shop.available("a")), (5, 10));
    shop.moves("new", "north", StockChange::To(0)).expect("an empty place is a place");
    assert_eq!(shop.state.stock_of(&id("new")).len(), 1);
}

#[test]
fn stock_that_is_promised_cannot_be_taken_away() {
    let mut shop = Shop::stocked();
    shop.opens("k", "a=8").expect("opens");
    shop.completes("k", "p", None).expect("completes");
    let field = |refused| match refused {
        Err(Rejection::Invalid { field, .. }) => field,
        other => panic!("{other:?}"),
    };
    assert_eq!(field(shop.moves("a", "north", StockChange::To(7))), "on_hand");
    assert_eq!(field(shop.moves("a", "north", StockChange::By(-11))), "on_hand");
    assert_eq!(field(shop.moves("a", "north", StockChange::By(i64::MIN))), "on_hand");
    assert_eq!(field(shop.moves("a", "north", StockChange::By(i64::MAX))), "on_hand");
    assert_eq!(field(shop.moves("a", "north", StockChange::To(-1))), "on_hand");
    shop.moves("a", "north", StockChange::To(8)).expect("exactly what is promised may stay");
}

#[test]
fn limits_are_checked_and_change_what_may_be_sold() {
    let mut shop = Shop::stocked();
    let set = |shop: &mut Shop, safety_stock, backorder_cap| {
        let (sku, location) = (id("a"), id("south"));
        shop.ask(Action::SetStockLimits { sku, product: Ordinal(0), location, safety_stock, backorder_cap })
    };
    set(&mut shop, 4, 0).expect("sets");
    assert_eq!(shop.available("a"), 11);
    assert_eq!(set(&mut shop, 4, 0), Ok(Vec::new()), "nothing to do");
    assert!(matches!(set(&mut shop, -1, 0), Err(Rejection::Invalid { field, .. }) if field == "safety_stock"));
    assert!(matches!(set(&mut shop, 0, -1), Err(Rejection::Invalid { field, .. }) if field == "backorder_cap"));
    set(&mut shop, 0, 3).expect("sets");
    shop.sells("o", "a=18");
    assert!(matches!(set(&mut shop, 0, 2), Err(Rejection::Invalid { field, .. }) if field == "backorder_cap"));
    assert_eq!(shop.available("a"), 0);
}

#[test]
fn availability_of_products_follows_every_change() {
    let mut shop = Shop::stocked();
    assert_eq!(shop.state.take_touched(), [Ordinal(0)]);
    shop.opens("k", "a=15 b=3").expect("opens");
    assert_eq!(shop.state.take_touched(), []);
    shop.completes("k", "p", None).expect("completes");
    assert_eq!((shop.state.take_touched(), shop.state.available_units_of_product(Ordinal(0))), (vec![Ordinal(0)], 0));
    shop.hears("p", "o", authorized()).expect("is authorised");
    assert_eq!(shop.state.take_touched(), [], "what was held is now allocated: nothing changes for others");
    shop.ask(Action::CancelOrder { order: id("o"), reason: String::new() }).expect("cancels");
    assert_eq!((shop.state.take_touched(), shop.state.available_units_of_product(Ordinal(0))), (vec![Ordinal(0)], 18));
}
