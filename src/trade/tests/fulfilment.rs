//! Fulfilment orders from plan to door: 1. one per location, released, picked, packed, sent, delivered; 2. what is not found comes from
//! elsewhere, or waits, and is never lost; 3. locations give work back; 4. waves and manifests; 5. what carriers tell, in any order, once; 6.
//! promises, kept and missed, and why; 7. options with dates; 8. facts are checked field by field.

use super::*;
use crate::event::trade::Component;
use crate::event::trade::fulfilment::{
    Calendar, CarrierFacts, LocationFacts, MissReason, Origin, RateBasis, RateFacts, ServiceFacts, ShortReason, TrackingFormat,
    TrackingNote, TrackingStatus, ZoneFacts,
};
use crate::fulfilment::{OneWork, OrderWork, WorkStatus};
use crate::id::{CarrierId, FulfilmentOrderId};
use crate::pricing::Basket;

const HOUR_MS: i64 = 3_600_000;
/// Monday, 2024-01-01, 09:00 UTC.
const MONDAY: Timestamp = Timestamp(1_704_099_600_000);

fn fo(order: u64, part: u32) -> FulfilmentOrderId {
    FulfilmentOrderId { order, part }
}

fn of(rows: &[(&str, i64)]) -> Vec<Component> {
    rows.iter().map(|&(sku, quantity)| Component { sku: id(sku), quantity }).collect()
}

impl Shop {
    fn does(&mut self, action: FulfilmentAction) -> Vec<String> {
        kinds_of(&self.ask(Action::Fulfilment(action.clone())).unwrap_or_else(|rejection| panic!("{rejection}, to {action:?}")))
    }

    fn refuses(&mut self, action: FulfilmentAction) -> Rejection {
        self.ask(Action::Fulfilment(action)).expect_err("is refused")
    }

    fn work(&self, order: u64) -> Arc<OrderWork> {
        self.state.fulfilment().board().order(order).expect("work")
    }

    fn part(&self, work: FulfilmentOrderId) -> OneWork {
        self.state.fulfilment().board().work(work).expect("a fulfilment order")
    }

    fn picks(&mut self, work: FulfilmentOrderId, picked: &[(&str, i64)], short: &[(&str, i64)]) -> Vec<String> {
        self.does(FulfilmentAction::Pick { work, picked: of(picked), short: of(short), reason: ShortReason::NotFound })
    }

    fn sends(&mut self, work: FulfilmentOrderId, shipment: &str) -> Vec<String> {
        self.does(FulfilmentAction::Pack { work, parcels: Vec::new() });
        self.ships(work, shipment, &[])
    }

    /// What is packed leaves; what is taken of the money is the payments' affair.
    fn ships(&mut self, work: FulfilmentOrderId, shipment: &str, tracking: &[&str]) -> Vec<String> {
        let tracking = tracking.iter().map(|&number| number.to_owned()).collect();
        let mut kinds = self.does(FulfilmentAction::Dispatch { work, shipment: id(shipment), tracking });
        kinds.retain(|kind| !kind.starts_with("Payment"));
        kinds
    }

    fn tells(&mut self, shipment: &str, told: &str, status: TrackingStatus, at: Timestamp) -> Vec<String> {
        let note = TrackingNote { id: told.to_owned(), status, at, note: String::new() };
        self.does(FulfilmentAction::Track { order: id("o"), shipment: id(shipment), note })
    }

    /// A carrier that needs one or two days, for 3.00, and an express at 9.00; costs the same for the shop.
    fn knows_a_carrier(&mut self) {
        let service = |name: &str, days: (u16, u16), minor: i64| ServiceFacts {
            id: id(name),
            title: name.to_owned(),
            basis: RateBasis::Weight,
            free_from: Vec::new(),
            zones: vec![ZoneFacts {
                countries: vec!["DE".to_owned()],
                regions: Vec::new(),
                postal_prefixes: Vec::new(),
                origin: Origin::Anywhere,
                transit_days_min: days.0,
                transit_days_max: days.1,
                rates: vec![RateFacts { up_to: 30_000, cost_minor: minor, prices: vec![Money::new(minor, Currency::EUR)] }],
            }],
        };
        let carrier = CarrierFacts {
            id: id::<CarrierId>("swift"),
            title: "Swift".to_owned(),
            is_enabled: true,
            calendar: Calendar { cut_off_minute: 16 * 60, ..Calendar::default() },
            tracking: TrackingFormat { prefix: "SW".to_owned(), digits: 4, suffix: String::new() },
            services: vec![service("standard", (1, 2), 300), service("express", (1, 1), 900)],
        };
        self.does(FulfilmentAction::SetCarrier(Box::new(carrier)));
    }
}

/// Names of the events, those of the area by themselves.
fn kinds_of(events: &[TradeEvent]) -> Vec<String> {
    let name = |text: String| text.split([' ', '{', '(']).next().unwrap_or_default().to_owned();
    events
        .iter()
        .map(|event| if let TradeEvent::Fulfilment(event) = event { name(format!("{event:?}")) } else { name(format!("{event:?}")) })
        .collect()
}

fn placed(lines: &str) -> Shop {
    let mut shop = Shop::stocked();
    shop.sells("o", lines);
    shop
}

#[test]
fn an_order_is_worked_on_location_by_location_until_it_is_delivered() {
    let mut shop = placed("a=12 b=1");
    assert_eq!(shop.work(0).parts.iter().map(|part| part.location.to_string()).collect::<Vec<_>>(), ["north", "south"]);
    let (north, south) = (fo(0, 0), fo(0, 1));
    shop.does(FulfilmentAction::Release(north));
    assert_eq!(shop.part(north).status, WorkStatus::Released);
    shop.picks(north, &[("a", 10)], &[]);
    assert_eq!((shop.part(north).status, shop.state.buckets(&id("a"), &id("north")).picked), (WorkStatus::Picking, 10));
    shop.picks(north, &[("b", 1)], &[]);
    shop.does(FulfilmentAction::Pack { work: north, parcels: Vec::new() });
    assert_eq!((shop.part(north).status, shop.part(north).parcels[0].weight_g), (WorkStatus::Packed, 5_500));
    assert_eq!(shop.ships(north, "s1", &["N1"]), ["OrderShipped", "Dispatched"]);
    assert_eq!((shop.part(north).status, shop.order("o").fulfilment_status.name()), (WorkStatus::Shipped, "partial"));
    assert_eq!(shop.work(0).sent[0].parcels[0].tracking.as_deref(), Some("N1"));
    shop.picks(south, &[("a", 2)], &[]);
    assert_eq!(shop.sends(south, "s2"), ["OrderShipped", "Dispatched"]);
    shop.tells("s1", "1", TrackingStatus::InTransit, Timestamp(1));
    assert_eq!(shop.part(north).status, WorkStatus::InTransit);
    shop.tells("s1", "2", TrackingStatus::Delivered, Timestamp(2));
    shop.tells("s2", "3", TrackingStatus::Delivered, Timestamp(3));
    assert_eq!((shop.part(south).status, shop.order("o").fulfilment_status.name()), (WorkStatus::Delivered, "delivered"));
}

#[test]
fn what_is_not_found_comes_from_elsewhere_or_waits_for_stock() {
    let mut shop = placed("a=4");
    assert_eq!(shop.picks(fo(0, 0), &[("a", 1)], &[("a", 3)]), ["Picked", "ShortPicked", "Resourced"]);
    assert_eq!(*shop.order("o").left_to_ship, *units_of(&[("a", "north", 1), ("a", "south", 3)]));
    assert_eq!((shop.part(fo(0, 0)).shorts[0].quantity, shop.state.buckets(&id("a"), &id("north")).on_hand), (3, 7));
    // The south has only two, and the north is not asked again in that breath.
    shop.moves("a", "south", StockChange::To(3)).expect("moves");
    assert_eq!(shop.picks(fo(0, 1), &[], &[("a", 3)]), ["ShortPicked", "Resourced"]);
    assert_eq!(*shop.order("o").left_to_ship, *units_of(&[("a", "north", 4)]));
    shop.sells("p", "a=3");
    assert_eq!(shop.picks(fo(0, 0), &[], &[("a", 3)]), ["ShortPicked"]);
    assert_eq!((shop.order("o").owed.clone(), shop.order("o").fulfilment_status.name()), (of(&[("a", 3)]), "backordered"));
    assert_eq!(shop.sends(fo(0, 0), "s1"), ["OrderShipped", "Dispatched"]);
    shop.moves("a", "south", StockChange::By(2)).expect("moves");
    assert_eq!(kinds_of(&shop.passes(1)), ["Resourced", "Retried"]);
    assert_eq!((shop.order("o").owed.clone(), shop.available("a")), (of(&[("a", 1)]), 0));
    shop.moves("a", "north", StockChange::By(1)).expect("moves");
    shop.passes(1);
    assert_eq!(*shop.order("o").left_to_ship, *units_of(&[("a", "north", 1), ("a", "south", 2)]));
    shop.picks(fo(0, 1), &[("a", 2)], &[]);
    shop.sends(fo(0, 1), "s2");
    shop.picks(fo(0, 0), &[("a", 1)], &[]);
    assert_eq!(shop.sends(fo(0, 0), "s3"), ["OrderShipped", "Dispatched"]);
}

/// Only the 500 that had waited longest were ever looked at: what came for the others was sold to new orders.
#[test]
fn stock_that_comes_goes_to_whoever_waits_however_many_do() {
    let mut shop = Shop::stocked();
    let others = 500;
    shop.moves("b", "north", StockChange::To(others)).expect("moves");
    shop.moves("a", "south", StockChange::To(0)).expect("moves");
    for number in 0..=others as u64 {
        let sku = if number == others as u64 { "a" } else { "b" };
        shop.sells(&format!("o{number}"), &format!("{sku}=1"));
        shop.picks(fo(number, 0), &[], &[(sku, 1)]);
    }
    shop.moves("a", "south", StockChange::To(1)).expect("moves");
    assert_eq!(kinds_of(&shop.passes(1)), ["Looked"]);
    // What comes meanwhile may be for those that were looked at already.
    shop.moves("b", "south", StockChange::To(1)).expect("moves");
    assert_eq!(kinds_of(&shop.passes(1)), ["Resourced", "Retried"]);
    assert!(shop.order(&format!("o{others}")).owed.is_empty());
    assert_eq!(kinds_of(&shop.passes(1)), ["Resourced", "Retried"]);
    assert!(shop.order("o0").owed.is_empty());
    assert_eq!(shop.passes(1), Vec::new());
}

/// What a channel's order had to come counted as sold, and was lost to the channel when the order was canceled.
#[test]
fn what_an_order_of_a_channel_has_to_come_is_not_sold_yet() {
    let mut shop = Shop::stocked();
    shop.moves("a", "south", StockChange::To(0)).expect("moves");
    shop.ask(Action::Stock(StockAction::SetQuota { sku: id("a"), channel: id("market"), units: 4 })).expect("grants");
    let quota = |shop: &Shop| shop.state.stock().quota(&id("a"), &id("market")).map(|quota| (quota.held, quota.sold));
    for (order, number, is_canceled) in [("k", 0, true), ("l", 1, false)] {
        sharing::through(&mut shop, order, "market", "a=2").expect("completes");
        shop.hears(order, order, authorized()).expect("hears");
        shop.picks(fo(number, 0), &[], &[("a", 2)]);
        assert_eq!((shop.order(order).owed.clone(), quota(&shop)), (of(&[("a", 2)]), Some((2, 0))));
        if is_canceled {
            shop.ask(Action::CancelOrder { order: id(order), reason: String::new() }).expect("cancels");
            assert_eq!(quota(&shop), Some((0, 0)));
        }
    }
    shop.moves("a", "north", StockChange::By(2)).expect("moves");
    shop.passes(1);
    shop.picks(fo(1, 0), &[("a", 2)], &[]);
    shop.sends(fo(1, 0), "s");
    assert_eq!(quota(&shop), Some((0, 2)));
}

#[test]
fn a_location_gives_work_back_until_it_is_packed_and_so_does_a_shopper() {
    let mut shop = placed("a=4 b=1");
    shop.picks(fo(0, 0), &[("a", 2)], &[]);
    assert_eq!(shop.does(FulfilmentAction::CancelWork { work: fo(0, 0), reason: "flooded".to_owned() }), ["WorkCanceled", "Resourced"]);
    assert_eq!(*shop.order("o").left_to_ship, *units_of(&[("a", "south", 4)]));
    assert_eq!((shop.part(fo(0, 0)).status, shop.order("o").owed.clone()), (WorkStatus::Resourced, of(&[("b", 1)])));
    let canceled = Action::CancelOrder { order: id("o"), reason: String::new() };
    shop.picks(fo(0, 1), &[("a", 4)], &[]);
    shop.does(FulfilmentAction::Pack { work: fo(0, 1), parcels: Vec::new() });
    assert_eq!(shop.ask(canceled.clone()), Err(Rejection::WrongStatus { kind: "fulfilment order", status: "packed" }));
    assert!(matches!(shop.refuses(FulfilmentAction::CancelWork { work: fo(0, 1), reason: String::new() }), Rejection::WrongStatus { .. }));
    shop.sells("p", "a=2");
    shop.picks(fo(1, 0), &[("a", 2)], &[]);
    shop.ask(Action::CancelOrder { order: id("p"), reason: String::new() }).expect("cancels");
    assert_eq!((shop.part(fo(1, 0)).status, shop.state.buckets(&id("a"), &id("north")).picked), (WorkStatus::Canceled, 0));
    assert!(matches!(shop.refuses(FulfilmentAction::Release(fo(1, 0))), Rejection::WrongStatus { kind: "order", status: "canceled" }));
}

#[test]
fn refusals_name_the_field() {
    let mut shop = placed("a=4");
    let work = fo(0, 0);
    let mut check = |action: FulfilmentAction, field: &str| match shop.refuses(action) {
        Rejection::Invalid { field: found, .. } => assert_eq!(found, field),
        other => panic!("{other:?} instead of {field}"),
    };
    let pick = |picked: &[(&str, i64)], short: &[(&str, i64)]| FulfilmentAction::Pick {
        work,
        picked: of(picked),
        short: of(short),
        reason: ShortReason::Damaged,
    };
    check(pick(&[], &[]), "picked");
    check(pick(&[("a", 0)], &[]), "picked[0].quantity");
    check(pick(&[("a", 5)], &[]), "picked[0].quantity");
    check(pick(&[("b", 1)], &[]), "picked[0].quantity");
    check(pick(&[("a", 1), ("a", 1)], &[]), "picked[1].sku");
    check(pick(&[("a", 2)], &[("a", 3)]), "short[0].quantity");
    let wave = |work_max| FulfilmentAction::ReleaseWave { wave: id("w"), location: id("north"), carrier: None, work_max };
    check(wave(0), "work_max");
    let manifest = FulfilmentAction::CloseManifest { manifest: id("m"), location: id("north"), carrier: id("c") };
    check(manifest, "carrier");
    let untold = || LocationFacts::untold(id("x"));
    check(FulfilmentAction::SetLocation(Box::new(LocationFacts { country: "de".to_owned(), ..untold() })), "country");
    check(FulfilmentAction::SetLocation(Box::new(LocationFacts { title: "4111 1111 1111 1111".to_owned(), ..untold() })), "title");
    check(FulfilmentAction::SetLocation(Box::new(LocationFacts { unit_cost_minor: -1, ..untold() })), "unit_cost_minor");
    let calendar = Calendar { weekdays: 0, ..Calendar::default() };
    check(FulfilmentAction::SetLocation(Box::new(LocationFacts { calendar, ..untold() })), "calendar.weekdays");
    assert!(matches!(shop.refuses(FulfilmentAction::Release(fo(9, 0))), Rejection::Unknown { kind: "fulfilment order", .. }));
}

#[test]
fn waves_take_the_most_urgent_and_manifests_list_what_a_carrier_was_given() {
    let mut shop = Shop::stocked();
    shop.now = MONDAY;
    shop.knows_a_carrier();
    ["o", "p", "q"].into_iter().for_each(|name| shop.sells(name, "a=1"));
    let wave = |name: &str, work_max| FulfilmentAction::ReleaseWave {
        wave: id(name),
        location: id("north"),
        carrier: Some(id("swift")),
        work_max,
    };
    shop.does(wave("w1", 2));
    assert_eq!(shop.state.fulfilment().board().wave(&id("w1")).expect("a wave").work, [fo(0, 0), fo(1, 0)]);
    assert!(matches!(shop.refuses(wave("w1", 2)), Rejection::Exists { kind: "wave", .. }));
    shop.does(wave("w2", 2));
    assert!(matches!(shop.refuses(wave("w3", 2)), Rejection::Invalid { .. }));
    for order in 0..2 {
        shop.picks(fo(order, 0), &[("a", 1)], &[]);
        shop.sends(fo(order, 0), &format!("s{order}"));
    }
    assert_eq!(shop.work(1).sent[0].parcels[0].tracking.as_deref(), Some("SW00026"), "0002 and its check digit");
    shop.does(FulfilmentAction::CloseManifest { manifest: id("m"), location: id("north"), carrier: id("swift") });
    assert_eq!(shop.state.fulfilment().board().manifest(&id("m")).expect("a manifest").shipments, [(0, id("s0")), (1, id("s1"))]);
    assert_eq!(shop.replayed().hash(), shop.state.hash());
}

#[test]
fn what_a_carrier_tells_counts_once_and_in_the_order_in_which_it_happened() {
    use TrackingStatus as T;
    let mut shop = placed("a=1");
    shop.picks(fo(0, 0), &[("a", 1)], &[]);
    shop.sends(fo(0, 0), "s");
    shop.tells("s", "lost", T::Lost, Timestamp(5));
    assert_eq!(shop.part(fo(0, 0)).status, WorkStatus::Lost);
    assert_eq!(shop.tells("s", "lost", T::Delivered, Timestamp(9)), [""; 0], "the same name is the same news");
    shop.tells("s", "early", T::InTransit, Timestamp(1));
    assert_eq!(shop.part(fo(0, 0)).status, WorkStatus::Lost);
    assert_eq!(shop.tells("s", "found", T::Delivered, Timestamp(7)), ["Tracked", "ShipmentDelivered"]);
    assert_eq!((shop.part(fo(0, 0)).status, shop.order("o").fulfilment_status.name()), (WorkStatus::Delivered, "delivered"));
}

#[test]
fn a_promise_is_kept_or_missed_and_that_is_counted_with_the_reason() {
    let check = |hours: i64, steps: &dyn Fn(&mut Shop), missed: Option<MissReason>| {
        let mut shop = Shop::stocked();
        shop.now = MONDAY;
        shop.knows_a_carrier();
        shop.sells("o", "a=2");
        // Ready on Tuesday, two days on the way at most: until the end of Thursday.
        let promise = shop.work(0).promise.expect("a promise");
        assert_eq!((promise.until.0 - MONDAY.0) / HOUR_MS, 3 * 24 + 14);
        steps(&mut shop);
        shop.passes(hours * HOUR_MS);
        let settled = shop.work(0).settled;
        assert_eq!(settled.map(|settled| settled.missed), Some(missed), "after {hours} h");
        let counts = shop.state.fulfilment().board().counts().next().expect("counts").1;
        assert_eq!((counts.kept, counts.missed.iter().sum::<u64>()), (u64::from(missed.is_none()), u64::from(missed.is_some())));
        assert_eq!(shop.replayed().hash(), shop.state.hash());
    };
    let ships = |shop: &mut Shop| {
        shop.picks(fo(0, 0), &[("a", 2)], &[]);
        shop.sends(fo(0, 0), "s");
    };
    let delivered = |shop: &mut Shop| {
        ships(shop);
        shop.now = shop.now.plus_ms(48 * HOUR_MS);
        shop.tells("s", "1", TrackingStatus::Delivered, shop.now);
    };
    check(1, &delivered, None);
    check(100, &|_| (), Some(MissReason::NotReleased));
    check(100, &ships, Some(MissReason::Carrier));
    check(100, &|shop| drop(shop.does(FulfilmentAction::Release(fo(0, 0)))), Some(MissReason::HandedOverLate));
    check(100, &|shop| drop(shop.picks(fo(0, 0), &[], &[("a", 1)])), Some(MissReason::ShortPick));
    let lost = |shop: &mut Shop| {
        ships(shop);
        shop.tells("s", "1", TrackingStatus::Lost, MONDAY);
    };
    check(100, &lost, Some(MissReason::Lost));
}

/// How two of `a` could travel.
fn options_to(shop: &Shop, address: &Address) -> Vec<ShippingOption> {
    let lines = lines_of("a=2");
    shop.state.shipping_options(&Basket { address: Some(address), ..Basket::of(&lines, Currency::EUR, shop.now) })
}

#[test]
fn shipping_is_offered_with_its_price_and_its_dates() {
    let mut shop = Shop::stocked();
    shop.now = MONDAY;
    let offered = |shop: &Shop| -> Vec<(String, i64, Option<i64>)> {
        let options = options_to(shop, &address());
        let days = |at: Timestamp| (at.0 - MONDAY.0) / (24 * HOUR_MS);
        options.into_iter().map(|option| (option.id, option.cost.amount_minor, option.promised_until.map(days))).collect()
    };
    assert_eq!(offered(&shop), [("standard".to_owned(), 499, None)]);
    shop.knows_a_carrier();
    let (standard, express) = ("swift/standard".to_owned(), "swift/express".to_owned());
    assert_eq!(offered(&shop), [(standard.clone(), 300, Some(3)), (express.clone(), 900, Some(2))]);
    shop.now = MONDAY.plus_ms(6 * HOUR_MS);
    assert_eq!(offered(&shop), [(standard, 300, Some(4)), (express, 900, Some(3))], "after the cut-off");
    let abroad = Address { country: "FR".to_owned(), ..address() };
    assert!(options_to(&shop, &abroad).is_empty());
    shop.ask(open_checkout("k", None, Some(abroad), lines_of("a=1"))).expect("opens");
    assert!(matches!(shop.completes("k", "k", None), Err(Rejection::Invalid { field, .. }) if field == "address"));
}

#[test]
fn a_plan_says_why_and_what_else_there_was() {
    let mut shop = Shop::stocked();
    shop.now = MONDAY;
    let north = LocationFacts { order_cost_minor: 250, ..LocationFacts::untold(id("north")) };
    shop.does(FulfilmentAction::SetLocation(Box::new(north)));
    shop.sells("o", "a=5");
    let plan = shop.work(0).plan.clone().expect("a plan");
    assert_eq!((plan.parts[0].location.as_str(), plan.total_minor, plan.bound_minor), ("south", 499, 499));
    assert_eq!((plan.others[0].locations.clone(), plan.others[0].total_minor), (vec![id("north")], 749));
    let preview = shop.state.sourcing_preview(&lines_of("a=2"), Some(&address()), shop.now).expect("a plan");
    assert_eq!((preview.units, preview.plan.total_minor), (units_of(&[("a", "north", 2)]), 749), "the south is empty now");
}
