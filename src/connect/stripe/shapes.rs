//! The provider's objects, as far as they are read. Its codes stand as they are; everything else of an answer is ignored.

use crate::id::{DisputeId, PaymentId, ProviderEventId};
use crate::money::{Currency, Money};
use crate::payment::{DisputeReport, Notice, NoticeError};
use crate::stdx::clock::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;

#[derive(Debug, Default, Deserialize)]
pub(super) struct Metadata {
    pub(super) payment: Option<PaymentId>,
    pub(super) step: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Intent {
    pub(super) id: String,
    pub(super) status: String,
    #[serde(default)]
    pub(super) amount_received: i64,
    #[serde(default)]
    pub(super) amount_capturable: i64,
    pub(super) payment_method: Option<String>,
    pub(super) customer: Option<String>,
    pub(super) next_action: Option<NextAction>,
    #[serde(default)]
    pub(super) metadata: Metadata,
}

#[derive(Debug, Deserialize)]
pub(super) struct NextAction {
    pub(super) redirect_to_url: Option<Redirect>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Redirect {
    pub(super) url: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Refund {
    pub(super) id: String,
    pub(super) status: Option<String>,
    #[serde(default)]
    pub(super) amount: i64,
    pub(super) failure_reason: Option<String>,
    #[serde(default)]
    pub(super) metadata: Metadata,
}

impl Refund {
    /// Whether the money is back, or on its way.
    pub(super) fn is_given(&self) -> bool {
        matches!(self.status.as_deref(), Some("succeeded" | "pending" | "requires_action"))
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Dispute {
    id: String,
    #[serde(default)]
    amount: i64,
    currency: String,
    #[serde(default)]
    reason: String,
    pub(super) status: String,
    evidence_details: Option<EvidenceDetails>,
}

#[derive(Debug, Deserialize)]
struct EvidenceDetails {
    due_by: Option<i64>,
}

impl Dispute {
    /// What the shop has to know of it; none when its name or currency is none.
    pub(super) fn report(&self) -> Option<DisputeReport> {
        let amount = Money::new(self.amount, Currency::new(&self.currency).ok()?);
        let due_by = self.evidence_details.as_ref().and_then(|details| details.due_by);
        let is_won = match self.status.as_str() {
            "won" | "warning_closed" => Some(true),
            "lost" => Some(false),
            _ => None,
        };
        Some(DisputeReport {
            dispute: DisputeId::new(&self.id).ok()?,
            amount,
            reason: self.reason.clone(),
            evidence_by: due_by.and_then(|seconds| seconds.checked_mul(1_000)).map(Timestamp),
            is_won,
        })
    }
}

/// An object that stands in lists, of which the next page begins behind the last one's name.
pub(super) trait Listed: DeserializeOwned {
    fn id(&self) -> &str;
}

impl Listed for Intent {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Listed for Refund {
    fn id(&self) -> &str {
        &self.id
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct List<T> {
    pub(super) data: Vec<T>,
    #[serde(default)]
    pub(super) has_more: bool,
}

/// What is wrong, in the provider's words; its message is not read, because it may repeat what was sent.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Failure {
    #[serde(default)]
    pub(super) error: ErrorObject,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct ErrorObject {
    #[serde(default)]
    pub(super) r#type: String,
    pub(super) code: Option<String>,
    pub(super) decline_code: Option<String>,
}

#[derive(Deserialize)]
struct Event {
    id: String,
    data: EventData,
}

#[derive(Deserialize)]
struct EventData {
    object: EventObject,
}

#[derive(Deserialize)]
struct EventObject {
    id: Option<String>,
    #[serde(default)]
    object: String,
    payment_intent: Option<String>,
    #[serde(default)]
    metadata: Metadata,
}

/// Reads a webhook's body, after its signature was found right.
pub(super) fn read_event(body: &[u8]) -> Result<Notice, NoticeError> {
    let event: Event = serde_json::from_slice(body).map_err(|_| NoticeError::Shape)?;
    let id = ProviderEventId::new(&event.id).map_err(|_| NoticeError::Shape)?;
    let EventObject { id: object_id, object, payment_intent, metadata } = event.data.object;
    let provider_reference = if object == "payment_intent" { object_id } else { payment_intent };
    Ok(Notice { event: id, payment: metadata.payment, provider_reference })
}
