//! The one metrics recorder of the process.

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use std::sync::OnceLock;
use std::time::Duration;

/// Upper bounds of latency buckets, in seconds: a tenth of a millisecond to ten seconds.
const SECONDS: [f64; 16] = [0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
/// Upper bounds of buckets for sizes of batches.
const COUNTS: [f64; 14] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1_024.0, 2_048.0, 4_096.0, 8_192.0];
/// The recorder sorts what was recorded since the last upkeep into buckets; without it histograms would grow for ever.
const UPKEEP: Duration = Duration::from_secs(5);

static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();

/// Where metrics are collected. The first call installs the process's recorder; servers of the same process share it.
pub(super) fn metrics() -> PrometheusHandle {
    HANDLE
        .get_or_init(|| {
            let recorder = builder().build_recorder();
            let handle = recorder.handle();
            if metrics::set_global_recorder(recorder).is_err() {
                tracing::warn!("another metrics recorder is installed; /metrics stays empty");
            }
            handle
        })
        .clone()
}

fn builder() -> PrometheusBuilder {
    let seconds = PrometheusBuilder::new().set_buckets_for_metric(Matcher::Suffix("seconds".to_owned()), &SECONDS);
    let counts = seconds.and_then(|builder| builder.set_buckets(&COUNTS));
    // Refused only when there are no buckets; the default is summaries.
    counts.unwrap_or_default()
}

/// Keeps histograms small for as long as the server runs.
pub(super) async fn upkeep(handle: PrometheusHandle) {
    loop {
        tokio::time::sleep(UPKEEP).await;
        handle.run_upkeep();
    }
}
