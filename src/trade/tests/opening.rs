//! Carts and checkout sessions before money is involved.

use super::*;

fn open_cart(cart: &str, lines: &str) -> Action {
    Action::OpenCart { cart: id(cart), buyer: buyer(), currency: Currency::EUR, lines: lines_of(lines) }
}

fn update(checkout: &str, address: Option<Address>, lines: &str) -> Action {
    Action::UpdateCheckout { checkout: id(checkout), buyer: buyer(), address, lines: lines_of(lines), terms: Terms::default() }
}

#[test]
fn a_cart_is_opened_changed_and_closed() {
    let mut shop = Shop::stocked();
    assert_eq!(kinds(&shop.ask(open_cart("c", "")).expect("opens")), ["CartOpened"]);
    shop.ask(Action::SetCartLines { cart: id("c"), buyer: None, lines: lines_of("a=2 b=1") }).expect("sets");
    let cart = shop.state.cart(&id("c")).expect("a cart");
    assert_eq!(shop.state.cart_totals(cart, shop.now).map(|totals| totals.total), Ok(Money::new(4_999, Currency::EUR)));
    assert!(matches!(shop.ask(open_cart("c", "")), Err(Rejection::Exists { kind: "cart", .. })));
    shop.ask(Action::CloseCart { cart: id("c") }).expect("closes");
    assert!(shop.state.cart(&id("c")).is_none(), "closed carts leave memory");
    assert!(matches!(shop.ask(Action::CloseCart { cart: id("c") }), Err(Rejection::Unknown { kind: "cart", .. })));
}

#[test]
fn bad_content_is_refused_with_its_field() {
    let mut shop = Shop::stocked();
    let field = |shop: &mut Shop, action| match shop.ask(action) {
        Err(Rejection::Invalid { field, .. }) => field,
        other => panic!("{other:?}"),
    };
    assert_eq!(field(&mut shop, open_cart("c", "a=0")), "lines[0].quantity");
    assert_eq!(field(&mut shop, open_cart("c", "a=1 a=-3")), "lines[1].quantity");
    let mut dear = lines_of("a=1000000 b=1000000");
    dear[1].unit_price.amount_minor = i64::MAX / 10;
    let action = Action::OpenCart { cart: id("c"), buyer: buyer(), currency: Currency::EUR, lines: dear };
    assert_eq!(field(&mut shop, action), "lines[1]");
    let card = Some(Address { street: "4111 1111 1111 1111".to_owned(), ..address() });
    assert_eq!(field(&mut shop, open_checkout("k", None, card, lines_of("a=1"))), "address.street");
    let buyer = Buyer { name: Some("5555555555554444".to_owned()), ..buyer() };
    let action = Action::OpenCart { cart: id("c"), buyer, currency: Currency::EUR, lines: Vec::new() };
    assert_eq!(field(&mut shop, action), "buyer.name");
    assert!(shop.state.cart(&id("c")).is_none());
}

#[test]
fn a_session_is_ready_when_nothing_is_missing() {
    let mut shop = Shop::stocked();
    shop.ask(open_checkout("k", None, None, lines_of("a=1"))).expect("opens");
    assert_eq!(shop.session("k").status.name(), "incomplete");
    assert_eq!(shop.session("k").missing(), ["address.name", "address.street", "address.city", "address.country"]);
    assert_eq!(shop.completes("k", "p", None), Err(Rejection::WrongStatus { kind: "checkout session", status: "incomplete" }));
    shop.ask(update("k", Some(address()), "a=1")).expect("updates");
    assert_eq!(shop.session("k").status.name(), "ready_for_complete");
    shop.ask(update("k", Some(address()), "")).expect("updates");
    assert_eq!((shop.session("k").status.name(), shop.session("k").missing()), ("incomplete", vec!["lines"]));
    shop.ask(Action::CancelCheckout { checkout: id("k") }).expect("cancels");
    assert!(shop.ask(update("k", Some(address()), "a=1")).is_err());
    assert!(shop.ask(Action::CancelCheckout { checkout: id("k") }).is_err());
}

#[test]
fn a_session_over_a_cart_takes_its_lines_and_its_order_closes_it() {
    let mut shop = Shop::stocked();
    shop.ask(open_cart("c", "a=2")).expect("opens");
    shop.ask(open_checkout("k", Some("c"), Some(address()), lines_of("b=1"))).expect("opens");
    assert_eq!(*shop.session("k").lines, *lines_of("a=2"));
    assert_eq!(shop.state.cart(&id("c")).and_then(|cart| cart.checkout.clone()), Some(id("k")));
    shop.completes("k", "p", None).expect("completes");
    let placed = shop.hears("p", "o", authorized()).expect("is authorised");
    assert_eq!(kinds(&placed), ["PaymentAuthorized", "LedgerPosted", "OrderPlaced", "CartClosed"]);
    assert!(shop.state.cart(&id("c")).is_none());
}

#[test]
fn idle_carts_and_sessions_end_with_time_but_not_while_money_is_asked_for() {
    let mut shop = Shop::stocked();
    let options = Options::default();
    shop.ask(open_cart("c", "a=1")).expect("opens");
    shop.opens("idle", "a=1").expect("opens");
    shop.opens("busy", "a=1").expect("opens");
    shop.completes("busy", "p", None).expect("completes");
    assert_eq!(kinds(&shop.passes(options.reservation_ttl_ms)), ["ReservationReleased"]);
    assert_eq!(kinds(&shop.passes(options.checkout_ttl_ms)), ["CheckoutCanceled"]);
    assert_eq!(shop.session("idle").status.name(), "canceled");
    assert_eq!(shop.session("busy").status.name(), "complete_in_progress");
    assert_eq!(kinds(&shop.passes(options.cart_ttl_ms)), ["CartClosed"]);
    assert_eq!(shop.state.next_expiry(), None);
}
