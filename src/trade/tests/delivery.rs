//! What delivery costs goes by what the buyer pays for the goods: 1. by the price lists that are theirs, here and in every preview, with carriers
//! and without; 2. whatever promotions take off: a discount is never paid for with the delivery that it cost.

use super::*;
use crate::event::trade::Claims;
use crate::event::trade::fulfilment::{Calendar, CarrierFacts, Origin, RateBasis, RateFacts, ServiceFacts, TrackingFormat, ZoneFacts};
use crate::event::trade::pricing::{Effect, ListPrice, PriceList, Tier};
use crate::pricing::Basket;
use serde_json::json;

impl Shop {
    fn priced(&mut self, action: PricingAction) {
        self.ask(Action::Pricing(action)).expect("is put");
    }

    /// In the marketplace `outlet` an `a` of 10.00 costs 6.00, in `mountain` 12.50.
    fn with_marketplaces() -> Self {
        let mut shop = Self::stocked();
        for (name, unit_minor) in [("outlet", 600), ("mountain", 1_250)] {
            let list = json!({ "id": name, "title": name, "currency": "EUR", "marketplace": name, "schedule": {}, "priority": 0 });
            let list: PriceList = serde_json::from_value(list).expect("a list");
            shop.priced(PricingAction::PutPriceList(list));
            let tiers = vec![Tier { from_units: 1, unit_minor }];
            shop.priced(PricingAction::SetPrices { list: id(name), prices: vec![ListPrice { sku: id("a"), tiers }] });
        }
        shop
    }

    /// By weight: 3.00, nothing from 50.00 on. By value: 2.00 up to 40.00, 7.00 beyond.
    fn knows_rates(&mut self) {
        let service = |name: &str, basis, rates: &[(i64, i64)], free_from: &[i64]| {
            let euros = |minor: i64| Money::new(minor, Currency::EUR);
            let zone = ZoneFacts {
                countries: Vec::new(),
                regions: Vec::new(),
                postal_prefixes: Vec::new(),
                origin: Origin::Anywhere,
                transit_days_min: 1,
                transit_days_max: 1,
                rates: rates
                    .iter()
                    .map(|(up_to, minor)| RateFacts { up_to: *up_to, cost_minor: *minor, prices: vec![euros(*minor)] })
                    .collect(),
            };
            let free_from = free_from.iter().copied().map(euros).collect();
            ServiceFacts { id: id(name), title: name.to_owned(), basis, free_from, zones: vec![zone] }
        };
        let services = vec![
            service("parcel", RateBasis::Weight, &[(30_000, 300)], &[5_000]),
            service("insured", RateBasis::Value, &[(4_000, 200), (1_000_000, 700)], &[]),
        ];
        let (calendar, tracking) = (Calendar::default(), TrackingFormat::default());
        let carrier = CarrierFacts { id: id("swift"), title: "Swift".to_owned(), is_enabled: true, calendar, tracking, services };
        self.ask(Action::Fulfilment(FulfilmentAction::SetCarrier(Box::new(carrier)))).expect("is put");
    }

    /// What a session of five `a` in a marketplace pays for delivery, after the one that it chose and every one that it was offered.
    fn pays_for_delivery(&mut self, marketplace: Option<&str>, wanted: &str) -> (i64, Vec<i64>) {
        let name = format!("s{}", self.journal.len());
        let Action::OpenCheckout { checkout, cart, buyer, address, currency, lines, .. } =
            open_checkout(&name, None, Some(address()), lines_of("a=5"))
        else {
            panic!("opens a session")
        };
        let terms = Terms { delivery: Some(wanted.to_owned()), ..Terms::default() };
        let action = Box::new(Action::OpenCheckout { checkout, cart, buyer, address, currency, lines, terms });
        let claims = Claims { marketplace: marketplace.map(id), ..Claims::default() };
        self.priced(PricingAction::Claiming { action, claims });
        let session = self.session(&name);
        let offered = self.state.delivery_options(&session, self.now).iter().map(|option| option.cost.amount_minor).collect();
        (session.totals.shipping.amount_minor, offered)
    }
}

#[test]
fn free_delivery_and_rates_by_value_go_by_the_prices_that_the_buyer_pays() {
    let mut shop = Shop::with_marketplaces();
    // Five of them are 50.00, 30.00 in the outlet and 62.50 on the mountain; the shop's own rate is 4.99 below 50.00.
    for (marketplace, flat) in [(None, 0), (Some("outlet"), 499), (Some("mountain"), 0)] {
        assert_eq!(shop.pays_for_delivery(marketplace, "standard").0, flat, "{marketplace:?}, no carriers");
    }
    shop.knows_rates();
    let check = |shop: &mut Shop, marketplace, wanted, expected: (i64, [i64; 2])| {
        let (paid, offered) = shop.pays_for_delivery(marketplace, wanted);
        assert_eq!((paid, &*offered), (expected.0, &expected.1[..]), "{marketplace:?} {wanted}");
    };
    check(&mut shop, None, "swift/parcel", (0, [0, 700]));
    check(&mut shop, Some("mountain"), "swift/parcel", (0, [0, 700]));
    check(&mut shop, Some("outlet"), "swift/parcel", (300, [200, 300]));
    check(&mut shop, Some("outlet"), "swift/insured", (200, [200, 300]));
    assert_eq!(shop.replayed().hash(), shop.state.hash());
}

#[test]
fn a_discount_is_not_paid_for_with_the_delivery_that_it_cost() {
    let mut shop = Shop::stocked();
    let tenth = json!({ "id": "p", "title": "p", "effect": Effect::Percent { basis_points: 100 }, "currency": "EUR" });
    shop.priced(PricingAction::PutPromotion(serde_json::from_value(tenth).expect("a promotion")));
    assert_eq!(shop.pays_for_delivery(None, "standard").0, 0, "49.50 of 50.00");
    shop.knows_rates();
    assert_eq!(shop.pays_for_delivery(None, "swift/parcel"), (0, vec![0, 700]));
    let lines = lines_of("a=5");
    let options = shop.state.shipping_options(&Basket { address: Some(&address()), ..Basket::of(&lines, Currency::EUR, shop.now) });
    assert_eq!(options.iter().map(|option| option.cost.amount_minor).collect::<Vec<_>>(), [0, 700], "a preview says the same");
}
