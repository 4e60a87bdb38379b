//! One shopper's action: the requests it takes, and whether the answers can be right.

use crate::action::{Kind, Measure, Step};
use crate::client::{Client, Failure, escaped};
use crate::record::Sample;
use crate::scenario::Action;
use crate::shop::{Shop, prefix_of};
use crate::truth::{self, Named, Part, hold, read};
use crate::verify::Placed;
use hyper::Method;
use serde::Deserialize;
use serde::de::DeserializeOwned;
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
    pub(crate) orders: Vec<Placed>,
    /// An order was asked for, and nobody knows whether it stands.
    pub(crate) is_in_doubt: bool,
    /// Time that was not spent waiting for the shop.
    pub(crate) thought: Duration,
}

/// One confirmed order in so many is asked for at once, while the load goes on; all the others after it.
const ASKED_AT_ONCE_EVERY: u32 = 32;

#[derive(Deserialize)]
struct Found {
    total: u64,
    hits: Vec<Named>,
    /// Told in time, but not of the whole shop.
    #[serde(default)]
    degraded: bool,
}

#[derive(Deserialize)]
pub(crate) struct Recommended {
    pub(crate) products: Vec<Named>,
}

#[derive(Deserialize)]
struct Suggested {
    products: Vec<Named>,
}

/// A cart or a checkout session, as far as it is looked at.
#[derive(Deserialize)]
struct Cart {
    id: String,
    line_items: Vec<Lined>,
    totals: Vec<Part>,
}

#[derive(Deserialize)]
struct Lined {
    item: Named,
    quantity: i64,
}

#[derive(Deserialize)]
struct Session {
    id: String,
    status: String,
    totals: Vec<Part>,
    order: Option<Named>,
}

/// The cart holds what was put into it, and its parts add up.
fn cart_holds(cart: &Cart, asked: &[(&str, i64)]) -> Result<(), Failure> {
    let held = |(sku, quantity): &(&str, i64)| cart.line_items.iter().any(|line| line.item.id == *sku && line.quantity == *quantity);
    let holds = cart.line_items.len() == asked.len() && asked.iter().all(held);
    hold(holds, || format!("cart {} holds {} lines that are not the {} asked for", cart.id, cart.line_items.len(), asked.len()))?;
    truth::total(&cart.totals).map(|_| ())
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
        if found.degraded {
            return Ok(());
        }
        truth::page(found.total, action.limit, found.hits.iter().map(|hit| hit.id.as_str()))
    }

    async fn suggest(&mut self, action: &Action) -> Result<(), Failure> {
        let query = self.shop.query(&mut self.random);
        let prefix = prefix_of(query, &mut self.random);
        let path = format!("/v1/suggest?q={}&limit={}", escaped(&prefix), action.limit);
        let suggested: Suggested = read(&self.client.get(&path).await?)?;
        truth::list(action.limit, suggested.products.iter().map(|product| product.id.as_str()))
    }

    async fn product(&mut self) -> Result<(), Failure> {
        let id = self.shop.product(&mut self.random);
        let answer: Named = read(&self.client.get(&format!("/v1/products/{}", escaped(id))).await?)?;
        hold(answer.id == id, || format!("product {} where {id} was asked for", answer.id))
    }

    async fn recommend(&mut self, action: &Action) -> Result<(), Failure> {
        let relation = action.relation(&mut self.random);
        let id = self.shop.product(&mut self.random);
        let limit = action.limit.min(100);
        let mut path = format!("/v1/recommend/{relation}?product_id={}&session_id={}&limit={limit}", escaped(id), escaped(&self.name));
        if let Some(filter) = self.random.choice(&action.filters).filter(|filter| !filter.is_empty()) {
            path.push_str(&format!("&filter={}", escaped(filter)));
        }
        if let Some(fields) = &action.fields {
            path.push_str(&format!("&fields={}", escaped(fields)));
        }
        let answer: Recommended = read(&self.client.get(&path).await?)?;
        recommended(&answer, limit, id)
    }

    async fn view(&mut self) -> Result<(), Failure> {
        let event = json!({"type": "view", "product_id": self.shop.product(&mut self.random), "session_id": self.name});
        truth::all_taken(&self.client.write(Method::POST, "/v1/events", &event, None).await?, 1)
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
        let lines = |asked: &[(&str, i64)]| -> Vec<Value> {
            asked.iter().map(|(sku, quantity)| json!({"item": {"id": sku}, "quantity": quantity})).collect()
        };
        let [first, others @ ..] = skus else { return Err(Failure::SoldOut) };
        let asked = [(*first, 1)];
        let opened = json!({"line_items": lines(&asked), "buyer": {"session_id": self.name}});
        let cart: Cart = self.step(Step::CreateCart, Method::POST, "/ucp/v1/carts", opened).await?;
        cart_holds(&cart, &asked)?;
        let Some(second) = others.first() else { return Ok(cart.id) };
        let asked = if second == first { vec![(*first, 2)] } else { vec![(*first, 1), (*second, 1)] };
        let path = format!("/ucp/v1/carts/{}", escaped(&cart.id));
        let after: Cart = self.step(Step::AddLine, Method::PUT, &path, json!({"id": cart.id, "line_items": lines(&asked)})).await?;
        hold(after.id == cart.id, || format!("cart {} where {} was asked for", after.id, cart.id))?;
        cart_holds(&after, &asked)?;
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
        let shown = truth::total(&session.totals)?;
        let path = format!("/ucp/v1/checkout-sessions/{}/complete", escaped(&session.id));
        let credential = json!({"type": "token", "token": "tok_success"});
        let payment = json!({"instruments": [{"id": "instrument_1", "handler_id": "test", "type": "token", "selected": true, "credential": credential}]});
        let done: Result<Session, Failure> = self.step(Step::Complete, Method::POST, &path, json!({ "payment": payment })).await;
        // Refused and sold out are answers; after anything else an order may stand all the same.
        self.is_in_doubt = !matches!(done, Err(Failure::Refused(..) | Failure::SoldOut));
        let done = done?;
        let order = done.order.map(|order| order.id).filter(|id| done.status == "completed" && !id.is_empty());
        let Some(id) = order else { return Err(Failure::BadAnswer(format!("a session that is {}", done.status))) };
        let placed = Placed { id, total_minor: truth::total(&done.totals)? };
        let is_asked = self.random.u32(..ASKED_AT_ONCE_EVERY) == 0;
        self.orders.push(placed.clone());
        self.is_in_doubt = false;
        hold(placed.total_minor == shown, || format!("{} was paid where {shown} was shown", placed.total_minor))?;
        if !is_asked {
            return Ok(());
        }
        let began = Instant::now();
        let found = placed.is_kept(self.client).await;
        self.thought += began.elapsed();
        found
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

/// As many as were asked for at most, none twice, and not the product itself.
pub(crate) fn recommended(answer: &Recommended, limit: u32, id: &str) -> Result<(), Failure> {
    truth::list(limit, answer.products.iter().map(|product| product.id.as_str()))?;
    hold(answer.products.iter().all(|product| product.id != id), || format!("{id} is recommended with itself"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cart_that_lost_a_line_or_a_unit_is_found() {
        let cart = |lines: Value| -> Cart {
            let totals = json!([{"type": "subtotal", "amount": 5}, {"type": "total", "amount": 5}]);
            serde_json::from_value(json!({"id": "c", "line_items": lines, "totals": totals})).expect("a cart")
        };
        let line = |sku: &str, quantity: i64| json!({"item": {"id": sku}, "quantity": quantity});
        assert!(cart_holds(&cart(json!([line("b", 2), line("a", 1)])), &[("a", 1), ("b", 2)]).is_ok());
        for wrong in [json!([]), json!([line("a", 1)]), json!([line("a", 1), line("b", 1)]), json!([line("a", 1), line("c", 2)])] {
            assert!(cart_holds(&cart(wrong.clone()), &[("a", 1), ("b", 2)]).is_err(), "{wrong}");
        }
    }
}
