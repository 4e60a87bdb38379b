//! Line items as clients send them to lines with names and prices.

use super::requests::LineBody;
use crate::catalog::{CatalogSnapshot, Offer};
use crate::event::trade::{Claims, Line};
use crate::http::access::Caller;
use crate::http::error::{Kind, Problem};
use crate::http::limits::{CART_LINES_MAX, LINE_QUANTITY_MAX};
use crate::id::{LineId, MarketplaceId, Ordinal, Sku};
use crate::money::{Currency, Money};
use crate::trade::Rejection;
use std::collections::BTreeSet;

/// For which prices something is bought.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::http) struct Market<'a> {
    /// Whose prices come before the general ones.
    pub(in crate::http) marketplace: Option<&'a MarketplaceId>,
    /// What is paid in, once that is known.
    pub(in crate::http) currency: Option<Currency>,
}

impl<'a> Market<'a> {
    /// That of a cart, session or order; of one that has lines only now the currency is not known yet.
    pub(in crate::http) fn of(claims: &'a Claims, currency: impl Into<Option<Currency>>) -> Self {
        Self { marketplace: claims.marketplace.as_ref(), currency: currency.into() }
    }
}

/// What a new cart or session claims: the marketplace of the caller's key.
///
/// # Errors
/// When they name another one.
pub(in crate::http) fn claims_of_caller(named: Option<MarketplaceId>) -> Result<Claims, Problem> {
    Ok(Claims { marketplace: Caller::current().marketplace(named)?, ..Claims::default() })
}

/// Makes lines. A line that was there before (`known`) keeps its name, title and price; a new one takes the price of today.
///
/// # Errors
/// Names the first line item at fault: an unknown SKU, one without a price, a quantity out of bounds, a second currency.
pub(super) fn lines_of(catalog: &CatalogSnapshot, items: Vec<LineBody>, known: &[Line], market: Market<'_>) -> Result<Vec<Line>, Problem> {
    if items.len() > CART_LINES_MAX {
        return Err(Problem::invalid("line_items", format!("must not be more than {CART_LINES_MAX}")));
    }
    let mut names = Names::new(known, &items);
    let mut lines: Vec<Line> = Vec::with_capacity(items.len());
    for (index, item) in items.into_iter().enumerate() {
        let field = |name: &str| format!("line_items[{index}].{name}");
        if !(1..=LINE_QUANTITY_MAX).contains(&item.quantity) {
            return Err(Problem::invalid(field("quantity"), format!("must be between 1 and {LINE_QUANTITY_MAX}")));
        }
        let sku = Sku::new(&item.item.id).map_err(|error| Problem::invalid(field("item.id"), error.to_string()))?;
        let before = names.take(item.id.as_deref(), &sku);
        let line = match before {
            Some(before) => Line { quantity: item.quantity, ..before },
            None => {
                let unavailable = |reason: String| Problem::of_field(Kind::ItemUnavailable, field("item.id"), reason);
                let (product, title, unit_price) = priced(catalog, &sku, market).map_err(unavailable)?;
                let id = names.fresh().map_err(|error| Problem::internal(&error))?;
                Line { id, sku, product, title, quantity: item.quantity, unit_price, components: Vec::new() }
            }
        };
        let currency = lines.first().or(known.first()).map_or(line.unit_price.currency, |line| line.unit_price.currency);
        check_currency(line.unit_price, currency, "the other lines are").map_err(|reason| Problem::invalid(field("item.id"), reason))?;
        lines.push(line);
    }
    Ok(lines)
}

/// The currency of lines; `otherwise` when there are none.
pub(super) fn currency_of(lines: &[Line], otherwise: Currency) -> Currency {
    lines.first().map_or(otherwise, |line| line.unit_price.currency)
}

/// What is sold in another currency than the rest has the wrong SKU, as far as the client can tell, who sent no price. `rest` is what it goes with, as in
/// `the cart is`.
pub(in crate::http) fn check_currency(unit_price: Money, currency: Currency, rest: &str) -> Result<(), String> {
    match unit_price.currency {
        own if own == currency => Ok(()),
        own => Err(format!("is sold in {own}, {rest} in {currency}")),
    }
}

/// What a SKU is called and costs today.
pub(in crate::http) fn priced(catalog: &CatalogSnapshot, sku: &Sku, market: Market<'_>) -> Result<(Ordinal, String, Money), String> {
    let unknown = || format!("there is no SKU {sku}");
    let ordinal = catalog.ordinal_of_sku(sku).ok_or_else(unknown)?;
    let product = catalog.offered(ordinal).ok_or_else(unknown)?;
    let variant = product.variants.iter().find(|variant| variant.sku == *sku).ok_or_else(unknown)?;
    let offer = Offer::choose_in(&variant.offers, market.marketplace, market.currency);
    let offer = offer.ok_or_else(|| match market.marketplace {
        Some(marketplace) => format!("SKU {sku} has no price in {marketplace}"),
        None => format!("SKU {sku} has no price outside of marketplaces"),
    })?;
    let title = match &variant.title {
        Some(title) if product.variants.len() > 1 => format!("{}, {title}", product.title),
        _ => product.title.clone(),
    };
    // Two long titles together may be longer than a line's may be.
    let title = title.chars().take(crate::cart::TITLE_BYTES_MAX / 4).collect();
    Ok((ordinal, title, offer.price))
}

/// Names of lines: those of before, each taken at most once, and new ones that none of them has.
struct Names {
    known: Vec<Line>,
    taken: BTreeSet<String>,
    last: u32,
}

impl Names {
    fn new(known: &[Line], items: &[LineBody]) -> Self {
        let taken = known.iter().map(|line| line.id.to_string()).chain(items.iter().filter_map(|item| item.id.clone())).collect();
        Self { known: known.to_vec(), taken, last: 0 }
    }

    /// The line of before with this name and SKU, or else one with this SKU.
    fn take(&mut self, id: Option<&str>, sku: &Sku) -> Option<Line> {
        let named = self.known.iter().position(|line| Some(line.id.as_str()) == id && line.sku == *sku);
        let at = named.or_else(|| self.known.iter().position(|line| line.sku == *sku))?;
        Some(self.known.swap_remove(at))
    }

    fn fresh(&mut self) -> Result<LineId, crate::id::IdError> {
        loop {
            self.last += 1;
            let name = format!("line_{}", self.last);
            if !self.taken.contains(&name) {
                return LineId::new(&name);
            }
        }
    }
}

/// The trade engine's refusal in the protocol's words: its field names, and the line item for a SKU that is short.
pub(super) fn problem_of(rejection: Rejection, lines: &[Line]) -> Problem {
    let short = match &rejection {
        Rejection::OutOfStock { sku, .. } => lines.iter().position(|line| line.sku == *sku),
        _ => None,
    };
    let problem = Problem::from(rejection);
    if let Some(index) = short {
        return problem.in_field(format!("line_items[{index}].quantity"));
    }
    let renamed = problem.field().map(field_of);
    renamed.map_or_else(|| problem.clone(), |field| problem.clone().in_field(field))
}

/// Where the goods go, in a session.
pub(super) const DESTINATION: &str = "fulfillment.methods[0].destinations[0]";

/// A field of the trade engine as the protocol names it.
pub(super) fn field_of(field: &str) -> String {
    match field {
        "address.name" => format!("{DESTINATION}.first_name"),
        "address.street" => format!("{DESTINATION}.street_address"),
        "address.city" => format!("{DESTINATION}.address_locality"),
        "address.postal_code" => format!("{DESTINATION}.postal_code"),
        "address.region" => format!("{DESTINATION}.address_region"),
        "address.country" => format!("{DESTINATION}.address_country"),
        "buyer.name" => "buyer.first_name".to_owned(),
        "buyer.phone" => "buyer.phone_number".to_owned(),
        other if other.starts_with("payment.") => instrument_field(other),
        other => match (other.strip_prefix("lines"), other.strip_prefix("coupons")) {
            (Some(rest), _) => format!("line_items{rest}"),
            (None, Some(rest)) => format!("discounts.codes{rest}"),
            (None, None) => other.to_owned(),
        },
    }
}

/// A field of a payment as the protocol names it. The first of the selected instruments is the payment, each further one a part of it.
fn instrument_field(field: &str) -> String {
    let part = field.strip_prefix("payment.parts[").and_then(|rest| rest.split_once("]."));
    let (place, name) = match part {
        Some((place, name)) => (place.parse::<usize>().map_or(0, |place| place + 1), name),
        None => (0, field.trim_start_matches("payment.")),
    };
    match name {
        "token" => format!("payment.instruments[{place}].credential.token"),
        "provider" => format!("payment.instruments[{place}].handler_id"),
        "amount.amount_minor" => format!("payment.instruments[{place}].amount"),
        "parts" => "payment.instruments".to_owned(),
        _ => field.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::body;
    use serde::Deserialize;

    #[derive(Deserialize)]
    struct Items {
        line_items: Vec<LineBody>,
    }

    fn known(id: &str, sku: &str, price: i64) -> Line {
        Line {
            id: LineId::new(id).expect("an id"),
            sku: Sku::new(sku).expect("a SKU"),
            product: Ordinal(0),
            title: "Lamp".to_owned(),
            quantity: 1,
            unit_price: Money::new(price, Currency::EUR),
            components: Vec::new(),
        }
    }

    fn lines(json: &str) -> Result<Vec<Line>, Problem> {
        let items: Items = body::parse(format!(r#"{{"line_items":{json}}}"#).as_bytes())?;
        lines_of(&CatalogSnapshot::default(), items.line_items, &[known("line_1", "A", 500), known("line_2", "A", 600)], Market::default())
    }

    #[test]
    fn a_line_that_was_there_keeps_its_price() {
        let kept = lines(r#"[{"id":"line_2","item":{"id":"A"},"quantity":3},{"item":{"id":"A"},"quantity":1}]"#).expect("lines");
        let seen: Vec<_> = kept.iter().map(|line| (line.id.as_str(), line.quantity, line.unit_price.amount_minor)).collect();
        assert_eq!(seen, [("line_2", 3, 600), ("line_1", 1, 500)]);
    }

    #[test]
    fn the_line_at_fault_is_named() {
        let check = |json: &str, field: &str| assert_eq!(lines(json).expect_err(json).field(), Some(field), "{json}");
        check(r#"[{"item":{"id":"A"},"quantity":0}]"#, "line_items[0].quantity");
        check(r#"[{"item":{"id":"A"},"quantity":-1}]"#, "line_items[0].quantity");
        check(r#"[{"item":{"id":"A"},"quantity":1},{"item":{"id":"B"},"quantity":1}]"#, "line_items[1].item.id");
        check(r#"[{"item":{"id":"A","price":1},"quantity":1}]"#, "line_items[0].item.price");
        check(r#"[{"item":{"id":"A"}}]"#, "line_items[0].quantity");
    }

    #[test]
    fn refusals_name_the_protocols_fields() {
        assert_eq!(field_of("lines[2].quantity"), "line_items[2].quantity");
        assert_eq!(field_of("address.country"), "fulfillment.methods[0].destinations[0].address_country");
        assert_eq!(field_of("buyer.email"), "buyer.email");
        assert_eq!(field_of("payment.token"), "payment.instruments[0].credential.token");
        assert_eq!(field_of("payment.parts[1].amount.amount_minor"), "payment.instruments[2].amount");
        assert_eq!(field_of("payment.parts"), "payment.instruments");
    }
}
