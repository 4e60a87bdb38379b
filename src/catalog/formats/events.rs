//! Behaviour rows: who did what with which product, and when.

use super::columns::{Columns, Role, Sorted};
use super::moment::moment;
use super::records::RawRow;
use super::{ImportOptions, Reject};
use crate::catalog::CatalogError;
use crate::event::{Behaviour, Origin};
use crate::id::{QueryId, RecommendationId, SessionId, ShopperId};
use crate::stdx::clock::Timestamp;

/// One thing that one shopper did with one product.
#[derive(Debug, Clone, PartialEq)]
pub struct EventRow {
    /// What they did.
    pub behaviour: Behaviour,
    /// What the file calls the product: its id or SKU.
    pub product: String,
    /// Units, for carts and purchases; 1 otherwise.
    pub quantity: u32,
    /// Who, and what led there.
    pub origin: Origin,
    /// When.
    pub at: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Field {
    Behaviour,
    Product,
    Shopper,
    Session,
    At,
    Quantity,
    Query,
    Recommendation,
    Rank,
}

impl Role for Field {
    const NAMES: &'static [(Self, &'static str, &'static [&'static str])] = &[
        (Self::Behaviour, "behaviour", &["type", "event", "eventtype", "eventname", "behaviour", "behavior", "behaviortype", "action"]),
        (
            Self::Product,
            "product",
            &[
                "product",
                "productid",
                "itemid",
                "item",
                "aid",
                "sku",
                "articleid",
                "contentid",
                "objectid",
                "asin",
                "parentasin",
                "productuid",
            ],
        ),
        (
            Self::Shopper,
            "shopper",
            &["shopper", "shopperid", "userid", "user", "visitorid", "customerid", "customer", "reviewerid", "memberid", "clientid"],
        ),
        (Self::Session, "session", &["session", "sessionid", "usersession", "visitid"]),
        (
            Self::At,
            "at",
            &["at", "time", "timestamp", "ts", "eventtime", "happenedat", "datetime", "createdat", "eventdate", "date", "unixreviewtime"],
        ),
        (Self::Quantity, "quantity", &["quantity", "qty", "units"]),
        (Self::Query, "query", &["query", "queryid", "searchid"]),
        (Self::Recommendation, "recommendation", &["recommendation", "recommendationid", "recommid"]),
        (Self::Rank, "rank", &["rank", "position"]),
    ];
}

/// What exports call each behaviour, bare.
const WORDS: &[(Behaviour, &[&str])] = &[
    (Behaviour::Impression, &["impression", "impressions", "show", "shown", "exposure", "viewitemlist"]),
    (Behaviour::Click, &["click", "clicks", "clickout", "clickoutitem", "selectitem"]),
    (Behaviour::View, &["view", "views", "pageview", "pv", "detail", "productview", "viewitem", "viewproduct"]),
    (Behaviour::AddToCart, &["addtocart", "cart", "carts", "basket", "addtobasket", "atc"]),
    (Behaviour::Purchase, &["purchase", "purchases", "transaction", "buy", "order", "orders", "sale", "checkout"]),
];

/// Makes behaviour of rows.
pub(super) struct EventReader {
    columns: Columns<Field>,
    day_first: bool,
    /// What a row is when no column says.
    otherwise: Behaviour,
}

impl EventReader {
    pub(super) fn new(options: &ImportOptions) -> Result<Self, CatalogError> {
        let section = &options.map.event;
        let constant = section.constants.behaviour.as_deref();
        let otherwise = constant.map(|word| behaviour_of(word).ok_or_else(|| CatalogError::Map(format!("{word} is no behaviour"))));
        // Files of sessions, products and times are click files.
        Ok(Self {
            columns: Columns::new(section)?,
            day_first: section.day_first,
            otherwise: otherwise.transpose()?.unwrap_or(Behaviour::Click),
        })
    }

    pub(super) fn read(&mut self, row: &RawRow<'_>) -> Result<EventRow, Reject> {
        let fields = self.columns.sort(row.fields);
        let missing = |role, name: &str| row.reject(fields.name(role, name), "is missing");
        let behaviour = match fields.text(Field::Behaviour) {
            None => self.otherwise,
            Some(word) => behaviour_of(&word).ok_or_else(|| {
                row.reject(fields.name(Field::Behaviour, "type"), "is none of impression, click, view, add_to_cart, purchase")
            })?,
        };
        let product = fields.identifier(Field::Product).ok_or_else(|| missing(Field::Product, "product"))?.into_owned();
        let (at_name, at) = fields.first(Field::At).ok_or_else(|| missing(Field::At, "time"))?;
        let at = moment(at, self.day_first).ok_or_else(|| row.reject(at_name, "is not a time"))?;
        let quantity = match fields.first(Field::Quantity) {
            None => 1,
            Some((name, value)) => {
                let units = value.whole().and_then(|units| u32::try_from(units).ok()).filter(|units| *units > 0);
                units.ok_or_else(|| row.reject(name, "must be a whole number from 1"))?
            }
        };
        Ok(EventRow { behaviour, product, quantity, origin: origin(row, &fields)?, at })
    }
}

fn origin(row: &RawRow<'_>, fields: &Sorted<'_, '_, Field>) -> Result<Origin, Reject> {
    let refused = |role, error: crate::id::IdError| row.reject(fields.name(role, ""), error.to_string());
    let text = |role| fields.identifier(role);
    let shopper = text(Field::Shopper).map(|id| ShopperId::new(&id)).transpose().map_err(|error| refused(Field::Shopper, error))?;
    let session = text(Field::Session).map(|id| SessionId::new(&id)).transpose().map_err(|error| refused(Field::Session, error))?;
    let query = text(Field::Query).map(|id| QueryId::new(&id)).transpose().map_err(|error| refused(Field::Query, error))?;
    let recommendation = text(Field::Recommendation).map(|id| RecommendationId::new(&id)).transpose();
    let recommendation = recommendation.map_err(|error| refused(Field::Recommendation, error))?;
    let rank = fields.first(Field::Rank).and_then(|(_, value)| value.whole()).and_then(|rank| u32::try_from(rank).ok());
    Ok(Origin { shopper, session, query, rank: rank.filter(|rank| *rank > 0), recommendation })
}

fn behaviour_of(word: &str) -> Option<Behaviour> {
    let bare = super::columns::bare(word);
    WORDS.iter().find(|(_, words)| words.contains(&bare.as_str())).map(|(behaviour, _)| *behaviour)
}
