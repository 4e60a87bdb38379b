//! What `evaluate recommend` and `sequences` print: a table of methods, how the blend is made, and what it cost.

use crate::learn::evaluate::{Measure, Report};
use crate::learn::relations::{Part, Tilted, Tuned};
use serde::Serialize;
use std::fmt;

/// One method's figures.
#[derive(Serialize)]
pub(super) struct MethodMeasured {
    pub(super) method: &'static str,
    #[serde(flatten)]
    pub(super) report: Report,
    /// To learn, on the training part.
    pub(super) training_seconds: f64,
    /// To learn and to answer all cases.
    pub(super) seconds: f64,
    /// Pairs in its item-to-item table.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) pairs_count: Option<usize>,
}

/// Shoppers of the test part that the training part does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) struct Newcomers {
    pub(super) count: usize,
    /// Of so many shoppers in the test part.
    pub(super) of: usize,
    /// Whether they are asked for, as somebody without a history, or no cases.
    pub(super) are_skipped: bool,
}

impl fmt::Display for Newcomers {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { count, of, are_skipped } = self;
        let what = if *are_skipped { "skipped" } else { "asked as newcomers, who are told what most shoppers had" };
        write!(out, "{count} of {of} test shoppers are not in the training part; they are {what}")
    }
}

/// Everything that was measured. The figures of the last method stand at the top level too.
#[derive(Serialize)]
pub(super) struct Measured {
    #[serde(flatten)]
    last: Report,
    methods: Vec<MethodMeasured>,
    #[serde(skip_serializing_if = "Option::is_none")]
    newcomers: Option<Newcomers>,
    tuned: Tuned,
    tuning_seconds: f64,
    seconds: f64,
    /// The most memory the process had, where the system tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    memory_peak_bytes: Option<u64>,
}

impl Measured {
    /// The last method is the one that matters.
    pub(super) fn of(
        methods: Vec<MethodMeasured>,
        tuned: Tuned,
        newcomers: Option<Newcomers>,
        (tuning_seconds, seconds): (f64, f64),
    ) -> Self {
        let last = methods.last().map(|method| method.report.clone()).unwrap_or_default();
        Self { last, methods, newcomers, tuned, tuning_seconds, seconds, memory_peak_bytes: memory_peak_bytes() }
    }
}

/// Linux tells the most memory that a process had resident.
fn memory_peak_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kib * 1_024)
}

impl fmt::Display for Measured {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "{} cases", self.last.cases_count)?;
        if let Some(newcomers) = self.newcomers.filter(|newcomers| newcomers.count > 0) {
            writeln!(out, "{newcomers}")?;
        }
        self.methods.iter().try_for_each(|method| method.fmt(out))?;
        let Tuned { recipe, ndcg, cases_count, trials, .. } = &self.tuned;
        match ndcg {
            Some(ndcg) => writeln!(
                out,
                "blend learnt on {cases_count} shoppers held back from training (ndcg {ndcg:.4} there, {} trials):",
                trials.len()
            )?,
            None => writeln!(out, "the usual blend: only {cases_count} shoppers could be held back from training")?,
        }
        writeln!(out, "  n-th newest of a history counts n^-{}", recipe.recency)?;
        for Part { method: Tilted { voice, tilt }, share } in &recipe.parts {
            writeln!(out, "  {:<10} share {share:.3}  what n had counts n^{tilt}  {voice:?}", voice.name())?;
        }
        if recipe.factors_name {
            writeln!(out, "  low-rank names candidates too")?;
        }
        let memory = self.memory_peak_bytes.map_or(String::new(), |bytes| format!(", {} MB at most", bytes / 1_000_000));
        write!(out, "{:.1} s, {:.1} of them for the blend{memory}", self.seconds, self.tuning_seconds)
    }
}

impl fmt::Display for MethodMeasured {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:<10}", self.method)?;
        for Measure { name, value, interval } in &self.report.measures {
            write!(out, "  {name} {value:.4}")?;
            if let Some((low, high)) = interval {
                write!(out, " ±{:.4}", (high - low) / 2.0)?;
            }
        }
        writeln!(out, "  ({:.1} s)", self.seconds)
    }
}
