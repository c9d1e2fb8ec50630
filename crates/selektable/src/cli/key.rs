//! `selektable key …`: keys without the dashboard, also beside a running server.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use selektable_domain::id::{KeyId, OrganizationId};
use selektable_domain::time::{HOUR_MS, Timestamp};
use selektable_store::account::{KeyEnd, KeyRecord, NewKey, Scope};
use selektable_store::{Access, SharedStore};
use serde_json::{Value, json};

use super::options::Misuse;
use super::output::say;
use crate::ambient;
use crate::config::Config;
use crate::secret::ApiKey;
use crate::serving::open_store;

/// Longest overlap of a rotation, in hours: 90 days.
const OVERLAP_HOURS_MAX: u16 = 90 * 24;

#[derive(Debug, Subcommand)]
pub(super) enum KeyCommand {
    /// Make a key and show it, once
    Create {
        #[command(flatten)]
        of: Organization,
        /// What to call it
        #[arg(long, default_value = "Key")]
        name: String,
        /// `write` or `read`; can be given several times
        #[arg(long, value_name = "SCOPE", default_values = ["write", "read"], value_delimiter = ',')]
        scope: Vec<String>,
    },
    /// List an organization's keys
    List {
        #[command(flatten)]
        of: Organization,
    },
    /// Stop a key at once
    Revoke {
        #[command(flatten)]
        of: Organization,
        /// The key's id
        key: KeyId,
    },
    /// Make a key in place of another, which goes on working for a while
    Rotate {
        #[command(flatten)]
        of: Organization,
        /// The old key's id
        key: KeyId,
        /// Hours for which the old key still works
        #[arg(long, default_value_t = 24, value_parser = clap::value_parser!(u16).range(0..=i64::from(OVERLAP_HOURS_MAX)))]
        overlap_hours: u16,
    },
}

#[derive(Debug, Args)]
pub(super) struct Organization {
    /// The organization's id
    #[arg(long, value_name = "ORGANIZATION_ID")]
    org: OrganizationId,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl KeyCommand {
    fn of(&self) -> &Organization {
        match self {
            Self::Create { of, .. }
            | Self::List { of }
            | Self::Revoke { of, .. }
            | Self::Rotate { of, .. } => of,
        }
    }
}

/// Runs one of the commands.
pub(super) async fn run(command: KeyCommand, config: &Config) -> anyhow::Result<ExitCode> {
    let store = open_store(config, Access::Administer).await?;
    let done = act(&command, &store).await;
    store.close().await?;
    done?;
    Ok(ExitCode::SUCCESS)
}

async fn act(command: &KeyCommand, store: &SharedStore) -> anyhow::Result<()> {
    let &Organization { org, json } = command.of();
    if store.organization(org).await?.is_none() {
        return Err(Misuse(format!("there is no organization {org}")).into());
    }
    match command {
        KeyCommand::Create { name, scope, .. } => {
            let (id, key) = create(store, org, name.clone(), scopes(scope)?).await?;
            show_new(id, &key, json)
        }
        KeyCommand::List { .. } => list(&store.keys(org).await?, json),
        KeyCommand::Revoke { key, .. } => end(store, org, *key, KeyEnd::RevokedAt(ambient::now())).await,
        KeyCommand::Rotate { key, overlap_hours, .. } => {
            let old = working_key(store, org, *key).await?;
            let (id, made) = create(store, org, old.name, old.scopes).await?;
            let until = ambient::now().plus_millis(i64::from(*overlap_hours) * HOUR_MS);
            // A key that would have ended sooner does not live longer by being replaced.
            let until = old.expires_at.map_or(until, |earlier| earlier.min(until));
            end(store, org, *key, KeyEnd::ExpiresAt(until)).await?;
            show_new(id, &made, json)
        }
    }
}

fn scopes(names: &[String]) -> Result<Vec<Scope>, Misuse> {
    let unknown = |name: &String| Misuse(format!("--scope: `{name}` is neither write nor read"));
    let mut scopes = Vec::new();
    for name in names {
        let scope = Scope::from_code(name).ok_or_else(|| unknown(name))?;
        if !scopes.contains(&scope) {
            scopes.push(scope);
        }
    }
    Ok(scopes)
}

async fn create(
    store: &SharedStore,
    organization: OrganizationId,
    name: String,
    scopes: Vec<Scope>,
) -> anyhow::Result<(KeyId, ApiKey)> {
    let key = ApiKey::generate();
    let new = NewKey {
        id: ambient::new_id(),
        organization,
        name,
        secret: key.hash(),
        hint: key.hint(),
        scopes,
        created_at: ambient::now(),
    };
    let id = new.id;
    store.create_key(new).await?;
    Ok((id, key))
}

async fn working_key(
    store: &SharedStore,
    organization: OrganizationId,
    key: KeyId,
) -> anyhow::Result<KeyRecord> {
    let found = store.keys(organization).await?.into_iter().find(|record| record.id == key);
    match found {
        None => Err(unknown_key(organization, key).into()),
        Some(record) if record.works_at(ambient::now()) => Ok(record),
        Some(_) => Err(Misuse(format!("{key} has ended already: create a key instead")).into()),
    }
}

async fn end(
    store: &SharedStore,
    organization: OrganizationId,
    key: KeyId,
    end: KeyEnd,
) -> anyhow::Result<()> {
    if store.end_key(organization, key, end).await? {
        return Ok(());
    }
    Err(unknown_key(organization, key).into())
}

fn unknown_key(organization: OrganizationId, key: KeyId) -> Misuse {
    Misuse(format!("{organization} has no key {key}"))
}

fn show_new(id: KeyId, key: &ApiKey, as_json: bool) -> anyhow::Result<()> {
    let line = if as_json {
        json!({"keyId": id.to_string(), "apiKey": key.reveal()}).to_string()
    } else {
        format!("id       {id}\nAPI key  {}\n\nThe API key is not shown again.", key.reveal())
    };
    Ok(say(&line)?)
}

fn list(keys: &[KeyRecord], as_json: bool) -> anyhow::Result<()> {
    if as_json {
        return Ok(say(&keys.iter().map(to_json).collect::<Value>().to_string())?);
    }
    for key in keys {
        let scopes: Vec<&str> = key.scopes.iter().map(|scope| scope.code()).collect();
        let used = key
            .last_used_at
            .map_or_else(|| "never used".to_owned(), |at| format!("used {}", at.to_rfc3339()));
        let line = format!(
            "{}  …{}  {}  {}  {}  {}",
            key.id,
            key.hint,
            scopes.join(","),
            state(key),
            used,
            key.name
        );
        say(&line)?;
    }
    Ok(())
}

fn state(key: &KeyRecord) -> &'static str {
    if key.revoked_at.is_some() {
        "revoked"
    } else if !key.works_at(ambient::now()) {
        "expired"
    } else if key.seen_in_browser_at.is_some() {
        "seen-in-browser"
    } else if key.expires_at.is_some() {
        "expiring"
    } else {
        "active"
    }
}

fn to_json(key: &KeyRecord) -> Value {
    let time = |at: Option<Timestamp>| at.map(Timestamp::to_rfc3339);
    json!({
        "keyId": key.id.to_string(),
        "name": key.name,
        "hint": key.hint,
        "scopes": key.scopes.iter().map(|scope| scope.code()).collect::<Vec<_>>(),
        "state": state(key),
        "createdAt": key.created_at.to_rfc3339(),
        "expiresAt": time(key.expires_at),
        "revokedAt": time(key.revoked_at),
        "lastUsedAt": time(key.last_used_at),
        "seenInBrowserAt": time(key.seen_in_browser_at),
    })
}
