//! A file of interactions row by row, whatever its form.

use super::for_each_line;
use super::form::{By, Columns, Form, is_nobody, split};
use super::moments::time;
use crate::learn::LearnError;
use std::path::Path;

/// Lines that are looked at to tell the form: a column of grades shows itself within them.
const SAMPLE_LINES: usize = 1_000;

/// What a line says.
pub(super) enum Row<'a> {
    /// Everything that a shopper, or one of their baskets, has.
    List(&'a str, &'a [&'a str]),
    /// One interaction.
    One { shopper: &'a str, product: &'a str, time: Option<f64>, basket: Option<&'a str>, quantity: Option<&'a str> },
}

/// Calls `each` with every row; a file without any is refused. Names that name nobody are passed over; where a visit is named beside, it stands for its visitor.
pub(super) fn for_each_row(path: &Path, by: By, mut each: impl FnMut(Row<'_>) -> Result<(), String>) -> Result<(), LearnError> {
    let mut sample: Vec<(u64, String)> = Vec::new();
    let mut form = None;
    let settle = |sample: &mut Vec<(u64, String)>, form: &mut Option<Form>, each: &mut dyn FnMut(Row<'_>) -> Result<(), String>| {
        let lines: Vec<&str> = sample.iter().map(|(_, line)| line.as_str()).collect();
        let found = Form::of(&lines, by).map_err(|what| super::line_error(path, sample.first().map_or(1, |(number, _)| *number), what))?;
        let heading = usize::from(matches!(found, Form::Table { is_headed: true, .. }));
        for (number, line) in sample.drain(..).skip(heading) {
            row(number, &line, &found, each).map_err(|what| super::line_error(path, number, what))?;
        }
        *form = Some(found);
        Ok::<(), LearnError>(())
    };
    let mut failed = None;
    for_each_line(path, |number, line| {
        if let Some(form) = &form {
            return row(number, line, form, &mut each);
        }
        sample.push((number, line.to_owned()));
        if sample.len() == SAMPLE_LINES {
            settle(&mut sample, &mut form, &mut each).map_err(|error| {
                failed = Some(error);
                String::new()
            })?;
        }
        Ok(())
    })
    .map_err(|error| failed.take().unwrap_or(error))?;
    if form.is_none() {
        if sample.is_empty() {
            return Err(super::line_error(path, 1, "the file is empty: no interactions are in it"));
        }
        settle(&mut sample, &mut form, &mut each)?;
    }
    Ok(())
}

fn row(number: u64, line: &str, form: &Form, each: &mut dyn FnMut(Row<'_>) -> Result<(), String>) -> Result<(), String> {
    match form {
        Form::Lists { separator } => {
            let fields = split(line, *separator);
            let (shopper, list) = fields.split_first().ok_or("expected: shopper product product ...")?;
            let list: Vec<&str> = list.iter().copied().filter(|product| !product.is_empty()).collect();
            each(Row::List(shopper, &list))
        }
        Form::Counted => {
            let mut products = line.split_whitespace();
            let count = products.next().unwrap_or_default();
            let products: Vec<&str> = products.collect();
            if count != products.len().to_string() {
                return Err(format!("says that {count} products follow, as every line before says of its own, and {} do", products.len()));
            }
            each(Row::List(&number.to_string(), &products))
        }
        Form::Table { separator, columns, .. } => {
            let fields = split(line, *separator);
            let at = |place: usize| fields.get(place).copied().ok_or_else(|| format!("has {} fields, which is too few", fields.len()));
            one(columns, at, each)
        }
        Form::Pairs { separator } => {
            let (shopper, list) = line.split_once(separator).ok_or("expected: a shopper, and products with white space between them")?;
            each(Row::List(shopper.trim(), &list.split_whitespace().collect::<Vec<_>>()))
        }
        Form::Objects(objects) => objects.rows(line, each),
    }
}

/// One interaction, from fields by their places.
pub(super) fn one<'a>(
    columns: &Columns,
    at: impl Fn(usize) -> Result<&'a str, String>,
    each: &mut dyn FnMut(Row<'_>) -> Result<(), String>,
) -> Result<(), String> {
    let (shopper, product) = (at(columns.shopper)?, at(columns.product)?);
    let visit = columns.visit.map(&at).transpose()?.filter(|visit| is_nobody(shopper) && !is_nobody(visit));
    let [basket, quantity] = [columns.basket, columns.quantity].map(|place| place.map(&at).transpose());
    let (basket, quantity) = (basket?, quantity?);
    let told = columns.time.map(|place| moment(at(place)?)).transpose()?;
    let since_ms = columns.since.map(|place| moment(at(place)?)).transpose()?;
    let time = told.map_or(since_ms, |told| Some(told + since_ms.unwrap_or(0.0) / 1_000.0));
    if (is_nobody(shopper) && visit.is_none()) || is_nobody(product) {
        return Ok(());
    }
    // A visit may be called what somebody else is called.
    let visit = visit.map(|visit| format!("visit {visit}"));
    each(Row::One { shopper: visit.as_deref().unwrap_or(shopper), product, time, basket, quantity })
}

fn moment(text: &str) -> Result<f64, String> {
    time(text).ok_or_else(|| format!("the timestamp is neither a number nor a date: {text}"))
}
