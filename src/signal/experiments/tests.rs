//! What is counted of experiments, from events to sums.
//!
//! Properties pinned here:
//! 1. searches, clicks, carts, orders and revenue are counted for whoever was exposed, in their arm, once, and for some days;
//! 2. a canceled order leaves nothing, and neither does somebody who is forgotten;
//! 3. an experiment that is started anew begins at nothing; typing one search is one search;
//! 4. whatever happens, an arm's sums are the sums over its participants, and there are never more clicks than searches;
//! 5. live, replayed and reloaded folds are the same, and tallies never grow beyond their bounds.

use super::*;
use crate::event::activity::{HistoryLine, ShopperDigest, Trial};
use crate::event::{ActivityEvent, Behaviour, Events, Origin, Projection, Recorded};
use crate::id::{Offset, OrderId, Ordinal, QueryId, SessionId, ShopperId};
use crate::money::{Currency, Money};
use proptest::prelude::*;

const DAY_MS: i64 = 86_400_000;

struct Shop {
    fold: ExperimentsFold,
    told: Vec<Recorded>,
    now: Timestamp,
}

fn visit(name: &str) -> Origin {
    Origin { session: SessionId::new(name).ok(), ..Origin::default() }
}

fn person(name: &str) -> Origin {
    Origin { shopper: ShopperId::new(name).ok(), ..Origin::default() }
}

fn trial(experiment: &str, run: i64, arm: &str) -> Trial {
    Trial { experiment: SettingId::new(experiment).expect("an id"), run: Timestamp(run), arm: arm.to_owned() }
}

impl Shop {
    fn new() -> Self {
        Self::with(Options::default())
    }

    fn with(options: Options) -> Self {
        Self { fold: ExperimentsFold::new(options), told: Vec::new(), now: Timestamp(1_700_000_000_000) }
    }

    fn tell(&mut self, event: ActivityEvent) {
        let recorded = Recorded { offset: Offset(self.told.len() as u64), at: self.now, events: Events::Activity(vec![event]) };
        self.fold.apply(&recorded);
        self.told.push(recorded);
    }

    fn expose(&mut self, origin: &Origin, trials: &[Trial]) -> QueryId {
        self.expose_typing(origin, trials, false)
    }

    fn expose_typing(&mut self, origin: &Origin, trials: &[Trial], is_unfinished: bool) -> QueryId {
        let query = QueryId::new(&format!("q{}", self.told.len())).expect("an id");
        self.tell(ActivityEvent::Exposed { query: query.clone(), trials: trials.to_vec(), is_unfinished, origin: origin.clone() });
        query
    }

    fn act(&mut self, origin: &Origin, behaviour: Behaviour, query: Option<&QueryId>) {
        let origin = Origin { query: query.cloned(), ..origin.clone() };
        self.tell(ActivityEvent::Behaved { behaviour, product: Ordinal(1), quantity: 1, origin, happened_at: self.now });
    }

    fn order(&mut self, name: &str, origin: &Origin, quantity: i64, price_minor: i64, currency: Currency) {
        let unit_price = Some(Money { amount_minor: price_minor, currency });
        let lines = vec![HistoryLine { product: Ordinal(1), sku: None, quantity, unit_price }];
        self.tell(ActivityEvent::OrderNoted { order: OrderId::new(name).expect("an id"), origin: origin.clone(), lines, kept: None });
    }

    fn cancel(&mut self, name: &str) {
        self.tell(ActivityEvent::CancellationNoted { order: OrderId::new(name).expect("an id") });
    }

    fn sums(&mut self, experiment: &str, run: i64, arm: &str) -> Sums {
        self.fold.publish();
        let shown = self.fold.reader().take();
        let counted = shown.of(&SettingId::new(experiment).expect("an id"), Timestamp(run));
        let arms = counted.map(|counted| counted.arms.clone()).unwrap_or_default();
        arms.iter().find(|(name, _)| **name == *arm).map_or_else(Sums::default, |(_, sums)| *sums)
    }
}

fn eur() -> Currency {
    Currency::new("EUR").expect("a currency")
}

/// A click that was dated a year before the answer counted as one of its clicks.
#[test]
fn a_click_of_long_before_the_answer_is_none_of_it() {
    for (away_ms, clicked) in [(-365 * DAY_MS, 0), (-60_000, 1), (60_000, 1), (365 * DAY_MS, 0)] {
        let mut shop = Shop::new();
        let query = shop.expose(&person("ann"), &[trial("x", 1, "a")]);
        let (happened_at, origin) = (shop.now.plus_ms(away_ms), Origin { query: Some(query), ..person("ann") });
        shop.now = shop.now.plus_ms(400 * DAY_MS);
        shop.tell(ActivityEvent::Behaved { behaviour: Behaviour::Click, product: Ordinal(1), quantity: 1, origin, happened_at });
        assert_eq!(shop.sums("x", 1, "a").clicked, clicked, "{away_ms} ms away");
    }
}

#[test]
fn what_somebody_does_counts_in_their_arm_once_and_for_some_days() {
    let mut shop = Shop::new();
    let (ann, ben) = (person("ann"), visit("ben"));
    let (a, b) = ([trial("x", 1, "a")], [trial("x", 1, "b")]);
    let first = shop.expose(&ann, &a);
    shop.expose(&ann, &a);
    shop.expose(&ben, &b);
    shop.expose(&Origin::default(), &a);
    for _ in 0..3 {
        shop.act(&ann, Behaviour::Click, Some(&first));
        shop.act(&ann, Behaviour::AddToCart, None);
    }
    shop.order("o1", &ann, 2, 500, eur());
    shop.order("o1", &ann, 2, 500, eur());
    shop.order("o2", &person("nobody"), 2, 500, eur());
    let found = shop.sums("x", 1, "a");
    assert_eq!((found.visitors, found.searches, found.clicked, found.carted), (1, 2, 1, 1));
    assert_eq!((found.orders, found.converted, found.revenue_minor, found.revenue_squared), (1, 1, 1_000, 1_000_000));
    let found = shop.sums("x", 1, "b");
    assert_eq!((found.visitors, found.searches, found.converted), (1, 1, 0));

    shop.now = shop.now.plus_ms(7 * DAY_MS);
    shop.order("o3", &ann, 1, 100, Currency::USD);
    shop.act(&ben, Behaviour::Purchase, None);
    shop.now = shop.now.plus_ms(1);
    shop.order("o4", &ann, 1, 100, eur());
    let found = shop.sums("x", 1, "a");
    assert_eq!((found.orders, found.revenue_minor), (2, 1_000), "another currency is no revenue, and after a week nothing counts");
    assert_eq!(shop.sums("x", 1, "b").converted, 1, "a purchase elsewhere converts, too");
}

#[test]
fn a_visit_that_turns_out_to_be_somebody_takes_its_order_along() {
    let mut shop = Shop::new();
    shop.expose(&visit("v"), &[trial("x", 1, "a")]);
    let both = Origin { shopper: ShopperId::new("ann").ok(), ..visit("v") };
    shop.order("o1", &both, 1, 700, eur());
    assert_eq!(shop.sums("x", 1, "a").revenue_minor, 700);
    shop.now = shop.now.plus_ms(1);
    shop.expose(&both, &[trial("x", 1, "b")]);
    shop.order("o2", &both, 1, 300, eur());
    assert_eq!((shop.sums("x", 1, "a").revenue_minor, shop.sums("x", 1, "b").revenue_minor), (700, 300), "who was exposed last");
}

#[test]
fn a_canceled_order_and_somebody_forgotten_leave_nothing() {
    let mut shop = Shop::new();
    let (ann, both) = (person("ann"), [trial("x", 1, "a"), trial("y", 1, "c")]);
    shop.expose(&person("ben"), &both);
    let before = (shop.sums("x", 1, "a"), shop.sums("y", 1, "c"));
    let query = shop.expose(&ann, &both);
    let without_order = (shop.sums("x", 1, "a"), shop.sums("y", 1, "c"));
    shop.order("o1", &ann, 1, 900, eur());
    shop.order("back", &ann, -1, 900, eur());
    assert_eq!((shop.sums("x", 1, "a").revenue_minor, shop.sums("x", 1, "a").orders), (0, 1), "what is sent back is no revenue");
    shop.cancel("o1");
    shop.cancel("o1");
    shop.cancel("back");
    assert_eq!((shop.sums("x", 1, "a"), shop.sums("y", 1, "c")), without_order);
    shop.order("o2", &ann, 1, 900, eur());
    shop.tell(ActivityEvent::ShopperErased { shopper: ShopperDigest::of(&ShopperId::new("ann").expect("an id")) });
    shop.act(&ann, Behaviour::Click, Some(&query));
    shop.cancel("o2");
    assert_eq!((shop.sums("x", 1, "a"), shop.sums("y", 1, "c")), before);
}

#[test]
fn who_is_in_an_arm_stays_there_and_a_new_run_begins_at_nothing() {
    let mut shop = Shop::new();
    let ann = person("ann");
    shop.expose(&ann, &[trial("x", 1, "a")]);
    shop.expose(&ann, &[trial("x", 1, "b")]);
    assert_eq!((shop.sums("x", 1, "a").searches, shop.sums("x", 1, "b").visitors), (1, 0));
    shop.expose(&ann, &[trial("x", 2, "b")]);
    shop.expose(&ann, &[trial("x", 1, "a")]);
    assert_eq!((shop.sums("x", 1, "a"), shop.sums("x", 2, "b").visitors), (Sums::default(), 1), "an old run is over");
}

#[test]
fn typing_a_query_is_one_search() {
    let mut shop = Shop::new();
    let (ann, a) = (person("ann"), [trial("x", 1, "a")]);
    for _ in 0..5 {
        shop.expose_typing(&ann, &a, true);
        shop.now = shop.now.plus_ms(200);
    }
    let whole = shop.expose(&ann, &a);
    assert_eq!(shop.sums("x", 1, "a").searches, 1);
    shop.act(&ann, Behaviour::Click, Some(&whole));
    shop.expose(&ann, &a);
    shop.now = shop.now.plus_ms(60_000);
    shop.expose_typing(&ann, &a, true);
    assert_eq!((shop.sums("x", 1, "a").searches, shop.sums("x", 1, "a").clicked), (3, 1));
}

#[test]
fn there_is_room_for_so_many_and_those_of_a_quiet_tally_go_first() {
    let mut shop = Shop::with(Options { participants_max: 3, ..Options::default() });
    (0..2).for_each(|number| drop(shop.expose(&person(&format!("p{number}")), &[trial("old", 1, "a")])));
    (0..3).for_each(|number| drop(shop.expose(&person(&format!("p{number}")), &[trial("x", 1, "a")])));
    assert_eq!((shop.sums("old", 1, "a").visitors, shop.sums("x", 1, "a").visitors), (2, 1), "no room while something can come of them");
    shop.now = shop.now.plus_ms(8 * DAY_MS);
    (0..3).for_each(|number| drop(shop.expose(&person(&format!("p{number}")), &[trial("x", 1, "a")])));
    assert_eq!((shop.sums("old", 1, "a").visitors, shop.sums("x", 1, "a").visitors), (2, 3), "what was counted stays");
    shop.expose(&person("p7"), &[trial("old", 1, "a")]);
    assert_eq!(shop.sums("old", 1, "a").visitors, 2, "and is not counted twice");
    let uncounted = shop.fold.reader().take().of(&SettingId::new("old").expect("an id"), Timestamp(1)).map(|counted| counted.uncounted);
    assert_eq!(uncounted, Some(1));
    (0..TALLIES_MAX + 9).for_each(|number| drop(shop.expose(&person("p0"), &[trial(&format!("e{number}"), 1, "a")])));
    assert_eq!(shop.fold.state.tallies.iter().flatten().count(), TALLIES_MAX);
}

/// What can happen to one of a few visitors, in one of two arms that each always has.
#[derive(Debug, Clone)]
enum Step {
    Expose(u8, bool),
    Click(u8, u8),
    Cart(u8),
    Order(u8, u8, i8),
    Cancel(u8),
    Erase(u8),
    Wait(u8),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let who = 0_u8..6;
    let step = prop_oneof![
        6 => (who.clone(), any::<bool>()).prop_map(|(who, typing)| Step::Expose(who, typing)),
        3 => (who.clone(), 0_u8..40).prop_map(|(who, query)| Step::Click(who, query)),
        1 => who.clone().prop_map(Step::Cart),
        3 => (who.clone(), 0_u8..20, -2_i8..4).prop_map(|(who, name, units)| Step::Order(who, name, units)),
        1 => (0_u8..20).prop_map(Step::Cancel),
        1 => who.prop_map(Step::Erase),
        2 => (0_u8..80).prop_map(Step::Wait),
    ];
    prop::collection::vec(step, 1..60)
}

fn play(shop: &mut Shop, step: &Step) {
    let origin = |who: u8| if who.is_multiple_of(2) { person(&format!("s{who}")) } else { visit(&format!("s{who}")) };
    match step {
        Step::Expose(who, typing) => {
            let arm = if *who < 3 { "a" } else { "b" };
            drop(shop.expose_typing(&origin(*who), &[trial("x", 1, arm), trial("y", 1, "c")], *typing));
        }
        Step::Click(who, query) => shop.act(&origin(*who), Behaviour::Click, QueryId::new(&format!("q{query}")).ok().as_ref()),
        Step::Cart(who) => shop.act(&origin(*who), Behaviour::AddToCart, None),
        Step::Order(who, name, units) => shop.order(&format!("o{name}"), &origin(*who), i64::from(*units), 100, eur()),
        Step::Cancel(name) => shop.cancel(&format!("o{name}")),
        Step::Erase(who) => {
            let shopper = ShopperDigest::of(&ShopperId::new(&format!("s{who}")).expect("an id"));
            shop.tell(ActivityEvent::ShopperErased { shopper });
        }
        Step::Wait(hours) => shop.now = shop.now.plus_ms(i64::from(*hours) * DAY_MS / 24),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn the_report_adds_up_and_folds_are_the_same_live_replayed_and_reloaded(steps in steps(), cut in 0.0_f64..1.0) {
        let mut shop = Shop::new();
        for step in &steps {
            play(&mut shop, step);
            for tally in shop.fold.state.tallies.iter().flatten() {
                let sums: Vec<Sums> = tally.counted.arms.iter().map(|(_, sums)| *sums).collect();
                prop_assert_eq!(&sums, &tally.counted_anew());
                for arm in sums {
                    prop_assert!(arm.clicked <= arm.searches && arm.converted <= arm.visitors && arm.carted <= arm.visitors, "{:?}", arm);
                    prop_assert!(arm.visitors <= arm.searches && arm.converted <= arm.orders, "{:?}", arm);
                }
            }
        }
        let (mut all, mut in_arms) = (Sums::default(), 0);
        for arm in ["a", "b"] {
            let sums = shop.sums("x", 1, arm);
            in_arms += sums.visitors;
            all.searches += sums.searches;
            all.orders += sums.orders;
            all.revenue_minor += sums.revenue_minor;
        }
        let together = shop.sums("y", 1, "c");
        prop_assert_eq!((in_arms, all.searches, all.orders, all.revenue_minor),
            (together.visitors, together.searches, together.orders, together.revenue_minor), "arms are parts of the whole");

        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("experiments.bin");
        let middle = (shop.told.len() as f64 * cut) as usize;
        let mut first = ExperimentsFold::new(Options::default());
        shop.told[..middle].iter().for_each(|recorded| first.apply(recorded));
        first.checkpoint().save(&path).expect("saves");
        let mut loaded = ExperimentsFold::load(&path, Options::default()).expect("loads");
        prop_assert_eq!(loaded.checkpoint().digest(), first.checkpoint().digest());
        shop.told.iter().for_each(|recorded| loaded.apply(recorded));
        prop_assert_eq!(loaded.checkpoint().digest(), shop.fold.checkpoint().digest());
    }
}
