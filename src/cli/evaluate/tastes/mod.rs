//! `shopkeeper evaluate recommend` and `sequences`: tastes learnt from one part of what people did foresee the other, method by method or
//! blended, with what was held back inside the training part deciding how.

mod contest;
mod printed;
mod watched;

use crate::cli::output::{CliError, Output};
use crate::learn::evaluate::{self, Case, Draw, HeldBack, Holding};
use crate::learn::formats::{self, History, Names};
use clap::ValueEnum;
use printed::Newcomers;
use std::path::{Path, PathBuf};

/// Shoppers held back for validation: their figures are sure to about two in a hundred, and a trial takes seconds.
const VALIDATION_CASES_MAX: usize = 4_000;

#[derive(clap::Args)]
pub(in crate::cli) struct Recommend {
    /// Interactions to learn from: `shopper product product ...` lines, `shopper,product[,rating],timestamp` lines, or a table or JSON lines that
    /// name a shopper and a product (`docs/FORMATS.md`).
    #[arg(long, required_unless_present = "interactions", requires = "test")]
    train: Option<PathBuf>,
    /// Interactions to foresee.
    #[arg(long, requires = "train")]
    test: Option<PathBuf>,
    /// Interactions to be parted by --split, in place of --train and --test.
    #[arg(long, conflicts_with_all = ["train", "test"])]
    interactions: Option<PathBuf>,
    /// How they are parted.
    #[arg(long, value_enum, default_value_t = Split::LeaveOneOut, requires = "interactions")]
    split: Split,
    /// Share of the interactions, the newest ones, that --split global-time keeps to be foreseen.
    #[arg(long, default_value_t = 0.2, value_parser = share, requires = "interactions")]
    share: f64,
    /// Cutoffs; the first is what is tuned for.
    #[arg(long, value_delimiter = ',', default_value = "20", value_parser = super::search::cutoff)]
    k: Vec<usize>,
    /// What is held back of the training part to learn the blend on; when not given, what was done to part the test from it, as far as sizes
    /// and times tell.
    #[arg(long, value_enum)]
    validate: Option<Validate>,
    /// What becomes of test shoppers that the training part does not have; published protocols differ.
    #[arg(long, value_enum, default_value_t = Unknown::Asked, requires = "test")]
    newcomers: Unknown,
    #[command(flatten)]
    contest: contest::Arguments,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Unknown {
    /// They are asked for without a history, and told what most shoppers had.
    Asked,
    /// They are no cases.
    Skipped,
}

#[derive(clap::Args)]
pub(in crate::cli) struct Sequences {
    /// Sequences in time order.
    file: PathBuf,
    /// Cutoffs; the first is what is tuned for.
    #[arg(long, value_delimiter = ',', default_value = "10", value_parser = super::search::cutoff)]
    k: Vec<usize>,
    /// Train on the product before the last too, as a shop would; the field keeps it for validation.
    #[arg(long)]
    with_validation: bool,
    #[command(flatten)]
    contest: contest::Arguments,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Split {
    /// The last product of each shopper.
    LeaveOneOut,
    /// Everything after one moment.
    GlobalTime,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Validate {
    /// Some products of a shopper, drawn at random.
    Some,
    /// Products of a shopper that stand side by side.
    Run,
    /// The first or last products of every other shopper, some of the others.
    Either,
    /// The newest products of a shopper.
    Newest,
    /// Everything after one moment.
    After,
    /// The last product of a shopper.
    Last,
}

impl Validate {
    fn held_back(self) -> HeldBack {
        match self {
            Self::Some => HeldBack::Some,
            Self::Run => HeldBack::Run,
            Self::Either => HeldBack::Either,
            Self::Newest => HeldBack::Newest,
            Self::After => HeldBack::After,
            Self::Last => HeldBack::Last,
        }
    }
}

fn share(text: &str) -> Result<f64, String> {
    text.parse().ok().filter(|share| (0.001..=0.999).contains(share)).ok_or_else(|| "expected: a share from 0.001 to 0.999".to_owned())
}

/// What is learnt from, held back and foreseen.
struct Parts {
    products_count: u32,
    /// To learn the blend on, held back inside the training part.
    draws: Vec<Draw>,
    /// To learn what is measured from.
    train: Vec<History>,
    test: Vec<Case>,
    /// Who of the test part is not in the training part; none where one file was parted, which has nobody like that.
    newcomers: Option<Newcomers>,
}

pub(super) fn recommend(arguments: &Recommend, output: &Output) -> Result<(), CliError> {
    let mut products = Names::default();
    let (train, mut test, usual) = match (&arguments.interactions, &arguments.train, &arguments.test) {
        (Some(file), ..) => parted(file, arguments, &mut products)?,
        (None, Some(train), Some(test)) => {
            let train = formats::read_interactions(train, &mut products)?;
            let test = formats::read_interactions(test, &mut products)?;
            let (cases, usual) = (evaluate::given(&train, &test), Holding::as_split(&train, &test));
            (train, cases, usual)
        }
        (None, ..) => return Err(CliError::Refused("expected: --train and --test, or --interactions".to_owned())),
    };
    let what = arguments.validate.map_or(usual.what, Validate::held_back);
    let draws = evaluate::hold_back(&train, Holding { what, ..usual }, VALIDATION_CASES_MAX, arguments.contest.seed);
    let newcomers = arguments.test.as_ref().map(|_| apart(&mut test, arguments.newcomers));
    let parts = Parts { products_count: products.len() as u32, draws, train, test, newcomers };
    contest::run(&parts, &arguments.k, &arguments.contest, output)
}

/// Counts who is told nothing, and leaves them out where that is asked for.
fn apart(test: &mut Vec<Case>, unknown: Unknown) -> Newcomers {
    let of = test.len();
    let count = test.iter().filter(|case| case.history.is_empty()).count();
    let are_skipped = unknown == Unknown::Skipped;
    if are_skipped {
        test.retain(|case| !case.history.is_empty());
    }
    Newcomers { count, of, are_skipped }
}

type Parted = (Vec<History>, Vec<Case>, Holding);

fn parted(file: &Path, arguments: &Recommend, products: &mut Names) -> Result<Parted, CliError> {
    let all = formats::read_interactions(file, products)?;
    match arguments.split {
        Split::LeaveOneOut => Ok((evaluate::beginnings(&all, 1), evaluate::leave_one_out(&all, 1), Holding::of(HeldBack::Last))),
        Split::GlobalTime => {
            let parted = evaluate::global_time(&all, arguments.share);
            let (before, cases) = parted.ok_or_else(|| CliError::file(file, "has no times: expected shopper,product,timestamp"))?;
            let one_in = (1.0 / arguments.share).round().max(2.0) as usize;
            Ok((before, cases, Holding { what: HeldBack::After, one_in }))
        }
    }
}

pub(super) fn sequences(arguments: &Sequences, output: &Output) -> Result<(), CliError> {
    let mut products = Names::default();
    let sequences = formats::read_interactions(&arguments.file, &mut products)?;
    let mut validation = evaluate::leave_one_out(&sequences, 2);
    fastrand::Rng::with_seed(arguments.contest.seed).shuffle(&mut validation);
    validation.truncate(VALIDATION_CASES_MAX);
    let fit = evaluate::beginnings(&sequences, 2);
    let train = if arguments.with_validation { evaluate::beginnings(&sequences, 1) } else { fit.clone() };
    let test = evaluate::leave_one_out(&sequences, 1);
    let draws = vec![Draw { rest: fit, cases: validation }];
    let parts = Parts { products_count: products.len() as u32, draws, train, test, newcomers: None };
    contest::run(&parts, &arguments.k, &arguments.contest, output)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whoever was not in the training part was asked for without a word.
    #[test]
    fn shoppers_whom_the_training_part_does_not_have_are_counted_and_may_be_skipped() {
        let case = |history: &[u32]| Case { history: history.to_vec(), wanted: vec![1] };
        let all = vec![case(&[0]), case(&[]), case(&[])];
        let mut asked = all.clone();
        let told = apart(&mut asked, Unknown::Asked);
        assert_eq!((told, asked.len()), (Newcomers { count: 2, of: 3, are_skipped: false }, 3));
        assert!(told.to_string().starts_with("2 of 3 test shoppers are not in the training part; they are asked as newcomers"));
        let mut left = all;
        assert_eq!((apart(&mut left, Unknown::Skipped).count, left), (2, vec![case(&[0])]));
    }
}
