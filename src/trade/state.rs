//! The state of all trade: what [`super::fold`] keeps and [`super::decide`] reads. Clones are cheap snapshots that share what is unchanged.

use super::index::Index;
use super::keys::{KeyRecord, Retired};
use super::options::Options;
use super::orders::Orders;
use super::shoppers::ShopperBook;
use crate::cart::{Cart, CartBook};
use crate::event::roll::Roll;
use crate::event::trade::pricing::Promotion;
use crate::event::trade::{BuyerKey, Totals};
use crate::fulfilment::FulfilmentBook;
use crate::id::{CartId, CheckoutId, DisputeId, LocationId, NameDigest, Offset, Ordinal, PaymentId, PromotionId, ReturnId, ShopperId, Sku};
use crate::inventory::{Buckets, LocationStock, Stock, StockBook};
use crate::order::{AfterSaleBook, Checkout, Return};
use crate::payment::{Dispute, Ledger, Payment, PaymentBook};
use crate::pricing::{self, Basket, PriceBook, PricingError};
use crate::stdx::clock::Timestamp;
use crate::stdx::table::Table;
use imbl::OrdSet;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Faults that are kept for the report; more than one is never seen in a whole journal.
const FAULTS_MAX: usize = 16;

/// All trade of a shop.
#[derive(Clone, Default)]
pub struct State {
    pub(super) options: Arc<Options>,
    /// The newest time of any entry: event time never runs backwards, whatever the clock did.
    pub(super) time: Timestamp,
    /// The place of the entry that is being folded, when whoever folds says so: what orders remember as their history.
    pub(super) entry: Option<Offset>,
    pub(super) stock: Stock,
    pub(super) carts: Table<CartId, Arc<Cart>>,
    /// Sessions that are no order: what an order's session answers is the order's to say.
    pub(super) checkouts: Table<CheckoutId, Arc<Checkout>>,
    pub(super) payments: Roll<Payment>,
    pub(super) orders: Orders,
    pub(super) ledger: Ledger,
    pub(super) pricing: PriceBook,
    pub(super) carts_book: CartBook,
    pub(super) stock_book: StockBook,
    pub(super) fulfilment: FulfilmentBook,
    pub(super) payments_book: PaymentBook,
    pub(super) after_sale: AfterSaleBook,
    pub(super) shoppers: ShopperBook,
    /// Idempotency keys but those of orders, which are kept with their orders.
    pub(super) keys: Roll<KeyRecord>,
    pub(super) retired: OrdSet<(Timestamp, Retired)>,
    /// Events that did not fit the state: a damaged journal or a bug. Always empty otherwise.
    pub(super) faults: Vec<String>,
    /// The cart that ended last, for the answer to the write that ended it, which stands in the same entry. Part of no checkpoint.
    pub(super) closed_cart: Option<Arc<Cart>>,
    // From here on: indexes, which can be made again from the above.
    /// Carts that time alone will close; not those with money attached.
    pub(super) idle_carts: OrdSet<(Timestamp, CartId)>,
    /// Lists of wishes, which are kept longer.
    pub(super) idle_lists: OrdSet<(Timestamp, CartId)>,
    pub(super) carts_by_shopper: Index<ShopperId, CartId>,
    /// Carts for which money is asked, and by which session.
    pub(super) paying_carts: Index<CartId, CheckoutId>,
    /// Sessions that are being paid for, by every name of their buyer.
    pub(super) attempts_by_buyer: Index<BuyerKey, CheckoutId>,
    pub(super) idle_checkouts: OrdSet<(Timestamp, CheckoutId)>,
    /// The same sessions, by the known shopper who buys.
    pub(super) checkouts_by_shopper: Index<ShopperId, CheckoutId>,
    pub(super) waiting_payments: OrdSet<PaymentId>,
}

impl State {
    /// A shop in which nothing has happened yet.
    #[must_use]
    pub fn new(options: Options) -> Self {
        let awake_max = options.awake_max;
        let mut state = Self { options: Arc::new(options), ..Self::default() };
        state.limit_awake(awake_max);
        state
    }

    /// Lets no more than so many orders, payments, works and keys be awake, each. Nothing but memory and time depends on it.
    pub(super) fn limit_awake(&mut self, awake_max: usize) {
        self.orders.limit(awake_max);
        self.payments.limit(awake_max);
        self.keys.limit(awake_max);
        self.fulfilment.limit_awake(awake_max);
    }

    /// What `decide` goes by.
    #[must_use]
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// The newest time of any entry.
    #[must_use]
    pub fn time(&self) -> Timestamp {
        self.time
    }

    /// Says that the events that follow belong to the entry at `offset` of the trade stream. Live and replay say the same.
    pub fn begin_entry(&mut self, offset: Offset) {
        self.entry = Some(offset);
    }

    /// An open cart.
    #[must_use]
    pub fn cart(&self, id: &CartId) -> Option<&Arc<Cart>> {
        self.carts.get(id)
    }

    /// What an open cart comes to at `now`, before its destination is known.
    ///
    /// # Errors
    /// When a sum does not fit.
    pub fn cart_totals(&self, cart: &Cart, now: Timestamp) -> Result<Totals, PricingError> {
        let basket = Basket { buyer: Some(&cart.buyer), claims: Some(&cart.claims), ..Basket::of(&cart.lines, cart.currency, now) };
        pricing::totals(&basket, &self.pricing, &self.options.pricing)
    }

    /// What an open cart would come to at `now` with a promotion, or without the one of that name.
    ///
    /// # Errors
    /// When a sum does not fit.
    pub fn cart_totals_with(
        &self,
        cart: &Cart,
        name: &PromotionId,
        promotion: Option<Promotion>,
        now: Timestamp,
    ) -> Result<Totals, PricingError> {
        let basket = Basket { buyer: Some(&cart.buyer), claims: Some(&cart.claims), ..Basket::of(&cart.lines, cart.currency, now) };
        pricing::totals(&basket, &self.pricing.with_promotion(name, promotion), &self.options.pricing)
    }

    /// A checkout session: open, completed, or canceled within the last day of event time.
    #[must_use]
    pub fn checkout(&self, id: &CheckoutId) -> Option<Arc<Checkout>> {
        let open = self.checkouts.get(id).cloned();
        open.or_else(|| self.orders.of_checkout(id).map(|order| Arc::new(order.session())))
    }

    /// A return, exchange or claim.
    #[must_use]
    pub fn returned(&self, id: &ReturnId) -> Option<&Arc<Return>> {
        self.after_sale.returns.get(id)
    }

    /// A payment: of an order, in progress, or one that failed within the last day of event time.
    #[must_use]
    pub fn payment(&self, id: &PaymentId) -> Option<Arc<Payment>> {
        self.payments.get(&NameDigest::of(id.as_str()))
    }

    /// What is known about payments beyond each of them.
    #[must_use]
    pub fn payments_book(&self) -> &PaymentBook {
        &self.payments_book
    }

    /// A dispute, and the payment that it is of.
    #[must_use]
    pub fn dispute(&self, id: &DisputeId) -> Option<(Arc<Payment>, Dispute)> {
        let payment = self.payment(self.payments_book.disputes.get(id)?)?;
        let dispute = payment.disputes.iter().find(|dispute| dispute.id == *id)?.clone();
        Some((payment, dispute))
    }

    /// The ledger.
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Everything about fulfilment.
    #[must_use]
    pub fn fulfilment(&self) -> &FulfilmentBook {
        &self.fulfilment
    }

    /// Price lists, promotions, coupons, taxes, gift cards and store credit.
    #[must_use]
    pub fn pricing(&self) -> &PriceBook {
        &self.pricing
    }

    /// Everything about stock.
    #[must_use]
    pub fn stock(&self) -> &Stock {
        &self.stock
    }

    /// The buckets of a SKU, location by location in order of name; empty when it was never stocked.
    #[must_use]
    pub fn stock_of(&self, sku: &Sku) -> &[LocationStock] {
        self.stock.row(sku).map_or(&[], |row| &row.locations)
    }

    /// The buckets of a SKU at one location.
    #[must_use]
    pub fn buckets(&self, sku: &Sku, location: &LocationId) -> Buckets {
        self.stock.buckets(sku, location)
    }

    /// Units of a SKU that are available to sell.
    #[must_use]
    pub fn available_units(&self, sku: &Sku) -> i64 {
        self.stock.available_units(sku)
    }

    /// Units of all variants of a product that are available to sell.
    #[must_use]
    pub fn available_units_of_product(&self, product: Ordinal) -> i64 {
        self.stock.available_units_of_product(product)
    }

    /// Units of a SKU that are available to sell, as far as it is one of the product's.
    #[must_use]
    pub fn available_units_in(&self, product: Ordinal, sku: &Sku) -> i64 {
        self.stock.available_units_in(product, sku)
    }

    /// Products with SKUs whose availability changed since the last call; after [`State::load`] every SKU that has stock.
    pub fn take_touched_skus(&mut self) -> BTreeSet<(Ordinal, Sku)> {
        self.stock.take_touched_skus()
    }

    /// The products of [`State::take_touched_skus`].
    #[cfg(test)]
    pub(crate) fn take_touched(&mut self) -> Vec<Ordinal> {
        self.stock.take_touched()
    }

    /// When [`super::Action::PassTime`] will next have something to do.
    #[must_use]
    pub fn next_expiry(&self) -> Option<Timestamp> {
        let cart = self.idle_carts.get_min().map(|(at, _)| at.plus_ms(self.options.cart_ttl_ms));
        let list = self.idle_lists.get_min().map(|(at, _)| at.plus_ms(self.options.list_ttl_ms));
        let checkout = self.idle_checkouts.get_min().map(|(at, _)| at.plus_ms(self.options.checkout_ttl_ms));
        let areas = [
            self.pricing.next_due(),
            self.carts_book.next_due(),
            self.stock_book.next_due(),
            self.fulfilment.next_due(),
            self.payments_book.next_due(),
            self.after_sale.next_due(),
            self.shoppers.next_due(),
        ];
        [self.stock.next_expiry(), cart, list, checkout].into_iter().chain(areas).flatten().min()
    }

    /// Keeps a payment, and whether the provider has to be asked about it.
    pub(super) fn put_payment(&mut self, payment: Payment) {
        if payment.status.is_open() || payment.open_step().is_some() {
            self.waiting_payments.insert(payment.id.clone());
        } else {
            self.waiting_payments.remove(&payment.id);
        }
        if payment.status.is_void() && payment.order.is_none() {
            self.retire(Retired::Payment(payment.id.clone()));
        }
        let (id, key) = (payment.id.clone(), NameDigest::of(payment.id.as_str()));
        let acts_by = |payment: &Payment| payment.action.as_ref().map(|action| action.act_by);
        let act_by = acts_by(&payment);
        let before = self.payments.get(&key).and_then(|before| acts_by(&before));
        self.payments.put(key, Arc::new(payment));
        if before != act_by {
            before.and_then(|act_by| self.payments_book.actions.remove(&(act_by, id.clone())));
            act_by.and_then(|act_by| self.payments_book.actions.insert((act_by, id)));
        }
    }

    pub(super) fn note_fault(&mut self, fault: String) {
        if self.faults.len() < FAULTS_MAX {
            self.faults.push(fault);
        }
    }
}
