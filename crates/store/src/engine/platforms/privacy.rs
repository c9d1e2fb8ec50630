//! Requests under privacy law that a platform passed on.

use crate::db::params;
use selektable_domain::opaque::OrderId;
use selektable_domain::platform::PrivacyRequest;
use selektable_domain::time::Timestamp;

use super::super::rows::{Reading, collect};
use super::super::work::Work;
use crate::StoreResult;
use crate::platforms::{PRIVACY_REQUESTS_MAX, PrivacyRecord};

/// Keeps a request; answers its number.
pub(in super::super) fn add(
    work: &Work<'_>,
    store: i64,
    request: &PrivacyRequest,
    at: Timestamp,
) -> StoreResult<u32> {
    let (customer, orders): (Option<&str>, &[OrderId]) = match request {
        PrivacyRequest::Data { customer, orders } | PrivacyRequest::EraseCustomer { customer, orders } => {
            (customer.as_deref(), orders)
        }
        PrivacyRequest::EraseShop => (None, &[]),
    };
    let orders: Vec<&str> = orders.iter().map(OrderId::as_str).collect();
    let sql = "INSERT INTO privacy_requests (store, number, kind, customer, orders, received_at) \
               SELECT ?1, coalesce(max(number), 0) + 1, ?2, ?3, ?4, ?5 FROM privacy_requests WHERE store = ?1 \
               RETURNING number";
    let row = params![
        store,
        request.code(),
        customer,
        serde_json::to_string(&orders).unwrap_or_default(),
        at.as_millis()
    ];
    Ok(work.connection.prepare_cached(sql)?.query_row(row, |row| row.get(0))?)
}

/// Notes that a request is done.
pub(in super::super) fn finish(work: &Work<'_>, store: i64, number: u32, at: Timestamp) -> StoreResult<bool> {
    let sql = "UPDATE privacy_requests SET done_at = ?3 WHERE store = ?1 AND number = ?2 AND done_at IS NULL";
    Ok(work.connection.prepare_cached(sql)?.execute(params![store, number, at.as_millis()])? == 1)
}

/// A store's requests, newest first.
pub(in super::super) fn list(work: &Work<'_>, store: i64) -> StoreResult<Vec<PrivacyRecord>> {
    let sql = "SELECT number, kind, customer, orders, received_at, done_at FROM privacy_requests \
               WHERE store = ?1 ORDER BY number DESC LIMIT ?2";
    let mut statement = work.connection.prepare_cached(sql)?;
    collect(statement.query(params![store, PRIVACY_REQUESTS_MAX])?, |row| {
        let row = Reading::new(row, "privacy_requests", 0);
        let ids: Vec<String> =
            serde_json::from_str(row.text(3)?).map_err(|fault| row.damaged(fault.to_string()))?;
        let orders = ids.iter().map(|id| OrderId::parse(id)).collect::<Result<Vec<_>, _>>();
        Ok(PrivacyRecord {
            number: row.get(0)?,
            kind: row.get(1)?,
            customer: row.get(2)?,
            orders: orders.map_err(|fault| row.damaged(fault.to_string()))?,
            received_at: row.time(4)?,
            done_at: row.time_if(5)?,
        })
    })
}
