//! What the shop was told about its locations, carriers, addresses and weights, kept so that choosing walks it in order.

use super::carrier::{Carrier, Destination};
use crate::event::trade::Address;
use crate::event::trade::fulfilment::{CarrierFacts, GeoPoint, LocationFacts, PlaceFacts, SourcingPolicy, WeightFacts};
use crate::id::{CarrierId, LocationId, Sku};
use crate::stdx::table::Table;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// All facts. Clones are cheap snapshots.
#[derive(Clone, Default)]
pub struct Facts {
    locations: Arc<Vec<Arc<LocationFacts>>>,
    carriers: Arc<Vec<Arc<CarrierFacts>>>,
    places: Arc<BTreeMap<String, Arc<[PlaceFacts]>>>,
    weights: Table<Sku, i64>,
    policy: SourcingPolicy,
}

/// The facts as a checkpoint keeps them.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct FactsKept {
    locations: Vec<Arc<LocationFacts>>,
    carriers: Vec<Arc<CarrierFacts>>,
    places: Vec<(String, Arc<[PlaceFacts]>)>,
    weights: Vec<(Sku, i64)>,
    policy: SourcingPolicy,
}

impl Facts {
    /// Locations of which something was told, in order of name.
    #[must_use]
    pub fn locations(&self) -> &[Arc<LocationFacts>] {
        &self.locations
    }

    /// What was told of a location.
    #[must_use]
    pub fn location(&self, id: &LocationId) -> Option<&Arc<LocationFacts>> {
        let place = self.locations.binary_search_by(|known| known.id.cmp(id)).ok()?;
        self.locations.get(place)
    }

    /// Carriers, in order of name.
    #[must_use]
    pub fn carriers(&self) -> &[Arc<CarrierFacts>] {
        &self.carriers
    }

    /// A carrier.
    #[must_use]
    pub fn carrier(&self, id: &CarrierId) -> Option<&Arc<CarrierFacts>> {
        let place = self.carriers.binary_search_by(|known| known.id.cmp(id)).ok()?;
        self.carriers.get(place)
    }

    /// Whether any carrier takes work: else every parcel costs the same and nothing can be promised.
    #[must_use]
    pub fn has_carriers(&self) -> bool {
        self.carriers.iter().any(|carrier| carrier.is_enabled())
    }

    /// Whether anything was told about locations or carriers.
    #[must_use]
    pub fn is_told(&self) -> bool {
        !self.locations.is_empty() || !self.carriers.is_empty()
    }

    /// Areas of a country, ascending by postal prefix.
    #[must_use]
    pub fn places(&self, country: &str) -> &[PlaceFacts] {
        self.places.get(country).map_or(&[], |places| places)
    }

    /// Countries of which areas are known.
    pub fn countries(&self) -> impl Iterator<Item = &str> {
        self.places.keys().map(String::as_str)
    }

    /// What one unit weighs, in grams.
    #[must_use]
    pub fn weight_g(&self, sku: &Sku) -> i64 {
        self.weights.get(sku).copied().unwrap_or(self.policy.weight_default_g)
    }

    /// SKUs whose weight was told.
    #[must_use]
    pub fn weights_count(&self) -> usize {
        self.weights.len()
    }

    /// What choosing goes by.
    #[must_use]
    pub fn policy(&self) -> &SourcingPolicy {
        &self.policy
    }

    /// Where an address is, as carriers and distances go by it.
    #[must_use]
    pub fn destination(&self, address: &Address) -> Destination {
        let country = address.country.to_ascii_uppercase();
        let postal_code: String = address.postal_code.chars().filter(|letter| !letter.is_whitespace()).collect();
        let postal_code = postal_code.to_uppercase();
        let point = self.point(&country, &postal_code);
        Destination { country, region: address.region.trim().to_owned(), postal_code, point }
    }

    /// The middle of the area with the longest prefix of a postal code.
    fn point(&self, country: &str, postal_code: &str) -> Option<GeoPoint> {
        let places = self.places(country);
        let lengths = (0..=postal_code.len()).rev().filter(|length| postal_code.is_char_boundary(*length));
        let found = lengths.map(|length| places.binary_search_by(|place| place.postal_prefix.as_str().cmp(&postal_code[..length])));
        found.flatten().next().map(|place| places[place].point)
    }

    pub(super) fn set_location(&mut self, location: LocationFacts) {
        put(Arc::make_mut(&mut self.locations), location, |known| known.id.clone());
    }

    pub(super) fn set_carrier(&mut self, carrier: CarrierFacts) {
        put(Arc::make_mut(&mut self.carriers), carrier, |known| known.id.clone());
    }

    pub(super) fn remove_carrier(&mut self, id: &CarrierId) -> bool {
        let place = self.carriers.binary_search_by(|known| known.id.cmp(id));
        place.is_ok_and(|place| {
            Arc::make_mut(&mut self.carriers).remove(place);
            true
        })
    }

    pub(super) fn set_places(&mut self, country: &str, places: &[PlaceFacts]) {
        let known = Arc::make_mut(&mut self.places);
        if places.is_empty() {
            known.remove(country);
        } else {
            known.insert(country.to_owned(), Arc::from(places));
        }
    }

    pub(super) fn set_weights(&mut self, weights: &[WeightFacts]) {
        for WeightFacts { sku, weight_g } in weights {
            self.weights.insert(sku.clone(), *weight_g);
        }
    }

    pub(super) fn set_policy(&mut self, policy: SourcingPolicy) {
        self.policy = policy;
    }

    pub(super) fn kept(&self) -> FactsKept {
        FactsKept {
            locations: self.locations.to_vec(),
            carriers: self.carriers.to_vec(),
            places: self.places.iter().map(|(country, places)| (country.clone(), Arc::clone(places))).collect(),
            weights: self.weights.sorted().into_iter().map(|(sku, weight_g)| (sku.clone(), *weight_g)).collect(),
            policy: self.policy,
        }
    }
}

impl From<FactsKept> for Facts {
    fn from(kept: FactsKept) -> Self {
        let FactsKept { locations, carriers, places, weights, policy } = kept;
        let places = Arc::new(places.into_iter().collect());
        Self { locations: Arc::new(locations), carriers: Arc::new(carriers), places, weights: weights.into_iter().collect(), policy }
    }
}

/// Puts a fact in the place of its name.
fn put<T, K: Ord>(known: &mut Vec<Arc<T>>, fact: T, name: impl Fn(&T) -> K) {
    let key = name(&fact);
    match known.binary_search_by(|other| name(other).cmp(&key)) {
        Ok(place) => known[place] = Arc::new(fact),
        Err(place) => known.insert(place, Arc::new(fact)),
    }
}
