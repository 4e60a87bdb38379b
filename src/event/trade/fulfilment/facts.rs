//! What the shop is told about its locations, its carriers and what things weigh: facts, changed as a whole and known by name.

use crate::id::{CarrierId, LocationId, ServiceId, Sku};
use crate::money::Money;
use serde::{Deserialize, Serialize};

/// A place on earth, in millionths of a degree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct GeoPoint {
    /// North is positive, at most 90,000,000 either way.
    pub latitude_micro: i32,
    /// East is positive, at most 180,000,000 either way.
    pub longitude_micro: i32,
}

/// On which days work is done, and until when a day's work is taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Calendar {
    /// Bit 0 is Monday, bit 6 Sunday.
    pub weekdays: u8,
    /// Days off, as days since 1970-01-01, ascending, each once.
    pub holidays: Vec<i32>,
    /// Minute of the local day from which on work is taken up the next day.
    pub cut_off_minute: u16,
}

impl Default for Calendar {
    /// Monday to Friday, until 14:00.
    fn default() -> Self {
        Self { weekdays: 0b001_1111, holidays: Vec::new(), cut_off_minute: 14 * 60 }
    }
}

/// A fulfilment centre or store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocationFacts {
    /// Its name, as stock knows it.
    pub id: LocationId,
    /// What people call it.
    pub title: String,
    /// ISO 3166, two letters, upper case; empty when not told.
    pub country: String,
    /// State or province.
    pub region: String,
    /// Postal code.
    pub postal_code: String,
    /// Where it is.
    pub point: Option<GeoPoint>,
    /// Local time less UTC.
    pub utc_offset_minutes: i16,
    /// When it works.
    pub calendar: Calendar,
    /// Working days between taking an order up and handing it over.
    pub handling_days: u16,
    /// Orders that it can hand over in one day.
    pub capacity_per_day: Option<u32>,
    /// Whether it sends to shoppers at all.
    pub ships: bool,
    /// Whether it takes new work.
    pub is_enabled: bool,
    /// Of locations that cost the same, the one with the lower number is chosen.
    pub priority: u16,
    /// What handling an order costs there, in minor units.
    pub order_cost_minor: i64,
    /// What handling a unit costs there, in minor units.
    pub unit_cost_minor: i64,
}

impl LocationFacts {
    /// A location of which nothing was told.
    #[must_use]
    pub fn untold(id: LocationId) -> Self {
        Self {
            id,
            title: String::new(),
            country: String::new(),
            region: String::new(),
            postal_code: String::new(),
            point: None,
            utc_offset_minutes: 0,
            calendar: Calendar::default(),
            handling_days: 1,
            capacity_per_day: None,
            ships: true,
            is_enabled: true,
            priority: 0,
            order_cost_minor: 0,
            unit_cost_minor: 0,
        }
    }

    /// Whether no order can be sent from here now.
    #[must_use]
    pub fn sends_nothing(&self) -> bool {
        !self.ships || !self.is_enabled
    }
}

/// What a rate goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RateBasis {
    /// Grams.
    #[default]
    Weight,
    /// Value of the goods, in minor units; for what shoppers pay, at their own prices.
    Value,
    /// Units.
    Units,
}

/// Where a zone's parcels come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// From any location.
    #[default]
    Anywhere,
    /// From the country that they go to.
    SameCountry,
    /// From the state or province that they go to.
    SameRegion,
    /// From no farther than so many kilometres, as the crow flies.
    WithinKm(u32),
}

/// One step of a rate table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RateFacts {
    /// Up to so much of what the table goes by. Steps ascend; what is beyond the last goes in several parcels.
    pub up_to: i64,
    /// What the carrier asks of the shop, in minor units; never less than the step before.
    pub cost_minor: i64,
    /// What shoppers pay, one price per currency. In a currency without a price they pay the shop's flat rate.
    #[serde(default)]
    pub prices: Vec<Money>,
}

/// Where a service goes, how long that takes and what it costs. A service's first zone that fits counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ZoneFacts {
    /// ISO 3166, two letters, upper case; none means all.
    #[serde(default)]
    pub countries: Vec<String>,
    /// States or provinces; none means all.
    #[serde(default)]
    pub regions: Vec<String>,
    /// Beginnings of postal codes; none means all.
    #[serde(default)]
    pub postal_prefixes: Vec<String>,
    /// Where the parcels come from.
    #[serde(default)]
    pub origin: Origin,
    /// Fewest of the carrier's working days on the way.
    pub transit_days_min: u16,
    /// Most of the carrier's working days on the way.
    pub transit_days_max: u16,
    /// What it costs.
    pub rates: Vec<RateFacts>,
}

/// One service of a carrier, as standard or express.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceFacts {
    /// Its name, once per carrier.
    pub id: ServiceId,
    /// What shoppers read.
    pub title: String,
    /// What its rates go by.
    #[serde(default)]
    pub basis: RateBasis,
    /// Sums of goods, at the prices of whoever buys and before promotions, from which on shoppers pay nothing, one per currency.
    #[serde(default)]
    pub free_from: Vec<Money>,
    /// Where it goes.
    pub zones: Vec<ZoneFacts>,
}

/// What a carrier's tracking numbers look like: `prefix`, a number of so many digits, a check digit, `suffix`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TrackingFormat {
    /// What they begin with.
    pub prefix: String,
    /// Digits of the running number; none means that the carrier gives the numbers itself.
    pub digits: u8,
    /// What they end with.
    pub suffix: String,
}

/// A carrier that goes by tables.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CarrierFacts {
    /// Its name.
    pub id: CarrierId,
    /// What people call it.
    pub title: String,
    /// Whether it takes new work.
    pub is_enabled: bool,
    /// When it collects and delivers; the cut-off is that of the day's collection, in the location's time.
    pub calendar: Calendar,
    /// What its tracking numbers look like.
    pub tracking: TrackingFormat,
    /// What it offers.
    pub services: Vec<ServiceFacts>,
}

/// Where the addresses of an area are, roughly.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaceFacts {
    /// What their postal codes begin with; empty for a whole country.
    pub postal_prefix: String,
    /// The middle of the area.
    pub point: GeoPoint,
}

/// What one unit weighs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WeightFacts {
    /// What.
    pub sku: Sku,
    /// Grams, at least 1.
    pub weight_g: i64,
}

/// What the choice of locations goes by, beyond what carriers and locations cost. Amounts are in minor units of one currency, that of all
/// costs of the shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SourcingPolicy {
    /// What each parcel beyond the first costs in the shopper's patience.
    pub split_minor: i64,
    /// What each day costs that a parcel comes after the promise.
    pub late_day_minor: i64,
    /// What each unit costs that is promised and still has to come.
    pub backorder_unit_minor: i64,
    /// What each unit costs that is taken out of a location's last days of cover.
    pub stockout_unit_minor: i64,
    /// Days of sales that a location should keep.
    pub cover_days: u16,
    /// What a unit weighs of which nothing was told, in grams.
    pub weight_default_g: i64,
    /// What a parcel costs while no carrier is known.
    pub parcel_minor: i64,
}

impl Default for SourcingPolicy {
    fn default() -> Self {
        Self {
            split_minor: 300,
            late_day_minor: 200,
            backorder_unit_minor: 400,
            stockout_unit_minor: 50,
            cover_days: 7,
            weight_default_g: 500,
            parcel_minor: 499,
        }
    }
}
