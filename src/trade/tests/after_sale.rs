//! The behaviour of orders after they were placed.

use super::*;
use crate::event::trade::after_sale::{ClaimFault, HoldReason, Inspected, Remedy, ReturnKind, ReturnLine, ReturnReason};
use crate::id::OrderId;

fn hold(order: &str, reason: HoldReason) -> Action {
    Action::AfterSale(AfterSaleAction::PlaceHold { order: id(order), reason })
}

fn release(order: &str, reason: HoldReason) -> Action {
    Action::AfterSale(AfterSaleAction::ReleaseHold { order: id(order), reason })
}

pub(super) fn quantities(rows: &[(&str, i64)]) -> Edit {
    let quantities = rows.iter().map(|&(line, quantity)| (id(line), quantity)).collect();
    Edit { quantities, reason: "changed their mind".to_owned(), ..Edit::default() }
}

pub(super) fn edit(order: &str, name: &str, change: Edit, expected_minor: Option<i64>) -> Action {
    let expected_difference = expected_minor.map(|minor| Money::new(minor, Currency::EUR));
    Action::AfterSale(AfterSaleAction::EditOrder { order: id(order), edit: id(name), change, expected_difference })
}

pub(super) fn ask_back(name: &str, order: &str, kind: ReturnKind, rows: &[(&str, i64)]) -> Action {
    let line = |&(line, quantity): &(&str, i64)| ReturnLine { line: id(line), quantity, reason: ReturnReason::Unwanted };
    let lines = rows.iter().map(line).collect();
    Action::AfterSale(AfterSaleAction::RequestReturn { id: id(name), order: id::<OrderId>(order), kind, lines, note: String::new() })
}

pub(super) fn back(action: AfterSaleAction) -> Action {
    Action::AfterSale(action)
}

pub(super) fn found(sellable: i64, damaged: i64, missing: i64) -> Inspected {
    Inspected { sellable, damaged, missing }
}

impl Shop {
    /// An order of everything in `lines` that has left, arrived and been paid.
    pub(super) fn delivers(&mut self, order: &str, lines: &str) {
        self.sells(order, lines);
        self.ask(Action::ShipOrder { order: id(order), shipment: id(order), units: Vec::new() }).expect("ships");
        self.hears(order, order, PaymentOutcome::Captured).expect("is captured");
        self.ask(Action::DeliverShipment { order: id(order), shipment: id(order) }).expect("delivers");
    }

    /// A return that is in the house.
    fn receives(&mut self, name: &str) {
        self.ask(back(AfterSaleAction::ApproveReturn { id: id(name) })).expect("is approved");
        self.ask(back(AfterSaleAction::ReceiveReturn { id: id(name), location: id("south") })).expect("arrives");
    }

    fn status(&self, order: &str) -> (&'static str, &'static str) {
        let order = self.order(order);
        (order.status.name(), order.fulfilment_status.name())
    }
}

#[test]
fn a_held_order_does_not_leave_and_goes_on_when_the_last_reason_is_gone() {
    let mut shop = Shop::stocked();
    shop.sells("o", "a=1");
    shop.ask(hold("o", HoldReason::Manual)).expect("is held");
    shop.ask(hold("o", HoldReason::FraudReview)).expect("is held");
    assert_eq!(shop.ask(hold("o", HoldReason::Manual)), Ok(Vec::new()));
    assert_eq!(shop.order("o").after_sale.holds, [HoldReason::FraudReview, HoldReason::Manual]);
    let ship = || Action::ShipOrder { order: id("o"), shipment: id("s"), units: Vec::new() };
    assert!(matches!(shop.ask(ship()), Err(Rejection::WrongStatus { status: "on_hold", .. })));
    shop.ask(release("o", HoldReason::Manual)).expect("is released");
    assert_eq!(shop.status("o").0, "on_hold");
    shop.ask(release("o", HoldReason::FraudReview)).expect("is released");
    shop.ask(ship()).expect("ships");
}

#[test]
fn a_held_order_can_be_canceled() {
    let mut shop = Shop::stocked();
    shop.sells("o", "a=1");
    shop.ask(hold("o", HoldReason::FraudReview)).expect("is held");
    shop.ask(Action::CancelOrder { order: id("o"), reason: "fraud".to_owned() }).expect("is canceled");
    assert_eq!(shop.status("o"), ("canceled", "canceled"));
}

#[test]
fn an_edit_that_makes_an_order_dearer_takes_stock_and_waits_for_the_money() {
    let mut shop = Shop::stocked();
    shop.sells("o", "a=12 b=1");
    let preview = shop.state.preview_edit(&id("o"), &quantities(&[("0", 14)]), shop.now).expect("can be edited");
    assert_eq!((preview.difference.amount_minor, preview.added.clone()), (2_000, units_of(&[("a", "south", 2)])));
    let refused = shop.ask(edit("o", "e", quantities(&[("0", 14)]), Some(1_999)));
    assert!(matches!(refused, Err(Rejection::Invalid { field, .. }) if field == "expected_difference"));
    let events = shop.ask(edit("o", "e", quantities(&[("0", 14)]), Some(2_000))).expect("is edited");
    assert_eq!(events.len(), 4, "the edit, the posting, the balance and the hold: {events:?}");
    let order = shop.order("o");
    assert_eq!((order.lines[0].quantity, order.after_sale.owing_minor), (14, 2_000));
    assert_eq!((shop.status("o").0, shop.available("a")), ("on_hold", 1));
    assert!(matches!(shop.ask(release("o", HoldReason::Payment)), Err(Rejection::Invalid { .. })));
    // Taking it back takes the debt back, and the order goes on.
    shop.ask(edit("o", "e2", quantities(&[("0", 12)]), Some(-2_000))).expect("is edited back");
    assert_eq!((shop.status("o").0, shop.available("a"), shop.order("o").after_sale.owing_minor), ("placed", 3, 0));
    assert_eq!(shop.replayed().hash(), shop.state.hash());
}

#[test]
fn what_a_completed_session_answers_is_not_changed_by_an_edit() {
    let mut shop = Shop::stocked();
    shop.sells("o", "a=2");
    let before = shop.session("o").clone();
    shop.ask(edit("o", "e", quantities(&[("0", 3)]), None)).expect("is edited");
    assert_eq!(shop.session("o"), before);
}

#[test]
fn an_edit_that_cannot_be_names_the_field() {
    let mut shop = Shop::stocked();
    shop.sells("o", "a=2 b=1");
    shop.ask(Action::ShipOrder { order: id("o"), shipment: id("s"), units: units_of(&[("a", "north", 1)]) }).expect("ships");
    let other_country = Address { country: "US".to_owned(), ..address() };
    let check = |change: Edit, field: &str| {
        let refused = shop.state.preview_edit(&id("o"), &change, shop.now);
        assert!(matches!(&refused, Err(Rejection::Invalid { field: found, .. }) if found == field), "{field}: {refused:?}");
    };
    check(Edit::default(), "edit");
    check(quantities(&[("9", 1)]), "quantities[0].line_id");
    check(quantities(&[("0", 1), ("0", 2)]), "quantities[1].line_id");
    check(quantities(&[("0", -1)]), "quantities[0].quantity");
    check(quantities(&[("0", 0)]), "quantities");
    check(quantities(&[("0", 0), ("1", 0)]), "quantities");
    check(Edit { additions: lines_of("a=1"), ..Edit::default() }, "lines[2].id");
    check(Edit { address: Some(other_country), ..Edit::default() }, "address.country");
    check(Edit { reason: "4111 1111 1111 1111".to_owned(), ..quantities(&[("1", 0)]) }, "reason");
    let refused = shop.state.preview_edit(&id("o"), &quantities(&[("1", 4)]), shop.now);
    assert!(matches!(refused, Err(Rejection::OutOfStock { available: 2, .. })), "{refused:?}");
}

#[test]
fn what_has_not_left_cannot_come_back_nor_more_than_has() {
    let mut shop = Shop::stocked();
    shop.sells("o", "a=2 b=1");
    assert!(matches!(shop.ask(ask_back("r", "o", ReturnKind::Return, &[("0", 1)])), Err(Rejection::WrongStatus { .. })));
    shop.ask(Action::ShipOrder { order: id("o"), shipment: id("s"), units: units_of(&[("a", "north", 2)]) }).expect("ships");
    let mut check = |rows: &[(&str, i64)], field: &str| {
        let refused = shop.ask(ask_back("r", "o", ReturnKind::Return, rows));
        assert!(matches!(&refused, Err(Rejection::Invalid { field: found, .. }) if found == field), "{field}: {refused:?}");
    };
    check(&[], "lines");
    check(&[("1", 1)], "lines");
    check(&[("0", 3)], "lines[0].quantity");
    check(&[("0", 0)], "lines[0].quantity");
    check(&[("0", 1), ("0", 1)], "lines[1].line_id");
    check(&[("7", 1)], "lines[0].line_id");
    shop.ask(ask_back("r", "o", ReturnKind::Return, &[("0", 1)])).expect("is asked for");
    let twice = shop.ask(ask_back("r2", "o", ReturnKind::Return, &[("0", 2)]));
    assert!(matches!(&twice, Err(Rejection::Invalid { field, .. }) if field == "lines[0].quantity"));
    shop.ask(back(AfterSaleAction::CancelReturn { id: id("r") })).expect("is called off");
    shop.ask(ask_back("r2", "o", ReturnKind::Return, &[("0", 2)])).expect("what was called off can be asked for again");
    assert_eq!(shop.state.returnable(&shop.order("o")), [(id("0"), 0), (id("1"), 1)]);
    let nothing = shop.ask(ask_back("r3", "o", ReturnKind::Return, &[("0", 1)])).expect_err("is refused").to_string();
    assert!(nothing.contains("nothing of this line is left to send back"), "{nothing}");
}

#[test]
fn what_an_inspection_finds_is_in_stock_again_and_the_axis_says_so() {
    let mut shop = Shop::stocked();
    shop.delivers("o", "a=4");
    assert_eq!(shop.status("o"), ("closed", "delivered"));
    shop.ask(ask_back("r", "o", ReturnKind::Return, &[("0", 3)])).expect("is asked for");
    shop.receives("r");
    let inspect = |found: Vec<Inspected>| back(AfterSaleAction::InspectReturn { id: id("r"), found });
    for wrong in [vec![], vec![found(2, 0, 0)], vec![found(4, -1, 0)]] {
        assert!(matches!(shop.ask(inspect(wrong)), Err(Rejection::Invalid { .. })));
    }
    let before = shop.available("a");
    shop.ask(inspect(vec![found(1, 1, 1)])).expect("is inspected");
    assert_eq!((shop.available("a") - before, shop.status("o").1), (1, "partially_returned"));
}

#[test]
fn goods_come_back_for_a_month_and_faults_are_claimed_for_two_years() {
    let mut shop = Shop::stocked();
    shop.delivers("o", "a=4");
    const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
    let claim = || ReturnKind::Claim { fault: ClaimFault::Damaged, remedy: Remedy::Replace, goods_come_back: false };
    shop.now = shop.now.plus_ms(31 * DAY_MS);
    assert!(shop.ask(ask_back("r", "o", ReturnKind::Return, &[("0", 1)])).is_err());
    shop.ask(ask_back("c", "o", claim(), &[("0", 1)])).expect("is claimed");
    shop.now = shop.now.plus_ms(700 * DAY_MS);
    assert!(shop.ask(ask_back("c2", "o", claim(), &[("0", 1)])).is_err());
}

#[test]
fn a_claim_is_made_good_with_the_same_goods_for_nothing_more() {
    let mut shop = Shop::stocked();
    shop.delivers("o", "a=4 b=1");
    let paid = shop.order("o").due_minor();
    let kind = ReturnKind::Claim { fault: ClaimFault::Lost, remedy: Remedy::Replace, goods_come_back: false };
    shop.ask(ask_back("c", "o", kind, &[("0", 2)])).expect("is claimed");
    let replace = || back(AfterSaleAction::ReplaceReturn { id: id("c"), edit: id("e") });
    assert!(matches!(shop.ask(replace()), Err(Rejection::WrongStatus { status: "requested", .. })));
    shop.ask(back(AfterSaleAction::ApproveReturn { id: id("c") })).expect("is approved");
    shop.ask(replace()).expect("is replaced");
    let order = shop.order("o");
    assert_eq!((order.due_minor(), order.after_sale.owing_minor), (paid, 0));
    // Named after the line that it replaces, its name would grow with every replacement, up to one that no line may have.
    assert_eq!(order.lines.last().map(|line| line.id.as_str()), Some("c/1"));
    assert_eq!((shop.status("o"), shop.order("o").left_to_ship.len()), (("placed", "partial"), 1));
    assert_eq!(shop.replayed().hash(), shop.state.hash());
}

/// The provider does the step that it is asked for.
fn provider_does(shop: &mut Shop, payment: &str) {
    let step = shop.state.payment(&id(payment)).and_then(|payment| payment.open_step().cloned()).expect("a step is asked for");
    let answer = StepAnswer::Done { provider_reference: None };
    let settle = PaymentAction::Settle { payment: id(payment), number: step.number, attempt: step.attempt, answer };
    shop.ask(Action::Payment(settle)).expect("is settled");
}

pub(super) fn inspects(shop: &mut Shop, name: &str, found: Vec<Inspected>) {
    shop.receives(name);
    shop.ask(back(AfterSaleAction::InspectReturn { id: id(name), found })).expect("is inspected");
}

fn refunds(shop: &mut Shop, name: &str, fee_minor: i64, with_shipping: bool) -> Result<i64, Rejection> {
    let fee = (fee_minor != 0).then_some(Money::new(fee_minor, Currency::EUR));
    shop.ask(back(AfterSaleAction::RefundReturn { id: id(name), fee, with_shipping }))?;
    Ok(shop.state.returned(&id(name)).and_then(|back| back.credited).expect("is credited").amount_minor)
}

#[test]
fn what_comes_back_piece_by_piece_is_refunded_to_the_cent_of_what_was_paid() {
    let mut shop = Shop::stocked();
    shop.delivers("o", "a=3 b=1");
    let total = shop.order("o").totals.total.amount_minor;
    let mut given = 0;
    for (name, line, units, with_shipping) in [("r1", "0", 1, false), ("r2", "0", 2, true), ("r3", "1", 1, true)] {
        shop.ask(ask_back(name, "o", ReturnKind::Return, &[(line, units)])).expect("is asked for");
        inspects(&mut shop, name, vec![found(units, 0, 0)]);
        given += refunds(&mut shop, name, 0, with_shipping).expect("is refunded");
        provider_does(&mut shop, "o");
    }
    assert_eq!((given, shop.order("o").due_minor()), (total, 0), "shipping is given back once");
    assert_eq!(shop.status("o"), ("closed", "returned"));
    assert_eq!(shop.order("o").payment_status.name(), "refunded");
    assert_eq!(shop.state.ledger().balances(), [], "nobody owes anything");
    assert_eq!(shop.replayed().hash(), shop.state.hash());
}

#[test]
fn what_is_missing_is_not_refunded_and_a_fee_is_kept() {
    let mut shop = Shop::stocked();
    shop.delivers("o", "a=3");
    shop.ask(ask_back("r", "o", ReturnKind::Return, &[("0", 3)])).expect("is asked for");
    inspects(&mut shop, "r", vec![found(1, 1, 1)]);
    for fee_minor in [-1, 2_001] {
        assert!(matches!(refunds(&mut shop, "r", fee_minor, false), Err(Rejection::Invalid { field, .. }) if field == "fee.amount_minor"));
    }
    assert_eq!(refunds(&mut shop, "r", 150, false), Ok(1_850));
    assert!(matches!(refunds(&mut shop, "r", 0, false), Err(Rejection::WrongStatus { status: "refunded", .. })), "not twice");
}

/// A return of which a goodwill had given the money back already was refused with a field that its refund does not have.
#[test]
fn what_a_goodwill_gave_back_is_kept_as_a_fee_of_the_return_and_the_refusal_says_so() {
    let mut shop = Shop::stocked();
    shop.delivers("o", "a=3");
    let goodwill = PaymentAction::Refund { payment: id("o"), amount: Some(Money::new(3_000, Currency::EUR)) };
    shop.ask(Action::Payment(goodwill)).expect("is given");
    provider_does(&mut shop, "o");
    shop.ask(ask_back("r", "o", ReturnKind::Return, &[("0", 3)])).expect("is asked for");
    inspects(&mut shop, "r", vec![found(3, 0, 0)]);
    let refused = |refused: Result<i64, Rejection>| match refused {
        Err(Rejection::Invalid { field, reason }) => format!("{field}: {reason}"),
        other => panic!("is refused, and not {other:?}"),
    };
    let left = "4.99 EUR of the order's money is left for it";
    let least = format!("fee.amount_minor: must be at least 2501: 30.00 EUR would be given back, and {left}");
    assert_eq!(refused(refunds(&mut shop, "r", 0, false)), least);
    assert!(refused(refunds(&mut shop, "r", 2_500, false)).starts_with("fee.amount_minor: must be at least 2501"));
    let rest = PaymentAction::Refund { payment: id("o"), amount: Some(Money::new(1, Currency::EUR)) };
    shop.ask(Action::Payment(rest)).expect("is given");
    provider_does(&mut shop, "o");
    assert!(refused(refunds(&mut shop, "r", 3_000, true)).starts_with("with_shipping: "));
    assert_eq!(refunds(&mut shop, "r", 3_000, false), Ok(0), "nothing more is given back, and the return is settled");
    assert_eq!(shop.replayed().hash(), shop.state.hash());
}

#[test]
fn lines_that_are_canceled_come_off_what_is_held_and_the_rest_is_taken_when_the_last_unit_leaves() {
    let mut shop = Shop::stocked();
    shop.sells("o", "a=4 b=1");
    let total = shop.order("o").totals.total.amount_minor;
    shop.ask(edit("o", "e", quantities(&[("0", 1)]), Some(-3_000))).expect("is edited");
    assert_eq!((shop.available("a"), shop.order("o").due_minor()), (14, total - 3_000));
    shop.ask(Action::ShipOrder { order: id("o"), shipment: id("s"), units: Vec::new() }).expect("ships");
    provider_does(&mut shop, "o");
    let captured = shop.state.payment(&id("o")).map(|payment| payment.captured.amount_minor);
    assert_eq!(captured, Some(total - 3_000));
    assert_eq!(shop.order("o").payment_status.name(), "paid");
}

#[test]
fn when_what_was_still_to_leave_is_canceled_the_money_for_what_has_left_is_taken() {
    let mut shop = Shop::stocked();
    shop.sells("o", "a=4");
    shop.ask(Action::ShipOrder { order: id("o"), shipment: id("s"), units: units_of(&[("a", "north", 3)]) }).expect("ships");
    shop.ask(edit("o", "e", quantities(&[("0", 3)]), None)).expect("is edited");
    while shop.state.payment(&id("o")).is_some_and(|payment| payment.open_step().is_some()) {
        provider_does(&mut shop, "o");
    }
    let captured = shop.state.payment(&id("o")).map(|payment| payment.captured.amount_minor);
    assert_eq!((captured, shop.status("o").1), (Some(shop.order("o").due_minor()), "fulfilled"));
}

#[test]
fn an_exchange_settles_the_difference_either_way() {
    let exchange = |units: &str| {
        let mut shop = Shop::stocked();
        shop.delivers("o", "b=1");
        let mut replacement = lines_of(units);
        replacement.iter_mut().for_each(|line| line.id = id("new"));
        shop.ask(ask_back("x", "o", ReturnKind::Exchange { replacement }, &[("0", 1)])).expect("is asked for");
        inspects(&mut shop, "x", vec![found(1, 0, 0)]);
        shop.ask(back(AfterSaleAction::ReplaceReturn { id: id("x"), edit: id("e") })).expect("is exchanged");
        shop
    };
    // Dearer: the order waits for the difference. A fault in the goods that came back would be a claim.
    let dearer = exchange("a=3");
    assert_eq!((dearer.status("o").0, dearer.order("o").after_sale.owing_minor), ("on_hold", 500));
    // Cheaper: the difference is given back.
    let mut cheaper = exchange("a=1");
    provider_does(&mut cheaper, "o");
    let refunded = cheaper.state.payment(&id("o")).map(|payment| payment.refunded.amount_minor);
    assert_eq!((cheaper.status("o"), cheaper.order("o").after_sale.owing_minor, refunded), (("placed", "partial"), 0, Some(1_500)));
}

pub(super) fn pay(order: &str, payment: &str, token: &str) -> Action {
    let (provider, token) = ("test".to_owned(), token.to_owned());
    Action::AfterSale(AfterSaleAction::PayBalance { order: id(order), payment: id(payment), provider, token })
}

#[test]
fn what_is_owed_is_paid_by_one_more_payment_and_the_order_goes_on() {
    let mut shop = Shop::stocked();
    shop.sells("o", "a=1");
    assert!(matches!(shop.ask(pay("o", "p2", "tok_success")), Err(Rejection::Invalid { field, .. }) if field == "order"));
    shop.ask(edit("o", "e", quantities(&[("0", 3)]), None)).expect("is edited");
    shop.ask(pay("o", "p2", "tok_success")).expect("is asked for");
    assert!(matches!(shop.ask(pay("o", "p3", "tok_success")), Err(Rejection::WrongStatus { status: "authorizing", .. })));
    shop.hears("p2", "x", PaymentOutcome::Declined).expect("is declined");
    shop.ask(pay("o", "p3", "tok_success")).expect("is asked for again");
    shop.hears("p3", "x", authorized()).expect("is authorised");
    let order = shop.order("o");
    assert_eq!((shop.status("o").0, order.after_sale.owing_minor, order.payments.len()), ("placed", 0, 2));
    shop.ask(Action::ShipOrder { order: id("o"), shipment: id("s"), units: Vec::new() }).expect("ships");
    provider_does(&mut shop, "o");
    provider_does(&mut shop, "p3");
    assert_eq!(shop.order("o").payment_status.name(), "paid");
    assert_eq!(shop.replayed().hash(), shop.state.hash());
}

#[test]
fn a_payment_of_what_is_not_owed_any_more_is_given_back() {
    let mut shop = Shop::stocked();
    shop.sells("o", "a=1");
    shop.ask(edit("o", "e", quantities(&[("0", 3)]), None)).expect("is edited");
    shop.ask(pay("o", "p2", "tok_success")).expect("is asked for");
    shop.ask(edit("o", "e2", quantities(&[("0", 2)]), None)).expect("is edited again");
    shop.hears("p2", "x", authorized()).expect("is authorised");
    assert_eq!(shop.state.payment(&id("p2")).map(|payment| payment.status.name()), Some("voiding"));
    assert_eq!((shop.status("o").0, shop.order("o").after_sale.owing_minor, shop.order("o").payments.len()), ("on_hold", 1_000, 1));
}
