//! Who asked a query: it is shown to others when enough different people did, and nobody is told apart longer than that takes.
//!
//! Properties pinned here:
//! 1. a known shopper is one person however many visits they ask in, and so are callers without any name within a day;
//! 2. somebody who was forgotten has not asked what too few have asked yet;
//! 3. callers without a name move what is counted, and what others find, no further than one person would;
//! 4. an answer of somebody who was forgotten leads to nothing, whatever the visit;
//! 5. so after a checkpoint;
//! 6. of a query that enough people asked it is not kept who they were.

use super::*;
use crate::event::activity::ShopperDigest;
use crate::event::{ActivityEvent, Behaviour, Events, Origin, Projection, Recorded};
use crate::id::{Offset, Ordinal, QueryId, SessionId, ShopperId};
use crate::stdx::clock::Timestamp;

const DAY_MS: i64 = 86_400_000;

struct Shop {
    fold: DemandFold,
    told: u64,
    now: Timestamp,
}

impl Shop {
    fn new() -> Self {
        Self { fold: DemandFold::new(Options::default()), told: 0, now: Timestamp(1_700_000_000_000) }
    }

    fn tell(&mut self, event: ActivityEvent) {
        self.fold.apply(&Recorded { offset: Offset(self.told), at: self.now, events: Events::Activity(vec![event]) });
        self.told += 1;
    }

    /// Somebody asks for a lamp, a day after whoever did before.
    fn ask(&mut self, shopper: Option<&str>, session: Option<&str>) {
        self.now = self.now.plus_ms(DAY_MS);
        self.ask_now(shopper, session, 3);
    }

    fn ask_now(&mut self, shopper: Option<&str>, session: Option<&str>, matches_count: u64) -> QueryId {
        let shopper = shopper.map(|name| ShopperId::new(name).expect("an id"));
        let session = session.map(|name| SessionId::new(name).expect("an id"));
        let query = QueryId::new(&format!("q{}", self.told)).expect("an id");
        self.tell(ActivityEvent::Searched {
            query: query.clone(),
            text: normalised("lamp"),
            written: Some(written("lamp")),
            matches_count,
            is_unfinished: false,
            origin: Origin { shopper, session, ..Origin::default() },
            happened_at: None,
        });
        query
    }

    fn click(&mut self, session: Option<&str>, query: &QueryId) {
        let session = session.map(|name| SessionId::new(name).expect("an id"));
        let origin = Origin { session, query: Some(query.clone()), rank: Some(1), ..Origin::default() };
        let (behaviour, product, happened_at) = (Behaviour::Click, Ordinal(1), self.now);
        self.tell(ActivityEvent::Behaved { behaviour, product, quantity: 1, origin, happened_at });
    }

    fn totals(&mut self) -> Counts {
        self.fold.publish();
        self.fold.reader().take().report(By::Top, Window::Long, 1).totals.counts
    }

    fn factor(&mut self) -> f32 {
        self.fold.publish();
        self.fold.reader().take().of("lamp").factor(Ordinal(1))
    }

    fn forget(&mut self, shopper: &str) {
        let shopper = ShopperDigest::of(&ShopperId::new(shopper).expect("an id"));
        self.tell(ActivityEvent::ShopperErased { shopper });
    }

    fn is_told(&mut self) -> bool {
        self.fold.publish();
        !self.fold.reader().take().complete("la", 9).is_empty()
    }

    fn askers(&self) -> [u32; ASKERS_MIN] {
        self.fold.state.queries.table.sorted()[0].1.askers
    }
}

#[test]
fn a_known_shopper_is_one_person_whatever_the_visits() {
    let mut shop = Shop::new();
    (0..9).for_each(|visit| shop.ask(Some("ann"), Some(&format!("v{visit}"))));
    assert!(!shop.is_told(), "one person's words are shown to everybody");
    shop.ask(None, Some("guest"));
    assert!(!shop.is_told());
    shop.ask(Some("ben"), None);
    assert!(shop.is_told());
    assert_eq!(shop.askers(), [shop.askers()[0]; ASKERS_MIN], "who they were is kept");
}

#[test]
fn callers_without_a_name_are_one_a_day() {
    let mut shop = Shop::new();
    for hour in 0..24 {
        shop.now = Timestamp(1_700_006_400_000 - DAY_MS + hour * 3_600_000);
        shop.ask(None, None);
    }
    assert!(!shop.is_told(), "of one day");
    (0..2).for_each(|_| shop.ask(None, None));
    assert!(shop.is_told(), "of three");
}

#[test]
fn who_is_forgotten_has_not_asked() {
    let mut shop = Shop::new();
    ["ann", "ben"].into_iter().for_each(|name| shop.ask(Some(name), None));
    shop.forget("ann");
    assert_eq!(shop.askers().iter().filter(|asker| **asker != 0).count(), 1);
    shop.ask(Some("cid"), None);
    assert!(!shop.is_told());
    shop.ask(Some("dan"), None);
    assert!(shop.is_told());
}

/// Two thousand searches of nobody, told by whatever can search, sank a product that fifteen people had clicked.
#[test]
fn callers_without_a_name_move_ranking_no_further_than_one_person() {
    let mut shop = Shop::new();
    for visit in 0..15 {
        let name = format!("v{visit}");
        let query = shop.ask_now(None, Some(&name), 3);
        shop.click(Some(&name), &query);
    }
    let before = shop.factor();
    (0..2_000).for_each(|_| drop(shop.ask_now(None, None, 0)));
    let (after, counts) = (shop.factor(), shop.totals());
    assert!((after - before).abs() < 0.02, "{before} {after}");
    assert_eq!((counts.searches, counts.zero_results), (16.0, 1.0));
    let query = shop.ask_now(None, None, 3);
    (0..9).for_each(|_| shop.click(None, &query));
    assert_eq!((shop.totals().searches, shop.totals().clicks), (16.0, 16.0));
}

/// Pages that are made by a server search without a name, and the browsers that show them tell of clicks under one.
#[test]
fn who_clicks_an_answer_that_named_nobody_has_asked() {
    let mut shop = Shop::new();
    for visit in 0..9 {
        let query = shop.ask_now(None, None, 3);
        (0..2).for_each(|_| shop.click(Some(&format!("v{visit}")), &query));
    }
    let counts = shop.totals();
    assert_eq!((counts.searches, counts.clicks), (10.0, 9.0), "nobody's, and nine people's");
}

/// Answers were known by the visit, and a shopper who was erased had one.
#[test]
fn an_answer_of_who_is_forgotten_leads_to_nothing_whatever_the_visit() {
    for (session, clicks) in [(None, 0.0), (Some("visit"), 0.0)] {
        let mut shop = Shop::new();
        let query = shop.ask_now(Some("ann"), session, 3);
        let other = shop.ask_now(Some("ben"), Some("other"), 3);
        shop.forget("ann");
        shop.click(None, &query);
        assert_eq!(shop.totals().clicks, clicks, "{session:?}");
        shop.click(None, &other);
        assert_eq!(shop.totals().clicks, 1.0);
    }
}

/// Whom there is nothing of is not looked for, and who is known has to be known as such after a start, too.
#[test]
fn who_is_forgotten_after_a_start_is_forgotten() {
    let mut shop = Shop::new();
    let answer = shop.ask_now(Some("ann"), Some("visit"), 3);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("demand.bin");
    shop.fold.checkpoint().save(&path).expect("saves");
    shop.fold = DemandFold::load(&path, Options::default()).expect("loads");
    shop.forget("nobody");
    assert_eq!(shop.askers().iter().filter(|asker| **asker != 0).count(), 1);
    shop.forget("ann");
    shop.click(None, &answer);
    assert_eq!((shop.askers(), shop.totals().clicks), ([0; ASKERS_MIN], 0.0));
}
