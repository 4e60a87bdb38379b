//! Decisions about price lists, promotions, coupons, gift cards and store credit.

mod accounts;
mod settings;

use super::checkout::session_for;
use super::payment::posted;
use super::shipping::Asked;
use crate::event::TradeEvent;
use crate::event::trade::pricing::AccountKind;
use crate::event::trade::{Buyer, BuyerKey, CartEvent, Change, Claims, PricingEvent, Subject, Tender, Totals};
use crate::id::{AccountId, CartId, CheckoutId, OrderId};
use crate::money::{Currency, Money};
use crate::order::{Checkout, CheckoutStep, Order};
use crate::payment::account as ledger;
use crate::pricing::{self, Basket, check_claims, ledger_account};
use crate::stdx::clock::Timestamp;
use crate::trade::command::{Action, PricingAction, Rejection};
use crate::trade::fold;
use crate::trade::state::State;

pub(super) fn decide(state: &State, action: &PricingAction, now: Timestamp) -> Result<Vec<TradeEvent>, Rejection> {
    match action {
        PricingAction::SetCartClaims { cart, claims } => set_cart_claims(state, cart, claims, now),
        PricingAction::SetCheckoutClaims { checkout, claims } => set_checkout_claims(state, checkout, claims, now),
        PricingAction::Claiming { action, claims } => claiming(state, action, claims, now),
        PricingAction::OpenAccount { account, kind, amount, expires_at, reason } => {
            accounts::open(state, account, kind, (*amount, *expires_at, reason), now)
        }
        PricingAction::FundAccount { account, amount, reason } => accounts::fund(state, account, *amount, reason),
        PricingAction::BlockAccount { account, is_blocked } => accounts::block(state, account, *is_blocked),
        PricingAction::PutPriceList(_)
        | PricingAction::RemovePriceList(_)
        | PricingAction::SetPrices { .. }
        | PricingAction::SetGroups { .. }
        | PricingAction::NoteBasePrices { .. }
        | PricingAction::PutPromotion(_)
        | PricingAction::RemovePromotion(_)
        | PricingAction::PutCoupons { .. }
        | PricingAction::RemoveCoupon(_)
        | PricingAction::PutTaxZone(_)
        | PricingAction::RemoveTaxZone { .. }
        | PricingAction::SetTaxClass { .. } => settings::decide(state, action),
    }
}

/// Claims that keep the rules, of accounts that this buyer may use. What is wrong with an account is not said: it may be another's.
pub(super) fn check(state: &State, claims: &Claims, buyer: &Buyer, currency: Currency) -> Result<(), Rejection> {
    check_claims(claims)?;
    let place = claims.accounts.iter().position(|id| !is_usable(state, id, buyer, currency));
    place.map_or(Ok(()), |place| Err(Rejection::invalid(format!("accounts[{place}]"), "cannot be used here")))
}

/// Whether an account may pay for a buyer. Whoever has claimed a gift card has shown its code.
fn is_usable(state: &State, id: &AccountId, buyer: &Buyer, currency: Currency) -> bool {
    state.pricing().accounts().get(id).is_some_and(|account| {
        let is_theirs = match &account.kind {
            AccountKind::GiftCard { .. } => true,
            AccountKind::StoreCredit { shopper } => buyer.shopper.as_ref() == Some(shopper),
        };
        is_theirs && account.currency == currency
    })
}

fn set_cart_claims(state: &State, id: &CartId, claims: &Claims, now: Timestamp) -> Result<Vec<TradeEvent>, Rejection> {
    let cart = state.cart(id).ok_or_else(|| Rejection::unknown("cart", id))?;
    check(state, claims, &cart.buyer, cart.currency)?;
    if *cart.claims == *claims {
        return Ok(Vec::new());
    }
    let basket = Basket { buyer: Some(&cart.buyer), claims: Some(claims), ..Basket::of(&cart.lines, cart.currency, now) };
    totals(state, &basket)?;
    Ok(vec![TradeEvent::Pricing(PricingEvent::CartClaimsSet { cart: id.clone(), claims: claims.clone() })])
}

pub(super) fn set_checkout_claims(state: &State, id: &CheckoutId, claims: &Claims, now: Timestamp) -> Result<Vec<TradeEvent>, Rejection> {
    let session = &session_for(state, id, CheckoutStep::UpdateIncomplete)?;
    check(state, claims, &session.buyer, session.totals.total.currency)?;
    if *session.claims == *claims {
        return Ok(Vec::new());
    }
    // In another marketplace the goods come to something else, and what their delivery costs goes by that.
    let wanted = session.delivery.as_ref().map(|delivery| delivery.option.as_str());
    let (delivery, totals) = Asked { claims: Some(claims), ..Asked::of(session) }.priced(state, wanted, now)?;
    let chosen = (delivery.as_ref() != session.delivery.as_deref())
        .then(|| TradeEvent::Cart(CartEvent::DeliveryChosen { checkout: id.clone(), delivery, totals: totals.clone() }));
    let claimed = PricingEvent::CheckoutClaimsSet { checkout: id.clone(), claims: claims.clone(), totals };
    Ok([TradeEvent::Pricing(claimed)].into_iter().chain(chosen).collect())
}

/// The action, and then claims on what it made: decided on a copy of the state on which the action has happened.
fn claiming(state: &State, action: &Action, claims: &Claims, now: Timestamp) -> Result<Vec<TradeEvent>, Rejection> {
    if matches!(action, Action::Pricing(_)) {
        return Err(Rejection::invalid("action", "must be about a cart or checkout session"));
    }
    let mut events = super::decide_action(state, action, now)?;
    let mut after = state.clone();
    events.iter().for_each(|event| fold(&mut after, event, now));
    let claimed = match action.subject() {
        Some(Subject::Cart(cart)) => set_cart_claims(&after, &cart, claims, now)?,
        Some(Subject::Checkout(checkout)) => set_checkout_claims(&after, &checkout, claims, now)?,
        _ => return Err(Rejection::invalid("action", "must be about a cart or checkout session")),
    };
    events.extend(claimed);
    Ok(events)
}

/// What a basket comes to, with the shop's price lists, promotions and taxes: the one place that prices.
pub(super) fn totals(state: &State, basket: &Basket<'_>) -> Result<Totals, Rejection> {
    Ok(pricing::totals(basket, state.pricing(), &state.options().pricing)?)
}

/// How a session would be paid now: what gift cards and store credit give, in the order that the buyer named them, and what is left for the
/// provider, which may be nothing.
pub(super) fn tenders(state: &State, session: &Checkout, now: Timestamp) -> (Vec<Tender>, Money) {
    let due = session.totals.total;
    let usable: Vec<AccountId> =
        session.claims.accounts.iter().filter(|id| is_usable(state, id, &session.buyer, due.currency)).cloned().collect();
    state.pricing().accounts().tenders(&usable, due, now)
}

/// What gift cards and store credit can pay in a new attempt, whatever it comes to, in minor units; each counts once.
fn cover_minor(state: &State, named: &[AccountId], buyer: &Buyer, currency: Currency, now: Timestamp) -> i64 {
    let usable = named.iter().enumerate().filter(|(place, id)| !named[..*place].contains(id) && is_usable(state, id, buyer, currency));
    let accounts = usable.filter_map(|(_, id)| state.pricing().accounts().get(id));
    accounts.fold(0, |sum, account| sum.saturating_add(account.available_minor(now)))
}

/// What gift cards and store credit can pay is kept whenever a buyer is shown it: when a session is opened over a cart that claims some, when they
/// are claimed, and when the buyer is told that something has changed. That a session is updated does not show it: its total is another one then,
/// and what is on a card is what it was.
pub(super) fn cover_shown(state: &State, events: &[TradeEvent], now: Timestamp) -> Option<TradeEvent> {
    let showing = events.iter().rev().find_map(|event| match event {
        TradeEvent::CheckoutOpened { checkout, totals, .. }
        | TradeEvent::Pricing(PricingEvent::CheckoutClaimsSet { checkout, totals, .. })
        | TradeEvent::Cart(CartEvent::Repriced { checkout, totals, .. }) => Some((checkout, totals.total.currency)),
        _ => None,
    });
    let (checkout, currency) = showing?;
    let session = state.checkout(checkout);
    let (mut buyer, mut claims) = (session.as_ref().map(|session| &*session.buyer), session.as_ref().map(|session| &*session.claims));
    for event in events {
        match event {
            TradeEvent::CheckoutOpened { buyer: said, cart, .. } => {
                let over = cart.as_ref().and_then(|cart| state.cart(cart));
                (buyer, claims) = (Some(said), over.map(|cart| &*cart.claims));
            }
            TradeEvent::CheckoutUpdated { buyer: said, .. } => buyer = Some(said),
            TradeEvent::Pricing(PricingEvent::CheckoutClaimsSet { claims: said, .. }) => claims = Some(said),
            _ => {}
        }
    }
    let accounts = &claims.filter(|claims| !claims.accounts.is_empty())?.accounts;
    let amount = Money::new(cover_minor(state, accounts, buyer?, currency, now), currency);
    Some(TradeEvent::Pricing(PricingEvent::CoverShown { checkout: checkout.clone(), amount }))
}

/// That more is left to pay by other means than the buyer of a session was shown, now that it comes to `total`; none of sessions whose claims are
/// older than this is kept.
pub(super) fn left_to_pay(state: &State, session: &Checkout, total: Money, now: Timestamp) -> Option<Change> {
    let shown_minor = state.pricing().cover_shown(&session.id)?;
    let (currency, was_minor) = (total.currency, session.totals.total.amount_minor.saturating_sub(shown_minor).max(0));
    let cover_minor = cover_minor(state, &session.claims.accounts, &session.buyer, currency, now);
    let now_minor = total.amount_minor.saturating_sub(cover_minor).max(0);
    (now_minor > was_minor).then(|| Change::LeftToPay { was: Money::new(was_minor, currency), now: Money::new(now_minor, currency) })
}

/// What the attempt to complete a session holds besides stock: uses of promotions and coupons, balances of gift cards and store credit. The
/// events belong before [`TradeEvent::PaymentRequested`], whose amount is the second part. The hold ends with the attempt, in the fold.
///
/// # Errors
/// When a promotion or coupon was used up meanwhile; pricing the session again says what it comes to without it.
pub(super) fn on_attempt(state: &State, session: &Checkout, now: Timestamp) -> Result<(Vec<TradeEvent>, Money), Rejection> {
    let (book, buyers) = (state.pricing(), BuyerKey::of_person(&session.buyer));
    for discount in session.totals.discounts.iter() {
        let coupon = discount.coupon.as_ref().and_then(|code| book.coupon(code));
        let has_room = book.promotion(&discount.promotion).is_some_and(|promotion| {
            let is_within = |left: i64| discount.amount.amount_minor.saturating_neg() <= left;
            book.uses().has_room(promotion, coupon.map(|coupon| &**coupon), &buyers)
                && book.uses().budget_left(promotion).is_none_or(is_within)
        });
        if !has_room {
            let field = if discount.coupon.is_some() { "discounts.codes" } else { "discounts" };
            return Err(Rejection::invalid(field, format!("{} was used up meanwhile", discount.title)));
        }
    }
    let (tenders, remainder) = tenders(state, session, now);
    let checkout = session.id.clone();
    let held = (!tenders.is_empty()).then_some(TradeEvent::Pricing(PricingEvent::TendersHeld { checkout, tenders }));
    Ok((held.into_iter().collect(), remainder))
}

/// What a placed order uses up besides stock, in its own entry: gift cards and store credit pay what they were held for.
pub(super) fn on_placed(state: &State, session: &Checkout, order: &OrderId) -> Vec<TradeEvent> {
    let held = state.pricing().uses().of_attempt(&session.id).map_or(&[][..], |held| &held.tenders);
    held.iter().filter_map(|tender| posted(ledger::receivable(order), ledger_account(&tender.account), tender.amount)).collect()
}

/// What a canceled order gives back besides stock and money: what gift cards and store credit have paid.
pub(super) fn on_canceled(state: &State, order: &Order) -> Vec<TradeEvent> {
    let paid = state.pricing().uses().of_order(&order.id).map_or(&[][..], |carried| &carried.tenders);
    paid.iter().filter_map(|tender| posted(ledger_account(&tender.account), ledger::receivable(&order.id), tender.amount)).collect()
}

/// Gives up to `amount` of what gift cards and store credit paid for an order back to them, the last one first, and says what is left of it
/// for the provider's part.
pub(super) fn give_back(state: &State, order: &Order, amount: Money) -> (Vec<TradeEvent>, Money) {
    let paid = state.pricing().uses().of_order(&order.id).map_or(&[][..], |carried| &carried.tenders);
    let mut left = amount.amount_minor;
    let mut events = Vec::new();
    for tender in paid.iter().rev() {
        let back = Money::new(tender.amount.amount_minor.min(left), amount.currency);
        if back.amount_minor > 0 {
            left -= back.amount_minor;
            let tender = Tender { account: tender.account.clone(), amount: back };
            events.extend(posted(ledger_account(&tender.account), ledger::receivable(&order.id), back));
            events.push(TradeEvent::Pricing(PricingEvent::TenderGivenBack { order: order.id.clone(), tender }));
        }
    }
    (events, Money::new(left, amount.currency))
}
