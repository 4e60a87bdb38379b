//! Who asked a query: it is shown to others when enough different people did, and nobody is told apart longer than that takes.
//!
//! Properties pinned here:
//! 1. a known shopper is one person however many visits they ask in, and so are callers without any name within a day;
//! 2. somebody who was forgotten has not asked what too few have asked yet;
//! 3. of a query that enough people asked it is not kept who they were.

use super::*;
use crate::event::activity::ShopperDigest;
use crate::event::{ActivityEvent, Events, Origin, Projection, Recorded};
use crate::id::{Offset, QueryId, SessionId, ShopperId};
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
        let shopper = shopper.map(|name| ShopperId::new(name).expect("an id"));
        let session = session.map(|name| SessionId::new(name).expect("an id"));
        self.tell(ActivityEvent::Searched {
            query: QueryId::new(&format!("q{}", self.told)).expect("an id"),
            text: normalised("lamp"),
            written: Some(written("lamp")),
            matches_count: 3,
            is_unfinished: false,
            origin: Origin { shopper, session, ..Origin::default() },
            happened_at: None,
        });
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
