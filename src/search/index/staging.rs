//! What the writer does with one product: put or removed, in every part of the index; or in the columns alone, where nothing but its prices and its rating
//! changed.

use super::Facts;
use super::generation::Stamps;
use super::identifier::identifiers;
use super::impact::term_impacts;
use super::indexer::Indexer;
use super::wording::wording_of;
use crate::catalog::{CatalogSnapshot, Product};
use crate::id::Ordinal;
use rayon::prelude::*;

/// Products that are compared with their stamps together.
const COMPARED_TOGETHER: usize = 4_096;

impl Indexer {
    /// Stages every product whose document is not the one behind its stamp.
    pub(super) fn stage_differences(&mut self, catalog: &CatalogSnapshot) {
        let end = catalog.ordinals_end().0.max(self.stamps.end());
        for start in (0..end).step_by(COMPARED_TOGETHER) {
            let together = start..end.min(start.saturating_add(COMPARED_TOGETHER as u32));
            let stamps = &self.stamps;
            let differences: Vec<(Ordinal, Option<Product>)> =
                together.into_par_iter().filter_map(|ordinal| difference(catalog, stamps, Ordinal(ordinal))).collect();
            for (ordinal, product) in differences {
                match product {
                    Some(product) => self.stage_put(ordinal, &product),
                    None => self.stage_remove(ordinal),
                }
            }
        }
    }

    pub(super) fn stage_put(&mut self, ordinal: Ordinal, product: &Product) {
        let wording = wording_of(product);
        let known = self.reworded.get(&ordinal).copied().unwrap_or_else(|| self.stamps.wording(ordinal));
        if wording == known {
            return self.stage_numbers(ordinal, product);
        }
        self.reworded.insert(ordinal, wording);
        self.note(ordinal, Facts::Words);
        self.working.columns.put(ordinal, product);
        let text = &mut self.working.text;
        text.hide(ordinal);
        let identifiers = identifiers(product);
        text.infixes.put(ordinal, &identifiers);
        let languages = self.working.languages.stemmed();
        text.overlay.put(ordinal, term_impacts(product, &self.average_lengths, languages), identifiers, languages);
        self.working.titles.put(ordinal, product);
        if let Some(vectors) = &mut self.working.vectors {
            vectors.put(ordinal, product);
        }
    }

    /// Stages a product that says what it said.
    fn stage_numbers(&mut self, ordinal: Ordinal, product: &Product) {
        let renumbered = self.working.columns.renumber(ordinal, product);
        if renumbered.values {
            self.note(ordinal, Facts::Words);
        }
        if renumbered.prices {
            self.note(ordinal, Facts::Prices);
        }
        if let Some(before) = renumbered.rating {
            self.changed = true;
            self.working.changes.note_rating(ordinal, before);
        }
    }

    fn note(&mut self, ordinal: Ordinal, facts: Facts) {
        self.changed = true;
        self.working.changes.note(ordinal, facts);
    }

    pub(super) fn stage_remove(&mut self, ordinal: Ordinal) {
        self.reworded.insert(ordinal, 0);
        self.note(ordinal, Facts::Words);
        self.working.columns.remove(ordinal);
        self.working.text.hide(ordinal);
        self.working.text.overlay.remove(ordinal);
        self.working.text.infixes.remove(ordinal);
        self.working.titles.remove(ordinal);
        if let Some(vectors) = &mut self.working.vectors {
            vectors.remove(ordinal);
        }
    }
}

/// The product as it is now (none: removed), if it is not what the stamp says.
fn difference(catalog: &CatalogSnapshot, stamps: &Stamps, ordinal: Ordinal) -> Option<(Ordinal, Option<Product>)> {
    let document = catalog.document(ordinal);
    let stamp = document.as_ref().map_or(0, |document| Stamps::of(document));
    (stamp != stamps.get(ordinal)).then(|| (ordinal, document.and_then(|document| Product::from_document(&document).ok())))
}
