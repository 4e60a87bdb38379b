//! A run with everything that goes on beside it: the live line, the server's own numbers, its stock, slow clients, and the interrupt.

use crate::progress;
use crate::run::Run;
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// How soon it is noticed that a stage has begun.
const STAGE_PAUSE: Duration = Duration::from_millis(50);

/// Drives the run to its end or to an interrupt; gives the seconds of load.
pub(crate) async fn drive(run: &Arc<Run>) -> f64 {
    let mut beside = JoinSet::new();
    beside.spawn(progress::show(Arc::clone(run)));
    beside.spawn(interrupted(Arc::clone(run)));
    beside.spawn(watched(Arc::clone(run)));
    beside.spawn(slowed(Arc::clone(run)));
    beside.spawn(counted(Arc::clone(run)));
    let loaded = Arc::clone(run).drive().await;
    beside.shutdown().await;
    loaded.as_secs_f64()
}

async fn interrupted(run: Arc<Run>) {
    if tokio::signal::ctrl_c().await.is_ok() {
        run.stop();
    }
}

async fn watched(run: Arc<Run>) {
    run.gauges.watch(&run.client, Instant::now()).await;
}

/// Looks at stock where there is somebody who takes it.
async fn counted(run: Arc<Run>) {
    if run.scenario.sells() {
        let wanted = run.sale.as_ref().map(|sale| sale.sku.as_str());
        run.stock.watch(&run.client, &run.shop, wanted, run.random(0, 6)).await;
    }
}

/// Brings the slow clients when their stage begins.
async fn slowed(run: Arc<Run>) {
    let (Some(slow), Some(server)) = (run.scenario.slow_clients, address_of(run.client.base())) else { return };
    while run.stage() < slow.from_stage {
        tokio::time::sleep(STAGE_PAUSE).await;
    }
    Arc::clone(&run.slow).hold(server, slow.count).await;
}

/// Where a target that was checked before listens.
fn address_of(base: &str) -> Option<SocketAddr> {
    let authority = base.strip_prefix("http://")?;
    let with_port = if authority.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok()) {
        authority.to_owned()
    } else {
        format!("{authority}:80")
    };
    with_port.to_socket_addrs().ok()?.next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slow_clients_find_the_server_under_test() {
        assert_eq!(address_of("http://127.0.0.1:7700"), Some(SocketAddr::from(([127, 0, 0, 1], 7_700))));
        assert_eq!(address_of("http://127.0.0.1"), Some(SocketAddr::from(([127, 0, 0, 1], 80))));
        assert_eq!(address_of("http://[::1]:7700").map(|address| address.port()), Some(7_700));
    }
}
