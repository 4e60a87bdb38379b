//! The behaviour of carts beyond opening and filling them: merging, lists kept for later, delivery choices of a session.
//!
//! 1. Edits of different lines never lose one; what is saved for later outlives the order.
//! 2. Merging is one effect, loses nothing, and is nobody else's business.
//! 3. Quantity rules hold per cart and per buyer, whatever account they use.
//! 4. Money keeps carts alive.
//! 5. A checkpoint holds all of it.

use super::terms::{one_click, profile};
use super::*;
use crate::cart::MergePolicy;
use crate::event::trade::{CartEvent, CartKind, CartPart, QuantityRule, RuleTarget};

pub(super) fn open_cart(cart: &str, buyer: Buyer, lines: &str) -> Action {
    Action::OpenCart { cart: id(cart), buyer, currency: Currency::EUR, lines: lines_of(lines) }
}

fn shopper(name: &str) -> Buyer {
    Buyer { shopper: Some(id(name)), ..buyer() }
}

fn add(cart: &str, part: CartPart, line: &str) -> Action {
    Action::Cart(CartAction::AddLine { cart: id(cart), part, line: lines_of(line).remove(0) })
}

fn change(cart: &str, line: &str, quantity: i64) -> Action {
    Action::Cart(CartAction::ChangeLine { cart: id(cart), part: CartPart::Lines, line: id(line), quantity })
}

fn moves_line(cart: &str, from: CartPart, line: &str) -> Action {
    Action::Cart(CartAction::MoveLine { cart: id(cart), from, line: id(line) })
}

fn merge(guest: &str, who: &str, into: Option<&str>, policy: MergePolicy) -> Action {
    Action::Cart(CartAction::Merge { guest: id(guest), shopper: id(who), into: into.map(id), policy })
}

fn rule(sku: &str, rule: QuantityRule) -> Action {
    Action::Cart(CartAction::SetQuantityRule { target: RuleTarget::Sku(id(sku)), rule })
}

const ANY: QuantityRule = QuantityRule { min: 1, max: None, multiple_of: 1, max_per_buyer: None, window_ms: 0 };

/// `line:sku=units ... | line:sku=units ...`: what is bought and what is saved.
fn content(shop: &Shop, cart: &str) -> String {
    let cart = shop.state.cart(&id(cart)).expect("a cart");
    let text =
        |lines: &[Line]| lines.iter().map(|line| format!("{}:{}={}", line.id, line.sku, line.quantity)).collect::<Vec<_>>().join(" ");
    format!("{} | {}", text(&cart.lines), text(&cart.saved))
}

pub(super) fn field(result: Result<Vec<TradeEvent>, Rejection>) -> String {
    match result {
        Err(Rejection::Invalid { field, reason }) => format!("{field}: {reason}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_guests_cart_may_be_said_to_be_somebodys_and_stays_theirs() {
    let mut shop = Shop::stocked();
    let set = |buyer: Option<Buyer>, lines: &str| Action::SetCartLines { cart: id("c"), buyer, lines: lines_of(lines) };
    let owner = |shop: &Shop| shop.state.cart(&id("c")).and_then(|cart| cart.buyer.shopper.clone());
    shop.ask(open_cart("c", buyer(), "a=1")).expect("opens");
    assert_eq!(kinds(&shop.ask(set(Some(buyer()), "a=2")).expect("sets")), ["CartLinesSet"], "nothing new about the buyer");
    assert_eq!(kinds(&shop.ask(set(Some(shopper("ann")), "a=2")).expect("sets")), ["Cart(Assigned", "CartLinesSet"]);
    assert_eq!((owner(&shop), shop.state.carts_of(&id("ann")).len()), (Some(id("ann")), 1));
    for other in [shopper("ben"), buyer()] {
        assert_eq!(field(shop.ask(set(Some(other), "a=3"))), "buyer.shopper_id: the cart is somebody else's");
    }
    let card = Buyer { name: Some("4111111111111111".to_owned()), ..shopper("ann") };
    assert!(field(shop.ask(set(Some(card), "a=3"))).starts_with("buyer.name"));
    shop.ask(set(None, "a=3")).expect("sets");
    assert_eq!((owner(&shop), content(&shop, "c")), (Some(id("ann")), "0:a=3 | ".to_owned()));
    assert_eq!(shop.replayed().cart(&id("c")), shop.state.cart(&id("c")));
}

#[test]
fn one_line_is_added_changed_and_moved_without_touching_the_others() {
    let mut shop = Shop::stocked();
    shop.ask(open_cart("c", buyer(), "a=1 b=1")).expect("opens");
    shop.ask(add("c", CartPart::Lines, "a=2")).expect("adds to the line that is there");
    assert_eq!(content(&shop, "c"), "0:a=3 1:b=1 | ");
    shop.ask(add("c", CartPart::Lines, "c=1")).expect("adds a line under a free name");
    assert_eq!(content(&shop, "c"), "0:a=3 1:b=1 line_m2:c=1 | ");
    // Two tabs change two lines at the same time: neither says anything about the other's.
    shop.ask(change("c", "0", 5)).expect("changes");
    shop.ask(change("c", "1", 2)).expect("changes");
    shop.ask(moves_line("c", CartPart::Lines, "line_m2")).expect("saves for later");
    assert_eq!(content(&shop, "c"), "0:a=5 1:b=2 | line_m2:c=1");
    shop.ask(moves_line("c", CartPart::Saved, "line_m2")).expect("brings back");
    shop.ask(change("c", "0", 0)).expect("takes out");
    assert_eq!(content(&shop, "c"), "1:b=2 line_m2:c=1 | ");
    assert_eq!(shop.ask(change("c", "1", 2)), Ok(Vec::new()), "nothing to change");
    assert!(matches!(shop.ask(change("c", "0", 1)), Err(Rejection::Unknown { kind: "line", .. })));
    assert_eq!(field(shop.ask(change("c", "1", -1))), "quantity: must be between 0 and 1000000");
    assert_eq!(field(shop.ask(add("c", CartPart::Lines, "a=0"))), "quantity: must be between 1 and 1000000");
}

#[test]
fn a_list_of_wishes_is_kept_longer_and_never_bought() {
    let mut shop = Shop::stocked();
    shop.ask(open_cart("c", shopper("ada"), "a=1")).expect("opens");
    let describe = |name: &str, kind| Action::Cart(CartAction::Describe { cart: id("c"), name: Some(name.to_owned()), kind });
    shop.ask(describe("For the garden", CartKind::List)).expect("describes");
    assert!(matches!(shop.ask(open_checkout("k", Some("c"), Some(address()), Vec::new())), Err(Rejection::WrongStatus { .. })));
    assert_eq!(field(shop.ask(describe("4111 1111 1111 1111", CartKind::List))), "name: must not contain a card number");
    let options = Options::default();
    assert_eq!(shop.passes(options.cart_ttl_ms), Vec::new());
    assert_eq!(kinds(&shop.passes(options.list_ttl_ms)), ["CartClosed"]);
}

#[test]
fn the_carts_of_a_shopper_are_listed_last_touched_first() {
    let mut shop = Shop::stocked();
    for cart in ["c1", "c2"] {
        shop.now = shop.now.plus_ms(1);
        shop.ask(open_cart(cart, shopper("ada"), "a=1")).expect("opens");
    }
    shop.ask(open_cart("c3", shopper("bea"), "a=1")).expect("opens");
    let names = |shop: &Shop| shop.state.carts_of(&id("ada")).iter().map(|cart| cart.id.to_string()).collect::<Vec<_>>();
    assert_eq!(names(&shop), ["c2", "c1"]);
    shop.now = shop.now.plus_ms(1);
    shop.ask(change("c1", "0", 2)).expect("changes");
    assert_eq!(names(&shop), ["c1", "c2"]);
    assert_eq!(shop.replayed().carts_of(&id("ada")).len(), 2);
}

#[test]
fn merging_on_login_is_one_entry_with_one_effect() {
    let mut shop = Shop::stocked();
    shop.ask(open_cart("own", shopper("ada"), "a=1")).expect("opens");
    shop.ask(open_cart("guest", buyer(), "a=2 b=1")).expect("opens");
    assert_eq!(kinds(&shop.ask(merge("guest", "ada", None, MergePolicy::Sum)).expect("merges")), ["Cart(Merged"]);
    assert_eq!(content(&shop, "own"), "0:a=3 1:b=1 | ");
    assert!(shop.state.cart(&id("guest")).is_none());
    assert_eq!(shop.ask(merge("guest", "ada", None, MergePolicy::Sum)), Ok(Vec::new()), "merging twice is one effect");
    assert!(matches!(shop.ask(merge("guest", "eve", None, MergePolicy::Sum)), Err(Rejection::Unknown { kind: "cart", .. })));
    // The answer to the write is the cart that the guest's became part of.
    shop.now = shop.now.plus_ms(5);
    let again = shop.ask_under(Some(("key", 1)), merge("guest", "ada", None, MergePolicy::Sum)).expect("merges");
    assert_eq!(kinds(&again), ["KeyUsed"]);
    assert!(shop.state.cart(&id("own")).is_some_and(|cart| cart.updated_at < shop.now));
    let snapshot = shop.state.answer_of(&id("key")).expect("an answer").snapshot;
    assert!(matches!(snapshot, Snapshot::Cart(cart) if cart.id == id("own")));
}

#[test]
fn whose_cart_is_merged_into_whose_is_checked() {
    let mut shop = Shop::stocked();
    shop.ask(open_cart("ada", shopper("ada"), "a=1")).expect("opens");
    shop.ask(open_cart("bea", shopper("bea"), "b=1")).expect("opens");
    shop.ask(open_cart("guest", buyer(), "a=1")).expect("opens");
    let unknown = |result| matches!(result, Err(Rejection::Unknown { kind: "cart", .. }));
    assert!(unknown(shop.ask(merge("bea", "ada", None, MergePolicy::Sum))), "somebody else's cart is no guest's");
    assert!(unknown(shop.ask(merge("guest", "ada", Some("bea"), MergePolicy::Sum))), "nor is it a place to merge into");
    // A shopper without a cart takes the guest's as it is.
    assert_eq!(kinds(&shop.ask(merge("guest", "eve", None, MergePolicy::UseShopper)).expect("is hers")), ["Cart(Assigned"]);
    assert_eq!(shop.state.carts_of(&id("eve"))[0].id, id("guest"));
    assert_eq!(shop.ask(merge("guest", "eve", None, MergePolicy::Sum)), Ok(Vec::new()));
}

/// The coupons of both carts were put together without a look at how many a cart may claim, and gift cards without one at whether they can be used.
#[test]
fn a_merged_cart_claims_no_more_than_its_shopper_could() {
    use crate::event::trade::Claims;
    use crate::pricing::CODES_MAX;
    let mut shop = Shop::stocked();
    let claims = |shop: &mut Shop, cart: &str, codes: std::ops::Range<usize>| {
        let coupons = codes.map(|number| id(&format!("C{number}"))).collect();
        let claims = Claims { coupons, ..Claims::default() };
        shop.ask(Action::Pricing(PricingAction::SetCartClaims { cart: id(cart), claims })).expect("claims");
    };
    shop.ask(open_cart("own", shopper("ada"), "a=1")).expect("opens");
    claims(&mut shop, "own", 0..CODES_MAX - 1);
    shop.ask(open_cart("guest", Buyer::default(), "b=1")).expect("opens");
    claims(&mut shop, "guest", CODES_MAX - 2..CODES_MAX + 3);
    shop.ask(merge("guest", "ada", None, MergePolicy::Sum)).expect("merges");
    let coupons: Vec<String> = shop.state.cart(&id("own")).expect("a cart").claims.coupons.iter().map(ToString::to_string).collect();
    assert_eq!(
        coupons,
        (0..CODES_MAX).map(|number| format!("C{number}")).collect::<Vec<_>>(),
        "her own, and as many of the guest's as fit"
    );
}

#[test]
fn a_cart_that_is_being_paid_for_is_not_merged() {
    let mut shop = Shop::stocked();
    shop.ask(open_cart("own", shopper("ada"), "a=1")).expect("opens");
    shop.ask(open_cart("guest", buyer(), "b=1")).expect("opens");
    shop.ask(open_checkout("k", Some("guest"), Some(address()), Vec::new())).expect("opens");
    shop.completes("k", "p", None).expect("completes");
    assert!(matches!(shop.ask(merge("guest", "ada", None, MergePolicy::Sum)), Err(Rejection::WrongStatus { kind: "cart", .. })));
    shop.hears("p", "o", PaymentOutcome::Declined).expect("is declined");
    shop.ask(merge("guest", "ada", None, MergePolicy::Sum)).expect("merges");
}

#[test]
fn an_order_leaves_what_it_did_not_buy_in_the_cart() {
    let mut shop = Shop::stocked();
    shop.ask(open_cart("c", shopper("ada"), "a=1 b=1")).expect("opens");
    shop.ask(open_checkout("k", Some("c"), Some(address()), Vec::new())).expect("opens");
    // In another tab, while the money is asked for.
    shop.completes("k", "p", None).expect("completes");
    shop.ask(change("c", "0", 3)).expect("changes");
    shop.ask(moves_line("c", CartPart::Lines, "1")).expect("saves for later");
    shop.hears("p", "o", authorized()).expect("is authorised");
    assert_eq!(content(&shop, "c"), "0:a=2 | 1:b=1");
}

#[test]
fn a_quantity_rule_holds_for_a_cart_and_names_the_line() {
    let mut shop = Shop::stocked();
    shop.ask(rule("a", QuantityRule { min: 2, max: Some(6), multiple_of: 2, ..ANY })).expect("sets");
    assert_eq!(field(shop.ask(open_cart("c", buyer(), "b=1 a=3"))), "lines[1].quantity: must be a multiple of 2");
    assert_eq!(field(shop.ask(open_cart("c", buyer(), "a=4 a=4"))), "lines[0].quantity: must be at most 6");
    shop.ask(open_cart("c", buyer(), "a=2 b=1")).expect("opens");
    assert_eq!(field(shop.ask(change("c", "0", 1))), "quantity: must be at least 2");
    shop.ask(change("c", "0", 0)).expect("a line can always be taken out");
    assert_eq!(field(shop.opens("k", "a=8")), "lines[0].quantity: must be at most 6");
    assert_eq!(field(shop.ask(rule("a", QuantityRule { min: 7, max: Some(6), ..ANY }))), "max: no quantity keeps all parts of the rule");
    let target = RuleTarget::Sku(id("a"));
    shop.ask(Action::Cart(CartAction::RemoveQuantityRule { target: target.clone() })).expect("removes");
    assert!(shop.ask(Action::Cart(CartAction::RemoveQuantityRule { target })).is_err());
    shop.opens("k", "a=8").expect("opens");
}

#[test]
fn a_rule_of_a_product_counts_all_its_variants() {
    let mut shop = Shop::stocked();
    let target = RuleTarget::Product(Ordinal(0));
    shop.ask(Action::Cart(CartAction::SetQuantityRule { target, rule: QuantityRule { max: Some(3), ..ANY } })).expect("sets");
    assert_eq!(field(shop.opens("k", "a=2 b=2")), "lines[0].quantity: must be at most 3");
    shop.opens("k", "a=2 b=1").expect("opens");
}

#[test]
fn one_buyer_has_what_a_flash_sale_allows_and_no_more() {
    let mut shop = Shop::stocked();
    let day_ms = 24 * 60 * 60 * 1_000;
    shop.ask(rule("a", QuantityRule { max_per_buyer: Some(3), window_ms: day_ms, ..ANY })).expect("sets");
    shop.sells("o1", "a=2");
    assert_eq!(field(shop.opens("k", "a=2")), "lines[0].quantity: 1 of 3 are left for one buyer");
    // What is being paid for counts too, so that two tabs are one buyer.
    shop.opens("k1", "a=1").expect("opens");
    shop.opens("k2", "a=1").expect("opens");
    shop.completes("k1", "p1", None).expect("completes");
    assert_eq!(field(shop.completes("k2", "p2", None)), "lines[0].quantity: 0 of 3 are left for one buyer");
    shop.hears("p1", "o2", PaymentOutcome::Declined).expect("is declined");
    shop.completes("k2", "p2", None).expect("completes");
    shop.hears("p2", "o2", authorized()).expect("is authorised");
    // Another account with another e-mail at the same address is the same buyer; another address is not.
    let other = Buyer { email: Some("eve@example.org".to_owned()), ..Buyer::default() };
    let open = |checkout: &str, address: Address| Action::OpenCheckout {
        checkout: id(checkout),
        cart: None,
        buyer: other.clone(),
        address: Some(address),
        currency: Currency::EUR,
        lines: lines_of("a=1"),
        terms: Terms::default(),
    };
    assert_eq!(field(shop.ask(open("k3", address()))), "lines[0].quantity: 0 of 3 are left for one buyer");
    shop.ask(open("k3", Address { street: "Allee 9".to_owned(), ..address() })).expect("opens");
    // A canceled order counts no more, and any order only for so long.
    shop.ask(Action::CancelOrder { order: id("o1"), reason: String::new() }).expect("cancels");
    shop.opens("k4", "a=2").expect("opens");
    shop.passes(day_ms);
    shop.opens("k5", "a=3").expect("opens");
    assert_eq!(shop.replayed().hash(), shop.state.hash());
}

#[test]
fn a_cart_with_money_attached_is_never_reaped() {
    let mut shop = Shop::stocked();
    let options = Options::default();
    shop.ask(open_cart("c", buyer(), "a=1")).expect("opens");
    shop.ask(open_checkout("k", Some("c"), Some(address()), Vec::new())).expect("opens");
    shop.completes("k", "p", None).expect("completes");
    shop.hears("p", "o", PaymentOutcome::Unknown).expect("is heard");
    shop.passes(options.reservation_ttl_ms);
    assert_eq!(shop.passes(options.cart_ttl_ms * 3), Vec::new());
    assert_eq!(shop.state.next_expiry(), None, "nothing is due, so that nobody is woken for nothing");
    assert!(shop.state.cart(&id("c")).is_some());
    shop.hears("p", "o", PaymentOutcome::Failed).expect("fails");
    assert_eq!(
        kinds(&shop.passes(options.checkout_ttl_ms)),
        ["CartClosed", "CheckoutCanceled"].map(str::to_owned).into_iter().rev().collect::<Vec<_>>()
    );
}

#[test]
fn carts_come_back_from_a_checkpoint_with_everything_that_belongs_to_them() {
    let mut shop = Shop::stocked();
    shop.ask(rule("a", QuantityRule { max_per_buyer: Some(5), window_ms: 1_000_000, ..ANY })).expect("sets");
    shop.ask(open_cart("own", shopper("ada"), "a=1")).expect("opens");
    shop.ask(add("own", CartPart::Saved, "b=1")).expect("saves");
    shop.ask(open_cart("guest", buyer(), "b=1")).expect("opens");
    shop.ask(merge("guest", "ada", None, MergePolicy::UseGuest)).expect("merges");
    shop.ask(Action::Cart(CartAction::SetOneClick { shopper: id("ada"), profile: Box::new(profile()) })).expect("sets");
    shop.sells("o", "a=2");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("trade.bin");
    shop.state.save(&path, crate::event::Progress::default()).expect("saves");
    let (loaded, _) = State::load(&path, Options::default()).expect("loads");
    assert_eq!((loaded.hash(), loaded.check_invariants()), (shop.state.hash(), Vec::<String>::new()));
    shop.state = loaded;
    assert_eq!(content(&shop, "own"), "0:b=1 | 0:b=1 line_m2:a=1");
    assert_eq!(field(shop.opens("k", "a=4")), "lines[0].quantity: 3 of 5 are left for one buyer");
    assert_eq!(shop.ask(merge("guest", "ada", None, MergePolicy::Sum)), Ok(Vec::new()));
    assert!(matches!(shop.ask(one_click("k1", "b=1", Terms::default())).as_deref(), Ok([TradeEvent::CheckoutOpened { .. }, ..])));
    assert!(matches!(
        shop.ask(Action::Cart(CartAction::SetOneClick { shopper: id("ada"), profile: Box::new(profile()) })).as_deref(),
        Ok([]) | Ok([TradeEvent::Cart(CartEvent::OneClickSet { .. })])
    ));
}
