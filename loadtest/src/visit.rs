//! One shopper's action: the requests it takes, and whether the answers can be right.

use crate::action::{Kind, Measure, Step};
use crate::client::{Client, Failure, escaped};
use crate::record::Sample;
use crate::scenario::Action;
use crate::shop::{Shop, prefix_of};
use hyper::Method;
use hyper::body::Bytes;
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// A shopper at an arrival.
#[derive(Debug)]
pub(crate) struct Visit<'a> {
    pub(crate) client: &'a Client,
    pub(crate) shop: &'a Shop,
    pub(crate) random: fastrand::Rng,
    /// Names the visit, also across runs: idempotency keys are remembered by the shop for ever.
    pub(crate) name: String,
    /// Index of the stage.
    pub(crate) stage: usize,
    /// The SKU that everybody orders, if there is a flash sale.
    pub(crate) wanted: Option<&'a str>,
    /// The steps of longer actions, measured on the way.
    pub(crate) samples: Vec<Sample>,
    /// Orders that were confirmed.
    pub(crate) orders: Vec<String>,
    /// Time that was not spent waiting for the shop.
    pub(crate) thought: Duration,
}

#[derive(Deserialize)]
struct Found {
    total: u64,
    hits: Vec<Named>,
}

#[derive(Deserialize)]
pub(crate) struct Named {
    pub(crate) id: String,
}

#[derive(Deserialize)]
pub(crate) struct Recommended {
    pub(crate) products: Vec<Named>,
}

#[derive(Deserialize)]
struct Session {
    id: String,
    status: String,
    order: Option<Named>,
}

pub(crate) fn read<T: DeserializeOwned>(bytes: &Bytes) -> Result<T, Failure> {
    serde_json::from_slice(bytes).map_err(|error| Failure::BadAnswer(error.to_string()))
}

pub(crate) fn hold(holds: bool, what: impl FnOnce() -> String) -> Result<(), Failure> {
    if holds { Ok(()) } else { Err(Failure::BadAnswer(what())) }
}

impl Visit<'_> {
    /// Does it once.
    pub(crate) async fn perform(&mut self, action: &Action) -> Result<(), Failure> {
        match action.kind {
            Kind::Search => self.search(action).await,
            Kind::Page => self.page(action).await,
            Kind::Suggest => self.suggest(action).await,
            Kind::Product => self.product().await,
            Kind::Recommend => self.recommend(action).await,
            Kind::View => self.view().await,
            Kind::Cart => self.cart().await.map(|_| ()),
            Kind::Order => self.order().await,
            Kind::Session => self.session(action).await,
        }
    }

    async fn search(&mut self, action: &Action) -> Result<(), Failure> {
        let mut path = format!("/v1/search?q={}&limit={}", escaped(self.shop.query(&mut self.random)), action.limit);
        let filter = self.random.choice(&action.filters).filter(|filter| !filter.is_empty());
        let facets = (!action.facets.is_empty()).then(|| action.facets.join(","));
        for (name, value) in
            [("filter", filter), ("facets", facets.as_ref()), ("mode", action.mode.as_ref()), ("sort", action.sort.as_ref())]
        {
            if let Some(value) = value {
                path.push_str(&format!("&{name}={}", escaped(value)));
            }
        }
        let found: Found = read(&self.client.get(&path).await?)?;
        let hits_count = found.hits.len() as u64;
        hold(hits_count <= u64::from(action.limit), || format!("{hits_count} hits where {} were asked for", action.limit))?;
        hold(found.total >= hits_count, || format!("a total of {} with {hits_count} hits", found.total))
    }

    async fn suggest(&mut self, action: &Action) -> Result<(), Failure> {
        let query = self.shop.query(&mut self.random);
        let prefix = prefix_of(query, &mut self.random);
        // The route gives at most 20.
        let path = format!("/v1/suggest?q={}&limit={}", escaped(&prefix), action.limit.min(20));
        read::<IgnoredAny>(&self.client.get(&path).await?).map(|_| ())
    }

    async fn product(&mut self) -> Result<(), Failure> {
        let id = self.shop.product(&mut self.random);
        let answer: Named = read(&self.client.get(&format!("/v1/products/{}", escaped(id))).await?)?;
        hold(answer.id == id, || format!("product {} where {id} was asked for", answer.id))
    }

    async fn recommend(&mut self, action: &Action) -> Result<(), Failure> {
        let relation = self.random.choice(&action.relations).map_or("similar", String::as_str);
        let id = escaped(self.shop.product(&mut self.random));
        let mut path =
            format!("/v1/recommend/{relation}?product_id={id}&session_id={}&limit={}", escaped(&self.name), action.limit.min(100));
        if let Some(filter) = self.random.choice(&action.filters).filter(|filter| !filter.is_empty()) {
            path.push_str(&format!("&filter={}", escaped(filter)));
        }
        if let Some(fields) = &action.fields {
            path.push_str(&format!("&fields={}", escaped(fields)));
        }
        let answer: Recommended = read(&self.client.get(&path).await?)?;
        let (count, asked) = (answer.products.len(), action.limit as usize);
        hold(count <= asked, || format!("{count} products where {asked} were asked for"))
    }

    async fn view(&mut self) -> Result<(), Failure> {
        let event = json!({"type": "view", "product_id": self.shop.product(&mut self.random), "session_id": self.name});
        self.client.write(Method::POST, "/v1/events", &event, None).await.map(|_| ())
    }

    /// A cart of two products that can be bought; in a flash sale, of the one unit that everybody wants.
    async fn cart(&mut self) -> Result<String, Failure> {
        if let Some(wanted) = self.wanted {
            return self.open_cart(&[wanted]).await;
        }
        let Some(first) = self.shop.sku(&mut self.random) else { return Err(Failure::SoldOut) };
        let second = self.shop.sku(&mut self.random).unwrap_or(first);
        self.open_cart(&[first, second]).await
    }

    /// Opens a cart with the first SKU and adds the second, if there is one; gives the cart's id.
    pub(crate) async fn open_cart(&mut self, skus: &[&str]) -> Result<String, Failure> {
        let line = |sku: &str| json!({"item": {"id": sku}, "quantity": 1});
        let mut lines: Vec<Value> = skus.iter().take(1).map(|sku| line(sku)).collect();
        let opened = json!({"line_items": lines, "buyer": {"session_id": self.name}});
        let cart: Named = self.step(Step::CreateCart, Method::POST, "/ucp/v1/carts", opened).await?;
        let [first, second, ..] = skus else { return Ok(cart.id) };
        if second != first {
            lines.push(line(second));
        } else {
            lines[0]["quantity"] = json!(2);
        }
        let path = format!("/ucp/v1/carts/{}", escaped(&cart.id));
        let after: Named = self.step(Step::AddLine, Method::PUT, &path, json!({"id": cart.id, "line_items": lines})).await?;
        hold(after.id == cart.id, || format!("cart {} where {} was asked for", after.id, cart.id))?;
        Ok(cart.id)
    }

    /// From an empty cart to a placed order.
    async fn order(&mut self) -> Result<(), Failure> {
        let cart = self.cart().await?;
        self.check_out(&cart).await
    }

    /// From a cart to a placed order.
    pub(crate) async fn check_out(&mut self, cart: &str) -> Result<(), Failure> {
        let checkout = json!({
            "cart_id": cart,
            "line_items": [],
            "buyer": {"first_name": "Load", "last_name": "Test", "email": "load@example.com", "session_id": self.name},
            "fulfillment": {"methods": [{"type": "shipping", "destinations": [{
                "first_name": "Load", "last_name": "Test", "street_address": "1 Main Street", "postal_code": "10001",
                "address_locality": "New York", "address_region": "NY", "address_country": "US",
            }]}]},
        });
        let session: Session = self.step(Step::OpenCheckout, Method::POST, "/ucp/v1/checkout-sessions", checkout).await?;
        let path = format!("/ucp/v1/checkout-sessions/{}/complete", escaped(&session.id));
        let credential = json!({"type": "token", "token": "tok_success"});
        let payment = json!({"instruments": [{"id": "instrument_1", "handler_id": "test", "type": "token", "selected": true, "credential": credential}]});
        let done: Session = self.step(Step::Complete, Method::POST, &path, json!({ "payment": payment })).await?;
        let order = done.order.map(|order| order.id).filter(|id| done.status == "completed" && !id.is_empty());
        hold(order.is_some(), || format!("a session that is {}", done.status))?;
        self.orders.extend(order);
        Ok(())
    }

    /// One request of a longer action, measured by itself; without a body it is a reading one.
    pub(crate) async fn step<T: DeserializeOwned>(&mut self, step: Step, method: Method, path: &str, body: Value) -> Result<T, Failure> {
        let key = format!("{}-{}", self.name, self.samples.len());
        let sent = Instant::now();
        let answer = match body {
            Value::Null => self.client.get(path).await,
            body => self.client.write(method, path, &body, Some(&key)).await,
        };
        let answer = answer.and_then(|bytes| read(&bytes));
        let result = answer.as_ref().map(|_| ()).map_err(Clone::clone);
        self.samples.push(Sample { measure: Measure::Step(step), stage: self.stage, intended: sent, sent, done: Instant::now(), result });
        answer
    }
}
