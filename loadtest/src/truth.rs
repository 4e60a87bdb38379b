//! What must be true of an answer, whatever the shop holds: looked at in every answer while the load runs.

use crate::client::Failure;
use hyper::body::Bytes;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeSet;

/// An answer as it is meant to be.
pub(crate) fn read<T: DeserializeOwned>(bytes: &Bytes) -> Result<T, Failure> {
    serde_json::from_slice(bytes).map_err(|error| Failure::BadAnswer(error.to_string()))
}

pub(crate) fn hold(holds: bool, what: impl FnOnce() -> String) -> Result<(), Failure> {
    if holds { Ok(()) } else { Err(Failure::BadAnswer(what())) }
}

/// Whatever has an identifier.
#[derive(Debug, Deserialize)]
pub(crate) struct Named {
    pub(crate) id: String,
}

/// A first page of results: as many hits as the total promises, and none twice.
pub(crate) fn page<'a>(total: u64, limit: u32, ids: impl ExactSizeIterator<Item = &'a str>) -> Result<(), Failure> {
    let (hits, promised) = (ids.len() as u64, total.min(u64::from(limit)));
    hold(hits == promised, || format!("{hits} hits where a total of {total} promises {promised}"))?;
    different(ids)
}

/// At most so many, and none twice.
pub(crate) fn list<'a>(limit: u32, ids: impl ExactSizeIterator<Item = &'a str>) -> Result<(), Failure> {
    let count = ids.len();
    hold(count as u64 <= u64::from(limit), || format!("{count} products where {limit} were asked for"))?;
    different(ids)
}

fn different<'a>(ids: impl Iterator<Item = &'a str>) -> Result<(), Failure> {
    let mut seen = BTreeSet::new();
    ids.into_iter().try_for_each(|id| hold(seen.insert(id), || format!("{id} stands there twice")))
}

/// One part of what a cart, a session or an order comes to, in minor units; what is off is negative.
#[derive(Debug, Deserialize)]
pub(crate) struct Part {
    r#type: String,
    amount: i64,
}

/// What is paid: the parts have to add up to it.
pub(crate) fn total(parts: &[Part]) -> Result<i64, Failure> {
    let of = |is_total: bool| parts.iter().filter(move |part| (part.r#type == "total") == is_total).map(|part| part.amount);
    let (sum, total) = (of(false).sum::<i64>(), of(true).sum::<i64>());
    hold(sum == total && total >= 0, || format!("a total of {total} whose parts add up to {sum}"))?;
    Ok(total)
}

/// What a write of many lines took.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Taken {
    // Stock, behaviour and products say it in words of their own.
    taken: u64,
    accepted: u64,
    created: u64,
    updated: u64,
    unchanged: u64,
    rejected: u64,
    rejects: Vec<serde_json::Value>,
}

/// Every line of a batch has to be taken: a batch that is answered with 200 may still have been refused line by line.
pub(crate) fn all_taken(bytes: &Bytes, lines_count: usize) -> Result<(), Failure> {
    let told: Taken = read(bytes)?;
    let taken = told.taken + told.accepted + told.created + told.updated + told.unchanged;
    let first = told.rejects.first().map(|reject| format!(", the first: {reject}")).unwrap_or_default();
    hold(told.rejected == 0 && taken == lines_count as u64, || {
        format!("{taken} of {lines_count} lines taken and {} rejected{first}", told.rejected)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_with_fewer_hits_than_its_total_promises_is_a_lie() {
        let check = |total, ids: &[&str], holds| assert_eq!(page(total, 3, ids.iter().copied()).is_ok(), holds, "{total} {ids:?}");
        check(0, &[], true);
        check(2, &["a", "b"], true);
        check(9, &["a", "b", "c"], true);
        check(9, &["a", "b"], false);
        check(1, &["a", "b"], false);
        check(9, &["a", "b", "c", "d"], false);
        check(9, &["a", "b", "a"], false);
        assert!(list(3, ["a"].into_iter()).is_ok() && list(1, ["a", "b"].into_iter()).is_err() && list(3, ["a", "a"].into_iter()).is_err());
    }

    #[test]
    fn parts_have_to_add_up_to_the_total() {
        let of = |json: &str| total(&serde_json::from_str::<Vec<Part>>(json).expect("parts"));
        let parts = r#"[{"type":"subtotal","amount":100},{"type":"discount","amount":-10},{"type":"tax","amount":7},{"type":"total","amount":TOTAL}]"#;
        assert_eq!(of(&parts.replace("TOTAL", "97")).ok(), Some(97));
        assert_eq!(of(&parts.replace("TOTAL", "107")), Err(Failure::BadAnswer("a total of 107 whose parts add up to 97".to_owned())));
    }

    #[test]
    fn a_batch_that_was_refused_line_by_line_is_no_success() {
        let of = |json: &'static str| all_taken(&Bytes::from_static(json.as_bytes()), 2).is_ok();
        assert!(of(r#"{"taken":2,"rejected":0,"rejects":[]}"#) && of(r#"{"accepted":2,"rejected":0}"#));
        assert!(of(r#"{"created":0,"updated":1,"unchanged":1,"rejected":0}"#));
        assert!(
            !of(r#"{"taken":1,"rejected":1,"rejects":[{"line":2}]}"#) && !of(r#"{"taken":1,"rejected":0}"#) && !of("nothing") && !of("{}")
        );
    }
}
