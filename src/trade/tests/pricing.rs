//! Promotions, coupons, gift cards and store credit through carts, sessions and orders.

use super::*;
use crate::event::trade::pricing::{AccountKind, Coupon, Effect, Limits, Promotion, Schedule, Stacking, Target};
use crate::event::trade::{Change, Claims};
use crate::id::AccountId;
use crate::pricing::CouponRefusal;

fn pricing(action: PricingAction) -> Action {
    Action::Pricing(action)
}

fn promotion(name: &str, effect: Effect) -> Promotion {
    Promotion {
        id: id(name),
        title: name.to_owned(),
        effect,
        target: Target::default(),
        currency: Some(Currency::EUR),
        marketplace: None,
        groups: Vec::new(),
        subtotal_from_minor: 0,
        units_from: 0,
        schedule: Schedule::default(),
        stacking: Stacking::Combinable,
        priority: 0,
        limits: Limits::default(),
        needs_coupon: false,
    }
}

fn claims(coupons: &[&str], accounts: &[&str]) -> Claims {
    let coupons = coupons.iter().map(|code| id(code)).collect();
    Claims { marketplace: None, coupons, accounts: accounts.iter().map(|account| id(account)).collect() }
}

impl Shop {
    fn puts(&mut self, promotion: Promotion) {
        self.ask(pricing(PricingAction::PutPromotion(promotion))).expect("puts");
    }

    fn coupon(&mut self, code: &str, promotion: &str, uses: Option<u64>) {
        let coupon = Coupon { code: id(code), promotion: id(promotion), uses, schedule: Schedule::default() };
        self.ask(pricing(PricingAction::PutCoupons { promotion: id(promotion), coupons: vec![coupon] })).expect("puts");
    }

    fn claims(&mut self, checkout: &str, claims: Claims) -> Result<Vec<TradeEvent>, Rejection> {
        self.ask(pricing(PricingAction::SetCheckoutClaims { checkout: id(checkout), claims }))
    }

    fn gift(&mut self, account: &str, amount_minor: i64) {
        let kind = AccountKind::GiftCard { code_digest: crate::stdx::digest::blake3(&[account.as_bytes()]), last_four: "WXYZ".to_owned() };
        let amount = Money::new(amount_minor, Currency::EUR);
        let open = PricingAction::OpenAccount { account: id(account), kind, amount, expires_at: None, reason: "sold".to_owned() };
        self.ask(pricing(open)).expect("opens");
    }

    /// Completes a session, a second time when the first has told that it costs something else.
    fn tries(&mut self, checkout: &str, attempt: &str) {
        let is_asked = |events: &[TradeEvent]| events.iter().any(|event| matches!(event, TradeEvent::PaymentRequested { .. }));
        let first = self.completes(checkout, attempt, None).expect("completes");
        if !is_asked(&first) {
            assert!(is_asked(&self.completes(checkout, attempt, None).expect("completes")));
        }
    }

    fn on_card(&self, account: &str) -> (i64, i64) {
        let account = self.state.pricing().accounts().get(&id(account)).expect("an account");
        (account.balance_minor(), account.held_minor)
    }

    fn total(&self, checkout: &str) -> i64 {
        self.session(checkout).totals.total.amount_minor
    }

    fn refused(&self, checkout: &str) -> Vec<(String, CouponRefusal)> {
        let session = self.session(checkout);
        let basket = crate::pricing::Basket {
            buyer: Some(&session.buyer),
            claims: Some(&session.claims),
            ..crate::pricing::Basket::of(&session.lines, Currency::EUR, self.now)
        };
        let refused = self.state.pricing().refused_coupons(&basket, &session.totals);
        refused.into_iter().map(|(code, why)| (code.to_string(), why)).collect()
    }
}

/// A shop in which `TEN`, usable once, takes 10 % off.
fn with_coupon() -> Shop {
    let mut shop = Shop::stocked();
    let limits = Limits { uses: None, uses_per_buyer: None, budget_minor: None };
    shop.puts(Promotion { needs_coupon: true, limits, ..promotion("ten", Effect::Percent { basis_points: 1_000 }) });
    shop.coupon("TEN", "ten", Some(1));
    shop
}

#[test]
fn two_racing_completions_never_share_the_last_use_of_a_coupon() {
    let mut shop = with_coupon();
    for name in ["k1", "k2"] {
        shop.opens(name, "a=2").expect("opens");
        shop.claims(name, claims(&["TEN"], &[])).expect("claims");
        assert_eq!(shop.total(name), 2_000 - 200 + 499);
    }
    shop.completes("k1", "p1", None).expect("holds the last use");
    // The other session is priced again without the coupon, and asks nobody for money before its buyer has seen that.
    assert_eq!(kinds(&shop.completes("k2", "p2", None).expect("is priced again")), ["Cart(Repriced"]);
    assert_eq!((shop.total("k2"), shop.state.pending_payments().len()), (2_499, 1));
    // The first attempt fails, so its use is free again.
    shop.hears("p1", "o1", PaymentOutcome::Declined).expect("is heard");
    shop.tries("k2", "p2");
    shop.hears("p2", "o2", authorized()).expect("is authorised");
    assert_eq!(shop.order("o2").totals.discount.amount_minor, -200);
    assert_eq!(kinds(&shop.completes("k1", "p3", None).expect("is priced again")), ["Cart(Repriced"]);
    // Canceling gives the use back.
    shop.ask(Action::CancelOrder { order: id("o2"), reason: "second thoughts".to_owned() }).expect("cancels");
    shop.tries("k1", "p4");
    assert_eq!((shop.total("k1"), shop.state.pending_payments().len()), (2_299, 2));
    assert_eq!(shop.replayed().hash(), shop.state.hash());
}

#[test]
fn a_refused_code_says_why_and_nothing_about_others() {
    let mut shop = with_coupon();
    let late = Schedule { from: None, until: Some(Timestamp(500)) };
    shop.puts(Promotion { needs_coupon: true, schedule: late, ..promotion("late", Effect::Percent { basis_points: 500 }) });
    shop.coupon("LATE", "late", None);
    shop.puts(Promotion { needs_coupon: true, units_from: 99, ..promotion("bulk", Effect::Percent { basis_points: 500 }) });
    shop.coupon("BULK", "bulk", None);
    shop.opens("used", "a=1").expect("opens");
    shop.claims("used", claims(&["TEN"], &[])).expect("claims");
    shop.completes("used", "p", None).expect("completes");
    shop.opens("k", "a=1").expect("opens");
    shop.claims("k", claims(&["NONE", "LATE", "BULK", "TEN"], &[])).expect("codes that give nothing are kept");
    let expected = [
        ("NONE".to_owned(), CouponRefusal::Unknown),
        ("LATE".to_owned(), CouponRefusal::Expired),
        ("BULK".to_owned(), CouponRefusal::NotForThisCart),
        ("TEN".to_owned(), CouponRefusal::UsedUp),
    ];
    assert_eq!(shop.refused("k"), expected);
    for (codes, field) in [(vec!["ten"], "coupons[0]"), (vec!["A", "A"], "coupons[1]"), (vec!["A"; 9], "coupons")] {
        let refused = shop.claims("k", claims(&codes, &[]));
        assert!(matches!(refused, Err(Rejection::Invalid { field: ref found, .. }) if found == field), "{codes:?}: {refused:?}");
    }
}

#[test]
fn a_buyer_uses_a_promotion_as_often_as_it_says_whatever_the_spelling_of_the_address() {
    let mut shop = Shop::stocked();
    let limits = Limits { uses: None, uses_per_buyer: Some(1), budget_minor: None };
    shop.puts(Promotion { limits, ..promotion("once", Effect::Amount { amount_minor: 300 }) });
    shop.sells("first", "a=1");
    assert_eq!(shop.order("first").totals.discount.amount_minor, -300);
    let shouting = Buyer { email: Some(" ADA@example.ORG".trim().to_owned()), ..Buyer::default() };
    let open = |name: &str, buyer: Buyer| Action::OpenCheckout {
        checkout: id(name),
        cart: None,
        buyer,
        address: Some(address()),
        currency: Currency::EUR,
        lines: lines_of("a=1"),
        terms: Terms::default(),
    };
    shop.ask(open("again", shouting)).expect("opens");
    assert_eq!(shop.session("again").totals.discount.amount_minor, 0);
    shop.ask(open("other", Buyer { email: Some("bob@example.org".to_owned()), ..Buyer::default() })).expect("opens");
    assert_eq!(shop.session("other").totals.discount.amount_minor, -300);
}

#[test]
fn a_budget_is_never_exceeded() {
    let mut shop = Shop::stocked();
    let limits = Limits { uses: None, uses_per_buyer: None, budget_minor: Some(500) };
    shop.puts(Promotion { limits, ..promotion("pot", Effect::Amount { amount_minor: 300 }) });
    shop.sells("first", "a=1");
    shop.opens("second", "a=1").expect("opens");
    assert_eq!((shop.order("first").totals.discount.amount_minor, shop.session("second").totals.discount.amount_minor), (-300, 0));
}

#[test]
fn a_gift_card_pays_first_and_is_never_overspent() {
    let mut shop = Shop::stocked();
    shop.gift("card", 2_000);
    for name in ["k1", "k2"] {
        shop.opens(name, "a=1").expect("opens");
        shop.claims(name, claims(&[], &["card"])).expect("claims");
    }
    // 14.99 each, and 20.00 on the card.
    shop.completes("k1", "p1", None).expect("completes");
    shop.tries("k2", "p2");
    let asked: Vec<i64> = shop.state.pending_payments().iter().map(|payment| payment.amount.amount_minor).collect();
    assert_eq!((asked, shop.on_card("card")), (vec![0, 998], (2_000, 2_000)));
    shop.hears("p2", "o2", PaymentOutcome::Declined).expect("is heard");
    assert_eq!(shop.on_card("card"), (2_000, 1_499));
    shop.hears("p1", "o1", authorized()).expect("is authorised");
    assert_eq!(shop.on_card("card"), (501, 0));
    shop.ask(Action::CancelOrder { order: id("o1"), reason: "second thoughts".to_owned() }).expect("cancels");
    assert_eq!(shop.on_card("card"), (2_000, 0));
    assert_eq!(shop.replayed().hash(), shop.state.hash());
}

/// Two sessions were shown that one card paid all of each; the one that came second was charged on its instrument without a word.
#[test]
fn a_card_that_was_spent_elsewhere_is_told_before_more_is_charged_than_was_left_to_pay() {
    let mut shop = Shop::stocked();
    shop.gift("card", 2_000);
    for name in ["k1", "k2"] {
        shop.opens(name, "a=1").expect("opens");
        let shown = shop.claims(name, claims(&[], &["card"])).expect("claims");
        assert_eq!(kinds(&shown), ["Pricing(CheckoutClaimsSet", "Pricing(CoverShown"]);
    }
    shop.completes("k1", "p1", None).expect("completes");
    let told = shop.completes("k2", "p2", Some(("key", 1))).expect("is told");
    assert_eq!(kinds(&told), ["Cart(Repriced", "Pricing(CoverShown", "KeyUsed"]);
    let money = |amount| Money::new(amount, Currency::EUR);
    assert_eq!(*shop.session("k2").trail.changes, [Change::LeftToPay { was: money(0), now: money(998) }]);
    assert_eq!(shop.completes("k2", "p2", Some(("key", 1))), Ok(Vec::new()), "a repetition is told the same");
    // The attempt of the other one fails, so that the card pays all again: nobody has to be told that they pay less.
    shop.hears("p1", "o1", PaymentOutcome::Declined).expect("is heard");
    shop.completes("k2", "p3", None).expect("completes");
    assert_eq!(shop.state.pending_payments()[0].amount, money(0));
    shop.hears("p3", "o2", authorized()).expect("is authorised");
    assert_eq!((shop.state.pricing().covers_shown().count(), shop.replayed().hash()), (1, shop.state.hash()));
}

#[test]
fn what_is_left_to_pay_grows_with_what_is_bought_and_that_is_no_news() {
    let mut shop = Shop::stocked();
    shop.gift("card", 2_000);
    let claimed = pricing(PricingAction::SetCartClaims { cart: id("c"), claims: claims(&[], &["card"]) });
    shop.ask(super::carts::open_cart("c", buyer(), "a=1")).expect("opens");
    shop.ask(claimed).expect("claims");
    // A session over a cart takes its card, and shows what that pays.
    let opened = shop.ask(open_checkout("k", Some("c"), Some(address()), Vec::new())).expect("opens");
    assert_eq!(kinds(&opened), ["CheckoutOpened", "CheckoutUpdated", "Pricing(CoverShown"]);
    let update = |lines: &str| Action::UpdateCheckout {
        checkout: id("k"),
        buyer: buyer(),
        address: Some(address()),
        lines: lines_of(lines),
        terms: Terms::default(),
    };
    shop.ask(update("a=3")).expect("updates");
    let asked = shop.completes("k", "p", None).expect("completes");
    assert_eq!(kinds(&asked), ["StockReserved", "Pricing(TendersHeld", "PaymentRequested"]);
    assert_eq!(shop.state.pending_payments()[0].amount.amount_minor, 3_499 - 2_000);
    // Nor does it matter who spends the card while nobody claims it any more.
    shop.hears("p", "o", PaymentOutcome::Declined).expect("is heard");
    shop.claims("k", claims(&[], &[])).expect("claims nothing");
    let block = PricingAction::BlockAccount { account: id::<AccountId>("card"), is_blocked: true };
    shop.ask(pricing(block)).expect("blocks");
    assert_eq!(kinds(&shop.completes("k", "p2", None).expect("completes")), ["StockReserved", "PaymentRequested"]);
}

#[test]
fn what_a_card_pays_needs_no_instrument_and_what_is_sent_is_not_looked_at() {
    let mut shop = Shop::stocked();
    shop.gift("card", 2_000);
    let mut completed = |name: &str, provider: &str, is_split: bool| {
        shop.opens(name, "a=1").expect("opens");
        shop.claims(name, claims(&[], &["card"])).expect("claims");
        let Action::CompleteCheckout { checkout, payment, reservation, terms, .. } = complete(name, name) else { unreachable!() };
        let part =
            || Part { payment: id("part"), provider: "other".to_owned(), token: "tok".to_owned(), amount: Money::new(500, Currency::EUR) };
        let parts = if is_split { vec![part()] } else { Vec::new() };
        let (provider, token) = (provider.to_owned(), provider.to_owned());
        let asked = shop.ask(Action::CompleteCheckout { checkout, payment, reservation, provider, token, parts, terms });
        let asked_of = |payment: &PendingPayment| (payment.provider.clone(), payment.amount.amount_minor);
        let pending: Vec<(String, i64)> = shop.state.pending_payments().iter().map(asked_of).collect();
        drop(shop.hears(name, name, PaymentOutcome::Declined));
        asked.map(|_| pending)
    };
    let nothing: Vec<(String, i64)> = vec![("nothing_due".to_owned(), 0)];
    for (name, provider, is_split) in [("k1", "", false), ("k2", "test", false), ("k3", "test", true)] {
        assert_eq!(completed(name, provider, is_split), Ok(nothing.clone()), "{name}");
    }
    // Where something is left somebody has to pay it.
    shop.opens("k", "a=2").expect("opens");
    shop.claims("k", claims(&[], &["card"])).expect("claims");
    let Action::CompleteCheckout { checkout, payment, reservation, parts, terms, .. } = complete("k", "p") else { unreachable!() };
    let (provider, token) = (String::new(), String::new());
    let refused = shop.ask(Action::CompleteCheckout { checkout, payment, reservation, provider, token, parts, terms });
    assert!(matches!(refused, Err(Rejection::Invalid { field, .. }) if field == "payment.provider"));
}

#[test]
fn credit_belongs_to_its_shopper_and_a_blocked_card_pays_nothing() {
    let mut shop = Shop::stocked();
    let kind = AccountKind::StoreCredit { shopper: id("ada") };
    let (amount, reason) = (Money::new(700, Currency::EUR), "an apology".to_owned());
    let open = PricingAction::OpenAccount { account: id("credit"), kind, amount, expires_at: None, reason };
    shop.ask(pricing(open)).expect("opens");
    shop.gift("card", 500);
    shop.opens("k", "a=1").expect("opens");
    let refused = shop.claims("k", claims(&[], &["credit"]));
    assert_eq!(refused, Err(Rejection::Invalid { field: "accounts[0]".to_owned(), reason: "cannot be used here".to_owned() }));
    shop.claims("k", claims(&[], &["card", "card"])).expect("claims");
    let block = PricingAction::BlockAccount { account: id::<AccountId>("card"), is_blocked: true };
    shop.ask(pricing(block)).expect("blocks");
    shop.tries("k", "p");
    assert_eq!(shop.state.pending_payments()[0].amount.amount_minor, 1_499);
    let take = |amount_minor| {
        let (amount, reason) = (Money::new(amount_minor, Currency::EUR), "a correction".to_owned());
        pricing(PricingAction::FundAccount { account: id("card"), amount, reason })
    };
    assert!(shop.ask(take(-501)).is_err(), "no more than is on it");
    shop.ask(take(-500)).expect("takes all of it off");
    assert_eq!(shop.on_card("card"), (0, 0));
}

#[test]
fn opening_a_session_with_codes_is_one_entry() {
    let mut shop = with_coupon();
    let action = Box::new(open_checkout("k", None, Some(address()), lines_of("a=1")));
    let claiming = PricingAction::Claiming { action, claims: claims(&["TEN"], &[]) };
    let events = shop.ask(pricing(claiming)).expect("opens");
    assert_eq!(kinds(&events), ["CheckoutOpened", "CheckoutUpdated", "Pricing(CheckoutClaimsSet"]);
    assert_eq!(shop.total("k"), 1_000 - 100 + 499);
}
