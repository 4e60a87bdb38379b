//! Opens everything in order, wires it, and shuts it down.

mod aside;
mod assortment;
mod backup;
mod export;
mod feeds;
mod fill;
mod forecast;
mod import;
mod intake;
mod memory;
mod reconcile;
mod shop;
mod train;

pub use crate::pipeline::{
    ACTIVITY_BATCH_MAX, CATALOG_BATCH_MAX, CatalogCommand, FileDigest, FileReceipt, Folders, IndexCommand, PipelineError, PutOutcome,
    Readers, Rebuilt, Reply, TradeAnswer, TradeError, Unavailable,
};
pub use aside::aside;
pub use assortment::Shelves;
pub use backup::{Backup, BackupError, backup, restore};
pub use export::{Export, ExportError, ExportQuery, RecommendationExport, RecommendationQuery, Subject, exported_kind};
pub use fill::{DEMO_SEED, Filled, fill_with_demo};
pub use forecast::{ClassCount, ForecastsLearnt, LEAD_WEEKS_MAX, WEEKS_AHEAD, train_forecasts, train_forecasts_aside};
pub use import::{ImportError, ImportKind, Imported, Rejects, Watcher, import};
pub use intake::{HistoryIntake, ProductCounts, ProductIntake, Refused, StockIntake};
pub use reconcile::{Compared, PAYMENTS_COMPARED_MAX};
pub use shop::{OpenOptions, Shop};
pub use train::{TasteTraining, TastesLearnt, embeddings_file, train_embeddings, train_tastes, train_tastes_aside};
