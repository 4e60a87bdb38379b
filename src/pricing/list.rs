//! Price lists: which price of a SKU counts, here, for this buyer, now.
//!
//! The most specific list that names the SKU wins: one for the buyer's group before one for everybody, then one for the marketplace before
//! one for all, then one with a schedule before one without, then the higher priority, then the name that sorts first. Within the list the
//! tier with most units that the basket reaches counts. A list wins over the base price whether it is lower or not: it is what was agreed.

use crate::event::trade::pricing::{ListPrice, PriceList, Schedule, Tier};
use crate::id::{CustomerGroupId, MarketplaceId, PriceListId, Sku};
use crate::money::Currency;
use crate::stdx::clock::Timestamp;
use imbl::OrdMap;
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::sync::Arc;

/// Most price lists of a shop.
pub const LISTS_MAX: usize = 1_000;
/// Most prices over all lists: a few hundred MB of memory.
pub const PRICES_MAX: usize = 4_000_000;
/// Most tiers of one price.
pub const TIERS_MAX: usize = 32;

/// What the price of a SKU depends on besides the SKU.
#[derive(Debug, Clone, Copy)]
pub struct PriceContext<'a> {
    /// The currency that is paid in.
    pub currency: Currency,
    /// The marketplace that is bought from.
    pub marketplace: Option<&'a MarketplaceId>,
    /// The groups that the buyer belongs to, in order of name.
    pub groups: &'a [CustomerGroupId],
    /// When.
    pub now: Timestamp,
}

impl Schedule {
    /// Whether it holds at a moment.
    #[must_use]
    pub fn holds(&self, now: Timestamp) -> bool {
        self.from.is_none_or(|from| from <= now) && self.until.is_none_or(|until| now < until)
    }

    /// Whether it says anything.
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.from.is_some() || self.until.is_some()
    }
}

/// One list with its prices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListBook {
    /// What it is for.
    pub list: PriceList,
    prices: OrdMap<Sku, Arc<[Tier]>>,
}

/// How specific a list is, then its priority, then its name: the smallest goes first.
type Rank<'a> = (Reverse<(bool, bool, bool)>, Reverse<i32>, &'a PriceListId);

impl ListBook {
    /// A list without prices yet.
    pub(super) fn new(list: PriceList) -> Self {
        Self { list, prices: OrdMap::new() }
    }

    /// How many SKUs it names.
    #[must_use]
    pub fn prices_count(&self) -> usize {
        self.prices.len()
    }

    /// The tiers of a SKU.
    #[must_use]
    pub fn tiers(&self, sku: &Sku) -> Option<&[Tier]> {
        self.prices.get(sku).map(|tiers| &**tiers)
    }

    /// Prices in order of SKU, after `after`.
    pub fn prices_after<'a>(&'a self, after: Option<&Sku>) -> impl Iterator<Item = (&'a Sku, &'a [Tier])> {
        use std::ops::Bound;
        let from = after.cloned().map_or(Bound::Unbounded, Bound::Excluded);
        self.prices.range::<(Bound<Sku>, Bound<Sku>), Sku>((from, Bound::Unbounded)).map(|(sku, tiers)| (sku, &**tiers))
    }

    pub(super) fn set(&mut self, price: &ListPrice) {
        if price.tiers.is_empty() {
            self.prices.remove(&price.sku);
        } else {
            self.prices.insert(price.sku.clone(), Arc::from(price.tiers.as_slice()));
        }
    }

    fn applies(&self, context: &PriceContext<'_>) -> bool {
        let PriceList { currency, marketplace, group, schedule, .. } = &self.list;
        *currency == context.currency
            && marketplace.as_ref().is_none_or(|needed| Some(needed) == context.marketplace)
            && group.as_ref().is_none_or(|needed| context.groups.contains(needed))
            && schedule.holds(context.now)
    }

    fn rank(&self) -> Rank<'_> {
        let PriceList { id, marketplace, group, schedule, priority, .. } = &self.list;
        (Reverse((group.is_some(), marketplace.is_some(), schedule.is_set())), Reverse(*priority), id)
    }
}

/// The lists that apply, the one that wins first: found once a basket, asked once a line.
pub struct ListsInForce<'a>(Vec<&'a ListBook>);

impl<'a> ListsInForce<'a> {
    /// Those of `lists` that apply.
    pub(super) fn of(lists: &'a OrdMap<PriceListId, Arc<ListBook>>, context: &PriceContext<'_>) -> Self {
        let mut found: Vec<&ListBook> = lists.values().map(|list| &**list).filter(|list| list.applies(context)).collect();
        found.sort_unstable_by(|left, right| left.rank().cmp(&right.rank()));
        Self(found)
    }

    /// The list and the price of one, when `units` are bought in all; none when no list names the SKU for so few.
    #[must_use]
    pub fn price_of(&self, sku: &Sku, units: i64) -> Option<(&'a PriceListId, i64)> {
        self.0.iter().find_map(|list| {
            let tier = list.tiers(sku)?.iter().rev().find(|tier| tier.from_units <= units)?;
            Some((&list.list.id, tier.unit_minor))
        })
    }

    /// Whether no list applies.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
