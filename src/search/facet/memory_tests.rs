//! What is taken from memory, and what a filter leaves out taken from that, is what would be counted without remembering anything.

use super::*;
use crate::id::Ordinal;
use crate::search::columns::MarketId;
use crate::search::fields::{Live, LiveNumber};
use crate::search::index::{Changes, Facts};
use crate::search::testing::{catalogue, filters, product_with_every_field, products, scope};
use proptest::prelude::*;

const FACETS: [&str; 16] = [
    "available",
    "colour:impact",
    "price:impact",
    "brand",
    "brand:limit(1)",
    "brand:impact",
    "category:tree",
    "colour",
    "size",
    "size[0..1,2..]",
    "velocity:histogram(2)",
    "price",
    "price:histogram(4)",
    "price[..0.02,0.02..0.03,0.04..]",
    "price:interval(0.015)",
    "price:histogram(4):stats",
];

/// Live numbers of which each is another one in each moment.
struct Moving(u32);

impl Live for Moving {
    fn is_available(&self, ordinal: Ordinal) -> bool {
        !(ordinal.0 + self.0).is_multiple_of(3)
    }
    fn number(&self, _: LiveNumber, ordinal: Ordinal) -> f64 {
        f64::from((ordinal.0 + self.0) % 4)
    }
    fn prior(&self, _: Ordinal) -> f32 {
        1.0
    }
}

const FILTERS: [&str; 9] = [
    "",
    "available = true",
    "NOT brand = b1",
    "price > 0.01",
    "price > 0.01 AND available = true",
    "brand = b1 AND velocity > 1",
    "colour IN [c1, c2] AND price <= 0.03",
    "(available = true OR colour = c1) AND size = 1",
    "colour = c1 AND brand = b1 AND available = true",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn a_memory_changes_no_count(
        products in products(),
        asked in prop::collection::vec((filters(), prop::sample::select(FILTERS.to_vec()), 0_u32..3), 1..9),
        left_out in prop::collection::btree_set(0_u32..12, 0..3),
    ) {
        let mut columns = catalogue(&products);
        columns.put(Ordinal(90), &product_with_every_field(90));
        let candidates = columns.live() - left_out.iter().collect::<RoaringBitmap>();
        let (memory, changes) = (Memory::of(1_000), Changes::default());
        for (random, plain, moment) in asked {
            let live = Moving(moment);
            let scope = Scope { live: &live, ..scope(&columns) };
            for text in [random.as_str(), plain, ""] {
                let filter = Filter::parse(text, &columns, MarketId::GENERAL).expect("a filter");
                let matches = filter.products(scope, &candidates);
                let counted = Counted { scope, candidates: &candidates, matches: &matches, filter: &filter };
                let expected = count(&FACETS.map(str::to_owned), counted).expect("counts");
                for is_again in [false, true, true] {
                    let recalled = Some(memory.as_of(&changes, is_again));
                    let (remembered, _) = count_until(&FACETS.map(str::to_owned), counted, recalled, &Deadline::default()).expect("counts");
                    prop_assert_eq!(&remembered, &expected, "{}", text);
                }
            }
        }
    }
}

/// Whether a facet is taken from memory, at a moment of the live numbers and a commit.
fn is_remembered(memory: &Memory, (text, facet): (&str, &str), moment: u32, commit: u64) -> bool {
    let mut columns = catalogue(&[]);
    (0..40).for_each(|number| columns.put(Ordinal(number), &product_with_every_field(number as usize)));
    let (live, candidates) = (Moving(moment), columns.live());
    let scope = Scope { live: &live, ..scope(&columns) };
    let filter = Filter::parse(text, &columns, MarketId::GENERAL).expect("a filter");
    let matches = filter.products(scope, candidates);
    let counted = Counted { scope, candidates, matches: &matches, filter: &filter };
    let plans = plan::plans(&[facet.to_owned()], counted).expect("a facet");
    let bases = Bases::of(plans.iter().map(|plan| plan.field), counted);
    let (mut is_counted, mut changes) = (false, Changes::default());
    (0..commit).for_each(|_| changes.advance());
    memory.as_of(&changes, true).within(counted).of(&plans[0], &bases, counted, || {
        is_counted = true;
        Arc::default()
    });
    !is_counted
}

#[test]
fn a_facet_with_chosen_values_is_counted_once_until_what_it_rests_on_moves() {
    for (asked, is_again, after_stock, after_prices) in [
        (("colour = c9", "colour"), true, true, true),
        // Variants that cost less lend their sizes.
        (("colour = c9 AND price < 50", "size"), true, true, false),
        (("brand = b9 AND price < 50", "brand"), true, true, false),
        (("brand = b9 AND price < 50", "category"), true, true, true),
        (("brand = b9 AND price < 50", "price"), true, true, false),
        // Without the colour there are those in stock.
        (("colour = c9 AND available = true", "colour"), true, false, true),
        (("brand = b9", "available"), false, false, false),
        // Which variants pass follows the stock.
        (("(available = true OR colour = c1) AND brand = b9", "size"), false, false, false),
    ] {
        let memory = Memory::of(1_000);
        assert!(!is_remembered(&memory, asked, 0, 1), "{asked:?}: the first time");
        assert_eq!(is_remembered(&memory, asked, 0, 1), is_again, "{asked:?}: again");
        assert_eq!(is_remembered(&memory, asked, 1, 1), after_stock, "{asked:?}: other stock");
        is_remembered(&memory, asked, 0, 1);
        memory.outdate(Facts::Prices, 2);
        assert_eq!(is_remembered(&memory, asked, 0, 2), after_prices, "{asked:?}: other prices");
        assert_eq!(is_remembered(&memory, asked, 0, 2), is_again, "{asked:?}: and again");
    }
}

/// Enough products that ratings are counted by what products have in common.
#[test]
fn ratings_that_move_are_counted_as_they_stand() {
    let rated = |number: u32, stars: u32| {
        let rating = (stars > 0).then(|| serde_json::json!({"average": f64::from(stars) / 2.0, "count": 1}));
        let value =
            serde_json::json!({"id": format!("p{number}"), "title": "t", "rating": rating, "variants": [{"sku": format!("s{number}")}]});
        serde_json::from_value::<crate::catalog::Product>(value).expect("a product")
    };
    let mut columns = catalogue(&[]);
    (0..5_000).for_each(|number| columns.put(Ordinal(number), &rated(number, number % 7)));
    let (mut changes, memory) = (Changes::default(), Memory::of(5_000));
    let facets = ["rating", "rating:histogram(3)", "rating[0..2,2..]", "rating:stats"].map(str::to_owned);
    for step in 0..12_u32 {
        for (number, stars) in [(step * 3, step % 4), (step * 5, 5), (step * 3, 6), (step, 0)] {
            let before = columns.renumber(Ordinal(number), &rated(number, stars)).rating;
            before.into_iter().for_each(|before| changes.note_rating(Ordinal(number), before));
        }
        changes.advance();
        memory.outdate(Facts::Rating, changes.commit());
        let candidates: RoaringBitmap = columns.live().iter().filter(|number| number % 5 > 0).collect();
        // What a filter leaves out is another third of them each time.
        for text in ["", "available = true", "rating > 1"] {
            let scope = Scope { live: &Moving(step), ..scope(&columns) };
            let filter = Filter::parse(text, &columns, MarketId::GENERAL).expect("a filter");
            let matches = filter.products(scope, &candidates);
            let counted = Counted { scope, candidates: &candidates, matches: &matches, filter: &filter };
            let expected = count(&facets, counted).expect("counts");
            let recalled = Some(memory.as_of(&changes, true));
            assert_eq!(count_until(&facets, counted, recalled, &Deadline::default()).expect("counts").0, expected, "{step} {text}");
        }
    }
}
