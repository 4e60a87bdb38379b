//! A server whose budget of memory is smaller than what it needs: it says so and goes on.

use super::buyer::get;
use super::killed::{Process, fill};
use super::wait_for;

#[test]
fn a_budget_that_is_too_small_is_told_of_and_everything_is_answered() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("shopkeeper.toml"), "[memory]\nbudget_mb = 64\n").expect("writes");
    let process = Process::start(folder.path());
    fill(process.address);
    let metric = |name: &str| {
        let metrics = get(process.address, "/metrics");
        let text = String::from_utf8(metrics.body).expect("text");
        text.lines().find_map(|line| line.strip_prefix(name)?.trim().parse::<f64>().ok())
    };
    wait_for("a look at the memory", || metric("shopkeeper_memory_is_tight").filter(|is_tight| *is_tight > 0.0));
    assert_eq!(metric("shopkeeper_memory_budget_bytes"), Some(64e6));
    for _ in 0..2 {
        let found = get(process.address, "/v1/search?q=pen&facets=brand").json();
        assert_eq!((&found["total"], &found["hits"][0]["id"]), (&1.into(), &"pen".into()), "{found}");
    }
    process.kill();
}
