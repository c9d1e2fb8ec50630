//! Stores, their widgets and the versions of their rules.

use crate::db::params;
use selektable_domain::id::{OrganizationId, StoreId, WidgetId};
use selektable_domain::money::Currency;
use selektable_domain::retention::EventDays;
use selektable_domain::rules::Ruleset;
use selektable_domain::time::{Timestamp, Zone};

use super::figures::rollups;
use super::platforms::{hosts, secrets};
use super::rows::{Reading, collect, first};
use super::work::Work;
use crate::db::taken;
use crate::rules::RevisionCause;
use crate::settings::{
    NewStore, NewWidget, Platform, StoreRecord, StoreSettings, WidgetRecord, WidgetSettings, WidgetType,
};
use crate::{StoreResult, Tenant};

/// Adds a store with its rules and its first widget.
pub(super) fn create(work: &Work<'_>, new: &NewStore) -> StoreResult<()> {
    let settings = &new.settings;
    let sql = "INSERT INTO stores (id, organization, platform, name, currency, zone, keep_traits, shop_host, \
               created_at, keep_events_days) SELECT ?1, number, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10 FROM organizations WHERE id = ?2 RETURNING number";
    let mut statement = work.connection.prepare_cached(sql)?;
    let added = statement.query(params![
        new.id.as_bytes(),
        new.organization.as_bytes(),
        new.platform.code(),
        settings.name,
        settings.currency.code(),
        settings.zone.name(),
        settings.keep_traits,
        settings.shop_host,
        new.created_at.as_millis(),
        settings.keep_events.map(EventDays::days),
    ]);
    let added = added.and_then(|mut rows| rows.next()?.map(|row| row.get(0)).transpose());
    let number: Option<i64> = taken(added, "a store with this id")?;
    let number =
        number.ok_or_else(|| super::accounts::missing("organizations", new.organization.to_string()))?;
    begin_rules(work, number, new.created_at)?;
    write_origins(work, number, settings)?;
    if let Some(secret) = &new.webhook_secret {
        secrets::add(work, number, secret, new.webhook_secret_made_by_us, new.created_at)?;
    }
    insert_widget(work, number, &new.widget)?;
    work.change_settings()
}

/// The first rules, in force from the beginning, and the first generation of decisions.
fn begin_rules(work: &Work<'_>, store: i64, at: Timestamp) -> StoreResult<()> {
    insert_rules(work, store, Ruleset::FIRST, at, Some(at))?;
    let first = Ruleset::FIRST.version;
    let sql =
        "INSERT INTO schedule_entries (store, revision, place, from_at, version) VALUES (?1, 1, 0, NULL, ?2)";
    work.connection.prepare_cached(sql)?.execute(params![store, first])?;
    let sql = "INSERT INTO schedule_revisions (store, revision, cause, at) VALUES (?1, 1, ?2, ?3)";
    work.connection.prepare_cached(sql)?.execute(params![
        store,
        RevisionCause::Start.code(),
        at.as_millis()
    ])?;
    let sql = "INSERT INTO generations (store, generation, revision, state, built_to, build_end, at) \
               VALUES (?1, 1, 1, 'live', 0, 0, ?2)";
    work.connection.prepare_cached(sql)?.execute(params![store, at.as_millis()])?;
    Ok(())
}

/// Adds a version of a store's rules.
pub(super) fn insert_rules(
    work: &Work<'_>,
    store: i64,
    rules: Ruleset,
    at: Timestamp,
    published_at: Option<Timestamp>,
) -> StoreResult<()> {
    let sql = "INSERT INTO rulesets (store, version, window_ms, model, basis, created_at, products, leads, counts, \
               published_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    work.connection.prepare_cached(sql)?.execute(params![
        store,
        rules.version,
        rules.window.as_millis(),
        rules.model.code(),
        rules.basis.code(),
        at.as_millis(),
        rules.products.code(),
        rules.leads.code(),
        rules.counts.code(),
        published_at.map(Timestamp::as_millis),
    ])?;
    Ok(())
}

fn write_origins(work: &Work<'_>, store: i64, settings: &StoreSettings) -> StoreResult<()> {
    hosts::index(work, store, settings)?;
    work.connection.prepare_cached("DELETE FROM store_origins WHERE store = ?1")?.execute([store])?;
    let sql = "INSERT INTO store_origins (store, place, origin) VALUES (?1, ?2, ?3)";
    let mut statement = work.connection.prepare_cached(sql)?;
    for (origin, place) in settings.origins.iter().zip(0_i64..) {
        statement.execute(params![store, place, origin])?;
    }
    Ok(())
}

/// Changes a store's settings.
pub(super) fn update(work: &Work<'_>, tenant: Tenant, settings: &StoreSettings) -> StoreResult<()> {
    let store = tenant.store_number;
    let sql = "SELECT zone = ?2 FROM stores WHERE number = ?1";
    let zone = params![store, settings.zone.name()];
    let same_days: bool = work.connection.prepare_cached(sql)?.query_row(zone, |row| row.get(0))?;
    if !same_days {
        rollups::begin_visitors(work, store)?;
    }
    let sql = "UPDATE stores SET name = ?2, currency = ?3, zone = ?4, keep_traits = ?5, shop_host = ?6, \
               keep_events_days = ?7 \
               WHERE number = ?1";
    work.connection.prepare_cached(sql)?.execute(params![
        store,
        settings.name,
        settings.currency.code(),
        settings.zone.name(),
        settings.keep_traits,
        settings.shop_host,
        settings.keep_events.map(EventDays::days),
    ])?;
    write_origins(work, store, settings)?;
    work.change_settings()
}

/// Adds a widget.
pub(super) fn create_widget(work: &Work<'_>, tenant: Tenant, new: &NewWidget) -> StoreResult<()> {
    insert_widget(work, tenant.store_number, new)?;
    work.change_settings()
}

fn insert_widget(work: &Work<'_>, store: i64, new: &NewWidget) -> StoreResult<()> {
    let sql = "INSERT INTO widgets (id, store, kind, name, accent, retention_hours, created_at) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    let added = work.connection.prepare_cached(sql)?.execute(params![
        new.id.as_bytes(),
        store,
        new.kind.code(),
        new.settings.name,
        new.settings.accent,
        new.settings.retention_hours,
        new.created_at.as_millis(),
    ]);
    taken(added, "a widget with this id").map(|_| ())
}

/// Changes a widget; `false` when the store has none of this id.
pub(super) fn update_widget(
    work: &Work<'_>,
    tenant: Tenant,
    widget: WidgetId,
    settings: &WidgetSettings,
) -> StoreResult<bool> {
    let sql = "UPDATE widgets SET name = ?3, accent = ?4, retention_hours = ?5 WHERE store = ?1 AND id = ?2";
    let changed = work.connection.prepare_cached(sql)?.execute(params![
        tenant.store_number,
        widget.as_bytes(),
        settings.name,
        settings.accent,
        settings.retention_hours,
    ])?;
    work.change_settings()?;
    Ok(changed == 1)
}

const STORE_SQL: &str = "SELECT s.number, s.id, o.id, s.platform, s.name, s.currency, s.zone, s.keep_traits, \
     s.created_at, s.shop_host, s.keep_events_days FROM stores s JOIN organizations o ON o.number = s.organization";

/// A store by its id, with its row number.
pub(super) fn by_id(work: &Work<'_>, store: StoreId) -> StoreResult<Option<(i64, StoreRecord)>> {
    let sql = format!("{STORE_SQL} WHERE s.id = ?1");
    let mut statement = work.connection.prepare_cached(&sql)?;
    first(statement.query([store.as_bytes()])?, |row| read_store(work, row))
}

/// The id of a widget's store.
pub(super) fn of_widget(work: &Work<'_>, widget: WidgetId) -> StoreResult<Option<StoreId>> {
    let sql = "SELECT s.number, s.id FROM widgets w JOIN stores s ON s.number = w.store WHERE w.id = ?1";
    let mut statement = work.connection.prepare_cached(sql)?;
    first(statement.query([widget.as_bytes()])?, |row| Reading::new(row, "stores", 0).id(1))
}

/// An organization's stores, by name.
pub(super) fn of_organization(work: &Work<'_>, organization: i64) -> StoreResult<Vec<StoreRecord>> {
    let sql = format!("{STORE_SQL} WHERE s.organization = ?1 ORDER BY s.name, s.number");
    let mut statement = work.connection.prepare_cached(&sql)?;
    let stores = collect(statement.query([organization])?, |row| read_store(work, row))?;
    Ok(stores.into_iter().map(|(_, store)| store).collect())
}

/// Every store with its organization, oldest first.
pub(super) fn all(work: &Work<'_>) -> StoreResult<Vec<(OrganizationId, StoreId)>> {
    let sql = "SELECT s.number, o.id, s.id FROM stores s JOIN organizations o ON o.number = s.organization \
               ORDER BY s.number";
    let mut statement = work.connection.prepare_cached(sql)?;
    collect(statement.query(())?, |row| {
        let row = Reading::new(row, "stores", 0);
        Ok((row.id(1)?, row.id(2)?))
    })
}

fn read_store(work: &Work<'_>, row: &crate::db::Row<'_>) -> StoreResult<(i64, StoreRecord)> {
    let row = Reading::new(row, "stores", 0);
    let number = row.get(0)?;
    let schedule = work.store_rules(number)?.live.schedule.clone();
    let organization: OrganizationId = row.id(2)?;
    let settings = StoreSettings {
        name: row.get(4)?,
        origins: origins(work, number)?,
        currency: row.code(5, Currency::read_stored)?,
        zone: row.code(6, |name| Zone::parse(name).ok())?,
        keep_traits: row.get(7)?,
        keep_events: days(row, 10)?,
        shop_host: row.get(9)?,
    };
    let record = StoreRecord {
        id: row.id(1)?,
        organization,
        platform: row.code(3, Platform::from_code)?,
        settings,
        ruleset: *schedule.newest(),
        schedule,
        widgets: widgets(work, number)?,
        created_at: row.time(8)?,
        redeciding: is_redeciding(work, number)?,
        secrets: secrets::list(work, number)?.into_iter().map(|one| (one.number, one.secret)).collect(),
    };
    Ok((number, record))
}

/// Whether conversions of a store wait to be decided again, or all of them are being decided.
fn is_redeciding(work: &Work<'_>, store: i64) -> StoreResult<bool> {
    let building = "SELECT EXISTS (SELECT 1 FROM generations WHERE store = ?1 AND state = 'building')";
    let waiting = "SELECT EXISTS (SELECT 1 FROM redecisions WHERE store = ?1)";
    for sql in [building, waiting] {
        if work.connection.prepare_cached(sql)?.query_row([store], |row| row.get(0))? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A number of days that may be absent.
pub(super) fn days(row: Reading<'_>, column: usize) -> StoreResult<Option<EventDays>> {
    let days: Option<i64> = row.get(column)?;
    let read = |days: i64| {
        let known = u16::try_from(days).ok().and_then(|days| EventDays::new(days).ok());
        known.ok_or_else(|| row.damaged(format!("events can't be kept for {days} days")))
    };
    days.map(read).transpose()
}

fn origins(work: &Work<'_>, store: i64) -> StoreResult<Vec<String>> {
    let sql = "SELECT origin FROM store_origins WHERE store = ?1 ORDER BY place";
    let mut statement = work.connection.prepare_cached(sql)?;
    collect(statement.query([store])?, |row| Ok(row.get(0)?))
}

fn widgets(work: &Work<'_>, store: i64) -> StoreResult<Vec<WidgetRecord>> {
    let sql = "SELECT number, id, kind, name, accent, retention_hours, created_at FROM widgets \
               WHERE store = ?1 ORDER BY created_at, number";
    let mut statement = work.connection.prepare_cached(sql)?;
    collect(statement.query([store])?, |row| {
        let row = Reading::new(row, "widgets", 0);
        Ok(WidgetRecord {
            id: row.id(1)?,
            kind: row.code(2, WidgetType::from_code)?,
            settings: WidgetSettings { name: row.get(3)?, accent: row.get(4)?, retention_hours: row.get(5)? },
            created_at: row.time(6)?,
        })
    })
}
