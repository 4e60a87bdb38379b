//! Which orders a list asks for.

use crate::fulfilment::FulfilmentStatus;
use crate::http::error::Problem;
use crate::http::limits::ORDERS_PAGE_MAX;
use crate::http::native::search::limit_of;
use crate::http::params::Params;
use crate::id::ShopperId;
use crate::order::{Mark, OrderPaymentStatus, OrderStatus, StatusAxis};
use crate::stdx::clock::Timestamp;
use crate::trade::{OrderQuery, OrderSort};

/// Orders on a page when the request does not say.
const LIMIT_DEFAULT: usize = 20;

const SORTS: [(&str, OrderSort); 8] = [
    ("newest", OrderSort::Newest),
    ("oldest", OrderSort::Oldest),
    ("total_desc", OrderSort::DearestFirst),
    ("total_asc", OrderSort::CheapestFirst),
    ("updated_desc", OrderSort::ChangedLast),
    ("status", OrderSort::By(StatusAxis::Order)),
    ("payment_status", OrderSort::By(StatusAxis::Payment)),
    ("fulfilment_status", OrderSort::By(StatusAxis::Fulfilment)),
];

/// Reads the parameters.
///
/// # Errors
/// Names the first one at fault.
pub(super) fn asked(mut params: Params) -> Result<OrderQuery, Problem> {
    let limit = limit_of(params.parsed("limit")?, LIMIT_DEFAULT, ORDERS_PAGE_MAX)?;
    let after = params.text("cursor").map(|cursor| cursor_from(&cursor)).transpose()?;
    let marks = [
        params.one_of("status", OrderStatus::ALL.map(|status| (status.name(), Mark::Status(status))))?,
        params.one_of("payment_status", OrderPaymentStatus::ALL.map(|status| (status.name(), Mark::Payment(status))))?,
        params.one_of("fulfilment_status", FulfilmentStatus::ALL.map(|status| (status.name(), Mark::Fulfilment(status))))?,
        params.parsed::<ShopperId>("shopper_id")?.map(Mark::Shopper),
    ];
    let query = OrderQuery {
        marks: marks.into_iter().flatten().collect(),
        placed_from: time(&mut params, "placed_from")?,
        placed_until: time(&mut params, "placed_until")?,
        total_min: params.parsed("total_min")?,
        total_max: params.parsed("total_max")?,
        sort: params.one_of("sort", SORTS)?.unwrap_or_default(),
        after,
        limit,
    };
    params.finish()?;
    Ok(query)
}

fn time(params: &mut Params, name: &'static str) -> Result<Option<Timestamp>, Problem> {
    let read = |text: String| text.parse::<jiff::Timestamp>().map(|at| Timestamp(at.as_millisecond()));
    params.named(name)?.map(read).transpose().map_err(|_| Problem::invalid(name, "must be a time as in RFC 3339"))
}

/// A cursor as text.
pub(super) fn cursor_of((value, number): (i64, u64)) -> String {
    format!("{value}.{number}")
}

fn cursor_from(text: &str) -> Result<(i64, u64), Problem> {
    let parts = text.split_once('.').and_then(|(value, number)| Some((value.parse().ok()?, number.parse().ok()?)));
    parts.ok_or_else(|| Problem::invalid("cursor", "is not one that a list of orders gave"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_is_read_or_refused_by_name() {
        let read = |query: &str| asked(Params::parse(Some(query)).expect("a query string"));
        let found = read("status=on_hold&payment_status=paid&fulfilment_status=returned&shopper_id=ann&sort=total_desc&cursor=-5.7")
            .expect("reads");
        assert_eq!(found.marks.len(), 4);
        assert_eq!((found.sort, found.after, found.limit), (OrderSort::DearestFirst, Some((-5, 7)), LIMIT_DEFAULT));
        assert_eq!(read("placed_from=2026-01-02T03:04:05Z").expect("reads").placed_from, Some(Timestamp(1_767_323_045_000)));
        let refused = |query: &str, field: &str| assert_eq!(read(query).expect_err("is refused").field(), Some(field), "{query}");
        refused("status=gone", "status");
        refused("payment_status=gone", "payment_status");
        refused("fulfilment_status=gone", "fulfilment_status");
        refused("sort=price", "sort");
        refused("cursor=7", "cursor");
        refused("placed_from=yesterday", "placed_from");
        refused("total_min=1.5", "total_min");
        refused("limit=0", "limit");
        refused("colour=red", "colour");
    }
}
