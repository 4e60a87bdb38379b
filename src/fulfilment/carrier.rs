//! Carriers: where they go, how long it takes, what it costs, and what their tracking numbers look like.
//!
//! A carrier is a pure description: it is asked while something is decided, so it may look nothing up and wait for nobody. The built-in
//! carrier goes by tables, [`CarrierFacts`]; one that quotes over the network tells what it quoted as tables of its own.

use super::calendar::{local, moment};
use super::geo::distance_km;
use crate::event::trade::fulfilment::{Calendar, CarrierFacts, GeoPoint, LocationFacts, Origin, RateBasis, RateFacts, TrackingFormat};
use crate::id::{CarrierId, ServiceId};
use crate::money::{Currency, Money};
use crate::stdx::clock::Timestamp;

/// Where goods go.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Destination {
    /// ISO 3166, two letters, upper case.
    pub country: String,
    /// State or province, lower case.
    pub region: String,
    /// Postal code without spaces, upper case.
    pub postal_code: String,
    /// Where that is, if it is known.
    pub point: Option<GeoPoint>,
}

/// What a parcel's rate can go by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Load {
    /// Grams.
    pub weight_g: i64,
    /// Value of the goods in minor units.
    pub value_minor: i64,
    /// Units.
    pub units: i64,
}

impl Load {
    /// So many units of something of which one is `self`, and `other`.
    #[must_use]
    pub fn plus(self, one: Self, units: i64) -> Self {
        let sum = |so_far: i64, of_one: i64| so_far.saturating_add(of_one.saturating_mul(units));
        Self {
            weight_g: sum(self.weight_g, one.weight_g),
            value_minor: sum(self.value_minor, one.value_minor),
            units: sum(self.units, one.units),
        }
    }

    fn by(self, basis: RateBasis) -> i64 {
        match basis {
            RateBasis::Weight => self.weight_g,
            RateBasis::Value => self.value_minor,
            RateBasis::Units => self.units,
        }
    }
}

/// A service from somewhere to somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lane<'a> {
    /// Fewest and most of the carrier's working days on the way.
    pub transit_days: (u16, u16),
    /// What the rates go by.
    pub basis: RateBasis,
    /// Steps, ascending.
    pub rates: &'a [RateFacts],
    /// Sums of goods from which on shoppers pay nothing.
    pub free_from: &'a [Money],
}

impl Lane<'_> {
    /// What the carrier asks for a load, in minor units. A load beyond the last step goes in several parcels, all but one of them full.
    #[must_use]
    pub fn cost_minor(&self, load: Load) -> i64 {
        let Some(last) = self.rates.last() else { return 0 };
        let load = load.by(self.basis);
        let full = if load > last.up_to { (load - 1) / last.up_to.max(1) } else { 0 };
        let rest = load - full.saturating_mul(last.up_to);
        let step = self.rates.iter().find(|step| rest <= step.up_to).unwrap_or(last);
        last.cost_minor.saturating_mul(full).saturating_add(step.cost_minor)
    }

    /// Whether a load goes in one parcel.
    #[must_use]
    pub fn is_one_parcel(&self, load: Load) -> bool {
        self.rates.last().is_none_or(|last| load.by(self.basis) <= last.up_to)
    }

    /// What a shopper pays for a load: none when the table has no price in that currency.
    #[must_use]
    pub fn price(&self, load: Load, goods: Money) -> Option<Money> {
        let of = |amounts: &[Money], currency: Currency| amounts.iter().find(|amount| amount.currency == currency).copied();
        if of(self.free_from, goods.currency).is_some_and(|from| goods.amount_minor >= from.amount_minor) {
            return Some(Money::zero(goods.currency));
        }
        let last = self.rates.last()?;
        let load = load.by(self.basis);
        let full = if load > last.up_to { (load - 1) / last.up_to.max(1) } else { 0 };
        let rest = load - full.saturating_mul(last.up_to);
        let step = self.rates.iter().find(|step| rest <= step.up_to).unwrap_or(last);
        let price = of(&step.prices, goods.currency)?;
        match full {
            0 => Some(price),
            full => of(&last.prices, goods.currency)?.times(full).and_then(|sum| sum.plus(price)).ok(),
        }
    }
}

/// When a parcel arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrival {
    /// Until when the carrier has to be given it.
    pub ship_by: Timestamp,
    /// Not before.
    pub from: Timestamp,
    /// Not after.
    pub until: Timestamp,
}

/// Somebody who takes parcels to shoppers.
pub trait Carrier {
    /// Its name.
    fn id(&self) -> &CarrierId;

    /// Whether it takes new work.
    fn is_enabled(&self) -> bool;

    /// When it collects and delivers.
    fn calendar(&self) -> &Calendar;

    /// Its services, in the order in which they are offered: name and title.
    fn services(&self) -> impl Iterator<Item = (&ServiceId, &str)>;

    /// The lanes of the service at `place` to a destination, each with the origin it is for; the first that fits a location is its lane.
    fn lanes_to(&self, place: usize, to: &Destination) -> Vec<(Origin, Lane<'_>)>;

    /// The tracking number with this running number; none when the carrier gives them itself.
    fn tracking_number(&self, running: u64) -> Option<String>;

    /// When a parcel arrives that a location has ready on `ready_day`.
    fn arrival(&self, lane: &Lane<'_>, location: &LocationFacts, ready_day: i64, now: Timestamp) -> Arrival {
        let (calendar, offset) = (self.calendar(), location.utc_offset_minutes);
        let (today, minute) = local(now, offset);
        let cut_off = i64::from(calendar.cut_off_minute);
        let earliest = if ready_day == today && minute >= cut_off { today + 1 } else { ready_day };
        let collected = calendar.working_from(earliest);
        let (from, until) = (calendar.after(collected, lane.transit_days.0), calendar.after(collected, lane.transit_days.1));
        Arrival {
            ship_by: moment(collected, cut_off, offset),
            from: moment(from, 0, offset),
            // The last minute of that day.
            until: moment(until + 1, -1, offset),
        }
    }
}

impl Carrier for CarrierFacts {
    fn id(&self) -> &CarrierId {
        &self.id
    }

    fn is_enabled(&self) -> bool {
        self.is_enabled
    }

    fn calendar(&self) -> &Calendar {
        &self.calendar
    }

    fn services(&self) -> impl Iterator<Item = (&ServiceId, &str)> {
        self.services.iter().map(|service| (&service.id, service.title.as_str()))
    }

    fn lanes_to(&self, place: usize, to: &Destination) -> Vec<(Origin, Lane<'_>)> {
        let Some(service) = self.services.get(place) else { return Vec::new() };
        let is_among = |names: &[String], name: &str| names.is_empty() || names.iter().any(|known| known.eq_ignore_ascii_case(name));
        let zones = service.zones.iter().filter(|zone| {
            is_among(&zone.countries, &to.country)
                && is_among(&zone.regions, &to.region)
                && (zone.postal_prefixes.is_empty() || zone.postal_prefixes.iter().any(|prefix| to.postal_code.starts_with(&**prefix)))
        });
        let lane = |zone: &'_ crate::event::trade::fulfilment::ZoneFacts| (zone.transit_days_min, zone.transit_days_max);
        zones
            .map(|zone| {
                let (basis, free_from) = (service.basis, service.free_from.as_slice());
                (zone.origin, Lane { transit_days: lane(zone), basis, rates: &zone.rates, free_from })
            })
            .collect()
    }

    fn tracking_number(&self, running: u64) -> Option<String> {
        self.tracking.number(running)
    }
}

/// Whether parcels from a location to a destination have the origin that a lane is for.
#[must_use]
pub(super) fn is_origin(origin: Origin, from: &LocationFacts, to: &Destination) -> bool {
    let is_same_country = !from.country.is_empty() && from.country.eq_ignore_ascii_case(&to.country);
    match origin {
        Origin::Anywhere => true,
        Origin::SameCountry => is_same_country,
        Origin::SameRegion => is_same_country && !from.region.is_empty() && from.region.eq_ignore_ascii_case(&to.region),
        Origin::WithinKm(km) => from.point.zip(to.point).is_some_and(|(from, to)| distance_km(from, to) <= km),
    }
}

impl TrackingFormat {
    /// The number with this running number, cut to the format's digits: none when there are none. Eight digits get the check digit of the
    /// Universal Postal Union's S10, any other count that of Luhn.
    #[must_use]
    pub fn number(&self, running: u64) -> Option<String> {
        let width = usize::from(self.digits);
        let range = 10u64.checked_pow(u32::from(self.digits)).filter(|_| width > 0)?;
        let digits = format!("{:0width$}", running % range);
        let check = if width == 8 { s10(&digits) } else { luhn(&digits) };
        Some(format!("{}{digits}{check}{}", self.prefix, self.suffix))
    }
}

/// UPU S10: weights 8 6 4 2 3 5 9 7, 11 less the sum modulo 11; 10 is written 0 and 11 is written 5.
fn s10(digits: &str) -> u32 {
    let sum: u32 =
        digits.chars().filter_map(|digit| digit.to_digit(10)).zip([8, 6, 4, 2, 3, 5, 9, 7]).map(|(digit, weight)| digit * weight).sum();
    match 11 - sum % 11 {
        10 => 0,
        11 => 5,
        check => check,
    }
}

/// ISO/IEC 7812-1, annex B.
fn luhn(digits: &str) -> u32 {
    let doubled = |digit: u32| if digit * 2 > 9 { digit * 2 - 9 } else { digit * 2 };
    let digits = digits.chars().rev().filter_map(|digit| digit.to_digit(10)).enumerate();
    let sum: u32 = digits.map(|(place, digit)| if place % 2 == 0 { doubled(digit) } else { digit }).sum();
    (10 - sum % 10) % 10
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(up_to: i64, cost_minor: i64) -> RateFacts {
        RateFacts { up_to, cost_minor, prices: vec![Money::new(cost_minor + 100, Currency::EUR)] }
    }

    #[test]
    fn a_load_costs_its_step_and_what_is_too_much_goes_in_parcels() {
        let rates = [rate(1_000, 400), rate(5_000, 700)];
        let free_from = [Money::new(9_000, Currency::EUR)];
        let lane = Lane { transit_days: (1, 2), basis: RateBasis::Weight, rates: &rates, free_from: &free_from };
        let check = |weight_g, cost, price: i64| {
            let load = Load { weight_g, value_minor: 0, units: 1 };
            assert_eq!(lane.cost_minor(load), cost, "{weight_g} g");
            assert_eq!(lane.price(load, Money::new(100, Currency::EUR)), Some(Money::new(price, Currency::EUR)), "{weight_g} g");
        };
        check(0, 400, 500);
        check(1_000, 400, 500);
        check(1_001, 700, 800);
        check(5_000, 700, 800);
        check(5_001, 1_100, 1_300);
        check(10_000, 1_400, 1_600);
        check(10_001, 1_800, 2_100);
        let load = Load { weight_g: 1, ..Load::default() };
        assert_eq!(lane.price(load, Money::new(9_000, Currency::EUR)), Some(Money::zero(Currency::EUR)));
        assert_eq!(lane.price(load, Money::new(100, Currency::USD)), None);
    }

    #[test]
    fn tracking_numbers_carry_their_check_digit() {
        let check = |prefix: &str, digits, suffix: &str, running, expected: Option<&str>| {
            let format = TrackingFormat { prefix: prefix.to_owned(), digits, suffix: suffix.to_owned() };
            assert_eq!(format.number(running).as_deref(), expected);
        };
        // The example of the S10 standard.
        check("RR", 8, "GB", 47_312_482, Some("RR473124829GB"));
        check("", 10, "", 7_992_739_871, Some("79927398713"));
        check("SK", 4, "", 12_345, Some("SK23457"));
        check("SK", 0, "", 1, None);
        check("SK", 200, "", 1, None);
    }

    #[test]
    fn a_parcel_arrives_by_the_carriers_days_after_its_collection() {
        let rates = [rate(1, 1)];
        let lane = Lane { transit_days: (1, 3), basis: RateBasis::Units, rates: &rates, free_from: &[] };
        let carrier = CarrierFacts {
            id: CarrierId::new("c").expect("an id"),
            title: String::new(),
            is_enabled: true,
            calendar: Calendar { cut_off_minute: 16 * 60, ..Calendar::default() },
            tracking: TrackingFormat::default(),
            services: Vec::new(),
        };
        let location = LocationFacts::untold(crate::id::LocationId::new("l").expect("an id"));
        // Monday, 2024-01-01.
        let monday = 19_723;
        let days = |ready: i64, hour: i64| {
            let arrival = carrier.arrival(&lane, &location, monday + ready, moment(monday, hour * 60, 0));
            [arrival.ship_by, arrival.from, arrival.until].map(|at| local(at, 0).0 - monday)
        };
        assert_eq!(days(0, 15), [0, 1, 3]);
        assert_eq!(days(0, 16), [1, 2, 4]);
        assert_eq!(days(1, 16), [1, 2, 4]);
        assert_eq!(days(4, 9), [4, 7, 9]);
        assert_eq!(days(5, 9), [7, 8, 10]);
    }
}
