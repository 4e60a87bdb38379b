//! What is taken from memory, and what a filter leaves out taken from that, is what would be counted without remembering anything.

use super::*;
use crate::id::Ordinal;
use crate::search::columns::MarketId;
use crate::search::testing::{catalogue, filters, product_with_every_field, products, scope};
use proptest::prelude::*;

const FACETS: [&str; 13] = [
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

proptest! {
    #[test]
    fn a_memory_changes_no_count(
        products in products(),
        asked in prop::collection::vec((filters(), prop::sample::select(vec!["", "available = true", "NOT brand = b1", "price > 0.01"])), 1..6),
        left_out in prop::collection::btree_set(0_u32..12, 0..3),
    ) {
        let mut columns = catalogue(&products);
        columns.put(Ordinal(90), &product_with_every_field(90));
        let candidates = columns.live() - left_out.iter().collect::<RoaringBitmap>();
        let (scope, memory) = (scope(&columns), Memory::of(1_000));
        for (random, plain) in asked {
            for text in [random.as_str(), plain] {
                let filter = Filter::parse(text, &columns, MarketId::GENERAL).expect("a filter");
                let matches = filter.products(scope, &candidates);
                let counted = Counted { scope, candidates: &candidates, matches: &matches, filter: &filter };
                let expected = count(&FACETS.map(str::to_owned), counted).expect("counts");
                for _ in 0..2 {
                    let (remembered, _) =
                        count_until(&FACETS.map(str::to_owned), counted, Some(memory.as_of(0)), &Deadline::default()).expect("counts");
                    prop_assert_eq!(&remembered, &expected, "{}", text);
                }
            }
        }
    }
}
