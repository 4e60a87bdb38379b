//! A query that comes again is ranked as if every match were looked at, whatever moved in between. Pinned here:
//!
//! 1. stock, sales, time and products that come and go, with and without filters, histories and experiments;
//! 2. what people come to take for the query;
//! 3. what is kept is used, and looked for anew when more moved than it holds.

use crate::catalog::Product;
use crate::event::{ActivityEvent, Behaviour, Events, Origin, Projection, Recorded};
use crate::id::{Offset, Ordinal, QueryId, SessionId};
use crate::search::heard::hear;
use crate::search::testing::{LiveShop, forgetful};
use crate::search::{Mode, Moment, Request, search};
use crate::signal::demand::{self, DemandFold, DemandSnapshot};
use crate::stdx::clock::Timestamp;
use proptest::prelude::*;
use serde_json::json;
use std::sync::Arc;

/// More than are kept of a query's matches, twice.
const PRODUCTS: u32 = 700;
const BRANDS: [&str; 3] = ["Acme", "Ikono", "Volt"];

fn product(number: u32, title: &str) -> Product {
    let brand = BRANDS[number as usize % 3];
    let value = json!({"id": format!("p{number}"), "title": title, "brand": brand, "categories": [["Home", brand]],
        "variants": [{"sku": format!("s{number}"), "offers": []}]});
    serde_json::from_value(value).expect("a product")
}

/// Lamps that match more or less, and a few chairs.
fn shop() -> LiveShop {
    let mut shop = LiveShop::open(None);
    for number in 0..PRODUCTS {
        let title = if number % 50 == 7 { format!("chair {number}") } else { format!("oak lamp{}", " desk".repeat(number as usize % 5)) };
        shop.put(product(number, &title));
    }
    shop.build();
    shop
}

fn requests() -> Vec<Request> {
    let of = |q: &str| Request { q: q.to_owned(), mode: Mode::Text, limit: 200, ..Request::default() };
    let filtered = |filter: &str| Request { filter: Some(filter.to_owned()), ..of("oak lamp") };
    let mut weighed = of("oak lamp");
    weighed.overrides.weights.similarity = Some(0.9);
    weighed.overrides.weights.variety = Some(0.0);
    let mut leaning = of("oak lamp");
    leaning.recent = vec![Ordinal(1), Ordinal(4)];
    vec![
        of("oak lamp"),
        of("lamp"),
        of("chair"),
        of("lamp not oak"),
        filtered("available = true"),
        filtered("brand != 'Acme'"),
        filtered("brand = 'Volt'"),
        weighed,
        leaning,
    ]
}

fn keeps(moment: &Moment, request: &Request) -> bool {
    let heard = hear(moment, request, &request.q, moment.scope(None)).expect("is read");
    heard.leaders().is_some_and(super::Leaders::keeps)
}

/// What happens to a shop: to a product, or to as many from it on.
#[derive(Debug, Clone)]
enum Step {
    Stock(u32, u32, i64),
    Told(u32, u32, Behaviour),
    Later(i64),
    Put(u32, bool),
    Removed(u32),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let product = || prop_oneof![0_u32..PRODUCTS, 0_u32..12];
    let many = || prop_oneof![4 => 1_u32..4, 1 => 300_u32..700];
    let behaviours = prop::sample::select(vec![Behaviour::View, Behaviour::Click, Behaviour::Purchase]);
    let step = prop_oneof![
        3 => (product(), many(), prop_oneof![Just(0_i64), 1_i64..9]).prop_map(|(first, count, units)| Step::Stock(first, count, units)),
        3 => (product(), many(), behaviours).prop_map(|(first, count, behaviour)| Step::Told(first, count, behaviour)),
        1 => (1_i64..500_000_000).prop_map(Step::Later),
        1 => (product(), any::<bool>()).prop_map(|(one, is_lamp)| Step::Put(one, is_lamp)),
        1 => product().prop_map(Step::Removed),
    ];
    prop::collection::vec(step, 1..14)
}

fn make(step: Step, shop: &mut LiveShop, now: &mut Timestamp) {
    let from = |first: u32, count: u32| (first..PRODUCTS.min(first + count)).map(Ordinal);
    match step {
        Step::Stock(first, count, units) => from(first, count).for_each(|one| shop.set_available(one, units)),
        Step::Told(first, count, behaviour) => from(first, count).for_each(|one| shop.tell(one, behaviour, *now)),
        Step::Later(ms) => now.0 += ms,
        Step::Put(one, is_lamp) => {
            shop.put(product(one, if is_lamp { "oak lamp" } else { "red chair" }));
        }
        Step::Removed(one) => shop.remove(Ordinal(one)),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]
    #[test]
    fn what_is_put_right_is_what_looking_at_every_match_finds(steps in steps()) {
        let (mut shop, mut now) = (shop(), Timestamp(1_700_000_000_000));
        for step in steps {
            let told = format!("{step:?}");
            make(step, &mut shop, &mut now);
            let moment = shop.moment();
            let unknowing = forgetful(&moment);
            for request in requests() {
                let expected = search(&unknowing, &request).expect("answers");
                // The first asking hears, the second notes, the third looks for what is kept, the fourth takes it.
                for _ in 0..4 {
                    let answer = search(&moment, &request).expect("answers");
                    prop_assert!(answer.hits == expected.hits, "{told}: {request:?}");
                    prop_assert_eq!((answer.total, answer.demoted_count), (expected.total, expected.demoted_count));
                }
            }
        }
    }
}

/// Demand of a shop in which this was asked by many, each of whom took the product.
fn taken(query: &str, product: Ordinal) -> Arc<DemandSnapshot> {
    let asked_and_taken = |number: u64| {
        let id = QueryId::new(&format!("q{number}")).expect("an id");
        let session = SessionId::new(&format!("v{number}")).ok();
        let asked = ActivityEvent::Searched {
            query: id.clone(),
            text: demand::normalised(query),
            written: None,
            matches_count: 9,
            is_unfinished: false,
            origin: Origin { session: session.clone(), ..Origin::default() },
            happened_at: None,
        };
        let origin = Origin { session, query: Some(id), ..Origin::default() };
        [asked, ActivityEvent::Behaved { behaviour: Behaviour::Purchase, product, quantity: 1, origin, happened_at: Timestamp(1) }]
    };
    let mut fold = DemandFold::new(demand::Options::default());
    fold.apply(&Recorded { offset: Offset(0), at: Timestamp(1), events: Events::Activity((0..40).flat_map(asked_and_taken).collect()) });
    fold.publish();
    fold.reader().take()
}

#[test]
fn what_people_take_for_the_query_moves_what_was_kept() {
    let mut shop = shop();
    let request = &requests()[0];
    let moment = shop.moment();
    let hits = |moment: &Moment| search(moment, request).expect("answers").hits;
    (0..3).for_each(|_| drop(hits(&moment)));
    let before = hits(&moment);
    let wanted = before[20].ordinal;
    let learnt = Moment { demand: taken("oak lamp", wanted), ..moment.clone() };
    let after = hits(&learnt);
    assert!(after == hits(&forgetful(&learnt)) && after[0].ordinal == wanted, "{:?} {wanted:?}", after[0].ordinal);
    assert!(hits(&moment) == before, "and nothing of it stays");
}

#[test]
fn what_is_kept_outlives_a_sale_and_not_a_flood() {
    let mut shop = shop();
    let request = &requests()[0];
    let ask = |moment: &Moment| drop(search(moment, request).expect("answers"));
    let moment = shop.moment();
    let kept: Vec<bool> = (0..4)
        .map(|_| {
            ask(&moment);
            keeps(&moment, request)
        })
        .collect();
    assert_eq!(kept, [false, false, true, true]);
    shop.set_available(Ordinal(3), 0);
    let moment = shop.moment();
    ask(&moment);
    assert!(keeps(&moment, request), "one product moved");
    (0..PRODUCTS).for_each(|one| shop.set_available(Ordinal(one), 0));
    let moment = shop.moment();
    ask(&moment);
    assert!(!keeps(&moment, request), "nearly all moved");
    ask(&moment);
    assert!(keeps(&moment, request));
}
