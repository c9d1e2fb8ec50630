//! Numbered steps from any released schema to today's, forward only. The file's `user_version` says where it is.

use rusqlite::Connection;

use crate::db;
use crate::engine::migrated;
use crate::{StoreError, StoreResult};

/// Every step, in order; step 1 begins with an empty file. Released steps never change.
const STEPS: [&str; 7] = [
    include_str!("../../migrations/sqlite/0001_start.sql"),
    include_str!("../../migrations/sqlite/0002_engine.sql"),
    include_str!("../../migrations/sqlite/0003_platforms.sql"),
    include_str!("../../migrations/sqlite/0004_rollups.sql"),
    include_str!("../../migrations/sqlite/0005_leases.sql"),
    include_str!("../../migrations/sqlite/0006_sheets.sql"),
    include_str!("../../migrations/sqlite/0007_retention.sql"),
];
/// The step that drops what is derived, to be made again from the facts when all steps are done.
const REFILLED: u32 = 2;
/// The step from which on stores are found by the host names of their pages.
const HOSTS: u32 = 3;

/// The newest schema this program knows.
#[expect(clippy::cast_possible_truncation, reason = "a handful of steps")]
pub(crate) const NEWEST: u32 = STEPS.len() as u32;

/// The file's schema; 0 when it is new.
pub(crate) fn version(connection: &Connection) -> StoreResult<u32> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

/// Refuses a file that a newer program wrote.
pub(crate) fn refuse_newer(found: u32) -> StoreResult<()> {
    if found > NEWEST { Err(StoreError::TooNew { found, known: NEWEST }) } else { Ok(()) }
}

/// Brings the file to the newest schema, all steps in one transaction: what today's program makes again from the facts
/// needs today's tables.
pub(crate) fn migrate(connection: &db::Connection) -> StoreResult<()> {
    let Some(file) = connection.sqlite() else { return Ok(()) };
    refuse_newer(version(file)?)?;
    connection.begin(db::Begin::Write)?;
    let end = steps(connection, file);
    if end.is_err() {
        connection.roll_back();
    }
    end
}

fn steps(connection: &db::Connection, file: &Connection) -> StoreResult<()> {
    let found = version(file)?;
    for (step, number) in STEPS.iter().zip(1_u32..).filter(|(_, number)| *number > found) {
        file.execute_batch(step)?;
        file.pragma_update(None, "user_version", number)?;
        tracing::info!(version = number, "migrated the database");
    }
    if found < HOSTS {
        migrated::index_hosts(connection)?;
    }
    if found < REFILLED {
        migrated::refill(connection)?;
    }
    Ok(connection.commit()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema(connection: &Connection) -> Vec<String> {
        let sql = "SELECT type || ' ' || name || ' ' || coalesce(sql, '') FROM sqlite_schema ORDER BY 1";
        let mut statement = connection.prepare(sql).unwrap();
        let lines = statement.query_map([], |row| row.get(0)).unwrap();
        lines.collect::<rusqlite::Result<_>>().unwrap()
    }

    /// A file at a version; `file` is its connection.
    fn at_version(steps: usize) -> db::Connection {
        let connection = Connection::open_in_memory().unwrap();
        for step in &STEPS[..steps] {
            connection.execute_batch(step).unwrap();
        }
        connection.pragma_update(None, "user_version", u32::try_from(steps).unwrap()).unwrap();
        db::Connection::Sqlite(Box::new(connection))
    }

    fn file(connection: &db::Connection) -> &Connection {
        connection.sqlite().unwrap()
    }

    #[test]
    fn every_released_schema_comes_to_the_newest_one_and_stays_there() {
        let fresh = at_version(STEPS.len());
        for steps in 0..=STEPS.len() {
            let connection = at_version(steps);
            migrate(&connection).unwrap();
            migrate(&connection).unwrap();
            assert_eq!(version(file(&connection)), Ok(NEWEST), "from version {steps}");
            assert_eq!(schema(file(&connection)), schema(file(&fresh)), "from version {steps}");
        }
    }

    #[test]
    fn a_step_that_fails_leaves_the_schema_as_it_was() {
        let connection = at_version(0);
        connection.execute_batch("CREATE TABLE credits (a)").unwrap();
        assert!(migrate(&connection).is_err());
        assert_eq!(version(file(&connection)), Ok(0));
        assert_eq!(schema(file(&connection)), ["table credits CREATE TABLE credits (a)"]);
    }

    /// A store of version 1 with a visualization and an order for what it showed, half a day later.
    fn with_content(connection: &Connection) {
        let (body, none) = ("x'00000000000000000000000000000001'", "x'00'");
        connection
            .execute_batch(&format!(
                "INSERT INTO organizations VALUES (1, {body}, 'Acme', 5); \
                 INSERT INTO stores (number, id, organization, platform, name, currency, zone, keep_traits, created_at) \
                 VALUES (1, {body}, 1, 'custom', 'Shop', 'EUR', 'UTC', 0, 5); \
                 INSERT INTO rulesets VALUES (1, 1, 604800000, 'last_touch', 'order', 5), \
                 (1, 2, 86400000, 'linear', 'order', 6); \
                 INSERT INTO facts VALUES (1, 1, 'visualization', 'viz', NULL, 10, '{{\"v\":1,\"visualizationId\":\"viz\",\
                 \"widgetId\":\"widget_00000000000000000000000001\",\"visitorId\":\"v\",\"products\":[{{\"productId\":\"p\"}}],\
                 \"at\":10}}', {none}), \
                 (2, 1, 'order', NULL, {body}, 50000000, '{{\"v\":1,\"order\":{{\"orderId\":\"1\",\"source\":\"server\",\
                 \"visitorId\":\"v\",\"currency\":\"EUR\",\"total\":900,\"refunded\":0,\"status\":\"completed\",\
                 \"createdAt\":43200010,\"items\":[{{\"productId\":\"p\",\"quantity\":1,\"price\":900,\"total\":900}}]}}}}', {none})"
            ))
            .unwrap();
    }

    #[test]
    fn what_a_first_version_kept_is_decided_again_under_its_newest_rules() {
        let connection = at_version(1);
        with_content(file(&connection));
        migrate(&connection).unwrap();
        let sql = "SELECT d.kind || d.ruleset_version || ' ' || d.attributed_minor || ' ' || d.lag_any_ms || ' ' || \
                   c.attributed_minor || ' ' || l.cause || l.known_at FROM decisions d \
                   JOIN generations g ON g.generation = d.generation AND g.state = 'live' \
                   JOIN credits c ON c.conversion = d.conversion JOIN ledger l ON l.conversion = d.conversion";
        let told: String = file(&connection).query_row(sql, [], |row| row.get(0)).unwrap();
        assert_eq!(told, "direct2 900 43200000 900 created50000000");
    }

    #[test]
    fn what_a_second_version_kept_of_secrets_domains_and_tests_goes_on_to_hold() {
        let connection = at_version(1);
        with_content(file(&connection));
        connection
            .execute_batch(
                "UPDATE stores SET webhook_secret = ' pasted '; \
                 INSERT INTO store_origins VALUES (1, 0, 'https://Shop.example:8443'); \
                 UPDATE facts SET body = replace(body, '\"items\"', '\"test\":true,\"items\"') WHERE kind = 'order'",
            )
            .unwrap();
        migrate(&connection).unwrap();
        let sql = "SELECT w.secret || ' ' || h.host || ' ' || c.left_out || d.left_out || l.left_out \
                   FROM webhook_secrets w JOIN store_hosts h ON h.store = w.store AND h.host <> '' \
                   JOIN conversions c ON c.store = w.store JOIN decisions d ON d.conversion = c.number \
                   JOIN ledger l ON l.conversion = c.number";
        let told: String = file(&connection).query_row(sql, [], |row| row.get(0)).unwrap();
        assert_eq!(told, "pasted shop.example test11");
    }
}
