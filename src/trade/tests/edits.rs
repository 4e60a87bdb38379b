//! Edits beside returns: what a return asks for stays part of its order.

use super::after_sale::{ask_back, back, edit, quantities};
use super::carts::field;
use super::*;
use crate::event::trade::after_sale::ReturnKind;

/// Where another line has units of the same SKU that have not left, an edit took them off the line that was on its way back, and the return was of
/// a line that there was no more.
#[test]
fn a_line_keeps_the_units_that_a_return_asks_for() {
    let mut shop = Shop::stocked();
    shop.sells("o", "a=2 a=3");
    shop.ask(Action::ShipOrder { order: id("o"), shipment: id("s"), units: units_of(&[("a", "north", 2)]) }).expect("ships");
    shop.ask(ask_back("r", "o", ReturnKind::Return, &[("0", 2)])).expect("is asked for");
    let reduced = |line: &str, units: i64| edit("o", "e", quantities(&[(line, units)]), None);
    for units in [0, 1] {
        let refused = field(shop.ask(reduced("0", units)));
        assert_eq!(refused, "quantities[0].quantity: 2 units of the line are part of a return");
    }
    shop.ask(edit("o", "e1", quantities(&[("1", 1)]), None)).expect("nothing of the other line comes back");
    shop.ask(back(AfterSaleAction::DeclineReturn { id: id("r"), reason: "too late".to_owned() })).expect("is declined");
    shop.ask(edit("o", "e2", quantities(&[("0", 1)]), None)).expect("nothing is asked for any more");
    assert_eq!(shop.replayed().hash(), shop.state.hash());
}
