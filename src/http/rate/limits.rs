//! Allowances, and the layer that holds requests to them.

use super::asker::{Asker, Asking, askers};
use super::class::Class;
use super::table::Table;
use crate::config::{Allowance, Http};
use crate::http::context::Context;
use crate::http::error::{Kind, Problem};
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What is left, and what there is to have (draft-ietf-httpapi-ratelimit-headers).
const STANDING: HeaderName = HeaderName::from_static("ratelimit");
const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const NANOS_PER_S: f64 = 1e9;

/// Who may ask how often, and how often they have asked.
pub(in crate::http) struct Rates {
    began: Instant,
    table: Table,
    rate: crate::config::Rate,
    limit_loopback: bool,
}

/// An allowance in nanoseconds: what one request uses up, and how much may be used up at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Cell {
    one: u64,
    burst: u32,
}

/// Codes of coupons and gift cards that a request tries, and that were not tried there before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::http) struct Tried {
    codes_count: u32,
    wrong_count: u32,
}

impl Tried {
    /// Of the codes that are new, whether each of them exists.
    pub(in crate::http) fn of(exist: impl Iterator<Item = bool>) -> Self {
        exist.fold(Self::default(), |tried, exists| Self {
            codes_count: tried.codes_count.saturating_add(1),
            wrong_count: tried.wrong_count.saturating_add(u32::from(!exists)),
        })
    }
}

/// How an asker stands after a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Standing {
    left: u64,
    /// Until the allowance is whole again.
    whole_in: Duration,
    burst: u32,
}

impl Cell {
    fn of(Allowance { per_s, burst }: Allowance, multiple: u32) -> Self {
        let one = NANOS_PER_S / (per_s * f64::from(multiple));
        Self { one: (one as u64).max(1), burst: burst.saturating_mul(multiple) }
    }

    fn whole(self) -> u64 {
        self.one.saturating_mul(u64::from(self.burst))
    }

    /// Uses up `count` of an allowance that is whole again at `whole_at`.
    ///
    /// # Errors
    /// When there is not so much left: how long it takes until there is.
    fn spend(self, whole_at: &mut u64, now: u64, count: u32) -> Result<Standing, Duration> {
        let after = whole_at.saturating_add(self.one.saturating_mul(u64::from(count)));
        let owed = after - now;
        if owed > self.whole() {
            return Err(Duration::from_nanos(owed - self.whole()));
        }
        *whole_at = after;
        Ok(Standing { left: (self.whole() - owed) / self.one, whole_in: Duration::from_nanos(owed), burst: self.burst })
    }

    /// Uses up `count`, or whatever there is left.
    fn charge(self, whole_at: &mut u64, now: u64, count: u32) {
        let after = whole_at.saturating_add(self.one.saturating_mul(u64::from(count)));
        *whole_at = after.min(now.saturating_add(self.whole())).max(*whole_at);
    }
}

impl Rates {
    pub(in crate::http) fn new(http: &Http) -> Self {
        Self { began: Instant::now(), table: Table::new(), rate: http.rate.clone(), limit_loopback: http.limit_loopback }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    fn cell(&self, class: Class, asker: &Asker) -> Cell {
        let allowance = match class {
            Class::Browse => self.rate.browse,
            Class::Cart => self.rate.cart,
            Class::Checkout => self.rate.checkout,
            Class::Guess => self.rate.guess,
            Class::Admin => self.rate.admin,
        };
        let multiple = if matches!(asker, Asker::Key(_)) { self.rate.key_multiple } else { 1 };
        Cell::of(allowance, multiple)
    }

    /// Uses up one of the class for every asker; how the one who has least left stands.
    ///
    /// # Errors
    /// When one of them has none left: how long until there is one.
    fn spend(&self, class: Class, askers: &[Asker], now: u64) -> Result<Option<Standing>, Duration> {
        let mut least: Option<Standing> = None;
        for asker in askers {
            let cell = self.cell(class, asker);
            let standing = self.table.update(&(class, asker), now, |whole_at| cell.spend(whole_at, now, 1))?;
            least = Some(least.map_or(standing, |least| if standing.left < least.left { standing } else { least }));
        }
        Ok(least)
    }

    /// Whether any of them has guessed wrong too often; how long until the next guess.
    fn guessed_out(&self, askers: &[Asker], now: u64) -> Result<(), Duration> {
        askers.iter().try_for_each(|asker| {
            let cell = self.cell(Class::Guess, asker);
            self.table.update(&(Class::Guess, asker), now, |whole_at| cell.spend(&mut whole_at.clone(), now, 1).map(|_| ()))
        })
    }

    /// Uses up what a request to that route does, for one that came to a door where looking is paid for and says in its body what it asks.
    ///
    /// # Errors
    /// When there is nothing left.
    pub(in crate::http) fn spend_as(&self, asking: &Asking, method: &Method, route: &str) -> Result<(), Problem> {
        let class = Class::of(method, route).filter(|class| *class != Class::Browse);
        let Some(class) = class else { return Ok(()) };
        self.spend(class, &asking.0, self.now()).map(|_| ()).map_err(|wait| refused(class, wait))
    }

    /// Lets codes be tried, and uses up an allowance for each that does not exist.
    ///
    /// # Errors
    /// When too many were wrong before: then nobody is told whether these are.
    pub(in crate::http) fn guess(&self, asking: &Asking, tried: Tried) -> Result<(), Problem> {
        if tried.codes_count == 0 {
            return Ok(());
        }
        let now = self.now();
        self.guessed_out(&asking.0, now).map_err(|wait| refused(Class::Guess, wait))?;
        self.charge_guesses(&asking.0, tried.wrong_count, now);
        Ok(())
    }

    fn charge_guesses(&self, askers: &[Asker], count: u32, now: u64) {
        for asker in askers {
            let cell = self.cell(Class::Guess, asker);
            self.table.update(&(Class::Guess, asker), now, |whole_at| cell.charge(whole_at, now, count));
        }
    }
}

/// Holds requests to the allowances of who asks; a layer around all routes.
pub(in crate::http) async fn limit(State(context): State<Arc<Context>>, mut request: Request, next: Next) -> Response {
    let rates = &context.rates;
    let route = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
    let askers = askers(&request, rates.limit_loopback);
    let class = Class::of(request.method(), route).filter(|_| !askers.is_empty());
    let Some(class) = class else { return next.run(request).await };
    let standing = match rates.spend(class, &askers, rates.now()) {
        Ok(standing) => standing,
        Err(wait) => return refused(class, wait).into_response(),
    };
    request.extensions_mut().insert(Asking(askers.into()));
    let mut response = next.run(request).await;
    if let Some(standing) = standing {
        dress(response.headers_mut(), class, standing);
    }
    response
}

fn refused(class: Class, wait: Duration) -> Problem {
    metrics::counter!("shopkeeper_rate_limited_total", "class" => class.name()).increment(1);
    let wait_s = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    let detail = match class {
        Class::Guess => format!("too many wrong guesses; the next may be made in {wait_s} s"),
        Class::Browse | Class::Cart | Class::Checkout | Class::Admin => {
            format!("the next of this kind ({}) may be sent in {wait_s} s", class.name())
        }
    };
    Problem::new(Kind::TooManyRequests, detail).over_in(wait_s)
}

fn dress(headers: &mut HeaderMap, class: Class, standing: Standing) {
    let Standing { left, whole_in, burst } = standing;
    let (name, whole_s) = (class.name(), whole_in.as_secs_f64().ceil());
    let texts = [(POLICY, format!("\"{name}\";q={burst}")), (STANDING, format!("\"{name}\";r={left};t={whole_s}"))];
    for (header, text) in texts {
        if let Ok(value) = HeaderValue::from_str(&text) {
            headers.insert(header, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{KeyId, ShopperId};

    const S: u64 = 1_000_000_000;

    #[test]
    fn a_burst_is_taken_at_once_and_then_so_many_a_second() {
        let cell = Cell::of(Allowance { per_s: 2.0, burst: 3 }, 1);
        let (mut whole_at, now) = (S, S);
        let left: Vec<u64> = (0..3).map(|_| cell.spend(&mut whole_at, now, 1).expect("is within the burst").left).collect();
        assert_eq!(left, [2, 1, 0]);
        assert_eq!(cell.spend(&mut whole_at, now, 1), Err(Duration::from_millis(500)));
        assert!(cell.spend(&mut whole_at, now + S / 2, 1).is_ok());
        assert!(cell.spend(&mut whole_at, now + S / 2, 1).is_err(), "a second brings two");
    }

    #[test]
    fn whoever_guesses_wrong_is_stopped_and_may_go_on_later() {
        let rates = Rates::new(&Http::default());
        let shopper = [Asker::Shopper(ShopperId::new("ann").expect("a name"))];
        let burst = rates.rate.guess.burst;
        rates.charge_guesses(&shopper, burst - 1, S);
        assert!(rates.guessed_out(&shopper, S).is_ok());
        rates.charge_guesses(&shopper, 100, S);
        let wait = rates.guessed_out(&shopper, S).expect_err("is stopped");
        assert_eq!(wait.as_secs(), 20, "one guess comes back in twenty seconds, however many were wrong");
        assert!(rates.guessed_out(&shopper, S + 20 * S).is_ok());
    }

    #[test]
    fn a_key_may_ask_more_often_than_one_person() {
        let rates = Rates::new(&Http::default());
        let count = |asker: Asker| (0..100_000).take_while(|_| rates.spend(Class::Cart, std::slice::from_ref(&asker), S).is_ok()).count();
        let person = count(Asker::Shopper(ShopperId::new("ann").expect("a name")));
        assert_eq!((person, count(Asker::Key(KeyId::new("k").expect("a name")))), (60, 6_000));
    }

    #[test]
    fn trying_nothing_new_is_no_guess_and_the_right_code_costs_nothing() {
        let rates = Rates::new(&Http::default());
        let asking = Asking([Asker::Shopper(ShopperId::new("ann").expect("a name"))].into());
        let guess = |exist: &[bool]| rates.guess(&asking, Tried::of(exist.iter().copied())).map_err(|problem| problem.wait_s().is_some());
        let burst = rates.rate.guess.burst as usize;
        assert!((0..3 * burst).all(|_| guess(&[true]).is_ok()), "what exists is no wrong guess");
        assert_eq!([guess(&vec![false; burst]), guess(&[true]), guess(&[])], [Ok(()), Err(true), Ok(())]);
    }

    #[test]
    fn a_tool_that_sells_uses_up_what_its_route_would() {
        let slow = |burst| Allowance { per_s: 0.001, burst };
        let rate = crate::config::Rate { cart: slow(5), checkout: slow(3), ..Http::default().rate };
        let rates = Rates::new(&Http { rate, ..Http::default() });
        let asking = Asking([Asker::Shopper(ShopperId::new("ann").expect("a name"))].into());
        let count = |method: Method, route: &str| (0..10_000).take_while(|_| rates.spend_as(&asking, &method, route).is_ok()).count();
        assert_eq!(count(Method::POST, "/ucp/v1/catalog/search"), 10_000, "looking was paid for at the door");
        let counts = ["/ucp/v1/carts", "/ucp/v1/checkout-sessions/{id}/complete"].map(|route| count(Method::POST, route));
        assert_eq!(counts, [5, 3]);
    }
}
