//! `shopkeeper export`: what the shop knows, as files for other systems.

mod file;
mod recommendations;
mod subjects;

use super::output::{CliError, Output};
use crate::app::Subject;
use std::path::Path;

#[derive(clap::Subcommand)]
pub(super) enum Command {
    /// All products, as a file that `import` takes back unchanged.
    Products(subjects::Arguments),
    /// All orders, the oldest first; in tables a row for each line.
    Orders(subjects::Arguments),
    /// What shoppers did, in the order of the journal.
    Events(subjects::Arguments),
    /// Recommendations for all shoppers, or for all products.
    Recommendations(recommendations::Arguments),
}

pub(super) fn run(shop: &Path, command: &Command, output: &Output) -> Result<(), CliError> {
    match command {
        Command::Products(arguments) => subjects::run(shop, Subject::Products, arguments, output),
        Command::Orders(arguments) => subjects::run(shop, Subject::Orders, arguments, output),
        Command::Events(arguments) => subjects::run(shop, Subject::Events, arguments, output),
        Command::Recommendations(arguments) => recommendations::run(shop, arguments, output),
    }
}
