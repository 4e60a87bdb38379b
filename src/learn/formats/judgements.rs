//! Queries as `id<TAB>text`, judgements and runs in the form of TREC.

use super::{for_each_line, io_error};
use crate::learn::LearnError;
use std::collections::BTreeMap;
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
    }

    #[test]
    fn lines_of_another_form_are_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("file");
        let check = |text: &str| {
            std::fs::write(&path, text).expect("writes");
            assert!(read_queries(&path).is_err() && read_judgements(&path).is_err(), "{text}");
        };
        check("no tab here");
        check("q1 0 p1 good");
        check("q1 0 p1 NaN");
    }
}
