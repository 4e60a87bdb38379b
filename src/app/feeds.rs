//! Feeds on their way into the shop: the same import as by hand, and what becomes of products that a feed has no more.
//!
//! Which products a feed had is kept beside what is remembered of it, one identifier a line. A product that it had and has no more is taken off
//! sale, if the operator wants that, unless another feed has it, or so many are missing at once that the feed is rather at fault.

use super::{CatalogCommand, ImportError, ImportKind, PutOutcome, Rejects, Shop, Watcher, import};
use crate::catalog::formats::{ColumnMap, ImportOptions, Meter};
use crate::connect::feeds::{FeedKind, Settings, Taken, Taker};
use crate::id::ProductId;
use crate::stdx::digest;
use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Weak;

/// Products taken off sale together.
const REMOVED_BATCH: usize = 1_000;
const PRODUCTS_ENDING: &str = "products";

/// Brings feeds into a shop for as long as there is one.
pub(super) struct Door(pub(super) Weak<Shop>);

impl Taker for Door {
    fn take(&self, feed: &Settings, file: &Path, is_wanted: &dyn Fn() -> bool) -> Result<Taken, String> {
        let shop = self.0.upgrade().ok_or("the shop is closing")?;
        taken(&shop, feed, file, is_wanted).map_err(|error| error.to_string())
    }
}

/// The folder of everything about feeds.
pub(super) fn folder_of(shop: &Shop) -> PathBuf {
    shop.folders().data.join("feeds")
}

fn failed(path: &Path) -> impl Fn(io::Error) -> ImportError {
    let path = path.to_owned();
    move |error| ImportError::File { path: path.clone(), reason: error.to_string() }
}

fn taken(shop: &Shop, feed: &Settings, file: &Path, is_wanted: &dyn Fn() -> bool) -> Result<Taken, ImportError> {
    let rejects_name = format!("rejects/feed-{}.rejects.jsonl", feed.name);
    let rejects_path = shop.folders().data.join(&rejects_name);
    // What the run before refused would be taken for what this one does.
    if rejects_path.exists() {
        fs::remove_file(&rejects_path).map_err(failed(&rejects_path))?;
    }
    let mut rejects = Rejects::new(rejects_path);
    let own = folder_of(shop).join(format!("{}.{PRODUCTS_ENDING}", feed.name));
    let mut watcher = Seen { is_wanted, list: None };
    let kind = match feed.kind {
        FeedKind::Products => ImportKind::Products,
        FeedKind::Stock => ImportKind::Stock,
    };
    if feed.delist_percent_max.is_some() && kind == ImportKind::Products {
        watcher.list = Some(List::create(&own).map_err(failed(&own))?);
    }
    let imported = import(shop, file, kind, &options_of(feed)?, &mut rejects, &mut watcher)?;
    let (rejected, refused_in) = rejects.finish()?;
    if !imported.is_whole {
        let reason = format!("cannot be read to its end; {} rows were taken, and data/{rejects_name} says where it ends", imported.taken);
        return Err(ImportError::File { path: feed.name.clone().into(), reason });
    }
    let mut taken = Taken {
        rows: imported.rows,
        taken: imported.taken,
        unchanged: imported.unchanged,
        rejected,
        delisted: 0,
        rejects_file: refused_in.map(|_| format!("data/{rejects_name}")),
        remarks: imported.remarks,
    };
    if let (Some(list), Some(percent_max)) = (watcher.list, feed.delist_percent_max) {
        let delisting = list.delist(shop, percent_max)?;
        taken.delisted = delisting.removed;
        taken.remarks.extend(delisting.remark);
    }
    Ok(taken)
}

fn options_of(feed: &Settings) -> Result<ImportOptions, ImportError> {
    let open = |path: &PathBuf| ColumnMap::open(path).map_err(|error| ImportError::File { path: path.clone(), reason: error.to_string() });
    let map = feed.map.as_ref().map(open).transpose()?.unwrap_or_default();
    Ok(ImportOptions {
        format: feed.format,
        encoding: feed.encoding,
        currency: feed.currency,
        is_currency_told: true,
        language: Some(feed.language),
        map,
        ..ImportOptions::default()
    })
}

/// Sees which products a feed has.
struct Seen<'a> {
    is_wanted: &'a dyn Fn() -> bool,
    list: Option<List>,
}

impl Watcher for Seen<'_> {
    fn is_wanted(&self, _: &Meter) -> bool {
        (self.is_wanted)()
    }

    fn sees(&mut self, product: &ProductId) {
        self.list.iter_mut().for_each(|list| list.add(product));
    }
}

/// The products that a feed has now, as they are being listed, beside those that it had.
struct List {
    before: PathBuf,
    path: PathBuf,
    out: BufWriter<File>,
    /// Digests of what is listed.
    seen: HashSet<u64>,
    failure: Option<io::Error>,
}

struct Delisting {
    removed: u64,
    remark: Option<String>,
}

fn short_of(product: &str) -> u64 {
    digest::short(&digest::blake3(&[product.as_bytes()]))
}

impl List {
    fn create(before: &Path) -> io::Result<Self> {
        let path = before.with_extension("unfinished");
        let out = BufWriter::new(File::create(&path)?);
        Ok(Self { before: before.to_owned(), path, out, seen: HashSet::new(), failure: None })
    }

    fn add(&mut self, product: &ProductId) {
        if self.seen.insert(short_of(product.as_str())) {
            // Told when the list is needed: until then the rows matter more.
            self.failure = writeln!(self.out, "{product}").err().or(self.failure.take());
        }
    }

    /// Takes off sale what the feed had and has no more, and lets this list take the place of the one before.
    fn delist(mut self, shop: &Shop, percent_max: u8) -> Result<Delisting, ImportError> {
        if let Some(error) = self.failure.take() {
            return Err(failed(&self.path)(error));
        }
        let (vanished, before_count) = self.vanished(shop).map_err(failed(&self.before))?;
        let most = (before_count * usize::from(percent_max)).div_ceil(100);
        let delisting = if vanished.len() > most {
            // They stay on the list, so that the next run asks again.
            vanished.iter().for_each(|product| self.add(product));
            let remark = format!(
                "{} of {before_count} products are missing, more than {percent_max} %: none was taken off sale, as if the feed were at fault",
                vanished.len()
            );
            Delisting { removed: 0, remark: Some(remark) }
        } else {
            Delisting { removed: remove(shop, vanished)?, remark: None }
        };
        let path = self.path.clone();
        self.keep().map_err(failed(&path))?;
        Ok(delisting)
    }

    /// Products on sale that the feed had, and that neither it nor another feed has now; and how many it had.
    fn vanished(&self, shop: &Shop) -> io::Result<(Vec<ProductId>, usize)> {
        let catalog = shop.readers().catalog();
        let (mut vanished, mut before_count) = (Vec::new(), 0);
        each_line(&self.before, &mut |line| {
            before_count += 1;
            let product = ProductId::new(line).ok().filter(|_| !self.seen.contains(&short_of(line)));
            vanished.extend(product.filter(|product| catalog.ordinal_of(product).is_some()));
        })?;
        let elsewhere = self.elsewhere(&vanished)?;
        vanished.retain(|product| !elsewhere.contains(product.as_str()));
        Ok((vanished, before_count))
    }

    /// Those of these products that another feed has.
    fn elsewhere(&self, products: &[ProductId]) -> io::Result<HashSet<String>> {
        let wanted: HashSet<&str> = products.iter().map(ProductId::as_str).collect();
        let mut found = HashSet::new();
        if wanted.is_empty() {
            return Ok(found);
        }
        for entry in fs::read_dir(self.before.parent().unwrap_or(&self.before))? {
            let path = entry?.path();
            if path != self.before && path.extension().is_some_and(|ending| ending == PRODUCTS_ENDING) {
                each_line(&path, &mut |line| {
                    found.extend(wanted.get(line).map(|product| (*product).to_owned()));
                })?;
            }
        }
        Ok(found)
    }

    fn keep(mut self) -> io::Result<()> {
        if let Some(error) = self.failure.take() {
            return Err(error);
        }
        self.out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
        fs::rename(&self.path, &self.before)
    }
}

/// Visits the lines of a list; one that is not there has none.
fn each_line(path: &Path, visit: &mut dyn FnMut(&str)) -> io::Result<()> {
    let file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        opened => opened?,
    };
    BufReader::new(file).lines().try_for_each(|line| line.map(|line| visit(&line)))
}

fn remove(shop: &Shop, products: Vec<ProductId>) -> Result<u64, ImportError> {
    let mut removed = 0;
    for batch in products.chunks(REMOVED_BATCH) {
        let commands = batch.iter().map(|id| CatalogCommand::Remove { id: id.clone() }).collect();
        let outcomes = shop.wait(|reply| shop.catalog(commands, reply))??;
        removed += outcomes.iter().filter(|outcome| matches!(outcome, PutOutcome::Removed(_))).count() as u64;
    }
    Ok(removed)
}
