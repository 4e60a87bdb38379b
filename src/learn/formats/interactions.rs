//! Who had to do with what: `shopper product product ...` lines, or a table with a row an interaction, its columns told by a heading or by how
//! many there are.

use super::for_each_line;
use crate::learn::LearnError;
use std::collections::HashMap;
use std::path::Path;

/// Names as dense numbers, in the order of their first appearance.
#[derive(Debug, Default, Clone)]
pub struct Names {
    numbers: HashMap<String, u32>,
    names: Vec<String>,
}

impl Names {
    /// The number of a name; a new one when it is new.
    pub fn number(&mut self, name: &str) -> u32 {
        if let Some(&number) = self.numbers.get(name) {
            return number;
        }
        let number = self.names.len() as u32;
        self.numbers.insert(name.to_owned(), number);
        self.names.push(name.to_owned());
        number
    }

    /// The name of a number that [`Names::number`] gave.
    #[must_use]
    pub fn name(&self, number: u32) -> Option<&str> {
        self.names.get(number as usize).map(String::as_str)
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }
}

/// What one shopper or session had to do with, oldest first.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct History {
    /// Name of the shopper or session.
    pub shopper: String,
    /// Numbers of the products.
    pub products: Vec<u32>,
    /// When, one a product, in the unit of the file; empty when the file does not say.
    pub times: Vec<f64>,
}

/// Reads interactions. A table is a file whose first line is a heading that names a shopper and a product, or whose lines have commas or `::`; its
/// columns are those of the heading, else `shopper,product`, `shopper,product,timestamp` or `shopper,product,rating,timestamp`. Other files
/// have `shopper product product ...` lines. Both are in time order where no timestamp says otherwise.
///
/// # Errors
/// When the file cannot be read or a line is of another form.
pub fn read_interactions(path: &Path, products: &mut Names) -> Result<Vec<History>, LearnError> {
    read_table(path, products, Form::of_interactions)
}

/// Reads sessions: a table as of [`read_interactions`], else `session<TAB>product<TAB>time` lines.
///
/// # Errors
/// When the file cannot be read or a line is of another form.
pub fn read_sessions(path: &Path, products: &mut Names) -> Result<Vec<History>, LearnError> {
    read_table(path, products, Form::of_sessions)
}

fn read_table(path: &Path, products: &mut Names, form_of: impl Fn(&str) -> Form) -> Result<Vec<History>, LearnError> {
    let (mut table, mut form) = (Table::default(), None);
    for_each_line(path, |number, line| {
        let form = form.get_or_insert_with(|| form_of(line));
        match form {
            Form::Table { is_headed: true, .. } if number == 1 => Ok(()),
            Form::Table { separator, columns, .. } => table.row(line.split(&**separator), *columns, products),
            Form::Lists => table.list(line, products),
        }
    })?;
    Ok(table.into_histories())
}

/// How a file is written, as its first line tells.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Form {
    /// `shopper product product ...`
    Lists,
    /// A row an interaction.
    Table { separator: &'static str, columns: Option<ColumnPlaces>, is_headed: bool },
}

/// Where a heading says that things stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct ColumnPlaces {
    shopper: usize,
    product: usize,
    time: Option<usize>,
}

/// Names of columns in lower case, without anything but letters.
const SHOPPERS: [&str; 10] =
    ["shopper", "user", "userid", "shopperid", "customer", "customerid", "visitorid", "sessionid", "session", "usersession"];
const PRODUCTS: [&str; 8] = ["product", "item", "itemid", "productid", "articleid", "movieid", "asin", "sku"];
const TIMES: [&str; 5] = ["time", "timestamp", "unixtime", "ts", "eventtime"];

impl Form {
    fn of_interactions(first: &str) -> Self {
        let separators = ["::", "\t", ","];
        let headed = separators.into_iter().find_map(|separator| Self::headed(first, separator));
        let told = || ["::", ","].into_iter().find(|separator| first.contains(separator));
        headed.or_else(|| told().map(|separator| Self::counted(first, separator))).unwrap_or(Self::Lists)
    }

    fn of_sessions(first: &str) -> Self {
        let separator = if first.contains('\t') { "\t" } else { "," };
        Self::headed(first, separator).unwrap_or_else(|| Self::counted(first, separator))
    }

    /// A table whose columns are told by how many there are. A first line whose timestamp is no number is a heading in words of its own.
    fn counted(first: &str, separator: &'static str) -> Self {
        let is_headed = first.split(separator).skip(2).last().is_some_and(|time| time.trim().parse::<f64>().is_err());
        Self::Table { separator, columns: None, is_headed }
    }

    /// A table, if the line is its heading.
    fn headed(first: &str, separator: &'static str) -> Option<Self> {
        let letters = |name: &str| name.chars().filter(|letter| letter.is_alphabetic()).flat_map(char::to_lowercase).collect::<String>();
        // A data frame that was written by a program of the field says the type behind a colon.
        let names: Vec<String> = first.split(separator).map(|name| letters(name.split(':').next().unwrap_or(name))).collect();
        let place = |known: &[&str]| known.iter().find_map(|known| names.iter().position(|name| name == known));
        let columns = ColumnPlaces { shopper: place(&SHOPPERS)?, product: place(&PRODUCTS)?, time: place(&TIMES) };
        Some(Self::Table { separator, columns: Some(columns), is_headed: true })
    }
}

#[derive(Default)]
struct Table {
    shoppers: Names,
    histories: Vec<History>,
}

impl Table {
    fn list(&mut self, line: &str, products: &mut Names) -> Result<(), String> {
        let mut fields = line.split_whitespace();
        let shopper = fields.next().ok_or("expected: shopper product product ...")?;
        fields.for_each(|product| self.add(shopper, products.number(product), None));
        Ok(())
    }

    fn row<'a>(
        &mut self,
        fields: impl Iterator<Item = &'a str>,
        columns: Option<ColumnPlaces>,
        products: &mut Names,
    ) -> Result<(), String> {
        let fields: Vec<&str> = fields.map(|field| field.trim().trim_matches('"')).collect();
        let (shopper, product, time) = match (columns, &fields[..]) {
            (Some(places), fields) => {
                let at = |place: usize| fields.get(place).copied().ok_or("has fewer columns than the heading");
                (at(places.shopper)?, at(places.product)?, places.time.map(at).transpose()?)
            }
            (None, &[shopper, product]) => (shopper, product, None),
            (None, &[shopper, product, time] | &[shopper, product, _, time]) => (shopper, product, Some(time)),
            (None, _) => return Err("expected: shopper, product, timestamp".to_owned()),
        };
        let time = time.map(|time| time.parse::<f64>().ok().filter(|time| time.is_finite()).ok_or("the timestamp is not a number"));
        self.add(shopper, products.number(product), time.transpose()?);
        Ok(())
    }

    fn add(&mut self, shopper: &str, product: u32, time: Option<f64>) {
        let number = self.shoppers.number(shopper) as usize;
        if number == self.histories.len() {
            self.histories.push(History { shopper: shopper.to_owned(), ..History::default() });
        }
        let history = &mut self.histories[number];
        history.products.push(product);
        history.times.extend(time);
    }

    /// Histories in time order; equal times keep the order of the file.
    fn into_histories(mut self) -> Vec<History> {
        for history in self.histories.iter_mut().filter(|history| history.times.len() == history.products.len()) {
            let mut order: Vec<usize> = (0..history.times.len()).collect();
            order.sort_by(|&a, &b| history.times[a].total_cmp(&history.times[b]));
            history.products = order.iter().map(|&index| history.products[index]).collect();
            history.times = order.iter().map(|&index| history.times[index]).collect();
        }
        self.histories
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(
        text: &str,
        reader: impl Fn(&Path, &mut Names) -> Result<Vec<History>, LearnError>,
    ) -> Result<Vec<(String, String)>, LearnError> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("file");
        std::fs::write(&path, text).expect("writes");
        let mut products = Names::default();
        let named = |history: History, products: &Names| {
            let names: Vec<&str> = history.products.iter().filter_map(|&number| products.name(number)).collect();
            (history.shopper, names.join(" "))
        };
        reader(&path, &mut products).map(|histories| histories.into_iter().map(|history| named(history, &products)).collect())
    }

    fn is(read: Result<Vec<(String, String)>, LearnError>, expected: &[(&str, &str)]) {
        let read = read.expect("reads");
        assert_eq!(read.iter().map(|(shopper, products)| (shopper.as_str(), products.as_str())).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn interactions_come_in_time_order() {
        is(read("u1 a b a\nu2 c\nu1 d\n", read_interactions), &[("u1", "a b a d"), ("u2", "c")]);
        is(read("u1,a,20\nu2,c,5\nu1,b,10\nu1,d,10\n", read_interactions), &[("u1", "b d a"), ("u2", "c")]);
        is(read("u1,a\nu1,b\n", read_interactions), &[("u1", "a b")]);
        is(read("1::a::5::20\n1::b::3::10\n", read_interactions), &[("1", "b a")]);
        is(read("userId,movieId,rating,timestamp\n1,a,5,20\n1,b,3,10\n", read_interactions), &[("1", "b a")]);
        is(read("timestamp\titem_id:token\tuser_id:token\n9\ta\t1\n8\tb\t1\n", read_interactions), &[("1", "b a")]);
        is(read("who,what,when\n1,a,20\n1,b,10\n", read_interactions), &[("1", "b a")]);
        is(read("Time,SessionId,ItemId\n9,s,a\n8,s,b\n", read_sessions), &[("s", "b a")]);
        is(read("SessionId\tItemId\tTime\n7\ta\t2.5\n7\tb\t1.5\n", read_sessions), &[("7", "b a")]);
    }

    #[test]
    fn lines_of_another_form_are_refused() {
        assert!(read("u1,a,1,2,3\n", read_interactions).is_err());
        assert!(read("user,item,timestamp\nu1,a\n", read_interactions).is_err());
        assert!(read("u1,a,1\nu1,b,soon\n", read_interactions).is_err());
        assert!(read("only one field\n", read_sessions).is_err());
    }
}
