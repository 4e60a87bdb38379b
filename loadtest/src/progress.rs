//! The live line: stage, what is answered of what is asked for, latency of the last moments, errors.

use crate::run::Run;
use indicatif::{ProgressBar, ProgressStyle};
use std::sync::Arc;
use std::time::Duration;

const TICK: Duration = Duration::from_millis(250);

/// Shows how a run goes until `run` is dropped by everybody else or the task is aborted. Nothing is shown unless standard error is a terminal.
pub(crate) async fn show(run: Arc<Run>) {
    let total_ms = (run.scenario.duration_s() * 1_000.0) as u64;
    let bar = ProgressBar::new(total_ms);
    if let Ok(style) = ProgressStyle::with_template("{elapsed_precise} {bar:10} {wide_msg}") {
        bar.set_style(style);
    }
    loop {
        tokio::time::sleep(TICK).await;
        let elapsed = run.record().started.elapsed().as_millis();
        bar.set_position(u64::try_from(elapsed).unwrap_or(u64::MAX).min(total_ms));
        bar.set_message(line(&run));
    }
}

fn line(run: &Run) -> String {
    let stages_count = run.scenario.stages.len();
    let record = run.record();
    // The last point is still being filled; the one before is complete but for what is unanswered.
    let Some(point) = record.timeline.iter().rev().nth(1) else { return "starting".to_owned() };
    let a_second = |count: u64| count as f64 / record.point.as_secs_f64();
    let ms = |quantile| point.latency.value_at_quantile(quantile) as f64 / 1_000.0;
    let errors: u64 = record.timeline.iter().map(|point| point.errors).sum();
    // What matters most comes first: a terminal of 80 columns cuts off the rest.
    format!(
        "{}/{stages_count} · {:.0} of {:.0}/s · p50 {:.1} p99 {:.1} ms · {errors} errors · {} unanswered",
        run.stage() + 1,
        a_second(point.answered),
        a_second(point.due),
        ms(0.5),
        ms(0.99),
        run.in_flight(),
    )
}
