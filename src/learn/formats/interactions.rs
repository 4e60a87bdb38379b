//! Who had to do with what: `shopper product product ...` lines, `shopper,product,timestamp` lines, or `session<TAB>product<TAB>time` lines.

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

/// Reads interactions: lines with commas are `shopper,product` or `shopper,product,timestamp`, others `shopper product product ...`, both in
/// time order where no timestamp says otherwise. A first line whose timestamp is not a number is taken for a header.
///
/// # Errors
/// When the file cannot be read or a line is of another form.
pub fn read_interactions(path: &Path, products: &mut Names) -> Result<Vec<History>, LearnError> {
    let mut table = Table::default();
    for_each_line(path, |number, line| {
        if line.contains(',') {
            return table.row(number, line.split(','), products);
        }
        let mut fields = line.split_whitespace();
        let shopper = fields.next().ok_or("expected: shopper product product ...")?;
        fields.for_each(|product| table.add(shopper, products.number(product), None));
        Ok(())
    })?;
    Ok(table.into_histories())
}

/// Reads `session<TAB>product<TAB>time` lines; a first line whose time is not a number is taken for a header.
///
/// # Errors
/// When the file cannot be read or a line is of another form.
pub fn read_sessions(path: &Path, products: &mut Names) -> Result<Vec<History>, LearnError> {
    let mut table = Table::default();
    for_each_line(path, |number, line| table.row(number, line.split('\t'), products))?;
    Ok(table.into_histories())
}

#[derive(Default)]
struct Table {
    shoppers: Names,
    histories: Vec<History>,
}

impl Table {
    fn row<'a>(&mut self, number: u64, fields: impl Iterator<Item = &'a str>, products: &mut Names) -> Result<(), String> {
        let fields: Vec<&str> = fields.map(str::trim).collect();
        let (shopper, product, time) = match fields[..] {
            [shopper, product] => (shopper, product, None),
            [shopper, product, time] => (shopper, product, Some(time)),
            _ => return Err("expected: shopper, product, timestamp".to_owned()),
        };
        let time = match time.map(str::parse::<f64>) {
            None => None,
            Some(Ok(time)) if time.is_finite() => Some(time),
            Some(_) if number == 1 => return Ok(()),
            Some(_) => return Err("the timestamp is not a number".to_owned()),
        };
        self.add(shopper, products.number(product), time);
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
        is(read("SessionId\tItemId\tTime\n7\ta\t2.5\n7\tb\t1.5\n", read_sessions), &[("7", "b a")]);
    }

    #[test]
    fn lines_of_another_form_are_refused() {
        assert!(read("u1,a,1,2\n", read_interactions).is_err());
        assert!(read("u1,a,1\nu1,b,soon\n", read_interactions).is_err());
        assert!(read("only one field\n", read_sessions).is_err());
    }
}
