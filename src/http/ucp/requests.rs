//! What UCP clients send. Fields that only answers carry, as the schemas annotate them, are as unknown here as any other: refused, or passed over
//! and told of where a platform sends them ([`Call::understood`](super::call::Call::understood)). What the protocol lets a platform add freely
//! (signals, attribution, most of the context) is read and not kept.

use super::buyer::BuyerBody;
use super::discounts::DiscountsBody;
use super::refusal::path_of;
use super::shapes::Message;
use crate::country;
use crate::event::trade::Address;
use crate::http::error::{Kind, Problem};
use crate::order::check_text;
use serde::Deserialize;
use serde::de::IgnoredAny;

/// A cart to open, or all of a cart from now on.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CartBody {
    pub(super) id: Option<String>,
    pub(super) line_items: Vec<LineBody>,
    pub(super) buyer: Option<BuyerBody>,
    pub(super) discounts: Option<DiscountsBody>,
    context: Option<ContextBody>,
    #[serde(rename = "signals")]
    _signals: Option<IgnoredAny>,
    #[serde(rename = "attribution")]
    _attribution: Option<IgnoredAny>,
}

/// A checkout session to open, or all of one from now on.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CheckoutBody {
    pub(super) id: Option<String>,
    /// Opens the session over a cart; its lines are then taken from there.
    pub(super) cart_id: Option<String>,
    #[serde(default)]
    pub(super) line_items: Vec<LineBody>,
    pub(super) buyer: Option<BuyerBody>,
    pub(super) fulfillment: Option<FulfillmentBody>,
    pub(super) discounts: Option<DiscountsBody>,
    context: Option<ContextBody>,
    /// How it will be paid is said on completion.
    #[serde(rename = "payment")]
    _payment: Option<IgnoredAny>,
    #[serde(rename = "signals")]
    _signals: Option<IgnoredAny>,
    #[serde(rename = "attribution")]
    _attribution: Option<IgnoredAny>,
}

/// The payment that completes a session.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CompleteBody {
    /// What pays; nothing has to when nothing is due.
    #[serde(default)]
    pub(super) payment: PaymentBody,
    /// Extension: the total that the buyer was shown, in minor units; anything else is told instead of paid.
    pub(super) expected_total: Option<i64>,
    #[serde(rename = "signals")]
    _signals: Option<IgnoredAny>,
    #[serde(rename = "attribution")]
    _attribution: Option<IgnoredAny>,
}

/// What a platform says of a buyer's surroundings, as far as it changes an answer.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ContextBody {
    eligibility: Vec<String>,
}

/// Claims of one request that are answered one by one.
const ELIGIBILITY_MAX: usize = 32;
/// So much of a field's path is repeated.
const FIELD_CHARS_MAX: usize = 128;

/// What a request said that is answered and not kept. It follows from the body alone, so a repeated write answers the same.
#[derive(Debug, Default)]
pub(super) struct Heard(Vec<Message>);

impl Heard {
    /// As messages of an answer.
    pub(super) fn messages(self) -> impl Iterator<Item = Message> {
        self.0.into_iter()
    }

    /// The same, with the fields that were passed over.
    pub(super) fn without(mut self, passed_over: Vec<String>) -> Self {
        let told = |field: String| {
            let field: String = field.chars().take(FIELD_CHARS_MAX).collect();
            let content = format!("{field} is not known here and changes nothing.");
            Message { path: Some(path_of(&field)), ..Message::info("unknown_field", content) }
        };
        self.0.extend(passed_over.into_iter().map(told));
        self
    }

    /// Claims of benefits: this shop grants none on somebody's word.
    fn of(context: Option<ContextBody>) -> Self {
        let claims = context.unwrap_or_default().eligibility.into_iter().take(ELIGIBILITY_MAX).enumerate();
        let told = |(place, claim): (usize, String)| {
            let claim: String = claim.chars().take(128).collect();
            let path = path_of(&format!("context.eligibility[{place}]"));
            Message::warning("eligibility_not_accepted", Some(path), format!("{claim} changes nothing here."))
        };
        Self(claims.map(told).collect())
    }
}

impl CartBody {
    /// What is answered and not kept.
    pub(super) fn heard(&mut self) -> Heard {
        Heard::of(self.context.take())
    }
}

impl CheckoutBody {
    /// What is answered and not kept.
    pub(super) fn heard(&mut self) -> Heard {
        Heard::of(self.context.take())
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LineBody {
    pub(super) id: Option<String>,
    pub(super) item: ItemBody,
    pub(super) quantity: i64,
    #[serde(rename = "parent_id")]
    _parent_id: Option<IgnoredAny>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ItemBody {
    /// The SKU.
    pub(super) id: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FulfillmentBody {
    #[serde(default)]
    methods: Vec<MethodBody>,
    #[serde(rename = "available_methods")]
    _available_methods: Option<IgnoredAny>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct MethodBody {
    #[serde(rename = "id")]
    _id: Option<IgnoredAny>,
    r#type: Option<String>,
    #[serde(rename = "line_item_ids")]
    _line_item_ids: Option<IgnoredAny>,
    destinations: Option<Vec<DestinationBody>>,
    selected_destination_id: Option<String>,
    #[serde(default)]
    groups: Vec<GroupBody>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct GroupBody {
    #[serde(rename = "id")]
    _id: Option<IgnoredAny>,
    #[serde(rename = "line_item_ids")]
    _line_item_ids: Option<IgnoredAny>,
    #[serde(rename = "options")]
    _options: Option<IgnoredAny>,
    selected_option_id: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct DestinationBody {
    id: Option<String>,
    first_name: String,
    last_name: String,
    street_address: String,
    extended_address: String,
    address_locality: String,
    address_region: String,
    address_country: String,
    postal_code: String,
    #[serde(rename = "phone_number")]
    _phone_number: Option<IgnoredAny>,
}

impl FulfillmentBody {
    /// The delivery option that is selected, if one is.
    pub(super) fn option(&self) -> Option<String> {
        self.methods.first()?.groups.first()?.selected_option_id.clone()
    }

    /// The address of the one method that is known here; what it was `before` when only something else about the method is said.
    ///
    /// # Errors
    /// When another method is asked for, or a destination that is not listed.
    pub(super) fn address(self, before: Option<&Address>) -> Result<Option<Address>, Problem> {
        let Some(method) = self.methods.into_iter().next() else { return Ok(None) };
        if method.r#type.as_deref().is_some_and(|kind| kind != "shipping") {
            return Err(Problem::invalid("fulfillment.methods[0].type", "only shipping is offered"));
        }
        let Some(destinations) = method.destinations else { return Ok(before.cloned()) };
        let mut destinations = destinations.into_iter();
        match method.selected_destination_id {
            None => Ok(destinations.next().map(DestinationBody::address)),
            Some(id) => {
                let selected = destinations.find(|destination| destination.id.as_ref() == Some(&id));
                let unlisted = || Problem::invalid("fulfillment.methods[0].selected_destination_id", "no listed destination has that id");
                selected.map(|destination| Some(destination.address())).ok_or_else(unlisted)
            }
        }
    }
}

impl DestinationBody {
    fn address(self) -> Address {
        let joined = |parts: [&str; 2]| parts.into_iter().map(str::trim).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
        Address {
            name: joined([&self.first_name, &self.last_name]),
            street: joined([&self.street_address, &self.extended_address]),
            city: self.address_locality,
            postal_code: self.postal_code,
            region: self.address_region,
            country: country::code_of(&self.address_country).unwrap_or(self.address_country.trim()).to_owned(),
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PaymentBody {
    #[serde(default)]
    instruments: Vec<InstrumentBody>,
}

/// Instruments may carry what their handler wants; only what this shop's handlers read is looked at.
#[derive(Debug, Deserialize)]
struct InstrumentBody {
    handler_id: String,
    #[serde(default)]
    selected: bool,
    credential: Option<CredentialBody>,
    /// Extension: how much it pays in minor units, when several are selected; the one without pays what is left.
    amount: Option<i64>,
}

#[derive(Deserialize)]
struct CredentialBody {
    token: Option<String>,
}

impl std::fmt::Debug for CredentialBody {
    /// Without the token.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("CredentialBody(..)")
    }
}

/// An instrument that pays.
#[derive(PartialEq, Eq)]
pub(super) struct Chosen {
    /// Where it stands among those that were sent.
    pub(super) place: usize,
    /// The payment handler, which is a provider's name.
    pub(super) handler: String,
    /// The provider's token.
    pub(super) token: String,
    /// How much it pays in minor units; what is left, if none.
    pub(super) amount_minor: Option<i64>,
}

impl PaymentBody {
    /// What every token has to be, also one that nobody is asked with: no card number.
    ///
    /// # Errors
    /// The first that is not.
    pub(super) fn check_tokens(&self) -> Result<(), Problem> {
        self.instruments.iter().enumerate().try_for_each(|(at, instrument)| {
            let token = instrument.credential.as_ref().and_then(|credential| credential.token.as_deref());
            check_text(&format!("payment.instruments[{at}].credential.token"), token.unwrap_or_default())
                .map_err(|error| Problem::invalid(error.field, error.reason))
        })
    }

    /// The selected instruments, or the only one: first the one that pays what is left, then the others in order.
    ///
    /// # Errors
    /// When there is none, one is of a handler that is not among `handlers` or has no token, or not exactly one pays what is left.
    pub(super) fn chosen(self, handlers: &[&str]) -> Result<Vec<Chosen>, Problem> {
        let missing = |field: String, detail: &str| Problem::of_field(Kind::MissingField, field, detail);
        let any_selected = self.instruments.iter().any(|instrument| instrument.selected);
        let mut chosen = Vec::new();
        for (at, instrument) in self.instruments.into_iter().enumerate() {
            if !instrument.selected && (any_selected || at > 0) {
                continue;
            }
            if !handlers.contains(&instrument.handler_id.as_str()) {
                let detail = format!("the handlers here are {}", handlers.join(", "));
                return Err(Problem::invalid(format!("payment.instruments[{at}].handler_id"), detail));
            }
            let token = instrument.credential.and_then(|credential| credential.token).filter(|token| !token.is_empty());
            let field = || format!("payment.instruments[{at}].credential.token");
            let token = token.ok_or_else(|| missing(field(), "the provider's token for the instrument"))?;
            chosen.push(Chosen { place: at, handler: instrument.handler_id, token, amount_minor: instrument.amount });
        }
        let rest: Vec<usize> = chosen.iter().enumerate().filter(|(_, it)| it.amount_minor.is_none()).map(|(at, _)| at).collect();
        match (chosen.is_empty(), rest.as_slice()) {
            (true, _) => Err(missing("payment.instruments".to_owned(), "pay with an instrument")),
            (false, [rest]) => {
                chosen[..=*rest].rotate_right(1);
                Ok(chosen)
            }
            (false, [_, second, ..]) => {
                let field = format!("payment.instruments[{}].amount", chosen[*second].place);
                Err(missing(field, "only one instrument can pay what is left"))
            }
            (false, []) => Err(Problem::invalid("payment.instruments", "leave the amount out of one instrument: it pays what is left")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::body;

    #[test]
    fn selected_instruments_pay_and_must_have_tokens() {
        let chosen = |json: &str| body::parse::<PaymentBody>(json.as_bytes()).and_then(|payment| payment.chosen(&["test", "other"]));
        let paid = |json: &str| {
            let chosen = chosen(json).map_err(|problem| problem.field().map(str::to_owned));
            chosen.map(|chosen| chosen.into_iter().map(|it| (it.handler, it.token, it.amount_minor)).collect::<Vec<_>>())
        };
        let refused = |json: &str| paid(json).expect_err(json);
        let (test, other) = ("test".to_owned(), "other".to_owned());
        let two = r#"{"instruments":[{"handler_id":"x"},{"handler_id":"test","selected":true,"credential":{"type":"token","token":"t"}}]}"#;
        assert_eq!(paid(two), Ok(vec![(test.clone(), "t".to_owned(), None)]));
        let split = r#"{"instruments":[{"handler_id":"other","selected":true,"amount":500,"credential":{"token":"u"}},
            {"handler_id":"test","selected":true,"credential":{"token":"t"}}]}"#;
        assert_eq!(paid(split), Ok(vec![(test, "t".to_owned(), None), (other, "u".to_owned(), Some(500))]));
        assert_eq!(refused(r#"{"instruments":[]}"#).as_deref(), Some("payment.instruments"));
        assert_eq!(refused(r#"{"instruments":[{"handler_id":"x"}]}"#).as_deref(), Some("payment.instruments[0].handler_id"));
        assert_eq!(refused(r#"{"instruments":[{"handler_id":"test"}]}"#).as_deref(), Some("payment.instruments[0].credential.token"));
        assert_eq!(refused(&split.replace("\"amount\":500,", "")).as_deref(), Some("payment.instruments[1].amount"));
        let all = r#"{"instruments":[{"handler_id":"test","amount":500,"credential":{"token":"u"}}]}"#;
        assert_eq!(refused(all).as_deref(), Some("payment.instruments"));
    }

    #[test]
    fn the_selected_destination_is_the_address() {
        let json = r#"{"methods":[{"type":"shipping","selected_destination_id":"b","destinations":[{"id":"a"},{"id":"b","address_locality":"Ghent","address_country":"BEL"}]}]}"#;
        let address = body::parse::<FulfillmentBody>(json.as_bytes()).and_then(|body| body.address(None));
        let address = address.ok().flatten().expect("an address");
        assert_eq!((address.city.as_str(), address.country.as_str()), ("Ghent", "BE"));
        let pickup = body::parse::<FulfillmentBody>(br#"{"methods":[{"type":"pickup"}]}"#).and_then(|body| body.address(None));
        assert_eq!(pickup.expect_err("is refused").field(), Some("fulfillment.methods[0].type"));
    }
}
