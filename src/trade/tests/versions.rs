//! Conditional writes:
//!
//! 1. a write over a version that is no more is refused and leaves no trace, also when both were asked for at once;
//! 2. everything that can be read has a version, and the version is the same after a replay and from a checkpoint;
//! 3. a repeated key is answered before any condition is looked at.

use super::*;
use crate::event::Progress;
use crate::event::trade::Subject;

fn set(cart: &str, lines: &str) -> Action {
    Action::SetCartLines { cart: id(cart), buyer: None, lines: lines_of(lines) }
}

fn only_if(shop: &Shop, subject: &Subject, action: Action) -> Action {
    let versions = shop.state.version_of(subject).into_iter().collect();
    Action::OnlyIf { condition: Condition { subject: subject.clone(), versions }, action: Box::new(action) }
}

fn opened() -> (Shop, Subject) {
    let mut shop = Shop::stocked();
    shop.ask(Action::OpenCart { cart: id("c"), buyer: buyer(), currency: Currency::EUR, lines: lines_of("a=1") }).expect("opens");
    (shop, Subject::Cart(id("c")))
}

#[test]
fn of_two_writes_over_one_version_the_second_is_refused() {
    let (mut shop, cart) = opened();
    let (first, second) = (only_if(&shop, &cart, set("c", "a=2")), only_if(&shop, &cart, set("c", "a=3")));
    shop.ask(first).expect("is the first");
    let hash = shop.state.hash();
    assert!(matches!(shop.ask(second), Err(Rejection::VersionChanged { found: Some(_) })));
    assert_eq!(shop.state.hash(), hash, "a refused write leaves no trace");
    let third = only_if(&shop, &cart, set("c", "a=3"));
    shop.ask(third).expect("has read the newest");
}

#[test]
fn every_kind_of_thing_is_conditional() {
    let (mut shop, cart) = opened();
    shop.opens("s", "a=1").expect("opens");
    shop.sells("o", "a=2");
    let subjects = [cart, Subject::Checkout(id("s")), Subject::Order(id("o")), Subject::Stock(id("a"))];
    let writes = |shop: &Shop| {
        let stock = Action::MoveStock {
            sku: id("a"),
            product: Ordinal(0),
            location: id("north"),
            change: StockChange::By(1),
            reason: StockReason::Received,
        };
        let ship = Action::ShipOrder { order: id("o"), shipment: id("s1"), units: units_of(&[("a", "north", 1)]) };
        let actions = [set("c", "a=4"), complete("s", "p"), ship, stock];
        subjects.iter().zip(actions).map(|(subject, action)| only_if(shop, subject, action)).collect::<Vec<_>>()
    };
    let stale = writes(&shop);
    for action in writes(&shop).into_iter().rev() {
        shop.ask(action).expect("is as it was read");
    }
    for action in stale {
        assert!(matches!(shop.ask(action), Err(Rejection::VersionChanged { .. })));
    }
}

#[test]
fn what_does_not_exist_has_no_version() {
    let mut shop = Shop::stocked();
    let condition = Condition { subject: Subject::Cart(id("c")), versions: Vec::new() };
    let refused = shop.ask(Action::OnlyIf { condition, action: Box::new(Action::PassTime) });
    assert_eq!(refused, Err(Rejection::VersionChanged { found: None }));
}

#[test]
fn a_version_is_the_same_after_a_replay_and_from_a_checkpoint() {
    let (mut shop, cart) = opened();
    shop.sells("o", "a=2");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("trade.bin");
    shop.state.save(&path, Progress::default()).expect("is written");
    let (loaded, _) = State::load(&path, Options::default()).expect("is read");
    for subject in [cart, Subject::Order(id("o")), Subject::Checkout(id("o")), Subject::Stock(id("a"))] {
        let version = shop.state.version_of(&subject);
        assert!(version.is_some());
        assert_eq!((shop.replayed().version_of(&subject), loaded.version_of(&subject)), (version, version), "{subject:?}");
    }
}

#[test]
fn a_repeated_key_is_answered_whatever_has_changed_since() {
    let (mut shop, cart) = opened();
    let write = only_if(&shop, &cart, set("c", "a=2"));
    shop.ask_under(Some(("k", 1)), write.clone()).expect("is the first");
    assert_eq!(shop.ask_under(Some(("k", 1)), write.clone()), Ok(Vec::new()));
    assert_eq!(shop.ask_under(Some(("k", 2)), write), Err(Rejection::KeyReused));
}
