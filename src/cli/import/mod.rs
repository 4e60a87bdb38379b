//! `shopkeeper import`: brings files into a shop, with a progress bar, and writes refused rows to a file of their own.

use super::open_offline;
use super::output::{CliError, Output};
use super::running;
use crate::app::{self, ImportKind, Rejects, Shop, Watcher};
use crate::catalog::formats::{ColumnMap, Encoding, Format, ImportOptions, Meter};
use crate::config::Config;
use crate::id::ProductId;
use crate::money::Currency;
use clap::ValueEnum;
use indicatif::ProgressBar;
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::time::Instant;

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Files to import; gzip is recognised.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// What the rows are.
    #[arg(long, value_enum, default_value_t = Kind::Products)]
    kind: Kind,
    /// How the rows are written; recognised by content unless told.
    #[arg(long, value_enum, default_value_t = FormatName::Auto)]
    format: FormatName,
    /// The encoding of the text, as in windows-1250 or shift_jis; recognised by content unless told.
    #[arg(long, value_name = "NAME")]
    encoding: Option<String>,
    /// Column map, for columns that are not recognised by name.
    #[arg(long)]
    map: Option<PathBuf>,
    /// Currency of prices that come without one; the shop's own unless told.
    #[arg(long)]
    currency: Option<String>,
    /// Where refused rows are written; `data/rejects/` of the shop unless told.
    #[arg(long)]
    rejects: Option<PathBuf>,
    /// Refuse order lines of unknown products instead of creating products from their titles.
    #[arg(long)]
    known_products_only: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Products,
    Events,
    Orders,
    Stock,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FormatName {
    Auto,
    Jsonl,
    Json,
    Csv,
    Tsv,
    Google,
    Shopify,
    Parquet,
}

/// What became of one file.
#[derive(Debug, Clone, Serialize)]
struct Imported {
    file: PathBuf,
    kind: Kind,
    rows: u64,
    taken: u64,
    unchanged: u64,
    rejected: u64,
    /// Why rows were refused, the most frequent reason first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reasons: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rejects_file: Option<PathBuf>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    remarks: Vec<String>,
    seconds: f64,
}

impl Imported {
    fn text(&self) -> String {
        let speed = self.rows as f64 / self.seconds.max(1e-3);
        let mut line = format!(
            "{}: {} rows, {} taken, {} unchanged, {} rejected in {:.1} s ({speed:.0} rows/s)",
            self.file.display(),
            self.rows,
            self.taken,
            self.unchanged,
            self.rejected,
            self.seconds
        );
        line = self.reasons.iter().fold(line, |line, reason| line + "\n  refused: " + reason);
        if let Some(file) = &self.rejects_file {
            line += &format!("\n  rejected rows: {}", file.display());
        }
        self.remarks.iter().fold(line, |line, remark| line + "\n  " + remark)
    }
}

/// Shows how far a file has been read.
struct Progress(ProgressBar);

impl Watcher for Progress {
    fn is_wanted(&self, meter: &Meter) -> bool {
        self.0.set_length(meter.bytes_total());
        self.0.set_position(meter.bytes_read());
        true
    }

    fn sees(&mut self, _: &ProductId) {}
}

pub(super) fn run(shop: &Path, arguments: &Arguments, output: &Output) -> Result<(), CliError> {
    let options = import_options(shop, arguments)?;
    if running::server_of(shop).is_some() {
        return Err(CliError::Refused(
            "a server has this shop open: stop it for the import, name the file as a feed in shopkeeper.toml, or send its rows to POST /v1/products, /v1/events or /v1/inventory"
                .to_owned(),
        ));
    }
    let opened = open_offline(shop)?;
    let imported =
        arguments.files.iter().map(|file| import_file(&opened, file, arguments, &options, output)).collect::<Result<Vec<_>, _>>();
    opened.stop();
    let imported = imported?;
    output.report(&imported, |files| files.iter().map(Imported::text).collect::<Vec<_>>().join("\n"));
    // A few bad rows are told of; when every row of a file is refused, it was not what it was taken for.
    match imported.iter().find(|file| file.rejected > 0 && file.taken + file.unchanged == 0) {
        Some(file) => Err(CliError::file(&file.file, format!("all {} rows were refused", file.rejected))),
        None => Ok(()),
    }
}

fn import_options(shop: &Path, arguments: &Arguments) -> Result<ImportOptions, CliError> {
    let config = Config::of_shop(shop)?;
    let code = arguments.currency.clone().unwrap_or(config.currency);
    let currency = Currency::known(&code).map_err(|error| CliError::Refused(format!("--currency {code}: {error}")))?;
    let map = match &arguments.map {
        Some(path) => ColumnMap::open(path).map_err(|error| CliError::file(path, error))?,
        None => ColumnMap::default(),
    };
    let encoding = arguments.encoding.as_deref().map(str::parse::<Encoding>).transpose();
    let encoding = encoding.map_err(|error| CliError::Refused(format!("--encoding: {error}")))?;
    let format = match arguments.format {
        FormatName::Auto => Format::Auto,
        FormatName::Jsonl => Format::Jsonl,
        FormatName::Json => Format::Json,
        FormatName::Csv => Format::Csv,
        FormatName::Tsv => Format::Tsv,
        FormatName::Google => Format::Google,
        FormatName::Shopify => Format::Shopify,
        FormatName::Parquet => Format::Parquet,
    };
    Ok(ImportOptions {
        format,
        encoding,
        currency,
        is_currency_told: arguments.currency.is_some(),
        language: Some(config.language),
        map,
        ..ImportOptions::default()
    })
}

fn import_file(shop: &Shop, file: &Path, arguments: &Arguments, options: &ImportOptions, output: &Output) -> Result<Imported, CliError> {
    let started = Instant::now();
    let mut rejects = Rejects::new(rejects_path(shop, file, arguments));
    let (kind, message) = match arguments.kind {
        Kind::Products => (ImportKind::Products, "products"),
        Kind::Events => (ImportKind::Events, "events"),
        Kind::Orders => (ImportKind::Orders { creates_products: !arguments.known_products_only }, "orders"),
        Kind::Stock => (ImportKind::Stock, "stock"),
    };
    let mut progress = Progress(output.progress(0, "bytes").with_message(message));
    let imported = app::import(shop, file, kind, options, &mut rejects, &mut progress);
    progress.0.finish_and_clear();
    let app::Imported { rows, taken, unchanged, remarks, .. } = imported?;
    let reasons = rejects.reasons();
    let (rejected, rejects_file) = rejects.finish()?;
    let seconds = started.elapsed().as_secs_f64();
    Ok(Imported { file: file.to_owned(), kind: arguments.kind, rows, taken, unchanged, rejected, reasons, rejects_file, remarks, seconds })
}

fn rejects_path(shop: &Shop, file: &Path, arguments: &Arguments) -> PathBuf {
    arguments.rejects.clone().unwrap_or_else(|| {
        let name = file.file_name().map_or_else(|| "import".to_owned(), |name| name.to_string_lossy().into_owned());
        shop.folders().data.join("rejects").join(format!("{name}.rejects.jsonl"))
    })
}
