//! `shopkeeper export products | orders | events`: by the server that has the shop open, or else from the shop's folder.

use super::super::open_offline;
use super::super::output::{CliError, Output};
use super::super::running;
use super::file::{Unfinished, layout_of};
use crate::app::{Export, ExportQuery, Subject};
use crate::catalog::tables::Layout;
use crate::http::RunningServer;
use crate::stdx::clock::Timestamp;
use indicatif::ProgressBar;
use serde::Serialize;
use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::time::Instant;

#[derive(clap::Args)]
pub(in crate::cli) struct Arguments {
    /// Where to; - for standard output, which then needs --format.
    #[arg(long, visible_alias = "out")]
    output: PathBuf,
    /// How it is written: ndjson, csv or parquet; by the ending of the file's name unless told.
    #[arg(long)]
    format: Option<Layout>,
    /// Orders placed, and behaviour that happened, at this time or later, as in 2027-01-31T12:00:00Z.
    #[arg(long, value_parser = moment)]
    since: Option<Timestamp>,
    /// The same, before this time.
    #[arg(long, value_parser = moment)]
    until: Option<Timestamp>,
    /// Go on behind this: the id of a product, the number of an order, the offset of an event.
    #[arg(long)]
    after: Option<String>,
    /// Tell who buyers and shoppers are, and where they live.
    #[arg(long)]
    personal: bool,
}

#[derive(Serialize)]
struct Exported {
    what: &'static str,
    file: PathBuf,
    format: &'static str,
    /// Not known of what went to standard output.
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes: Option<u64>,
    personal: bool,
    seconds: f64,
}

fn moment(text: &str) -> Result<Timestamp, &'static str> {
    Timestamp::of_rfc3339(text).ok_or("must be a time as in RFC 3339")
}

pub(super) fn run(shop: &Path, subject: Subject, arguments: &Arguments, output: &Output) -> Result<(), CliError> {
    let started = Instant::now();
    let layout = layout_of(&arguments.output, arguments.format)?;
    let Arguments { since, until, after, personal, .. } = arguments;
    let query = ExportQuery { subject, layout, since: *since, until: *until, after: after.clone(), is_personal: *personal };
    let (unfinished, file) = Unfinished::create(&arguments.output)?;
    let file = match running::server_of(shop) {
        Some(server) => by_server(&server, &query, file, &output.progress(0, "bytes").with_message(subject.name()))?,
        None => offline(shop, &query, file, &output.progress(0, subject.name()).with_message(subject.name()))?,
    };
    let bytes = unfinished.finish(file)?;
    let exported = Exported {
        what: subject.name(),
        file: arguments.output.clone(),
        format: layout.name(),
        bytes,
        personal: *personal,
        seconds: started.elapsed().as_secs_f64(),
    };
    match bytes {
        Some(bytes) => output.report(&exported, |Exported { what, file, seconds, .. }| {
            format!("{}: {what}, {bytes} bytes in {seconds:.1} s", file.display())
        }),
        None => output.report_beside(&exported, |Exported { what, seconds, .. }| format!("{what} in {seconds:.1} s")),
    }
    Ok(())
}

fn offline(shop: &Path, query: &ExportQuery, file: BufWriter<File>, bar: &ProgressBar) -> Result<BufWriter<File>, CliError> {
    let opened = open_offline(shop)?;
    let report = &mut |done, total| {
        bar.set_length(total);
        bar.set_position(done);
    };
    let written = Export::prepare(opened.readers(), query).and_then(|export| export.write(file, report));
    opened.stop();
    bar.finish_and_clear();
    Ok(written?)
}

fn by_server(server: &RunningServer, query: &ExportQuery, file: BufWriter<File>, bar: &ProgressBar) -> Result<BufWriter<File>, CliError> {
    let mut params = vec![("format", query.layout.name().to_owned())];
    params.extend(query.since.map(|at| ("since", at.to_rfc3339())));
    params.extend(query.until.map(|at| ("until", at.to_rfc3339())));
    params.extend(query.after.clone().map(|after| ("after", after)));
    params.extend(query.is_personal.then(|| ("personal", "true".to_owned())));
    download(server, &format!("/v1/export/{}", query.subject.name()), &params, file, bar)
}

/// How much there will be is not known before it is there, so the bar counts bytes.
pub(super) fn download(
    server: &RunningServer,
    path: &str,
    params: &[(&str, String)],
    mut file: BufWriter<File>,
    bar: &ProgressBar,
) -> Result<BufWriter<File>, CliError> {
    server.download(path, params, &mut file, &mut |bytes| {
        bar.set_length(bytes);
        bar.set_position(bytes);
    })?;
    bar.finish_and_clear();
    Ok(file)
}
