//! Small catalogues and random filters for the tests of filters, facets and the whole search.

use super::columns::{Columns, MarketId};
use super::fields::{Live, LiveNumber};
use super::filter::Scope;
use super::heard::Hearsay;
use super::index::{Indexer, Options, SearchIndex, SearchSnapshot, build_generation, promote};
use super::merchandising::Settings;
use super::{Answer, Hit, Languages, Moment, Request, search};
use crate::catalog::product::Product;
use crate::catalog::{CatalogStore, Change};
use crate::event::{ActivityEvent, Behaviour, CatalogEvent, Events, Origin, Projection, Recorded};
use crate::id::{Offset, Ordinal, QueryId, SessionId};
use crate::model::embedding::Embeddings;
use crate::signal::demand::{self, DemandFold, DemandSnapshot};
use crate::signal::{Sellable, SignalFold, SkuMark};
use crate::stdx::clock::{Deadline, Timestamp};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::sync::Arc;

/// Words of random titles; `lamp` and `light` mean nearly the same.
pub(super) const WORDS: [&str; 5] = ["desk", "lamp", "light", "oak", "red"];

pub(super) fn embeddings() -> Embeddings {
    let terms: Vec<String> = WORDS.iter().map(|word| (*word).to_owned()).collect();
    let vectors = [[0.0, 1.0, 0.0, 0.0], [1.0, 0.1, 0.0, 0.0], [1.0, -0.1, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]];
    Embeddings::from_parts(&terms, vec![1.0; 5], vectors.concat(), 4, 0.4).expect("consistent")
}

/// A shop that goes on changing while it is searched.
pub(super) struct LiveShop {
    store: CatalogStore,
    signals: SignalFold,
    indexer: Indexer,
    index: Arc<SearchIndex>,
    settings: Arc<Settings>,
    embeddings: Option<Arc<Embeddings>>,
    folder: tempfile::TempDir,
    next: Offset,
}

impl LiveShop {
    /// A shop without products.
    pub(super) fn open(embeddings: Option<Embeddings>) -> Self {
        Self::with(Options { embeddings: embeddings.map(Arc::new), ..Options::default() })
    }

    /// The same where these languages are read.
    pub(super) fn speaking(languages: Languages) -> Self {
        Self::with(Options { languages: Arc::new(languages), ..Options::default() })
    }

    fn with(options: Options) -> Self {
        let store = CatalogStore::new();
        let folder = tempfile::tempdir().expect("a folder");
        let progress = store.working().progress();
        let embeddings = options.embeddings.clone();
        let (indexer, index) = Indexer::open(folder.path(), store.working(), progress, options).expect("opens");
        let signals = SignalFold::new(None, crate::signal::Options::default()).expect("memory");
        Self { store, signals, indexer, index, settings: Arc::default(), embeddings, folder, next: Offset(0) }
    }

    /// Puts all products into a generation.
    pub(super) fn build(&mut self) {
        let (path, catalog) = (self.folder.path(), self.store.working());
        let built =
            build_generation(path, catalog, catalog.progress(), self.embeddings.as_deref(), &[], Timestamp(1), &|_, _| {}).expect("builds");
        promote(path, built.id).expect("is whole");
        self.indexer.swap(built.id, catalog).expect("opens");
    }

    /// Takes a product in, and says under which ordinal. A new one is available unless its number divides by three.
    pub(super) fn put(&mut self, product: Product) -> Ordinal {
        match self.store.decide_put(product).expect("is taken") {
            Change::Unchanged(ordinal) => ordinal,
            Change::Event(event) => {
                let CatalogEvent::ProductPut { ordinal, .. } = event else { panic!("a put puts") };
                let is_new = ordinal == self.store.working().ordinals_end();
                self.apply(event);
                if is_new {
                    self.set_available(ordinal, i64::from(!ordinal.0.is_multiple_of(3)) * 5);
                }
                ordinal
            }
        }
    }

    /// Takes a product out, if it is there.
    pub(super) fn remove(&mut self, ordinal: Ordinal) {
        let Some(id) = self.store.working().id_of(ordinal).filter(|_| self.store.working().is_live(ordinal)) else { return };
        if let Ok(Change::Event(event)) = self.store.decide_remove(&id) {
            self.apply(event);
        }
    }

    pub(super) fn set_available(&mut self, ordinal: Ordinal, units: i64) {
        self.signals.set_available(ordinal, units);
    }

    /// Tells how many units of each SKU can be sold.
    pub(super) fn stock(&mut self, product: Ordinal, skus: &[(&str, i64)]) {
        let told = skus.iter().map(|(sku, units)| (SkuMark::of(sku), *units > 0)).collect();
        self.signals.set_sellable(&Sellable { product, units: skus.iter().map(|(_, units)| units).sum(), skus: told });
    }

    /// Somebody does something with a product.
    pub(super) fn tell(&mut self, product: Ordinal, behaviour: Behaviour, happened_at: Timestamp) {
        let behaved = ActivityEvent::Behaved { behaviour, product, quantity: 1, origin: Origin::default(), happened_at };
        self.signals.apply(&Recorded { offset: Offset(0), at: happened_at, events: Events::Activity(vec![behaved]) });
    }

    fn apply(&mut self, event: CatalogEvent) {
        let recorded = Recorded { offset: self.next, at: Timestamp(0), events: Events::Catalog(vec![event]) };
        self.next = self.next.plus(1);
        self.store.apply(&recorded);
        self.signals.apply(&recorded);
        self.indexer.apply(&recorded);
    }

    /// What a search reads now.
    pub(super) fn moment(&mut self) -> Moment {
        self.signals.publish();
        self.indexer.commit();
        Moment {
            index: self.index.snapshot(),
            signals: self.signals.table(),
            catalog: Arc::new(self.store.working().clone()),
            settings: Arc::clone(&self.settings),
            demand: Arc::default(),
        }
    }

    pub(super) fn search(&mut self, request: &Request) -> Answer {
        search(&self.moment(), request).unwrap_or_else(|error| panic!("{request:?}: {error}"))
    }
}

/// A shop of products with these titles, each with more of a document, all in stock.
pub(super) fn described(products: &[(&str, Value)]) -> LiveShop {
    described_in(LiveShop::open(None), products)
}

/// The same in a shop without products.
pub(super) fn described_in(mut shop: LiveShop, products: &[(&str, Value)]) -> LiveShop {
    for (number, (title, more)) in products.iter().enumerate() {
        let id = format!("p{number}");
        let mut value = json!({"id": id, "title": title, "variants": [{"sku": id, "offers": []}]});
        more.as_object().into_iter().flatten().for_each(|(name, part)| value[name] = part.clone());
        let product: Product = serde_json::from_value(value).expect("a product");
        let ordinal = shop.put(product);
        shop.set_available(ordinal, 5);
    }
    shop
}

/// The same moment without anything remembered.
pub(super) fn forgetful(moment: &Moment) -> Moment {
    Moment { index: Arc::new(SearchSnapshot { heard: Hearsay::default(), ..(*moment.index).clone() }), ..moment.clone() }
}

/// Live numbers that follow from the ordinal.
pub(super) struct Fixed;

impl Live for Fixed {
    fn is_available(&self, ordinal: Ordinal) -> bool {
        !ordinal.0.is_multiple_of(3)
    }
    fn sold_out_variants(&self, ordinal: Ordinal) -> u64 {
        if ordinal.0 % 3 == 1 { 0b110 } else { 0 }
    }
    fn number(&self, number: LiveNumber, ordinal: Ordinal) -> f64 {
        f64::from(ordinal.0) + f64::from(u8::from(number == LiveNumber::Velocity)) * 0.5
    }
    fn prior(&self, _: Ordinal) -> f32 {
        1.0
    }
}

/// Facts of one variant as a test writes them: colour, size, price; each may be missing. A store stands as many degrees east as the
/// number of the colour.
pub(super) type VariantFacts = (Option<u8>, Option<u8>, Option<u8>);

/// Facts of one product as a test writes them: brand, size of the product itself, variants.
pub(super) type ProductFacts = (Option<u8>, Option<u8>, Vec<VariantFacts>);

pub(super) fn product(ordinal: usize, title: &str, (brand, size, variants): &ProductFacts) -> Product {
    let variants: Vec<_> = variants
        .iter()
        .enumerate()
        .map(|(index, (colour, size, price))| {
            let mut attributes = serde_json::Map::new();
            colour.iter().for_each(|colour| {
                attributes.insert("colour".into(), json!(format!("c{colour}")));
                attributes.insert("store".into(), json!(format!("0,{colour}")));
            });
            size.iter().for_each(|size| drop(attributes.insert("size".into(), json!(size))));
            let offers: Vec<_> = price.iter().map(|price| json!({"price": {"amount_minor": price, "currency": "EUR"}})).collect();
            json!({"sku": format!("{ordinal}-{index}"), "attributes": attributes, "offers": offers})
        })
        .collect();
    let mut attributes = serde_json::Map::new();
    size.iter().for_each(|size| drop(attributes.insert("size".into(), json!(size))));
    let mut value = json!({"id": format!("p{ordinal}"), "title": title, "attributes": attributes, "variants": variants});
    brand.iter().for_each(|brand| value["brand"] = json!(format!("b{brand}")));
    serde_json::from_value(value).expect("a product")
}

/// A product that has every field which [`filters`] name.
pub(super) fn product_with_every_field(ordinal: usize) -> Product {
    product(ordinal, "every field", &(Some(9), None, vec![(Some(9), Some(9), None)]))
}

pub(super) fn catalogue(products: &[ProductFacts]) -> Columns {
    let mut columns = Columns::new();
    for (ordinal, facts) in products.iter().enumerate() {
        columns.put(Ordinal(ordinal as u32), &product(ordinal, "t", facts));
    }
    columns
}

pub(super) fn scope(columns: &Columns) -> Scope<'_> {
    Scope { columns, live: &Fixed, market: MarketId::GENERAL }
}

/// A random filter as text, of at most three levels.
pub(super) fn filters() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        (0_u8..4).prop_map(|value| format!("colour = c{value}")),
        (0_u8..4).prop_map(|value| format!("colour != c{value}")),
        (0_u8..3).prop_map(|value| format!("brand = b{value}")),
        (0_u8..4, 0_u8..4).prop_map(|(one, other)| format!("size {}..{}", one.min(other), one.max(other))),
        (0_u8..4).prop_map(|value| format!("size < {value}")),
        (0_u8..5).prop_map(|value| format!("price > 0.0{value}")),
        (0_u8..5).prop_map(|value| format!("price IN [0.0{value}, 0.03..]")),
        (0_u8..4, 0_u8..3).prop_map(|(degrees, far)| format!("store WITHIN {} km OF (0, {degrees})", u32::from(far) * 120)),
        Just("EXISTS size".to_owned()),
        Just("EXISTS price".to_owned()),
        Just("available = true".to_owned()),
        (0_u8..6).prop_map(|value| format!("velocity >= {value}")),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(|parts| format!("({})", parts.join(" AND "))),
            prop::collection::vec(inner.clone(), 1..4).prop_map(|parts| format!("({})", parts.join(" OR "))),
            inner.prop_map(|part| format!("NOT {part}")),
        ]
    })
}

pub(super) fn products() -> impl Strategy<Value = Vec<ProductFacts>> {
    let variant = (prop::option::of(0_u8..3), prop::option::of(0_u8..4), prop::option::of(1_u8..6));
    prop::collection::vec((prop::option::of(0_u8..3), prop::option::weighted(0.2, 0_u8..4), prop::collection::vec(variant, 1..4)), 1..12)
}

/// Demand of a shop in which three people asked this and nothing else.
pub(super) fn asked(query: &str) -> Arc<DemandSnapshot> {
    let mut fold = DemandFold::new(demand::Options::default());
    let search = |number: u64| ActivityEvent::Searched {
        query: QueryId::new(&format!("q{number}")).expect("an id"),
        text: demand::normalised(query),
        written: Some(demand::written(query)),
        matches_count: 4,
        is_unfinished: false,
        origin: Origin { session: SessionId::new(&format!("v{number}")).ok(), ..Origin::default() },
        happened_at: None,
    };
    fold.apply(&Recorded { offset: Offset(0), at: Timestamp(0), events: Events::Activity((0..3).map(search).collect()) });
    fold.publish();
    fold.reader().take()
}

/// The answers of all pages, from the first to the last; `deadline` makes one for each.
pub(super) fn pages(moment: &Moment, request: &Request, deadline: impl Fn() -> Deadline) -> Vec<Answer> {
    let mut answers: Vec<Answer> = Vec::new();
    loop {
        let cursor = answers.last().and_then(|answer| answer.next_cursor.clone());
        let request = Request { cursor, deadline: deadline(), ..request.clone() };
        let answer = search(moment, &request).unwrap_or_else(|error| panic!("{request:?}: {error}"));
        let is_last = answer.next_cursor.is_none();
        answers.push(answer);
        if is_last {
            return answers;
        }
    }
}

/// The products of hits, by number.
pub(super) fn numbers(hits: &[Hit]) -> Vec<u32> {
    hits.iter().map(|hit| hit.ordinal.0).collect()
}

/// A shop of these products, with random titles of the words.
pub(super) fn shop_of(facts: &[ProductFacts], titles: &[Vec<usize>]) -> Moment {
    let mut shop = LiveShop::open(Some(embeddings()));
    for (number, facts) in facts.iter().enumerate() {
        let title: Vec<&str> = titles[number].iter().map(|word| WORDS[*word]).collect();
        shop.put(product(number, &title.join(" "), facts));
    }
    shop.put(product_with_every_field(facts.len()));
    shop.moment()
}

/// Random titles, as many as there may be products.
pub(super) fn titles() -> impl Strategy<Value = Vec<Vec<usize>>> {
    prop::collection::vec(prop::collection::vec(0..WORDS.len(), 1..4), 12)
}

/// Random words to search for, or none.
pub(super) fn queries() -> impl Strategy<Value = String> {
    prop::collection::vec(0..WORDS.len(), 0..4).prop_map(|words| words.into_iter().map(|word| WORDS[word]).collect::<Vec<_>>().join(" "))
}
