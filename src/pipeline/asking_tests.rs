//! Providers that take long to answer: they hold up neither other payments nor the end of the process.

use super::tests::{Bench, PATIENCE, open_by, order_of};
use super::*;
use crate::id::{IdempotencyKey, OrderId};
use crate::payment::{AuthorizationQuestion, NothingDue, PaymentOutcome, Provider, Said, StepAnswer, StepQuestion, TestProvider};
use crate::trade::Command;
use crossbeam::channel::{Receiver, Sender, bounded, unbounded};
use std::sync::Arc;

/// Says of every `tok_held` that it was asked, and answers when it is let: when the other end of `gate` is gone.
struct Held {
    asked: Sender<()>,
    gate: Receiver<()>,
}

impl Provider for Held {
    fn name(&self) -> &str {
        TestProvider::NAME
    }

    fn authorize(&self, question: &AuthorizationQuestion) -> Said<PaymentOutcome> {
        if question.token == "tok_held" {
            self.asked.send(()).expect("somebody looks");
            assert!(self.gate.recv().is_err(), "nothing is sent");
        }
        authorized()
    }

    fn look_up(&self, _question: &AuthorizationQuestion) -> Said<PaymentOutcome> {
        authorized()
    }

    fn take_step(&self, question: &StepQuestion) -> Said<StepAnswer> {
        NothingDue.take_step(question)
    }

    fn look_up_step(&self, question: &StepQuestion) -> Said<StepAnswer> {
        NothingDue.look_up_step(question)
    }
}

fn authorized() -> Said<PaymentOutcome> {
    Said::Answer(PaymentOutcome::Authorized { provider_reference: "held".to_owned() })
}

fn shop(folder: &std::path::Path) -> (Bench, Receiver<()>, Sender<()>) {
    let ((asked, told), (gate, held)) = (unbounded(), bounded(0));
    (open_by(folder, Options::default(), Arc::new(Held { asked, gate: held })), told, gate)
}

impl Bench {
    /// Begins to complete a session whose provider does not answer, and does not wait for it.
    fn begin(&self, name: &str, told: &Receiver<()>) {
        self.open_checkout(name, "a");
        let action = Bench::completing(name, name, "tok_held");
        let key = Some((IdempotencyKey::new(name).expect("a key"), [7; 32]));
        self.pipeline.trade(Command { key, action }, false, Box::new(|answer| assert!(answer.is_ok())));
        told.recv_timeout(PATIENCE).expect("the provider is asked");
    }

    fn waits_for(&self, orders_count: usize) -> Vec<OrderId> {
        let begun = std::time::Instant::now();
        loop {
            let orders: Vec<OrderId> = self.readers.trade().orders(None, 64).iter().map(|order| order.id.clone()).collect();
            if orders.len() == orders_count {
                return orders;
            }
            assert!(begun.elapsed() < PATIENCE, "{} of {orders_count} orders are placed", orders.len());
            std::thread::yield_now();
        }
    }
}

/// Two questions were asked at a time: with a provider that takes half a second, the whole shop sold four orders a second.
#[test]
fn a_quick_payment_does_not_wait_for_thirty_two_slow_ones() {
    let folder = tempfile::tempdir().expect("a folder");
    let (shop, told, gate) = shop(folder.path());
    shop.put(&["a"]);
    shop.stock("a", 40);
    (0..32).for_each(|number| shop.begin(&format!("slow{number}"), &told));
    shop.open_checkout("quick", "a");
    assert!(order_of(&shop.complete("quick", "quick", "tok_success").expect("is answered")).is_some());
    assert_eq!(shop.waits_for(1).len(), 1, "the others wait");
    drop(gate);
    shop.waits_for(33);
}

#[test]
fn the_end_does_not_wait_for_a_provider_and_what_it_was_asked_is_looked_up_afterwards() {
    let folder = tempfile::tempdir().expect("a folder");
    let (first, told, gate) = shop(folder.path());
    first.put(&["a"]);
    first.stock("a", 1);
    first.begin("slow", &told);
    let (ended, end) = bounded(1);
    let stopping = std::thread::spawn(move || {
        first.pipeline.stop();
        ended.send(()).expect("waits");
    });
    end.recv_timeout(PATIENCE).expect("it ends");
    stopping.join().expect("ends");
    let (again, _told, _gate) = shop(folder.path());
    again.waits_for(1);
    drop(gate);
}
