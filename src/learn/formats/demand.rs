//! Demand in wide form: a heading with the periods, then a line a thing: its name, and what was wanted of it in each period. Blank where nobody
//! could know (not on sale, sold out).

use super::form::{is_nobody, split};
use super::{for_each_line, line_error};
use crate::learn::LearnError;
use crate::learn::forecast::Series;
use std::path::Path;

/// Columns of periods: a century of weeks.
const PERIODS_MAX: usize = 5_200;
/// Values in one file: 800 MB of memory.
const VALUES_MAX: usize = 50_000_000;
/// Units in one period, far beyond which sums are still exact.
const UNITS_MAX: f64 = 1.0e9;
/// The first of these that the heading has, cuts.
const SEPARATORS: [&str; 3] = ["\t", ";", ","];

/// Reads the demand of each thing, in the order of the file. Gzip or not; fields are cut at tabs, semicolons or commas.
///
/// # Errors
/// When the file cannot be read; when a line has more or fewer fields than the heading, or a field is neither blank (`NA`, `NaN`, `null`, `none`)
/// nor a number from 0 to a thousand million: with the line and the column.
pub fn read_demand(path: &Path) -> Result<Vec<Series>, LearnError> {
    let mut heading: Option<(&str, Vec<String>)> = None;
    let mut series: Vec<Series> = Vec::new();
    for_each_line(path, |_, line| {
        let Some((separator, periods)) = &heading else {
            heading = Some(heading_of(line)?);
            return Ok(());
        };
        let demand = demand(&split(line, Some(separator)), periods)?;
        if (series.len() + 1).saturating_mul(periods.len()) > VALUES_MAX {
            return Err(format!("more than {VALUES_MAX} values in one file"));
        }
        series.push(demand);
        Ok(())
    })?;
    if heading.is_none() {
        return Err(line_error(path, 1, "is empty: expected a heading, `series,2026-01,2026-02,...`, and a line for each series"));
    }
    Ok(series)
}

fn heading_of(line: &str) -> Result<(&'static str, Vec<String>), String> {
    let separator = SEPARATORS.into_iter().find(|separator| line.contains(separator));
    let separator = separator.ok_or("expected a heading with a column for each period, `series,2026-01,2026-02,...`")?;
    let periods: Vec<String> = split(line, Some(separator)).into_iter().skip(1).map(str::to_owned).collect();
    if periods.len() > PERIODS_MAX {
        return Err(format!("has {} periods, at most {PERIODS_MAX} are read", periods.len()));
    }
    // Long form: one of the numbers would be taken for a series of its own.
    if periods.len() < 2 {
        return Err("has one period only: expected a column for each, `series,2026-01,2026-02,...`".to_owned());
    }
    Ok((separator, periods))
}

fn demand(fields: &[&str], periods: &[String]) -> Result<Series, String> {
    let (name, values) = fields.split_first().unwrap_or((&"", &[]));
    if values.len() != periods.len() {
        return Err(format!("has {} fields, and the heading {}", fields.len(), periods.len() + 1));
    }
    let units = |(place, text): (usize, &&str)| {
        if is_nobody(text) {
            return Ok(None);
        }
        let units: Option<f64> = text.parse().ok().filter(|units| (0.0..=UNITS_MAX).contains(units));
        let said = || format!("column {} ({}): neither blank nor a number of units from 0: {text}", place + 2, periods[place]);
        units.map(Some).ok_or_else(said)
    };
    let demand = values.iter().enumerate().map(units).collect::<Result<_, String>>()?;
    Ok(Series { name: (*name).to_owned(), demand })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<Series>, LearnError> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("demand.csv");
        std::fs::write(&path, text).expect("writes");
        read_demand(&path)
    }

    #[test]
    fn blank_is_unknown_and_zero_is_zero() {
        let expected = [
            Series { name: "lamp".to_owned(), demand: vec![None, Some(0.0), Some(2.5)] },
            Series { name: "sofa, red".to_owned(), demand: vec![Some(1.0), None, None] },
        ];
        assert_eq!(read("series,t1,t2,t3\nlamp,,0,2.5\n\"sofa, red\",1,NA,\n").expect("reads"), expected);
        assert_eq!(read("series\tt1\tt2\tt3\nlamp\t\t0\t2.5\nsofa, red\t1\t\tnan\n").expect("reads"), expected);
        assert_eq!(read("series,t1,t2\n").expect("reads"), []);
    }

    #[test]
    fn what_is_wrong_is_named_by_line_and_column() {
        let check = |text: &str, said: &str| {
            let error = read(text).expect_err(text).to_string();
            assert!(error.contains(said), "{text}: {error}");
        };
        check("series,t1,t2\na,1,2\nb,1,x\n", "demand.csv:3: column 3 (t2): neither blank nor a number");
        check("series,t1,t2\na,-1,2\n", "demand.csv:2: column 2 (t1)");
        check("series,t1,t2\na,inf,2\n", "demand.csv:2: column 2 (t1)");
        check("series,t1,t2\na,2e9,2\n", "demand.csv:2: column 2 (t1)");
        check("series,t1,t2\na,1\n", "demand.csv:2: has 2 fields, and the heading 3");
        check("series,t1,t2\na,1,2,3\n", "demand.csv:2: has 4 fields");
        check("sku,units\na,1\n", "demand.csv:1: has one period only");
        check("something else\n", "demand.csv:1: expected a heading");
        check("", "demand.csv:1: is empty");
    }
}
