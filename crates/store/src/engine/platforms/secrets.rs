//! Secrets that a store's webhooks are signed with.

use crate::db::params;
use selektable_domain::platform::secret::{SECRETS_MAX, WebhookSecret};
use selektable_domain::time::Timestamp;

use super::super::rows::{Reading, collect};
use super::super::work::Work;
use crate::StoreResult;
use crate::platforms::{SecretAdded, SecretRecord};

/// A store's secrets, newest first.
pub(in super::super) fn list(work: &Work<'_>, store: i64) -> StoreResult<Vec<SecretRecord>> {
    let sql = "SELECT number, secret, made_by_us, created_at, last_used_at FROM webhook_secrets \
               WHERE store = ?1 ORDER BY number DESC";
    let mut statement = work.connection.prepare_cached(sql)?;
    collect(statement.query([store])?, |row| {
        let row = Reading::new(row, "webhook_secrets", 0);
        let secret = WebhookSecret::parse(row.text(1)?).map_err(|fault| row.damaged(fault.to_string()))?;
        Ok(SecretRecord {
            number: row.get(0)?,
            secret,
            made_by_us: row.flag(2)?,
            created_at: row.time(3)?,
            last_used_at: row.time_if(4)?,
        })
    })
}

/// Adds a secret, unless it is there.
pub(in super::super) fn add(
    work: &Work<'_>,
    store: i64,
    secret: &WebhookSecret,
    made_by_us: bool,
    at: Timestamp,
) -> StoreResult<SecretAdded> {
    let known = list(work, store)?;
    if let Some(same) = known.iter().find(|one| one.secret == *secret) {
        return Ok(SecretAdded::Known(same.number));
    }
    if known.len() >= SECRETS_MAX {
        return Ok(SecretAdded::TooMany);
    }
    let number = known.first().map_or(1, |newest| newest.number + 1);
    let sql = "INSERT INTO webhook_secrets (store, number, secret, made_by_us, created_at) VALUES (?1, ?2, ?3, ?4, ?5)";
    let row = params![store, number, secret.reveal(), made_by_us, at.as_millis()];
    work.connection.prepare_cached(sql)?.execute(row)?;
    work.change_settings()?;
    Ok(SecretAdded::Added(number))
}

/// Removes a secret; `false` when there is none of this number.
pub(in super::super) fn remove(work: &Work<'_>, store: i64, number: u32) -> StoreResult<bool> {
    let sql = "DELETE FROM webhook_secrets WHERE store = ?1 AND number = ?2";
    let removed = work.connection.prepare_cached(sql)?.execute(params![store, number])?;
    work.change_settings()?;
    Ok(removed == 1)
}
