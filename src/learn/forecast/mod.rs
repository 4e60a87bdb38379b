//! Demand forecasting: how many units of a thing will be wanted over the periods to come, as quantiles of their sum.
//!
//! A mean does not say how much to have: half of the time more is wanted. So every method here ends in quantiles of the demand over a whole
//! horizon (until what is ordered now is there, and until somebody looks again), and is judged by them: by pinball loss, by coverage, and by
//! what would have been sold and what would have lain there. Which method forecasts which class of demand, and with which constants, is
//! chosen on the last periods of what is learnt from; a part that is held out to judge by is never looked at.

mod ahead;
mod backtest;
mod choose;
mod count;
mod crowd;
mod foresee;
mod methods;
mod replay;
mod season;
mod series;

pub use crate::model::forecasts::LEVELS;
pub use ahead::{Plan, sums_ahead};
pub use backtest::{Backtest, BacktestOptions, ClassFigures, MethodFigures, backtest};
pub use choose::{Choice, Chosen, Family, Tuning, choose};
pub use crowd::{Crowd, Kin};
pub use foresee::{ForeseeOptions, Foreseen, foresee};
pub use methods::{Method, Run};
pub use replay::{Replayed, replay};
pub use season::Profile;
pub use series::{Class, History, Series};

use serde::{Deserialize, Serialize};

/// What demand does not exceed with the probabilities of [`LEVELS`].
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Quantiles(pub [f64; LEVELS.len()]);

/// A history of which every period is known.
#[cfg(test)]
fn known(demand: &[f64]) -> Vec<Option<f64>> {
    demand.iter().copied().map(Some).collect()
}

#[cfg(test)]
mod tests;
