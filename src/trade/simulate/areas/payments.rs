//! What simulated people ask about payments after they were authorised: captures, refunds, disputes, what providers report.

use super::super::Simulation;
use crate::event::trade::NoticeDigest;
use crate::id::PaymentId;
use crate::money::{Currency, Money};
use crate::trade::{Action, PaymentAction};

/// Notices are drawn from so few that the same comes again and again.
const NOTICES: u8 = 40;

pub(super) fn action(simulation: &mut Simulation) -> Option<Action> {
    let payment = a_payment(simulation)?;
    let amount_minor = simulation.rng.i64(-5..20_000);
    let amount = simulation.rng.bool().then_some(Money::new(amount_minor, Currency::EUR));
    Some(Action::Payment(match simulation.rng.u32(0..100) {
        0..30 => PaymentAction::Capture { payment, amount },
        30..60 => PaymentAction::Refund { payment, amount },
        60..70 => PaymentAction::Void { payment },
        70..80 => PaymentAction::TellFee { payment, amount: Money::new(simulation.rng.i64(1..50), Currency::EUR) },
        80..90 => {
            let notice = NoticeDigest([simulation.rng.u8(0..NOTICES); 16]);
            PaymentAction::Hear { notice, payment: Some(payment) }
        }
        _ => {
            let disputes = &simulation.writer.payments_book().disputes;
            let dispute = disputes.keys().nth(simulation.rng.usize(0..disputes.len().max(1)))?.clone();
            PaymentAction::GiveEvidence { dispute, text: "It was handed over.".to_owned() }
        }
    }))
}

/// A payment of one of the newest orders, or one that waits for somebody.
fn a_payment(simulation: &mut Simulation) -> Option<PaymentId> {
    if simulation.rng.u32(0..4) == 0 {
        let pending = simulation.writer.pending_payments();
        return pending.get(simulation.rng.usize(0..pending.len().max(1))).map(|pending| pending.payment.clone());
    }
    let order = simulation.an_order()?;
    order.payments.get(simulation.rng.usize(0..order.payments.len().max(1))).cloned()
}
