//! The search as a whole. Pinned here:
//!
//! 1. the total is the number of distinct products that paging reaches, in any mode, order and page size (invariant 12);
//! 2. each facet count is the total with that filter added (invariant 12);
//! 3. a product that is sold out never stands above one of its class that is not, unless the query names it;
//! 4. a sorted list is sorted, and products without a value come last;
//! 5. what was corrected, given up or left out is said.

pub(super) use super::testing::WORDS;
use super::testing::{LiveShop, ProductFacts, embeddings, filters, product, product_with_every_field, products};
use super::*;
use crate::catalog::Product;
use crate::id::Ordinal;
use proptest::prelude::*;
use serde_json::json;
use std::collections::BTreeSet;

/// A shop whose products are available unless their number divides by three.
pub(super) struct Shop(pub(super) Moment);

impl std::ops::Deref for Shop {
    type Target = Moment;

    fn deref(&self) -> &Moment {
        &self.0
    }
}

impl Shop {
    pub(super) fn of(products: impl IntoIterator<Item = Product>) -> Self {
        let mut shop = LiveShop::open(Some(embeddings()));
        for product in products {
            shop.put(product);
        }
        Self(shop.moment())
    }

    pub(super) fn search(&self, request: &Request) -> Answer {
        search(self, request).unwrap_or_else(|error| panic!("{request:?}: {error}"))
    }

    /// The product identifiers that a query finds, in order.
    fn ids(&self, q: &str, mode: Mode) -> Vec<String> {
        let answer = self.search(&Request { q: q.to_owned(), mode, limit: 100, ..Request::default() });
        answer.hits.iter().map(|hit| self.catalog.id_of(hit.ordinal).expect("is known").to_string()).collect()
    }
}

pub(super) fn titled(titles: &[&str]) -> Shop {
    let product = |(number, title): (usize, &&str)| {
        let value = json!({"id": format!("p{number}"), "title": title, "variants": [{"sku": format!("AB-{number}00"), "mpn": format!("M{number}-77")}]});
        serde_json::from_value::<Product>(value).expect("a product")
    };
    Shop::of(titles.iter().enumerate().map(product))
}

#[test]
fn all_words_then_fewer_then_near_in_meaning() {
    let shop = titled(&["red lamp", "oak desk lamp", "red desk", "light", "chair"]);
    // p0 and p3 are sold out: last of their class.
    assert_eq!(shop.ids("desk lamp", Mode::Text), ["p1", "p2", "p0"]);
    assert_eq!(shop.ids("desk lamp", Mode::Hybrid), ["p1", "p2", "p0", "p3"]);
    assert_eq!(shop.ids("lamp", Mode::Vector).len(), 3);
    let answer = shop.search(&Request { q: "desk lamp".to_owned(), mode: Mode::Text, limit: 1, ..Request::default() });
    assert_eq!((answer.total, answer.relaxations), (3, vec!["some lack `desk`, `lamp`".to_owned()]));
    assert_eq!(shop.ids("-lamp", Mode::Text), ["p2", "p4", "p3"]);
    assert_eq!(shop.ids("lamp -oak", Mode::Hybrid), ["p0", "p3"]);
    assert_eq!(shop.ids("\"red\" lamp", Mode::Text), ["p0", "p2"]);
    assert_eq!(shop.ids("", Mode::Hybrid).len(), 5);
    assert!(shop.ids("zzz", Mode::Text).is_empty());
}

#[test]
fn what_the_query_names_stands_first_even_when_it_is_sold_out() {
    let shop = titled(&["red lamp", "red lamp oak", "desk red lamp", "oak desk", "AB 300 bracket"]);
    assert_eq!(shop.ids("Red Lamp", Mode::Text)[0], "p0");
    assert_eq!(shop.ids("ab300", Mode::Hybrid), ["p3"]);
    assert_eq!(shop.ids("AB-300", Mode::Hybrid)[0], "p3");
    assert_eq!(shop.ids("m3 77", Mode::Text)[0], "p3");
    assert_eq!(shop.ids("p3", Mode::Text), ["p3"]);
    assert!(shop.ids("ab30", Mode::Text).contains(&"p3".to_owned()));
    assert!(shop.ids("b300", Mode::Text).contains(&"p3".to_owned()), "the middle of a SKU");
    assert_eq!(shop.ids("bracket M1-77", Mode::Text), ["p1", "p4"], "one word is a part number");
}

#[test]
fn corrections_and_highlights_are_given() {
    let shop = titled(&["red wallpaper", "a <b> lantern", "desk lamp"]);
    let answer = shop.search(&Request { q: "lantren".to_owned(), limit: 5, ..Request::default() });
    assert_eq!(answer.corrections, [("lantren".to_owned(), "lantern".to_owned())]);
    assert_eq!(answer.hits[0].highlight.as_deref(), Some("a &lt;b&gt; <em>lantern</em>"));
    let long: String = (0..40).map(|number| format!("word{number} ")).collect();
    let answer = shop.search(&Request { q: long, limit: 5, ..Request::default() });
    assert_eq!(
        answer.relaxations,
        [
            "looked at the first 32 of 40 words",
            "nothing has `word0`, `word1`, `word2`, `word3`, `word4`, `word5`, `word6`, `word7` and 24 more"
        ]
    );
}

#[test]
fn an_explanation_names_every_part() {
    let shop = titled(&["oak desk", "red lamp", "desk lamp"]);
    let answer = shop.search(&Request { q: "red lamp".to_owned(), explain: true, limit: 5, ..Request::default() });
    let explain = answer.hits[0].explain.clone().expect("was asked for");
    assert_eq!((&explain["class"], &explain["words_share"], &explain["available_units"]), (&json!("named"), &json!(1.0), &json!(5.0)));
    for feature in ranking::features::FEATURES {
        assert!(explain[feature.name].is_number(), "{}", feature.name);
    }
    let score = explain["score"].as_f64().expect("a number");
    assert!((score - f64::from(answer.hits[0].score)).abs() < 1e-6);
    for hit in &answer.hits {
        let explain = hit.explain.as_ref().expect("was asked for");
        let parts = explain["contributions"].as_array().expect("a list");
        let sum: f64 = parts.iter().filter_map(|part| part["contribution"].as_f64()).sum();
        assert!((sum - f64::from(hit.score)).abs() <= 1e-5 * sum.abs(), "{sum} where {} was said", hit.score);
    }
}

#[test]
fn the_variant_shown_passes_the_filter_and_has_the_words_or_is_the_cheapest() {
    let facts: ProductFacts =
        (None, None, vec![(Some(1), Some(42), Some(250)), (Some(2), Some(42), Some(200)), (Some(2), Some(43), Some(100))]);
    let shop = Shop::of([product(0, "shoe", &facts)]);
    let check = |q: &str, filter: &str, sort: &str, expected: usize| {
        let sort = sort::parse(sort).expect("an order");
        let answer = shop.search(&Request { q: q.to_owned(), filter: Some(filter.to_owned()), sort, limit: 1, ..Request::default() });
        assert_eq!(answer.hits[0].variant, expected, "{q} {filter}");
    };
    check("shoe", "", "", 2);
    check("shoe", "size = 42", "", 1);
    check("shoe c1", "", "", 0);
    check("shoe c1", "", "price", 2);
    check("", "price > 2.40", "", 0);
}

/// Shoes of two brands; `red` is a colour of one and a word of another.
fn shoes() -> Shop {
    let shoe = |(number, (title, brand, colour, price)): (usize, (&str, &str, &str, u64))| {
        let value = json!({
            "id": format!("p{number}"), "title": title, "brand": brand, "categories": [["Sport", "Running shoes"]],
            "attributes": {"colour": colour},
            "variants": [{"sku": format!("s{number}"), "offers": [{"price": {"amount_minor": price, "currency": "USD"}}]}],
        });
        serde_json::from_value::<Product>(value).expect("a product")
    };
    let shoes = [
        ("Laces for Nike, red", "Acme", "black", 500),
        ("Runner", "Nike", "red", 4_000),
        ("Runner", "Nike", "blue", 9_000),
        ("Red runner", "Acme", "red", 6_000),
    ];
    Shop::of(shoes.into_iter().enumerate().map(shoe))
}

#[test]
fn names_and_prices_in_a_query_are_recognised_and_reported() {
    let shop = shoes();
    let asked = |q: &str, ignored: &[IntentKind]| {
        shop.search(&Request { q: q.to_owned(), limit: 10, ignored_intents: ignored.to_vec(), ..Request::default() })
    };
    let answer = asked("red nike running shoes under $50", &[]);
    let said: Vec<(&str, &str, &str)> =
        answer.intents.iter().map(|intent| (intent.kind.name(), intent.words.as_str(), intent.filter.as_str())).collect();
    assert_eq!(
        said,
        [
            ("price", "under $50", "price <= 50"),
            ("colour", "red", "attributes.colour = \"red\""),
            ("brand", "nike", "brand = \"Nike\""),
            ("category", "running shoes", "category = \"Sport > Running shoes\""),
        ]
    );
    assert_eq!((answer.total, answer.hits[0].ordinal), (2, Ordinal(1)));
    for intent in &answer.intents {
        let filtered = shop.search(&Request { filter: Some(intent.filter.clone()), limit: 10, ..Request::default() });
        assert!(filtered.total > 0, "{} can be sent back as a filter", intent.filter);
    }
    assert_eq!(asked("red nike running shoes under $50", &[IntentKind::Price]).total, 4);
    assert!(asked("red nike", &IntentKind::ALL).intents.is_empty());
    for unwanted in ["-nike", "−nike", "-\"nike\""] {
        assert!(asked(&format!("runner {unwanted}"), &[]).intents.iter().all(|intent| intent.kind != IntentKind::Brand), "{unwanted}");
    }
    assert!(asked("\"red nike\"", &[]).intents.is_empty());
}

#[test]
fn a_category_that_is_all_a_query_says_is_asked_for_and_a_measure_names_no_size() {
    let product = |(number, (title, category)): (usize, (&str, &str))| {
        let sizes = json!([{"sku": format!("s{number}"), "attributes": {"size": "L"}}]);
        let value = json!({"id": format!("p{number}"), "title": title, "categories": [["Computing", category]], "variants": sizes});
        serde_json::from_value::<Product>(value).expect("a product")
    };
    let mut titles = vec![("Laptop 15.6 inch 1.5 l", "Laptops")];
    titles.extend([("Laptop bag, size L", "Bags"); 9]);
    let shop = Shop::of(titles.into_iter().enumerate().map(product));
    let asked = |q: &str| shop.search(&Request { q: q.to_owned(), limit: 10, ..Request::default() });
    let confidence = |q: &str| asked(q).intents.iter().find(|intent| intent.value == "Computing > Laptops").map(|intent| intent.confidence);
    assert_eq!(confidence("laptop 15.6 inch"), Some(0.9));
    assert_eq!((confidence("laptop"), confidence("laptop 15.6\"")), (Some(0.9), Some(0.9)));
    // Beside words that say something else, and beside another category, it is as sure as its share of the products with the word.
    assert_eq!((confidence("laptop inch"), confidence("laptop bag")), (Some(0.1), Some(0.1)));
    let sizes = |q: &str| asked(q).intents.iter().filter(|intent| intent.kind == IntentKind::Size).count();
    assert_eq!((sizes("bag l"), sizes("1.5 l")), (1, 0));
}

#[test]
fn a_query_is_for_the_thing_that_it_names_and_not_for_what_is_said_of_it() {
    let product = |(number, (title, category)): (usize, (&str, &str))| {
        let value = json!({"id": format!("p{number}"), "title": title, "categories": [["Shop", category]], "variants": [{"sku": format!("s{number}")}]});
        serde_json::from_value::<Product>(value).expect("a product")
    };
    let titles = [
        ("Thin monitor", "Monitors"),
        ("Laptop with much memory", "Laptops"),
        ("Notebook with much memory", "Laptops"),
        ("Bag for a laptop", "Bags & Sleeves"),
        ("Laptop stand", "Stands"),
        ("Walnut desk light", "Desk lamps"),
        ("Camping light", "Lamps"),
        ("Bulb for a lamp", "Bulbs"),
    ];
    let shop = Shop::of(titles.into_iter().enumerate().map(product));
    let asked = |q: &str| shop.search(&Request { q: q.to_owned(), limit: 10, ..Request::default() });
    let first = |q: &str| asked(q).hits[0].ordinal;
    assert_eq!(first("thin laptop"), Ordinal(1), "nothing is both: a laptop before something thin");
    assert_eq!(first("thin lapotp"), Ordinal(1), "as it was read");
    assert_eq!(first("laptop bag"), Ordinal(3));
    let categories = |q: &str| -> Vec<String> {
        let found = asked(q).intents.into_iter().filter(|intent| intent.kind == IntentKind::Category && intent.confidence == 0.9);
        found.map(|intent| intent.filter).collect()
    };
    for q in ["thin laptop", "laptop 16gb", "laptop for school"] {
        assert_eq!(categories(q), ["category = \"Shop > Laptops\""], "{q}");
    }
    assert_eq!(categories("bag for laptop"), ["category = \"Shop > Bags & Sleeves\""], "one of the two things that it is called after");
    assert_eq!(
        categories("walnut lamp"),
        ["category IN [\"Shop > Desk lamps\", \"Shop > Lamps\"]"],
        "desk lamps are lamps, bulbs are none"
    );
    assert_eq!(categories("lamp bulb"), ["category = \"Shop > Bulbs\""]);
    for intent in asked("walnut lamp").intents {
        assert!(shop.search(&Request { filter: Some(intent.filter.clone()), ..Request::default() }).total > 0, "{}", intent.filter);
    }
}

#[test]
fn an_identifier_that_is_there_is_all_that_its_words_find() {
    let shop = titled(&["red lamp", "red ab desk", "oak chair"]);
    assert_eq!(shop.ids("ab-200", Mode::Hybrid), ["p2"]);
    // Without one every product with the words that any product has is found.
    assert_eq!(shop.ids("ab-999", Mode::Text), ["p1"]);
    // A name all of whose words products hold finds them beside the one that it names.
    assert_eq!(shop.ids("M0-77 red lamp", Mode::Text)[0], "p0");
}

#[test]
fn a_measure_is_found_in_whatever_units_it_is_written() {
    let shop = titled(&["kettle", "kettle 1.5 l", "kettle 75 ml"]);
    for asked in ["kettle 1500 ml", "kettle 150cl", "kettle 1.5 litres"] {
        assert_eq!(shop.ids(asked, Mode::Text)[0], "p1", "{asked}");
    }
}

#[test]
fn what_cannot_be_answered_is_refused_by_field() {
    let shop = titled(&["red lamp"]);
    let check = |request: Request, expected: &str| {
        let error = search(&shop, &request).expect_err(expected);
        assert_eq!(error.to_string(), expected);
    };
    check(Request { q: "x".repeat(70_000), ..Request::default() }, "q: at most 65536 bytes");
    check(Request { limit: 1_001, ..Request::default() }, "limit: at most 1000, with what is passed over");
    check(Request { sort: sort::parse("colr").expect("reads"), ..Request::default() }, "sort: unknown field `colr`");
    check(Request { sort: sort::parse("sku").expect("reads"), ..Request::default() }, "sort: `sku` cannot be sorted by");
    check(
        Request { sort: sort::parse("geo(brand,1,2)").expect("reads"), ..Request::default() },
        "sort: `brand` has no points such as 52.52,13.405",
    );
    check(
        Request { sort: sort::parse("geo(brand,100,2)").expect("reads"), ..Request::default() },
        "sort: `geo(brand,100,2)` is not a distance such as geo(store, 52.52, 13.405)",
    );
    check(Request { facets: vec!["nope".to_owned()], ..Request::default() }, "facets: unknown field `nope`");
    check(Request { filter: Some("nope = 1".to_owned()), ..Request::default() }, "filter: at character 1: unknown field `nope`");
    check(Request { cursor: Some("00".to_owned()), ..Request::default() }, "cursor: not a cursor that this shop gave");
    let passing = eligible(&shop, "title = 'Red lamps'", Onlooker::default()).expect("reads");
    assert_eq!(passing.len(), 1);
}

/// Follows cursors from the first page to the last.
pub(super) fn paged(shop: &Shop, request: &Request) -> (Vec<u32>, u64) {
    let (mut reached, mut cursor) = (Vec::new(), None);
    loop {
        let answer = shop.search(&Request { cursor: cursor.take(), ..request.clone() });
        assert!(answer.hits.len() <= request.limit);
        reached.extend(answer.hits.iter().map(|hit| hit.ordinal.0));
        match answer.next_cursor {
            Some(next) => cursor = Some(next),
            None => return (reached, answer.total),
        }
    }
}

fn check_order(shop: &Shop, request: &Request, hits: &[Hit]) {
    let scope = filter::Scope { columns: &shop.index.columns, live: &*shop.signals, market: columns::MarketId::GENERAL };
    let filter = filter::Filter::parse(request.filter.as_deref().unwrap_or_default(), scope.columns, scope.market).expect("a filter");
    for pair in hits.windows(2) {
        let (first, second) = (&pair[0], &pair[1]);
        let class = |hit: &Hit| hit.explain.as_ref().map(|explain| (explain["class"].clone(), 0));
        let available = |hit: &Hit| shop.signals.is_available(hit.ordinal);
        match request.sort.first() {
            None => {
                let is_named = first.explain.as_ref().is_some_and(|explain| explain["class"] == "named");
                if class(first) == class(second) && !is_named {
                    assert!(available(first) || !available(second), "{request:?}");
                    assert!(available(first) != available(second) || first.score >= second.score, "{request:?}");
                }
            }
            Some(sort) => {
                let price = |hit: &Hit| sort::price(hit.ordinal, scope.market, scope, &filter);
                let (first, second) = (price(first), price(second));
                let sorted = if sort.descending { first >= second } else { first <= second };
                assert!(second.is_none() || (first.is_some() && sorted), "{request:?}: {first:?} before {second:?}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]
    #[test]
    fn totals_pages_facets_and_order_agree(
        facts in products(),
        titles in prop::collection::vec(prop::collection::vec(0..WORDS.len(), 1..4), 12),
        q in prop_oneof![Just(String::new()), prop::collection::vec(0..WORDS.len(), 1..4).prop_map(|words| words.into_iter().map(|word| WORDS[word]).collect::<Vec<_>>().join(" "))],
        mode in prop_oneof![Just(Mode::Hybrid), Just(Mode::Text), Just(Mode::Vector)],
        filter in prop::option::of(filters()),
        sort in prop_oneof![Just(""), Just("price:asc"), Just("price:desc")],
        limit in 1_usize..5,
    ) {
        let title = |number: usize| titles[number].iter().map(|word| WORDS[*word]).collect::<Vec<_>>().join(" ");
        let last = product_with_every_field(facts.len());
        let shop = Shop::of(facts.iter().enumerate().map(|(number, facts)| product(number, &title(number), facts)).chain([last]));
        let facets = ["brand", "colour", "size", "price", "available", "price[..0.02,0.02..0.04,0.03..]", "price:histogram(3)", "size:interval(2)",
            "colour:search(\"c\"):impact", "category:tree", "*"];
        let facets: Vec<String> = facets.map(str::to_owned).to_vec();
        let request = Request { q, mode, filter, sort: sort::parse(sort).expect("reads"), limit, facets, explain: true, ..Request::default() };
        let whole = shop.search(&Request { limit: 200, ..request.clone() });
        let (reached, total) = paged(&shop, &request);
        prop_assert_eq!(reached.iter().collect::<BTreeSet<_>>().len() as u64, total);
        prop_assert_eq!(reached, whole.hits.iter().map(|hit| hit.ordinal.0).collect::<Vec<_>>());
        check_order(&shop, &request, &whole.hits);
        for facet in &whole.facets {
            let name = facet.field.trim_start_matches("attributes.");
            let selected = request.filter.as_deref().is_some_and(|filter| filter.contains(name));
            for value in facet.values.iter().filter(|_| !selected) {
                // A text with a comma, such as a point, has to stand in quotes.
                let quote = if value.value.contains(',') { "\"" } else { "" };
                let added = format!("{} = {quote}{}{quote}", facet.field, value.value);
                let filter = Some(request.filter.as_ref().map_or(added.clone(), |filter| format!("({filter}) AND {added}")));
                prop_assert_eq!(shop.search(&Request { filter, ..request.clone() }).total, value.count, "{}", added);
                prop_assert!(value.impact.is_none_or(|impact| impact == value.count), "nothing is selected in {}", added);
            }
        }
    }
}

#[test]
fn an_offset_passes_hits_over_as_pages_do() {
    let shop = titled(&["red lamp", "oak desk lamp", "red desk", "light", "lamp"]);
    let request = Request { q: "lamp".to_owned(), mode: Mode::Hybrid, limit: 2, ..Request::default() };
    let ids = |offset: usize, limit: usize| {
        let answer = shop.search(&Request { offset, limit, ..request.clone() });
        let hits = answer.hits.iter().map(|hit| hit.ordinal).collect::<Vec<Ordinal>>();
        (hits, answer.total, answer.next_cursor.is_some())
    };
    let (all, total, _) = ids(0, 1_000);
    assert_eq!(all.len() as u64, total);
    for offset in 0..=all.len() {
        let expected = all.iter().skip(offset).take(2).copied().collect::<Vec<Ordinal>>();
        assert_eq!(ids(offset, 2), (expected, total, offset + 2 < all.len()), "{offset}");
    }
    assert_eq!(ids(0, 0).0, []);
    let refused = |request: Request| search(&shop, &request).expect_err("is refused").to_string();
    assert_eq!(refused(Request { offset: 999, ..request.clone() }), "limit: at most 1000, with what is passed over");
    let cursor = shop.search(&request).next_cursor;
    assert_eq!(refused(Request { offset: 1, cursor, ..request }), "offset: does not go with a cursor or with groups");
}
