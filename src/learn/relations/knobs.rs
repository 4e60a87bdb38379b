//! The knobs of each method, and a step on each of them.

use super::kinds::DIMS_MAX;
use super::recipe::Voice;
use super::{Ease, Kind, LowRank, Order, Ridge};

/// How many knobs a method has.
pub(super) fn knobs_count(voice: &Voice) -> usize {
    match voice {
        Voice::Table(Kind::Walk { .. } | Kind::Ease(_)) => 2,
        Voice::Table(Kind::Ridge(_)) => 4,
        Voice::Table(Kind::Order(_)) => 6,
        Voice::Factors(_) => 1,
    }
}

/// A method with one knob turned up, and turned down; the other way round where up costs far more than down.
pub(super) fn turned(voice: &Voice, knob: usize) -> [Voice; 2] {
    let by = |steps: f64, factor: f64| turned_by(voice, knob, steps, factor);
    let (up, down) = (by(1.0, 2.0), by(-1.0, 0.5));
    if says_more(voice, knob) { [down, up] } else { [up, down] }
}

/// Whether a knob says how much is learnt, neighbours or dimensions: where half as much is as good, twice as much, at up to eight times the work, is no
/// better.
pub(super) fn says_more(voice: &Voice, knob: usize) -> bool {
    match voice {
        Voice::Table(Kind::Ridge(_)) => knob == 3,
        Voice::Table(_) => false,
        Voice::Factors(_) => true,
    }
}

fn turned_by(voice: &Voice, knob: usize, steps: f64, factor: f64) -> Voice {
    let scaled = |count: usize| ((count as f64 * factor) as usize).max(1);
    let power = |value: f64, step: f64| (value + steps * step).clamp(0.0, 1.0);
    match *voice {
        Voice::Table(Kind::Walk { alpha, beta }) => Voice::Table(match knob {
            0 => Kind::Walk { alpha: power(alpha, 0.15), beta },
            _ => Kind::Walk { alpha, beta: power(beta, 0.1) },
        }),
        Voice::Table(Kind::Ease(ease)) => Voice::Table(Kind::Ease(match knob {
            0 => Ease { strength: ease.strength * factor, ..ease },
            _ => Ease { shopper_power: power(ease.shopper_power, 0.25), ..ease },
        })),
        Voice::Table(Kind::Ridge(ridge)) => Voice::Table(Kind::Ridge(match knob {
            0 => Ridge { product_power: power(ridge.product_power, 0.05), ..ridge },
            1 => Ridge { shopper_power: power(ridge.shopper_power, 0.2), ..ridge },
            2 => Ridge { strength: ridge.strength * factor, ..ridge },
            _ => Ridge { neighbourhood: scaled(ridge.neighbourhood).clamp(NEIGHBOURHOOD_MIN, NEIGHBOURHOOD_MAX), ..ridge },
        })),
        Voice::Table(Kind::Order(order)) => Voice::Table(Kind::Order(match knob {
            0 => Order { backward: power(order.backward, 0.3), ..order },
            1 => Order { window: scaled(order.window).clamp(1, 100), ..order },
            2 => Order { decay: (order.decay + steps * 0.2).max(0.0), ..order },
            3 => Order { alpha: power(order.alpha, 0.15), ..order },
            4 => Order { beta: power(order.beta, 0.1), ..order },
            _ => Order { gamma: power(order.gamma, 0.25), ..order },
        })),
        Voice::Factors(LowRank { dims }) => Voice::Factors(LowRank { dims: scaled(dims).clamp(DIMS_MIN, DIMS_MAX) }),
    }
}

/// Fewer explain nothing; more take minutes where tens of thousands of products are explained.
const NEIGHBOURHOOD_MIN: usize = 25;
const NEIGHBOURHOOD_MAX: usize = 400;
/// Fewer see only departments.
const DIMS_MIN: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_knob_of_every_method_turns_both_ways() {
        for voice in Voice::all(1_000) {
            for knob in 0..knobs_count(&voice) {
                let [up, down] = super::turned(&voice, knob);
                assert!(up != voice || down != voice, "knob {knob} of {} is stuck", voice.name());
                assert_ne!(up, down, "knob {knob} of {}", voice.name());
            }
        }
    }
}
