//! Tells the trade stream what products cost before and after a change of the catalogue, for the price history.
//!
//! It is told when the catalogue's entry is durable, and before the change is answered: whoever was answered finds it in the history. A process
//! that ends between the two appends forgets that one change, never the price.

use super::trade_job::TradeJob;
use crate::catalog::{CatalogSnapshot, Offer, Variant};
use crate::event::trade::pricing::BasePrice;
use crate::event::{CatalogEvent, Document};
use crate::id::{MarketplaceId, Sku};
use crate::money::Money;
use crate::trade::{Action, Command, PricingAction};
use crossbeam::channel::{Sender, bounded};
use std::collections::BTreeMap;

/// Most changes that one command tells of; the trade engine takes as many.
const CHANGES_MAX: usize = 10_000;

type Prices = BTreeMap<(Sku, Option<MarketplaceId>), Money>;

/// What an event about a known product changes in prices, before it is folded. A new product has no history.
pub(super) fn changed(catalog: &CatalogSnapshot, event: &CatalogEvent) -> Vec<BasePrice> {
    let (ordinal, document) = match event {
        CatalogEvent::ProductPut { ordinal, document, .. } => (*ordinal, Some(document)),
        CatalogEvent::ProductRemoved { ordinal, .. } => (*ordinal, None),
        CatalogEvent::SettingPut { .. } | CatalogEvent::SettingRemoved { .. } | CatalogEvent::KeyUsed { .. } => return Vec::new(),
    };
    let Some(known) = catalog.product(ordinal).filter(|_| catalog.is_live(ordinal)) else { return Vec::new() };
    let before = prices(&known.variants);
    let after = document.map(|Document(bytes)| bytes).and_then(|bytes| crate::catalog::Product::from_document(bytes).ok());
    let after = after.map(|product| prices(&product.variants)).unwrap_or_default();
    let of_known = before.iter().filter(|(offer, price)| after.get(*offer) != Some(price));
    let new = after.iter().filter(|(offer, _)| !before.contains_key(*offer));
    let change = |(sku, marketplace): &(Sku, Option<MarketplaceId>)| BasePrice {
        sku: sku.clone(),
        marketplace: marketplace.clone(),
        before: before.get(&(sku.clone(), marketplace.clone())).copied(),
        after: after.get(&(sku.clone(), marketplace.clone())).copied(),
    };
    of_known.map(|(offer, _)| change(offer)).chain(new.map(|(offer, _)| change(offer))).collect()
}

fn prices(variants: &[Variant]) -> Prices {
    let offer = |sku: &Sku, offer: &Offer| ((sku.clone(), offer.marketplace.clone()), offer.price);
    variants.iter().flat_map(|variant| variant.offers.iter().map(|known| offer(&variant.sku, known))).collect()
}

/// Tells the trade writer, and waits until it has written it down.
pub(super) fn tell(trade: &Sender<TradeJob>, changes: &[BasePrice]) {
    for changes in changes.chunks(CHANGES_MAX) {
        let (sender, told) = bounded(1);
        let action = Action::Pricing(PricingAction::NoteBasePrices { changes: changes.to_vec() });
        let reply = Box::new(move |answer: Result<_, _>| {
            let _is_waited_for = sender.send(answer.is_ok());
        });
        let job = TradeJob::Command { command: Box::new(Command { key: None, action }), wait_for_payment: false, reply };
        if trade.send(job).is_err() || told.recv() != Ok(true) {
            tracing::warn!(count = changes.len(), "changes of prices are missing in the price history: the trade writer takes no writes");
        }
    }
}
