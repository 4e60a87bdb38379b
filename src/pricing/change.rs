//! What events do to the price book.

use super::account::Account;
use super::book::PriceBook;
use super::history::{PricePoint, PriceSource};
use super::list::ListBook;
use super::uses::Carried;
use crate::event::trade::pricing::{AccountKind, Coupon, ListPrice, PriceList, Promotion, TaxZone, Tier};
use crate::event::trade::{Buyer, Discount, PricingEvent, Tender};
use crate::id::{AccountId, CheckoutId, CustomerGroupId, OrderId, PriceListId, PromotionId, ShopperId, Sku};
use crate::money::{Currency, Money};
use crate::stdx::clock::Timestamp;
use std::sync::Arc;

impl PriceBook {
    /// Makes an event of this area so, except what concerns carts and sessions themselves. Whether it fits: what it names is there.
    pub fn apply(&mut self, event: &PricingEvent, at: Timestamp) -> bool {
        self.history.forget_old(at);
        match event {
            PricingEvent::CartClaimsSet { .. } | PricingEvent::CheckoutClaimsSet { .. } => true,
            PricingEvent::CoverShown { checkout, amount } => {
                self.covers.insert(checkout.clone(), amount.amount_minor);
                true
            }
            PricingEvent::TendersHeld { checkout, tenders } => self.hold_tenders(checkout, tenders),
            PricingEvent::PriceListPut(list) => self.put_list(list),
            PricingEvent::PriceListRemoved(id) => self.lists.remove(id).is_some(),
            PricingEvent::PricesSet { list, prices } => self.set_prices(list, prices, at),
            PricingEvent::GroupsSet { shopper, groups } => self.set_groups(shopper, groups),
            PricingEvent::BasePricesChanged { changes } => {
                changes.iter().for_each(|change| self.history.add_base(change, at));
                true
            }
            PricingEvent::PromotionPut(promotion) => self.put_promotion(promotion),
            PricingEvent::PromotionRemoved(id) => self.remove_promotion(id),
            PricingEvent::CouponsPut(coupons) => self.put_coupons(coupons),
            PricingEvent::CouponRemoved(code) => self.coupons.remove(code).is_some(),
            PricingEvent::TaxZonePut(zone) => self.put_zone(zone),
            PricingEvent::TaxZoneRemoved { country } => self.tax_zones.remove(country).is_some(),
            PricingEvent::TaxClassSet { class, skus } => self.set_tax_class(class, skus),
            PricingEvent::AccountOpened { account, kind, currency, expires_at } => {
                self.open_account(account, kind, *currency, *expires_at, at)
            }
            PricingEvent::AccountFunded { account, amount, reason: _ } => {
                self.accounts.change(account, |account| account.funded_minor = account.funded_minor.saturating_add(amount.amount_minor))
            }
            PricingEvent::AccountBlocked { account, is_blocked } => {
                self.accounts.change(account, |account| account.is_blocked = *is_blocked)
            }
            PricingEvent::TenderGivenBack { order, tender } => self.give_back(order, tender),
        }
    }

    fn put_list(&mut self, list: &PriceList) -> bool {
        let mut book = self.lists.get(&list.id).map_or_else(|| ListBook::new(list.clone()), |known| ListBook::clone(known));
        book.list = list.clone();
        self.lists.insert(list.id.clone(), Arc::new(book));
        true
    }

    fn set_prices(&mut self, id: &PriceListId, prices: &[ListPrice], at: Timestamp) -> bool {
        let Some(book) = self.lists.get_mut(id) else { return false };
        let book = Arc::make_mut(book);
        let currency = book.list.currency;
        let first = |tiers: Option<&[Tier]>| {
            let tier = tiers.and_then(|tiers| tiers.first()).filter(|tier| tier.from_units == 1);
            tier.map(|tier| Money::new(tier.unit_minor, currency))
        };
        for price in prices {
            let before = first(book.tiers(&price.sku));
            book.set(price);
            let after = first(book.tiers(&price.sku));
            // What only some customers are offered is no price that a reduction is announced against.
            if before != after && book.list.group.is_none() {
                self.history.add(&price.sku, PricePoint { source: PriceSource::List(id.clone()), at, before, price: after });
            }
        }
        true
    }

    fn set_groups(&mut self, shopper: &ShopperId, groups: &[CustomerGroupId]) -> bool {
        if groups.is_empty() {
            self.groups.remove(shopper);
        } else {
            self.groups.insert(shopper.clone(), Arc::from(groups));
        }
        true
    }

    fn put_promotion(&mut self, promotion: &Promotion) -> bool {
        self.promotions.insert(promotion.id.clone(), Arc::new(promotion.clone()));
        true
    }

    fn remove_promotion(&mut self, id: &PromotionId) -> bool {
        let codes: Vec<_> = self.coupons.values().filter(|coupon| coupon.promotion == *id).map(|coupon| coupon.code.clone()).collect();
        codes.iter().for_each(|code| drop(self.coupons.remove(code)));
        self.promotions.remove(id).is_some()
    }

    fn put_coupons(&mut self, coupons: &[Coupon]) -> bool {
        coupons.iter().for_each(|coupon| {
            self.coupons.insert(coupon.code.clone(), Arc::new(coupon.clone()));
        });
        true
    }

    fn put_zone(&mut self, zone: &TaxZone) -> bool {
        self.tax_zones.insert(zone.country.clone(), Arc::new(zone.clone()));
        true
    }

    fn set_tax_class(&mut self, class: &str, skus: &[Sku]) -> bool {
        let class: Arc<str> = Arc::from(class);
        for sku in skus {
            if class.is_empty() {
                self.tax_classes.remove(sku);
            } else {
                self.tax_classes.insert(sku.clone(), Arc::clone(&class));
            }
        }
        true
    }

    fn open_account(
        &mut self,
        id: &AccountId,
        kind: &AccountKind,
        currency: Currency,
        expires_at: Option<Timestamp>,
        at: Timestamp,
    ) -> bool {
        let (id, kind) = (id.clone(), kind.clone());
        let (funded_minor, spent_minor, held_minor, is_blocked, opened_at) = (0, 0, 0, false, at);
        self.accounts.open(Account { id, kind, currency, funded_minor, spent_minor, held_minor, expires_at, is_blocked, opened_at });
        true
    }

    /// Changes every account of some tenders. Whether all are there.
    fn change_all(&mut self, tenders: &[Tender], change: impl Fn(&mut Account, i64)) -> bool {
        let mut are_known = true;
        for Tender { account, amount } in tenders {
            // Every one is changed, also after one that is not there.
            are_known &= self.accounts.change(account, |account| change(account, amount.amount_minor));
        }
        are_known
    }

    /// A session claims nothing any more, or is over.
    pub fn forget_cover(&mut self, checkout: &CheckoutId) {
        self.covers.remove(checkout);
    }

    fn hold_tenders(&mut self, checkout: &CheckoutId, tenders: &[Tender]) -> bool {
        let carried = Carried { tenders: tenders.to_vec(), ..Carried::default() };
        self.uses.hold(checkout, carried);
        self.change_all(tenders, |account, amount_minor| account.held_minor += amount_minor)
    }

    /// An attempt to complete a session begins: its discounts are held, beside the tenders that an event before this has named.
    pub fn begin_attempt(&mut self, checkout: &CheckoutId, discounts: &[Discount], buyer: &Buyer) {
        let held = self.uses.of_attempt(checkout).map(|held| held.tenders.clone()).unwrap_or_default();
        if !discounts.is_empty() {
            self.uses.hold(checkout, Carried { tenders: held, ..Carried::of(discounts, buyer) });
        }
    }

    /// The attempt is over without an order. Also called when there was none.
    pub fn end_attempt(&mut self, checkout: &CheckoutId) {
        let carried = self.uses.release(checkout);
        self.change_all(&carried.tenders, |account, amount_minor| account.held_minor -= amount_minor);
    }

    /// The attempt became an order: what was held is used and paid.
    pub fn order_placed(&mut self, checkout: &CheckoutId, order: &OrderId, discounts: &[Discount], buyer: &Buyer) {
        let held = self.uses.release(checkout);
        self.forget_cover(checkout);
        self.change_all(&held.tenders, |account, amount_minor| {
            account.held_minor -= amount_minor;
            account.spent_minor += amount_minor;
        });
        self.uses.place(order, Carried { tenders: held.tenders, ..Carried::of(discounts, buyer) });
    }

    /// The order was canceled: what it used is free, and what accounts paid is back on them.
    pub fn order_canceled(&mut self, order: &OrderId) {
        let carried = self.uses.cancel(order);
        self.change_all(&carried.tenders, |account, amount_minor| account.spent_minor -= amount_minor);
    }

    fn give_back(&mut self, order: &OrderId, tender: &Tender) -> bool {
        self.uses.give_back(order, tender)
            && self.accounts.change(&tender.account, |account| account.spent_minor -= tender.amount.amount_minor)
    }
}
