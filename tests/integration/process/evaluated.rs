//! `shopkeeper evaluate recommend` and `forecast` on files as people have them: it works sensibly, or says what is wrong and where.

use std::path::Path;
use std::process::Command;

/// What it says: cases, or what is wrong.
fn evaluated(file: &Path) -> Result<u64, String> {
    let words = ["--json", "evaluate", "recommend", "--methods", "popularity", "--interactions"];
    let output = Command::new(env!("CARGO_BIN_EXE_shopkeeper")).args(words).arg(file).output().expect("runs");
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).expect("is JSON");
    told["cases_count"].as_u64().ok_or_else(|| told.to_string())
}

#[test]
fn odd_files_are_read_and_what_cannot_be_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let check = |name: &str, text: &str, expected: Result<u64, &str>| {
        let file = folder.path().join(name);
        std::fs::write(&file, text).expect("writes");
        match (evaluated(&file), expected) {
            (Ok(cases), Ok(expected)) => assert_eq!(cases, expected, "{name}"),
            (Err(told), Err(expected)) => assert!(told.contains(expected), "{name}: {told}"),
            (told, _) => panic!("{name}: {told:?}"),
        }
    };
    check("table.csv", "user_id,item_id,rating,timestamp\na,x,5,10\na,y,4,20\na,z,4,30\nb,x,3,10\nb,y,3,30\nc,y,1,40\n", Ok(1));
    check("bare.csv", "a,x,5,881250949\na,y,4,881250950\na,z,4,881250951\n", Ok(1));
    check("blank.csv", "\u{feff}user_id,item_id,timestamp\r\na,x,1\r\n\r\na,z,1\r\na,y,2\r\n\r\n", Ok(1));
    check("nobody.csv", "user_id,item_id,timestamp\n,x,1\na,,2\na,x,3\na,y,4\na,z,5\n", Ok(1));
    check("when.csv", "user_id,item_id,timestamp\na,x,1\na,y,yesterday\n", Err("when.csv:3: the timestamp"));
    check("short.csv", "user_id,item_id,timestamp\na,x,1\njust text\n", Err("short.csv:3: "));
    check("one.csv", "user_id,item_id\na,x\nb,y\n", Err("nobody has products in both parts"));
    check("empty.csv", "", Err("empty.csv:1: the file is empty: no interactions"));
}

/// What a command says, as JSON.
fn told(words: &[&str], files: &[(&str, &Path)]) -> serde_json::Value {
    let mut command = Command::new(env!("CARGO_BIN_EXE_shopkeeper"));
    command.args(["--json", "evaluate"]).args(words);
    files.iter().for_each(|(option, file)| {
        command.arg(option).arg(file);
    });
    let output = command.output().expect("runs");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
}

#[test]
fn protocols_differ_in_what_repeats_and_newcomers_are_and_both_are_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("writes");
        path
    };
    let (train, test) = (
        file("train.tsv", "SessionId\tItemId\tTime\n1\ta\t1\n1\tb\t2\n2\ta\t3\n2\tb\t4\n2\tb\t5\n"),
        file("test.tsv", "SessionId\tItemId\tTime\n3\ta\t6\n3\ta\t7\n3\tb\t8\n"),
    );
    for (repeats, cases, hits) in [("missed", 2, 0.5), ("skipped", 1, 1.0), ("answered", 2, 1.0)] {
        let told = told(&["sessions", "--repeats", repeats], &[("--train", &train), ("--test", &test)]);
        assert_eq!((&told["repeats"], &told["repeats_count"], &told["cases_count"]), (&repeats.into(), &1.into(), &cases.into()), "{told}");
        let hit_rate = told["measures"].as_array().and_then(|all| all.iter().find(|measure| measure["name"] == "hr@20"));
        assert_eq!(hit_rate.map(|measure| &measure["value"]), Some(&hits.into()), "{told}");
    }
    let (train, test) = (file("train.txt", "u1 a b c\nu2 a b\n"), file("test.txt", "u1 d\nu3 a\n"));
    for (newcomers, cases) in [("asked", 2), ("skipped", 1)] {
        let words = ["recommend", "--methods", "popularity", "--newcomers", newcomers];
        let told = told(&words, &[("--train", &train), ("--test", &test)]);
        assert_eq!((&told["cases_count"], &told["newcomers"]["count"], &told["newcomers"]["of"]), (&cases.into(), &1.into(), &2.into()));
    }
    let lines = "order_id,customer_id,product_id,quantity\n1,ann,milk,1\n2,ann,jam,-1\n2,ann,milk,2\n3,ann,milk,1\n";
    let told = told(&["baskets"], &[("--history", &file("orders.csv", lines))]);
    let answers = told["answers"].as_array().expect("answers");
    assert_eq!((&told["lines_left_out"], &answers[0]["kind"], &answers[1]["kind"]), (&1.into(), &"next_order".into(), &"buy_again".into()));
}

#[test]
fn a_search_is_not_measured_in_a_shop_that_is_not_there_nor_with_no_query() {
    let folder = tempfile::tempdir().expect("a folder");
    let (shop, file) = (folder.path().join("mispelt"), |name: &str| folder.path().join(name));
    for (name, text) in [("queries.tsv", "1\tlamp\n"), ("none.tsv", ""), ("qrels.txt", "1 0 lamp-1 1\n")] {
        std::fs::write(file(name), text).expect("writes");
    }
    for (queries, expected) in [("queries.tsv", "there is no shop here"), ("none.tsv", "holds no query")] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_shopkeeper"));
        command.arg("--shop").arg(&shop).args(["evaluate", "search", "--queries"]).arg(file(queries)).arg("--qrels").arg(file("qrels.txt"));
        let output = command.output().expect("runs");
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && told.contains(expected), "{told}");
        assert!(!shop.exists(), "nothing was made");
    }
}

#[test]
fn demand_is_foreseen_or_what_is_wrong_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let check = |text: &str, more: &[&str], expected: Result<(u64, &[&str]), &str>| {
        let file = folder.path().join("demand.csv");
        std::fs::write(&file, text).expect("writes");
        let mut command = Command::new(env!("CARGO_BIN_EXE_shopkeeper"));
        let lead = if more.contains(&"--lead") { &[][..] } else { &["--lead", "1"] };
        command.args(["--json", "evaluate", "forecast", "--horizon", "3"]).args(lead).args(more).arg(&file);
        let output = command.output().expect("runs");
        let (said, told) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        match expected {
            Ok((cases, methods)) => {
                let report: serde_json::Value = serde_json::from_str(&said).unwrap_or_else(|_| panic!("{text}: {told}"));
                let listed: Vec<&str> =
                    report["methods"].as_array().expect("methods").iter().filter_map(|row| row["method"].as_str()).collect();
                assert_eq!((report["cases_count"].as_u64(), listed.as_slice()), (Some(cases), methods), "{text}");
            }
            Err(expected) => assert!(!output.status.success() && told.contains(expected), "{text}: {told}"),
        }
    };
    let months = "series,1,2,3,4,5,6,7,8,9\n";
    let two = format!("{months}lamp,,1,0,2,0,1,3,0,1\nsofa,1,0,0,0,1,0,,0,1\n");
    // Of the last three periods two sums of two, of which one is unknown.
    check(&two, &["--methods", "zero,ses"], Ok((3, &["zero", "ses", "chosen"])));
    check(&two, &["--methods", "arima"], Err("there are zero, naive"));
    check(&two, &["--lead", "3"], Err("after all of the --horizon"));
    check(&format!("{months}lamp,1,1,0,2,0,1,3,0\n"), &[], Err("demand.csv:2: has 9 fields, and the heading 10"));
    check(&format!("{months}lamp,1,1,0,2,0,1,x,0,1\n"), &[], Err("demand.csv:2: column 8 (7)"));
    check(&format!("{months}lamp,,,,,,,,,1\n"), &[], Err("nothing to measure"));
}
