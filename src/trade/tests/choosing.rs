//! What a buyer chose is what is done: 1. goods go by the service that was chosen, from where it goes; 2. a location that sends nothing offers
//! nothing, and gives what was promised; 3. an edit keeps the rules on quantities and tells the locations who carries what it adds.

use super::*;
use crate::event::trade::fulfilment::{
    Calendar, CarrierFacts, FulfilmentEvent, LocationFacts, Origin, RateBasis, RateFacts, ServiceFacts, TrackingFormat, ZoneFacts,
};
use crate::event::trade::{QuantityRule, RuleTarget};

const MONDAY: Timestamp = Timestamp(1_704_099_600_000);

fn service(name: &str, origin: Origin, minor: i64) -> ServiceFacts {
    let zone = ZoneFacts {
        countries: vec!["DE".to_owned()],
        regions: Vec::new(),
        postal_prefixes: Vec::new(),
        origin,
        transit_days_min: 1,
        transit_days_max: 1,
        rates: vec![RateFacts { up_to: 30_000, cost_minor: minor, prices: vec![Money::new(minor, Currency::EUR)] }],
    };
    ServiceFacts { id: id(name), title: name.to_owned(), basis: RateBasis::Weight, free_from: Vec::new(), zones: vec![zone] }
}

impl Shop {
    fn told(&mut self, action: FulfilmentAction) {
        self.ask(Action::Fulfilment(action)).expect("is told");
    }

    fn tells_of(&mut self, location: &str, country: &str, sends: bool) {
        let facts = LocationFacts { country: country.to_owned(), is_enabled: sends, ..LocationFacts::untold(id(location)) };
        self.told(FulfilmentAction::SetLocation(Box::new(facts)));
    }

    /// The north is abroad and cheaper to send from; only the south is in the country that the express does not leave.
    fn with_express_from_the_south() -> Self {
        let mut shop = Self::stocked();
        shop.now = MONDAY;
        let north = LocationFacts { country: "NL".to_owned(), ..LocationFacts::untold(id("north")) };
        shop.told(FulfilmentAction::SetLocation(Box::new(north)));
        let south = LocationFacts { country: "DE".to_owned(), order_cost_minor: 200, ..LocationFacts::untold(id("south")) };
        shop.told(FulfilmentAction::SetLocation(Box::new(south)));
        let services = vec![service("standard", Origin::Anywhere, 300), service("express", Origin::SameCountry, 900)];
        let carrier = CarrierFacts {
            id: id("swift"),
            title: "Swift".to_owned(),
            is_enabled: true,
            calendar: Calendar::default(),
            tracking: TrackingFormat { prefix: "SW".to_owned(), digits: 4, suffix: String::new() },
            services,
        };
        shop.told(FulfilmentAction::SetCarrier(Box::new(carrier)));
        shop
    }

    /// Sells units of `a` by a service that was chosen.
    fn sells_by(&mut self, name: &str, units: i64, service: &str) {
        let Action::OpenCheckout { checkout, cart, buyer, address, currency, lines, terms } =
            open_checkout(name, None, Some(address()), lines_of(&format!("a={units}")))
        else {
            panic!("opens a session")
        };
        let terms = Terms { delivery: Some(service.to_owned()), ..terms };
        self.ask(Action::OpenCheckout { checkout, cart, buyer, address, currency, lines, terms }).expect("opens");
        self.completes(name, name, None).expect("begins");
        self.hears(name, name, authorized()).expect("is authorised");
    }

    fn limits(&mut self, max: i64, max_per_buyer: i64) {
        let rule = QuantityRule { min: 1, max: Some(max), multiple_of: 1, max_per_buyer: Some(max_per_buyer), window_ms: 1_000_000 };
        self.ask(Action::Cart(CartAction::SetQuantityRule { target: RuleTarget::Sku(id("a")), rule })).expect("is set");
    }

    fn edits(&mut self, order: &str, name: &str, quantity: i64) -> Result<Vec<TradeEvent>, Rejection> {
        let change = Edit { quantities: vec![(id("0"), quantity)], reason: "asked to".to_owned(), ..Edit::default() };
        let edit = AfterSaleAction::EditOrder { order: id(order), edit: id(name), change, expected_difference: None };
        self.ask(Action::AfterSale(edit))
    }
}

#[test]
fn goods_go_by_the_service_that_was_chosen_from_where_it_goes() {
    let mut shop = Shop::with_express_from_the_south();
    for (name, service, from) in [("cheap", "swift/standard", "north"), ("fast", "swift/express", "south")] {
        shop.sells_by(name, 2, service);
        assert_eq!(*shop.order(name).units, units_of(&[("a", from, 2)])[..], "{service}");
        let work = shop.state.fulfilment().board().order(shop.order(name).number).expect("work");
        let by = work.parts[0].by.as_ref().expect("a carrier");
        assert_eq!(format!("{}/{}", by.carrier, by.service), service);
    }
    assert_eq!(shop.replayed().hash(), shop.state.hash());
}

#[test]
fn a_location_that_sends_nothing_offers_nothing_and_gives_what_was_promised() {
    let mut shop = Shop::stocked();
    shop.sells("before", "b=1");
    assert_eq!((shop.available("a"), shop.available("b")), (15, 2));
    shop.tells_of("north", "DE", false);
    assert_eq!((shop.available("a"), shop.available("b")), (5, 0));
    shop.moves("a", "north", StockChange::By(7)).expect("goods still arrive");
    assert_eq!((shop.available("a"), shop.state.available_units_of_product(Ordinal(0))), (5, 5));
    shop.opens("late", "b=1").expect("opens");
    assert!(matches!(shop.completes("late", "late", None), Err(Rejection::OutOfStock { available: 0, .. })));
    shop.ask(Action::ShipOrder { order: id("before"), shipment: id("s"), units: Vec::new() }).expect("what was promised leaves");
    shop.moves("new", "north", StockChange::By(3)).expect("a SKU that was never there");
    assert_eq!(shop.available("new"), 0);
    shop.tells_of("north", "DE", true);
    assert_eq!((shop.available("a"), shop.available("b"), shop.available("new")), (22, 2, 3));
    shop.tells_of("north", "DE", false);
    let sections = shop.state.to_sections().expect("is written");
    let again = State::from_sections(&sections, Options::default());
    assert_eq!(again.map(|state| (state.available_units(&id("a")), state.check_invariants())).ok(), Some((5, Vec::new())));
    assert_eq!(shop.replayed().hash(), shop.state.hash());
}

#[test]
fn an_edit_keeps_the_rules_on_quantities() {
    let mut shop = Shop::stocked();
    shop.limits(4, 5);
    shop.sells("one", "a=2");
    shop.sells("two", "a=2");
    let refused = |answer: Result<Vec<TradeEvent>, Rejection>| matches!(answer, Err(Rejection::Invalid { field, .. }) if field == "lines[0].quantity");
    assert!(refused(shop.edits("one", "e1", 5)), "more than a cart may hold");
    assert!(refused(shop.edits("one", "e1", 4)), "more than a buyer may have");
    shop.edits("one", "e1", 3).expect("is the last that this buyer may have");
    assert!(refused(shop.edits("two", "e2", 3)), "the edit counts");
    shop.edits("one", "e3", 1).expect("fewer are always fine");
    shop.edits("two", "e4", 4).expect("fewer counted fewer");
    assert_eq!(shop.replayed().hash(), shop.state.hash());
}

#[test]
fn the_locations_are_told_who_carries_what_an_edit_adds() {
    let mut shop = Shop::with_express_from_the_south();
    shop.sells_by("o", 4, "swift/express");
    let is_plan = |event: &TradeEvent| matches!(event, TradeEvent::Fulfilment(FulfilmentEvent::Planned { .. }));
    let promise = |shop: &Shop| shop.state.fulfilment().board().order(0).expect("work").promise;
    let given = promise(&shop).expect("a promise");
    assert!(!shop.edits("o", "e1", 3).expect("fewer").iter().any(is_plan), "nothing is added");
    let events = shop.edits("o", "e2", 7).expect("more than the south has");
    assert!(is_plan(&events[1]), "in the same entry: {events:?}");
    let work = shop.state.fulfilment().board().order(0).expect("work");
    assert_eq!(work.parts.iter().map(|part| part.location.as_str()).collect::<Vec<_>>(), ["south", "north"]);
    assert!(work.parts.iter().all(|part| part.by.is_some() && part.ship_by.is_some()), "{:?}", work.parts);
    assert!(promise(&shop).expect("a promise").until >= given.until);
    assert_eq!(shop.replayed().hash(), shop.state.hash());
}
