//! `shopkeeper evaluate spelling`: reads misspelled queries with the shop's own words and compares with what people made of them.

use crate::cli::output::{CliError, Output};
use crate::learn::evaluate::{self, Miss, Report};
use crate::learn::formats::{self, Correction};
use crate::search::understand::{Manner, understand_at};
use clap::ValueEnum;
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
pub(in crate::cli) struct Arguments {
    /// Corrections, `typed,meant` lines below a header line.
    file: PathBuf,
    /// Every row, or every second one from the first or the second on.
    #[arg(long, value_enum, default_value_t = Rows::All)]
    rows: Rows,
    /// List what was read otherwise than expected, one a line: typed, read, expected, words that were right and changed.
    #[arg(long)]
    misses: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Rows {
    All,
    Odd,
    Even,
}

pub(super) fn run(shop: &Path, arguments: &Arguments, output: &Output) -> Result<Report, CliError> {
    let is_wanted = |row: usize| match arguments.rows {
        Rows::All => true,
        Rows::Odd => row % 2 == 1,
        Rows::Even => row.is_multiple_of(2),
    };
    let corrections = (1..).zip(formats::read_corrections(&arguments.file)?).filter(|(row, _)| is_wanted(*row));
    let corrections: Vec<Correction> = corrections.map(|(_, correction)| correction).collect();
    let opened = super::opened(shop)?;
    let moment = opened.readers().moment().ok_or_else(|| CliError::Refused("the shop has no index".to_owned()))?;
    let mut read = |typed: &str| understand_at(&moment, None, typed, Manner::default()).read;
    let (report, missed) = evaluate::evaluate_spelling(&corrections, &mut read);
    opened.stop();
    for Miss { typed, read, expected, spoilt } in missed.iter().filter(|_| arguments.misses) {
        output.remark(&format!("{typed}\t{read}\t{expected}\t{}", spoilt.join(" ")));
    }
    Ok(report)
}
