//! What behaviour teaches the order of hits. Pinned here:
//!
//! 1. after a month in which people who search "iphone" buy the phone, the phone stands first for it, although the cable sells more overall
//!    and stands first without that month; another query is not moved;
//! 2. what a shopper looked at lately lifts products like it, and nothing without a history;
//! 3. a product that is younger stands before an equal one that is older;
//! 4. explanations of all this add up to the score.

use super::index::{Indexer, Options};
use super::*;
use crate::catalog::{CatalogStore, Change, Product};
use crate::event::{ActivityEvent, Behaviour, Events, Origin, Projection, Recorded};
use crate::id::{Offset, Ordinal, QueryId, SessionId};
use crate::signal::SignalFold;
use crate::signal::demand::{self, DemandFold};
use crate::stdx::clock::Timestamp;
use serde_json::{Value, json};
use std::sync::Arc;

const DAY_MS: i64 = 86_400_000;
const START: Timestamp = Timestamp(1_700_000_000_000);
const PHONE: Ordinal = Ordinal(0);
const CABLE: Ordinal = Ordinal(1);

struct Shop {
    catalog: CatalogStore,
    signals: SignalFold,
    demand: DemandFold,
    told_count: u64,
    now: Timestamp,
}

impl Shop {
    fn new() -> Self {
        let signals = SignalFold::new(None, crate::signal::Options::default()).expect("memory");
        let demand = DemandFold::new(demand::Options::default());
        Self { catalog: CatalogStore::new(), signals, demand, told_count: 0, now: START }
    }

    fn put(&mut self, id: &str, title: &str, brand: &str, category: &str) {
        let value = json!({"id": id, "title": title, "brand": brand, "categories": [[category]], "variants": [{"sku": id}]});
        let product: Product = serde_json::from_value(value).expect("a product");
        let Change::Event(event) = self.catalog.decide_put(product).expect("is taken") else { panic!("new products only") };
        let offset = self.catalog.progress().catalog;
        let recorded = Recorded { offset, at: self.now, events: Events::Catalog(vec![event]) };
        self.catalog.apply(&recorded);
        self.signals.apply(&recorded);
        self.demand.apply(&recorded);
    }

    fn tell(&mut self, event: ActivityEvent) {
        let recorded = Recorded { offset: Offset(self.told_count), at: self.now, events: Events::Activity(vec![event]) };
        self.told_count += 1;
        self.signals.apply(&recorded);
        self.demand.apply(&recorded);
    }

    fn act(&mut self, visit: &str, behaviour: Behaviour, product: Ordinal, query: Option<(&QueryId, u32)>) {
        let (query, rank) = query.map(|(query, rank)| (query.clone(), rank)).unzip();
        let origin = Origin { session: SessionId::new(visit).ok(), query, rank, ..Origin::default() };
        self.tell(ActivityEvent::Behaved { behaviour, product, quantity: 1, origin, happened_at: self.now });
    }

    /// Searches, chooses, and buys in one visit.
    fn visit(&mut self, number: u32, text: &str, rank: u32, bought: Ordinal) {
        let visit = format!("v{number}");
        let query = QueryId::new(&format!("q{number}")).expect("an id");
        let origin = Origin { session: SessionId::new(&visit).ok(), ..Origin::default() };
        self.tell(ActivityEvent::Searched {
            query: query.clone(),
            text: text.to_owned(),
            written: None,
            matches_count: 2,
            is_unfinished: false,
            origin,
            happened_at: None,
        });
        self.act(&visit, Behaviour::Click, bought, Some((&query, rank)));
        self.act(&visit, Behaviour::Purchase, bought, None);
    }

    fn moment(&mut self) -> Moment {
        self.signals.publish();
        self.signals.refresh(usize::MAX);
        self.demand.publish();
        let catalog = self.catalog.working().clone();
        let folder = tempfile::tempdir().expect("a folder");
        let (_, index) = Indexer::open(folder.path(), &catalog, catalog.progress(), Options::default()).expect("opens");
        Moment {
            index: index.snapshot(),
            signals: self.signals.table(),
            catalog: Arc::new(catalog),
            settings: Arc::default(),
            demand: self.demand.reader().take(),
        }
    }
}

fn search_for(moment: &Moment, q: &str, recent: &[Ordinal]) -> Answer {
    let request = Request { q: q.to_owned(), limit: 10, explain: true, recent: recent.to_vec(), mode: Mode::Text, ..Request::default() };
    search(moment, &request).expect("answers")
}

fn order_of(answer: &Answer) -> Vec<Ordinal> {
    answer.hits.iter().map(|hit| hit.ordinal).collect()
}

fn assert_adds_up(answer: &Answer) {
    for hit in &answer.hits {
        let explain = hit.explain.as_ref().expect("was asked for");
        let parts = explain["contributions"].as_array().expect("contributions");
        let sum: f64 = parts.iter().filter_map(|part| part["contribution"].as_f64()).sum();
        assert!((sum - f64::from(hit.score)).abs() < 1e-3 * sum.abs().max(1.0), "{sum} {}: {explain}", hit.score);
    }
}

fn feature(answer: &Answer, product: Ordinal, name: &str) -> f64 {
    let hit = answer.hits.iter().find(|hit| hit.ordinal == product).expect("is found");
    hit.explain.as_ref().and_then(|explain: &Value| explain[name].as_f64()).expect("a number")
}

#[test]
fn the_phone_stands_first_for_iphone_although_the_cable_sells_more() {
    let mut shop = Shop::new();
    shop.put("phone", "Apple iphone 15 smartphone with 128 gb of memory in black", "Apple", "Phones");
    shop.put("cable", "Cable for iphone", "Volt", "Cables");
    shop.put("other", "Apple iphone 14 smartphone with 128 gb of memory in red", "Apple", "Phones");
    shop.put("case", "Leather case for the iphone and other smartphones in brown", "Volt", "Cases");
    let mut number = 0;
    for _day in 0..30 {
        for _ in 0..6 {
            shop.visit(number, "iphone", 2, PHONE);
            number += 1;
        }
        for _ in 0..24 {
            shop.visit(number, "cable", 1, CABLE);
            number += 1;
        }
        shop.now = shop.now.plus_ms(DAY_MS);
    }
    let moment = shop.moment();
    let unlearned = Moment { demand: Arc::default(), ..moment.clone() };
    assert_eq!(order_of(&search_for(&unlearned, "iphone", &[]))[0], CABLE);
    let answer = search_for(&moment, "iphone", &[]);
    assert_eq!(order_of(&answer)[0], PHONE);
    assert!(feature(&answer, CABLE, "velocity") > 2.0 * feature(&answer, PHONE, "velocity"), "the cable sells more");
    assert!(feature(&answer, PHONE, "demand") > 0.1 && feature(&answer, Ordinal(2), "category_demand") > 0.5);
    assert_eq!(feature(&answer, Ordinal(3), "category_demand"), 0.0);
    assert_adds_up(&answer);
    assert_eq!(order_of(&search_for(&moment, "cable", &[])), [CABLE]);
    assert_eq!(order_of(&search_for(&moment, "smartphone", &[])), order_of(&search_for(&unlearned, "smartphone", &[])));
}

#[test]
fn what_a_shopper_looked_at_lifts_products_like_it() {
    let mut shop = Shop::new();
    for (number, (brand, category)) in [("Alder", "Lamps"), ("Birk", "Desks"), ("Birk", "Lamps"), ("Alder", "Desks")].iter().enumerate() {
        shop.put(&format!("p{number}"), "oak thing", brand, category);
    }
    let moment = shop.moment();
    assert_eq!(order_of(&search_for(&moment, "oak", &[])), [0, 1, 2, 3].map(Ordinal));
    let leaning = search_for(&moment, "oak", &[Ordinal(3), Ordinal(1), Ordinal(999)]);
    assert_eq!(order_of(&leaning)[..2], [Ordinal(3), Ordinal(1)]);
    assert_adds_up(&leaning);
}

#[test]
fn of_equal_products_the_younger_stands_first() {
    let mut shop = Shop::new();
    shop.put("old", "oak desk and chair", "A", "Desks");
    shop.now = shop.now.plus_ms(200 * DAY_MS);
    shop.put("young", "oak desk and chair", "A", "Desks");
    let answer = search_for(&shop.moment(), "oak desk", &[]);
    assert_eq!(order_of(&answer), [Ordinal(1), Ordinal(0)]);
    assert!(feature(&answer, Ordinal(1), "freshness") == 1.0 && feature(&answer, Ordinal(0), "freshness") < 0.02);
    assert_adds_up(&answer);
}
