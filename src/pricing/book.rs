//! What the shop knows about price lists, promotions, coupons, taxes, gift cards and store credit.

use super::account::AccountBook;
use super::basket::Basket;
use super::discount::Candidate;
use super::history::HistoryBook;
use super::list::{ListBook, ListsInForce, PriceContext};
use super::uses::UseBook;
use crate::event::trade::pricing::{Coupon, Promotion, TaxZone};
use crate::event::trade::{Buyer, BuyerKey, Totals};
use crate::id::{CheckoutId, CouponCode, CustomerGroupId, PriceListId, PromotionId, ShopperId, Sku};
use crate::stdx::clock::Timestamp;
use imbl::OrdMap;
use serde::{Deserialize, Serialize};
use std::ops::Bound;
use std::sync::Arc;

/// Why a coupon gives nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CouponRefusal {
    /// There is no such code.
    Unknown,
    /// Its time, or that of its promotion, is not now.
    Expired,
    /// It was used as often as it may be, by this buyer or by all.
    UsedUp,
    /// It asks for something that this cart does not reach, or something better is given instead.
    NotForThisCart,
}

impl CouponRefusal {
    /// Its code in answers, in the protocol's words.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Unknown => "discount_code_invalid",
            Self::Expired => "discount_code_expired",
            Self::UsedUp => "discount_code_used_up",
            Self::NotForThisCart => "discount_code_not_applicable",
        }
    }

    /// In words for shoppers.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::Unknown => "there is no such code",
            Self::Expired => "the code is not valid now",
            Self::UsedUp => "the code was used as often as it may be",
            Self::NotForThisCart => "the code gives nothing for this cart",
        }
    }
}

/// A part of the trade state. Clones are cheap snapshots; equal books have equal bytes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PriceBook {
    pub(super) lists: OrdMap<PriceListId, Arc<ListBook>>,
    pub(super) groups: OrdMap<ShopperId, Arc<[CustomerGroupId]>>,
    pub(super) promotions: OrdMap<PromotionId, Arc<Promotion>>,
    pub(super) coupons: OrdMap<CouponCode, Arc<Coupon>>,
    pub(super) tax_zones: OrdMap<String, Arc<TaxZone>>,
    pub(super) tax_classes: OrdMap<Sku, Arc<str>>,
    pub(super) uses: UseBook,
    pub(super) accounts: AccountBook,
    pub(super) history: HistoryBook,
    /// What gift cards and store credit of a session could pay when its buyer was shown it, in minor units of the session's currency.
    #[serde(default)]
    pub(super) covers: OrdMap<CheckoutId, i64>,
}

impl Basket<'_> {
    /// What prices of single SKUs depend on.
    #[must_use]
    pub fn price_context<'a>(&'a self, book: &'a PriceBook) -> PriceContext<'a> {
        let marketplace = self.claims.and_then(|claims| claims.marketplace.as_ref());
        PriceContext { currency: self.currency, marketplace, groups: book.groups_of(self.buyer), now: self.now }
    }
}

impl PriceBook {
    /// When time alone will next make something happen here: never, since schedules are looked at when prices are asked for.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        None
    }

    /// The groups of a buyer, in order of name.
    #[must_use]
    pub fn groups_of(&self, buyer: Option<&Buyer>) -> &[CustomerGroupId] {
        let shopper = buyer.and_then(|buyer| buyer.shopper.as_ref());
        shopper.and_then(|shopper| self.groups_of_shopper(shopper)).unwrap_or_default()
    }

    /// The groups that a shopper was put into, in order of name; none when never or into none.
    #[must_use]
    pub fn groups_of_shopper(&self, shopper: &ShopperId) -> Option<&[CustomerGroupId]> {
        self.groups.get(shopper).map(|groups| &**groups)
    }

    /// The lists that apply, the one that wins first.
    #[must_use]
    pub fn lists_in_force(&self, context: &PriceContext<'_>) -> ListsInForce<'_> {
        ListsInForce::of(&self.lists, context)
    }

    /// The price of one of a SKU when one is bought, and the list it is from; none: the base price counts.
    #[must_use]
    pub fn price_of(&self, sku: &Sku, context: &PriceContext<'_>) -> Option<(&PriceListId, i64)> {
        self.lists_in_force(context).price_of(sku, 1)
    }

    /// A price list.
    #[must_use]
    pub fn list(&self, id: &PriceListId) -> Option<&Arc<ListBook>> {
        self.lists.get(id)
    }

    /// All price lists in order of name.
    pub fn lists(&self) -> impl Iterator<Item = &Arc<ListBook>> {
        self.lists.values()
    }

    /// A promotion.
    #[must_use]
    pub fn promotion(&self, id: &PromotionId) -> Option<&Arc<Promotion>> {
        self.promotions.get(id)
    }

    /// All promotions in order of name.
    pub fn promotions(&self) -> impl Iterator<Item = &Arc<Promotion>> {
        self.promotions.values()
    }

    /// The book as it would be with a promotion given without a coupon, or without it: for a look at what it does.
    #[must_use]
    pub fn with_promotion(&self, id: &PromotionId, promotion: Option<Promotion>) -> Self {
        let mut book = self.clone();
        match promotion {
            Some(promotion) => book.promotions.insert(id.clone(), Arc::new(Promotion { needs_coupon: false, ..promotion })),
            None => book.promotions.remove(id),
        };
        book
    }

    /// A coupon.
    #[must_use]
    pub fn coupon(&self, code: &CouponCode) -> Option<&Arc<Coupon>> {
        self.coupons.get(code)
    }

    /// All coupons in order of code, after `after`.
    pub fn coupons_after<'a>(&'a self, after: Option<&CouponCode>) -> impl Iterator<Item = &'a Arc<Coupon>> {
        let from = after.cloned().map_or(Bound::Unbounded, Bound::Excluded);
        self.coupons.range::<(Bound<CouponCode>, Bound<CouponCode>), CouponCode>((from, Bound::Unbounded)).map(|(_, coupon)| coupon)
    }

    /// How many coupons there are.
    #[must_use]
    pub fn coupons_count(&self) -> usize {
        self.coupons.len()
    }

    /// The taxes of every country that has any, in order of country.
    pub fn tax_zones(&self) -> impl Iterator<Item = &Arc<TaxZone>> {
        self.tax_zones.values()
    }

    /// The taxes of a country.
    #[must_use]
    pub fn tax_zone(&self, country: &str) -> Option<&Arc<TaxZone>> {
        self.tax_zones.get(country)
    }

    /// SKUs that have a tax class of their own, and which, in order of SKU, after `after`.
    pub fn tax_classes_after<'a>(&'a self, after: Option<&Sku>) -> impl Iterator<Item = (&'a Sku, &'a str)> {
        let from = after.cloned().map_or(Bound::Unbounded, Bound::Excluded);
        self.tax_classes.range::<(Bound<Sku>, Bound<Sku>), Sku>((from, Bound::Unbounded)).map(|(sku, class)| (sku, &**class))
    }

    /// How many SKUs have a tax class of their own.
    #[must_use]
    pub fn tax_classes_count(&self) -> usize {
        self.tax_classes.len()
    }

    /// Counters of promotions and coupons.
    #[must_use]
    pub fn uses(&self) -> &UseBook {
        &self.uses
    }

    /// Gift cards and store credit.
    #[must_use]
    pub fn accounts(&self) -> &AccountBook {
        &self.accounts
    }

    /// What gift cards and store credit of a session could pay when its buyer was shown it, in minor units; none when it claims none.
    #[must_use]
    pub fn cover_shown(&self, checkout: &CheckoutId) -> Option<i64> {
        self.covers.get(checkout).copied()
    }

    /// Every session whose buyer was shown such a sum.
    pub fn covers_shown(&self) -> impl Iterator<Item = &CheckoutId> {
        self.covers.keys()
    }

    /// What SKUs cost before.
    #[must_use]
    pub fn history(&self) -> &HistoryBook {
        &self.history
    }

    /// Whether a promotion is meant for a basket, leaving its lines and limits aside.
    fn is_meant(&self, promotion: &Promotion, basket: &Basket<'_>) -> bool {
        let Promotion { currency, marketplace, groups, schedule, .. } = promotion;
        let named = basket.claims.and_then(|claims| claims.marketplace.as_ref());
        currency.is_none_or(|currency| currency == basket.currency)
            && marketplace.as_ref().is_none_or(|needed| Some(needed) == named)
            && (groups.is_empty() || self.groups_of(basket.buyer).iter().any(|group| groups.contains(group)))
            && schedule.holds(basket.now)
    }

    /// The promotions that a basket may be given, by falling priority and then by name.
    pub(super) fn candidates<'a>(&'a self, basket: &Basket<'a>) -> Vec<Candidate<'a>> {
        if self.promotions.is_empty() {
            return Vec::new();
        }
        let buyers = basket.buyer.map(BuyerKey::of_person).unwrap_or_default();
        let automatic = self.promotions.values().filter(|promotion| !promotion.needs_coupon).map(|promotion| (promotion, None));
        let codes = basket.claims.map_or(&[][..], |claims| &claims.coupons);
        let named = codes.iter().filter_map(|code| {
            let coupon = self.coupons.get(code).filter(|coupon| coupon.schedule.holds(basket.now))?;
            Some((self.promotions.get(&coupon.promotion)?, Some(coupon)))
        });
        let mut found: Vec<Candidate<'_>> = Vec::new();
        // Coupons first: an automatic promotion that a coupon names, too, counts as asked for.
        for (promotion, coupon) in named.chain(automatic) {
            let is_new = found.iter().all(|candidate| candidate.coupon.is_none() || candidate.promotion.id != promotion.id);
            if is_new && self.is_meant(promotion, basket) && self.uses.has_room(promotion, coupon.map(|coupon| &**coupon), &buyers) {
                let coupon = coupon.map(|coupon| &coupon.code);
                found.push(Candidate { promotion, coupon, budget_left: self.uses.budget_left(promotion) });
            }
        }
        found.sort_by(|left, right| {
            right.promotion.priority.cmp(&left.promotion.priority).then_with(|| left.promotion.id.cmp(&right.promotion.id))
        });
        found
    }

    /// The coupons of a basket that gave nothing when it came to `totals`, and why.
    #[must_use]
    pub fn refused_coupons(&self, basket: &Basket<'_>, totals: &Totals) -> Vec<(CouponCode, CouponRefusal)> {
        let codes = basket.claims.map_or(&[][..], |claims| &claims.coupons);
        let is_given = |code: &&CouponCode| totals.discounts.iter().any(|discount| discount.coupon.as_ref() == Some(*code));
        codes.iter().filter(|code| !is_given(code)).map(|code| (code.clone(), self.refusal(code, basket))).collect()
    }

    fn refusal(&self, code: &CouponCode, basket: &Basket<'_>) -> CouponRefusal {
        let coupon = self.coupons.get(code);
        let Some((coupon, promotion)) = coupon.and_then(|coupon| Some((coupon, self.promotions.get(&coupon.promotion)?))) else {
            return CouponRefusal::Unknown;
        };
        if !coupon.schedule.holds(basket.now) || !promotion.schedule.holds(basket.now) {
            return CouponRefusal::Expired;
        }
        let buyers = basket.buyer.map(BuyerKey::of_person).unwrap_or_default();
        if !self.uses.has_room(promotion, Some(coupon), &buyers) || self.uses.budget_left(promotion).is_some_and(|left| left <= 0) {
            return CouponRefusal::UsedUp;
        }
        CouponRefusal::NotForThisCart
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::codec::{from_bytes, to_compact_bytes};

    #[test]
    fn a_book_that_was_written_before_it_was_kept_what_cards_can_pay_is_read() {
        let mut book = PriceBook::default();
        book.tax_classes.insert(Sku::new("a").expect("a name"), Arc::from("books"));
        let PriceBook { lists, groups, promotions, coupons, tax_zones, tax_classes, uses, accounts, history, covers: _ } = book.clone();
        let before = (lists, groups, promotions, coupons, tax_zones, tax_classes, uses, accounts, history);
        let read: PriceBook = from_bytes(&to_compact_bytes(&before).expect("is written")).expect("is read");
        assert_eq!(read, book);
    }
}
