//! `/v1/waves` and `/v1/manifests`: work that is released together, with its pick list, and what a carrier is given at once.

use crate::fulfilment::{Manifest, Wave};
use crate::http::answer::{Answer, created, moment, ok};
use crate::http::asked::Asked;
use crate::http::body;
use crate::http::context::Shared;
use crate::http::error::Problem;
use crate::http::native::search::limit_of;
use crate::http::params::Params;
use crate::http::path::Path;
use crate::http::versions::tagged;
use crate::id::{CarrierId, LocationId, ManifestId, ShipmentId, Sku, WaveId};
use crate::trade::{FulfilmentAction, Snapshot, State as Trade};
use axum::extract::{RawQuery, Request, State};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

const LIMIT_DEFAULT: usize = 20;
const LIMIT_MAX: usize = 200;
/// Fulfilment orders in a wave when the request does not say.
const WORK_DEFAULT: u32 = 100;

#[derive(Serialize)]
struct WaveView<'a> {
    id: &'a WaveId,
    location: &'a LocationId,
    #[serde(skip_serializing_if = "Option::is_none")]
    ship_by: Option<String>,
    released_at: String,
    fulfilment_orders: Vec<String>,
    /// What is still to be taken off the shelf, SKU by SKU.
    #[serde(skip_serializing_if = "Option::is_none")]
    pick_list: Option<Vec<PickView>>,
}

#[derive(Serialize)]
struct PickView {
    sku: Sku,
    quantity: i64,
    /// For which fulfilment orders, and how many each.
    r#for: Vec<(String, i64)>,
}

fn wave_view<'a>(wave: &'a Wave, pick_list: Option<Vec<PickView>>) -> WaveView<'a> {
    WaveView {
        id: &wave.id,
        location: &wave.location,
        ship_by: wave.ship_by.map(moment),
        released_at: moment(wave.at),
        fulfilment_orders: wave.work.iter().map(ToString::to_string).collect(),
        pick_list,
    }
}

fn pick_list(trade: &Trade, wave: &Wave) -> Vec<PickView> {
    let board = trade.fulfilment().board();
    let mut rows: BTreeMap<Sku, Vec<(String, i64)>> = BTreeMap::new();
    for (id, work) in wave.work.iter().filter_map(|id| Some((id, board.work(*id)?))) {
        for line in work.lines.iter().filter(|line| line.left > line.picked) {
            rows.entry(line.sku.clone()).or_default().push((id.to_string(), line.left - line.picked));
        }
    }
    let view = |(sku, r#for): (Sku, Vec<(String, i64)>)| PickView { sku, quantity: r#for.iter().map(|(_, units)| units).sum(), r#for };
    rows.into_iter().map(view).collect()
}

#[derive(Serialize)]
struct WavesView<'a> {
    waves: Vec<WaveView<'a>>,
}

pub(super) async fn waves(State(context): Shared, RawQuery(query): RawQuery) -> Answer {
    let (location, limit) = page(query.as_deref())?;
    let trade = context.shop.readers().trade();
    let waves = trade.fulfilment().board().waves().filter(|wave| location.as_ref().is_none_or(|at| wave.location == *at));
    ok(&WavesView { waves: waves.take(limit).map(|wave| wave_view(wave, None)).collect() })
}

fn page(query: Option<&str>) -> Result<(Option<LocationId>, usize), Problem> {
    let mut params = Params::parse(query)?;
    let location = params.parsed("location")?;
    let limit = limit_of(params.parsed("limit")?, LIMIT_DEFAULT, LIMIT_MAX)?;
    params.finish()?;
    Ok((location, limit))
}

pub(super) async fn wave(State(context): Shared, Path(id): Path) -> Answer {
    let trade = context.shop.readers().trade();
    let found = WaveId::new(&id).ok().and_then(|id| trade.fulfilment().board().wave(&id).cloned());
    let wave = found.ok_or_else(|| Problem::unknown("wave", &id))?;
    tagged(ok(&wave_view(&wave, Some(pick_list(&trade, &wave)))), &Snapshot::Wave(Arc::clone(&wave)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WaveBody {
    location: LocationId,
    carrier: Option<CarrierId>,
    work_max: Option<u32>,
}

pub(super) async fn release_wave(State(context): Shared, request: Request) -> Answer {
    let name = context.shop.new_name("wave");
    let asked = Asked::raw("wave", "", request).await?;
    let done = asked
        .done(&context, |bytes| {
            let WaveBody { location, carrier, work_max } = body::parse(&bytes)?;
            let wave = WaveId::new(&name).map_err(|error| Problem::internal(&error))?;
            Ok(FulfilmentAction::ReleaseWave { wave, location, carrier, work_max: work_max.unwrap_or(WORK_DEFAULT) })
        })
        .await?;
    match done.snapshot() {
        Snapshot::Wave(wave) => {
            let address = format!("/v1/waves/{}", wave.id);
            let answer = created(&address, &wave_view(&wave, Some(pick_list(&done.answer.state, &wave))));
            tagged(answer, &Snapshot::Wave(wave))
        }
        _ => Err(Problem::unknown("wave", &name)),
    }
}

#[derive(Serialize)]
struct ManifestView<'a> {
    id: &'a ManifestId,
    location: &'a LocationId,
    carrier: &'a CarrierId,
    closed_at: String,
    shipments: Vec<ListedView<'a>>,
}

#[derive(Serialize)]
struct ListedView<'a> {
    shipment_id: &'a ShipmentId,
    tracking: Vec<String>,
    weight_g: i64,
}

fn manifest_view<'a>(trade: &Trade, manifest: &'a Manifest) -> ManifestView<'a> {
    let listed = |(number, shipment): &'a (u64, ShipmentId)| {
        let work = trade.fulfilment().board().order(*number);
        let parcels = work.as_ref().and_then(|work| work.sent(shipment)).map_or(&[][..], |sent| &sent.parcels);
        ListedView {
            shipment_id: shipment,
            tracking: parcels.iter().filter_map(|parcel| parcel.tracking.clone()).collect(),
            weight_g: parcels.iter().map(|parcel| parcel.weight_g).sum(),
        }
    };
    ManifestView {
        id: &manifest.id,
        location: &manifest.location,
        carrier: &manifest.carrier,
        closed_at: moment(manifest.at),
        shipments: manifest.shipments.iter().map(listed).collect(),
    }
}

#[derive(Serialize)]
struct ManifestsView<'a> {
    manifests: Vec<ManifestView<'a>>,
}

pub(super) async fn manifests(State(context): Shared, RawQuery(query): RawQuery) -> Answer {
    let (location, limit) = page(query.as_deref())?;
    let trade = context.shop.readers().trade();
    let manifests = trade.fulfilment().board().manifests().filter(|it| location.as_ref().is_none_or(|at| it.location == *at));
    ok(&ManifestsView { manifests: manifests.take(limit).map(|manifest| manifest_view(&trade, manifest)).collect() })
}

pub(super) async fn manifest(State(context): Shared, Path(id): Path) -> Answer {
    let trade = context.shop.readers().trade();
    let found = ManifestId::new(&id).ok().and_then(|id| trade.fulfilment().board().manifest(&id).cloned());
    let manifest = found.ok_or_else(|| Problem::unknown("manifest", &id))?;
    tagged(ok(&manifest_view(&trade, &manifest)), &Snapshot::Manifest(Arc::clone(&manifest)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ManifestBody {
    location: LocationId,
    carrier: CarrierId,
}

pub(super) async fn close_manifest(State(context): Shared, request: Request) -> Answer {
    let name = context.shop.new_name("manifest");
    let asked = Asked::raw("manifest", "", request).await?;
    let done = asked
        .done(&context, |bytes| {
            let ManifestBody { location, carrier } = body::parse(&bytes)?;
            let manifest = ManifestId::new(&name).map_err(|error| Problem::internal(&error))?;
            Ok(FulfilmentAction::CloseManifest { manifest, location, carrier })
        })
        .await?;
    match done.snapshot() {
        Snapshot::Manifest(manifest) => {
            let answer = created(&format!("/v1/manifests/{}", manifest.id), &manifest_view(&done.answer.state, &manifest));
            tagged(answer, &Snapshot::Manifest(Arc::clone(&manifest)))
        }
        _ => Err(Problem::unknown("manifest", &name)),
    }
}
