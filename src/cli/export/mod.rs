//! `shopkeeper export`: what the shop knows, as files for other systems.

mod parquet;
mod recommendations;
mod rows;

use super::output::{CliError, Output};
use std::path::Path;

#[derive(clap::Subcommand)]
pub(super) enum Command {
    /// Recommendations for all shoppers, or for all products.
    Recommendations(recommendations::Arguments),
}

pub(super) fn run(shop: &Path, command: &Command, output: &Output) -> Result<(), CliError> {
    match command {
        Command::Recommendations(arguments) => recommendations::run(shop, arguments, output),
    }
}
