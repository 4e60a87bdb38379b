//! Gift cards, store credit, and what a buyer brings along: coupons, cards, credit.
//!
//! A gift card's code is shown once, in the answer that issues it, and kept nowhere: only its digest and its last four characters are. It has
//! 80 random bits, so guessing one is hopeless at any rate that a server answers at.

use super::moment_of;
use super::promotions::code_of;
use crate::event::trade::pricing::AccountKind;
use crate::event::trade::{Buyer, Claims, Line, Totals};
use crate::http::access::{Caller, Object};
use crate::http::answer::{Answer, created, marked, moment, ok};
use crate::http::asked::{Asked, Nothing};
use crate::http::context::{Context, Shared};
use crate::http::error::{Kind, Problem};
use crate::http::keys::Key;
use crate::http::native::search::limit_of;
use crate::http::params::Params;
use crate::http::path::Path;
use crate::http::rate::{Asking, Tried};
use crate::http::ucp::discounts::claiming;
use crate::http::ucp::lines::{Market, priced};
use crate::http::versions::tagged;
use crate::http::visitor::refuse_card_number;
use crate::id::{AccountId, CartId, CheckoutId, MarketplaceId, ShopperId};
use crate::money::{Currency, Money};
use crate::pipeline::TradeAnswer;
use crate::pricing::{Account, Basket, CODES_MAX};
use crate::stdx::clock::Timestamp;
use crate::stdx::crypto;
use crate::stdx::digest::{Digest, blake3};
use crate::trade::{Action, Condition, PricingAction, Snapshot, State as Trade, Terms, Version};
use axum::extract::{RawQuery, Request, State};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::Arc;

/// Accounts on a page when the request does not say, and at most.
const ACCOUNTS_PAGE: (usize, usize) = (100, 1_000);
/// Letters and digits that nobody mistakes for each other.
const ALPHABET: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
/// Characters of a code, 5 bits each.
const CODE_CHARS: usize = 16;

#[derive(Serialize)]
pub(in crate::http) struct AccountView<'a> {
    id: &'a AccountId,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_four: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shopper_id: Option<&'a ShopperId>,
    balance: Money,
    held_minor: i64,
    is_blocked: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<String>,
    opened_at: String,
    /// Only in the answer that issues a gift card.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
}

/// An account, and the code of a gift card that has just been issued.
pub(in crate::http) fn view(account: &Account, code: Option<String>) -> AccountView<'_> {
    let (kind, last_four, shopper_id) = match &account.kind {
        AccountKind::GiftCard { last_four, .. } => ("gift_card", Some(last_four.as_str()), None),
        AccountKind::StoreCredit { shopper } => ("store_credit", None, Some(shopper)),
    };
    AccountView {
        id: &account.id,
        kind,
        last_four,
        shopper_id,
        balance: Money::new(account.balance_minor(), account.currency),
        held_minor: account.held_minor,
        is_blocked: account.is_blocked,
        expires_at: account.expires_at.map(moment),
        opened_at: moment(account.opened_at),
        code,
    }
}

/// The digest of a code, however it was typed.
fn digest_of(code: &str) -> Digest {
    let plain: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
    blake3(&[b"gift card/", plain.to_ascii_uppercase().as_bytes()])
}

/// A new code out of random bytes: four groups of four.
fn code_from(secret: &Digest) -> String {
    let letters: Vec<char> = secret.iter().take(CODE_CHARS).map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect();
    letters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

/// An account with the entity tag that a later write can be made conditional on.
fn shown(account: &Arc<Account>) -> Answer {
    tagged(ok(&view(account, None)), &Snapshot::Account(Arc::clone(account)))
}

fn answered(done: &TradeAnswer, key: &Key) -> Result<Arc<Account>, Problem> {
    match done.snapshot_under(&key.name) {
        Snapshot::Account(account) => Ok(account),
        _ => Err(Problem::new(Kind::UnknownId, "the account has gone")),
    }
}

fn account_id(text: &str) -> Result<AccountId, Problem> {
    AccountId::new(text).map_err(|_| Problem::unknown("account", text))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct IssueBody {
    amount: Money,
    expires_at: Option<String>,
    #[serde(default)]
    reason: String,
}

/// Repeating it under the same key answers the same card without its code: that was shown once and is known to nobody.
pub(super) async fn issue(State(context): Shared, request: Request) -> Answer {
    let Asked { body: IssueBody { amount, expires_at, reason }, key } = Asked::read("gift-card.issue", "", request).await?;
    let expires_at = moment_of("expires_at", expires_at.as_deref())?;
    let is_repeated = context.repeated(&key).await?.is_some();
    let code = code_from(&crypto::random().map_err(|error| Problem::internal(&error))?);
    let account = AccountId::new(&context.shop.new_name("gift")).map_err(|error| Problem::internal(&error))?;
    let last_four = code.chars().skip(code.len() - 4).collect();
    let kind = AccountKind::GiftCard { code_digest: digest_of(&code), last_four };
    let done = context.once(&key, || Ok(PricingAction::OpenAccount { account: account.clone(), kind, amount, expires_at, reason })).await?;
    let issued = answered(&done, &key)?;
    let code = (!is_repeated && issued.id == account).then_some(code);
    let answer = created(&format!("/v1/gift-cards/{}", issued.id), &view(&issued, code));
    tagged(answer, &Snapshot::Account(issued))
}

pub(super) async fn one(State(context): Shared, Path(id): Path) -> Answer {
    let trade = context.shop.readers().trade();
    let account = trade.pricing().accounts().get(&account_id(&id)?).ok_or_else(|| Problem::unknown("account", &id))?;
    shown(account)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FundBody {
    amount: Money,
    #[serde(default)]
    reason: String,
}

pub(super) async fn fund(State(context): Shared, Path(id): Path, request: Request) -> Answer {
    let Asked { body: FundBody { amount, reason }, key } = Asked::read("account.fund", &id, request).await?;
    let done = context.once(&key, || Ok(PricingAction::FundAccount { account: account_id(&id)?, amount, reason })).await?;
    shown(&answered(&done, &key)?)
}

pub(super) async fn block(context: Shared, id: Path, request: Request) -> Answer {
    set_blocked(context, id, request, ("account.block", true)).await
}

pub(super) async fn unblock(context: Shared, id: Path, request: Request) -> Answer {
    set_blocked(context, id, request, ("account.unblock", false)).await
}

async fn set_blocked(State(context): Shared, Path(id): Path, request: Request, (operation, is_blocked): (&str, bool)) -> Answer {
    let Asked { body: Nothing {}, key } = Asked::read(operation, &id, request).await?;
    let done = context.once(&key, || Ok(PricingAction::BlockAccount { account: account_id(&id)?, is_blocked })).await?;
    shown(&answered(&done, &key)?)
}

/// Gift cards and store credit, in order of name.
pub(super) async fn all(State(context): Shared, RawQuery(query): RawQuery) -> Answer {
    let mut params = Params::parse(query.as_deref())?;
    let limit = limit_of(params.parsed("limit")?, ACCOUNTS_PAGE.0, ACCOUNTS_PAGE.1)?;
    let after: Option<AccountId> = params.place("cursor")?;
    params.finish()?;
    let trade = context.shop.readers().trade();
    let accounts: Vec<&Arc<Account>> = trade.pricing().accounts().after(after.as_ref()).take(limit).collect();
    let next_cursor = accounts.last().filter(|_| accounts.len() == limit).map(|last| &last.id);
    ok(&json!({ "accounts": accounts.iter().map(|account| view(account, None)).collect::<Vec<_>>(), "next_cursor": next_cursor }))
}

pub(super) async fn of_shopper(State(context): Shared, RawQuery(query): RawQuery) -> Answer {
    let mut params = Params::parse(query.as_deref())?;
    let shopper: Option<ShopperId> = params.parsed("shopper_id")?;
    let currency: Option<String> = params.parsed("currency")?;
    params.finish()?;
    let shopper = shopper.ok_or_else(|| Problem::of_field(Kind::MissingField, "shopper_id", "whose"))?;
    let currency = Currency::new(currency.as_deref().unwrap_or("USD")).map_err(|error| Problem::invalid("currency", error.to_string()))?;
    let trade = context.shop.readers().trade();
    let account = trade.pricing().accounts().of_shopper(&shopper, currency);
    shown(account.ok_or_else(|| Problem::unknown("store credit of", shopper.as_str()))?)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct GrantBody {
    shopper_id: ShopperId,
    amount: Money,
    #[serde(default)]
    reason: String,
}

/// Gives a shopper credit: opens the account, or puts more on it.
pub(super) async fn grant(State(context): Shared, request: Request) -> Answer {
    let Asked { body: GrantBody { shopper_id, amount, reason }, key } = Asked::read("credit.grant", "", request).await?;
    refuse_card_number("shopper_id", Some(shopper_id.as_str()))?;
    let object = Object(shopper_id.to_string());
    let trade = context.shop.readers().trade();
    let known = trade.pricing().accounts().of_shopper(&shopper_id, amount.currency).map(|account| account.id.clone());
    let action = match known {
        Some(account) => PricingAction::FundAccount { account, amount, reason },
        None => {
            let account = AccountId::new(&context.shop.new_name("credit")).map_err(|error| Problem::internal(&error))?;
            let kind = AccountKind::StoreCredit { shopper: shopper_id };
            PricingAction::OpenAccount { account, kind, amount, expires_at: None, reason }
        }
    };
    let done = context.once(&key, || Ok(action)).await?;
    shown(&answered(&done, &key)?).map(|answer| marked(answer, object))
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct ClaimsBody {
    marketplace: Option<MarketplaceId>,
    coupons: Vec<String>,
    /// Codes of gift cards, in the order in which they pay.
    gift_cards: Vec<String>,
    /// Whether the buyer's store credit pays, too.
    store_credit: bool,
}

impl ClaimsBody {
    /// The codes that are not claimed already.
    fn tried(&self, trade: &Trade, before: &Claims) -> Tried {
        let coupons = self.coupons.iter().map(|code| code_of(String::new(), code).ok());
        let coupons = coupons.filter(|code| code.as_ref().is_none_or(|code| !before.coupons.contains(code)));
        let coupons = coupons.map(|code| code.is_some_and(|code| trade.pricing().coupon(&code).is_some()));
        let cards = self.gift_cards.iter().map(|code| trade.pricing().accounts().by_code(&digest_of(code)));
        let cards = cards.filter(|card| card.is_none_or(|account| !before.accounts.contains(&account.id)));
        Tried::of(coupons.chain(cards.map(|card| card.is_some())))
    }

    /// A gift card's code that is not one is refused by its place alone.
    fn claims(&self, trade: &Trade, shopper: Option<&ShopperId>, currency: Currency) -> Result<Claims, Problem> {
        if self.gift_cards.len() > CODES_MAX {
            return Err(Problem::invalid("gift_cards", format!("must not be more than {CODES_MAX}")));
        }
        let coupons = self.coupons.iter().enumerate().map(|(place, code)| code_of(format!("coupons[{place}]"), code));
        let accounts = trade.pricing().accounts();
        let cards = self.gift_cards.iter().enumerate().map(|(place, code)| {
            let card = accounts.by_code(&digest_of(code)).map(|account| account.id.clone());
            card.ok_or_else(|| Problem::invalid(format!("gift_cards[{place}]"), "cannot be used here"))
        });
        let credit = shopper.filter(|_| self.store_credit).and_then(|shopper| accounts.of_shopper(shopper, currency));
        let accounts = cards.chain(credit.map(|account| Ok(account.id.clone())));
        Ok(Claims {
            // A key for one marketplace claims that one, said or not.
            marketplace: Caller::current().marketplace(self.marketplace.clone())?,
            coupons: coupons.collect::<Result<_, _>>()?,
            accounts: accounts.collect::<Result<_, _>>()?,
        })
    }
}

/// What a cart or session comes to with its claims, and which coupons give nothing.
fn answer(trade: &Trade, basket: &Basket<'_>, totals: &Totals, now: Timestamp) -> Answer {
    let refused = trade.pricing().refused_coupons(basket, totals);
    let refused: Vec<_> = refused.iter().map(|(code, why)| json!({ "code": code, "reason": why.code(), "detail": why.reason() })).collect();
    let accounts = basket.claims.map_or(&[][..], |claims| &claims.accounts);
    let (tenders, remainder) = trade.pricing().accounts().tenders(accounts, totals.total, now);
    ok(&json!({ "totals": totals, "refused": refused, "tenders": tenders, "left_to_pay": remainder }))
}

/// Lines in `currency` at the prices of the marketplace that is claimed.
fn repriced(context: &Context, lines: &[Line], currency: Currency, claims: &Claims) -> Result<Vec<Line>, Problem> {
    let (catalog, market) = (context.shop.readers().catalog(), Market::of(claims, currency));
    let line = |line: &Line| {
        let (.., unit_price) = priced(&catalog, &line.sku, market).map_err(|reason| Problem::invalid("marketplace", reason))?;
        if unit_price.currency != currency {
            let reason = format!("sells SKU {} in {}, this is in {currency}", line.sku, unit_price.currency);
            return Err(Problem::invalid("marketplace", reason));
        }
        Ok(Line { unit_price, ..line.clone() })
    };
    lines.iter().map(line).collect()
}

/// How often a write is decided anew that another one was quicker than.
const OVERTAKEN_MAX: usize = 3;

/// The action, done only while that is as it is: the lines that it writes are those that were read.
fn only_over(known: &Snapshot, action: Action) -> Action {
    match (action.subject(), Version::of(known)) {
        (Some(subject), Some(version)) => {
            Action::OnlyIf { condition: Condition { subject, versions: vec![version] }, action: Box::new(action) }
        }
        _ => action,
    }
}

/// Does what is decided over what is there now, and decides anew when that has changed meanwhile.
async fn again_when_overtaken(context: &Context, key: &Key, action: impl Fn() -> Result<Action, Problem>) -> Result<TradeAnswer, Problem> {
    for _ in 0..OVERTAKEN_MAX {
        match context.once(key, &action).await {
            Err(problem) if problem.kind() == Kind::PreconditionFailed => {}
            done => return done,
        }
    }
    context.once(key, action).await
}

pub(super) async fn claim_for_cart(State(context): Shared, asking: Asking, Path(id): Path, request: Request) -> Answer {
    let Asked { body, key }: Asked<ClaimsBody> = Asked::read("cart.claims", &id, request).await?;
    let cart = CartId::new(&id).map_err(|_| Problem::unknown("cart", &id))?;
    let unknown = || Problem::unknown("cart", &id);
    let trade = context.shop.readers().trade();
    let known = trade.cart(&cart).ok_or_else(unknown)?;
    context.rates.guess(&asking, body.tried(&trade, &known.claims))?;
    let action = || {
        let trade = context.shop.readers().trade();
        let (known, cart) = (trade.cart(&cart).ok_or_else(unknown)?, cart.clone());
        let claims = body.claims(&trade, known.buyer.shopper.as_ref(), known.currency)?;
        if claims.marketplace == known.claims.marketplace {
            return Ok(Action::from(PricingAction::SetCartClaims { cart, claims }));
        }
        let lines = repriced(&context, &known.lines, known.currency, &claims)?;
        let over = Snapshot::Cart(Arc::clone(known));
        Ok(only_over(&over, claiming(Action::SetCartLines { cart, buyer: None, lines }, Some(claims))))
    };
    let done = again_when_overtaken(&context, &key, action).await?;
    let Snapshot::Cart(cart) = done.snapshot_under(&key.name) else {
        return Err(Problem::unknown("cart", &id));
    };
    let now = context.shop.now();
    let totals = done.state.cart_totals(&cart, now).map_err(|error| Problem::invalid(error.field, error.source.to_string()))?;
    let basket = Basket { buyer: Some(&cart.buyer), claims: Some(&cart.claims), ..Basket::of(&cart.lines, cart.currency, now) };
    tagged(answer(&done.state, &basket, &totals, now), &Snapshot::Cart(Arc::clone(&cart)))
}

pub(super) async fn claim_for_session(State(context): Shared, asking: Asking, Path(id): Path, request: Request) -> Answer {
    let Asked { body, key }: Asked<ClaimsBody> = Asked::read("checkout.claims", &id, request).await?;
    let checkout = CheckoutId::new(&id).map_err(|_| Problem::unknown("checkout session", &id))?;
    let unknown = || Problem::unknown("checkout session", &id);
    let trade = context.shop.readers().trade();
    let known = trade.checkout(&checkout).ok_or_else(unknown)?;
    context.rates.guess(&asking, body.tried(&trade, &known.claims))?;
    let action = || {
        let trade = context.shop.readers().trade();
        let (known, checkout) = (trade.checkout(&checkout).ok_or_else(unknown)?, checkout.clone());
        let currency = known.totals.total.currency;
        let claims = body.claims(&trade, known.buyer.shopper.as_ref(), currency)?;
        if claims.marketplace == known.claims.marketplace {
            return Ok(Action::from(PricingAction::SetCheckoutClaims { checkout, claims }));
        }
        let lines = repriced(&context, &known.lines, currency, &claims)?;
        let (buyer, address, terms) = (Buyer::clone(&known.buyer), known.address.as_deref().cloned(), Terms::default());
        let over = Snapshot::Checkout(known);
        Ok(only_over(&over, claiming(Action::UpdateCheckout { checkout, buyer, address, lines, terms }, Some(claims))))
    };
    let done = again_when_overtaken(&context, &key, action).await?;
    let Snapshot::Checkout(session) = done.snapshot_under(&key.name) else {
        return Err(Problem::unknown("checkout session", &id));
    };
    let now = context.shop.now();
    let basket = Basket::of(&session.lines, session.totals.total.currency, now);
    let basket = Basket { buyer: Some(&session.buyer), address: session.address.as_deref(), claims: Some(&session.claims), ..basket };
    tagged(answer(&done.state, &basket, &session.totals, now), &Snapshot::Checkout(Arc::clone(&session)))
}
