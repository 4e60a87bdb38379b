//! `shopkeeper serve`: opens the shop, tells where to look, and answers until told to stop.

use super::output::{CliError, Output};
use super::running;
use crate::app::{self, Folders, OpenOptions, Shop};
use crate::config::Config;
use crate::demo;
use crate::http;
use crate::learn::LearnError;
use crate::search::index;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long a server that does not answer any more may take to let go of the shop: checkpoints are written, or gigabytes of memory given back.
const ENDING_PATIENCE: Duration = Duration::from_secs(10);
/// How often it is looked at.
const ENDING_ASKED_EVERY: Duration = Duration::from_millis(50);
/// Products of the largest sample shop that can be asked for.
const PRODUCTS_MAX: i64 = 1_000_000;

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Address and port; only loopback addresses while no key was ever made.
    #[arg(long)]
    listen: Option<SocketAddr>,
    /// Fill an empty shop directory with the sample shop first.
    #[arg(long)]
    demo: bool,
    /// About how many products the sample shop has; its shoppers and their history are in proportion.
    #[arg(long, value_name = "COUNT", requires = "demo", value_parser = clap::value_parser!(u32).range(1..=PRODUCTS_MAX))]
    products: Option<u32>,
    /// A socket of this machine that webhooks may be sent to in the clear, for development; may be given several times.
    #[arg(long, value_name = "ADDRESS")]
    allow_webhook_to: Vec<SocketAddr>,
    /// Begin with new keys for people's texts although the journal holds texts of older ones: those are then erased, for ever.
    #[arg(long)]
    give_up_lost_keys: bool,
}

impl Arguments {
    /// How the shop is opened before it is served.
    fn offline(&self, config: &Config) -> OpenOptions {
        OpenOptions { gives_up_lost_keys: self.give_up_lost_keys, ..OpenOptions::offline(config.clone()) }
    }
}

pub(super) fn run(shop: &Path, arguments: &Arguments, output: &Output) -> Result<(), CliError> {
    let mut config = Config::of_shop(shop)?;
    config.webhooks.allow.extend(&arguments.allow_webhook_to);
    let config = config.check()?;
    let listen = arguments.listen.unwrap_or(config.listen);
    wait_for_the_last(shop, output);
    if arguments.demo {
        let size = arguments.products.map_or(demo::Size::FULL, |count| demo::Size::of(count as usize));
        fill_when_empty(shop, arguments.offline(&config), size, output)?;
    }
    learn_before_first_index(shop, arguments.offline(&config), output)?;
    let started = Instant::now();
    let (folder, http) = (shop.to_owned(), config.http.clone());
    let options = OpenOptions { gives_up_lost_keys: arguments.give_up_lost_keys, ..OpenOptions::serving(config) };
    let shop = Arc::new(Shop::open(shop, options.with_payment_providers()?)?);
    let products_count = shop.readers().catalog().products_count();
    let mut announced = None;
    let is_closed = shop.readers().access().book().is_closed();
    let secret = shop.operator_secret().to_owned();
    let announce = |address: SocketAddr, url: &str| {
        announced = Some(running::announce(&folder, address, &secret));
        let ready_ms = started.elapsed().as_millis();
        output.remark(&format!(
            "{products_count} products, ready in {ready_ms} ms; {}",
            if is_closed { "requests need a key" } else { "no keys exist, so every request from this machine is answered" }
        ));
        output.remark(&format!("  storefront  {url}/"));
        output.remark(&format!("  API         {url}/docs"));
        output.remark(&format!("  search      {url}/v1/search?q=lamp&facets=brand,category&explain=true"));
        output.remark(&format!("  metrics     {url}/metrics"));
    };
    let served = http::serve(Arc::clone(&shop), listen, &http, announce);
    shop.stop();
    drop(announced);
    Ok(served?)
}

/// Lets a server come to its end that was stopped or killed a moment ago: it answers no more, and still holds the shop. One that answers is there to
/// stay, and opening the shop says so.
fn wait_for_the_last(shop: &Path, output: &Output) {
    let (folders, started) = (Folders::of(shop), Instant::now());
    let is_ending = || !folders.are_free() && running::server_of(shop).is_none();
    let mut is_told = false;
    while started.elapsed() < ENDING_PATIENCE && is_ending() {
        if !std::mem::replace(&mut is_told, true) {
            output.remark("another process has this shop open and does not answer; waiting for its end");
        }
        std::thread::sleep(ENDING_ASKED_EVERY);
    }
}

/// The first generation should have vectors: a shop that was filled and never indexed learns its embeddings now.
fn learn_before_first_index(shop: &Path, options: OpenOptions, output: &Output) -> Result<(), CliError> {
    let folders = Folders::of(shop);
    let is_indexed = index::current(&folders.index).is_some();
    if is_indexed || app::embeddings_file(&folders.models).exists() {
        return Ok(());
    }
    let opened = Shop::open(shop, options)?;
    let catalog = opened.readers().catalog();
    let learned = if catalog.products_count() > 0 { Some(app::train_embeddings(&catalog, &folders.models, &|_, _| {})) } else { None };
    opened.stop();
    match learned.transpose() {
        Ok(None) => Ok(()),
        Ok(Some(trained)) => {
            output.remark(&format!("learned embeddings of {} terms from {} products", trained.terms_count(), catalog.products_count()));
            Ok(())
        }
        Err(LearnError::TooLittle(reason)) => {
            output.remark(&format!("search goes by words only: {reason}"));
            Ok(())
        }
        Err(error) => Err(error.into()),
    }
}

fn fill_when_empty(shop: &Path, options: OpenOptions, size: demo::Size, output: &Output) -> Result<(), CliError> {
    let opened = Shop::open(shop, options)?;
    if opened.readers().catalog().ordinals_end().index() > 0 {
        opened.stop();
        return Ok(());
    }
    output.remark("The shop directory is empty; filling it with the sample shop.");
    let started = Instant::now();
    let bar = output.progress(1, "rows");
    let report = |step: &str, done: u64, total: u64| {
        bar.set_message(step.to_owned());
        bar.set_length(total);
        bar.set_position(done);
    };
    let filled = app::fill_with_demo(&opened, app::DEMO_SEED, size, &report)?;
    bar.finish_and_clear();
    opened.stop();
    output.remark(&format!(
        "{} products, {} stock levels, {} events and {} orders in {:.1} s",
        filled.products,
        filled.stock_levels,
        filled.events,
        filled.orders,
        started.elapsed().as_secs_f64()
    ));
    Ok(())
}
