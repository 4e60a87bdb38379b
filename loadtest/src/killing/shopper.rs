//! A shopper who buys one unit after another, and repeats what got no answer under the same key.

use super::SKU;
use crate::client::{Client, Failure, escaped};
use hyper::Method;
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::Duration;

/// A payment that is still with its provider is asked about again after this.
const PATIENCE: Duration = Duration::from_millis(50);
/// Requests for one order, answers that say "not yet" included; far more than any order takes.
const REQUESTS_MAX: u32 = 2_000;

#[derive(Debug, Deserialize)]
struct Session {
    id: String,
    status: String,
    order: Option<Named>,
}

#[derive(Debug, Deserialize)]
struct Named {
    id: String,
}

/// What the shopper is about to ask.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Next {
    Open,
    Complete { session: String, attempt: u32 },
    Look { session: String, attempt: u32 },
}

#[derive(Debug)]
pub(super) struct Shopper {
    /// Unlike any other's, in this run or an earlier one.
    name: String,
    /// Orders begun.
    number: u64,
    next: Next,
    /// Orders that were answered.
    pub(super) orders: Vec<String>,
    /// Requests that were asked again because their answer was lost.
    pub(super) repeated: u64,
    is_unanswered: bool,
    trouble: Option<String>,
}

impl Shopper {
    pub(super) fn new(run: u64, number: u32) -> Self {
        let name = format!("kill-{run:x}-{number}");
        Self { name, number: 0, next: Next::Open, orders: Vec::new(), repeated: 0, is_unanswered: false, trouble: None }
    }

    /// Buys until the server is gone, or says something that it must not.
    pub(super) async fn buy_until_gone(mut self, client: Client) -> Self {
        while self.buy(&client).await {}
        self
    }

    /// Finishes the order that was begun, so that nothing is in doubt any more.
    pub(super) async fn finish(&mut self, client: &Client) {
        if self.next != Next::Open || self.is_unanswered {
            self.buy(client).await;
        }
    }

    /// What must not be, if anything was.
    pub(super) fn take_trouble(&mut self) -> Option<String> {
        self.trouble.take()
    }

    /// Takes one order to its end; false when it could not.
    async fn buy(&mut self, client: &Client) -> bool {
        for _ in 0..REQUESTS_MAX {
            match self.ask(client).await {
                Ok(Some(order)) => {
                    self.orders.push(order);
                    return true;
                }
                Ok(None) => {}
                Err(Failure::Connect(_) | Failure::Timeout | Failure::Failed(..)) => {
                    self.is_unanswered = true;
                    return false;
                }
                Err(failure) => {
                    self.trouble = Some(format!("{} order {}, {:?}: {failure}", self.name, self.number, self.next));
                    return false;
                }
            }
        }
        self.trouble = Some(format!("{} order {} came to no end", self.name, self.number));
        false
    }

    /// One request; gives the order when it is placed.
    async fn ask(&mut self, client: &Client) -> Result<Option<String>, Failure> {
        self.repeated += u64::from(std::mem::take(&mut self.is_unanswered));
        let key = format!("{}-{}", self.name, self.number);
        let (next, bytes) = match self.next.clone() {
            Next::Open => (None, client.write(Method::POST, "/ucp/v1/checkout-sessions", &session(), Some(&key)).await?),
            Next::Complete { session, attempt } => {
                let path = format!("/ucp/v1/checkout-sessions/{}/complete", escaped(&session));
                (Some(attempt), client.write(Method::POST, &path, &payment(), Some(&format!("{key}-{attempt}"))).await?)
            }
            Next::Look { session, attempt } => {
                tokio::time::sleep(PATIENCE).await;
                (Some(attempt), client.get(&format!("/ucp/v1/checkout-sessions/{}", escaped(&session))).await?)
            }
        };
        let answer: Session = serde_json::from_slice(&bytes).map_err(|error| Failure::BadAnswer(error.to_string()))?;
        self.follow(answer, next)
    }

    /// What an answer leads to.
    fn follow(&mut self, answer: Session, attempt: Option<u32>) -> Result<Option<String>, Failure> {
        let Session { id: session, status, order } = answer;
        match (status.as_str(), attempt, order) {
            ("completed", Some(_), Some(order)) => {
                (self.next, self.number) = (Next::Open, self.number + 1);
                return Ok(Some(order.id));
            }
            ("ready_for_complete", None, None) => self.next = Next::Complete { session, attempt: 0 },
            // The provider had forgotten the payment with the process, so it failed: another attempt, under another key.
            ("ready_for_complete", Some(attempt), None) => self.next = Next::Complete { session, attempt: attempt + 1 },
            ("complete_in_progress", attempt, None) => self.next = Next::Look { session, attempt: attempt.unwrap_or(0) },
            (status, ..) => return Err(Failure::BadAnswer(format!("a session that is {status}"))),
        }
        Ok(None)
    }
}

fn session() -> Value {
    json!({
        "line_items": [{"item": {"id": SKU}, "quantity": 1}],
        "buyer": {"email": "load@example.com", "first_name": "Load", "last_name": "Test"},
        "fulfillment": {"methods": [{"type": "shipping", "destinations": [{
            "first_name": "Load", "last_name": "Test", "street_address": "1 Main Street", "postal_code": "10001",
            "address_locality": "New York", "address_region": "NY", "address_country": "US",
        }]}]},
    })
}

fn payment() -> Value {
    let credential = json!({"type": "token", "token": "tok_success"});
    json!({"payment": {"instruments": [{"id": "instrument_1", "handler_id": "test", "type": "token", "selected": true, "credential": credential}]}})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shopper_follows_what_the_shop_says_to_the_order() {
        let mut shopper = Shopper::new(1, 2);
        let session = |status: &str, order: Option<&str>| Session {
            id: "s".to_owned(),
            status: status.to_owned(),
            order: order.map(|id| Named { id: id.to_owned() }),
        };
        let complete = |attempt| Next::Complete { session: "s".to_owned(), attempt };
        assert_eq!(shopper.follow(session("ready_for_complete", None), None), Ok(None));
        assert_eq!(shopper.next, complete(0));
        assert_eq!(shopper.follow(session("complete_in_progress", None), Some(0)), Ok(None));
        assert_eq!(shopper.next, Next::Look { session: "s".to_owned(), attempt: 0 });
        assert_eq!(shopper.follow(session("ready_for_complete", None), Some(0)), Ok(None));
        assert_eq!(shopper.next, complete(1), "a failed attempt is made anew, not repeated");
        assert_eq!(shopper.follow(session("completed", Some("o")), Some(1)), Ok(Some("o".to_owned())));
        assert_eq!((&shopper.next, shopper.number), (&Next::Open, 1));
        assert!(shopper.follow(session("canceled", None), Some(1)).is_err());
    }
}
