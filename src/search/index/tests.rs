//! The index as a whole. Pinned here:
//!
//! 1. after any puts, removals, commits, builds and swaps, a query finds exactly the products that hold its words, each once;
//! 2. a product is found with the same score whether the generation or the overlay holds it, when the statistics are the same;
//! 3. a snapshot does not move under its reader;
//! 4. a generation is used only when it is whole, and a damaged one is replaced by the one before it;
//! 5. identifiers find their product however they are written, and nothing similar.

use super::*;

use crate::catalog::{CatalogStore, Change, Product};
use crate::event::{CatalogEvent, Events, Projection, Recorded};
use crate::id::{Offset, ProductId};
use crate::stdx::clock::Timestamp;
use crate::text;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use tempfile::TempDir;

/// A catalogue and an index that follows it.
pub(super) struct Shop {
    folder: TempDir,
    pub(super) catalog: CatalogStore,
    pub(super) indexer: Indexer,
    pub(super) index: std::sync::Arc<SearchIndex>,
    next: Offset,
    texts: BTreeMap<ProductId, String>,
}

impl Shop {
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let catalog = CatalogStore::new();
        let snapshot = catalog.working().clone();
        let (indexer, index) = Indexer::open(folder.path(), &snapshot, snapshot.progress(), Options::default()).expect("opens");
        Self { folder, catalog, indexer, index, next: Offset(0), texts: BTreeMap::new() }
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(super) fn record(&mut self, event: CatalogEvent) {
        let recorded = Recorded { offset: self.next, at: Timestamp(0), events: Events::Catalog(vec![event]) };
        self.next = self.next.plus(1);
        self.catalog.apply(&recorded);
        self.indexer.apply(&recorded);
    }

    pub(super) fn put(&mut self, id: &str, title: &str) {
        self.put_rated(id, title, 1.0);
    }

    pub(super) fn put_rated(&mut self, id: &str, title: &str, stars: f64) {
        let json = serde_json::json!({"id": id, "title": title, "rating": {"average": stars, "count": 2},
            "variants": [{"sku": format!("SKU-{id}"), "mpn": format!("M/{id}.5")}]});
        let product = Product::from_document(json.to_string().as_bytes()).expect("a product");
        self.texts.insert(product.id.clone(), title.to_owned());
        if let Change::Event(event) = self.catalog.decide_put(product).expect("is taken") {
            self.record(event);
        }
    }

    pub(super) fn remove(&mut self, id: &str) {
        let id = ProductId::new(id).expect("an id");
        if self.texts.remove(&id).is_some()
            && let Change::Event(event) = self.catalog.decide_remove(&id).expect("is known")
        {
            self.record(event);
        }
    }

    pub(super) fn build(&self) -> Manifest {
        let snapshot = self.catalog.working();
        build_generation(self.path(), snapshot, snapshot.progress(), None, &[], Timestamp(1), &|_, _| {}).expect("builds")
    }

    pub(super) fn promote(&mut self, id: GenerationId) {
        promote(self.path(), id).expect("is whole");
        let snapshot = self.catalog.working().clone();
        self.indexer.swap(id, &snapshot).expect("opens");
    }

    pub(super) fn reopen(&mut self) {
        let snapshot = self.catalog.working().clone();
        let (indexer, index) = Indexer::open(self.folder.path(), &snapshot, snapshot.progress(), Options::default()).expect("opens");
        (self.indexer, self.index) = (indexer, index);
    }

    /// What a query finds, by product id.
    pub(super) fn found(&self, query: &TextQuery) -> BTreeMap<ProductId, f32> {
        let mut found = BTreeMap::new();
        let snapshot = self.index.snapshot();
        let visit = &mut |one: TextMatch| {
            let id = self.catalog.working().id_of(one.ordinal).expect("was put once");
            assert!(one.score > 0.0 && found.insert(id, one.score).is_none(), "once, with a score");
        };
        snapshot.text.matches(query, visit).expect("reads");
        found
    }

    pub(super) fn ids(&self, words: &[&str], required: usize) -> Vec<String> {
        let query = TextQuery { groups: words.iter().map(|word| TermGroup::exactly(*word)).collect(), required };
        self.found(&query).into_keys().map(|id| id.to_string()).collect()
    }

    pub(super) fn identified(&self, text: &str) -> Vec<String> {
        let ordinals = self.index.snapshot().text.identifiers(text).expect("reads");
        ordinals.into_iter().map(|ordinal| self.catalog.working().id_of(ordinal).expect("was put once").to_string()).collect()
    }
}

const WORDS: [&str; 8] = ["red", "blue", "lamp", "lamps", "desk", "chair", "oak", "o15"];

#[derive(Debug, Clone)]
enum Step {
    Put(u8, Vec<usize>),
    Remove(u8),
    Commit,
    Build,
    Promote,
    Rollback,
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        10 => (0_u8..12, prop::collection::vec(0..WORDS.len(), 1..5)).prop_map(|(id, words)| Step::Put(id, words)),
        4 => (0_u8..12).prop_map(Step::Remove),
        3 => Just(Step::Commit),
        1 => Just(Step::Build),
        1 => Just(Step::Promote),
        1 => Just(Step::Rollback),
        1 => Just(Step::Reopen),
    ]
}

type Phrases = Vec<(Vec<String>, f32)>;

/// No phrase, or one of two or three words.
fn phrase() -> impl Strategy<Value = Phrases> {
    let words = prop::collection::vec(0..WORDS.len(), 2..4);
    let phrase = words.prop_map(|words| (words.into_iter().map(|word| text::term_of(WORDS[word])).collect(), 0.9));
    prop::collection::vec(phrase, 0..2)
}

fn take(shop: &mut Shop, step: Step) {
    match step {
        Step::Put(id, words) => shop.put(&id.to_string(), &words.into_iter().map(|word| WORDS[word]).collect::<Vec<_>>().join(" ")),
        Step::Remove(id) => shop.remove(&id.to_string()),
        Step::Commit => shop.indexer.commit(),
        Step::Build => drop(shop.build()),
        Step::Promote => {
            if let Some(newest) = list_generations(shop.path()).last() {
                shop.promote(newest.id);
            }
        }
        Step::Rollback => {
            if let Ok(id) = rollback(shop.path()) {
                shop.promote(id);
            }
        }
        // The journal is not kept here, so only an index that has nothing to replay can be reopened.
        Step::Reopen => {
            let generation = shop.build();
            promote(shop.path(), generation.id).expect("is whole");
            shop.reopen();
        }
    }
}

fn expected(shop: &Shop, query: &TextQuery) -> BTreeSet<ProductId> {
    let holds = |text: &str| {
        let terms: BTreeSet<String> = text::terms(text).into_iter().collect();
        let holds = |group: &TermGroup| {
            group.terms.iter().any(|(term, _)| terms.contains(term) || (group.prefix && terms.iter().any(|other| other.starts_with(term))))
                || group.phrases.iter().any(|(phrase, _)| phrase.iter().all(|term| terms.contains(term)))
        };
        query.groups.iter().filter(|group| holds(group)).count() >= query.required.max(1)
    };
    shop.texts.iter().filter(|(_, text)| holds(text)).map(|(id, _)| id.clone()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_query_finds_what_holds_its_words_whatever_happened_before(
        steps in prop::collection::vec(step(), 1..40),
        words in prop::collection::vec(((0..WORDS.len(), 0..WORDS.len(), any::<bool>()), phrase()), 1..4),
        required in 0_usize..4,
    ) {
        let group = |((word, other, prefix), phrases): ((usize, usize, bool), Phrases)| {
            let terms = [(word, 1.0), (other, 0.5)].map(|(word, weight)| (text::term_of(WORDS[word]), weight)).to_vec();
            let terms = if prefix { terms.into_iter().map(|(term, weight)| (term[..2].to_owned(), weight)).collect() } else { terms };
            TermGroup { terms, phrases, prefix, ..TermGroup::default() }
        };
        let query = TextQuery { groups: words.into_iter().map(group).collect(), required };
        let mut shop = Shop::new();
        for step in steps {
            take(&mut shop, step);
            // What is found now is remembered and must not be found when it is no longer so.
            shop.found(&query);
        }
        shop.indexer.commit();
        let found = shop.found(&query);
        prop_assert_eq!(&shop.found(&query), &found);
        prop_assert_eq!(found.into_keys().collect::<BTreeSet<_>>(), expected(&shop, &query));
        prop_assert_eq!(shop.index.snapshot().text.products_count(), shop.texts.len() as u64);
        prop_assert_eq!(shop.index.snapshot().columns.live().len(), shop.texts.len() as u64);
    }
}

#[test]
fn generation_and_overlay_score_alike() {
    let mut shop = Shop::new();
    for number in 0..300 {
        shop.put(&number.to_string(), if number % 3 == 0 { "red desk lamp" } else { "blue chair" });
    }
    shop.indexer.commit();
    let phrase = TermGroup { phrases: vec![(vec!["desk".to_owned(), "lamp".to_owned()], 0.9)], ..TermGroup::exactly("couch") };
    let query = TextQuery { groups: vec![TermGroup::exactly("red"), TermGroup::exactly("lamp"), phrase], required: 3 };
    let generation = shop.build().id;
    shop.promote(generation);
    let built = shop.found(&query);
    assert_eq!(built.len(), 100);
    shop.put("0", "red desk lamp new");
    shop.put("0", "red desk lamp");
    shop.indexer.commit();
    let (before, after) = (built.values().next().expect("one"), &shop.found(&query)[&ProductId::new("0").expect("an id")]);
    assert!((before - after).abs() / before < 0.02, "{before} in the generation, {after} in the overlay");
}

#[test]
fn a_snapshot_does_not_move_under_its_reader() {
    let mut shop = Shop::new();
    shop.put("a", "red lamp");
    shop.indexer.commit();
    let held = shop.index.snapshot();
    shop.put("b", "red chair");
    assert_eq!(shop.ids(&["red"], 1), ["a"], "not before the commit");
    shop.indexer.commit();
    let generation = shop.build().id;
    shop.promote(generation);
    shop.remove("a");
    shop.indexer.commit();
    assert_eq!(shop.ids(&["red"], 1), ["b"]);
    let mut count = 0;
    let query = TextQuery { groups: vec![TermGroup::exactly("red")], required: 1 };
    held.text.matches(&query, &mut |_| count += 1).expect("reads");
    assert_eq!(count, 1);
}

#[test]
fn changes_during_a_build_are_there_after_the_swap() {
    let mut shop = Shop::new();
    shop.put("a", "red lamp");
    shop.put("b", "blue lamp");
    let generation = shop.build();
    shop.remove("a");
    shop.put("b", "green lamp");
    shop.put("c", "green chair");
    shop.promote(generation.id);
    assert_eq!(shop.ids(&["green"], 1), ["b", "c"]);
    assert_eq!(shop.ids(&["lamp"], 1), ["b"]);
    assert_eq!((shop.ids(&["blue"], 1).len(), shop.indexer.overlay_count()), (0, 3));
}

#[test]
fn identifiers_find_their_product_however_they_are_written() {
    let mut shop = Shop::new();
    shop.put("311992D3", "Printer");
    let generation = shop.build().id;
    shop.promote(generation);
    shop.put("311993D3", "Scanner");
    shop.indexer.commit();
    for written in ["311992D3", "sku 311992d3", "SKU-311992D3", "m/311992D3.5", "311992"] {
        assert_eq!(shop.identified(written), ["311992D3"], "{written}");
    }
    assert_eq!(shop.identified("3119"), ["311992D3", "311993D3"]);
    for written in ["311992D4", "311", "printer", ""] {
        assert!(shop.identified(written).is_empty(), "{written}");
    }
}

#[test]
fn a_generation_is_used_only_when_it_is_whole() {
    let mut shop = Shop::new();
    shop.put("a", "red lamp");
    let first = shop.build().id;
    shop.promote(first);
    shop.put("b", "red chair");
    let second = shop.build();
    let damaged = shop.path().join(second.id.to_string()).join("vocabulary.bin");
    let whole = std::fs::read(&damaged).expect("reads");
    let mut flipped = whole.clone();
    *flipped.last_mut().expect("not empty") ^= 1;
    std::fs::write(&damaged, flipped).expect("writes");
    let error = promote(shop.path(), second.id).expect_err("is damaged").to_string();
    assert!(error.contains("vocabulary.bin"), "{error}");
    assert_eq!(current(shop.path()), Some(first));

    std::fs::write(&damaged, whole).expect("writes");
    shop.promote(second.id);
    assert_eq!((current(shop.path()), previous(shop.path())), (Some(second.id), Some(first)));
    std::fs::remove_file(damaged).expect("deletes");
    shop.reopen();
    assert_eq!(shop.indexer.generation(), Some(first), "the one before");
    assert_eq!(shop.indexer.progress().catalog, Offset(1), "what came after is to be replayed");
    assert!(rollback(shop.path()).is_ok_and(|id| id == first));
}

#[test]
fn without_any_generation_the_catalogue_is_indexed_live() {
    let mut shop = Shop::new();
    shop.put("a", "red lamp");
    shop.reopen();
    assert_eq!((shop.ids(&["lamp"], 1), shop.indexer.overlay_count()), (vec!["a".to_owned()], 1));
    assert_eq!((shop.indexer.generation(), shop.indexer.progress().catalog), (None, Offset(1)));
}

#[test]
fn a_promotion_cut_short_leaves_a_whole_generation_in_use() {
    let mut shop = Shop::new();
    shop.put("a", "red lamp");
    let first = shop.build().id;
    shop.promote(first);
    // A crash while building leaves an unfinished folder; one between the two pointers leaves both on the same generation.
    std::fs::create_dir_all(shop.path().join("gen-000002.tmp/text")).expect("makes");
    std::fs::write(shop.path().join("PREVIOUS"), "gen-000001\n").expect("writes");
    shop.reopen();
    assert_eq!(shop.indexer.generation(), Some(first));
    assert!(rollback(shop.path()).is_err(), "there is nothing to go back to");
    let third = shop.build().id;
    assert_eq!(third, GenerationId(3), "the unfinished number is not used again");
    shop.promote(third);
    assert!(!shop.path().join("gen-000002.tmp").exists(), "what was left unfinished is deleted");
}

#[test]
fn old_generations_go_but_never_those_in_use() {
    let mut shop = Shop::new();
    shop.put("a", "red lamp");
    let first = shop.build().id;
    shop.promote(first);
    for _ in 0..5 {
        shop.build();
    }
    prune(shop.path());
    let ids = || list_generations(shop.path()).into_iter().map(|manifest| manifest.id.0).collect::<Vec<_>>();
    assert_eq!(ids(), [1, 4, 5, 6]);
    promote(shop.path(), GenerationId(6)).expect("is whole");
    assert_eq!(ids(), [1, 4, 5, 6], "the one before is kept");
}

#[test]
fn suggestions_complete_correct_and_find_products() {
    let mut shop = Shop::new();
    for number in 0..4 {
        shop.put(&format!("lamp{number}"), "Desk lamp with dimmer");
    }
    shop.put("chair", "Office chair");
    let generation = shop.build().id;
    shop.promote(generation);
    let signals = crate::signal::SignalFold::new(None, crate::signal::Options::default()).expect("a table").table();
    let catalog = std::sync::Arc::new(shop.catalog.working().clone());
    let moment = crate::search::Moment {
        index: shop.index.snapshot(),
        signals,
        catalog,
        settings: std::sync::Arc::default(),
        demand: crate::search::testing::asked("desk lamp dimmable"),
    };
    let suggest = |typed: &str| crate::search::suggest(&moment, typed, 3, crate::search::Onlooker::default()).expect("reads");
    let offered = suggest("desk la");
    assert_eq!(offered.queries, ["desk lamp dimmable", "desk lamp", "desk lamp with dimmer"].map(str::to_owned)[..offered.queries.len()]);
    assert_eq!((offered.products.len(), offered.products[0].title.as_str()), (3, "Desk lamp with dimmer"));
    let corrected = suggest("ofice ");
    assert_eq!((corrected.corrected.as_deref(), corrected.products.len()), (Some("office"), 1));
    assert_eq!(suggest("zzz"), crate::search::Suggestions::default());
}
