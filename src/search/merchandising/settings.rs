//! Rules, synonyms and experiments as a search reads them: a fold over what the catalogue stream says of settings.

use super::book::{Asked, InForce, RuleBook};
use super::rule::Rule;
use super::synonyms::{Synonym, Synonyms, UsedSynonym};
use crate::catalog;
use crate::event::{CatalogEvent, SettingKind};
use crate::id::{MarketplaceId, SettingId};
use crate::search::Request;
use crate::search::experiment::{Experiment, Experiments, Part};
use crate::search::filter::{Filter, Scope};
use crate::search::understand::Query;
use crate::stdx::clock::Timestamp;

/// All that is switched on. Cloning shares everything.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    pub(super) book: RuleBook,
    synonyms: Synonyms,
    experiments: Experiments,
}

impl Settings {
    /// What these documents mean.
    #[must_use]
    pub fn of(documents: &catalog::Settings) -> Self {
        let mut settings = Self::default();
        for kind in [SettingKind::Rule, SettingKind::Synonym, SettingKind::Experiment] {
            for (id, setting) in documents.holding(kind, None) {
                setting.document.iter().for_each(|document| settings.put(kind, id, &document.0));
            }
        }
        settings
    }

    /// Folds an event; says whether it was about a setting.
    pub fn apply(&mut self, event: &CatalogEvent) -> bool {
        match event {
            CatalogEvent::SettingPut { kind, id, document, .. } => self.put(*kind, id, &document.0),
            CatalogEvent::SettingRemoved { kind, id, .. } => self.remove(*kind, id),
            CatalogEvent::ProductPut { .. } | CatalogEvent::ProductRemoved { .. } | CatalogEvent::KeyUsed { .. } => return false,
        }
        true
    }

    /// Documents were checked before they were recorded; one that another release took and this one cannot read does not hold.
    fn put(&mut self, kind: SettingKind, id: &SettingId, document: &[u8]) {
        let read = match kind {
            SettingKind::Rule => serde_json::from_slice(document)
                .map_err(|error| error.to_string())
                .and_then(|document| Rule::of(document).map_err(|fault| fault.to_string()))
                .map(|rule| self.put_rule(id, rule)),
            SettingKind::Synonym => serde_json::from_slice(document)
                .map_err(|error| error.to_string())
                .and_then(|document| Synonym::of(document).map_err(|fault| fault.to_string()))
                .map(|synonym| self.put_synonym(id, synonym)),
            SettingKind::Experiment => serde_json::from_slice(document)
                .map_err(|error| error.to_string())
                .and_then(|document| Experiment::of(document).map_err(|fault| fault.to_string()))
                .map(|experiment| self.experiments.put(id, experiment)),
        };
        if let Err(reason) = read {
            tracing::warn!(%id, reason, "a setting cannot be read; it does not hold");
            self.remove(kind, id);
        }
    }

    /// Puts a rule in place of what had its name.
    pub fn put_rule(&mut self, id: &SettingId, rule: Rule) {
        self.book.put(id, rule);
    }

    /// Puts a synonym in place of what had its name.
    pub fn put_synonym(&mut self, id: &SettingId, synonym: Synonym) {
        self.synonyms.put(id, synonym);
    }

    /// Takes a setting away; nothing happens when it is not here.
    pub fn remove(&mut self, kind: SettingKind, id: &SettingId) {
        match kind {
            SettingKind::Rule => self.book.remove(id),
            SettingKind::Synonym => self.synonyms.remove(id),
            SettingKind::Experiment => self.experiments.remove(id),
        }
    }

    /// The rules whose conditions are all true of a request, in the order in which they apply; `filter` is the request's.
    #[must_use]
    pub fn in_force(&self, request: &Request, filter: &Filter, scope: Scope<'_>) -> InForce {
        if self.book.is_empty() || request.overrides.is_off(Part::Rules) {
            return InForce::default();
        }
        self.book.in_force(&Asked::of(request, filter, scope))
    }

    /// Whether there are no rules at all.
    #[must_use]
    pub fn are_none(&self) -> bool {
        self.book.is_empty()
    }

    /// The rules in force that wait for nothing but their time and marketplace: what they hide is hidden from suggestions and
    /// recommendations too.
    #[must_use]
    pub fn standing(&self, marketplace: Option<&MarketplaceId>, now: Timestamp) -> InForce {
        if self.book.is_empty() { InForce::default() } else { self.book.standing(marketplace, now) }
    }

    /// The marketplaces that rules and synonyms name.
    pub fn marketplaces(&self) -> impl Iterator<Item = &MarketplaceId> {
        self.book.marketplaces().chain(self.synonyms.marketplaces())
    }

    /// Words that stand for others.
    #[must_use]
    pub fn synonyms(&self) -> &Synonyms {
        &self.synonyms
    }

    /// Lets words that stand for others join those of a query; says which did.
    pub fn expand(&self, query: &mut Query, request: &Request) -> Vec<UsedSynonym> {
        if request.overrides.is_off(Part::Synonyms) {
            return Vec::new();
        }
        self.synonyms.expand(query, request.marketplace.as_ref())
    }

    /// Experiments, whatever their state.
    #[must_use]
    pub fn experiments(&self) -> &Experiments {
        &self.experiments
    }
}
