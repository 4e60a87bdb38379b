//! The sample shop:
//!
//! 1. the same seed gives the same bytes, another seed another shop;
//! 2. it is as large as it says, and every product is one;
//! 3. the history is in the order of time and lies within its days;
//! 4. shoppers have tastes: what goes together is bought together, favourites come back, risers rise;
//! 5. the files in `data/sample` are what the generator makes, and the importer reads every row of them.

use shopkeeper::catalog::formats::{self, ImportOptions, OrderRow};
use shopkeeper::catalog::{CatalogStore, Change, Product};
use shopkeeper::demo::{self, Happening, Shop, Size, sample};
use shopkeeper::event::Behaviour;
use shopkeeper::stdx::clock::Timestamp;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

const NOW: Timestamp = sample::NOW;
/// Enough for statistics, small enough for a test that is not optimised.
const MEDIUM: Size = Size { products_count: 1_500, shoppers_count: 800, visits_count: 4_000, store_orders_count: 4_000 };

fn medium() -> Shop {
    Shop::sized(7, NOW, MEDIUM)
}

fn orders_of(shop: &Shop) -> Vec<OrderRow> {
    let orders = shop.history().filter_map(|happening| match happening {
        Happening::Ordered(order) => Some(order),
        Happening::Behaved(_) | Happening::Searched { .. } => None,
    });
    orders.collect()
}

#[test]
fn the_same_seed_gives_the_same_shop() {
    let bytes = |seed: u64| {
        let shop = Shop::sized(seed, NOW, Size::SMALL);
        let products: Vec<_> = shop.products().map(|product| product.to_document().expect("encodes").0).collect();
        (products, shop.stock().collect::<Vec<_>>(), shop.history().collect::<Vec<_>>(), shop.queries(50).collect::<Vec<_>>())
    };
    assert_eq!(bytes(3), bytes(3));
    assert_ne!(bytes(3).0, bytes(4).0);
}

fn check_digit_holds(gtin: &str) -> bool {
    let digits = gtin.bytes().rev().map(|digit| u32::from(digit - b'0'));
    digits.zip([1, 3].into_iter().cycle()).map(|(digit, weight)| digit * weight).sum::<u32>() % 10 == 0
}

#[test]
fn every_product_of_the_full_shop_is_one() {
    let shop = Shop::new(1, NOW);
    let (mut titles, mut descriptions, mut leaves) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let (mut ids, mut skus, mut gtins) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let mut count = 0;
    for product in shop.products() {
        product.check().expect("is a product");
        assert!(product.variants.iter().all(|variant| check_digit_holds(&variant.gtins[0]) && variant.offers.len() == 1));
        assert!(ids.insert(product.id.clone()));
        assert!(product.variants.iter().all(|variant| skus.insert(variant.sku.clone()) && gtins.insert(variant.gtins[0].clone())));
        titles.insert(product.title);
        descriptions.insert(product.description);
        leaves.extend(product.categories);
        count += 1;
    }
    assert!(count >= 20_000 && count == shop.products_count(), "{count} products");
    assert!(leaves.len() >= 15 && leaves.iter().all(|path| (2..=4).contains(&path.len())), "{} categories", leaves.len());
    assert!(titles.len() * 100 > count * 85, "{} titles of {count} are different", titles.len());
    assert!(descriptions.len() * 100 > count * 90, "{} descriptions of {count} are different", descriptions.len());
}

#[test]
fn stock_lies_at_eight_locations_and_some_products_are_sold_out() {
    let shop = medium();
    let (mut units, mut places) = (BTreeMap::new(), BTreeSet::new());
    for row in shop.stock() {
        *units.entry(row.sku.as_str()[..9].to_owned()).or_insert(0) += row.on_hand;
        places.insert(row.location);
    }
    assert_eq!((units.len(), places.len(), shop.locations().len()), (shop.products_count(), 8, 8));
    let sold_out = units.values().filter(|units| **units == 0).count();
    assert!((20..=120).contains(&sold_out), "{sold_out} products of {} are sold out", units.len());
}

#[test]
fn history_is_in_order_and_within_its_days() {
    let shop = medium();
    let (mut last, mut orders_count, mut kinds) = (Timestamp(0), 0, BTreeMap::new());
    for happening in shop.history() {
        assert!(happening.at() >= last && happening.at() <= NOW);
        last = happening.at();
        assert!(NOW.since_ms(last) <= (demo::HISTORY_DAYS + 1) * 86_400_000);
        match happening {
            Happening::Behaved(row) => *kinds.entry(row.behaviour).or_insert(0_u64) += 1,
            Happening::Ordered(order) => {
                assert!(order.lines.iter().all(|line| line.quantity > 0 && line.unit_price.is_some()));
                orders_count += 1;
            }
            Happening::Searched { text, .. } => assert!(!text.is_empty()),
        }
    }
    let full = Size::FULL;
    // The same rates hold for the full shop: 300,000 events and 30,000 orders at least.
    let events = kinds.values().sum::<u64>() * full.visits_count / MEDIUM.visits_count;
    let web_orders = (orders_count - MEDIUM.store_orders_count) * full.visits_count / MEDIUM.visits_count;
    assert!(events > 330_000, "{events} events");
    assert!(web_orders + full.store_orders_count > 32_000, "{web_orders} orders on the web");
    assert!(
        kinds[&Behaviour::Impression] > kinds[&Behaviour::Click] && kinds[&Behaviour::View] > kinds[&Behaviour::AddToCart],
        "{kinds:?}"
    );
}

/// How much oftener two things stand in one order than chance would have it.
fn lift<K: Ord>(orders: &[BTreeSet<K>], one: &K, other: &K) -> f64 {
    let with = |wanted: &[&K]| orders.iter().filter(|order| wanted.iter().all(|key| order.contains(*key))).count() as f64;
    with(&[one, other]) * orders.len() as f64 / (with(&[one]) * with(&[other])).max(1.0)
}

#[test]
fn what_goes_together_is_bought_together() {
    let shop = medium();
    let leaves: HashMap<String, String> =
        shop.products().map(|product| (product.id.to_string(), product.categories[0].last().cloned().unwrap_or_default())).collect();
    let orders = orders_of(&shop);
    let by_leaf: Vec<BTreeSet<&str>> =
        orders.iter().map(|order| order.lines.iter().map(|line| leaves[&line.product].as_str()).collect()).collect();
    for (one, other) in [
        ("Tents", "Sleeping bags"),
        ("Printers", "Ink and toner"),
        ("Smartphones", "Cases and protection"),
        ("Grills", "Charcoal and lighters"),
    ] {
        let found = lift(&by_leaf, &one, &other);
        assert!(found > 5.0, "{one} and {other}: {found:.1}");
    }
    let unrelated = lift(&by_leaf, &"Tents", &"Ink and toner");
    assert!(unrelated < 2.0, "unrelated: {unrelated:.1}");
    let by_product: Vec<BTreeSet<&str>> =
        orders.iter().map(|order| order.lines.iter().map(|line| line.product.as_str()).collect()).collect();
    let mut pairs: HashMap<(&str, &str), u32> = HashMap::new();
    for order in &by_product {
        let lines: Vec<&str> = order.iter().copied().collect();
        for (at, one) in lines.iter().enumerate() {
            lines[at + 1..].iter().for_each(|other| *pairs.entry((one, other)).or_insert(0) += 1);
        }
    }
    let (best, times) = pairs.iter().max_by_key(|(pair, times)| (**times, **pair)).expect("a pair");
    let found = lift(&by_product, &best.0, &best.1);
    assert!(*times >= 5 && found > 10.0, "{best:?} {times} times, lift {found:.1}");
}

#[test]
fn demand_is_uneven_moves_and_comes_back() {
    let shop = medium();
    let orders = orders_of(&shop);
    let mut units: HashMap<&str, i64> = HashMap::new();
    let mut bought: HashMap<(&str, &str), u32> = HashMap::new();
    for order in &orders {
        for line in &order.lines {
            *units.entry(&line.product).or_insert(0) += 1;
            order.shopper.iter().for_each(|shopper| *bought.entry((shopper.as_str(), &line.product)).or_insert(0) += 1);
        }
    }
    let mut seen: HashMap<String, (u32, u32)> = HashMap::new();
    for happening in shop.history() {
        if let Happening::Behaved(row) = happening {
            let (recent, whole) = seen.entry(row.product).or_default();
            *recent += u32::from(NOW.since_ms(row.at) < 5 * 86_400_000);
            *whole += 1;
        }
    }
    let mut sorted: Vec<i64> = units.values().copied().collect();
    sorted.sort_unstable_by(|a, b| b.cmp(a));
    let head: i64 = sorted.iter().take(sorted.len() / 10).sum();
    assert!(head * 4 > sorted.iter().sum::<i64>(), "the best tenth sells more than a quarter");
    let rises = seen.values().filter(|(recent, whole)| *recent >= 8 && recent * 3 > *whole).count();
    assert!(rises >= 5, "{rises} products rise: a third of sixty days' looks in the last five");
    assert!(bought.values().filter(|times| **times > 1).count() * 20 > bought.len(), "people buy again");
}

fn sample_file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data/sample").join(name)
}

#[test]
fn the_sample_files_are_what_the_generator_makes() {
    for (name, text) in sample::files() {
        eprintln!("{name}: {} rows", text.lines().count());
        let path = sample_file(name);
        if std::env::var_os("UPDATE_SAMPLE").is_some() {
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            std::fs::write(&path, &text).expect("writes");
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(kept == text, "{name} differs; UPDATE_SAMPLE=1 writes it anew");
    }
}

#[test]
fn the_importer_reads_every_row_of_the_sample() {
    let options = ImportOptions::default();
    let products: Vec<Product> =
        formats::products(&sample_file("products.jsonl"), &options).expect("opens").map(|row| row.expect("a product").value).collect();
    let shop = Shop::sized(sample::SEED, sample::NOW, Size::SMALL);
    assert!(products.iter().eq(shop.products().collect::<Vec<_>>().iter()));
    let store = CatalogStore::new();
    assert!(products.into_iter().all(|product| matches!(store.decide_put(product), Ok(Change::Event(_)))));
    let counts: Vec<_> =
        formats::stock(&sample_file("stock.jsonl"), &options).expect("opens").map(|row| row.expect("a count").value).collect();
    assert!(counts.into_iter().eq(shop.stock()));
    let events = formats::events(&sample_file("events.jsonl"), &options).expect("opens").map(|row| row.expect("behaviour").value);
    let orders = formats::orders(&sample_file("orders.jsonl"), &options).expect("opens").map(|row| row.expect("an order").value);
    let (mut behaved, mut ordered) = (Vec::new(), Vec::new());
    for happening in shop.history() {
        match happening {
            Happening::Behaved(row) => behaved.push(row),
            Happening::Ordered(row) => ordered.push(row),
            Happening::Searched { .. } => {}
        }
    }
    assert_eq!((events.collect::<Vec<_>>(), orders.collect::<Vec<_>>()), (behaved, ordered));
}

#[test]
#[ignore = "measures; run it optimised, alone and with --nocapture"]
fn the_full_shop_is_made_in_seconds() {
    let started = std::time::Instant::now();
    let shop = Shop::new(1, NOW);
    eprintln!("opened in {:?}", started.elapsed());
    let skus: usize = shop.products().map(|product| product.variants.len()).sum();
    eprintln!("{} products, {skus} SKUs, {:?}", shop.products_count(), started.elapsed());
    eprintln!("{} stock rows, {:?}", shop.stock().count(), started.elapsed());
    let (mut behaved, mut ordered, mut searched) = (0, 0, 0);
    for happening in shop.history() {
        match happening {
            Happening::Behaved(_) => behaved += 1,
            Happening::Ordered(_) => ordered += 1,
            Happening::Searched { .. } => searched += 1,
        }
    }
    eprintln!("{behaved} events, {ordered} orders, {searched} searches, {:?}", started.elapsed());
    shop.products().step_by(997).for_each(|product| eprintln!("{}\n    {}", product.title, product.description.unwrap_or_default()));
    shop.queries(20).for_each(|query| eprintln!("{query}"));
}
