//! Forgetting people:
//!
//! 1. what says who somebody is stands in no file of the shop in the clear, before and after they are forgotten;
//! 2. after it nothing opens it, also after a restart, a replay of the whole journal, and a process that ended in between;
//! 3. the state is the same, byte for byte, live and replayed, with the keys and without them;
//! 4. orders keep their products and amounts, and other people their texts;
//! 5. what an old journal holds in the clear is read as it is;
//! 6. whoever comes again as another guest is recognised by e-mail address or street, by nothing that their files tell;
//! 7. tokens of payment providers stand in no file either.

use super::tests::{Bench, open_at, reopened, sku};
use super::*;
use crate::event::sealed::{Personal, digest_of, is_marked};
use crate::event::trade::{Address, Buyer, BuyerKey, Line, OneClick, QuantityRule, RuleTarget};
use crate::id::{CartId, CheckoutId, LineId, OrderId, Ordinal, PaymentId, ReservationId, ShopperId};
use crate::money::{Currency, Money};
use crate::payment::TestProvider;
use crate::trade::{Action, CartAction, Rejection, ShopperAction, Snapshot, Terms};
use std::fs;
use std::path::Path;

fn shopper(name: &str) -> ShopperId {
    name.parse().expect("an id")
}

/// Texts that are found nowhere else.
fn texts(name: &str) -> [String; 5] {
    ["mail-of-@example.org", "Name of ", "Recipient of ", "Street of ", "City of "].map(|text| match text.split_once('@') {
        Some((user, domain)) => format!("{user}{name}@{domain}"),
        None => format!("{text}{name}"),
    })
}

fn buyer(name: &str, is_known: bool) -> Buyer {
    let [email, full_name, ..] = texts(name);
    Buyer { shopper: is_known.then(|| shopper(name)), email: Some(email), name: Some(full_name), ..Buyer::default() }
}

fn address(name: &str) -> Address {
    let [_, _, recipient, street, city] = texts(name);
    Address { name: recipient, street, city, country: "DE".to_owned(), ..Address::default() }
}

fn line() -> Line {
    Line {
        id: LineId::new("1").expect("an id"),
        sku: sku("a"),
        product: Ordinal(0),
        title: "Lamp".to_owned(),
        quantity: 1,
        unit_price: Money::new(500, Currency::EUR),
        components: Vec::new(),
    }
}

fn opens(shop: &Bench, name: &str, is_known: bool) {
    let (checkout, buyer, address) = (CheckoutId::new(name).expect("an id"), buyer(name, is_known), Some(address(name)));
    let action = Action::OpenCheckout {
        checkout,
        cart: None,
        buyer,
        address,
        currency: Currency::EUR,
        lines: vec![line()],
        terms: Terms::default(),
    };
    assert!(shop.ask(None, action).is_ok());
}

fn completes(shop: &Bench, name: &str, token: &str) -> Result<TradeAnswer, TradeError> {
    let action = Action::CompleteCheckout {
        checkout: CheckoutId::new(name).expect("an id"),
        payment: PaymentId::new(&format!("pay_{name}")).expect("an id"),
        reservation: ReservationId::new(&format!("res_{name}")).expect("an id"),
        provider: TestProvider::NAME.to_owned(),
        token: token.to_owned(),
        parts: Vec::new(),
        terms: Terms::default(),
    };
    shop.ask(Some(name), action)
}

fn buys(shop: &Bench, name: &str, is_known: bool) -> OrderId {
    opens(shop, name, is_known);
    let answer = completes(shop, name, "tok_success").unwrap_or_else(|error| panic!("{error}"));
    match answer.answer.expect("a key was given").snapshot {
        Snapshot::Checkout(session) => session.order.clone().expect("an order"),
        other => panic!("a session, not {other:?}"),
    }
}

fn erase(shop: &Bench, name: &str) {
    assert!(shop.ask(None, Action::Shopper(ShopperAction::Erase { shopper: shopper(name) })).is_ok());
}

fn stocked(folder: &Path) -> Bench {
    let shop = open_at(folder);
    shop.put(&["a"]);
    shop.stock("a", 50);
    shop
}

/// Every file under `folder` that holds one of these texts.
fn files_with(folder: &Path, texts: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        if entry.is_dir() {
            found.extend(files_with(&entry, texts));
            continue;
        }
        let bytes = fs::read(&entry).expect("a file");
        let holds = |text: &String| memchr::memmem::find(&bytes, text.as_bytes()).is_some();
        if texts.iter().any(holds) {
            found.push(entry.display().to_string());
        }
    }
    found
}

/// Every file under `folder` that holds one of the texts about `name`.
fn files_that_tell(folder: &Path, name: &str) -> Vec<String> {
    files_with(folder, &texts(name))
}

fn email_of(shop: &Bench, order: &OrderId) -> Option<String> {
    let trade = shop.readers.trade();
    shop.readers.people().order(&trade.order(order).expect("an order")).buyer.email.clone()
}

#[test]
fn a_forgotten_shopper_is_in_no_file_and_comes_back_in_no_replay() {
    let folder = tempfile::tempdir().expect("a folder");
    let shop = stocked(folder.path());
    let (ada, ben) = (buys(&shop, "ada", true), buys(&shop, "ben", true));
    opens(&shop, "ada-again", false);
    assert_eq!(email_of(&shop, &ada).as_ref(), Some(&texts("ada")[0]));
    assert_eq!(files_that_tell(folder.path(), "ada"), Vec::<String>::new(), "nobody is told of in the clear at any time");

    erase(&shop, "ada");
    assert_eq!(email_of(&shop, &ada), None);
    let kept = shop.readers.trade().order(&ada).expect("the order stays");
    assert_eq!((kept.lines.len(), kept.totals.total.amount_minor > 0), (1, true));
    assert_eq!(shop.readers.people().order(&kept).address.street, ERASED);
    let hash = shop.readers.trade().hash();
    drop(shop);

    for lost in ["", "checkpoints", "keys"] {
        if !lost.is_empty() {
            fs::remove_dir_all(folder.path().join("data").join(lost)).expect("is removed");
        }
        let again = reopened(folder.path(), lost == "keys").expect("opens");
        assert_eq!(again.readers.trade().hash(), hash, "without {lost}");
        assert_eq!(email_of(&again, &ada), None);
        let expected = (lost != "keys").then(|| texts("ben")[0].clone());
        assert_eq!(email_of(&again, &ben), expected, "without {lost}");
        drop(again);
        assert_eq!(files_that_tell(folder.path(), "ada"), Vec::<String>::new(), "without {lost}");
    }
}

#[test]
fn an_erasure_whose_process_ended_before_its_keys_is_finished_by_the_next_start() {
    let folder = tempfile::tempdir().expect("a folder");
    let shop = stocked(folder.path());
    let order = buys(&shop, "ada", true);
    let keys = folder.path().join("data/keys/people.keys");
    let before = fs::read(&keys).expect("is there");
    erase(&shop, "ada");
    drop(shop);
    // As if the process had ended right after the append: the keys are still there, and no checkpoint is.
    fs::write(&keys, before).expect("is written");
    fs::remove_dir_all(folder.path().join("data/checkpoints")).expect("is removed");
    let again = open_at(folder.path());
    assert_eq!(email_of(&again, &order), None);
}

#[test]
fn open_carts_and_sessions_end_and_who_comes_back_has_a_key_of_their_own() {
    let folder = tempfile::tempdir().expect("a folder");
    let shop = stocked(folder.path());
    let cart = CartId::new("cart").expect("an id");
    let action = Action::OpenCart { cart: cart.clone(), buyer: buyer("ada", true), currency: Currency::EUR, lines: vec![line()] };
    assert!(shop.ask(None, action).is_ok());
    opens(&shop, "ada", true);
    let keys = shop.readers.trade().keys_of(&shopper("ada"));
    assert_eq!(keys.len(), 1, "one key for one shopper");
    erase(&shop, "ada");
    let trade = shop.readers.trade();
    assert!(trade.cart(&cart).is_none() && trade.keys_of(&shopper("ada")).is_empty());
    let order = {
        let checkout = CheckoutId::new("ada-2").expect("an id");
        let action = Action::OpenCheckout {
            checkout: checkout.clone(),
            cart: None,
            buyer: buyer("ada", true),
            address: Some(address("ada")),
            currency: Currency::EUR,
            lines: vec![line()],
            terms: Terms::default(),
        };
        assert!(shop.ask(None, action).is_ok());
        checkout
    };
    let trade = shop.readers.trade();
    let session = trade.checkout(&order).expect("a session");
    assert!(session.buyer.keys().iter().all(|key| !keys.contains(key)));
    assert_eq!(shop.readers.people().session(&session).buyer.email.as_ref(), Some(&texts("ada")[0]));
}

#[test]
fn a_guest_is_forgotten_by_an_order() {
    let folder = tempfile::tempdir().expect("a folder");
    let shop = stocked(folder.path());
    let (guest, other, known) = (buys(&shop, "guest", false), buys(&shop, "other", false), buys(&shop, "known", true));
    let ask = |order: &OrderId| shop.ask(None, Action::Shopper(ShopperAction::EraseGuest { order: order.clone() }));
    assert!(ask(&guest).is_ok() && ask(&guest).is_ok(), "twice is as good as once");
    assert_eq!((email_of(&shop, &guest), email_of(&shop, &other)), (None, Some(texts("other")[0].clone())));
    let refused = ask(&known).err().expect("is refused");
    assert!(matches!(refused, TradeError::Rejected(Rejection::Invalid { ref field, .. }) if field == "order"), "{refused}");
}

#[test]
fn nobody_brings_in_a_sealed_text_of_their_own() {
    let folder = tempfile::tempdir().expect("a folder");
    let shop = stocked(folder.path());
    opens(&shop, "ada", true);
    let trade = shop.readers.trade();
    let sealed = trade.checkout(&CheckoutId::new("ada").expect("an id")).expect("a session").buyer.email.clone().expect("an e-mail");
    assert!(is_marked(&sealed));
    let mut forged = sealed.clone();
    forged.replace_range(20..21, if &sealed[20..21] == "A" { "B" } else { "A" });
    let unmade = crate::event::sealed::text_of(crate::event::sealed::KeyNumber(1 << 30), &[7; 40], None);
    for (email, is_taken) in [(sealed, true), (forged, false), (unmade, false), ("\u{1}x".to_owned(), false)] {
        let action = Action::OpenCart {
            cart: CartId::new(&format!("c{}", email.len() + usize::from(is_taken))).expect("an id"),
            buyer: Buyer { email: Some(email.clone()), ..Buyer::default() },
            currency: Currency::EUR,
            lines: vec![line()],
        };
        let refused = shop.ask(None, action).err();
        assert_eq!(refused.is_none(), is_taken, "{email:?}: {refused:?}");
    }
}

fn opens_as(shop: &Bench, checkout: &str, buyer: Buyer, address: Address) -> bool {
    let action = Action::OpenCheckout {
        checkout: CheckoutId::new(checkout).expect("an id"),
        cart: None,
        buyer: Buyer { session: checkout.parse().ok(), ..buyer },
        address: Some(address),
        currency: Currency::EUR,
        lines: vec![line()],
        terms: Terms::default(),
    };
    shop.ask(None, action).is_ok()
}

/// Whether somebody may buy; they may learn that they may not when they begin.
fn may_buy(shop: &Bench, checkout: &str, buyer: Buyer, address: Address) -> bool {
    opens_as(shop, checkout, buyer, address) && completes(shop, checkout, "tok_success").is_ok()
}

#[test]
fn a_guest_who_comes_again_is_the_same_buyer_by_mail_or_street_also_after_being_forgotten() {
    let folder = tempfile::tempdir().expect("a folder");
    let shop = stocked(folder.path());
    let rule = QuantityRule { min: 1, max: None, multiple_of: 1, max_per_buyer: Some(1), window_ms: 1_000_000 };
    let target = RuleTarget::Sku(sku("a"));
    assert!(shop.ask(None, Action::Cart(CartAction::SetQuantityRule { target, rule })).is_ok());
    let order = buys(&shop, "ada", false);
    let shouted = Buyer { email: buyer("ada", false).email.map(|email| email.to_uppercase()), ..Buyer::default() };
    assert!(!may_buy(&shop, "mail", shouted.clone(), address("bea")));
    assert!(!may_buy(&shop, "street", buyer("cleo", false), address("ada")));
    assert!(may_buy(&shop, "other", buyer("dora", false), address("dora")));

    // What remains of somebody who was forgotten tells who comes again, to whoever has the shop's secret, and nothing to anybody else.
    assert!(shop.ask(None, Action::Shopper(ShopperAction::EraseGuest { order: order.clone() })).is_ok());
    assert_eq!(files_that_tell(folder.path(), "ada"), Vec::<String>::new());
    assert!(!may_buy(&shop, "again", shouted.clone(), address("emma")));
    let kept = |shop: &Bench| shop.readers.trade().order(&order).expect("the order stays").buyer.email.clone().expect("a sealed text");
    let mail = digest_of(&kept(&shop)).expect("a digest");
    drop(shop);

    // Without the secret nobody is recognised any more: what is kept cannot be told to be of the same person.
    fs::remove_file(folder.path().join("data/keys/digest.key")).expect("is removed");
    let shop = open_at(folder.path());
    assert!(may_buy(&shop, "anew", shouted, address("fay")));
    let trade = shop.readers.trade();
    let anew = trade.checkout(&CheckoutId::new("anew").expect("an id")).expect("a session");
    assert_ne!(digest_of(anew.buyer.email.as_deref().expect("an address")), Some(mail));
    assert_eq!(BuyerKey::of_person(&anew.buyer).len(), 1);
}

#[test]
fn tokens_stand_in_no_file_and_reach_the_provider_as_they_were() {
    let folder = tempfile::tempdir().expect("a folder");
    let shop = stocked(folder.path());
    let (stored, declined) = ("tok_stored_for_ada".to_owned(), "tok_that_nobody_knows".to_owned());
    let profile = OneClick {
        provider: TestProvider::NAME.to_owned(),
        token: stored.clone(),
        buyer: buyer("ada", false),
        address: address("ada"),
        delivery: None,
    };
    assert!(shop.ask(None, Action::Cart(CartAction::SetOneClick { shopper: shopper("ada"), profile: Box::new(profile) })).is_ok());
    opens(&shop, "ben", false);
    let answer = completes(&shop, "ben", &declined).unwrap_or_else(|error| panic!("{error}"));
    assert!(matches!(answer.answer.expect("a key was given").snapshot, Snapshot::Checkout(session) if session.order.is_none()));
    buys(&shop, "cleo", false);
    drop(shop);
    assert_eq!(files_with(folder.path(), &[stored, declined]), Vec::<String>::new());
    let shop = open_at(folder.path());
    erase(&shop, "ada");
    assert!(shop.readers.trade().one_click_of(&shopper("ada")).is_none());
}
