//! `shopkeeper evaluate sessions`: the live recommendation tables, fed click by click as a shop would feed them, foresee other sessions.

use crate::cli::output::CliError;
use crate::event::{ActivityEvent, Behaviour, Events, Origin, Projection, Recorded};
use crate::id::{Offset, Ordinal, SessionId};
use crate::learn::evaluate::{self, Report};
use crate::learn::formats::{self, History, Names};
use crate::recommend::{self, RecommendFold, RecommendSnapshot};
use crate::signal::{self, SignalFold};
use crate::stdx::clock::Timestamp;
use std::path::Path;
use std::sync::Arc;

pub(super) fn run(train: &Path, test: &Path) -> Result<Report, CliError> {
    let mut products = Names::default();
    let train = formats::read_sessions(train, &mut products)?;
    let known = products.len() as u32;
    let test = formats::read_sessions(test, &mut products)?;
    let tables = lived_through(&train)?;
    let popularity = evaluate::RankingOptions::of(Vec::new(), &train, known, 0).popularity;
    Ok(evaluate::evaluate_sessions(&test, &popularity, &mut |clicks, count| foreseen(&tables, clicks, count)))
}

/// What the next click may be, from the same code that answers a visitor.
fn foreseen(tables: &RecommendSnapshot, clicks: &[u32], count: usize) -> Vec<u32> {
    let clicks: Vec<Ordinal> = clicks.iter().copied().map(Ordinal).collect();
    tables.foresee(&clicks, count, |_| true).products.iter().map(|foreseen| foreseen.product.0).collect()
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
