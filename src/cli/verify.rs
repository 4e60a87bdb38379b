//! `shopkeeper verify`: checks every checksum and invariant of a shop directory and lists what is broken.

use super::output::{CliError, Output};
use super::running;
use super::{folders_of, open_offline};
use crate::event::Stream;
use crate::journal::{self, disk::RealDisk};
use crate::pipeline::ACCESS_JOURNAL;
use crate::search::index;
use serde::Serialize;
use std::path::Path;

#[derive(Serialize)]
struct Verified {
    records: u64,
    segments: u64,
    generations: usize,
    products: usize,
    orders: usize,
    broken: Vec<String>,
}

pub(super) fn run(shop: &Path, output: &Output) -> Result<(), CliError> {
    let folders = folders_of(shop)?;
    if running::server_of(shop).is_some() {
        return Err(CliError::Refused(
            "a server has this shop open: verify what `shopkeeper restore` makes of a `shopkeeper backup`, or stop the server".to_owned(),
        ));
    }
    let mut verified = Verified { records: 0, segments: 0, generations: 0, products: 0, orders: 0, broken: Vec::new() };
    for stream in Stream::ALL.map(Stream::name).into_iter().chain([ACCESS_JOURNAL]) {
        let folder = folders.journal().join(stream);
        let report = journal::verify(&folder, &RealDisk).map_err(|error| CliError::file(&folder, error))?;
        verified.records += report.records_count;
        verified.segments += report.segments_count;
        verified.broken.extend(report.broken.into_iter().map(|what| format!("{stream} journal: {what}")));
    }
    for manifest in index::list_generations(&folders.index) {
        verified.generations += 1;
        let broken = index::verify_generation(&folders.index, manifest.id).err();
        verified.broken.extend(broken.map(|reason| format!("{}: {reason}", manifest.id)));
    }
    if verified.broken.is_empty() {
        check_state(shop, &mut verified)?;
    }
    output.report(&verified, |verified| {
        let counts = format!(
            "{} records in {} segments, {} generations, {} products, {} orders",
            verified.records, verified.segments, verified.generations, verified.products, verified.orders
        );
        if verified.broken.is_empty() { format!("{counts}: all is well") } else { format!("{counts}\n  {}", verified.broken.join("\n  ")) }
    });
    if verified.broken.is_empty() { Ok(()) } else { Err(CliError::Refused(format!("{} things are broken", verified.broken.len()))) }
}

/// Opens the shop as a server would and checks the state that comes out.
fn check_state(shop: &Path, verified: &mut Verified) -> Result<(), CliError> {
    let opened = open_offline(shop)?;
    let trade = opened.readers().trade();
    verified.broken.extend(trade.check_invariants());
    verified.orders = trade.orders_count();
    verified.products = opened.readers().catalog().products_count();
    opened.stop();
    Ok(())
}
