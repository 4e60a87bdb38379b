//! Lists of orders: what they show, in which order, page by page.

use super::*;
use crate::order::{Mark, OrderStatus, StatusAxis};
use proptest::prelude::*;
use std::collections::BTreeSet;

const SORTS: [OrderSort; 8] = [
    OrderSort::Newest,
    OrderSort::Oldest,
    OrderSort::DearestFirst,
    OrderSort::CheapestFirst,
    OrderSort::ChangedLast,
    OrderSort::By(StatusAxis::Order),
    OrderSort::By(StatusAxis::Payment),
    OrderSort::By(StatusAxis::Fulfilment),
];

/// Ten orders of one to four units, some canceled, some on hold.
fn shop() -> Shop {
    let mut shop = Shop::stocked();
    shop.moves("a", "north", StockChange::By(100)).expect("moves");
    for number in 0..10 {
        shop.now = shop.now.plus_ms(1_000);
        shop.sells(&format!("o{number}"), &format!("a={}", number % 4 + 1));
    }
    for number in [1, 5] {
        shop.ask(Action::CancelOrder { order: id(&format!("o{number}")), reason: "no".to_owned() }).expect("is canceled");
    }
    let hold = |order| AfterSaleAction::PlaceHold { order, reason: crate::event::trade::after_sale::HoldReason::Manual };
    shop.now = shop.now.plus_ms(1_000);
    shop.ask(Action::AfterSale(hold(id("o2")))).expect("is held");
    shop
}

/// The names of all pages together.
fn pages(shop: &Shop, query: &OrderQuery) -> Vec<String> {
    let mut query = query.clone();
    let mut names = Vec::new();
    loop {
        let page = shop.state.find_orders(&query);
        assert!(page.orders.len() <= query.limit);
        names.extend(page.orders.iter().map(|order| order.id.to_string()));
        match page.next {
            Some(next) => query.after = Some(next),
            None => return names,
        }
    }
}

#[test]
fn orders_are_found_by_what_they_are_and_sorted_by_what_is_asked() {
    let shop = shop();
    let check = |marks: Vec<Mark>, sort, expected: &str| {
        let query = OrderQuery { marks, sort, limit: 3, ..OrderQuery::default() };
        assert_eq!(pages(&shop, &query).join(" "), expected, "{sort:?}");
    };
    let placed = || vec![Mark::Status(OrderStatus::Placed)];
    check(placed(), OrderSort::Newest, "o9 o8 o7 o6 o4 o3 o0");
    check(placed(), OrderSort::Oldest, "o0 o3 o4 o6 o7 o8 o9");
    check(placed(), OrderSort::DearestFirst, "o7 o3 o6 o9 o8 o4 o0");
    check(placed(), OrderSort::CheapestFirst, "o8 o4 o0 o9 o6 o7 o3");
    check(Vec::new(), OrderSort::Newest, "o9 o8 o7 o6 o5 o4 o3 o2 o1 o0");
    check(vec![Mark::Status(OrderStatus::Canceled)], OrderSort::Newest, "o5 o1");
    check(vec![Mark::Status(OrderStatus::OnHold)], OrderSort::ChangedLast, "o2");
    check(vec![Mark::Status(OrderStatus::Closed)], OrderSort::Newest, "");
    check(vec![Mark::Status(OrderStatus::OnHold), Mark::Status(OrderStatus::Placed)], OrderSort::Newest, "");
    check(Vec::new(), OrderSort::By(StatusAxis::Order), "o9 o8 o7 o6 o4 o3 o0 o2 o5 o1");
    check(placed(), OrderSort::By(StatusAxis::Order), "o9 o8 o7 o6 o4 o3 o0");
    check(placed(), OrderSort::By(StatusAxis::Payment), "o9 o8 o7 o6 o4 o3 o0");
    check(Vec::new(), OrderSort::By(StatusAxis::Fulfilment), "o9 o8 o7 o6 o4 o3 o2 o0 o5 o1");
}

#[test]
fn orders_are_found_by_when_and_for_how_much() {
    let shop = shop();
    let third = shop.order("o3").placed_at;
    let check = |query: OrderQuery, expected: &str| assert_eq!(pages(&shop, &OrderQuery { limit: 2, ..query }).join(" "), expected);
    check(OrderQuery { placed_until: Some(third), ..OrderQuery::default() }, "o2 o1 o0");
    check(OrderQuery { placed_from: Some(third), total_max: Some(2_000), ..OrderQuery::default() }, "o8 o4");
    check(OrderQuery { total_min: Some(4_000), sort: OrderSort::Oldest, ..OrderQuery::default() }, "o3 o7");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn pages_of_any_size_show_every_order_once(limit in 1_usize..12, sort in 0_usize..8, is_marked in any::<bool>()) {
        let shop = shop();
        let marks = if is_marked { vec![Mark::Status(OrderStatus::Placed)] } else { Vec::new() };
        let names = pages(&shop, &OrderQuery { marks, sort: SORTS[sort], limit, ..OrderQuery::default() });
        let distinct: BTreeSet<&String> = names.iter().collect();
        prop_assert_eq!((names.len(), distinct.len()), if is_marked { (7, 7) } else { (10, 10) });
    }
}
