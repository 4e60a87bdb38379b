//! What queries lead to, from events to what ranking and people read.
//!
//! Properties pinned here:
//! 1. what is bought for a query stands above what merely sells, with and without impressions told;
//! 2. a rank is taken out of its clicks; one visit counts once; nothing known is exactly neutral, and factors stay within their bounds;
//! 3. orders go to the query that led there, in time, and a cancellation leaves nothing;
//! 4. queries of few people, personal ones, and those that find nothing are shown to nobody;
//! 5. live, replayed and reloaded folds are the same, and tables never grow beyond their bounds, in rows and in bytes.

use super::*;
use crate::event::activity::HistoryLine;
use crate::event::{ActivityEvent, Behaviour, CatalogEvent, Document, Events, Origin, Projection, Recorded};
use crate::id::{Offset, OrderId, Ordinal, ProductId, QueryId, SessionId};
use crate::money::{Currency, Money};
use crate::stdx::clock::Timestamp;
use proptest::prelude::*;
use std::sync::Arc;

pub(super) const HOUR_MS: i64 = 3_600_000;
pub(super) const DAY_MS: i64 = 24 * HOUR_MS;
pub(super) const PHONE: Ordinal = Ordinal(1);
pub(super) const CABLE: Ordinal = Ordinal(2);

/// A fold that is told things, and everything that it was told.
pub(super) struct Shop {
    pub(super) fold: DemandFold,
    told: Vec<Recorded>,
    pub(super) now: Timestamp,
}

impl Shop {
    pub(super) fn new(options: Options) -> Self {
        Self { fold: DemandFold::new(options), told: Vec::new(), now: Timestamp(1_700_000_000_000) }
    }

    pub(super) fn tell(&mut self, event: ActivityEvent) {
        let recorded = Recorded { offset: Offset(self.told.len() as u64), at: self.now, events: Events::Activity(vec![event]) };
        self.fold.apply(&recorded);
        self.told.push(recorded);
    }

    pub(super) fn search(&mut self, visit: &str, text: &str, matches_count: u64) -> QueryId {
        let query = QueryId::new(&format!("q{}", self.told.len())).expect("an id");
        let origin = origin(visit, None, None);
        let written = Some(written(text));
        self.tell(ActivityEvent::Searched {
            query: query.clone(),
            text: normalised(text),
            written,
            matches_count,
            is_unfinished: false,
            origin,
            happened_at: None,
        });
        query
    }

    pub(super) fn act(&mut self, visit: &str, behaviour: Behaviour, product: Ordinal, query: Option<&QueryId>, rank: Option<u32>) {
        let origin = origin(visit, query, rank);
        self.tell(ActivityEvent::Behaved { behaviour, product, quantity: 1, origin, happened_at: self.now });
    }

    pub(super) fn click(&mut self, visit: &str, product: Ordinal, query: &QueryId, rank: u32) {
        self.act(visit, Behaviour::Click, product, Some(query), Some(rank));
    }

    pub(super) fn order(&mut self, visit: &str, name: &str, product: Ordinal) {
        let line = HistoryLine { product, sku: None, quantity: 2, unit_price: Some(Money::new(500, Currency::EUR)) };
        self.tell(ActivityEvent::OrderNoted {
            order: OrderId::new(name).expect("an id"),
            origin: origin(visit, None, None),
            lines: vec![line],
            kept: None,
        });
    }

    pub(super) fn shown(&mut self) -> DemandSnapshot {
        self.fold.publish();
        (*self.fold.reader().take()).clone()
    }

    /// A month in which people who search "iphone" see the cable first and buy the phone, while the cable sells by itself.
    fn month(&mut self, impressions_are_told: bool) {
        for visit in 0..600 {
            let name = format!("v{visit}");
            let query = self.search(&name, "iphone", 2);
            if impressions_are_told {
                self.act(&name, Behaviour::Impression, CABLE, Some(&query), Some(1));
                self.act(&name, Behaviour::Impression, PHONE, Some(&query), Some(2));
            }
            match visit % 5 {
                0 | 1 => {
                    self.click(&name, PHONE, &query, 2);
                    self.order(&name, &format!("phone{visit}"), PHONE);
                }
                2 => self.click(&name, CABLE, &query, 1),
                _ => {}
            }
            let cable = self.search(&name, "cable", 1);
            self.click(&name, CABLE, &cable, 1);
            self.order(&name, &format!("cable{visit}"), CABLE);
            self.now = self.now.plus_ms(DAY_MS / 20);
        }
    }
}

pub(super) fn origin(visit: &str, query: Option<&QueryId>, rank: Option<u32>) -> Origin {
    Origin { session: SessionId::new(visit).ok(), query: query.cloned(), rank, ..Origin::default() }
}

fn put(shop: &mut Shop, offset: u64, ordinal: Ordinal, category: &str) {
    let document = format!(r#"{{"id":"p","title":"t","categories":[["All","{category}"]]}}"#);
    let id = ProductId::new("p").expect("an id");
    let event = CatalogEvent::ProductPut { ordinal, id, document: Document(Arc::from(document.as_bytes())) };
    let recorded = Recorded { offset: Offset(offset), at: shop.now, events: Events::Catalog(vec![event]) };
    shop.fold.apply(&recorded);
}

#[test]
fn what_is_bought_for_a_query_stands_above_what_merely_sells() {
    for impressions_are_told in [false, true] {
        let mut shop = Shop::new(Options::default());
        shop.month(impressions_are_told);
        let shown = shop.shown();
        let (iphone, cable) = (shown.of("iphone"), shown.of("cable"));
        let factors = [iphone.factor(PHONE), iphone.factor(CABLE), cable.factor(CABLE), iphone.factor(Ordinal(9))];
        assert!(factors[0] > 1.2 && factors[1] < 0.8 && factors[2] > 1.0, "told {impressions_are_told}: {factors:?}");
        assert_eq!((factors[3], cable.factor(PHONE), shown.of("nothing").factor(PHONE)), (1.0, 1.0, 1.0));
        assert!(factors.iter().all(|factor| (FACTOR_MIN..=FACTOR_MAX).contains(factor)));
    }
}

#[test]
fn a_rank_is_taken_out_of_its_clicks() {
    let mut shop = Shop::new(Options::default());
    // Everybody clicks by position: half at the first rank, one in twenty at the eighth. "lamp" shows 1 at the first, "desk" at the eighth.
    for visit in 0..2_000 {
        let name = format!("v{visit}");
        for (text, first, eighth) in [("lamp", Ordinal(1), Ordinal(2)), ("desk", Ordinal(3), Ordinal(1))] {
            let query = shop.search(&name, text, 2);
            for (product, rank, every) in [(first, 1, 2), (eighth, 8, 20)] {
                shop.act(&name, Behaviour::Impression, product, Some(&query), Some(rank));
                if visit % every == 0 {
                    shop.click(&name, product, &query, rank);
                }
            }
        }
    }
    let shown = shop.shown();
    let factors = [shown.of("lamp").factor(Ordinal(1)), shown.of("lamp").factor(Ordinal(2)), shown.of("desk").factor(Ordinal(1))];
    assert!(factors.iter().all(|factor| (0.85..1.15).contains(factor)), "{factors:?}");
}

#[test]
fn one_visit_counts_once_and_a_crowd_does_not_come_from_one_browser() {
    let (mut honest, mut flooded) = (Shop::new(Options::default()), Shop::new(Options::default()));
    for shop in [&mut honest, &mut flooded] {
        for visit in 0..50 {
            let query = shop.search(&format!("v{visit}"), "lamp", 2);
            shop.click(&format!("v{visit}"), PHONE, &query, 1);
        }
    }
    let query = flooded.search("v1", "lamp", 2);
    for _ in 0..500 {
        flooded.click("v1", CABLE, &query, 2);
        flooded.search("v1", "lamp", 2);
        flooded.act("v1", Behaviour::AddToCart, CABLE, None, None);
    }
    let (honest, flooded) = (honest.shown(), flooded.shown());
    let counts = |shown: &DemandSnapshot| shown.report(By::Top, Window::Short, 1).lines[0].counts;
    assert_eq!((counts(&flooded).searches, counts(&flooded).clicks, counts(&flooded).carts), (50.0, 51.0, 1.0));
    assert_eq!(counts(&honest).searches, 50.0);
    assert!(flooded.of("lamp").factor(CABLE) < flooded.of("lamp").factor(PHONE));
}

#[test]
fn an_order_goes_to_what_led_there_in_time_and_a_cancellation_leaves_nothing() {
    let mut shop = Shop::new(Options::default());
    for visit in ["a", "b", "c"] {
        let first = shop.search(visit, "charger", 3);
        shop.click(visit, CABLE, &first, 1);
        let last = shop.search(visit, "cable", 3);
        shop.click(visit, CABLE, &last, 1);
    }
    let before = shop.shown().report(By::Top, Window::Short, 9);
    shop.order("a", "o1", CABLE);
    shop.order("a", "o1", CABLE);
    shop.order("stranger", "o2", CABLE);
    let report = shop.shown().report(By::Orders, Window::Short, 9);
    assert_eq!(report.lines.len(), 1, "last touch");
    let line = &report.lines[0];
    assert_eq!((&*line.query, line.counts.orders, line.counts.units, line.counts.revenue_minor), ("cable", 1.0, 2.0, 1_000.0));
    assert_eq!((line.revenue_share, report.totals.currency), (1.0, Some(Currency::EUR)));
    for _ in 0..2 {
        shop.tell(ActivityEvent::CancellationNoted { order: OrderId::new("o1").expect("an id") });
    }
    assert_eq!(
        shop.shown().report(By::Top, Window::Short, 9),
        Report { totals: Totals { currency: Some(Currency::EUR), ..before.totals }, ..before }
    );
    shop.now = shop.now.plus_ms(DAY_MS + 1);
    shop.order("b", "o3", CABLE);
    assert!(shop.shown().report(By::Orders, Window::Short, 9).lines.is_empty(), "too late");
}

/// The page that thanks for an order told of it once more.
#[test]
fn an_order_and_the_event_of_it_count_once() {
    for event_first in [false, true] {
        let mut shop = Shop::new(Options::default());
        let query = shop.search("a", "cable", 3);
        shop.click("a", CABLE, &query, 1);
        for is_event in [event_first, !event_first] {
            if is_event { shop.act("a", Behaviour::Purchase, CABLE, None, None) } else { shop.order("a", "o1", CABLE) }
        }
        let totals = shop.fold.state.totals.sums[0];
        assert_eq!((totals.orders, totals.revenue_minor), (1.0, 1_000.0), "{event_first}");
    }
}

#[test]
fn a_query_lifts_other_products_of_the_category_it_leads_to() {
    let mut shop = Shop::new(Options::default());
    for (ordinal, category) in [(1, "Phones"), (2, "Cables"), (3, "Phones"), (4, "Cables"), (5, "Books")] {
        put(&mut shop, ordinal, Ordinal(ordinal as u32), category);
    }
    shop.month(false);
    let shown = shop.shown();
    let lifts = [1, 3, 4, 5, 99].map(|ordinal| shown.of("iphone").category_affinity(Ordinal(ordinal)));
    assert_eq!([lifts[0], lifts[3], lifts[4]], [1.0; 3], "the pair says it better, and books are not led to");
    assert!(lifts[1] > lifts[2] && lifts[2] > 1.0 && lifts[1] <= LIFT_MAX, "{lifts:?}");
}

#[test]
fn completions_are_real_queries_by_what_they_led_to() {
    let mut shop = Shop::new(Options::default());
    let mut ask = |visits: u32, text: &str, matches_count: u64, acts: &[Behaviour]| {
        for visit in 0..visits {
            let name = format!("{text}{visit}");
            let query = shop.search(&name, text, matches_count);
            acts.iter().for_each(|act| shop.act(&name, *act, PHONE, Some(&query), Some(1)));
        }
    };
    ask(9, "desk", 5, &[]);
    ask(4, "desk lamp", 5, &[Behaviour::Click, Behaviour::Purchase]);
    ask(5, "desk chair", 5, &[Behaviour::Click, Behaviour::AddToCart]);
    ask(5, "desk tidy", 5, &[Behaviour::Click]);
    ask(40, "desk qqq", 0, &[]);
    ask(2, "desk of ada", 1, &[Behaviour::Purchase]);
    ask(3, "shoe rack", 5, &[]);
    ask(6, "Shoes - rack", 5, &[]);
    ask(9, "shoestring", 5, &[]);
    let shown = shop.shown();
    assert_eq!(shown.complete("desk", 9), ["desk lamp", "desk chair", "desk tidy", "desk"]);
    assert_eq!(shown.complete("Desk l", 9), ["desk lamp"]);
    assert_eq!((shown.complete("desk ", 1), shown.complete("", 9)), (vec!["desk lamp".to_owned()], vec![]));
    assert_eq!((shown.complete("shoes", 9), shown.complete("sho", 9).len()), (vec!["shoes rack".to_owned(), "shoestring".to_owned()], 2));
    assert_eq!(["desk", "lamp", "qqq", "ada"].map(|word| shown.asked_count(word)), [23, 4, 0, 0]);
}

#[test]
fn queries_are_written_as_people_write_them() {
    let check = |query: &str, expected: &str| assert_eq!(written(query), expected, "{query}");
    check("  Men's  Running SHOES!", "men's running shoes");
    check("USB-C / type-c cable, 2 m", "usb-c type-c cable 2 m");
    check("15,6\" laptop <b>", "15,6 laptop b");
    check("…", "");
}

#[test]
fn reports_show_what_enough_people_asked() {
    let mut shop = Shop::new(Options::default());
    for visit in 0..20 {
        let name = format!("v{visit}");
        let query = shop.search(&name, "lamp", 5);
        shop.click(&name, PHONE, &query, 1 + visit % 3);
        shop.search(&name, "sofa", 4);
        if visit < 5 {
            shop.search(&name, "hoverboard", 0);
        }
    }
    (0..2).for_each(|visit| drop(shop.search(&format!("v{visit}"), "name of a neighbour", 0)));
    shop.search("v1", "4111 1111 1111 1111", 0);
    let shown = shop.shown();
    let queries = |by: By| shown.report(by, Window::Long, 9).lines.iter().map(|line| line.query.to_string()).collect::<Vec<_>>();
    assert_eq!(queries(By::Top), ["lamp", "sofa", "hoverboard"]);
    assert_eq!(
        (queries(By::ZeroResults), queries(By::LowClicks), queries(By::Orders)),
        (vec!["hoverboard".into()], vec!["sofa".into()], vec![])
    );
    let report = shown.report(By::Top, Window::Short, 1);
    assert_eq!((report.lines.len(), report.totals.counts.searches, report.totals.counts.zero_results), (1, 47.0, 7.0));
    let mean_rank = report.lines[0].counts.mean_rank().expect("ranks were told");
    assert!((mean_rank - 1.95).abs() < 1e-9 && (report.lines[0].counts.click_rate() - 1.0).abs() < 1e-9);
}

#[test]
fn a_flood_of_queries_stays_within_the_bound_and_leaves_what_sells() {
    let options = Options { queries_max: 256, recent_len: 1_024, orders_remembered_max: 16, ..Options::default() };
    let mut shop = Shop::new(options);
    shop.month(false);
    for number in 0..20_000 {
        let query = shop.search("flood", &format!("junk {number}"), 3);
        (0..40).for_each(|product| {
            shop.act("flood", Behaviour::Impression, Ordinal(number % 1_000 + product), Some(&query), Some(product + 1))
        });
        shop.told.clear();
    }
    let shown = shop.shown();
    assert!(shown.queries_count() <= 256 && shown.of("iphone").factor(PHONE) > 1.2);
    assert!(shop.fold.state.queries.table.sorted().iter().all(|(_, query)| query.pairs.len() <= super::queries::PAIRS_MAX));
    assert_eq!(shown.queries_count(), shop.fold.state.queries.table.len());
}

#[test]
fn the_tables_fit_into_a_hundred_and_twelve_mebibytes() {
    let options = Options::default();
    let pair = size_of::<super::queries::Pair>();
    let query =
        size_of::<super::queries::QueryState>() + 2 * QUERY_BYTES_MAX + super::queries::PAIRS_MAX * (pair + size_of::<(Ordinal, f32)>());
    let row = size_of::<super::snapshot::QueryRow>() + 8 * size_of::<(u32, f32)>();
    let recent = options.recent_len * 8 * (5 + 3 + 2 + 2);
    let credits = options.orders_remembered_max * 2 * size_of::<super::credit::Credit>();
    let bytes = options.queries_max * (query + row) + recent + credits;
    assert!(bytes < 112 << 20, "{bytes} bytes beside 44 a product");
}

/// One random thing: who, what, which product, at which rank.
type Random = (u8, u8, u8, u8);

fn tell_all(shop: &mut Shop, things: &[Random]) {
    let mut names = Vec::new();
    for &(who, what, product, rank) in things {
        shop.now = shop.now.plus_ms(i64::from(rank) * HOUR_MS / 8);
        let (visit, product) = (format!("v{}", who % 7), Ordinal(u32::from(product % 9)));
        let query = names.get(usize::from(rank) % names.len().max(1)).cloned();
        match what % 8 {
            0 | 1 => names.push(shop.search(&visit, ["lamp", "desk", "desk lamp", "sofa"][usize::from(rank % 4)], u64::from(who))),
            2 => shop.act(&visit, Behaviour::Impression, product, query.as_ref(), Some(1 + u32::from(rank))),
            3 => shop.act(&visit, Behaviour::Click, product, query.as_ref(), Some(1 + u32::from(rank))),
            4 => shop.act(&visit, Behaviour::AddToCart, product, None, None),
            5 => shop.act(&visit, Behaviour::Purchase, product, query.as_ref(), None),
            6 => shop.order(&visit, &format!("o{}", rank % 40), product),
            _ => shop.tell(ActivityEvent::CancellationNoted { order: OrderId::new(&format!("o{}", rank % 40)).expect("an id") }),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn live_replayed_and_reloaded_folds_are_the_same(things in prop::collection::vec(any::<Random>(), 1..200), cut in 0_usize..200) {
        let options = Options { queries_max: 8, recent_len: 1_024, orders_remembered_max: 4, ..Options::default() };
        let mut live = Shop::new(options.clone());
        tell_all(&mut live, &things);
        let (mut replayed, mut early) = (DemandFold::new(options.clone()), DemandFold::new(options.clone()));
        for (index, recorded) in live.told.iter().enumerate() {
            replayed.apply(recorded);
            if index < cut {
                early.apply(recorded);
                early.publish();
            }
        }
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("demand.bin");
        early.checkpoint().save(&path).expect("saves");
        let mut reloaded = DemandFold::load(&path, options).expect("loads");
        live.told.iter().for_each(|recorded| reloaded.apply(recorded));
        let digest = live.fold.checkpoint().digest();
        prop_assert_eq!(digest, replayed.checkpoint().digest());
        prop_assert_eq!(digest, reloaded.checkpoint().digest());
        live.fold.derive_all();
        reloaded.derive_all();
        prop_assert_eq!(live.shown().report(By::Top, Window::Long, 9), { reloaded.publish(); reloaded.reader().take().report(By::Top, Window::Long, 9) });
        for text in ["lamp", "desk", "desk lamp", "sofa"] {
            let shown = live.shown();
            for product in 0..9 {
                let factor = shown.of(text).factor(Ordinal(product));
                prop_assert!((FACTOR_MIN..=FACTOR_MAX).contains(&factor));
                prop_assert_eq!(factor, reloaded.reader().take().of(text).factor(Ordinal(product)));
            }
        }
    }
}

#[test]
fn a_checkpoint_of_other_windows_or_with_a_flipped_byte_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("demand.bin");
    let mut shop = Shop::new(Options::default());
    shop.month(true);
    shop.fold.checkpoint().save(&path).expect("saves");
    let other = Options { window_short_ms: 1, ..Options::default() };
    assert!(matches!(DemandFold::load(&path, other), Err(DemandError::OtherOptions)));
    let mut bytes = std::fs::read(&path).expect("reads");
    let place = bytes.len() - 9;
    bytes[place] ^= 1;
    std::fs::write(&path, bytes).expect("writes");
    assert!(DemandFold::load(&path, Options::default()).is_err());
}
