//! `shopkeeper keys`: access keys, on a shop directory or through the server that has it open.

use super::open_offline;
use super::output::{CliError, Output};
use super::running;
use crate::access::{AccessCommand, KEY_RANDOM_BYTES, KeyView, Presented, grant_of, new_secret};
use crate::app::Shop;
use crate::event::access::Grant;
use crate::http::RunningServer;
use crate::id::{Actor, KeyId, MarketplaceId};
use crate::search::filter::Filter;
use crate::stdx::clock::Timestamp;
use crate::stdx::crypto::random;
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

/// How long a running server may take.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);
/// Who it is that runs commands.
pub(super) const OPERATOR: &str = "operator";

#[derive(clap::Subcommand)]
pub(super) enum Command {
    /// Make a key and show its secret, once.
    Create(Create),
    /// List keys; no secrets.
    List,
    /// Give a key a new secret and show it, once; the old one stays good for a while.
    Rotate {
        /// Its id.
        key: KeyId,
        /// Seconds for which the old secret stays good.
        #[arg(long, default_value_t = 86_400)]
        overlap_s: i64,
    },
    /// Make a key good for nothing, at once.
    Revoke {
        /// Its id.
        key: KeyId,
    },
}

#[derive(clap::Args)]
pub(super) struct Create {
    /// What it is for, in your words.
    name: String,
    /// Scopes that go together: search-only (safe in a browser), storefront or admin.
    #[arg(long)]
    preset: Option<String>,
    /// A scope such as orders:read or inventory:*; may be given several times.
    #[arg(long)]
    scope: Vec<String>,
    /// The only marketplace that can be asked about.
    #[arg(long)]
    marketplace: Option<MarketplaceId>,
    /// A filter that every product shown under the key passes.
    #[arg(long)]
    filter: Option<String>,
    /// A web origin whose pages may use the key, as in https://shop.example; may be given several times.
    #[arg(long)]
    origin: Vec<String>,
    /// When it ends, as in 2027-01-31T12:00:00Z.
    #[arg(long)]
    expires_at: Option<String>,
}

pub(super) fn run(shop: &Path, command: Command, output: &Output) -> Result<(), CliError> {
    let report = match running::server_of(shop) {
        Some(server) => at_server(&server, command)?,
        None => {
            let opened = open_offline(shop)?;
            let report = offline(&opened, command);
            opened.stop();
            report?
        }
    };
    output.report(&report, text);
    Ok(())
}

fn at_server(server: &RunningServer, command: Command) -> Result<Value, CliError> {
    let ask = |method: &str, path: &str, body: Option<&Value>| server.ask(method, path, body, PATIENCE);
    Ok(match command {
        Command::Create(Create { name, preset, scope, marketplace, filter, origin, expires_at }) => {
            let body = json!({ "name": name, "preset": preset, "scopes": scope, "marketplace": marketplace, "filter": filter, "origins": origin, "expires_at": expires_at });
            ask("POST", "/v1/keys", Some(&body))?
        }
        Command::List => ask("GET", "/v1/keys", None)?,
        Command::Rotate { key, overlap_s } => ask("POST", &format!("/v1/keys/{key}/rotate"), Some(&json!({ "overlap_s": overlap_s })))?,
        Command::Revoke { key } => {
            ask("DELETE", &format!("/v1/keys/{key}"), None)?;
            ask("GET", &format!("/v1/keys/{key}"), None)?
        }
    })
}

fn offline(shop: &Shop, command: Command) -> Result<Value, CliError> {
    let by = Actor::new(OPERATOR)?;
    match command {
        Command::Create(create) => {
            let name = create.name.clone();
            let grant = create.grant()?;
            if let Some(filter) = &grant.filter {
                // A key with a filter that nobody can read opens nothing, and its owner would learn that much later.
                Filter::check_grammar(filter).map_err(|error| CliError::Refused(format!("filter: {error}")))?;
            }
            let (secret, presented) = fresh(None)?;
            let key = presented.key.clone();
            ask(shop, AccessCommand::CreateKey { presented, name, grant, by })?;
            Ok(shown(shop, &key, Some(secret)))
        }
        Command::List => {
            let book = shop.readers().access().book();
            Ok(json!({ "keys": book.keys().map(|(id, _)| shown(shop, id, None)).collect::<Vec<_>>() }))
        }
        Command::Rotate { key, overlap_s } => {
            let (secret, presented) = fresh(Some(&key))?;
            ask(shop, AccessCommand::RotateKey { presented, overlap_ms: overlap_s.saturating_mul(1_000), by })?;
            Ok(shown(shop, &key, Some(secret)))
        }
        Command::Revoke { key } => {
            ask(shop, AccessCommand::RevokeKey { key: key.clone(), by })?;
            Ok(shown(shop, &key, None))
        }
    }
}

impl Create {
    fn grant(self) -> Result<Grant, CliError> {
        let read = |text: String| {
            let wrong = || CliError::Refused(format!("expires_at: {text} is not a moment as in 2027-01-31T12:00:00Z"));
            Timestamp::of_rfc3339(&text).ok_or_else(wrong)
        };
        let expires_at = self.expires_at.map(read).transpose()?;
        let Self { preset, scope, marketplace, filter, origin, .. } = self;
        Ok(grant_of(preset.as_deref(), Grant { scopes: scope, marketplace, filter, origins: origin, expires_at })?)
    }
}

/// Asks the access writer of a shop that this command has open.
pub(super) fn ask(shop: &Shop, command: AccessCommand) -> Result<(), CliError> {
    Ok(shop.wait(|reply| shop.access(command, reply))??)
}

fn fresh(name: Option<&KeyId>) -> Result<(String, Presented), CliError> {
    let wrong = || CliError::Refused("there is no key of that name".to_owned());
    new_secret(random::<KEY_RANDOM_BYTES>()?, name).ok_or_else(wrong)
}

fn shown(shop: &Shop, id: &KeyId, secret: Option<String>) -> Value {
    let access = shop.readers().access();
    let book = access.book();
    let view = book.key(id).map(|key| KeyView::of(id, key, access.used_at(id), shop.now(), secret));
    serde_json::to_value(view).unwrap_or_default()
}

/// For people: a line for each key, and the secret of one that has just been made.
fn text(report: &Value) -> String {
    let field = |key: &Value, name: &str| key[name].as_str().unwrap_or("-").to_owned();
    let line = |key: &Value| {
        let scopes = key["scopes"].as_array().map(|scopes| scopes.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(","));
        let state = if key["revoked_at"].is_string() { "revoked" } else { "good" };
        format!("{}  {state}  used {}  {}  {}", field(key, "id"), field(key, "used_at"), field(key, "name"), scopes.unwrap_or_default())
    };
    match report["keys"].as_array() {
        Some(keys) if keys.is_empty() => "no keys: every request from this machine is answered".to_owned(),
        Some(keys) => keys.iter().map(line).collect::<Vec<_>>().join("\n"),
        None => match report["secret"].as_str() {
            Some(secret) => format!("{}\nsecret: {secret}\nIt is not shown again.", line(report)),
            None => line(report),
        },
    }
}
