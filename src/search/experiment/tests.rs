//! Who is put into which arm, and what arms change of a search.
//!
//! Properties pinned here:
//! 1. an arm gets its share, within chance; somebody stays where they are; experiments do not know of each other;
//! 2. whoever cannot be recognised is in the control and does not count; who states what is varied takes no part;
//! 3. everything of the closed vocabulary is really applied;
//! 4. a document at fault is refused by the path of the field.

use super::*;
use crate::event::{CatalogEvent, Document, SettingKind};
use crate::id::{Actor, Ordinal, SessionId, SettingId, ShopperId};
use crate::search::merchandising::{Rule, Settings, Synonym};
use crate::search::testing::{LiveShop, embeddings, numbers, product};
use crate::search::{Mode, Moment, Request, search};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::sync::Arc;

fn id(name: &str) -> SettingId {
    SettingId::new(name).expect("an id")
}

fn experiment(document: Value) -> Experiment {
    Experiment::of(serde_json::from_value(document).expect("a document")).expect("an experiment")
}

fn running(shares: &[u32], overrides: &Value) -> Experiment {
    let arm = |(index, share): (usize, &u32)| match index {
        0 => json!({"name": "control", "share": share}),
        _ => json!({"name": format!("arm-{index}"), "share": share, "overrides": overrides}),
    };
    let arms: Vec<Value> = shares.iter().enumerate().map(arm).collect();
    experiment(json!({"state": "running", "started_at": "2026-11-01T00:00:00Z", "arms": arms}))
}

fn name_at(experiment: &Experiment, name: &str, shopper: usize) -> String {
    let shopper = ShopperId::new(&format!("shopper-{shopper}")).expect("a name");
    experiment.arm_at(Visitor::Shopper(&shopper).place(&id(name))).name.clone()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn arms_get_their_shares_within_chance(shares in prop::collection::vec(1_u32..50, 2..=ARMS_MAX), name in "[a-z]{1,12}") {
        const PEOPLE: usize = 4_000;
        let tried = running(&shares, &json!({"mode": "text"}));
        let mut counts = vec![0_u32; shares.len()];
        for shopper in 0..PEOPLE {
            let arm = name_at(&tried, &name, shopper);
            prop_assert_eq!(&arm, &name_at(&tried, &name, shopper), "the same for ever");
            counts[tried.document.arms.iter().position(|known| known.name == arm).expect("an arm")] += 1;
        }
        let total: u32 = shares.iter().sum();
        for (count, share) in counts.iter().zip(&shares) {
            let (part, expected) = (f64::from(*share) / f64::from(total), PEOPLE as f64 * f64::from(*share) / f64::from(total));
            // Five deviations: once in some millions.
            let chance = 5.0 * (PEOPLE as f64 * part * (1.0 - part)).sqrt() + 1.0;
            prop_assert!((f64::from(*count) - expected).abs() < chance, "{counts:?} of {shares:?}");
        }
    }

    #[test]
    fn arms_of_two_experiments_have_nothing_to_do_with_each_other(one in "[a-m]{1,8}", other in "[n-z]{1,8}") {
        const PEOPLE: usize = 4_000;
        let tried = running(&[1, 1], &json!({"mode": "text"}));
        let both = (0..PEOPLE).filter(|shopper| name_at(&tried, &one, *shopper) == name_at(&tried, &other, *shopper)).count();
        prop_assert!((both as f64 - 2_000.0).abs() < 5.0 * 1_000.0_f64.sqrt(), "{both} of {PEOPLE} are in arms of the same name");
    }
}

#[test]
fn people_stay_in_the_arm_that_they_were_put_into_when_the_shop_was_first_written() {
    let tried = running(&[1, 1, 2], &json!({"mode": "text"}));
    let arms: Vec<String> = (0..8).map(|shopper| name_at(&tried, "pinned", shopper)).collect();
    assert_eq!(arms, PINNED, "a release that puts people elsewhere ends every experiment that runs");
    let (shopper, session) = (ShopperId::new("ann").expect("a name"), SessionId::new("ann").expect("a name"));
    assert_ne!(Visitor::Shopper(&shopper).place(&id("x")), Visitor::Session(&session).place(&id("x")), "a visit is no shopper");
}

const PINNED: [&str; 8] = ["arm-2", "control", "arm-2", "arm-2", "arm-2", "arm-2", "arm-2", "arm-1"];

#[test]
fn who_cannot_be_recognised_and_who_says_what_is_varied_are_not_counted() {
    let mut all = Experiments::default();
    all.put(&id("modes"), running(&[1, 9_999], &json!({"mode": "text"})));
    all.put(&id("words"), running(&[1, 9_999], &json!({"off": ["spelling", "personalization"]})));
    all.put(
        &id("draft"),
        experiment(json!({"arms": [{"name": "a", "share": 1}, {"name": "b", "share": 1, "overrides": {"mode": "vector"}}]})),
    );
    let nobody = all.enrol(None, Stated::default());
    let told: Vec<(&str, &str, bool)> = nobody.iter().map(|one| (one.experiment.as_str(), one.arm.name.as_str(), one.counts)).collect();
    assert_eq!(told, [("modes", "control", false), ("words", "control", false)]);
    assert_eq!(Enrolled::overrides(&nobody), Overrides::default());

    let shopper = ShopperId::new("ann").expect("a name");
    let enrolled = |stated: Stated| {
        let enrolled = all.enrol(Some(Visitor::Shopper(&shopper)), stated);
        assert!(enrolled.iter().all(|one| one.counts));
        enrolled.into_iter().map(|one| one.experiment.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(enrolled(Stated::default()), ["modes", "words"]);
    assert_eq!(enrolled(Stated { mode: true, ..Stated::default() }), ["words"]);
    assert_eq!(enrolled(Stated { personalization: true, intents: true, ..Stated::default() }), ["modes"]);

    let forced = |named: &str| all.forced(named).map(|one| (one.arm.overrides.mode, one.counts));
    assert_eq!(forced("draft:b"), Some((Some(Mode::Vector), false)));
    assert_eq!((forced("draft:c"), forced("draft"), forced("nothing:b")), (None, None, None));
}

/// Four products, each of a brand of its own: two lamps, a light and a desk. Lamps are hidden from the segment `plain`, and a rule pins the light.
fn shop() -> Moment {
    let mut shop = LiveShop::open(Some(embeddings()));
    for (number, title) in ["oak lamp", "red lamp", "light", "oak desk"].into_iter().enumerate() {
        let ordinal = shop.put(product(number, title, &(u8::try_from(number).ok(), None, vec![(None, None, Some(3))])));
        shop.set_available(ordinal, 5);
    }
    let mut settings = Settings::default();
    let rule = |document: Value| Rule::of(serde_json::from_value(document).expect("a document")).expect("a rule");
    settings.put_rule(&id("light-first"), rule(json!({"then": {"pin": ["p2"]}})));
    settings.put_rule(&id("no-lamps"), rule(json!({"when": {"segments": ["plain"]}, "then": {"hide": [{"products": ["p0", "p1"]}]}})));
    let synonym = json!({"from": ["table"], "to": ["desk"]});
    settings.put_synonym(&id("table"), Synonym::of(serde_json::from_value(synonym).expect("a document")).expect("a synonym"));
    Moment { settings: Arc::new(settings), ..shop.moment() }
}

fn found(moment: &Moment, request: &Request, overrides: Value) -> Vec<u32> {
    let overrides: Overrides = serde_json::from_value(overrides).expect("overrides");
    overrides.check("x").expect("is fine");
    numbers(&search(moment, &Request { overrides, limit: 10, ..request.clone() }).expect("answers").hits)
}

#[test]
fn everything_that_an_arm_can_change_changes_the_answer() {
    let moment = shop();
    let check = |request: &Request, overrides: Value, is_changed: &dyn Fn(&[u32], &[u32]) -> bool| {
        let (before, after) = (found(&moment, request, json!({})), found(&moment, request, overrides.clone()));
        assert!(is_changed(&before, &after), "{overrides}: {before:?} became {after:?}");
    };
    let asking = |q: &str| Request { q: q.to_owned(), ..Request::default() };
    let no_rules = |request: Request| Request { overrides: Overrides::default(), ..request };
    check(&asking("lamp"), json!({"off": ["rules"]}), &|before, after| before[0] == 2 && after[0] != 2);
    check(&asking("lamp"), json!({"rules_off": ["light-first"]}), &|before, after| before[0] == 2 && after[0] != 2);
    check(&asking("lamp"), json!({"segments": ["plain"]}), &|before, after| before.contains(&0) && !after.contains(&0));
    check(&asking("lamp"), json!({"mode": "text", "off": ["rules"]}), &|before, after| before.contains(&2) && !after.contains(&2));
    check(&asking("table"), json!({"off": ["synonyms"]}), &|before, after| before.contains(&3) && !after.contains(&3));
    check(&asking("lmap"), json!({"off": ["spelling"], "mode": "text"}), &|before, after| before.contains(&0) && !after.contains(&0));
    check(&no_rules(asking("lamp under 0.02 EUR")), json!({"off": ["intents"]}), &|before, after| {
        !before.contains(&0) && after.contains(&0)
    });

    let scores = |request: &Request, overrides: Value| {
        let overrides: Overrides = serde_json::from_value(overrides).expect("overrides");
        let request = Request { overrides, limit: 10, ..request.clone() };
        let hits = search(&moment, &request).expect("answers").hits;
        hits.iter().filter(|hit| hit.ordinal != Ordinal(2)).map(|hit| (hit.ordinal.0, hit.score)).collect::<Vec<_>>()
    };
    let (usual, plain) =
        (scores(&asking("oak lamp"), json!({})), scores(&asking("oak lamp"), json!({"weights": {"features": {"title_phrase": 5.0}}})));
    assert_eq!(usual.iter().map(|(ordinal, _)| *ordinal).max(), plain.iter().map(|(ordinal, _)| *ordinal).max());
    assert!(plain[0].1 > usual[0].1, "the phrase weighs more: {usual:?} {plain:?}");
    let leaning = Request { recent: vec![Ordinal(1)], ..asking("lamp") };
    assert_ne!(scores(&leaning, json!({})), scores(&leaning, json!({"off": ["personalization"]})));
    assert_eq!(scores(&asking("lamp"), json!({})), scores(&leaning, json!({"off": ["personalization"]})));
}

#[test]
fn a_page_goes_on_in_the_same_list_when_an_experiment_ends_between_two_pages() {
    let moment = shop();
    let overrides = Overrides { mode: Some(Mode::Text), ..Overrides::default() };
    let first = search(&moment, &Request { limit: 1, overrides, ..Request::default() }).expect("answers");
    let next = Request { limit: 1, cursor: first.next_cursor, ..Request::default() };
    assert!(search(&moment, &next).is_ok(), "arms are no part of what a cursor belongs to");
}

#[test]
fn experiments_are_settings_like_rules() {
    let mut settings = Settings::default();
    let document = serde_json::to_vec(&running(&[1, 1], &json!({"mode": "text"})).document).expect("writes");
    let actor = Actor::new("ann").expect("a name");
    let put = |document: &[u8]| CatalogEvent::SettingPut {
        kind: SettingKind::Experiment,
        id: id("x"),
        document: Document(Arc::from(document)),
        actor: actor.clone(),
    };
    assert!(settings.apply(&put(&document)));
    assert_eq!(settings.experiments().running().count(), 1);
    settings.apply(&put(b"{}"));
    assert_eq!(settings.experiments().running().count(), 0, "what cannot be read does not hold");
}

#[test]
fn a_document_at_fault_is_refused_by_the_path_of_the_field() {
    let check = |document: Value, field: &str| {
        let document: ExperimentDocument = serde_json::from_value(document).expect("a document");
        assert_eq!(Experiment::of(document).expect_err(field).field, field);
    };
    let arms = |second: Value| json!({"arms": [{"name": "control", "share": 1}, second]});
    check(json!({"arms": []}), "arms");
    check(json!({"arms": [{"name": "a", "share": 1}]}), "arms");
    check(json!({"arms": [{"name": "a", "share": 1, "overrides": {"mode": "text"}}, {"name": "b", "share": 1}]}), "arms[0].overrides");
    check(arms(json!({"name": "b", "share": 1})), "arms[1].overrides");
    check(arms(json!({"name": "control", "share": 1, "overrides": {"mode": "text"}})), "arms[1].name");
    check(arms(json!({"name": "B b", "share": 1, "overrides": {"mode": "text"}})), "arms[1].name");
    check(arms(json!({"name": "b", "share": 0, "overrides": {"mode": "text"}})), "arms[1].share");
    check(arms(json!({"name": "b", "share": 1, "overrides": {"weights": {"similarity": 99}}})), "arms[1].overrides.weights.similarity");
    check(
        arms(json!({"name": "b", "share": 1, "overrides": {"weights": {"features": {"prior": 1}}}})),
        "arms[1].overrides.weights.features.prior",
    );
    check(arms(json!({"name": "b", "share": 1, "overrides": {"segments": [""]}})), "arms[1].overrides.segments");
    let fine = json!([{"name": "a", "share": 1}, {"name": "b", "share": 1, "overrides": {"mode": "text"}}]);
    check(json!({"state": "running", "arms": fine}), "state");
    check(json!({"state": "draft", "started_at": "2026-11-01T00:00:00Z", "arms": fine}), "state");
    check(json!({"state": "running", "started_at": "yesterday", "arms": fine}), "started_at");
    let one = running(&[1, 1], &json!({"mode": "text", "off": ["rules"]}));
    assert_eq!(one.clash(&running(&[1, 1], &json!({"off": ["rules"], "segments": ["x"]}))), Some("off.rules"));
    assert_eq!(one.clash(&running(&[1, 1], &json!({"weights": {"similarity": 1}}))), None);
}
