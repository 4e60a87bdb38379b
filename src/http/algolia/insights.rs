//! `POST /1/events`: what their `search-insights` library tells, as behaviour of ours.

use super::fault::{Answer, invalid};
use crate::catalog::CatalogSnapshot;
use crate::event::{ActivityEvent, Behaviour};
use crate::http::access::Caller;
use crate::http::answer::ok;
use crate::http::body;
use crate::http::context::Shared;
use crate::http::error::Problem;
use crate::http::keys::keyed_if_given;
use crate::http::limits::{BULK_BATCH_LINES, JSON_BYTES_MAX};
use crate::http::native::events::{EventBody, Moment, event_of};
use crate::id::{ProductId, QueryId, SessionId, ShopperId};
use crate::stdx::clock::Timestamp;
use axum::extract::{Request, State};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// Most events in one request, and most products and filters in one event, as theirs have it.
const EVENTS_MAX: usize = 1_000;
const OBJECTS_MAX: usize = 20;
/// What InstantSearch calls the event that hits came into view.
const HITS_SEEN: &str = "Hits Viewed";

#[derive(Deserialize)]
struct Events {
    events: Vec<Event>,
}

/// One event. Members that are not named here (`index`, `value`, `currency`) say nothing that the engine learns from.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    event_type: Kind,
    #[serde(default)]
    event_subtype: Option<Subtype>,
    #[serde(default)]
    event_name: String,
    #[serde(default)]
    user_token: Option<SessionId>,
    #[serde(default)]
    authenticated_user_token: Option<ShopperId>,
    #[serde(default, rename = "objectIDs")]
    object_ids: Vec<ProductId>,
    #[serde(default)]
    object_data: Vec<ObjectData>,
    #[serde(default)]
    positions: Vec<u32>,
    #[serde(default, rename = "queryID")]
    query_id: Option<QueryId>,
    #[serde(default)]
    timestamp: Option<i64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    View,
    Click,
    Conversion,
    /// What InstantSearch tells of itself: its version and widgets.
    InstantSearch,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Subtype {
    AddToCart,
    Purchase,
}

#[derive(Debug, Clone, Default, Deserialize)]
struct ObjectData {
    #[serde(default)]
    quantity: Option<u32>,
    #[serde(default, rename = "queryID")]
    query_id: Option<QueryId>,
    #[serde(flatten)]
    _rest: Map<String, Value>,
}

impl Event {
    fn behaviour(&self) -> Behaviour {
        match (self.event_type, self.event_subtype) {
            (Kind::Click, _) => Behaviour::Click,
            (Kind::Conversion, Some(Subtype::Purchase)) => Behaviour::Purchase,
            // A conversion that does not say which is taken for the smaller one.
            (Kind::Conversion, Some(Subtype::AddToCart) | None) => Behaviour::AddToCart,
            // Hits in view are a list; one product that somebody looks at is its page.
            (Kind::View, _) if self.object_ids.len() == 1 && self.event_name != HITS_SEEN => Behaviour::View,
            (Kind::View | Kind::InstantSearch, _) => Behaviour::Impression,
        }
    }

    fn check(&self) -> Result<(), Problem> {
        if self.object_ids.len() > OBJECTS_MAX {
            return Err(invalid("objectIDs", format!("at most {OBJECTS_MAX}")));
        }
        if !self.positions.is_empty() && self.positions.len() != self.object_ids.len() {
            return Err(invalid("positions", "must be as many as objectIDs"));
        }
        if !self.object_data.is_empty() && self.object_data.len() != self.object_ids.len() {
            return Err(invalid("objectData", "must be as many as objectIDs"));
        }
        if self.positions.contains(&0) {
            return Err(invalid("positions", "start at 1"));
        }
        Ok(())
    }

    /// One event of ours for each product that there is; pages may be older than the catalogue.
    fn told(&self, catalog: &CatalogSnapshot, now: Timestamp) -> Result<Vec<ActivityEvent>, Problem> {
        if self.event_type == Kind::InstantSearch {
            return Ok(Vec::new());
        }
        self.check()?;
        let known = self.object_ids.iter().enumerate().filter(|(_, id)| catalog.ordinal_of(id).is_some());
        known.map(|(index, id)| event_of(self.body(index, id), catalog, now).map_err(renamed)).collect()
    }

    fn body(&self, index: usize, id: &ProductId) -> EventBody {
        let data = self.object_data.get(index).cloned().unwrap_or_default();
        EventBody {
            r#type: self.behaviour(),
            product_id: id.clone(),
            quantity: data.quantity,
            shopper_id: self.authenticated_user_token.clone(),
            session_id: self.user_token.clone(),
            query_id: data.query_id.or_else(|| self.query_id.clone()),
            recommendation_id: None,
            rank: self.positions.get(index).copied(),
            happened_at: self.timestamp.map(|at| Moment(Timestamp(at))),
        }
    }
}

/// A fault with their name of the field.
fn renamed(problem: Problem) -> Problem {
    let field = match problem.field() {
        Some("session_id") => "userToken",
        Some("shopper_id") => "authenticatedUserToken",
        Some("happened_at") => "timestamp",
        Some("quantity") => "objectData.quantity",
        _ => return problem,
    };
    problem.in_field(field)
}

/// Under a key, which their library does not send and others may, each batch is told once, as `/v1/events` tells it.
pub(in crate::http) async fn post(State(context): Shared, request: Request) -> Answer {
    let (head, body) = request.into_parts();
    let bytes = body::read(&head.headers, body, JSON_BYTES_MAX).await?;
    let key = keyed_if_given(&head.headers, "insights", "", &bytes)?;
    let Events { events } = body::parse(&bytes)?;
    if !(1..=EVENTS_MAX).contains(&events.len()) {
        return Err(invalid("events", format!("must be between 1 and {EVENTS_MAX}")).into());
    }
    let (catalog, now) = (context.shop.readers().catalog(), context.shop.now());
    let mut told: Vec<ActivityEvent> = Vec::new();
    for (index, event) in events.iter().enumerate() {
        let field = |problem: &Problem| format!("events[{index}].{}", problem.field().unwrap_or_default());
        told.extend(event.told(&catalog, now).map_err(|problem| {
            let field = field(&problem);
            problem.in_field(field)
        })?);
    }
    // What the page's key does not show is as good as not there.
    let caller = Caller::current();
    told.retain(|event| !matches!(event, ActivityEvent::Behaved { product, .. } if !caller.shows(&context, *product).unwrap_or(false)));
    for (number, batch) in (0..).zip(told.chunks(BULK_BATCH_LINES)) {
        let key = key.clone().map(|key| key.of_part(number)).transpose()?;
        context.activity_under(key, batch.to_vec()).await?;
    }
    Ok(ok(&json!({"status": 200, "message": "OK"}))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(value: Value) -> Event {
        serde_json::from_value(value).expect("an event")
    }

    #[test]
    fn kinds_of_events_become_behaviour() {
        let check = |value: Value, expected: Behaviour| assert_eq!(event(value.clone()).behaviour(), expected, "{value}");
        check(json!({"eventType": "click", "objectIDs": ["a"]}), Behaviour::Click);
        check(json!({"eventType": "conversion", "objectIDs": ["a"]}), Behaviour::AddToCart);
        check(json!({"eventType": "conversion", "eventSubtype": "addToCart", "objectIDs": ["a"]}), Behaviour::AddToCart);
        check(json!({"eventType": "conversion", "eventSubtype": "purchase", "objectIDs": ["a"]}), Behaviour::Purchase);
        check(json!({"eventType": "view", "eventName": "Product Viewed", "objectIDs": ["a"]}), Behaviour::View);
        check(json!({"eventType": "view", "eventName": "Hits Viewed", "objectIDs": ["a"]}), Behaviour::Impression);
        check(json!({"eventType": "view", "eventName": "x", "objectIDs": ["a", "b"]}), Behaviour::Impression);
    }

    #[test]
    fn an_event_names_what_is_wrong_with_it() {
        let check = |value: Value, field: &str| {
            let told = event(value.clone()).told(&CatalogSnapshot::default(), Timestamp(0));
            assert_eq!(told.expect_err(field).field(), Some(field), "{value}");
        };
        check(json!({"eventType": "click", "objectIDs": ["a"], "positions": [1, 2]}), "positions");
        check(json!({"eventType": "click", "objectIDs": ["a"], "positions": [0]}), "positions");
        check(json!({"eventType": "click", "objectIDs": vec!["a"; 21]}), "objectIDs");
        check(json!({"eventType": "conversion", "objectIDs": ["a"], "objectData": [{}, {}]}), "objectData");
        let unknown = event(json!({"eventType": "click", "objectIDs": ["gone"], "positions": [3]}));
        assert_eq!(unknown.told(&CatalogSnapshot::default(), Timestamp(0)), Ok(Vec::new()));
        let of_itself = event(json!({"eventType": "instantsearch", "eventName": "__start__", "version": "4", "widgets": []}));
        assert_eq!(of_itself.told(&CatalogSnapshot::default(), Timestamp(0)), Ok(Vec::new()));
    }
}
