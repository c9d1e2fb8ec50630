//! API keys.

use crate::db::params;
use selektable_domain::id::{KeyId, OrganizationId};

use super::rows::{Reading, collect, first};
use super::work::Work;
use crate::StoreResult;
use crate::account::{KeyEnd, KeyRecord, KeyUse, NewKey, Scope, SecretHash};
use crate::db::taken;

const COLUMNS: &str = "k.number, k.id, o.id, k.name, k.hint, k.scopes, k.created_at, k.expires_at, k.revoked_at, \
     k.last_used_at, k.seen_in_browser_at FROM api_keys k JOIN organizations o ON o.number = k.organization";

/// Uses are kept to the minute, so that a busy key is not written on every request.
const USE_MS: i64 = 60_000;

/// Adds a key.
pub(super) fn create(work: &Work<'_>, new: &NewKey) -> StoreResult<()> {
    let scopes: Vec<&str> = new.scopes.iter().map(|scope| scope.code()).collect();
    let sql = "INSERT INTO api_keys (id, organization, name, secret, hint, scopes, created_at) \
               SELECT ?1, number, ?3, ?4, ?5, ?6, ?7 FROM organizations WHERE id = ?2";
    let added = work.connection.prepare_cached(sql)?.execute(params![
        new.id.as_bytes(),
        new.organization.as_bytes(),
        new.name,
        new.secret.0,
        new.hint,
        scopes.join(","),
        new.created_at.as_millis(),
    ]);
    if taken(added, "a key with this secret")? == 0 {
        return Err(super::accounts::missing("organizations", new.organization.to_string()));
    }
    work.change_settings()
}

/// An organization's keys, newest first.
pub(super) fn list(work: &Work<'_>, organization: OrganizationId) -> StoreResult<Vec<KeyRecord>> {
    let sql = format!("SELECT {COLUMNS} WHERE o.id = ?1 ORDER BY k.created_at DESC, k.number DESC");
    let mut statement = work.connection.prepare_cached(&sql)?;
    collect(statement.query([organization.as_bytes()])?, read)
}

/// The key of a secret.
pub(super) fn by_secret(work: &Work<'_>, secret: SecretHash) -> StoreResult<Option<KeyRecord>> {
    let sql = format!("SELECT {COLUMNS} WHERE k.secret = ?1");
    let mut statement = work.connection.prepare_cached(&sql)?;
    first(statement.query([secret.0])?, read)
}

/// Ends a key; `false` when the organization has none of this id. A key that was stopped stays stopped since then.
pub(super) fn end(
    work: &Work<'_>,
    organization: OrganizationId,
    key: KeyId,
    end: KeyEnd,
) -> StoreResult<bool> {
    let (column, at) = match end {
        KeyEnd::ExpiresAt(at) => ("expires_at = ?3", at),
        KeyEnd::RevokedAt(at) => ("revoked_at = CASE WHEN revoked_at < ?3 THEN revoked_at ELSE ?3 END", at),
    };
    let sql = format!(
        "UPDATE api_keys SET {column} WHERE id = ?1 \
         AND organization = (SELECT number FROM organizations WHERE id = ?2)"
    );
    let parameters = params![key.as_bytes(), organization.as_bytes(), at.as_millis()];
    let changed = work.connection.prepare_cached(&sql)?.execute(parameters)?;
    work.change_settings()?;
    Ok(changed == 1)
}

/// Notes uses of keys.
pub(super) fn touch(work: &Work<'_>, uses: &[KeyUse]) -> StoreResult<()> {
    for used in uses {
        let minute = used.at.as_millis().div_euclid(USE_MS) * USE_MS;
        let sql = "UPDATE api_keys SET last_used_at = ?2 \
                   WHERE id = ?1 AND (last_used_at IS NULL OR last_used_at < ?2)";
        work.connection.prepare_cached(sql)?.execute(params![used.key.as_bytes(), minute])?;
        if used.in_browser {
            let sql = "UPDATE api_keys SET seen_in_browser_at = ?2 \
                       WHERE id = ?1 AND (seen_in_browser_at IS NULL OR seen_in_browser_at < ?2)";
            work.connection.prepare_cached(sql)?.execute(params![used.key.as_bytes(), minute])?;
        }
    }
    Ok(())
}

fn read(row: &crate::db::Row<'_>) -> StoreResult<KeyRecord> {
    let row = Reading::new(row, "api_keys", 0);
    let scopes = row.text(5)?.split(',').filter(|code| !code.is_empty());
    Ok(KeyRecord {
        id: row.id(1)?,
        organization: row.id(2)?,
        name: row.get(3)?,
        hint: row.get(4)?,
        scopes: scopes
            .map(|code| Scope::from_code(code).ok_or_else(|| row.damaged(format!("`{code}` is no scope"))))
            .collect::<StoreResult<_>>()?,
        created_at: row.time(6)?,
        expires_at: row.time_if(7)?,
        revoked_at: row.time_if(8)?,
        last_used_at: row.time_if(9)?,
        seen_in_browser_at: row.time_if(10)?,
    })
}
