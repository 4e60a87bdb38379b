//! The discount extension: codes that were typed, what is off and where it went, and why a code gives nothing.

use super::call::Call;
use super::shapes::Message;
use crate::event::trade::{Claims, Discount, Line, Totals};
use crate::http::context::Context;
use crate::http::error::Problem;
use crate::http::rate::Tried;
use crate::id::{CouponCode, LineId};
use crate::pricing::{Basket, CODES_MAX, PriceBook};
use crate::trade::{Action, PricingAction};
use serde::{Deserialize, Serialize};

/// Codes that replace those of before.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DiscountsBody {
    #[serde(default)]
    codes: Option<Vec<String>>,
}

/// What a cart or session says about discounts.
#[derive(Debug, Serialize)]
pub(super) struct Discounts<'a> {
    codes: &'a [CouponCode],
    applied: Vec<Applied<'a>>,
}

#[derive(Debug, Serialize)]
struct Applied<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a CouponCode>,
    title: &'a str,
    amount: i64,
    automatic: bool,
    priority: usize,
    allocations: Vec<Allocation>,
}

#[derive(Debug, Serialize)]
struct Allocation {
    path: String,
    amount: i64,
}

impl DiscountsBody {
    /// The claims from now on; none when nothing was said about codes. Codes that only differ in case are one.
    ///
    /// # Errors
    /// When one of them cannot be a code, or there are too many.
    pub(super) fn claims(self, before: &Claims) -> Result<Option<Claims>, Problem> {
        let Some(codes) = self.codes else { return Ok(None) };
        if codes.len() > CODES_MAX {
            return Err(Problem::invalid("discounts.codes", format!("must not be more than {CODES_MAX}")));
        }
        let mut coupons: Vec<CouponCode> = Vec::with_capacity(codes.len());
        for (place, code) in codes.iter().enumerate() {
            let field = || format!("discounts.codes[{place}]");
            let code = CouponCode::new(&code.trim().to_uppercase()).map_err(|error| Problem::invalid(field(), error.to_string()))?;
            if !coupons.contains(&code) {
                coupons.push(code);
            }
        }
        Ok(Some(Claims { coupons, ..before.clone() }))
    }
}

/// Lets the codes be tried that were not there before, as far as whoever asks has not guessed wrong too often.
///
/// # Errors
/// When they have.
pub(super) fn try_codes(context: &Context, call: &Call, before: &Claims, after: Option<&Claims>) -> Result<(), Problem> {
    let trade = context.shop.readers().trade();
    let fresh = after.map_or(&[][..], |after| &after.coupons).iter().filter(|code| !before.coupons.contains(code));
    context.rates.guess(&call.asking, Tried::of(fresh.map(|code| trade.pricing().coupon(code).is_some())))
}

/// The action, with the claims that go with it in the same entry.
pub(in crate::http) fn claiming(action: Action, claims: Option<Claims>) -> Action {
    match claims {
        Some(claims) => PricingAction::Claiming { action: Box::new(action), claims }.into(),
        None => action,
    }
}

/// Discounts of lines with these totals.
pub(super) fn discounts<'a>(claims: &'a Claims, lines: &[Line], totals: &'a Totals) -> Discounts<'a> {
    let place = |id: &LineId| lines.iter().position(|line| line.id == *id);
    let applied = |(order, discount): (usize, &'a Discount)| {
        let amount = -discount.amount.amount_minor;
        let on_line = |(line, amount): &(LineId, i64)| {
            place(line).map(|place| Allocation { path: format!("$.line_items[{place}]"), amount: -amount })
        };
        let on_shipping = discount.is_shipping.then(|| Allocation { path: "$.totals.shipping".to_owned(), amount });
        Applied {
            code: discount.coupon.as_ref(),
            title: &discount.title,
            amount,
            automatic: discount.coupon.is_none(),
            priority: order + 1,
            allocations: discount.allocations.iter().filter_map(on_line).chain(on_shipping).collect(),
        }
    };
    Discounts { codes: &claims.coupons, applied: totals.discounts.iter().enumerate().map(applied).collect() }
}

/// Why codes give nothing; the buyer has to be shown that.
pub(super) fn refused(book: &PriceBook, basket: &Basket<'_>, totals: &Totals) -> Vec<Message> {
    let codes = basket.claims.map_or(&[][..], |claims| &claims.coupons);
    let told = |(code, why): (CouponCode, crate::pricing::CouponRefusal)| {
        let path = codes.iter().position(|known| *known == code).map(|place| format!("$.discounts.codes[{place}]"));
        Message::warning(why.code(), path, format!("{code}: {}.", why.reason()))
    };
    book.refused_coupons(basket, totals).into_iter().map(told).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::body;

    #[test]
    fn codes_are_upper_case_each_once_and_an_empty_list_clears_them() {
        let before = Claims { coupons: vec!["OLD".parse().expect("a code")], ..Claims::default() };
        let claims = |json: &str| {
            let body: DiscountsBody = body::parse(json.as_bytes())?;
            let claims = body.claims(&before)?;
            Ok(claims.map(|claims| claims.coupons.iter().map(ToString::to_string).collect::<Vec<_>>()))
        };
        let check = |json: &str, expected: Result<Option<&[&str]>, &str>| {
            let found: Result<Option<Vec<String>>, Problem> = claims(json);
            let found = found.map_err(|problem| problem.field().unwrap_or_default().to_owned());
            let expected = expected.map(|codes| codes.map(|codes| codes.iter().map(|code| (*code).to_owned()).collect::<Vec<_>>()));
            assert_eq!(found, expected.map_err(str::to_owned), "{json}");
        };
        check("{}", Ok(None));
        check(r#"{"codes":[]}"#, Ok(Some(&[])));
        check(r#"{"codes":["save10"," SAVE10 ","x"]}"#, Ok(Some(&["SAVE10", "X"])));
        check(r#"{"codes":["a",""]}"#, Err("discounts.codes[1]"));
        check(r#"{"codes":["a",1]}"#, Err("codes[1]"));
        check(r#"{"applied":[]}"#, Err("applied"));
        check(&format!(r#"{{"codes":[{}"x"]}}"#, "\"y\",".repeat(CODES_MAX)), Err("discounts.codes"));
    }
}
