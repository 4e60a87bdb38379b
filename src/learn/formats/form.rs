//! How a file of interactions is written, as its first lines tell: lists, or a table with a row an interaction, its columns told by a heading
//! or by what stands in them.

use super::heading::{half_a_heading, headed};
use super::moments::{date, is_epoch, time};
use super::objects::Objects;
use std::collections::HashSet;

/// How a file is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Form {
    /// `shopper product product ...`, cut at the separator; none: at white space.
    Lists { separator: Option<&'static str> },
    /// How many products follow, and these; whose they are is told by the place of the line alone.
    Counted,
    /// A shopper, the separator, and products with white space between them.
    Pairs { separator: &'static str },
    /// A row an interaction.
    Table { separator: Option<&'static str>, columns: Columns, is_headed: bool },
    /// A JSON object a line.
    Objects(Objects),
}

/// Where things stand in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Columns {
    pub(super) shopper: usize,
    /// Who it was where the shopper is nobody known.
    pub(super) visit: Option<usize>,
    pub(super) product: usize,
    pub(super) time: Option<usize>,
    /// Milliseconds since the visit began, beside a time that is but a day.
    pub(super) since: Option<usize>,
    /// The order or basket that it was part of.
    pub(super) basket: Option<usize>,
    /// How many units.
    pub(super) quantity: Option<usize>,
}

/// Who the rows are grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    Shopper,
    Session,
}

/// Fewer lines tell nothing about what a column holds: whether small numbers are grades, or equal lines a table.
const TELLING_LINES_MIN: usize = 20;
const GRADES_MAX: usize = 21;
const GRADE_MAX: f64 = 10.0;

impl Form {
    /// What the first lines say.
    pub(super) fn of(lines: &[&str], by: By) -> Result<Self, String> {
        let Some(&first) = lines.first() else { return Ok(Self::Lists { separator: None }) };
        if first.trim_start().starts_with('{') {
            return Objects::of(first, by).map(Self::Objects);
        }
        if first.trim_start().starts_with('[') {
            return Err(
                "begins with [: expected a table, lists, or one JSON object a line (jq -c '.[]' makes such lines of an array)".to_owned()
            );
        }
        let separators = [Some("::"), Some("\t"), Some(";"), Some(","), Some("|"), None];
        if let Some(headed) = separators.into_iter().find_map(|separator| headed(lines, separator, by)) {
            return Ok(headed);
        }
        let separator = separators.into_iter().flatten().find(|separator| first.contains(separator));
        half_a_heading(lines, separator)?;
        let rows: Vec<Vec<&str>> = lines.iter().map(|line| split(line, separator)).collect();
        let width = rows[0].len();
        if separator.is_none() && are_counted(&rows) {
            return Ok(Self::Counted);
        }
        if let Some(separator) = separator.filter(|_| are_pairs(&rows)) {
            return Ok(Self::Pairs { separator });
        }
        let is_table = rows.iter().all(|row| row.len() == width) && width > 1;
        let found = is_table.then(|| by_content(&rows, separator, by)).flatten();
        match found {
            Some((columns, is_headed)) => Ok(Self::Table { separator, columns, is_headed }),
            None if by == By::Session && width < 2 => Err("expected: session, product, time".to_owned()),
            None => Ok(Self::Lists { separator }),
        }
    }
}

/// The fields of a line, without the white space and quotes around them. What stands in quotes is not cut.
pub(super) fn split<'a>(line: &'a str, separator: Option<&str>) -> Vec<&'a str> {
    fn bare(field: &str) -> &str {
        field.trim().trim_matches('"')
    }
    match separator {
        None => line.split_whitespace().map(bare).collect(),
        Some(separator) if !line.contains('"') => line.split(separator).map(bare).collect(),
        Some(separator) => {
            let (mut fields, mut start, mut is_quoted, mut at) = (Vec::new(), 0, false, 0);
            while at < line.len() {
                let rest = &line.as_bytes()[at..];
                if rest[0] == b'"' {
                    is_quoted = !is_quoted;
                } else if !is_quoted && rest.starts_with(separator.as_bytes()) {
                    fields.push(bare(&line[start..at]));
                    at += separator.len();
                    start = at;
                    continue;
                }
                at += 1;
            }
            fields.push(bare(&line[start..]));
            fields
        }
    }
}

/// Whether a name says that nobody, or nothing, is known.
pub(super) fn is_nobody(name: &str) -> bool {
    name.is_empty() || ["na", "nan", "null", "none"].iter().any(|nobody| name.eq_ignore_ascii_case(nobody))
}

/// Whether every line is a shopper and numbers with white space between them. A product's name may be of several words, but not all of numbers.
fn are_pairs(rows: &[Vec<&str>]) -> bool {
    let is_list = |field: &str| field.split_whitespace().all(|piece| piece.bytes().all(|byte| byte.is_ascii_digit()));
    let is_long = |row: &Vec<&str>| row[1].split_whitespace().nth(1).is_some();
    rows.iter().all(|row| row.len() == 2 && is_list(row[1])) && rows.iter().any(is_long)
}

/// Whether every line begins with the number of what follows, as sets of articles and their readers do.
fn are_counted(rows: &[Vec<&str>]) -> bool {
    let counts: HashSet<usize> = rows.iter().map(Vec::len).collect();
    let is_counted = |row: &Vec<&str>| row[0].parse() == Ok(row.len() - 1);
    rows.len() >= TELLING_LINES_MIN && counts.len() > 1 && rows.iter().all(is_counted)
}

/// Whether lines of equal length are rows of a table though no column says when: shoppers come again, and what stands behind the product is of
/// another kind, with other values or with few of them.
fn are_rows(rows: &[Vec<&str>]) -> bool {
    let values = |column: usize| rows.iter().map(|row| row[column]).collect::<HashSet<&str>>();
    let (shoppers, products) = (values(0), values(1));
    let is_of_another_kind = |column: usize| {
        let values = values(column);
        values.len() * 4 <= products.len() || values.is_disjoint(&products)
    };
    rows.len() >= TELLING_LINES_MIN && shoppers.len() * 5 <= rows.len() * 4 && (2..rows[0].len()).any(is_of_another_kind)
}

/// Columns by what stands in them: a date or a time since 1970 says when, small numbers that come again are grades, and of the others the
/// first is the shopper and the second the product. None: it is no table, or nothing says so.
fn by_content(rows: &[Vec<&str>], separator: Option<&str>, by: By) -> Option<(Columns, bool)> {
    let width = rows[0].len();
    let told = if rows.len() > 1 { &rows[1..] } else { rows };
    let most = |is: &dyn Fn(&str) -> bool, column: usize| told.iter().filter(|row| is(row[column])).count() * 10 >= told.len() * 9;
    let number = |field: &str| field.parse::<f64>().ok();
    let is_date = |column: &usize| most(&|field| date(field).is_some(), *column);
    let is_since_1970 = |column: &usize| most(&|field| number(field).is_some_and(is_epoch), *column);
    let is_graded = |column: usize| {
        let mut grades: Vec<&str> = told.iter().map(|row| row[column]).collect();
        grades.sort_unstable();
        grades.dedup();
        let is_grade = |field: &str| number(field).is_some_and(|grade| (0.0..=GRADE_MAX).contains(&grade));
        told.len() >= TELLING_LINES_MIN && grades.len() <= GRADES_MAX && most(&is_grade, column)
    };
    let last = width - 1;
    // Lists are cut at white space and seldom at tabs; in other files a last number is a time of a clock of its own.
    let are_rows = are_rows(told);
    let may_be_lists = !are_rows && (separator.is_none() || (separator == Some("\t") && by == By::Shopper));
    let own_clock = || {
        let is_one = (3..=4).contains(&width) && !may_be_lists && !is_graded(last);
        (is_one && rows.iter().any(|row| number(row[last]).is_some())).then_some(last)
    };
    let since_1970 = || (1..width).rev().find(is_since_1970).filter(|column| width > 2 || *column != 1);
    let found = (1..width).rev().find(is_date).or_else(since_1970).or_else(own_clock);
    let has_grades = width == 3 && is_graded(last);
    if found.is_none() && !has_grades && !are_rows && (width > 2 || separator.is_none()) {
        return None;
    }
    // Fractions are places on a map or prices, and what is the same in many lines is not what these turned to.
    let is_fraction = |column: &usize| most(&|field| number(field).is_some_and(|number| number.fract() != 0.0), *column);
    let is_one = |column: &usize| told.len() >= TELLING_LINES_MIN && told.iter().all(|row| row[*column] == told[0][*column]);
    let mut others = (0..width).filter(|column| Some(*column) != found && !is_fraction(column));
    let (shopper, product) = (others.next()?, others.find(|column| !is_one(column))?);
    let columns = Columns { shopper, visit: None, product, time: found, since: None, basket: None, quantity: None };
    let is_headed = rows.len() > 1 && found.or((has_grades).then_some(last)).is_some_and(|column| time(rows[0][column]).is_none());
    Some((columns, is_headed))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(text: &str, by: By) -> Option<(usize, usize, Option<usize>, bool)> {
        let lines: Vec<&str> = text.lines().collect();
        match Form::of(&lines, by).expect("is known") {
            Form::Table { columns, is_headed, .. } => Some((columns.shopper, columns.product, columns.time, is_headed)),
            Form::Objects(Objects::Interactions(keys)) => Some((keys.columns.shopper, keys.columns.product, keys.columns.time, true)),
            Form::Lists { .. } | Form::Counted | Form::Pairs { .. } | Form::Objects(_) => None,
        }
    }

    #[test]
    fn files_of_the_field_are_read_as_they_are() {
        let many = |line: &dyn Fn(u32) -> String| (0..30).map(|number| line(number) + "\n").collect::<String>();
        let placed = many(&|line| format!("{}\t2010-10-19T23:55:{line}Z\t30.2{line}\t-97.7{line}\t{}", line / 3, 22_847 + line));
        let visited = many(&|line| format!("{}\t4a{line}\tGym\t40.7{line}\t-240\tTue Apr 03 18:00:{line} +0000 2012", line / 3));
        let heard = many(&|line| format!("{}\t{}\t{}", line / 3, line + 100, line * 7_000));
        let counted = many(&|line| format!("{} {} {}", line / 3, line + 100, line % 4 + 30));
        let graded: String = (0..30).map(|line| format!("{} {} {}\n", line / 3, line + 100, line % 5 + 1)).collect();
        let tables = [
            ("196\t242\t3\t881250949\n186\t302\t3\t891717742", (0, 1, Some(3), false)),
            ("1::1193::5::978300760\n1::661::3::978302109", (0, 1, Some(3), false)),
            ("1,2014-04-07T10:51:09.277Z,214536502,0\n1,2014-04-07T10:54:09.868Z,214536500,0", (0, 2, Some(1), false)),
            ("1,2268318,2520377,pv,1511544070\n1,2333346,2520771,pv,1511561733", (0, 1, Some(4), false)),
            ("user_000001\t2009-05-04T23:08:57Z\tf1b1cf71\tSome Band\tx\tA Song", (0, 2, Some(1), false)),
            ("user_id:token\titem_id:token\trating:float\ttimestamp:float\n1\t2\t3\t4", (0, 1, Some(3), true)),
            ("timestamp,visitorid,event,itemid,transactionid\n1433221332117,257597,view,355908,", (1, 3, Some(0), true)),
            ("household_key,BASKET_ID,DAY,PRODUCT_ID,QUANTITY\n2375,26984851472,1,1004906,1", (0, 3, None, true)),
            ("{\"user_id\":\"a\",\"business_id\":\"b\",\"stars\":4.0,\"date\":\"2016-03-09\"}", (3, 0, Some(1), true)),
            (graded.as_str(), (0, 1, None, false)),
            ("uid,sid\n1,7", (0, 1, None, true)),
            (placed.as_str(), (0, 4, Some(1), false)),
            (visited.as_str(), (0, 1, Some(5), false)),
            (heard.as_str(), (0, 1, Some(2), false)),
            (counted.as_str(), (0, 1, Some(2), false)),
        ];
        for (text, expected) in tables {
            assert_eq!(columns(text, By::Shopper), Some(expected), "{text}");
        }
        let diginetica = "sessionId;userId;itemId;timeframe;eventdate\n1;NA;81766;526309;2016-05-09";
        assert_eq!(
            (columns(diginetica, By::Session), columns("1\t5\t7.5", By::Session)),
            (Some((0, 2, Some(4), true)), Some((0, 1, Some(2), false)))
        );
        assert_eq!(columns("uid,sid\n1,7", By::Session), Some((0, 1, None, true)));
        // As many products for everybody: shoppers stand once, and products in any place.
        let equal = many(&|line| format!("{line} {} {}", 50 + line % 7, 50 + (line + 3) % 7));
        let baskets = many(&|line| format!("{} {} {}", line / 3, 50 + line % 7, 50 + (line + 3) % 7));
        for lists in [
            equal.as_str(),
            baskets.as_str(),
            "0\t5 7 9\n1\t8",
            "0 5 7\n1 8 9",
            "0 5\n1 8 9",
            "0,5,7,9,11\n1,8,9",
            "0\t5\t7\n1\t8\t9",
            "1 2 3",
        ] {
            assert_eq!(columns(lists, By::Shopper), None, "{lists}");
        }
    }

    #[test]
    fn what_stands_in_quotes_is_one_field() {
        assert_eq!(split("1,\"Seven, or \"\"Se7en\"\"\",\"x\", y", Some(",")), ["1", "Seven, or \"\"Se7en", "x", "y"]);
        assert_eq!(split("\"a::b\"::c", Some("::")), ["a::b", "c"]);
    }
}
