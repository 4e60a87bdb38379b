//! What a buyer was shown, and who may buy.
//!
//! 1. Nobody pays anything else than they were shown.
//! 2. Suspect purchases wait or are refused without a word.
//! 3. One click is one entry.
//! 4. Stock is held while its shopper is there, and not for ever.

use super::carts::{field, open_cart};
use super::*;
use crate::event::trade::{Change, Claims, Decision, OneClick, Verdict};
use crate::payment::NothingDue;

fn terms(expected_total: Option<i64>, offers: &[(&str, Option<i64>)]) -> Terms {
    let money = |amount| Money::new(amount, Currency::EUR);
    let offers = offers.iter().map(|(sku, price)| Offer { sku: id(sku), unit_price: price.map(money) }).collect();
    Terms { expected_total: expected_total.map(money), offers, delivery: None }
}

fn complete_under(checkout: &str, attempt: &str, terms: Terms) -> Action {
    let Action::CompleteCheckout { checkout, payment, reservation, provider, token, parts, .. } = complete(checkout, attempt) else {
        unreachable!()
    };
    Action::CompleteCheckout { checkout, payment, reservation, provider, token, parts, terms }
}

#[test]
fn a_price_that_changed_is_told_before_it_is_paid() {
    let mut shop = Shop::stocked();
    shop.opens("k", "a=2 b=1").expect("opens");
    let today = || terms(None, &[("a", Some(1_200)), ("b", Some(2_500))]);
    let told = shop.ask_under(Some(("key", 1)), complete_under("k", "p1", today())).expect("is told");
    assert_eq!(kinds(&told), ["Cart(Repriced", "KeyUsed"]);
    let money = |amount| Money::new(amount, Currency::EUR);
    let session = shop.session("k");
    assert_eq!((session.status.name(), session.payments.is_empty(), session.totals.total), ("ready_for_complete", true, money(5_399)));
    let price = Change::Price { line: id("0"), was: money(1_000), now: money(1_200) };
    assert_eq!(*session.trail.changes, [price, Change::Total { was: money(4_999), now: money(5_399) }]);
    assert_eq!(shop.ask_under(Some(("key", 1)), complete_under("k", "p1", today())), Ok(Vec::new()), "a repetition is told the same");
    // The next completion is at the terms that were told.
    let begun = shop.ask(complete_under("k", "p2", terms(Some(5_399), &[("a", Some(1_200)), ("b", Some(2_500))]))).expect("completes");
    assert_eq!(kinds(&begun), ["StockReserved", "PaymentRequested"]);
    assert_eq!((shop.state.pending_payments()[0].amount, shop.session("k").trail.changes.len()), (money(5_399), 0));
}

#[test]
fn a_total_that_the_buyer_did_not_see_is_told_too() {
    let mut shop = Shop::stocked();
    shop.opens("k", "a=1").expect("opens");
    shop.ask(complete_under("k", "p1", terms(Some(1_000), &[]))).expect("is told");
    let money = |amount| Money::new(amount, Currency::EUR);
    assert_eq!(*shop.session("k").trail.changes, [Change::Total { was: money(1_000), now: money(1_499) }]);
    shop.ask(complete_under("k", "p1", terms(Some(1_499), &[]))).expect("completes");
    assert_eq!(shop.session("k").status.name(), "complete_in_progress");
}

#[test]
fn what_is_not_sold_any_more_leaves_the_session() {
    let mut shop = Shop::stocked();
    shop.opens("k", "a=1 b=1").expect("opens");
    shop.ask(complete_under("k", "p", terms(None, &[("b", None)]))).expect("is told");
    assert_eq!(*shop.session("k").trail.changes.first().expect("a change"), Change::Gone { line: id("1"), sku: id("b") });
    assert_eq!(shop.session("k").lines.len(), 1);
    shop.ask(complete_under("k", "p", terms(None, &[("a", None)]))).expect("is told");
    assert_eq!((shop.session("k").status.name(), shop.session("k").missing()), ("incomplete", vec!["lines"]));
}

#[test]
fn a_session_over_a_cart_opens_at_todays_prices_and_says_so() {
    let mut shop = Shop::stocked();
    shop.ask(open_cart("c", buyer(), "a=1")).expect("opens");
    let open = |checkout: &str, terms| Action::OpenCheckout {
        checkout: id(checkout),
        cart: Some(id("c")),
        buyer: buyer(),
        address: Some(address()),
        currency: Currency::EUR,
        lines: Vec::new(),
        terms,
    };
    let refused = shop.ask(open("k", terms(Some(1_499), &[("a", Some(900))])));
    let money = |amount| Money::new(amount, Currency::EUR);
    let (price, total) =
        (Change::Price { line: id("0"), was: money(1_000), now: money(900) }, Change::Total { was: money(1_499), now: money(1_399) });
    assert_eq!(refused, Err(Rejection::CartChanged { changes: vec![price.clone(), total] }));
    shop.ask(open("k", terms(None, &[("a", Some(900))]))).expect("opens");
    assert_eq!((shop.session("k").totals.total, shop.session("k").trail.changes.to_vec()), (money(1_399), vec![price]));
    shop.ask(open("k2", terms(Some(1_399), &[("a", Some(900))]))).expect("opens at what is expected");
}

#[test]
fn cards_are_not_tested_in_one_session_nor_under_one_name() {
    let mut shop = Shop::stocked();
    let declines = Options::default().attempts_per_session_max;
    shop.opens("k", "a=1").expect("opens");
    for attempt in 0..declines {
        let name = format!("p{attempt}");
        shop.completes("k", &name, None).expect("completes");
        shop.hears(&name, &name, PaymentOutcome::Declined).expect("is declined");
    }
    assert_eq!(shop.completes("k", "p", None), Err(Rejection::TooManyAttempts { attempts_max: declines }));
    // The next session of the same buyer goes on, but its order waits for a person.
    shop.sells("held", "a=1");
    assert_eq!(shop.order("held").status.name(), "on_hold");
    assert!(shop.ask(Action::ShipOrder { order: id("held"), shipment: id("s"), units: Vec::new() }).is_err());
    // After as many declines again nothing goes on, and nobody says why.
    shop.opens("k2", "a=1").expect("opens");
    for attempt in 0..declines {
        let name = format!("q{attempt}");
        shop.completes("k2", &name, None).expect("completes");
        shop.hears(&name, &name, PaymentOutcome::Declined).expect("is declined");
    }
    shop.opens("k3", "a=1").expect("opens");
    assert_eq!(shop.completes("k3", "r", None), Err(Rejection::Refused));
    shop.passes(Options::default().fraud.window_ms + 1);
    shop.completes("k3", "r", None).expect("completes after a while");
}

fn verdict(decision: Decision) -> Verdict {
    Verdict { decision, score: 70, reasons: vec!["seen elsewhere".to_owned()], by: "watchdog".to_owned() }
}

#[test]
fn a_service_outside_decides_before_and_after() {
    let mut shop = Shop::stocked();
    let judge = |checkout: &str, decision| Action::Cart(CartAction::JudgeCheckout { checkout: id(checkout), verdict: verdict(decision) });
    let look = |order: &str, decision| Action::Cart(CartAction::JudgeOrder { order: id(order), verdict: verdict(decision) });
    shop.opens("k", "a=1").expect("opens");
    shop.ask(judge("k", Decision::Reject)).expect("judges");
    assert_eq!(shop.completes("k", "p", None), Err(Rejection::Refused));
    shop.ask(judge("k", Decision::Review)).expect("judges");
    shop.completes("k", "p", None).expect("completes");
    shop.hears("p", "o1", authorized()).expect("is authorised");
    assert_eq!(shop.order("o1").status.name(), "on_hold");
    shop.ask(look("o1", Decision::Accept)).expect("releases");
    assert_eq!(shop.order("o1").status.name(), "placed");
    shop.ask(look("o1", Decision::Review)).expect("holds");
    shop.ask(look("o1", Decision::Reject)).expect("cancels");
    assert_eq!((shop.order("o1").status.name(), shop.available("a")), ("canceled", 15));
    assert!(matches!(shop.ask(look("o1", Decision::Accept)), Err(Rejection::WrongStatus { kind: "order", .. })));
    let by_rules = Verdict { by: "rules".to_owned(), ..verdict(Decision::Accept) };
    shop.opens("k2", "a=1").expect("opens");
    let action = Action::Cart(CartAction::JudgeCheckout { checkout: id("k2"), verdict: by_rules });
    assert!(field(shop.ask(action)).starts_with("by: "));
}

/// Whoever had a small purchase accepted could make it a large one to somewhere else, and no rule looked at it.
#[test]
fn what_was_accepted_outside_is_judged_anew_once_it_is_another_purchase() {
    let mut shop = Shop::stocked();
    let judge = |decision| Action::Cart(CartAction::JudgeCheckout { checkout: id("k"), verdict: verdict(decision) });
    let update = |lines: &str| Action::UpdateCheckout {
        checkout: id("k"),
        lines: lines_of(lines),
        buyer: buyer(),
        address: Some(address()),
        terms: Terms::default(),
    };
    let known =
        |shop: &Shop| shop.state.checkout(&id("k")).and_then(|session| session.trail.verdict.clone()).map(|verdict| verdict.decision);
    shop.opens("k", "a=1").expect("opens");
    shop.ask(judge(Decision::Accept)).expect("judges");
    shop.ask(update("a=1")).expect("changes nothing");
    assert_eq!(known(&shop), Some(Decision::Accept));
    shop.ask(update("a=9")).expect("changes");
    assert_eq!(known(&shop), None);
    for stays in [Decision::Review, Decision::Reject] {
        shop.ask(judge(stays)).expect("judges");
        shop.ask(update("a=2")).expect("changes");
        shop.ask(update("a=3")).expect("changes");
        assert_eq!(known(&shop), Some(stays));
    }
}

pub(super) fn profile() -> OneClick {
    OneClick { provider: "test".to_owned(), token: "tok_success".to_owned(), buyer: buyer(), address: address(), delivery: None }
}

pub(super) fn one_click(checkout: &str, lines: &str, terms: Terms) -> Action {
    let (payment, reservation) = (id(checkout), id(checkout));
    let lines = lines_of(lines);
    Action::Cart(CartAction::OrderWithOneClick {
        shopper: id("ada"),
        checkout: id(checkout),
        payment,
        reservation,
        currency: Currency::EUR,
        lines,
        claims: Claims::default(),
        terms,
    })
}

#[test]
fn one_click_is_one_entry_from_the_session_to_the_question_for_money() {
    let mut shop = Shop::stocked();
    assert!(matches!(shop.ask(one_click("k", "a=1", Terms::default())), Err(Rejection::Unknown { .. })));
    let set = |profile| Action::Cart(CartAction::SetOneClick { shopper: id("ada"), profile: Box::new(profile) });
    assert_eq!(
        field(shop.ask(set(OneClick { token: "4111111111111111".to_owned(), ..profile() }))),
        "token: must not contain a card number"
    );
    assert_eq!(field(shop.ask(set(OneClick { address: Address::default(), ..profile() }))), "address.name: must not be empty");
    shop.ask(set(profile())).expect("sets");
    let events = shop.ask_under(Some(("key", 1)), one_click("k", "a=2", Terms::default())).expect("orders");
    assert_eq!(kinds(&events), ["CheckoutOpened", "CheckoutUpdated", "StockReserved", "PaymentRequested", "KeyUsed"]);
    assert_eq!(shop.ask_under(Some(("key", 1)), one_click("k9", "a=2", Terms::default())), Ok(Vec::new()), "a second click");
    shop.hears("k", "o", authorized()).expect("is authorised");
    assert_eq!((shop.order("o").buyer.shopper.clone(), shop.available("a")), (Some(id("ada")), 13));
    // What is short or dearer than expected leads to no order.
    assert!(matches!(shop.ask(one_click("k1", "a=99", Terms::default())), Err(Rejection::OutOfStock { .. })));
    assert!(shop.state.checkout(&id("k1")).is_none());
    let told = shop.ask(one_click("k2", "a=1", terms(Some(1_000), &[]))).expect("is told");
    assert_eq!(kinds(&told), ["CheckoutOpened", "CheckoutUpdated", "Cart(Repriced"]);
    shop.ask(Action::Cart(CartAction::RemoveOneClick { shopper: id("ada") })).expect("forgets");
    assert!(shop.ask(one_click("k3", "a=1", Terms::default())).is_err());
}

/// The name of the provider that pays nothing was taken as a way to pay, by one click too: goods left the shop for nothing.
#[test]
fn nobody_pays_something_by_the_name_under_which_nothing_is_paid() {
    let mut shop = Shop::stocked();
    let set = |provider: &str| {
        let profile = OneClick { provider: provider.to_owned(), ..profile() };
        Action::Cart(CartAction::SetOneClick { shopper: id("ada"), profile: Box::new(profile) })
    };
    assert!(field(shop.ask(set(NothingDue::NAME))).starts_with("provider: "));
    shop.opens("k", "a=1").expect("opens");
    let complete = Action::CompleteCheckout {
        checkout: id("k"),
        payment: id("k"),
        reservation: id("k"),
        provider: NothingDue::NAME.to_owned(),
        token: "x".to_owned(),
        parts: Vec::new(),
        terms: Terms::default(),
    };
    assert!(field(shop.ask(complete)).starts_with("payment.provider: "));
}

#[test]
fn one_click_claims_what_it_is_given_and_travels_as_it_was_told() {
    let mut shop = Shop::stocked();
    shop.ask(Action::Cart(CartAction::SetOneClick { shopper: id("ada"), profile: Box::new(profile()) })).expect("sets");
    let Action::Cart(CartAction::OrderWithOneClick { shopper, checkout, payment, reservation, currency, lines, terms, .. }) =
        one_click("k", "a=1", Terms { delivery: Some("standard".to_owned()), ..Terms::default() })
    else {
        panic!("orders with one click")
    };
    let claims = Claims { marketplace: Some(id("de")), ..Claims::default() };
    let order = CartAction::OrderWithOneClick { shopper, checkout, payment, reservation, currency, lines, claims: claims.clone(), terms };
    shop.ask(Action::Cart(order)).expect("orders");
    shop.hears("k", "o", authorized()).expect("is authorised");
    assert_eq!(*shop.order("o").claims, claims);
    let nowhere = one_click("k1", "a=1", Terms { delivery: Some("nope".to_owned()), ..Terms::default() });
    assert!(field(shop.ask(nowhere)).starts_with("delivery: "));
}

#[test]
fn a_reservation_lives_longer_while_its_shopper_is_there_but_not_for_ever() {
    let mut shop = Shop::stocked();
    let options = Options::default();
    let keep = || Action::Cart(CartAction::KeepSession { checkout: id("k") });
    shop.opens("k", "a=1").expect("opens");
    assert!(matches!(shop.ask(keep()), Err(Rejection::WrongStatus { .. })));
    shop.completes("k", "p", None).expect("completes");
    let begun_at = shop.now;
    let live_until = |shop: &Shop| shop.state.stock().reservation(&id("p")).map(|live| live.expires_at);
    for _ in 0..10 {
        shop.now = shop.now.plus_ms(options.reservation_ttl_ms / 2);
        if shop.now >= begun_at.plus_ms(options.reservation_cap_ms) {
            break;
        }
        shop.ask(keep()).expect("keeps");
        assert!(live_until(&shop).is_some_and(|until| until > shop.now));
    }
    assert_eq!(live_until(&shop), Some(begun_at.plus_ms(options.reservation_cap_ms)));
    assert_eq!(kinds(&shop.passes(0)), ["ReservationReleased"]);
}
