//! Bundles: SKUs that are not stocked themselves but take others from stock, and share those with whatever else takes them.

use super::Stock;
use crate::event::trade::Component;
use crate::id::{Ordinal, Sku};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bundle {
    /// What is bought.
    pub sku: Sku,
    /// The product it is a variant of.
    pub product: Ordinal,
    /// What one of it takes from stock, in order of SKU.
    pub components: Vec<Component>,
    /// How many could be sold if nothing else was: the fewest that any component is enough for.
    pub available: i64,
}

impl Stock {
    /// A bundle.
    #[must_use]
    pub fn bundle(&self, sku: &Sku) -> Option<&Arc<Bundle>> {
        self.bundles.get(sku)
    }

    /// Whether there are any bundles at all.
    #[must_use]
    pub fn has_bundles(&self) -> bool {
        !self.bundles.is_empty()
    }

    /// Bundles in order of SKU.
    #[must_use]
    pub fn bundles(&self) -> Vec<&Bundle> {
        self.bundles.sorted().into_iter().map(|(_, bundle)| &**bundle).collect()
    }

    /// The bundles that a SKU is part of, in order of SKU.
    #[must_use]
    pub fn bundles_with(&self, component: &Sku) -> &[Sku] {
        self.parts.get(component).map_or(&[], |bundles| bundles)
    }

    /// Sets what a bundle takes from stock.
    pub fn set_bundle(&mut self, sku: &Sku, product: Ordinal, components: &[Component]) {
        self.remove_bundle(sku);
        for part in components {
            let bundles: BTreeSet<Sku> = self.bundles_with(&part.sku).iter().chain([sku]).cloned().collect();
            self.parts.insert(part.sku.clone(), bundles.into_iter().collect());
        }
        let mut components = components.to_vec();
        components.sort_unstable();
        let available = self.available_bundles(&components);
        self.credit_product(product, available);
        self.touch(product, sku);
        self.bundles.insert(sku.clone(), Arc::new(Bundle { sku: sku.clone(), product, components, available }));
    }

    /// Forgets a bundle; its SKU may be stocked then.
    pub fn remove_bundle(&mut self, sku: &Sku) {
        let Some(bundle) = self.bundles.remove(sku) else { return };
        for part in &bundle.components {
            let rest: Arc<[Sku]> = self.bundles_with(&part.sku).iter().filter(|known| *known != sku).cloned().collect();
            if rest.is_empty() {
                self.parts.remove(&part.sku);
            } else {
                self.parts.insert(part.sku.clone(), rest);
            }
        }
        self.credit_product(bundle.product, -bundle.available);
        self.touch(bundle.product, sku);
    }

    /// How many bundles of `components` could be sold.
    pub(in crate::inventory) fn available_bundles(&self, components: &[Component]) -> i64 {
        components.iter().map(|part| self.shared(&part.sku) / part.quantity.max(1)).min().unwrap_or(0)
    }

    /// Lets the bundles that a SKU is part of follow it.
    pub(super) fn follow_component(&mut self, component: &Sku) {
        let Some(bundles) = self.parts.get(component).cloned() else { return };
        for sku in bundles.iter() {
            let Some(bundle) = self.bundles.get(sku) else { continue };
            let (product, before, after) = (bundle.product, bundle.available, self.available_bundles(&bundle.components));
            if before == after {
                continue;
            }
            if let Some(bundle) = self.bundles.get_mut(sku) {
                Arc::make_mut(bundle).available = after;
            }
            self.credit_product(product, after - before);
            self.touch(product, sku);
        }
    }
}
