//! Facts about locations, carriers, addresses and weights: checked field by field, kept as a whole.

use super::happened;
use crate::country;
use crate::event::TradeEvent;
use crate::event::trade::fulfilment::{
    Calendar, CarrierFacts, FulfilmentEvent, GeoPoint, LocationFacts, PlaceFacts, ServiceFacts, SourcingPolicy, WeightFacts, ZoneFacts,
};
use crate::fulfilment::COST_MINOR_MAX;
use crate::id::CarrierId;
use crate::order::check_text;
use crate::trade::command::Rejection;
use crate::trade::state::State;
use std::ops::RangeInclusive;

/// Most locations: every sourcing walks them.
const LOCATIONS_MAX: usize = 2_000;
/// Most carriers, services of one, zones of one and steps of one: every sourcing walks the ones that fit.
const CARRIERS_MAX: usize = 50;
const SERVICES_MAX: usize = 20;
const ZONES_MAX: usize = 500;
const STEPS_MAX: usize = 50;
const NAMES_MAX: usize = 1_000;
/// Days off that are told ahead: some years of them.
const HOLIDAYS_MAX: usize = 500;
/// Areas of one country.
const PLACES_MAX: usize = 20_000;
/// Weights in one write.
const WEIGHTS_MAX: usize = 10_000;
/// Most that a unit weighs, in grams.
const WEIGHT_G_MAX: i64 = 40_000_000;
const DAYS_MAX: u16 = 365;
const MINUTES_OF_DAY: u16 = 24 * 60;

fn check_range<T: PartialOrd + std::fmt::Display>(field: &str, value: &T, range: &RangeInclusive<T>) -> Result<(), Rejection> {
    if range.contains(value) {
        return Ok(());
    }
    Err(Rejection::invalid(field, format!("must be between {} and {}", range.start(), range.end())))
}

fn check_count(field: &str, count: usize, most: usize) -> Result<(), Rejection> {
    if count > most { Err(Rejection::invalid(field, format!("must not be more than {most}"))) } else { Ok(()) }
}

fn check_cost(field: &str, minor: i64) -> Result<(), Rejection> {
    check_range(field, &minor, &(0..=COST_MINOR_MAX))
}

/// ISO 3166, two upper-case letters; empty where nothing need be told.
fn check_country(field: &str, country: &str, may_be_empty: bool) -> Result<(), Rejection> {
    if country::is_code_in_capitals(country) || may_be_empty && country.is_empty() {
        return Ok(());
    }
    Err(Rejection::invalid(field, "must be a country's two upper-case letters, as in ISO 3166"))
}

fn check_point(field: &str, point: GeoPoint) -> Result<(), Rejection> {
    check_range(&format!("{field}.latitude_micro"), &point.latitude_micro, &(-90_000_000..=90_000_000))?;
    check_range(&format!("{field}.longitude_micro"), &point.longitude_micro, &(-180_000_000..=180_000_000))
}

fn check_calendar(field: &str, calendar: &Calendar) -> Result<(), Rejection> {
    check_range(&format!("{field}.weekdays"), &calendar.weekdays, &(1..=0b111_1111))?;
    check_range(&format!("{field}.cut_off_minute"), &calendar.cut_off_minute, &(0..=MINUTES_OF_DAY))?;
    check_count(&format!("{field}.holidays"), calendar.holidays.len(), HOLIDAYS_MAX)?;
    if !calendar.holidays.is_sorted_by(|left, right| left < right) {
        return Err(Rejection::invalid(format!("{field}.holidays"), "must ascend, each day once"));
    }
    Ok(())
}

pub(super) fn set_location(state: &State, location: &LocationFacts) -> Result<Vec<TradeEvent>, Rejection> {
    for (field, text) in [("title", &location.title), ("region", &location.region), ("postal_code", &location.postal_code)] {
        check_text(field, text)?;
    }
    check_country("country", &location.country, true)?;
    location.point.map_or(Ok(()), |point| check_point("point", point))?;
    check_range("utc_offset_minutes", &location.utc_offset_minutes, &(-14 * 60..=14 * 60))?;
    check_calendar("calendar", &location.calendar)?;
    check_range("handling_days", &location.handling_days, &(0..=DAYS_MAX))?;
    check_cost("order_cost_minor", location.order_cost_minor)?;
    check_cost("unit_cost_minor", location.unit_cost_minor)?;
    let facts = state.fulfilment.facts();
    let known = facts.location(&location.id);
    check_count("id", facts.locations().len() + usize::from(known.is_none()), LOCATIONS_MAX)?;
    if known.is_some_and(|known| **known == *location) {
        return Ok(Vec::new());
    }
    Ok(vec![happened(FulfilmentEvent::LocationSet { location: Box::new(location.clone()) })])
}

pub(super) fn set_carrier(state: &State, carrier: &CarrierFacts) -> Result<Vec<TradeEvent>, Rejection> {
    check_text("title", &carrier.title)?;
    check_text("tracking.prefix", &carrier.tracking.prefix)?;
    check_text("tracking.suffix", &carrier.tracking.suffix)?;
    check_range("tracking.digits", &carrier.tracking.digits, &(0..=12))?;
    check_calendar("calendar", &carrier.calendar)?;
    check_count("services", carrier.services.len(), SERVICES_MAX)?;
    for (place, service) in carrier.services.iter().enumerate() {
        let field = format!("services[{place}]");
        if carrier.services[..place].iter().any(|earlier| earlier.id == service.id) {
            return Err(Rejection::invalid(format!("{field}.id"), "stands twice"));
        }
        check_service(&field, service)?;
    }
    let facts = state.fulfilment.facts();
    let known = facts.carrier(&carrier.id);
    check_count("id", facts.carriers().len() + usize::from(known.is_none()), CARRIERS_MAX)?;
    if known.is_some_and(|known| **known == *carrier) {
        return Ok(Vec::new());
    }
    Ok(vec![happened(FulfilmentEvent::CarrierSet { carrier: Box::new(carrier.clone()) })])
}

fn check_service(field: &str, service: &ServiceFacts) -> Result<(), Rejection> {
    check_text(&format!("{field}.title"), &service.title)?;
    check_count(&format!("{field}.free_from"), service.free_from.len(), NAMES_MAX)?;
    for (place, from) in service.free_from.iter().enumerate() {
        check_range(&format!("{field}.free_from[{place}]"), &from.amount_minor, &(0..=i64::MAX))?;
    }
    check_count(&format!("{field}.zones"), service.zones.len(), ZONES_MAX)?;
    service.zones.iter().enumerate().try_for_each(|(place, zone)| check_zone(&format!("{field}.zones[{place}]"), zone))
}

fn check_zone(field: &str, zone: &ZoneFacts) -> Result<(), Rejection> {
    let names = [("countries", &zone.countries), ("regions", &zone.regions), ("postal_prefixes", &zone.postal_prefixes)];
    for (list, names) in names {
        check_count(&format!("{field}.{list}"), names.len(), NAMES_MAX)?;
        for (place, name) in names.iter().enumerate() {
            check_text(&format!("{field}.{list}[{place}]"), name)?;
        }
    }
    for (place, country) in zone.countries.iter().enumerate() {
        check_country(&format!("{field}.countries[{place}]"), country, false)?;
    }
    for (place, prefix) in zone.postal_prefixes.iter().enumerate() {
        if prefix.chars().any(|letter| letter.is_whitespace() || letter.is_lowercase()) {
            return Err(Rejection::invalid(format!("{field}.postal_prefixes[{place}]"), "must be upper case without spaces"));
        }
    }
    check_range(&format!("{field}.transit_days_max"), &zone.transit_days_max, &(0..=DAYS_MAX))?;
    check_range(&format!("{field}.transit_days_min"), &zone.transit_days_min, &(0..=zone.transit_days_max))?;
    check_count(&format!("{field}.rates"), zone.rates.len(), STEPS_MAX)?;
    if zone.rates.is_empty() {
        return Err(Rejection::invalid(format!("{field}.rates"), "must not be empty"));
    }
    let (mut up_to, mut cost) = (0, 0);
    for (place, rate) in zone.rates.iter().enumerate() {
        let field = format!("{field}.rates[{place}]");
        if rate.up_to <= up_to {
            return Err(Rejection::invalid(format!("{field}.up_to"), format!("must be more than {up_to}")));
        }
        check_range(&format!("{field}.cost_minor"), &rate.cost_minor, &(cost..=COST_MINOR_MAX))?;
        for (place, price) in rate.prices.iter().enumerate() {
            check_range(&format!("{field}.prices[{place}]"), &price.amount_minor, &(0..=COST_MINOR_MAX))?;
            if rate.prices[..place].iter().any(|earlier| earlier.currency == price.currency) {
                return Err(Rejection::invalid(format!("{field}.prices[{place}]"), "its currency stands twice"));
            }
        }
        (up_to, cost) = (rate.up_to, rate.cost_minor);
    }
    Ok(())
}

pub(super) fn remove_carrier(state: &State, carrier: &CarrierId) -> Result<Vec<TradeEvent>, Rejection> {
    state.fulfilment.facts().carrier(carrier).ok_or_else(|| Rejection::unknown("carrier", carrier))?;
    Ok(vec![happened(FulfilmentEvent::CarrierRemoved { carrier: carrier.clone() })])
}

pub(super) fn set_places(state: &State, country: &str, places: &[PlaceFacts]) -> Result<Vec<TradeEvent>, Rejection> {
    check_country("country", country, false)?;
    check_count("places", places.len(), PLACES_MAX)?;
    let mut places = places.to_vec();
    places.sort_by(|left, right| left.postal_prefix.cmp(&right.postal_prefix));
    for (place, area) in places.iter().enumerate() {
        check_text(&format!("places[{place}].postal_prefix"), &area.postal_prefix)?;
        check_point(&format!("places[{place}].point"), area.point)?;
        if area.postal_prefix.chars().any(|letter| letter.is_whitespace() || letter.is_lowercase()) {
            return Err(Rejection::invalid(format!("places[{place}].postal_prefix"), "must be upper case without spaces"));
        }
    }
    if let Some(twice) = places.windows(2).find(|pair| pair[0].postal_prefix == pair[1].postal_prefix) {
        return Err(Rejection::invalid("places", format!("{:?} stands twice", twice[0].postal_prefix)));
    }
    if state.fulfilment.facts().places(country) == places {
        return Ok(Vec::new());
    }
    Ok(vec![happened(FulfilmentEvent::PlacesSet { country: country.to_owned(), places })])
}

pub(super) fn set_weights(state: &State, weights: &[WeightFacts]) -> Result<Vec<TradeEvent>, Rejection> {
    check_count("weights", weights.len(), WEIGHTS_MAX)?;
    for (place, row) in weights.iter().enumerate() {
        check_range(&format!("weights[{place}].weight_g"), &row.weight_g, &(1..=WEIGHT_G_MAX))?;
    }
    if weights.iter().all(|row| state.fulfilment.facts().weight_g(&row.sku) == row.weight_g) {
        return Ok(Vec::new());
    }
    Ok(vec![happened(FulfilmentEvent::WeightsSet { weights: weights.to_vec() })])
}

pub(super) fn set_policy(state: &State, policy: &SourcingPolicy) -> Result<Vec<TradeEvent>, Rejection> {
    let costs = [
        ("split_minor", policy.split_minor),
        ("late_day_minor", policy.late_day_minor),
        ("backorder_unit_minor", policy.backorder_unit_minor),
        ("stockout_unit_minor", policy.stockout_unit_minor),
        ("parcel_minor", policy.parcel_minor),
    ];
    costs.into_iter().try_for_each(|(field, minor)| check_cost(field, minor))?;
    check_range("cover_days", &policy.cover_days, &(0..=DAYS_MAX))?;
    check_range("weight_default_g", &policy.weight_default_g, &(1..=WEIGHT_G_MAX))?;
    if state.fulfilment.facts().policy() == policy {
        return Ok(Vec::new());
    }
    Ok(vec![happened(FulfilmentEvent::PolicySet { policy: *policy })])
}
