//! Who had to do with what, in the order of time: `shopper product product ...` lines, a table with a row an interaction, or objects.

use super::form::By;
use super::rows::{Row, for_each_row};
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

/// How many histories hold each of the products below `products_count`.
#[must_use]
pub fn holders(histories: &[History], products_count: u32) -> Vec<u32> {
    let mut counts = vec![0; products_count as usize];
    for history in histories {
        let mut products = history.products.clone();
        products.sort_unstable();
        products.dedup();
        products.iter().take_while(|product| **product < products_count).for_each(|product| counts[*product as usize] += 1);
    }
    counts
}

/// Reads interactions: `shopper product product ...` lines; a table with a row an interaction, its columns named by a heading (also of a `.inter`
/// file) or told by what stands in them: `shopper,product`, `shopper,product,timestamp`, `shopper,product,rating,timestamp` and the like, cut
/// at `::`, tabs, semicolons, commas, bars or spaces, times as numbers or dates; or a JSON object a line. Lists, and rows without times, are in
/// time order; grades are not read: whoever graded a product turned to it.
///
/// # Errors
/// When the file cannot be read or a line is of another form.
pub fn read_interactions(path: &Path, products: &mut Names) -> Result<Vec<History>, LearnError> {
    read(path, products, By::Shopper)
}

/// Reads sessions: a table or objects as of [`read_interactions`], named by the session where both are, else `session<TAB>product<TAB>time` lines.
///
/// # Errors
/// When the file cannot be read or a line is of another form.
pub fn read_sessions(path: &Path, products: &mut Names) -> Result<Vec<History>, LearnError> {
    read(path, products, By::Session)
}

fn read(path: &Path, products: &mut Names, by: By) -> Result<Vec<History>, LearnError> {
    let mut table = Table::default();
    for_each_row(path, by, |row| {
        match row {
            Row::List(shopper, list) => list.iter().for_each(|product| table.add(shopper, products.number(product), None)),
            Row::One { shopper, product, time, .. } => table.add(shopper, products.number(product), time),
        }
        Ok(())
    })?;
    Ok(table.into_histories())
}

#[derive(Default)]
struct Table {
    shoppers: Names,
    histories: Vec<History>,
}

impl Table {
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
        is(read("196\t242\t3\t881250949\n196\t302\t3\t881250948\n", read_interactions), &[("196", "302 242")]);
        is(read("u1,a,2014-04-08\nu1,b,2014-04-07T23:00:00Z\n", read_interactions), &[("u1", "b a")]);
        is(read("u1,a,b,c,d\nu2,a\n", read_interactions), &[("u1", "a b c d"), ("u2", "a")]);
        let objects =
            "{\"reviewerID\":\"A\",\"asin\":\"x\",\"unixReviewTime\":20}\n{\"reviewerID\":\"A\",\"asin\":7,\"unixReviewTime\":10}\n";
        is(read(objects, read_interactions), &[("A", "7 x")]);
        let both = "sessionId;userId;itemId;timeframe;eventdate\n1;NA;81766;9;2016-05-10\n1;NA;31331;1;2016-05-09\n";
        is(read(both, read_sessions), &[("1", "31331 81766")]);
        is(read(both, read_interactions), &[("visit 1", "31331 81766")]);
        let frames = "sessionId;userId;itemId;timeframe;eventdate\n1;NA;8;900;2016-05-09\n1;NA;3;100;2016-05-09\n2;5;3;7;2016-05-09\n";
        is(read(frames, read_sessions), &[("1", "3 8"), ("2", "3")]);
        is(read(frames, read_interactions), &[("visit 1", "3 8"), ("5", "3")]);
        is(read("user,item\nnull,a\n1,nan\n1,b\n", read_interactions), &[("1", "b")]);
        is(read("Time,SessionId,ItemId\n9,s,a\n8,s,b\n", read_sessions), &[("s", "b a")]);
        is(read("SessionId\tItemId\tTime\n7\ta\t2.5\n7\tb\t1.5\n", read_sessions), &[("7", "b a")]);
    }

    #[test]
    fn lists_stand_behind_a_separator_or_in_objects_too() {
        is(read("u1\t5 7 9\nu2\t8 5\nu3\t\n", read_interactions), &[("u1", "5 7 9"), ("u2", "8 5")]);
        is(read("{\"u1\":[5,\"b\"],\"u2\":[]}", read_interactions), &[("u1", "5 b")]);
        is(read("{\"user_id\":1,\"items\":[5,7]}\n{\"user_id\":2,\"items\":[5]}\n", read_interactions), &[("1", "5 7"), ("2", "5")]);
        let events = "{\"session\":1,\"events\":[{\"aid\":5,\"ts\":9,\"type\":\"clicks\"},{\"aid\":7,\"ts\":8,\"type\":\"carts\"}]}\n";
        is(read(events, read_sessions), &[("1", "7 5")]);
        let refused = |text: &str| read(text, read_interactions).expect_err("is refused").to_string();
        assert!(refused("{\"user_id\":1,\"things\":{}}").contains("found: things, user_id"));
        assert!(refused("{\"user_id\":1,\"items\":[5]}\n{\"user_id\":2}").contains(":2: what 2 has is no list of products"));
        assert!(refused("{\"session\":1,\"events\":[{\"aid\":5}]}\n{\"session\":2}").contains(":2: events is no list"));
        assert!(refused("{\"u1\": [5,\n7]}").contains("one JSON object a line"));
    }

    /// The first number of each line, how many follow, was taken for the shopper: 5,551 readers became 240.
    #[test]
    fn where_every_line_begins_with_its_length_each_line_is_a_shopper() {
        let lists: Vec<Vec<u32>> = (0..30_u32).map(|line| (0..line % 4).map(|product| line + product).collect()).collect();
        let line = |list: &Vec<u32>| {
            [vec![list.len() as u32], list.clone()].concat().iter().map(u32::to_string).collect::<Vec<_>>().join(" ") + "\n"
        };
        let read_back = read(&lists.iter().map(line).collect::<String>(), read_interactions).expect("reads");
        assert_eq!(read_back.len(), 22, "shoppers of no product are nobody");
        assert_eq!((read_back[2].0.as_str(), read_back[2].1.as_str()), ("4", "3 4 5"));
        let mut others = lists.iter().map(line).collect::<String>();
        others.push_str("3 1 2 3 4\n");
        assert!(read(&others, read_interactions).expect("reads").len() < 10, "one line that says otherwise");
    }

    #[test]
    fn lines_of_another_form_are_refused() {
        let error = read("[{\"user_id\":1,\"item_id\":2}]\n", read_interactions).expect_err("is refused").to_string();
        assert!(error.contains("begins with ["), "{error}");
        assert!(read("user,thing\nu1,a\n", read_interactions).is_err());
        assert!(read("user,item,timestamp\nu1,a\n", read_interactions).is_err());
        assert!(read("u1,a,1\nu1,b,soon\n", read_interactions).is_err());
        assert!(read("lonely\n", read_sessions).is_err());
        // Files of nothing were read as if they were of nobody.
        for nothing in ["", "\n \n"] {
            let error = read(nothing, read_interactions).expect_err("is refused").to_string();
            assert!(error.ends_with("file:1: the file is empty: no interactions are in it"), "{error}");
        }
        let error = read("\n\nuser,thing\nu1,a\n", read_interactions).expect_err("is refused").to_string();
        assert!(error.contains("file:3: the heading"), "{error}");
    }
}
