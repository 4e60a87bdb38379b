//! The house rules, checked on the source tree:
//!
//! 1. a module imports only from earlier rows, and never from a neighbour on its own row;
//! 2. each dependency with a home is named nowhere else;
//! 3. `unsafe` stands only in `stdx`;
//! 4. every file opens with `//!`, has at most 400 lines, and its functions have at most 70;
//! 5. no `unwrap` outside tests, no `#[allow]`, no module called `common`, `utils`, `helper`, `misc`, `manager`, `new` or `v2`;
//! 6. every module of the tree stands in the table of rows;
//! 7. every script of the pages stands in the inventory of `docs/SECURITY.md`, and nothing else does.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Rows of the house, from the ground up. Within a row modules do not know each other.
const ROWS: &[&[&str]] = &[
    &["stdx"],
    &["country", "id", "money", "text"],
    &["event", "model"],
    &["catalog"],
    &["access", "journal", "signal", "inventory", "cart", "pricing", "payment", "fulfilment"],
    &["order", "search", "recommend"],
    &["trade"],
    &["pipeline"],
    &["learn", "connect", "demo"],
    &["config"],
    &["app"],
    &["http"],
    &["cli"],
];

/// Where each dependency lives; nobody else names it.
const HOMES: &[(&str, &[&str])] = &[
    ("memmap2", &["src/stdx/"]),
    ("arc_swap", &["src/stdx/"]),
    ("bytemuck", &["src/stdx/"]),
    ("crc32c", &["src/stdx/"]),
    ("blake3", &["src/stdx/"]),
    ("foldhash", &["src/stdx/"]),
    ("ring", &["src/stdx/"]),
    ("rlimit", &["src/stdx/"]),
    ("tokio_rustls", &["src/http/edge/", "src/connect/"]),
    ("webpki_roots", &["src/connect/"]),
    ("rmcp", &["src/http/ucp/mcp/"]),
    ("rmp_serde", &["src/event/"]),
    ("postcard", &["src/event/"]),
    ("argon2", &["src/access/"]),
    ("tantivy", &["src/search/index/"]),
    ("fst", &["src/search/"]),
    ("hnsw_rs", &["src/model/"]),
    ("ndarray", &["src/model/", "src/learn/"]),
    ("chardetng", &["src/catalog/"]),
    ("encoding_rs", &["src/catalog/"]),
    ("csv", &["src/catalog/"]),
    ("quick_xml", &["src/catalog/"]),
    ("parquet", &["src/catalog/"]),
    ("icu_segmenter", &["src/text/"]),
    ("unicode_normalization", &["src/text/"]),
    ("hyper", &["src/http/", "src/connect/"]),
    ("hyper_util", &["src/http/", "src/connect/"]),
    ("axum", &["src/http/"]),
    ("tower", &["src/http/"]),
    ("tower_http", &["src/http/"]),
    ("rust_embed", &["src/http/"]),
    ("tokio", &["src/http/", "src/connect/"]),
    ("socket2", &["src/http/edge/"]),
    ("clap", &["src/cli/"]),
    ("indicatif", &["src/cli/"]),
    ("mimalloc", &["src/main.rs"]),
];

const FILE_LINES_MAX: usize = 400;
const FUNCTION_LINES_MAX: usize = 70;
const NAMES_BANNED: &[&str] = &["common", "utils", "util", "helper", "helpers", "misc", "manager", "new", "v2"];

struct Source {
    path: String,
    text: String,
}

impl Source {
    /// The part before the unit tests.
    fn shipped(&self) -> &str {
        self.text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default()
    }

    /// Lines of code with comments and texts in quotes cut out.
    fn code_lines(&self) -> impl Iterator<Item = (usize, String)> {
        self.shipped().lines().enumerate().map(|(number, line)| (number + 1, without_texts(line)))
    }
}

fn without_texts(line: &str) -> String {
    let code = line.split("//").next().unwrap_or_default();
    code.split('"').step_by(2).collect::<Vec<_>>().join("\"\"")
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

fn sources(folders: &[&str]) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = Vec::new();
    folders.iter().map(|folder| root.join(folder)).filter(|folder| folder.is_dir()).for_each(|folder| rust_files(&folder, &mut paths));
    paths.sort();
    let relative = |path: &Path| path.strip_prefix(root).expect("inside").to_string_lossy().into_owned();
    paths.iter().map(|path| Source { path: relative(path), text: fs::read_to_string(path).expect("text") }).collect()
}

fn module_of(path: &str) -> &str {
    path.trim_start_matches("src/").split('/').next().unwrap_or_default().trim_end_matches(".rs")
}

fn rows() -> BTreeMap<&'static str, usize> {
    ROWS.iter().enumerate().flat_map(|(row, modules)| modules.iter().map(move |module| (*module, row))).collect()
}

fn report(broken: &[String]) {
    assert!(broken.is_empty(), "{} places break the rule:\n{}", broken.len(), broken.join("\n"));
}

/// The modules of this crate that a line of code names after `crate::`.
fn modules_named(line: &str) -> Vec<String> {
    let mut named = Vec::new();
    for (at, _) in line.match_indices("crate::") {
        let rest = &line[at + "crate::".len()..];
        if let Some(list) = rest.strip_prefix('{') {
            let list = list.split('}').next().unwrap_or_default();
            let items = list.split(',').map(|item| item.trim().split("::").next().unwrap_or_default().to_owned());
            named.extend(items.filter(|item| !item.is_empty()));
        } else {
            named.push(rest.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect());
        }
    }
    named
}

#[test]
fn imports_point_downwards_only() {
    let rows = rows();
    let mut broken = Vec::new();
    for source in sources(&["src"]).iter().filter(|source| !matches!(source.path.as_str(), "src/lib.rs" | "src/main.rs")) {
        let own = module_of(&source.path);
        for (number, line) in source.code_lines() {
            for named in modules_named(&line).iter().filter(|named| named.as_str() != own) {
                if rows.get(named.as_str()).is_some_and(|row| *row >= rows[own]) {
                    broken.push(format!(
                        "{}:{number}: {own} (row {}) names {named} (row {})",
                        source.path,
                        rows[own],
                        rows[named.as_str()]
                    ));
                }
            }
        }
    }
    report(&broken);
}

#[test]
fn every_module_stands_in_the_table_of_rows() {
    let rows = rows();
    let strangers = sources(&["src"]).into_iter().map(|source| module_of(&source.path).to_owned());
    let broken: Vec<String> =
        strangers.filter(|module| !matches!(module.as_str(), "lib" | "main") && !rows.contains_key(module.as_str())).collect();
    report(&broken);
}

#[test]
fn each_dependency_has_one_home() {
    let mut broken = Vec::new();
    for source in sources(&["src"]) {
        for (number, line) in source.code_lines() {
            for (dependency, homes) in HOMES {
                let names_it = line.match_indices(&format!("{dependency}::")).any(|(at, _)| {
                    let before = line[..at].chars().next_back();
                    !before.is_some_and(|letter| letter.is_alphanumeric() || letter == '_' || letter == ':')
                });
                if names_it && !homes.iter().any(|home| source.path.starts_with(home)) {
                    broken.push(format!("{}:{number}: {dependency} lives in {}", source.path, homes.join(", ")));
                }
            }
        }
    }
    report(&broken);
}

#[test]
fn unsafe_code_stands_only_in_stdx() {
    let mut broken = Vec::new();
    for source in sources(&["src", "loadtest/src", "benches"]).iter().filter(|source| !source.path.starts_with("src/stdx/")) {
        let lines = source
            .code_lines()
            .filter(|(_, line)| line.split(|letter: char| !letter.is_alphanumeric() && letter != '_').any(|word| word == "unsafe"));
        broken.extend(lines.map(|(number, _)| format!("{}:{number}", source.path)));
    }
    report(&broken);
}

#[test]
fn files_say_what_they_are_for_and_stay_short() {
    let mut broken = Vec::new();
    for source in sources(&["src", "loadtest/src", "benches", "tests"]) {
        if !source.text.starts_with("//!") {
            broken.push(format!("{}: does not open with //!", source.path));
        }
        let lines_count = source.text.lines().count();
        if lines_count > FILE_LINES_MAX {
            broken.push(format!("{}: {lines_count} lines, at most {FILE_LINES_MAX}", source.path));
        }
        let name = Path::new(&source.path).file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        if NAMES_BANNED.contains(&name.as_str()) || source.path.split('/').any(|folder| NAMES_BANNED.contains(&folder)) {
            broken.push(format!("{}: a name that says nothing", source.path));
        }
    }
    report(&broken);
}

/// First and last line of each function, by the indentation that rustfmt gives its closing brace.
fn functions(text: &str) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut open: Vec<(usize, usize)> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let indent = line.len() - line.trim_start().len();
        let words = line.trim_start();
        let is_function = [
            "fn ",
            "pub fn ",
            "pub(crate) fn ",
            "pub(super) fn ",
            "async fn ",
            "pub async fn ",
            "pub(super) async fn ",
            "const fn ",
            "pub const fn ",
        ]
        .iter()
        .any(|start| words.starts_with(start));
        if is_function && !line.trim_end().ends_with([';', '}']) {
            open.push((indent, index));
        }
        if words.starts_with('}') && open.last().is_some_and(|(start_indent, _)| *start_indent == indent) && words.len() == 1 {
            let (_, start) = open.pop().expect("one is open");
            found.push((start + 1, index + 1));
        }
    }
    found
}

#[test]
fn functions_fit_on_a_page() {
    let mut broken = Vec::new();
    for source in sources(&["src", "loadtest/src", "benches", "tests"]) {
        let long = functions(&source.text).into_iter().filter(|(start, end)| end - start + 1 > FUNCTION_LINES_MAX);
        broken.extend(long.map(|(start, end)| format!("{}:{start}: {} lines, at most {FUNCTION_LINES_MAX}", source.path, end - start + 1)));
    }
    report(&broken);
}

#[test]
fn shipped_code_neither_unwraps_nor_silences_lints() {
    let mut broken = Vec::new();
    for source in sources(&["src", "loadtest/src"]) {
        for (number, line) in source.code_lines() {
            for banned in [".unwrap()", "#[allow", "#![allow", "todo!(", "unimplemented!(", "dbg!(", "process::exit("] {
                if line.contains(banned) {
                    broken.push(format!("{}:{number}: {banned}", source.path));
                }
            }
        }
    }
    report(&broken);
}

#[test]
fn every_script_of_the_pages_stands_in_the_inventory() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files = fs::read_dir(root.join("src/http/web")).expect("a folder");
    let names = files.map(|file| file.expect("an entry").file_name().to_string_lossy().into_owned());
    let scripts: BTreeSet<String> = names.filter(|name| name.ends_with(".js")).collect();
    let security = fs::read_to_string(root.join("docs/SECURITY.md")).expect("text");
    let listed: BTreeSet<String> =
        security.split('`').filter(|text| text.ends_with(".js") && !text.contains(' ')).map(str::to_owned).collect();
    assert_eq!(listed, scripts, "the table of scripts in docs/SECURITY.md, and what there is");
}

#[test]
fn the_checks_themselves_see_what_they_look_for() {
    assert_eq!(modules_named("use crate::{id::Sku, money};"), ["id", "money"]);
    assert_eq!(modules_named("let a = crate::search::run(); // crate::not"), ["search", "not"]);
    assert_eq!(without_texts("a(\"crate::x\"); // crate::y"), "a(\"\"); ");
    assert_eq!(functions("fn a(\n    b: u8,\n) -> u8 {\n    b\n}\n"), [(1, 5)]);
}
