//! What trade events are made of.

use super::carts::RuleTarget;
use super::fulfilment::FulfilmentSubject;
use super::pricing::PricingSubject;
use crate::id::{
    AccountId, CartId, ChannelId, CheckoutId, CountId, CouponCode, DisputeId, LineId, LocationId, MarketplaceId, OrderId, Ordinal,
    PaymentId, PriceListId, PromotionId, PurchaseOrderId, ReturnId, SessionId, ShopperId, Sku, TransferId,
};
use crate::money::{Currency, Money};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// One line of a cart, checkout session or order, with the price it was promised at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// The line's own name, stable from cart to order.
    pub id: LineId,
    /// What is bought.
    pub sku: Sku,
    /// The product that the SKU is a variant of.
    pub product: Ordinal,
    /// Title at the time it was added.
    pub title: String,
    /// Units, at least 1.
    pub quantity: i64,
    /// Price of one unit when it was added.
    pub unit_price: Money,
    /// What one unit takes from stock, when it is a bundle; empty for a SKU that is stocked itself.
    #[serde(default)]
    pub components: Vec<Component>,
}

/// A part of a bundle.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Component {
    /// The SKU that is stocked.
    pub sku: Sku,
    /// Units of it in one bundle, at least 1.
    pub quantity: i64,
}

/// Units of one SKU at one location.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Units {
    /// What.
    pub sku: Sku,
    /// Where.
    pub location: LocationId,
    /// How many, at least 1.
    pub quantity: i64,
}

/// Why stock on hand changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StockReason {
    /// Goods arrived.
    Received,
    /// A count found another number.
    Counted,
    /// A correction.
    Adjusted,
    /// A shopper sent them back.
    Returned,
    /// They are broken or lost.
    WrittenOff,
    /// They were lost from sight and turned up.
    Found,
    /// They went to another location, or came from one.
    Transferred,
    /// They were found not to be fit for sale.
    Damaged,
    /// Somebody has to look at them.
    Held,
    /// Somebody has looked at them, and they are fit for sale.
    Cleared,
}

/// Why a reservation ended without becoming an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReleaseReason {
    /// The checkout session was canceled.
    Canceled,
    /// The payment was declined or failed.
    PaymentFailed,
    /// Its time ran out.
    Expired,
    /// The checkout session's lines changed; another reservation follows.
    Replaced,
}

/// Where the goods go.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Address {
    /// Full name.
    pub name: String,
    /// Street and number.
    pub street: String,
    /// Town.
    pub city: String,
    /// Postal code.
    pub postal_code: String,
    /// State or province.
    pub region: String,
    /// ISO 3166 two letters.
    pub country: String,
}

/// Who buys.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Buyer {
    /// The known person, if signed in.
    pub shopper: Option<ShopperId>,
    /// The visit.
    pub session: Option<SessionId>,
    /// Where the confirmation goes.
    pub email: Option<String>,
    /// Full name.
    pub name: Option<String>,
    /// Where they can be called.
    pub phone: Option<String>,
    /// What the shop may do with what it knows of them.
    pub consent: Option<Consent>,
    /// The platform that acts for them: the address of its profile.
    pub agent: Option<String>,
}

/// What somebody allows; what they were not asked about is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Consent {
    /// To count what they do.
    pub analytics: Option<bool>,
    /// To remember what they prefer.
    pub preferences: Option<bool>,
    /// To write to them about offers.
    pub marketing: Option<bool>,
    /// To pass what is known of them on for money.
    pub sale_of_data: Option<bool>,
}

/// What a cart or checkout session comes to; every part in one currency, and `total` is the sum of the first four.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Sum of quantity × the price of one unit that counts.
    pub subtotal: Money,
    /// Sum of discounts on goods and shipping, zero or negative.
    pub discount: Money,
    /// Shipping, before discounts on it.
    pub shipping: Money,
    /// Tax on top of the prices.
    pub tax: Money,
    /// What is to be paid.
    pub total: Money,
    /// What each line comes to. Sums over lines, with [`Totals::shipping_amounts`], are exactly the sums above. Empty in what an earlier
    /// release wrote.
    #[serde(default)]
    pub lines: Arc<[LineAmounts]>,
    /// What falls on shipping.
    #[serde(default)]
    pub shipping_amounts: ShippingAmounts,
    /// Every discount that was given, and why.
    #[serde(default)]
    pub discounts: Arc<[Discount]>,
    /// Every tax, on top of the prices or within them.
    #[serde(default)]
    pub taxes: Arc<[TaxAmount]>,
}

impl Totals {
    /// What nothing comes to.
    #[must_use]
    pub fn zero(currency: Currency) -> Self {
        let nothing = Money::zero(currency);
        let (lines, shipping_amounts, discounts, taxes) = (Arc::default(), ShippingAmounts::default(), Arc::default(), Arc::default());
        Self {
            subtotal: nothing,
            discount: nothing,
            shipping: nothing,
            tax: nothing,
            total: nothing,
            lines,
            shipping_amounts,
            discounts,
            taxes,
        }
    }

    /// What is known of single taxes when an edit makes their sum `tax_minor`: all of it when that is no change, nothing otherwise.
    #[must_use]
    pub fn taxes_when(&self, tax_minor: i64) -> Arc<[TaxAmount]> {
        if tax_minor == self.tax.amount_minor { Arc::clone(&self.taxes) } else { Arc::default() }
    }
}

/// What one line comes to, in minor units of the totals' currency. Paid for it: `gross + discount + tax`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineAmounts {
    /// Which line.
    pub line: LineId,
    /// The price of one unit that counts: a price list's, or else the line's own.
    pub unit_minor: i64,
    /// The price list that it is from, if one is.
    pub price_list: Option<PriceListId>,
    /// Quantity × price of one unit.
    pub gross_minor: i64,
    /// Its share of every discount, zero or negative.
    pub discount_minor: i64,
    /// Its tax on top of the price.
    pub tax_minor: i64,
    /// The tax that its price includes.
    pub included_tax_minor: i64,
}

/// The parts of a total that belong to shipping and to no line, in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ShippingAmounts {
    /// Discounts on it, zero or negative.
    pub discount_minor: i64,
    /// Its tax on top of the price.
    pub tax_minor: i64,
    /// The tax that its price includes.
    pub included_tax_minor: i64,
}

/// One discount.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Discount {
    /// The promotion that gives it.
    pub promotion: PromotionId,
    /// The coupon that asked for it, if one did.
    pub coupon: Option<CouponCode>,
    /// What shoppers read.
    pub title: String,
    /// How much, negative.
    pub amount: Money,
    /// Whether it is off the shipping rather than off the goods.
    pub is_shipping: bool,
    /// What of it falls on which line, in minor units, negative; nothing for shipping. Sums to `amount`.
    #[serde(default)]
    pub allocations: Vec<(LineId, i64)>,
}

/// One tax on lines and shipping together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaxAmount {
    /// What it is called.
    pub name: Arc<str>,
    /// Hundredths of a percent.
    pub basis_points: i64,
    /// How much, in minor units.
    pub amount_minor: i64,
    /// Whether the prices include it.
    pub is_included: bool,
}

/// What a buyer brings along that changes what things cost or how they are paid.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Claims {
    /// The marketplace that is bought from, when it has prices of its own.
    pub marketplace: Option<MarketplaceId>,
    /// Coupons, as typed but in upper case; also those that give nothing now.
    pub coupons: Vec<CouponCode>,
    /// Gift cards and store credit to pay with, in this order.
    pub accounts: Vec<AccountId>,
}

/// What a gift card or store credit pays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tender {
    /// From which account.
    pub account: AccountId,
    /// How much; positive.
    pub amount: Money,
}

/// Why a payment did not go through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentFailure {
    /// The provider said no.
    Declined,
    /// The provider could not be reached or answered nonsense, and a look-up showed that nothing was authorised.
    Failed,
}

/// One posting of the double-entry ledger: `amount` moves from one account to another, so the sum over accounts is always zero.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Posting {
    /// Account that gives, e.g. `receivable/<order>`.
    pub from: String,
    /// Account that receives, e.g. `provider/test`.
    pub to: String,
    /// How much; positive.
    pub amount: Money,
}

/// What a write was about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// A cart.
    Cart(CartId),
    /// A checkout session.
    Checkout(CheckoutId),
    /// An order.
    Order(OrderId),
    /// Stock of a SKU.
    Stock(Sku),
    /// A return, exchange or claim.
    Return(ReturnId),
    /// A payment.
    Payment(PaymentId),
    /// A dispute of a payment.
    Dispute(DisputeId),
    /// Goods ordered from a supplier.
    Purchase(PurchaseOrderId),
    /// Goods on their way between locations.
    Transfer(TransferId),
    /// A count.
    Count(CountId),
    /// A channel's quota of a SKU.
    Quota(Sku, ChannelId),
    /// A bundle.
    Bundle(Sku),
    /// Something about fulfilment.
    Fulfilment(FulfilmentSubject),
    /// A quantity rule.
    QuantityRule(RuleTarget),
    /// What is kept of a shopper.
    Shopper(ShopperId),
    /// Something about prices.
    Pricing(PricingSubject),
}
