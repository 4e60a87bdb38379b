//! `shopkeeper backup` and `restore`: everything of a shop into a folder, and back.

use super::output::{CliError, Output};
use crate::app::{self, Backup};
use crate::stdx::clock::{Clock, SystemClock};
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::time::Instant;

const MEGABYTE: f64 = 1e6;

#[derive(clap::Args)]
pub(super) struct BackupArguments {
    /// Folder to write; made, or empty.
    to: PathBuf,
    /// Another folder for the keys that open people's texts, so that whoever gets hold of the backup cannot read them.
    #[arg(long, value_name = "FOLDER")]
    keys: Option<PathBuf>,
}

#[derive(clap::Args)]
pub(super) struct RestoreArguments {
    /// Folder of the backup.
    from: PathBuf,
    /// Folder of the keys; needed when they are kept apart from the backup.
    #[arg(long, value_name = "FOLDER")]
    keys: Option<PathBuf>,
}

/// What was copied.
#[derive(Serialize)]
struct Copied<'a> {
    folder: &'a Path,
    #[serde(flatten)]
    backup: &'a Backup,
    bytes: u64,
    seconds: f64,
}

pub(super) fn backup(shop: &Path, arguments: &BackupArguments, output: &Output) -> Result<(), CliError> {
    let started = Instant::now();
    let made = app::backup(shop, &arguments.to, arguments.keys.as_deref(), SystemClock.now())?;
    report(&arguments.to, &made, started, output);
    Ok(())
}

pub(super) fn restore(shop: &Path, arguments: &RestoreArguments, output: &Output) -> Result<(), CliError> {
    let started = Instant::now();
    let restored = app::restore(&arguments.from, shop, arguments.keys.as_deref())?;
    report(shop, &restored, started, output);
    Ok(())
}

fn report(folder: &Path, backup: &Backup, started: Instant, output: &Output) {
    let copied = Copied { folder, backup, bytes: backup.bytes(), seconds: started.elapsed().as_secs_f64() };
    output.report(&copied, |copied| {
        let records: u64 = backup.streams.values().map(|kept| kept.end - kept.start).sum();
        let keys = if backup.keys_apart { "; the keys lie apart" } else { "" };
        format!(
            "{}: {records} records in {} files, {:.1} MB in {:.1} s{keys}",
            folder.display(),
            backup.files.len(),
            copied.bytes as f64 / MEGABYTE,
            copied.seconds
        )
    });
}
