//! The behaviour of what the shop keeps about people, and how it forgets them:
//!
//! 1. which keys seal texts of which shopper is said once, in the entry of the first such text;
//! 2. forgetting ends open carts and sessions, names every key, and is nothing the second time;
//! 3. a session whose payment is under way comes to its end without saying whose it is;
//! 4. a guest is forgotten by an order, a known shopper only as a whole;
//! 5. sealed texts of one person are recognised by their digests: limits per buyer hold whatever keys they are sealed under;
//! 6. what does not fit the state is reported without what it says.

use super::*;
use crate::event::sealed::{KeyNumber, TextDigest, text_of};
use crate::event::trade::{CartKind, OneClick, QuantityRule, RuleTarget, ShopperEvent};

fn sealed(number: u64) -> String {
    text_of(KeyNumber(number), &[7; 40], None)
}

fn ann(key: u64) -> Buyer {
    Buyer { shopper: Some(id("ann")), email: Some(sealed(key)), ..Buyer::default() }
}

fn open(checkout: &str, buyer: Buyer, street: u64) -> Action {
    let address = Some(Address { street: sealed(street), ..address() });
    Action::OpenCheckout {
        checkout: id(checkout),
        cart: None,
        buyer,
        address,
        currency: Currency::EUR,
        lines: lines_of("a=1"),
        terms: Terms::default(),
    }
}

fn about_people(events: &[TradeEvent]) -> Vec<&ShopperEvent> {
    events.iter().filter_map(|event| if let TradeEvent::Shopper(event) = event { Some(event) } else { None }).collect()
}

fn keys(numbers: &[u64]) -> Vec<KeyNumber> {
    numbers.iter().copied().map(KeyNumber).collect()
}

#[test]
fn the_keys_of_a_shopper_are_said_once() {
    let mut shop = Shop::stocked();
    let events = shop.ask(open("s1", ann(5), 9)).expect("opens");
    assert!(matches!(about_people(&events)[..], [ShopperEvent::Keyed { keys: said, .. }] if *said == keys(&[5, 9])), "{events:?}");
    assert_eq!(about_people(&shop.ask(open("s2", ann(5), 5)).expect("opens")), Vec::<&ShopperEvent>::new());
    let events = shop.ask(open("s3", ann(6), 5)).expect("opens");
    assert!(matches!(about_people(&events)[..], [ShopperEvent::Keyed { keys: said, .. }] if *said == keys(&[6])));
    assert_eq!(shop.state.keys_of(&id("ann")), keys(&[5, 6, 9]));
    assert_eq!(shop.replayed().hash(), shop.state.hash());
}

#[test]
fn forgetting_ends_what_is_open_and_names_every_key() {
    let mut shop = Shop::stocked();
    shop.ask(open("s1", ann(5), 9)).expect("opens");
    shop.ask(Action::OpenCart { cart: id("c"), buyer: ann(5), currency: Currency::EUR, lines: lines_of("a=1") }).expect("opens");
    shop.ask(open("other", Buyer { email: Some(sealed(7)), ..Buyer::default() }, 7)).expect("opens");
    let erase = Action::Shopper(ShopperAction::Erase { shopper: id("ann") });
    let events = shop.ask(erase.clone()).expect("is forgotten");
    assert!(matches!(about_people(&events)[..], [ShopperEvent::Erased { keys: said, .. }] if *said == keys(&[5, 9])), "{events:?}");
    assert_eq!(shop.session("s1").status.name(), "canceled");
    assert_eq!(shop.session("other").status.name(), "ready_for_complete");
    assert!(shop.state.cart(&id("c")).is_none() && shop.state.keys_of(&id("ann")).is_empty());
    assert_eq!(shop.ask(erase), Ok(Vec::new()), "there is nothing left to forget");
    assert_eq!(shop.replayed().hash(), shop.state.hash());
}

fn one_click(token: &str) -> Action {
    let address = Address { name: "Ann".to_owned(), street: sealed(12), city: "Ulm".to_owned(), country: "DE".to_owned(), ..address() };
    let buyer = Buyer { email: Some(sealed(11)), ..Buyer::default() };
    let profile = OneClick { provider: "test".to_owned(), token: token.to_owned(), buyer, address, delivery: None };
    Action::Cart(CartAction::SetOneClick { shopper: id("ann"), profile: Box::new(profile) })
}

#[test]
fn forgetting_reaches_what_is_kept_for_one_click_lists_of_wishes_and_groups() {
    let mut shop = Shop::stocked();
    shop.ask(Action::Pricing(PricingAction::SetGroups { shopper: id("ann"), groups: vec![id("club")] })).expect("is put into one");
    let events = shop.ask(one_click(&sealed(13))).expect("is kept");
    assert!(matches!(about_people(&events)[..], [ShopperEvent::Keyed { keys: said, .. }] if *said == keys(&[11, 12, 13])), "{events:?}");
    shop.ask(Action::OpenCart { cart: id("wishes"), buyer: ann(11), currency: Currency::EUR, lines: lines_of("a=1") }).expect("opens");
    shop.ask(Action::Cart(CartAction::Describe { cart: id("wishes"), name: None, kind: CartKind::List })).expect("is a list");
    let held = shop.state.held_of(&id("ann"));
    assert_eq!((held.carts.len(), held.one_click.is_some(), held.groups), (1, true, vec![id("club")]));
    let events = shop.ask(Action::Shopper(ShopperAction::Erase { shopper: id("ann") })).expect("is forgotten");
    assert!(matches!(about_people(&events)[..], [ShopperEvent::Erased { keys: said, .. }] if *said == keys(&[11, 12, 13])), "{events:?}");
    let held = shop.state.held_of(&id("ann"));
    assert!(held.carts.is_empty() && held.one_click.is_none() && held.groups.is_empty(), "{held:?}");
    assert_eq!(shop.replayed().hash(), shop.state.hash());
}

/// A guest whose e-mail address and street are sealed under keys of their own.
fn opened_by_guest(checkout: &str, key: u64, [email, street]: [u8; 2]) -> Action {
    let sealed = |digest| text_of(KeyNumber(key), &[7; 40], Some(TextDigest([digest; 16])));
    let Action::OpenCheckout { checkout, cart, currency, lines, terms, .. } = open(checkout, Buyer::default(), key) else {
        panic!("opens a session")
    };
    let buyer = Buyer { email: Some(sealed(email)), session: Some(id(&format!("visit-{key}"))), ..Buyer::default() };
    let address = Some(Address { street: sealed(street), ..address() });
    Action::OpenCheckout { checkout, cart, buyer, address, currency, lines, terms }
}

#[test]
fn a_guest_with_another_visit_and_key_is_the_same_buyer_by_mail_or_street() {
    let mut shop = Shop::stocked();
    let rule = QuantityRule { min: 1, max: None, multiple_of: 1, max_per_buyer: Some(1), window_ms: 1_000_000 };
    let target = RuleTarget::Sku(id("a"));
    shop.ask(Action::Cart(CartAction::SetQuantityRule { target, rule })).expect("is set");
    shop.ask(opened_by_guest("first", 1, [1, 1])).expect("opens");
    shop.completes("first", "first", None).expect("begins");
    shop.hears("first", "first", authorized()).expect("is authorised");
    for (name, key, digests, is_taken) in [("mail", 2, [1, 2], false), ("street", 3, [2, 1], false), ("other", 4, [2, 2], true)] {
        let opened = shop.ask(opened_by_guest(name, key, digests)).and_then(|_| shop.completes(name, name, None));
        assert_eq!(opened.is_ok(), is_taken, "{name}: {opened:?}");
    }
}

#[test]
fn a_fault_says_which_event_and_not_what_it_says() {
    let mut shop = Shop::stocked();
    let secret = "tok_of_nobody";
    let (payment, checkout, provider, token) = (id("p"), id("nowhere"), "test".to_owned(), secret.to_owned());
    let amount = Money::new(1, Currency::EUR);
    fold(&mut shop.state, &TradeEvent::PaymentRequested { payment, checkout, amount, provider, token }, Timestamp(0));
    let wrong = shop.state.check_invariants().join("\n");
    assert!(wrong.contains("in PaymentRequested") && !wrong.contains(secret), "{wrong}");
}

#[test]
fn a_payment_under_way_is_not_lost_sight_of() {
    for outcome in [authorized(), PaymentOutcome::Declined] {
        let mut shop = Shop::stocked();
        shop.ask(open("s", ann(5), 5)).expect("opens");
        shop.completes("s", "p", None).expect("begins");
        shop.ask(Action::Shopper(ShopperAction::Erase { shopper: id("ann") })).expect("is forgotten");
        assert_eq!((shop.session("s").status.name(), &shop.session("s").buyer.shopper), ("complete_in_progress", &None));
        shop.hears("p", "o", outcome).expect("is heard");
        assert!(shop.state.keys_of(&id("ann")).is_empty(), "nothing is said anew of somebody who was forgotten");
        assert_eq!(shop.replayed().hash(), shop.state.hash());
    }
}

#[test]
fn a_guest_is_forgotten_by_an_order_and_a_shopper_is_not() {
    let mut shop = Shop::stocked();
    let guest = Buyer { email: Some(sealed(7)), ..Buyer::default() };
    for (name, buyer) in [("guest", guest), ("known", ann(5))] {
        shop.ask(open(name, buyer, 8)).expect("opens");
        shop.completes(name, name, None).expect("begins");
        shop.hears(name, name, authorized()).expect("is authorised");
    }
    let erase = |order: &str| Action::Shopper(ShopperAction::EraseGuest { order: id(order) });
    let events = shop.ask(erase("guest")).expect("is forgotten");
    assert!(matches!(about_people(&events)[..], [ShopperEvent::GuestErased { keys: said, .. }] if *said == keys(&[7, 8])), "{events:?}");
    assert!(matches!(shop.ask(erase("known")), Err(Rejection::Invalid { .. })));
    assert!(matches!(shop.ask(erase("nobody")), Err(Rejection::Unknown { .. })));
    assert_eq!(shop.replayed().hash(), shop.state.hash());
}
