//! What the rules in force do to one search: products leave and join the match set, stand first, score higher or lower; and what the page is
//! told.

use super::book::InForce;
use super::rule::{PINS_MAX, Selection};
use super::synonyms::UsedSynonym;
use crate::catalog::CatalogSnapshot;
use crate::id::{Ordinal, ProductId, SettingId};
use crate::search::SearchError;
use crate::search::dense::DenseSet;
use crate::search::filter::{Filter, Scope};
use crate::search::index::{SearchSnapshot, TermGroup, TextQuery};
use crate::search::matched::{Class, Match, Matched, Share};
use crate::search::understand::Query;
use roaring::RoaringBitmap;
use serde::Serialize;
use serde_json::{Value, json};
use std::borrow::Cow;
use std::ops::RangeInclusive;
use std::sync::Arc;

/// Most banners in one answer.
const BANNERS_MAX: usize = 8;
/// Most boosts and buries in one answer; each is asked for every match.
const WEIGHTS_MAX: usize = 32;
/// What is left of the score of a product that has what the query does not want: below its like, above what hardly fits.
const DENIED: f32 = 0.3;
/// What all boosts and buries of a product together may come to.
const FACTORS: RangeInclusive<f32> = 0.01..=100.0;

/// Where the page should send the shopper.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Redirect {
    /// The rule that says so.
    pub rule: SettingId,
    /// The address.
    pub url: String,
}

/// What the page should show above the hits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Banner {
    /// The rule that says so.
    pub rule: SettingId,
    /// Plain text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Address of a picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// Where it leads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// Another query was searched for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReplacedQuery {
    /// The rule that says so.
    pub rule: SettingId,
    /// What was searched for.
    pub query: String,
}

/// What merchants did to an answer, as the page is told.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Merchandised {
    /// The rules in force, in the order in which they were applied.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<SettingId>,
    /// The synonyms that were used.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub synonyms: Vec<UsedSynonym>,
    /// What was searched for instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replaced_query: Option<ReplacedQuery>,
    /// Where to go instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redirect: Option<Redirect>,
    /// What to show.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub banners: Vec<Banner>,
}

/// What rules look at when they shape a match set.
#[derive(Clone, Copy)]
pub struct Stage<'a> {
    /// What was understood.
    pub query: &'a Query,
    /// Words.
    pub index: &'a SearchSnapshot,
    /// Names of products.
    pub catalog: &'a CatalogSnapshot,
    /// Facts, live numbers and marketplace.
    pub scope: Scope<'a>,
    /// Whether hits come in the order of relevance; if not, places and factors do not hold.
    pub is_by_relevance: bool,
}

impl InForce {
    /// The query to search for: the typed one unless a rule replaces it. Rules were chosen by the typed one; none is chosen anew.
    #[must_use]
    pub fn query<'a>(&'a self, typed: &'a str) -> &'a str {
        self.replacing().map_or(typed, |(_, query)| query)
    }

    /// Whether a rule replaces the query.
    #[must_use]
    pub fn replaces(&self) -> bool {
        self.replacing().is_some()
    }

    fn replacing(&self) -> Option<(&SettingId, &str)> {
        self.rules.iter().find_map(|(id, rule)| Some((id, rule.document.then.replace_query.as_deref()?)))
    }

    /// What the page is told.
    #[must_use]
    pub fn told(&self, synonyms: Vec<UsedSynonym>) -> Merchandised {
        let redirect = self.rules.iter().find_map(|(id, rule)| Some((id, rule.document.then.redirect.clone()?)));
        let banner = |(id, rule): &(SettingId, std::sync::Arc<super::Rule>)| {
            let banner = rule.document.then.banner.clone()?;
            Some(Banner { rule: id.clone(), text: banner.text, image: banner.image, url: banner.url })
        };
        Merchandised {
            rules: self.rules.iter().map(|(id, _)| id.clone()).collect(),
            synonyms,
            replaced_query: self.replacing().map(|(rule, query)| ReplacedQuery { rule: rule.clone(), query: query.to_owned() }),
            redirect: redirect.map(|(rule, url)| Redirect { rule: rule.clone(), url }),
            banners: self.rules.iter().filter_map(banner).take(BANNERS_MAX).collect(),
        }
    }

    /// Lets pinned products join the match set and takes hidden ones out, whatever the order of hits is, so that totals are the same for
    /// every order.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn shape(&self, matched: &mut Cow<'_, Matched>, stage: Stage<'_>) -> Result<Adjustments, SearchError> {
        if self.rules.is_empty() {
            return Ok(Adjustments::default());
        }
        let mut pins = self.pins(stage)?;
        let matched = matched.to_mut();
        join(matched, pins.iter().map(|(ordinal, _)| *ordinal));
        let hidden = self.hidden(stage.catalog, stage.scope, &matched.products);
        take_out(matched, &hidden);
        pins.retain(|(ordinal, _)| !hidden.contains(ordinal.0));
        Ok(if stage.is_by_relevance { self.adjustments(pins, matched, stage) } else { Adjustments::default() })
    }

    /// The products of `within` that the rules hide.
    #[must_use]
    pub fn hidden(&self, catalog: &CatalogSnapshot, scope: Scope<'_>, within: &RoaringBitmap) -> RoaringBitmap {
        let hidden = self.rules.iter().flat_map(|(_, rule)| &rule.hidden);
        hidden.fold(RoaringBitmap::new(), |hidden, selection| hidden | selected(selection, catalog, scope, within))
    }

    /// The products to pin, first place first, each with its rule: live, not shut out by the query, and available unless the rule says that
    /// it does not matter.
    fn pins(&self, stage: Stage<'_>) -> Result<Vec<(Ordinal, SettingId)>, SearchError> {
        let mut pins: Vec<(Ordinal, SettingId)> = Vec::new();
        for (id, rule) in &self.rules {
            let then = &rule.document.then;
            for ordinal in ordinals(&then.pin, stage.catalog, stage.scope) {
                let may_stand = then.pin_unavailable || stage.scope.live.is_available(ordinal);
                if may_stand && pins.len() < PINS_MAX && pins.iter().all(|(known, _)| *known != ordinal) {
                    pins.push((ordinal, id.clone()));
                }
            }
        }
        if !pins.is_empty() && !stage.query.excluded.is_empty() {
            let shut_out = excluded(stage.query, stage.index)?;
            pins.retain(|(ordinal, _)| !shut_out.contains(*ordinal));
        }
        Ok(pins)
    }

    fn adjustments(&self, pins: Vec<(Ordinal, SettingId)>, matched: &Matched, stage: Stage<'_>) -> Adjustments {
        let end = stage.scope.columns.ordinals_end();
        let mut pinned = DenseSet::below(if pins.is_empty() { 0 } else { end });
        for (ordinal, _) in &pins {
            pinned.insert(*ordinal);
        }
        let weighed = self.rules.iter().flat_map(|(id, rule)| rule.weighed.iter().map(move |weighed| (id, weighed)));
        let weights = weighed.take(WEIGHTS_MAX).map(|(id, (selection, factor))| Weight {
            products: DenseSet::of(&selected(selection, stage.catalog, stage.scope, &matched.products), end),
            factor: *factor,
            rule: id.clone(),
        });
        Adjustments { pins, pinned, denied: None, weights: weights.filter(|weight| !weight.products.is_empty()).collect() }
    }
}

/// The live products of these names, but for those that are offered elsewhere only.
fn ordinals<'a>(products: &'a [ProductId], catalog: &'a CatalogSnapshot, scope: Scope<'a>) -> impl Iterator<Item = Ordinal> + 'a {
    let known = products.iter().filter_map(move |id| catalog.ordinal_of(id));
    let is_offered = scope.columns.offered_in(scope.market);
    known.filter(move |ordinal| is_offered(*ordinal))
}

/// The products of `within` that are named or pass the filter. A filter that names a field which no product has any more selects nothing.
fn selected(selection: &Selection, catalog: &CatalogSnapshot, scope: Scope<'_>, within: &RoaringBitmap) -> RoaringBitmap {
    let named: RoaringBitmap = ordinals(&selection.products, catalog, scope).map(|ordinal| ordinal.0).collect();
    let filter = selection.filter.as_ref();
    let filter = filter.and_then(|filter| Filter::resolved(&filter.expr, scope.columns, scope.market).ok());
    (named & within) | filter.map(|filter| filter.products(scope, within)).unwrap_or_default()
}

/// The products that hold all terms of an excluded word.
fn excluded(query: &Query, index: &SearchSnapshot) -> Result<DenseSet, SearchError> {
    let mut found = DenseSet::below(index.columns.ordinals_end());
    for terms in &query.excluded {
        let groups: Vec<TermGroup> = terms.iter().map(|term| TermGroup::exactly(term.clone())).collect();
        let text_query = TextQuery { required: groups.len(), groups };
        index.text.matches(&text_query, &mut |one| {
            found.insert(one.ordinal);
        })?;
    }
    Ok(found)
}

fn join(matched: &mut Matched, pins: impl Iterator<Item = Ordinal>) {
    for ordinal in pins {
        if matched.products.insert(ordinal.0)
            && let Some(matches) = &mut matched.matches
        {
            matches.push(Match { text: f32::MIN_POSITIVE, share: Share::NONE, ..Match::alike(ordinal, Class::NEAR) });
        }
    }
}

/// Takes products out of the match set.
pub(in crate::search) fn take_out(matched: &mut Matched, hidden: &RoaringBitmap) {
    if hidden.is_empty() {
        return;
    }
    matched.products -= hidden;
    if let Some(matches) = &mut matched.matches {
        matches.retain(|found| !hidden.contains(found.ordinal.0));
    }
}

#[derive(Debug, Clone)]
struct Weight {
    products: DenseSet,
    factor: f32,
    rule: SettingId,
}

/// How rules move the products of one match set.
#[derive(Debug, Clone)]
pub struct Adjustments {
    pins: Vec<(Ordinal, SettingId)>,
    pinned: DenseSet,
    weights: Vec<Weight>,
    /// Products with what the query does not want.
    denied: Option<Arc<DenseSet>>,
}

impl Default for Adjustments {
    fn default() -> Self {
        Self { pins: Vec::new(), pinned: DenseSet::below(0), weights: Vec::new(), denied: None }
    }
}

impl Adjustments {
    /// What a product's place adds to its relevance, above class, availability and score: the first pin most, no pin nothing.
    #[inline]
    #[must_use]
    pub fn place(&self, ordinal: Ordinal) -> u8 {
        if self.pinned.contains(ordinal) { self.pin(ordinal).map_or(0, |place| (PINS_MAX - place) as u8) } else { 0 }
    }

    fn pin(&self, ordinal: Ordinal) -> Option<usize> {
        self.pins.iter().position(|(pinned, _)| *pinned == ordinal)
    }

    /// The same, with the products that the query does not want lower.
    #[must_use]
    pub fn denying(self, denied: Option<&Arc<DenseSet>>) -> Self {
        Self { denied: denied.cloned(), ..self }
    }

    /// Whether no rule has a part in it.
    #[must_use]
    pub fn are_of_wishes(&self) -> bool {
        self.pins.is_empty() && self.weights.is_empty()
    }

    /// What a product's score is multiplied by, for rules and wishes: finite and above 0.
    #[inline]
    #[must_use]
    pub fn factor(&self, ordinal: Ordinal) -> f32 {
        if self.weights.is_empty() && self.denied.is_none() {
            return 1.0;
        }
        self.of_rules(ordinal) * self.of_wishes(ordinal)
    }

    /// The part of it that is left for having what the query does not want.
    #[must_use]
    pub fn of_wishes(&self, ordinal: Ordinal) -> f32 {
        if self.denied.as_ref().is_some_and(|denied| denied.contains(ordinal)) { DENIED } else { 1.0 }
    }

    /// The part of it that is the rules'.
    #[must_use]
    pub fn of_rules(&self, ordinal: Ordinal) -> f32 {
        let factors = self.weights.iter().filter(|weight| weight.products.contains(ordinal)).map(|weight| weight.factor);
        factors.product::<f32>().clamp(*FACTORS.start(), *FACTORS.end())
    }

    /// The rules that moved a product and how; empty when none did.
    #[must_use]
    pub fn explained(&self, ordinal: Ordinal) -> Vec<Value> {
        let pin = self.pin(ordinal).map(|place| json!({"rule": self.pins[place].1, "effect": "pin", "place": place + 1}));
        let moving = self.weights.iter().filter(|weight| weight.products.contains(ordinal)).map(|weight| {
            let effect = if weight.factor >= 1.0 { "boost" } else { "bury" };
            json!({"rule": weight.rule, "effect": effect, "factor": weight.factor})
        });
        pin.into_iter().chain(moving).collect()
    }
}

const _: () = assert!(PINS_MAX <= u8::MAX as usize, "places fit into a byte");
