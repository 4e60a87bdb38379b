//! What happens to price lists, promotions, coupons, gift cards and store credit.

use super::{Claims, Tender, Totals};
use crate::id::{
    AccountId, CartId, CheckoutId, CouponCode, CustomerGroupId, MarketplaceId, Ordinal, PriceListId, PromotionId, ShopperId, Sku,
};
use crate::money::{Currency, Money};
use crate::stdx::clock::Timestamp;
use crate::stdx::digest::Digest;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// When something holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Schedule {
    /// From this moment on; none: always was.
    pub from: Option<Timestamp>,
    /// Before this moment; none: for ever.
    pub until: Option<Timestamp>,
}

/// Prices of their own for one currency and, if named, one marketplace and one group of customers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceList {
    /// Its name.
    pub id: PriceListId,
    /// What the house calls it.
    pub title: String,
    /// The currency of its prices.
    pub currency: Currency,
    /// The marketplace it holds in; none: everywhere.
    pub marketplace: Option<MarketplaceId>,
    /// The customers it holds for; none: everybody.
    pub group: Option<CustomerGroupId>,
    /// When it holds.
    pub schedule: Schedule,
    /// Among lists that are equally specific the higher goes first.
    pub priority: i32,
}

/// The price of one unit from a number of units on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tier {
    /// Units, at least 1, of all lines of the SKU together.
    pub from_units: i64,
    /// The price of one, in minor units.
    pub unit_minor: i64,
}

/// What a SKU costs on a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListPrice {
    /// What.
    pub sku: Sku,
    /// By growing number of units; empty takes the SKU off the list.
    pub tiers: Vec<Tier>,
}

/// What a promotion does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Effect {
    /// A part off the targeted lines.
    Percent {
        /// Hundredths of a percent.
        basis_points: i64,
    },
    /// So much off the targeted lines together.
    Amount {
        /// In minor units of the promotion's currency.
        amount_minor: i64,
    },
    /// For every `buy` targeted units the cheapest `get` more are cheaper.
    BuyGet {
        /// Units at full price.
        buy: i64,
        /// Units that are cheaper.
        get: i64,
        /// By how much, in hundredths of a percent; 10,000 is free.
        basis_points: i64,
    },
    /// A part off the shipping; 10,000 is free shipping.
    Shipping {
        /// Hundredths of a percent.
        basis_points: i64,
    },
}

/// The lines that a promotion looks at and changes; empty: all of them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Target {
    /// These SKUs, in order of name.
    pub skus: Vec<Sku>,
    /// All SKUs of these products, in order.
    pub products: Vec<Ordinal>,
}

/// Whether a promotion stands beside others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stacking {
    /// It adds up with other promotions that do.
    #[default]
    Combinable,
    /// It is given alone, or not at all.
    Exclusive,
}

/// How often a promotion may be used, over all its orders that were not canceled and all attempts in progress.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Orders.
    pub uses: Option<u64>,
    /// Orders of one buyer.
    pub uses_per_buyer: Option<u64>,
    /// Sum of its discounts, in minor units of its currency.
    pub budget_minor: Option<i64>,
}

/// Something that makes a basket cheaper.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promotion {
    /// Its name.
    pub id: PromotionId,
    /// What shoppers read.
    pub title: String,
    /// What it does.
    pub effect: Effect,
    /// The lines that it looks at and changes.
    #[serde(default)]
    pub target: Target,
    /// The currency of its amounts, and then of the baskets it is for.
    #[serde(default)]
    pub currency: Option<Currency>,
    /// The marketplace it holds in; none: everywhere.
    #[serde(default)]
    pub marketplace: Option<MarketplaceId>,
    /// The customers it is for; empty: everybody.
    #[serde(default)]
    pub groups: Vec<CustomerGroupId>,
    /// Least sum of the targeted lines before discounts, in minor units.
    #[serde(default)]
    pub subtotal_from_minor: i64,
    /// Least units on the targeted lines.
    #[serde(default)]
    pub units_from: i64,
    /// When it holds.
    #[serde(default)]
    pub schedule: Schedule,
    /// Whether it stands beside others.
    #[serde(default)]
    pub stacking: Stacking,
    /// The higher goes first.
    #[serde(default)]
    pub priority: i32,
    /// How often it may be used.
    #[serde(default)]
    pub limits: Limits,
    /// Whether it is given only to who names one of its coupons.
    #[serde(default)]
    pub needs_coupon: bool,
}

/// A code that asks for a promotion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coupon {
    /// What is typed, in upper case.
    pub code: CouponCode,
    /// What it asks for.
    pub promotion: PromotionId,
    /// Orders it may be used for.
    pub uses: Option<u64>,
    /// When it holds.
    pub schedule: Schedule,
}

/// Taxes of one country. Prices there include them, or they come on top.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaxZone {
    /// ISO 3166, two letters, upper case.
    pub country: String,
    /// Whether prices include the tax.
    pub is_included: bool,
    /// Whether every line is rounded, rather than the sum over the order.
    #[serde(default)]
    pub rounds_lines: bool,
    /// What is raised.
    pub rates: Vec<TaxRate>,
}

/// One tax. All rates of a place and class add up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaxRate {
    /// What it is called.
    pub name: Arc<str>,
    /// The state or province it is raised in; empty: the whole country.
    #[serde(default)]
    pub region: String,
    /// How postal codes there begin; empty: all.
    #[serde(default)]
    pub postal_prefix: String,
    /// The class of products that it is raised on; empty: those whose class no rate of the country names.
    #[serde(default)]
    pub class: String,
    /// Hundredths of a percent.
    pub basis_points: i64,
    /// Whether it is raised on shipping, too.
    #[serde(default)]
    pub on_shipping: bool,
    /// Whether it stands instead of the rates of wider places.
    #[serde(default)]
    pub replaces: bool,
}

/// Whose money an account holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountKind {
    /// Whoever knows the code.
    GiftCard {
        /// BLAKE3 of the code; the code itself is kept nowhere.
        code_digest: Digest,
        /// Its last characters.
        last_four: String,
    },
    /// A known shopper.
    StoreCredit {
        /// Who.
        shopper: ShopperId,
    },
}

/// Events of the area.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PricingEvent {
    /// A cart's coupons, gift cards or marketplace were replaced.
    CartClaimsSet {
        /// Which cart.
        cart: CartId,
        /// All of them from now on.
        claims: Claims,
    },
    /// A checkout session's coupons, gift cards or marketplace were replaced.
    CheckoutClaimsSet {
        /// Which session.
        checkout: CheckoutId,
        /// All of them from now on.
        claims: Claims,
        /// What the session comes to now.
        totals: Totals,
    },
    /// Gift cards and store credit are held for the attempt to complete a session that begins in this entry.
    TendersHeld {
        /// For which session.
        checkout: CheckoutId,
        /// How much of which account.
        tenders: Vec<Tender>,
    },
    /// The buyer of a session was shown what its gift cards and store credit can pay: while they can pay less, nothing is asked for before the
    /// buyer has seen that more is left to pay.
    CoverShown {
        /// Which session.
        checkout: CheckoutId,
        /// What is on them together, whatever the session comes to.
        amount: Money,
    },
    /// A price list was made or changed; its prices stay.
    PriceListPut(PriceList),
    /// A price list and its prices are gone.
    PriceListRemoved(PriceListId),
    /// Prices of a list.
    PricesSet {
        /// Which list.
        list: PriceListId,
        /// What changed.
        prices: Vec<ListPrice>,
    },
    /// The customer groups of a shopper, all of them.
    GroupsSet {
        /// Who.
        shopper: ShopperId,
        /// Which groups, in order of name.
        groups: Vec<CustomerGroupId>,
    },
    /// What products cost without any list changed.
    BasePricesChanged {
        /// What changed.
        changes: Vec<BasePrice>,
    },
    /// A promotion was made or changed.
    PromotionPut(Promotion),
    /// A promotion and its coupons are gone. Its counters stay with the orders that carry it.
    PromotionRemoved(PromotionId),
    /// Coupons were made or changed.
    CouponsPut(Vec<Coupon>),
    /// A coupon is gone.
    CouponRemoved(CouponCode),
    /// The taxes of a country.
    TaxZonePut(TaxZone),
    /// A country without taxes.
    TaxZoneRemoved {
        /// ISO 3166.
        country: String,
    },
    /// The tax class of SKUs; empty for none.
    TaxClassSet {
        /// Which class.
        class: String,
        /// What belongs to it from now on.
        skus: Vec<Sku>,
    },
    /// A gift card or store credit was made, without money yet.
    AccountOpened {
        /// Its name.
        account: AccountId,
        /// Whose it is.
        kind: AccountKind,
        /// Its currency.
        currency: Currency,
        /// When it is worth nothing any more.
        expires_at: Option<Timestamp>,
    },
    /// Money was put on an account or taken off it by the house; a posting in the same entry says the same.
    AccountFunded {
        /// Which.
        account: AccountId,
        /// How much, negative for less.
        amount: Money,
        /// Why, in the house's words.
        reason: String,
    },
    /// An account pays nothing any more, or does again.
    AccountBlocked {
        /// Which.
        account: AccountId,
        /// Whether it is blocked now.
        is_blocked: bool,
    },
    /// What an account paid for an order went back to it; a posting in the same entry says the same.
    TenderGivenBack {
        /// Of which order.
        order: crate::id::OrderId,
        /// To which account, and how much.
        tender: Tender,
    },
}

/// A change of what a SKU costs without any list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BasePrice {
    /// What.
    pub sku: Sku,
    /// The marketplace whose offer it is; none: the offer for all.
    pub marketplace: Option<MarketplaceId>,
    /// What it cost before.
    pub before: Option<Money>,
    /// What it costs now; none: it is not sold any more.
    pub after: Option<Money>,
}

/// What a write of this area was about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PricingSubject {
    /// A price list.
    PriceList(PriceListId),
    /// The groups of a shopper.
    Groups(ShopperId),
    /// A promotion or its coupons.
    Promotion(PromotionId),
    /// A coupon.
    Coupon(CouponCode),
    /// Taxes of a country or class.
    Taxes(String),
    /// A gift card or store credit.
    Account(AccountId),
}
