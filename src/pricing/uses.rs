//! How often promotions and coupons are used: counted when an order is placed, taken back when it is canceled, held while an attempt to
//! complete a session is in progress, so that two of them can never exceed a limit together.

use crate::event::trade::pricing::{Coupon, Promotion};
use crate::event::trade::{Buyer, BuyerKey, Discount, Tender};
use crate::id::{CheckoutId, CouponCode, OrderId, PromotionId};
use imbl::OrdMap;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What is counted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Counted {
    /// Orders and attempts with a promotion.
    Promotion(PromotionId),
    /// Those with a coupon.
    Coupon(CouponCode),
    /// Those of one buyer with a promotion.
    Buyer(PromotionId, BuyerKey),
}

/// A counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Count {
    /// Placed orders that were not canceled.
    pub placed: u64,
    /// Attempts in progress.
    pub held: u64,
    /// What those orders were given, in minor units.
    pub placed_minor: i64,
    /// What those attempts would be given, in minor units.
    pub held_minor: i64,
}

/// A promotion in an order or attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Use {
    /// Which.
    pub promotion: PromotionId,
    /// The coupon that asked for it.
    pub coupon: Option<CouponCode>,
    /// What it gave, in minor units.
    pub amount_minor: i64,
}

/// What an order or attempt uses up.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Carried {
    /// Promotions, each once.
    pub uses: Vec<Use>,
    /// Who they are counted for.
    pub buyers: Vec<BuyerKey>,
    /// What gift cards and store credit pay, less what went back.
    pub tenders: Vec<Tender>,
    /// What went back to them, in minor units.
    pub given_back_minor: i64,
}

impl Carried {
    /// What discounts use up.
    #[must_use]
    pub fn of(discounts: &[Discount], buyer: &Buyer) -> Self {
        let uses = discounts.iter().map(|discount| Use {
            promotion: discount.promotion.clone(),
            coupon: discount.coupon.clone(),
            amount_minor: discount.amount.amount_minor.saturating_neg(),
        });
        let uses: Vec<Use> = uses.collect();
        let buyers = if uses.is_empty() { Vec::new() } else { BuyerKey::of_person(buyer) };
        Self { uses, buyers, tenders: Vec::new(), given_back_minor: 0 }
    }

    fn counted(&self) -> Vec<(Counted, i64)> {
        let each = self.uses.iter().flat_map(|used| {
            let buyers = self.buyers.iter().map(|buyer| (Counted::Buyer(used.promotion.clone(), *buyer), 0));
            let coupon = used.coupon.clone().map(|code| (Counted::Coupon(code), 0));
            std::iter::once((Counted::Promotion(used.promotion.clone()), used.amount_minor)).chain(coupon).chain(buyers)
        });
        each.collect()
    }
}

/// All counters, and what they count. Clones are cheap snapshots.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct UseBook {
    counts: OrdMap<Counted, Count>,
    attempts: OrdMap<CheckoutId, Carried>,
    orders: OrdMap<OrderId, Carried>,
}

impl UseBook {
    /// A counter as it stands.
    #[must_use]
    pub fn count(&self, what: &Counted) -> Count {
        self.counts.get(what).copied().unwrap_or_default()
    }

    /// What an order carries; none when it is canceled or carries nothing.
    #[must_use]
    pub fn of_order(&self, order: &OrderId) -> Option<&Carried> {
        self.orders.get(order)
    }

    /// What an attempt in progress holds.
    #[must_use]
    pub fn of_attempt(&self, checkout: &CheckoutId) -> Option<&Carried> {
        self.attempts.get(checkout)
    }

    /// Everything that is held, by session.
    pub fn attempts(&self) -> impl Iterator<Item = (&CheckoutId, &Carried)> {
        self.attempts.iter()
    }

    /// Everything that orders carry.
    pub fn orders(&self) -> impl Iterator<Item = (&OrderId, &Carried)> {
        self.orders.iter()
    }

    /// Whether one more use of a promotion, under a coupon if one is named, stays within every limit on numbers.
    #[must_use]
    pub fn has_room(&self, promotion: &Promotion, coupon: Option<&Coupon>, buyers: &[BuyerKey]) -> bool {
        let below = |what: Counted, limit: Option<u64>| {
            limit.is_none_or(|limit| {
                let count = self.count(&what);
                count.placed.saturating_add(count.held) < limit
            })
        };
        let limits = &promotion.limits;
        below(Counted::Promotion(promotion.id.clone()), limits.uses)
            && buyers.iter().all(|buyer| below(Counted::Buyer(promotion.id.clone(), *buyer), limits.uses_per_buyer))
            && coupon.is_none_or(|coupon| below(Counted::Coupon(coupon.code.clone()), coupon.uses))
    }

    /// What is left of a promotion's budget; none when it has none.
    #[must_use]
    pub fn budget_left(&self, promotion: &Promotion) -> Option<i64> {
        let budget = promotion.limits.budget_minor?;
        let count = self.count(&Counted::Promotion(promotion.id.clone()));
        Some(budget.saturating_sub(count.placed_minor).saturating_sub(count.held_minor))
    }

    fn change(&mut self, carried: &Carried, change: impl Fn(&mut Count, i64)) {
        for (what, amount_minor) in carried.counted() {
            let mut count = self.count(&what);
            change(&mut count, amount_minor);
            if count == Count::default() {
                self.counts.remove(&what);
            } else {
                self.counts.insert(what, count);
            }
        }
    }

    /// An attempt begins. What it held before is replaced.
    pub(super) fn hold(&mut self, checkout: &CheckoutId, carried: Carried) {
        self.release(checkout);
        self.change(&carried, |count, amount_minor| {
            count.held += 1;
            count.held_minor = count.held_minor.saturating_add(amount_minor);
        });
        if carried != Carried::default() {
            self.attempts.insert(checkout.clone(), carried);
        }
    }

    /// An attempt is over. What it held.
    pub(super) fn release(&mut self, checkout: &CheckoutId) -> Carried {
        let Some(carried) = self.attempts.remove(checkout) else { return Carried::default() };
        self.change(&carried, |count, amount_minor| {
            count.held = count.held.saturating_sub(1);
            count.held_minor = count.held_minor.saturating_sub(amount_minor);
        });
        carried
    }

    /// An order is placed.
    pub(super) fn place(&mut self, order: &OrderId, carried: Carried) {
        self.change(&carried, |count, amount_minor| {
            count.placed += 1;
            count.placed_minor = count.placed_minor.saturating_add(amount_minor);
        });
        if carried != Carried::default() {
            self.orders.insert(order.clone(), carried);
        }
    }

    /// An order is canceled. What it carried.
    pub(super) fn cancel(&mut self, order: &OrderId) -> Carried {
        let Some(carried) = self.orders.remove(order) else { return Carried::default() };
        self.change(&carried, |count, amount_minor| {
            count.placed = count.placed.saturating_sub(1);
            count.placed_minor = count.placed_minor.saturating_sub(amount_minor);
        });
        carried
    }

    /// Part of a tender went back. Whether the order carries that much.
    pub(super) fn give_back(&mut self, order: &OrderId, tender: &Tender) -> bool {
        let Some(carried) = self.orders.get_mut(order) else { return false };
        let Some(known) = carried.tenders.iter_mut().find(|known| known.account == tender.account) else { return false };
        known.amount.amount_minor -= tender.amount.amount_minor;
        carried.given_back_minor += tender.amount.amount_minor;
        known.amount.amount_minor >= 0
    }

    /// Counters that do not equal the orders and attempts that carry them, in words.
    #[must_use]
    pub fn recount(&self) -> Vec<String> {
        let mut expected: BTreeMap<Counted, Count> = BTreeMap::new();
        for (what, amount_minor) in self.orders.values().flat_map(Carried::counted) {
            let count = expected.entry(what).or_default();
            count.placed += 1;
            count.placed_minor += amount_minor;
        }
        for (what, amount_minor) in self.attempts.values().flat_map(Carried::counted) {
            let count = expected.entry(what).or_default();
            count.held += 1;
            count.held_minor += amount_minor;
        }
        if self.counts.iter().eq(expected.iter()) {
            Vec::new()
        } else {
            vec![format!("uses are {:?}, recounted {expected:?}", self.counts)]
        }
    }
}
