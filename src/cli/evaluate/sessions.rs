//! `shopkeeper evaluate sessions`: the live recommendation tables, fed click by click as a shop would feed them, foresee other sessions.

use crate::cli::output::{CliError, Output};
use crate::event::{ActivityEvent, Behaviour, Events, Origin, Projection, Recorded};
use crate::id::{Offset, Ordinal, SessionId};
use crate::learn::evaluate::{self, SessionsReport};
use crate::learn::formats::{self, History, Names};
use crate::recommend::{self, RecommendFold, RecommendSnapshot};
use crate::signal::{self, SignalFold};
use crate::stdx::clock::Timestamp;
use clap::ValueEnum;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

#[derive(clap::Args)]
pub(in crate::cli) struct Arguments {
    /// Sessions to learn from.
    #[arg(long)]
    train: PathBuf,
    /// Sessions to foresee.
    #[arg(long)]
    test: PathBuf,
    /// What becomes of a next click that is on the product at hand once more; published protocols differ.
    #[arg(long, value_enum, default_value_t = Repeats::Missed)]
    repeats: Repeats,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Repeats {
    /// It counts, and is missed: the shop never answers what somebody is looking at.
    Missed,
    /// It does not count.
    Skipped,
    /// It counts, and the product at hand may be answered, in the place that the share of such clicks in the training part gives it.
    Answered,
}

impl From<Repeats> for evaluate::Repeats {
    fn from(given: Repeats) -> Self {
        match given {
            Repeats::Missed => Self::Missed,
            Repeats::Skipped => Self::Skipped,
            Repeats::Answered => Self::Answered,
        }
    }
}

pub(super) fn run(arguments: &Arguments, output: &Output) -> Result<(), CliError> {
    let started = Instant::now();
    let mut products = Names::default();
    let train = formats::read_sessions(&arguments.train, &mut products)?;
    let known = products.len() as u32;
    let test = formats::read_sessions(&arguments.test, &mut products)?;
    let tables = lived_through(&train)?;
    let popularity = evaluate::RankingOptions::of(Vec::new(), &train, known, 0).popularity;
    let at_hand = (arguments.repeats == Repeats::Answered).then(|| evaluate::chance_of_repeat(&train));
    let mut recommend = |clicks: &[u32], count: usize| foreseen(&tables, clicks, count, at_hand);
    let report = evaluate::evaluate_sessions(&test, &popularity, arguments.repeats.into(), &mut recommend);
    super::told(report, |report| report.figures.cases_count, told, started, output)
}

fn told(SessionsReport { figures, repeats, repeats_count }: &SessionsReport) -> String {
    let what = match repeats {
        evaluate::Repeats::Missed => "counted as missed",
        evaluate::Repeats::Skipped => "left out",
        evaluate::Repeats::Answered => "answered where their chance stands",
    };
    format!("{figures}; {repeats_count} next clicks were on the product at hand once more: {what}")
}

/// What the next click may be, from the same code that answers a visitor; beside it the product at hand, where it has a chance. Chances of going
/// back are part of what that code orders by, so this one stands where it would if the shop answered it.
fn foreseen(tables: &RecommendSnapshot, clicks: &[u32], count: usize, at_hand: Option<f32>) -> Vec<u32> {
    let clicks: Vec<Ordinal> = clicks.iter().copied().map(Ordinal).collect();
    let found = tables.foresee(&clicks, count, |_| true).products;
    let mut answers: Vec<u32> = found.iter().map(|foreseen| foreseen.product.0).collect();
    if let (Some(chance), Some(last)) = (at_hand, clicks.last()) {
        answers.insert(found.partition_point(|foreseen| foreseen.score > chance), last.0);
    }
    answers
}

/// The tables of a shop that has seen these sessions.
fn lived_through(sessions: &[History]) -> Result<Arc<RecommendSnapshot>, CliError> {
    let origins: Vec<Origin> = (0..sessions.len()).map(visitor).collect();
    let signals = SignalFold::new(None, signal::Options::default())?;
    let mut fold = RecommendFold::new(recommend::Options::default(), signals.table());
    for (offset, (at_ms, session, product)) in (0..).zip(evaluate::clicks_in_order(sessions)) {
        let (happened_at, origin) = (Timestamp(at_ms), origins[session].clone());
        let event = ActivityEvent::Behaved { behaviour: Behaviour::View, product: Ordinal(product), quantity: 1, origin, happened_at };
        fold.apply(&Recorded { offset: Offset(offset), at: happened_at, events: Events::Activity(vec![event]) });
    }
    fold.publish();
    Ok(fold.reader().take())
}

fn visitor(number: usize) -> Origin {
    Origin { session: SessionId::new(&format!("session-{number}")).ok(), ..Origin::default() }
}
