//! Pictures: kept beside their visualization until their time is over. They are no facts.

use crate::db::params;
use selektable_domain::time::Timestamp;

use super::rows::{Reading, first};
use super::work::Work;
use crate::StoreResult;
use crate::ingest::StoredPicture;

/// Most pictures deleted in one transaction: each is hundreds of kilobytes.
const DELETED_PER_TRANSACTION_MAX: u32 = 200;

/// Keeps a picture.
pub(super) fn insert(work: &Work<'_>, visualization: i64, picture: &StoredPicture) -> StoreResult<()> {
    let sql = "INSERT INTO pictures (token, visualization, media_type, bytes, expires_at) \
               VALUES (?1, ?2, ?3, ?4, ?5)";
    let expires_at = picture.expires_at.as_millis();
    work.connection.prepare_cached(sql)?.execute(params![
        picture.token,
        visualization,
        picture.media_type,
        picture.bytes,
        expires_at
    ])?;
    Ok(())
}

/// The address and end of a visualization's picture, while it is kept.
pub(super) fn of_visualization(
    work: &Work<'_>,
    visualization: i64,
) -> StoreResult<Option<(String, Timestamp)>> {
    let sql = "SELECT token, expires_at FROM pictures WHERE visualization = ?1";
    let mut statement = work.connection.prepare_cached(sql)?;
    first(statement.query([visualization])?, |row| {
        let row = Reading::new(row, "pictures", 1);
        Ok((row.get(0)?, row.time(1)?))
    })
}

/// A picture whose time is not over.
pub(super) fn by_token(work: &Work<'_>, token: &str, now: Timestamp) -> StoreResult<Option<StoredPicture>> {
    let sql =
        "SELECT token, media_type, bytes, expires_at FROM pictures WHERE token = ?1 AND expires_at > ?2";
    let mut statement = work.connection.prepare_cached(sql)?;
    first(statement.query(params![token, now.as_millis()])?, |row| {
        let row = Reading::new(row, "pictures", 1);
        Ok(StoredPicture {
            token: row.get(0)?,
            media_type: row.get(1)?,
            bytes: row.get(2)?,
            expires_at: row.time(3)?,
        })
    })
}

/// Deletes pictures whose time is over; says how many.
pub(super) fn delete_expired(work: &Work<'_>, now: Timestamp) -> StoreResult<u64> {
    let sql = "DELETE FROM pictures WHERE token IN \
               (SELECT token FROM pictures WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)";
    let parameters = params![now.as_millis(), DELETED_PER_TRANSACTION_MAX];
    Ok(work.connection.prepare_cached(sql)?.execute(parameters)? as u64)
}
