//! Queries as `id<TAB>text`, judgements and runs in the form of TREC.

use super::{for_each_line, io_error};
use crate::learn::LearnError;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::Path;

/// A query that somebody typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// Its name in judgements and runs.
    pub id: String,
    /// What was typed.
    pub text: String,
}

/// Grades by query and product; what has no grade was not judged.
pub type Judgements = BTreeMap<String, BTreeMap<String, f64>>;

/// One answer of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct RunLine {
    /// The query's name.
    pub query: String,
    /// The product answered.
    pub product: String,
    /// Its place, from 1.
    pub rank: usize,
}

/// Products answered to each query, best first.
pub type Run = BTreeMap<String, Vec<String>>;

/// Reads `id<TAB>text` lines.
///
/// # Errors
/// When the file cannot be read or a line has no tab.
pub fn read_queries(path: &Path) -> Result<Vec<Query>, LearnError> {
    let mut queries = Vec::new();
    for_each_line(path, |_, line| {
        let (id, text) = line.split_once('\t').ok_or("expected id<TAB>text")?;
        queries.push(Query { id: id.to_owned(), text: text.to_owned() });
        Ok(())
    })?;
    Ok(queries)
}

/// Reads `query iteration product grade` lines, separated by white space; grades may have decimals.
///
/// # Errors
/// When the file cannot be read or a line is of another form.
pub fn read_judgements(path: &Path) -> Result<Judgements, LearnError> {
    let mut judgements = Judgements::new();
    for_each_line(path, |_, line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let [query, _, product, grade] = fields[..] else { return Err("expected: query 0 product grade".to_owned()) };
        let grade: f64 = grade.parse().ok().filter(|grade: &f64| grade.is_finite()).ok_or("the grade is not a number")?;
        judgements.entry(query.to_owned()).or_default().insert(product.to_owned(), grade);
        Ok(())
    })?;
    Ok(judgements)
}

/// Writes a run as `query Q0 product rank score tag` lines; the score is one over the rank.
///
/// # Errors
/// When the file cannot be written.
pub fn write_run(path: &Path, run: &[RunLine], tag: &str) -> Result<(), LearnError> {
    let write = || -> std::io::Result<()> {
        let mut out = std::io::BufWriter::new(std::fs::File::create(path)?);
        for line in run {
            writeln!(out, "{} Q0 {} {} {:.6} {tag}", line.query, line.product, line.rank, 1.0 / line.rank as f64)?;
        }
        out.flush()
    };
    write().map_err(io_error(path))
}

/// Reads a run, `query Q0 product rank score tag` lines. As in the field's own programs the score orders, falling; the rank decides between
/// equal scores.
///
/// # Errors
/// When the file cannot be read or a line is of another form.
pub fn read_run(path: &Path) -> Result<Run, LearnError> {
    let mut lines: BTreeMap<String, Vec<(f64, u64, String)>> = BTreeMap::new();
    for_each_line(path, |_, line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let [query, _, product, rank, score, _] = fields[..] else { return Err("expected: query Q0 product rank score tag".to_owned()) };
        let rank = rank.parse().map_err(|_| "the rank is not a number")?;
        let score: f64 = score.parse().ok().filter(|score: &f64| score.is_finite()).ok_or("the score is not a number")?;
        lines.entry(query.to_owned()).or_default().push((score, rank, product.to_owned()));
        Ok(())
    })?;
    let ordered = |mut lines: Vec<(f64, u64, String)>| {
        lines.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        lines.into_iter().map(|(.., product)| product).collect()
    };
    Ok(lines.into_iter().map(|(query, lines)| (query, ordered(lines))).collect())
}

/// Reads the first column of a file, separated by commas, with quotes around texts that hold some, or the whole line when it has none. A
/// selection of queries by id or text, in lower case; a heading does no harm.
///
/// # Errors
/// When the file cannot be read.
pub fn read_selection(path: &Path) -> Result<BTreeSet<String>, LearnError> {
    let mut selected = BTreeSet::new();
    for_each_line(path, |_, line| {
        selected.insert(first_column(line).trim().to_lowercase());
        Ok(())
    })?;
    Ok(selected)
}

fn first_column(line: &str) -> String {
    let Some(quoted) = line.strip_prefix('"') else {
        return line.split(',').next().unwrap_or_default().to_owned();
    };
    let mut column = String::new();
    let mut letters = quoted.chars().peekable();
    while let Some(letter) = letters.next() {
        // A quote inside is written twice; a single one ends the column.
        if letter == '"' && letters.next_if_eq(&'"').is_none() {
            break;
        }
        column.push(letter);
    }
    column
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_judgements_and_runs_are_read_and_written_as_the_field_does() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("file");
        std::fs::write(&path, "q1\tred lamp\nq2\t5' nails\n").expect("writes");
        let queries = read_queries(&path).expect("reads");
        assert_eq!((queries.len(), queries[1].id.as_str(), queries[1].text.as_str()), (2, "q2", "5' nails"));

        std::fs::write(&path, "q1 0 p1 2.33\nq1 0 p2 0\nq2\t0\tp1\t3\n").expect("writes");
        let judgements = read_judgements(&path).expect("reads");
        assert_eq!((judgements["q1"]["p1"], judgements["q1"]["p2"], judgements["q2"]["p1"]), (2.33, 0.0, 3.0));

        write_run(&path, &[RunLine { query: "q1".to_owned(), product: "p9".to_owned(), rank: 2 }], "ours").expect("writes");
        assert_eq!(std::fs::read_to_string(&path).expect("reads"), "q1 Q0 p9 2 0.500000 ours\n");

        std::fs::write(&path, "q1 Q0 a 1 0.3 x\nq1 Q0 b 2 0.9 x\nq1 Q0 d 4 0.3 x\nq1 Q0 c 3 0.3 x\n").expect("writes");
        assert_eq!(read_run(&path).expect("reads")["q1"], ["b", "a", "c", "d"]);
    }

    #[test]
    fn a_selection_is_the_first_column() {
        let check = |line: &str, expected: &str| assert_eq!(first_column(line), expected, "{line}");
        check("lmap,lamp", "lmap");
        check("red lamp", "red lamp");
        check(r#""24"" frame, black",x"#, r#"24" frame, black"#);
        check(r#""open"#, "open");
        check("", "");
    }

    #[test]
    fn lines_of_another_form_are_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("file");
        let check = |text: &str| {
            std::fs::write(&path, text).expect("writes");
            assert!(read_queries(&path).is_err() && read_judgements(&path).is_err() && read_run(&path).is_err(), "{text}");
        };
        check("no tab here");
        check("q1 0 p1 good");
        check("q1 0 p1 NaN");
    }
}
