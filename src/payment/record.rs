//! One payment: its sums, its steps, its disputes, and the one reducer that says where it stands.

use super::dispute::{Dispute, DisputeStatus};
use super::status::{PaymentStatus, Step};
use super::step::{StepRecord, StepStatus};
use crate::event::trade::StepKind;
use crate::id::{CheckoutId, DisputeId, OrderId, PaymentId};
use crate::money::{Money, MoneyError};
use crate::stdx::clock::Timestamp;
use serde::{Deserialize, Serialize};

/// Most steps of one payment: a partial capture for every shipment and a refund for every return of a large order fit; a caller that loops
/// does not.
pub const STEPS_MAX: usize = 256;
/// Most disputes of one payment; banks open one, seldom a second.
pub const DISPUTES_MAX: usize = 16;

/// Why something cannot happen to a payment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PaymentError {
    /// Its status does not allow it.
    #[error("a payment that is {from} cannot take the step {step}")]
    Step {
        /// Where it stands.
        from: &'static str,
        /// What should happen.
        step: &'static str,
    },
    /// More would be given back than was taken, or taken than was authorised.
    #[error("the amount is beyond what the payment allows")]
    Beyond,
    /// Something that it does not have.
    #[error("the payment has no {0}")]
    Missing(&'static str),
    /// The amounts do not add up.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

/// Where the shopper has to go before the provider says yes or no.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShopperAction {
    /// The page.
    pub url: String,
    /// Until when.
    pub act_by: Timestamp,
}

/// One payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// Its name; the provider is asked for it under this key.
    pub id: PaymentId,
    /// The checkout session that asked for it.
    pub checkout: CheckoutId,
    /// The order it pays, once there is one.
    pub order: Option<OrderId>,
    /// The provider's name.
    pub provider: String,
    /// The provider's token for the instrument; forgotten as soon as the provider has answered.
    pub token: Option<String>,
    /// The provider's name for it, once it has one.
    pub provider_reference: Option<String>,
    /// What is asked for, and authorised if anything is.
    pub amount: Money,
    /// What was taken.
    pub captured: Money,
    /// What of it was given back.
    pub refunded: Money,
    /// What of the authorised money will not be taken.
    pub released: Money,
    /// What was given back, or is being given back, as a goodwill.
    pub allowed: Money,
    /// What the provider kept of the taken money.
    pub fees: Money,
    /// Where it stands.
    pub status: PaymentStatus,
    /// What the provider was asked for after its authorisation, in order.
    pub steps: Vec<StepRecord>,
    /// What the shopper's bank said.
    pub disputes: Vec<Dispute>,
    /// Where the shopper has to go, while that is waited for.
    pub action: Option<Box<ShopperAction>>,
    /// When it was asked for.
    pub asked_at: Timestamp,
    /// When it was authorised, the last time.
    pub authorized_at: Timestamp,
}

impl Payment {
    /// A payment that the provider is to be asked for.
    #[must_use]
    pub fn new(id: PaymentId, checkout: CheckoutId, provider: String, token: String, amount: Money, asked_at: Timestamp) -> Self {
        let nothing = Money::zero(amount.currency);
        Self {
            id,
            checkout,
            order: None,
            provider,
            token: Some(token),
            provider_reference: None,
            amount,
            captured: nothing,
            refunded: nothing,
            released: nothing,
            allowed: nothing,
            fees: nothing,
            status: PaymentStatus::Authorizing,
            steps: Vec::new(),
            disputes: Vec::new(),
            action: None,
            asked_at,
            authorized_at: Timestamp::default(),
        }
    }

    /// The oldest step that is not settled: the only one that the provider is asked for.
    #[must_use]
    pub fn open_step(&self) -> Option<&StepRecord> {
        self.steps.iter().find(|step| step.status.is_open())
    }

    /// Whether a step may still be taken: it, and one more that ends the payment.
    #[must_use]
    pub fn has_room(&self) -> bool {
        self.steps.len() + 2 <= STEPS_MAX
    }

    /// The number that the next step will have.
    #[must_use]
    pub fn next_number(&self) -> u32 {
        u32::try_from(self.steps.len()).unwrap_or(u32::MAX).saturating_add(1)
    }

    /// What open steps of a kind ask for, in minor units.
    #[must_use]
    pub fn pending_minor(&self, kind: StepKind) -> i64 {
        self.steps.iter().filter(|step| step.kind == kind && step.status.is_open()).map(|step| step.amount_minor).sum()
    }

    /// What is disputed and not decided for the shop, in minor units: held back by the provider, or lost.
    #[must_use]
    pub fn disputed_minor(&self) -> i64 {
        self.disputes.iter().filter(|dispute| dispute.status != DisputeStatus::Won).map(|dispute| dispute.amount_minor).sum()
    }

    /// What may still be taken, in minor units, beyond what the provider is being asked to take.
    #[must_use]
    pub fn capturable_minor(&self) -> i64 {
        let is_held = !self.status.is_open() && !self.status.is_void();
        let left = self.amount.amount_minor - self.captured.amount_minor - self.released.amount_minor;
        if is_held { left - self.pending_minor(StepKind::Capture) } else { 0 }
    }

    /// What may still be given back, in minor units: what was taken, less what was given back, is being given back, or is disputed.
    #[must_use]
    pub fn refundable_minor(&self) -> i64 {
        self.captured.amount_minor - self.refunded.amount_minor - self.pending_minor(StepKind::Refund) - self.disputed_minor()
    }

    /// Takes a step towards the authorisation.
    ///
    /// # Errors
    /// When the status does not allow it.
    pub fn step(&mut self, step: Step) -> Result<(), PaymentError> {
        let refused = PaymentError::Step { from: self.status.name(), step: step.name() };
        self.status = self.status.after(step).ok_or(refused)?;
        if !self.status.is_open() {
            self.token = None;
            self.action = None;
        }
        Ok(())
    }

    /// The provider authorised.
    ///
    /// # Errors
    /// When the status does not allow it.
    pub fn authorize(&mut self, provider_reference: &str, at: Timestamp) -> Result<(), PaymentError> {
        self.step(Step::Authorize)?;
        self.provider_reference = Some(provider_reference.to_owned());
        self.authorized_at = at;
        Ok(())
    }

    /// The shopper has to act first.
    ///
    /// # Errors
    /// When the status does not allow it.
    pub fn require_action(&mut self, action: ShopperAction, provider_reference: &str) -> Result<(), PaymentError> {
        self.step(Step::RequireAction)?;
        self.provider_reference = Some(provider_reference.to_owned());
        self.action = Some(Box::new(action));
        Ok(())
    }

    /// The provider is to be asked for a step. A void takes what is still held out of reach at once.
    ///
    /// # Errors
    /// When the status, the sums or the number of steps do not allow it.
    pub fn ask(&mut self, kind: StepKind, amount_minor: i64, at: Timestamp) -> Result<(), PaymentError> {
        let refused = PaymentError::Step { from: self.status.name(), step: kind.name() };
        let is_givable = self.status == PaymentStatus::RequiresAction && kind == StepKind::Void;
        if !is_givable && (self.status.is_open() || self.status.is_void()) {
            return Err(refused);
        }
        let limit = match kind {
            StepKind::Capture => self.capturable_minor(),
            StepKind::Refund => self.refundable_minor(),
            StepKind::Void | StepKind::Reauthorize | StepKind::Evidence => i64::MAX,
        };
        if amount_minor < 0 || amount_minor > limit || self.steps.len() >= STEPS_MAX {
            return Err(PaymentError::Beyond);
        }
        if kind == StepKind::Void {
            let taken = self.captured.amount_minor + self.pending_minor(StepKind::Capture);
            self.released.amount_minor = self.amount.amount_minor - taken;
            (self.token, self.action) = (None, None);
        }
        self.steps.reserve_exact(1);
        self.steps.push(StepRecord {
            number: self.next_number(),
            kind,
            amount_minor,
            attempt: 1,
            status: StepStatus::Asked,
            at,
            reason: None,
        });
        self.settle();
        Ok(())
    }

    /// Changes an open step.
    ///
    /// # Errors
    /// When there is none of that number.
    pub fn change_step(&mut self, number: u32, change: impl FnOnce(&mut StepRecord)) -> Result<(), PaymentError> {
        let step = self.steps.iter_mut().find(|step| step.number == number && step.status.is_open());
        change(step.ok_or(PaymentError::Missing("open step of that number"))?);
        self.settle();
        Ok(())
    }

    /// The oldest open step of a kind is done.
    fn done(&mut self, kind: StepKind) -> Option<()> {
        let step = self.steps.iter_mut().find(|step| step.kind == kind && step.status.is_open())?;
        step.status = StepStatus::Done;
        Some(())
    }

    /// The provider took `amount`, asked for or not.
    ///
    /// # Errors
    /// When nothing was authorised, or more was taken than that.
    pub fn capture(&mut self, amount: Money) -> Result<(), PaymentError> {
        if self.status.is_open() || self.status.is_void() {
            return Err(PaymentError::Step { from: self.status.name(), step: StepKind::Capture.name() });
        }
        let captured = self.captured.plus(amount)?;
        if amount.amount_minor < 0 || captured.amount_minor > self.amount.amount_minor - self.released.amount_minor {
            return Err(PaymentError::Beyond);
        }
        self.captured = captured;
        if self.done(StepKind::Capture).is_none() {
            let number = self.next_number();
            let (kind, amount_minor, status) = (StepKind::Capture, amount.amount_minor, StepStatus::Done);
            self.steps.push(StepRecord { number, kind, amount_minor, attempt: 1, status, at: self.authorized_at, reason: None });
        }
        self.settle();
        Ok(())
    }

    /// The provider gave `amount` of the taken money back.
    ///
    /// # Errors
    /// When more is given back than was taken and is not disputed.
    pub fn refund(&mut self, amount: Money) -> Result<(), PaymentError> {
        let refunded = self.refunded.plus(amount)?;
        let pending = self.done(StepKind::Refund).is_some();
        if amount.amount_minor <= 0
            || (!pending && amount.amount_minor > self.refundable_minor())
            || refunded.amount_minor > self.captured.amount_minor
        {
            return Err(PaymentError::Beyond);
        }
        self.refunded = refunded;
        self.settle();
        Ok(())
    }

    /// A refund that was done has come back: nothing of it counts as given back any more.
    ///
    /// # Errors
    /// When no refund of that number was done, or it was of another amount.
    pub fn fail_refund(&mut self, number: u32, amount: Money, reason: &str) -> Result<(), PaymentError> {
        let is_it = |step: &&mut StepRecord| step.number == number && step.kind == StepKind::Refund && step.status == StepStatus::Done;
        let step = self.steps.iter_mut().find(is_it).ok_or(PaymentError::Missing("refund of that number that was done"))?;
        let refunded = self.refunded.plus(Money::new(-amount.amount_minor, amount.currency))?;
        if amount.amount_minor != step.amount_minor || refunded.amount_minor < 0 {
            return Err(PaymentError::Beyond);
        }
        (step.status, step.reason) = (StepStatus::Failed, Some(reason.into()));
        self.refunded = refunded;
        self.settle();
        Ok(())
    }

    /// The oldest open step of this kind is done, and moves no money.
    ///
    /// # Errors
    /// When there is none.
    pub fn settle_step(&mut self, kind: StepKind) -> Result<(), PaymentError> {
        self.done(kind).ok_or(PaymentError::Step { from: self.status.name(), step: kind.name() })?;
        self.settle();
        Ok(())
    }

    /// Less is owed than was authorised.
    ///
    /// # Errors
    /// When so much is not held.
    pub fn reduce(&mut self, amount: Money) -> Result<(), PaymentError> {
        if amount.amount_minor <= 0 || amount.amount_minor > self.capturable_minor() {
            return Err(PaymentError::Beyond);
        }
        self.released = self.released.plus(amount)?;
        self.settle();
        Ok(())
    }

    /// The shopper's bank disputes it.
    ///
    /// # Errors
    /// When more is disputed than was taken and is still there.
    pub fn open_dispute(&mut self, dispute: Dispute) -> Result<(), PaymentError> {
        let left = self.captured.amount_minor - self.refunded.amount_minor - self.disputed_minor();
        if dispute.amount_minor <= 0 || dispute.amount_minor > left || self.disputes.len() >= DISPUTES_MAX {
            return Err(PaymentError::Beyond);
        }
        self.disputes.push(dispute);
        self.settle();
        Ok(())
    }

    /// Changes a dispute that is not over.
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn change_dispute(&mut self, id: &DisputeId, change: impl FnOnce(&mut Dispute)) -> Result<(), PaymentError> {
        let dispute = self.disputes.iter_mut().find(|dispute| dispute.id == *id && dispute.status.is_open());
        change(dispute.ok_or(PaymentError::Missing("open dispute of that name"))?);
        self.settle();
        Ok(())
    }

    /// The one writer of the status once the provider was asked for anything beyond the authorisation, or took money.
    fn settle(&mut self) {
        self.status = self.settled();
    }

    /// Whether the status is the one that sums and steps give; up to the authorisation any may be right.
    #[must_use]
    pub fn is_settled_right(&self) -> bool {
        self.status.is_open() || matches!(self.status, PaymentStatus::Declined | PaymentStatus::Failed) || self.status == self.settled()
    }

    fn settled(&self) -> PaymentStatus {
        use PaymentStatus as S;
        let is_asked = |kind| self.steps.iter().any(|step| step.kind == kind && step.status.is_open());
        let was_done = |kind| self.steps.iter().any(|step| step.kind == kind && step.status == StepStatus::Done);
        let taken = was_done(StepKind::Capture);
        let given_back = self.refunded.amount_minor + self.disputed_minor();
        let is_held = self.amount.amount_minor > self.captured.amount_minor + self.released.amount_minor;
        if self.disputes.iter().any(|dispute| dispute.status.is_open()) {
            S::Disputed
        } else if is_asked(StepKind::Refund) {
            S::Refunding
        } else if is_asked(StepKind::Capture) || is_asked(StepKind::Reauthorize) {
            S::Capturing
        } else if taken && given_back > 0 {
            if given_back < self.captured.amount_minor || is_held { S::PartiallyRefunded } else { S::Refunded }
        } else if taken {
            if is_held { S::PartiallyCaptured } else { S::Captured }
        } else if is_asked(StepKind::Void) {
            S::Voiding
        } else if was_done(StepKind::Void) {
            S::Voided
        } else if self.authorized_at == Timestamp::default() {
            S::Failed
        } else {
            S::Authorized
        }
    }
}
