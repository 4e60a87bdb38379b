//! What can be asked about price lists, promotions, coupons, gift cards and store credit.

use super::Action;
use crate::event::trade::pricing::{AccountKind, BasePrice, Coupon, ListPrice, PriceList, PricingSubject, Promotion, TaxZone};
use crate::event::trade::{Claims, Subject};
use crate::id::{AccountId, CartId, CheckoutId, CouponCode, CustomerGroupId, PriceListId, PromotionId, ShopperId, Sku};
use crate::money::Money;
use crate::stdx::clock::Timestamp;

/// One request of the area.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PricingAction {
    /// Replace a cart's coupons, gift cards and marketplace.
    SetCartClaims {
        /// Which cart.
        cart: CartId,
        /// All of them from now on.
        claims: Claims,
    },
    /// Replace an open checkout session's coupons, gift cards and marketplace.
    SetCheckoutClaims {
        /// Which session.
        checkout: CheckoutId,
        /// All of them from now on.
        claims: Claims,
    },
    /// Do something to a cart or checkout session and replace its claims, in one entry.
    Claiming {
        /// What to do first.
        action: Box<Action>,
        /// All claims from then on.
        claims: Claims,
    },
    /// Make or change a price list; its prices stay.
    PutPriceList(PriceList),
    /// Remove a price list with its prices.
    RemovePriceList(PriceListId),
    /// Set prices of a list; a SKU without tiers leaves it.
    SetPrices {
        /// Which list.
        list: PriceListId,
        /// What changes.
        prices: Vec<ListPrice>,
    },
    /// Say which customer groups a shopper belongs to.
    SetGroups {
        /// Who.
        shopper: ShopperId,
        /// All of them, in order of name.
        groups: Vec<CustomerGroupId>,
    },
    /// Note that the catalogue changed what products cost. The process sends it on its own.
    NoteBasePrices {
        /// What changed.
        changes: Vec<BasePrice>,
    },
    /// Make or change a promotion.
    PutPromotion(Promotion),
    /// Remove a promotion and its coupons.
    RemovePromotion(PromotionId),
    /// Make or change coupons of one promotion.
    PutCoupons {
        /// Which promotion.
        promotion: PromotionId,
        /// The coupons.
        coupons: Vec<Coupon>,
    },
    /// Remove a coupon.
    RemoveCoupon(CouponCode),
    /// Set the taxes of a country.
    PutTaxZone(TaxZone),
    /// Remove the taxes of a country.
    RemoveTaxZone {
        /// ISO 3166.
        country: String,
    },
    /// Say which tax class SKUs belong to.
    SetTaxClass {
        /// Which class; empty for none.
        class: String,
        /// Which SKUs.
        skus: Vec<Sku>,
    },
    /// Make a gift card or store credit with money on it.
    OpenAccount {
        /// Its new name.
        account: AccountId,
        /// Whose it is.
        kind: AccountKind,
        /// What is on it.
        amount: Money,
        /// When it is worth nothing any more.
        expires_at: Option<Timestamp>,
        /// Why, in the house's words.
        reason: String,
    },
    /// Put money on an account, or take it off.
    FundAccount {
        /// Which.
        account: AccountId,
        /// How much, negative for less.
        amount: Money,
        /// Why, in the house's words.
        reason: String,
    },
    /// Let an account pay nothing any more, or let it pay again.
    BlockAccount {
        /// Which.
        account: AccountId,
        /// Whether it is blocked from now on.
        is_blocked: bool,
    },
}

impl PricingAction {
    /// What the action is about, from which its answer is made; none for the process's own actions.
    #[must_use]
    pub fn subject(&self) -> Option<Subject> {
        let of = |subject| Some(Subject::Pricing(subject));
        match self {
            Self::SetCartClaims { cart, .. } => Some(Subject::Cart(cart.clone())),
            Self::SetCheckoutClaims { checkout, .. } => Some(Subject::Checkout(checkout.clone())),
            Self::Claiming { action, .. } => action.subject(),
            Self::PutPriceList(list) => of(PricingSubject::PriceList(list.id.clone())),
            Self::RemovePriceList(id) | Self::SetPrices { list: id, .. } => of(PricingSubject::PriceList(id.clone())),
            Self::SetGroups { shopper, .. } => of(PricingSubject::Groups(shopper.clone())),
            Self::NoteBasePrices { .. } => None,
            Self::PutPromotion(promotion) => of(PricingSubject::Promotion(promotion.id.clone())),
            Self::RemovePromotion(id) | Self::PutCoupons { promotion: id, .. } => of(PricingSubject::Promotion(id.clone())),
            Self::RemoveCoupon(code) => of(PricingSubject::Coupon(code.clone())),
            Self::PutTaxZone(zone) => of(PricingSubject::Taxes(zone.country.clone())),
            Self::RemoveTaxZone { country } => of(PricingSubject::Taxes(country.clone())),
            Self::SetTaxClass { class, .. } => of(PricingSubject::Taxes(class.clone())),
            Self::OpenAccount { account, .. } | Self::FundAccount { account, .. } | Self::BlockAccount { account, .. } => {
                of(PricingSubject::Account(account.clone()))
            }
        }
    }
}
