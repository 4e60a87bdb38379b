//! What a command prints: a report as text or JSON, a progress bar on a terminal, one line for an error.

use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use std::cell::Cell;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum CliError {
    #[error(transparent)]
    Config(#[from] crate::config::ConfigError),
    #[error(transparent)]
    Pipeline(#[from] crate::app::PipelineError),
    #[error(transparent)]
    Unavailable(#[from] crate::app::Unavailable),
    #[error(transparent)]
    Access(#[from] crate::pipeline::AccessError),
    #[error(transparent)]
    Grant(#[from] crate::access::GrantError),
    #[error(transparent)]
    Randomness(#[from] crate::stdx::crypto::NoRandomness),
    #[error(transparent)]
    Id(#[from] crate::id::IdError),
    #[error(transparent)]
    Search(#[from] crate::search::SearchError),
    #[error(transparent)]
    Learn(#[from] crate::learn::LearnError),
    #[error(transparent)]
    Signal(#[from] crate::signal::SignalError),
    #[error(transparent)]
    Ask(#[from] crate::http::AskError),
    #[error(transparent)]
    Import(#[from] crate::app::ImportError),
    #[error(transparent)]
    Export(#[from] crate::app::ExportError),
    #[error(transparent)]
    Backup(#[from] crate::app::BackupError),
    #[error(transparent)]
    Serve(#[from] crate::http::ServeError),
    #[error("{path}: {reason}")]
    File { path: PathBuf, reason: String },
    #[error("{0}")]
    Refused(String),
}

impl CliError {
    pub(super) fn file(path: impl Into<PathBuf>, reason: impl std::fmt::Display) -> Self {
        Self::File { path: path.into(), reason: reason.to_string() }
    }
}

/// Prints the way the caller asked for.
pub(super) struct Output {
    json: bool,
    /// Whether the one JSON object has been printed.
    is_reported: Cell<bool>,
}

impl Output {
    pub(super) fn new(json: bool) -> Self {
        Self { json, is_reported: Cell::new(false) }
    }

    /// The command's one result: `report` as JSON, or the text made of it.
    pub(super) fn report<R: Serialize>(&self, report: &R, text: impl FnOnce(&R) -> String) {
        let line = if self.json { serde_json::to_string(report).unwrap_or_else(|error| error.to_string()) } else { text(report) };
        print_line(&mut std::io::stdout(), line.trim_end());
        self.is_reported.set(true);
    }

    /// The same beside what the command wrote to standard output, which then holds nothing else.
    pub(super) fn report_beside<R: Serialize>(&self, report: &R, text: impl FnOnce(&R) -> String) {
        let line = if self.json { serde_json::to_string(report).unwrap_or_else(|error| error.to_string()) } else { text(report) };
        print_line(&mut std::io::stderr(), line.trim_end());
        self.is_reported.set(true);
    }

    /// A remark on the way; on standard error when the result is JSON.
    pub(super) fn remark(&self, line: &str) {
        if self.json {
            print_line(&mut std::io::stderr(), line);
        } else {
            print_line(&mut std::io::stdout(), line);
        }
    }

    /// Why the command failed; as JSON only when there is no report, which says what is wrong itself.
    pub(super) fn error(&self, error: &CliError) {
        if self.json && !self.is_reported.get() {
            print_line(&mut std::io::stdout(), &serde_json::json!({ "error": error.to_string() }).to_string());
        }
        print_line(&mut std::io::stderr(), &format!("error: {error}"));
    }

    /// A progress bar over `total` steps of `unit`; hidden where nobody watches.
    pub(super) fn progress(&self, total: u64, unit: &str) -> ProgressBar {
        if self.json || !std::io::stderr().is_terminal() {
            return ProgressBar::hidden();
        }
        let bar = ProgressBar::new(total);
        let counted = if unit == "bytes" { "{bytes}/{total_bytes} {binary_bytes_per_sec}" } else { "{human_pos}/{human_len} {per_sec}" };
        let template = format!("{{msg}} [{{bar:30}}] {counted} {{eta}}");
        match ProgressStyle::with_template(&template) {
            Ok(style) => bar.with_style(style.progress_chars("=> ")),
            Err(_) => bar,
        }
    }
}

/// A closed pipe (`shopkeeper ... | head`) is not a failure.
fn print_line(out: &mut impl Write, line: &str) {
    if let Err(error) = writeln!(out, "{line}") {
        tracing::debug!(%error, "nobody reads the output");
    }
}
