//! `shopkeeper export recommendations`: one answer for every shopper whom the journal names, or for every product: by the server that has the shop
//! open, or else from the shop's folder.

use super::super::output::{CliError, Output};
use super::super::running;
use super::file::{Unfinished, layout_of};
use super::subjects::download;
use crate::app::{OpenOptions, RecommendationExport, RecommendationQuery, Shop, exported_kind};
use crate::catalog::tables::Layout;
use crate::config::Config;
use crate::id::MarketplaceId;
use crate::recommend::Kind;
use indicatif::ProgressBar;
use serde::Serialize;
use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::time::Instant;

#[derive(clap::Args)]
pub(in crate::cli) struct Arguments {
    /// Which kind: for_you, buy_again, next_order and like_shoppers are made for every shopper, similar, also_bought and the like for every product.
    #[arg(long, value_parser = exported_kind)]
    kind: Kind,
    /// How the rows are written: ndjson, csv or parquet; by the ending of the file's name unless told.
    #[arg(long)]
    format: Option<Layout>,
    /// Where to; - for standard output, which then needs --format.
    #[arg(long, visible_alias = "output")]
    out: PathBuf,
    /// Products in each answer, 1 to 100.
    #[arg(long, default_value_t = 20)]
    limit: usize,
    /// A filter that every product passes.
    #[arg(long, default_value = "")]
    filter: String,
    /// Whose offers and prices hold.
    #[arg(long)]
    marketplace: Option<MarketplaceId>,
    /// Leave out what is more general than the kind.
    #[arg(long)]
    no_fill: bool,
}

#[derive(Serialize)]
struct Exported {
    kind: Kind,
    file: PathBuf,
    /// Not known of what went to standard output.
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes: Option<u64>,
    /// Not known of what a server sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    subjects: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recommendations: Option<u64>,
    seconds: f64,
}

pub(super) fn run(shop: &Path, arguments: &Arguments, output: &Output) -> Result<(), CliError> {
    let started = Instant::now();
    let query = RecommendationQuery {
        kind: arguments.kind,
        layout: layout_of(&arguments.out, arguments.format)?,
        limit: arguments.limit,
        filter: arguments.filter.clone(),
        marketplace: arguments.marketplace.clone(),
        fill: !arguments.no_fill,
    };
    let (unfinished, file) = Unfinished::create(&arguments.out)?;
    let (file, counts) = match running::server_of(shop) {
        Some(server) => {
            let bar = output.progress(0, "bytes").with_message(query.kind.name());
            (download(&server, "/v1/export/recommendations", &params(&query), file, &bar)?, None)
        }
        None => {
            let (file, subjects, recommendations) = offline(shop, query, file, &output.progress(0, "answers"))?;
            (file, Some((subjects, recommendations)))
        }
    };
    let bytes = unfinished.finish(file)?;
    let exported = Exported {
        kind: arguments.kind,
        file: arguments.out.clone(),
        bytes,
        subjects: counts.map(|(subjects, _)| subjects),
        recommendations: counts.map(|(_, recommendations)| recommendations),
        seconds: started.elapsed().as_secs_f64(),
    };
    match bytes {
        Some(_) => output.report(&exported, Exported::told),
        None => output.report_beside(&exported, Exported::told),
    }
    Ok(())
}

impl Exported {
    fn told(&self) -> String {
        let Self { kind, file, bytes, seconds, .. } = self;
        let (file, name) = (file.display(), kind.name());
        match (self.subjects, self.recommendations) {
            (Some(subjects), Some(recommendations)) => {
                format!("{file}: {recommendations} recommendations of kind {name} for {subjects} in {seconds:.1} s")
            }
            _ => {
                let bytes = bytes.map_or_else(String::new, |bytes| format!(", {bytes} bytes"));
                format!("{file}: recommendations of kind {name}{bytes} in {seconds:.1} s")
            }
        }
    }
}

fn params(query: &RecommendationQuery) -> Vec<(&'static str, String)> {
    let mut params =
        vec![("kind", query.kind.name().to_owned()), ("format", query.layout.name().to_owned()), ("limit", query.limit.to_string())];
    params.extend((!query.filter.is_empty()).then(|| ("filter", query.filter.clone())));
    params.extend(query.marketplace.as_ref().map(|marketplace| ("marketplace", marketplace.to_string())));
    params.push(("fill", query.fill.to_string()));
    params
}

fn offline(
    shop: &Path,
    query: RecommendationQuery,
    file: BufWriter<File>,
    bar: &ProgressBar,
) -> Result<(BufWriter<File>, u64, u64), CliError> {
    let opened = Shop::open(shop, OpenOptions::serving(Config::of_shop(shop)?))?;
    let report = &mut |done, total| {
        bar.set_length(total);
        bar.set_position(done);
    };
    let written = RecommendationExport::prepare(opened.readers(), opened.now(), query).and_then(|export| export.write(file, report));
    opened.stop();
    bar.finish_and_clear();
    let (file, counts) = written?;
    Ok((file, counts.subjects, counts.recommendations))
}
