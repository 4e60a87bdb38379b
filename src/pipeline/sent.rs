//! When payment providers were last asked for something. What a provider does not know of soon after that may still be on its way to it, and is not
//! asked for again: a question waits for a thread, for a busy provider, or for another attempt, so that is later than when it was decided.

use crate::id::PaymentId;
use crate::stdx::clock::{Clock, Timestamp};
use crate::trade::Question;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// When each payment that waits for its provider was last asked for something.
pub(super) struct Sent {
    clock: Arc<dyn Clock>,
    /// Whatever an earlier process asked for may have left just before this one began.
    began_at: Timestamp,
    times: Mutex<HashMap<PaymentId, Timestamp>>,
}

impl Sent {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { began_at: clock.now(), clock, times: Mutex::default() }
    }

    fn times(&self) -> MutexGuard<'_, HashMap<PaymentId, Timestamp>> {
        self.times.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that a payment is asked for something now.
    pub(super) fn note(&self, payment: &PaymentId) {
        let now = self.clock.now();
        self.times().insert(payment.clone(), now);
    }

    /// The question, with when it can have left last.
    pub(super) fn told(&self, mut question: Question) -> Question {
        let left = |payment: &PaymentId| self.times().get(payment).copied().unwrap_or(self.began_at);
        match &mut question {
            Question::Authorization(question) => question.sent_at = question.sent_at.max(left(&question.payment)),
            Question::Step(question) => question.sent_at = question.sent_at.max(left(&question.payment)),
        }
        question
    }

    /// Forgets all payments but those that wait.
    pub(super) fn retain(&self, waits: impl Fn(&PaymentId) -> bool) {
        self.times().retain(|payment, _| waits(payment));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::{Currency, Money};
    use crate::payment::AuthorizationQuestion;
    use crate::stdx::clock::ManualClock;

    #[test]
    fn a_question_can_have_left_when_it_was_last_put_or_when_the_process_began() {
        let clock = Arc::new(ManualClock::at(Timestamp(5_000)));
        let sent = Sent::new(clock.clone());
        let id = |name: &str| PaymentId::new(name).expect("an id");
        let left = |name: &str, asked_at: i64| {
            let (payment, amount, asked_at) = (id(name), Money::new(1, Currency::EUR), Timestamp(asked_at));
            let (token, provider_reference, sent_at, now) = (String::new(), None, asked_at, asked_at);
            let question = AuthorizationQuestion { payment, amount, token, provider_reference, asked_at, sent_at, now };
            match sent.told(Question::Authorization(question)) {
                Question::Authorization(question) => (question.asked_at.0, question.sent_at.0),
                Question::Step(_) => panic!("another question"),
            }
        };
        assert_eq!([left("a", 100), left("a", 6_000)], [(100, 5_000), (6_000, 6_000)]);
        clock.advance_ms(4_000);
        sent.note(&id("a"));
        assert_eq!([left("a", 6_000), left("b", 6_000)], [(6_000, 9_000), (6_000, 6_000)]);
        sent.retain(|payment| *payment != id("a"));
        assert_eq!(left("a", 6_000), (6_000, 6_000));
    }
}
