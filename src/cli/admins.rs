//! `shopkeeper admins`: who may log in at the console, on a shop directory or through the server that has it open.

use super::keys::{OPERATOR, PATIENCE, ask};
use super::open_offline;
use super::output::{CliError, Output};
use super::running;
use crate::access::{AccessCommand, AdminView, PASSWORD_BYTES_MAX, check_password, hash_password};
use crate::app::Shop;
use crate::http::RunningServer;
use crate::id::{Actor, AdminId};
use crate::stdx::base64;
use crate::stdx::crypto::random;
use serde_json::{Value, json};
use std::io::Read;
use std::path::Path;

#[derive(clap::Subcommand)]
pub(super) enum Command {
    /// Make an administrator; without --password-stdin a password is made and shown, once.
    Create {
        /// The name that they log in with: letters, digits, and . _ - @.
        name: AdminId,
        /// Read the password from standard input.
        #[arg(long)]
        password_stdin: bool,
    },
    /// List administrators.
    List,
    /// Remove an administrator; their sessions end.
    Remove {
        /// The name.
        name: AdminId,
    },
}

pub(super) fn run(shop: &Path, command: Command, output: &Output) -> Result<(), CliError> {
    let command = with_password(command)?;
    let report = match running::server_of(shop) {
        Some(server) => at_server(&server, &command)?,
        None => {
            let opened = open_offline(shop)?;
            let report = offline(&opened, &command);
            opened.stop();
            report?
        }
    };
    output.report(&report, text);
    Ok(())
}

/// A command with everything that it needs.
enum Ready {
    Create { name: AdminId, password: String, is_made: bool },
    List,
    Remove(AdminId),
}

fn with_password(command: Command) -> Result<Ready, CliError> {
    Ok(match command {
        Command::Create { name, password_stdin } => {
            let is_plain = name.as_str().bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-@".contains(&byte));
            if !is_plain {
                return Err(CliError::Refused("a name has letters, digits, and . _ - @".to_owned()));
            }
            let password = if password_stdin { read_password()? } else { base64::encode(&random::<18>()?) };
            check_password(&password).map_err(|reason| CliError::Refused(format!("the password {reason}")))?;
            Ready::Create { name, password, is_made: !password_stdin }
        }
        Command::List => Ready::List,
        Command::Remove { name } => Ready::Remove(name),
    })
}

fn read_password() -> Result<String, CliError> {
    let mut text = String::new();
    let read = std::io::stdin().take(PASSWORD_BYTES_MAX as u64 + 2).read_to_string(&mut text);
    read.map_err(|error| CliError::file("standard input", error))?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

fn at_server(server: &RunningServer, command: &Ready) -> Result<Value, CliError> {
    Ok(match command {
        Ready::Create { name, password, is_made } => {
            let made = server.ask("POST", "/v1/admins", Some(&json!({ "name": name, "password": password })), PATIENCE)?;
            told(made, password, *is_made)
        }
        Ready::List => server.ask("GET", "/v1/admins", None, PATIENCE)?,
        Ready::Remove(name) => {
            server.ask("DELETE", &format!("/v1/admins/{name}"), None, PATIENCE)?;
            json!({ "removed": name })
        }
    })
}

fn offline(shop: &Shop, command: &Ready) -> Result<Value, CliError> {
    let by = Actor::new(OPERATOR)?;
    let book = || shop.readers().access().book();
    Ok(match command {
        Ready::Create { name, password, is_made } => {
            ask(shop, AccessCommand::CreateAdmin { admin: name.clone(), password: hash_password(password, random()?), by })?;
            let made = book().admin(name).map(|admin| json!(AdminView::of(name, admin)));
            told(made.unwrap_or_default(), password, *is_made)
        }
        Ready::List => json!({ "admins": book().admins().map(|(name, admin)| json!(AdminView::of(name, admin))).collect::<Vec<_>>() }),
        Ready::Remove(name) => {
            ask(shop, AccessCommand::RemoveAdmin { admin: name.clone(), by })?;
            json!({ "removed": name })
        }
    })
}

/// With the password, when nobody but this command knows it.
fn told(mut made: Value, password: &str, is_made: bool) -> Value {
    if is_made {
        made["password"] = json!(password);
    }
    made
}

fn text(report: &Value) -> String {
    let name = |admin: &Value| admin["name"].as_str().unwrap_or("-").to_owned();
    let line = |admin: &Value| format!("{}  {}", name(admin), if admin["has_totp"] == true { "with code" } else { "without code" });
    match (report["admins"].as_array(), report["removed"].as_str(), report["password"].as_str()) {
        (Some(admins), ..) if admins.is_empty() => "no administrators".to_owned(),
        (Some(admins), ..) => admins.iter().map(line).collect::<Vec<_>>().join("\n"),
        (None, Some(removed), _) => format!("{removed} is removed"),
        (None, None, Some(password)) => format!("{}\npassword: {password}\nIt is not shown again.", line(report)),
        (None, None, None) => line(report),
    }
}
