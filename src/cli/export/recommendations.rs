//! `shopkeeper export recommendations`: one answer for every shopper whom the journal names, or for every product, by all cores.

use super::super::output::{CliError, Output};
use super::file::{Unfinished, layout_of};
use super::rows::{COLUMNS, Row};
use crate::app::{OpenOptions, Shelves, Shop, shoppers_of};
use crate::catalog::tables::{Layout, TableWriter};
use crate::config::Config;
use crate::id::{MarketplaceId, Ordinal, ShopperId};
use crate::model::taste::Taste;
use crate::recommend::request::LIMIT_MAX;
use crate::recommend::{Kind, RecommendSnapshot, Request, recommend};
use crate::search::{Moment, Onlooker};
use crate::stdx::clock::Timestamp;
use rayon::prelude::*;
use serde::Serialize;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

/// Answers made together: enough work for all cores, little enough to hold.
const CHUNK: usize = 2_048;
/// Answers made by one core with one reading of the filter.
const SHARE_MIN: usize = 64;

#[derive(clap::Args)]
pub(in crate::cli) struct Arguments {
    /// Which kind: for_you, buy_again and like_shoppers are made for every shopper, similar, also_bought and the like for every product.
    #[arg(long, value_parser = kind_of)]
    kind: Kind,
    /// How the rows are written: ndjson, csv or parquet; by the ending of the file's name unless told.
    #[arg(long)]
    format: Option<Layout>,
    /// Where to.
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
    subjects: usize,
    recommendations: u64,
    seconds: f64,
}

fn kind_of(name: &str) -> Result<Kind, String> {
    Kind::named(name).filter(|kind| kind.is_about_products() || kind.is_about_shopper()).ok_or_else(|| {
        let made = Kind::ALL.iter().filter(|(kind, _)| kind.is_about_products() || kind.is_about_shopper());
        format!("kinds are {}", made.map(|(_, name)| *name).collect::<Vec<_>>().join(", "))
    })
}

/// Whom answers are made for.
enum Subjects {
    Shoppers(Vec<ShopperId>),
    Products(Vec<Ordinal>),
}

impl Subjects {
    fn len(&self) -> usize {
        match self {
            Self::Shoppers(shoppers) => shoppers.len(),
            Self::Products(products) => products.len(),
        }
    }
}

/// What every answer is made from.
struct Job<'a> {
    arguments: &'a Arguments,
    moment: &'a Moment,
    tables: &'a RecommendSnapshot,
    taste: Arc<Option<Taste>>,
    now: Timestamp,
}

pub(super) fn run(shop: &Path, arguments: &Arguments, output: &Output) -> Result<(), CliError> {
    let started = Instant::now();
    if !(1..=LIMIT_MAX).contains(&arguments.limit) {
        return Err(CliError::Refused(format!("--limit must be between 1 and {LIMIT_MAX}")));
    }
    let config = Config::of_shop(shop)?;
    // Before the shop is opened: the journal has one holder.
    let shoppers = if arguments.kind.is_about_shopper() { shoppers_of(&crate::app::Folders::of(shop))? } else { Vec::new() };
    let opened = Shop::open(shop, OpenOptions::serving(config))?;
    let exported = export(&opened, shoppers, arguments, output);
    opened.stop();
    let (subjects, recommendations) = exported?;
    let seconds = started.elapsed().as_secs_f64();
    let exported = Exported { kind: arguments.kind, file: arguments.out.clone(), subjects, recommendations, seconds };
    output.report(&exported, |exported| {
        let Exported { kind, file, subjects, recommendations, seconds } = exported;
        format!("{}: {recommendations} recommendations of kind {} for {subjects} in {seconds:.1} s", file.display(), kind.name())
    });
    Ok(())
}

fn export(shop: &Shop, shoppers: Vec<ShopperId>, arguments: &Arguments, output: &Output) -> Result<(usize, u64), CliError> {
    let readers = shop.readers();
    let moment = readers.moment().ok_or_else(|| CliError::Refused("the shop was opened without an index".to_owned()))?;
    let job = Job { arguments, moment: &moment, tables: &readers.recommend(), taste: readers.taste(), now: shop.now() };
    // A filter with a fault is refused before anything is written.
    job.shelves()?;
    let subjects = match arguments.kind.is_about_shopper() {
        true => Subjects::Shoppers(shoppers),
        false => Subjects::Products(moment.catalog.live().collect()),
    };
    let layout = layout_of(&arguments.out, arguments.format)?;
    let (unfinished, file) = Unfinished::create(&arguments.out)?;
    let failed = |error: io::Error| CliError::file(&arguments.out, error);
    let mut table = TableWriter::create(file, layout, &COLUMNS).map_err(failed)?;
    let bar = output.progress(subjects.len() as u64, "answers").with_message(arguments.kind.name());
    let mut recommendations = 0;
    for start in (0..subjects.len()).step_by(CHUNK) {
        let end = (start + CHUNK).min(subjects.len());
        let rows: Vec<Row> = match &subjects {
            Subjects::Shoppers(shoppers) => job.made(&shoppers[start..end], |job, shopper, shelves| job.for_shopper(shopper, shelves))?,
            Subjects::Products(products) => job.made(&products[start..end], |job, product, shelves| job.for_product(*product, shelves))?,
        };
        for row in rows {
            recommendations += row.len() as u64;
            table.write(&row).map_err(failed)?;
        }
        bar.set_position(end as u64);
    }
    unfinished.finish(table.finish().map_err(failed)?)?;
    bar.finish_and_clear();
    Ok((subjects.len(), recommendations))
}

impl Job<'_> {
    fn shelves(&self) -> Result<Shelves<'_>, CliError> {
        let onlooker = Onlooker { marketplace: self.arguments.marketplace.as_ref(), now: self.now };
        Ok(Shelves::of(self.moment, &self.arguments.filter, onlooker)?.with_taste(Arc::clone(&self.taste)))
    }

    /// The rows of some subjects, in their order.
    fn made<T: Sync>(&self, subjects: &[T], make: impl Fn(&Self, &T, &Shelves<'_>) -> Option<Row> + Sync) -> Result<Vec<Row>, CliError> {
        let shares = subjects.par_chunks(SHARE_MIN).map(|share| {
            let shelves = self.shelves()?;
            Ok(share.iter().filter_map(|subject| make(self, subject, &shelves)).collect::<Vec<Row>>())
        });
        Ok(shares.collect::<Result<Vec<_>, CliError>>()?.concat())
    }

    fn for_shopper(&self, shopper: &ShopperId, shelves: &Shelves<'_>) -> Option<Row> {
        self.row(shopper.to_string(), &Request { shopper: Some(shopper.clone()), ..self.request() }, shelves)
    }

    fn for_product(&self, product: Ordinal, shelves: &Shelves<'_>) -> Option<Row> {
        let name = self.moment.catalog.id_of(product)?.to_string();
        self.row(name, &Request { products: vec![product], ..self.request() }, shelves)
    }

    fn request(&self) -> Request {
        Request { fill: !self.arguments.no_fill, ..Request::of(self.arguments.kind, self.arguments.limit) }
    }

    /// None when there is nothing to recommend.
    fn row(&self, subject: String, request: &Request, shelves: &Shelves<'_>) -> Option<Row> {
        let found = recommend(self.tables, &self.moment.signals, request, shelves);
        let row = Row::of(self.arguments.kind, subject, &found, &self.moment.catalog);
        (row.len() > 0).then_some(row)
    }
}
