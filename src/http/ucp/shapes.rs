//! Shapes that the protocol's answers share.

use super::capability::{Active, Capability, VERSION};
use crate::event::trade::{Address, Buyer, Consent, Line, LineAmounts, Totals};
use crate::payment::Provider;
use serde::Serialize;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What an answer says about the protocol.
#[derive(Debug, Serialize)]
pub(super) struct Ucp {
    version: &'static str,
    status: &'static str,
    capabilities: BTreeMap<&'static str, [Entity; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_handlers: Option<BTreeMap<String, [Handler; 1]>>,
}

/// A capability as an answer or a profile names it.
#[derive(Debug, Serialize)]
pub(super) struct Entity {
    version: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    spec: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    schema: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    extends: Option<Parents>,
}

/// What a capability extends.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum Parents {
    One(&'static str),
    Many(&'static [&'static str]),
}

/// A payment handler.
#[derive(Debug, Serialize)]
pub(super) struct Handler {
    id: String,
    version: &'static str,
    available_instruments: [Instrument; 1],
}

#[derive(Debug, Serialize)]
struct Instrument {
    r#type: &'static str,
}

impl Entity {
    /// As answers name it.
    pub(super) fn active(capability: &Capability) -> Self {
        let extends = match capability.extends {
            [] => None,
            [only] => Some(Parents::One(only)),
            several => Some(Parents::Many(several)),
        };
        Self { version: VERSION, spec: None, schema: None, extends }
    }

    /// As the profile names it: with what describes it.
    pub(super) fn described(capability: &Capability) -> Self {
        let Capability { page, schema, .. } = capability;
        Self {
            spec: Some(format!("https://ucp.dev/{VERSION}/specification/{page}")),
            schema: Some(format!("https://ucp.dev/{VERSION}/schemas/shopping/{schema}.json")),
            ..Self::active(capability)
        }
    }
}

/// All payment handlers of this shop: its payment providers, by name.
pub(super) fn payment_handlers(providers: &[Arc<dyn Provider>]) -> BTreeMap<String, [Handler; 1]> {
    let handler = |provider: &Arc<dyn Provider>| {
        let id = provider.name().to_owned();
        let name = format!("dev.shopkeeper.{}_payment", id.to_lowercase().replace(|letter: char| !letter.is_ascii_alphanumeric(), "_"));
        (name, [Handler { id, version: VERSION, available_instruments: [Instrument { r#type: "token" }] }])
    };
    providers.iter().map(handler).collect()
}

impl Ucp {
    /// Of an answer about `root`.
    pub(super) fn of(active: &Active, root: &'static str) -> Self {
        Self { version: VERSION, status: "success", capabilities: active.about(root), payment_handlers: None }
    }

    /// The same, saying how one can pay.
    pub(super) fn with_handlers(self, providers: &[Arc<dyn Provider>]) -> Self {
        Self { payment_handlers: Some(payment_handlers(providers)), ..self }
    }

    /// Of an answer that has nothing to show.
    pub(super) fn failed(self) -> Self {
        Self { status: "error", ..self }
    }
}

/// One part of what something comes to.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Total {
    pub(super) r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) display_text: Option<&'static str>,
    pub(super) amount: i64,
}

/// A part without words of its own.
pub(super) const fn part(r#type: &'static str, amount: i64) -> Total {
    Total { r#type, display_text: None, amount }
}

/// The parts of a cart, session or order, in the order in which they are to be read; they add up to the total. What is off the lines and
/// what is off the rest are two parts; either is left out when it is nothing, and so is tax.
pub(super) fn totals(totals: &Totals) -> Vec<Total> {
    let part = |r#type, text, amount| Total { r#type, display_text: Some(text), amount };
    let off_items: i64 = totals.lines.iter().map(|line| line.discount_minor).sum();
    let off_rest = totals.discount.amount_minor - off_items;
    let parts = [
        Some(part("subtotal", "Subtotal", totals.subtotal.amount_minor)),
        (off_items != 0).then(|| part("items_discount", "Item discounts", off_items)),
        (off_rest != 0).then(|| part("discount", "Order discounts", off_rest)),
        Some(part("fulfillment", "Shipping", totals.shipping.amount_minor)),
        (totals.tax.amount_minor != 0).then(|| part("tax", "Tax", totals.tax.amount_minor)),
        Some(part("total", "Total", totals.total.amount_minor)),
    ];
    parts.into_iter().flatten().collect()
}

/// What the line at `place` comes to, out of the totals it is part of; none in what an earlier release wrote.
pub(super) fn amounts_of<'a>(totals: &'a Totals, place: usize, line: &Line) -> Option<&'a LineAmounts> {
    let here = totals.lines.get(place).filter(|amounts| amounts.line == line.id);
    here.or_else(|| totals.lines.iter().find(|amounts| amounts.line == line.id))
}

/// What a line comes to: what it would cost, what is off, tax on top, and what is paid for it. Lines were checked when they were kept, so
/// the product fits.
pub(super) fn line_totals(line: &Line, amounts: Option<&LineAmounts>) -> Vec<Total> {
    let Some(LineAmounts { gross_minor, discount_minor, tax_minor, .. }) = amounts else {
        let amount = line.unit_price.amount_minor.saturating_mul(line.quantity);
        return vec![part("subtotal", amount), part("total", amount)];
    };
    let parts = [
        Some(part("subtotal", *gross_minor)),
        (*discount_minor != 0).then(|| part("items_discount", *discount_minor)),
        (*tax_minor != 0).then(|| part("tax", *tax_minor)),
        Some(part("total", gross_minor + discount_minor + tax_minor)),
    ];
    parts.into_iter().flatten().collect()
}

/// What is bought.
#[derive(Debug, Serialize)]
pub(super) struct Item<'a> {
    id: &'a str,
    title: &'a str,
    price: i64,
}

impl<'a> Item<'a> {
    /// At the price of one that counts.
    pub(super) fn of(line: &'a Line, amounts: Option<&LineAmounts>) -> Self {
        let price = amounts.map_or(line.unit_price.amount_minor, |amounts| amounts.unit_minor);
        Self { id: line.sku.as_str(), title: &line.title, price }
    }
}

/// One line of a cart or session.
#[derive(Debug, Serialize)]
pub(super) struct LineItem<'a> {
    id: &'a str,
    item: Item<'a>,
    quantity: i64,
    totals: Vec<Total>,
}

/// The lines of a cart or session.
pub(super) fn line_items<'a>(lines: &'a [Line], totals: &Totals) -> Vec<LineItem<'a>> {
    let shown = |(place, line): (usize, &'a Line)| {
        let amounts = amounts_of(totals, place, line);
        LineItem { id: line.id.as_str(), item: Item::of(line, amounts), quantity: line.quantity, totals: line_totals(line, amounts) }
    };
    lines.iter().enumerate().map(shown).collect()
}

/// Who buys.
#[derive(Debug, Serialize)]
pub(super) struct BuyerShape<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    first_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone_number: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    consent: Option<ConsentShape>,
}

#[derive(Debug, Serialize)]
struct ConsentShape {
    #[serde(skip_serializing_if = "Option::is_none")]
    analytics: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    preferences: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    marketing: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sale_of_data: Option<bool>,
}

impl From<Consent> for ConsentShape {
    fn from(Consent { analytics, preferences, marketing, sale_of_data }: Consent) -> Self {
        Self { analytics, preferences, marketing, sale_of_data }
    }
}

/// First names, and the last one. The shop keeps one name, as people write it; the protocol wants two.
pub(super) fn names(name: &str) -> (Option<&str>, Option<&str>) {
    match name.trim().rsplit_once(' ') {
        Some((first, last)) => (Some(first.trim_end()), Some(last)),
        None => (Some(name.trim()).filter(|name| !name.is_empty()), None),
    }
}

/// The buyer, when anything is known that the protocol names.
pub(super) fn buyer(buyer: &Buyer) -> Option<BuyerShape<'_>> {
    let (first_name, last_name) = names(buyer.name.as_deref().unwrap_or_default());
    let (email, phone_number, consent) = (buyer.email.as_deref(), buyer.phone.as_deref(), buyer.consent.map(ConsentShape::from));
    let is_known = first_name.is_some() || email.is_some() || phone_number.is_some() || consent.is_some();
    is_known.then_some(BuyerShape { first_name, last_name, email, phone_number, consent })
}

/// A postal address.
#[derive(Debug, Serialize)]
pub(super) struct Destination<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_name: Option<&'a str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    street_address: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    address_locality: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    address_region: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    address_country: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    postal_code: &'a str,
}

/// The address in the protocol's words.
pub(super) fn destination<'a>(id: Option<&'static str>, address: &'a Address) -> Destination<'a> {
    let (first_name, last_name) = names(&address.name);
    Destination {
        id,
        first_name,
        last_name,
        street_address: &address.street,
        address_locality: &address.city,
        address_region: &address.region,
        address_country: &address.country,
        postal_code: &address.postal_code,
    }
}

/// What a platform is to do about an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Severity {
    /// Ask again with something else.
    Recoverable,
    /// Have the buyer look at it and agree, where the answer says.
    RequiresBuyerReview,
    /// Have the buyer tell it, where the answer says: it cannot be told over this interface.
    RequiresBuyerInput,
    /// Begin anew: there is nothing that could be mended.
    Unrecoverable,
}

/// Something that the platform or the buyer should know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Message {
    pub(super) r#type: &'static str,
    pub(super) code: Cow<'static, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) path: Option<String>,
    pub(super) content: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) severity: Option<Severity>,
}

impl Message {
    /// Something is wrong.
    pub(super) fn error(code: impl Into<Cow<'static, str>>, path: Option<String>, content: String, severity: Severity) -> Self {
        Self { r#type: "error", code: code.into(), path, content, severity: Some(severity) }
    }

    /// Something that the buyer has to be shown.
    pub(super) fn warning(code: impl Into<Cow<'static, str>>, path: Option<String>, content: String) -> Self {
        Self { r#type: "warning", code: code.into(), path, content, severity: None }
    }

    /// Something good to know.
    pub(super) fn info(code: impl Into<Cow<'static, str>>, content: String) -> Self {
        Self { r#type: "info", code: code.into(), path: None, content, severity: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::{Currency, Money};

    #[test]
    fn totals_hold_exactly_one_subtotal_and_one_total_and_add_up() {
        let usd = |amount| Money::new(amount, Currency::USD);
        let amounts = |line: &str, discount_minor| LineAmounts {
            line: line.parse().expect("an id"),
            unit_minor: 500,
            price_list: None,
            gross_minor: 500,
            discount_minor,
            tax_minor: 36,
            included_tax_minor: 0,
        };
        let sums = Totals {
            subtotal: usd(1_000),
            discount: usd(-599),
            shipping: usd(499),
            tax: usd(72),
            total: usd(972),
            lines: [amounts("a", -60), amounts("b", -40)].into(),
            ..Totals::zero(Currency::USD)
        };
        let parts: Vec<_> = totals(&sums).into_iter().map(|total| (total.r#type, total.amount)).collect();
        let expected =
            [("subtotal", 1_000), ("items_discount", -100), ("discount", -499), ("fulfillment", 499), ("tax", 72), ("total", 972)];
        assert_eq!(parts, expected);
        assert_eq!(parts[..5].iter().map(|(_, amount)| amount).sum::<i64>(), 972);
    }

    #[test]
    fn one_name_becomes_two() {
        assert_eq!(names("Ada King Lovelace"), (Some("Ada King"), Some("Lovelace")));
        assert_eq!(names("Ada"), (Some("Ada"), None));
        assert_eq!(names(" "), (None, None));
    }
}
