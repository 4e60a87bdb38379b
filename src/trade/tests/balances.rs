//! The look through all balances:
//!
//! 1. it finds nothing in a shop that was only ever changed by decisions, and names what does not add up: money, units held, units there;
//! 2. whoever paces it is asked between any two things and can end it.

use super::*;
use crate::event::trade::Posting;

fn wrong(shop: &Shop) -> Vec<String> {
    shop.state.check_balances(&mut || Some(())).expect("nobody ends it")
}

fn busy() -> Shop {
    let mut shop = Shop::stocked();
    shop.sells("o", "a=2 b=1");
    shop.sells("p", "a=1");
    shop.ask(Action::ShipOrder { order: id("o"), shipment: id("s"), units: Vec::new() }).expect("ships");
    shop
}

#[test]
fn what_does_not_add_up_is_named() {
    assert_eq!(wrong(&busy()), Vec::<String>::new());
    let check = |what: &str, breaks: &dyn Fn(&mut State)| {
        let mut shop = busy();
        breaks(&mut shop.state);
        let found = wrong(&shop);
        assert!(found.iter().any(|text| text.contains(what)), "{what}: {found:?}");
    };
    let post = |state: &mut State, from: &str, to: &str| {
        let posting = Posting { from: from.to_owned(), to: to.to_owned(), amount: Money::new(5, Currency::EUR) };
        state.ledger.post(&posting).expect("posts");
    };
    check("order o: the ledger says", &|state| post(state, "sales", "receivable/o"));
    check("the ledger keeps what", &|state| post(state, "sales", "receivable/stray"));
    check("the ledger holds", &|state| post(state, "fees", "provider/test"));
    check("allocated", &|state| state.stock.free(&units_of(&[("a", "north", 1)])).expect("frees"));
    check("units are held where none ever were", &|state| {
        state.orders.change(&id("p"), |order| order.left_to_ship = Arc::from(units_of(&[("a", "moon", 1)])));
    });
}

#[test]
fn whoever_paces_it_is_asked_between_any_two_things() {
    let shop = busy();
    let mut count = 0;
    let done = shop.state.check_balances(&mut || {
        count += 1;
        Some(())
    });
    // Two payments, two orders, two SKUs, and once before all of them.
    assert_eq!((done.is_some(), count), (true, 7));
    for end in 1..count {
        let mut left = end;
        let ended = shop.state.check_balances(&mut || {
            left -= 1;
            (left > 0).then_some(())
        });
        assert_eq!(ended, None, "ended at {end}");
    }
}
