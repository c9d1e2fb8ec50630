//! The row of a conversion: the order as it counts, and how to get the whole history of snapshots back from it.

use std::collections::BTreeSet;

use crate::db::{Keyed, params};
use selektable_domain::id::ConversionId;
use selektable_domain::identity::Link;
use selektable_domain::money::Currency;
use selektable_domain::opaque::{OrderId, ProductId, SessionId, UserId, VisitorId};
use selektable_domain::order::platform::{Carrier, LeftOut};
use selektable_domain::order::version::OrderState;
use selektable_domain::order::{Order, OrderStatus, Source};
use selektable_domain::time::Timestamp;

use super::people::SaidLink;
use super::rows::{Reading, first};
use super::work::Work;
use crate::StoreResult;
use crate::body::{read_items, read_platform, read_state, write_items, write_platform, write_state};

macro_rules! order_columns {
    () => {
        "c.number, c.id, c.order_id, c.source, c.visitor, c.session, c.user, c.currency, c.total_minor, \
         c.refunded_minor, c.status, c.created_at, c.updated_at, c.items, c.test, c.label, c.sample, c.occurred_at, \
         c.first_received_at, c.platform"
    };
}

macro_rules! head_sql {
    ($condition:literal) => {
        concat!(
            "SELECT ",
            order_columns!(),
            ", c.arrival, c.arrivals, c.rivals, c.store, c.person FROM conversions c WHERE ",
            $condition
        )
    };
}

/// One order with all that is known of it.
#[derive(Clone, Debug)]
pub(super) struct Head {
    /// Row number, which is the number of its first fact.
    pub number: i64,
    /// Our id.
    pub id: ConversionId,
    /// Its snapshots.
    pub state: OrderState,
    /// The order as it counts.
    pub order: Order,
    /// `t_c`.
    pub occurred_at: Timestamp,
    /// The user its visitor was then, as the row says it; see [`super::people`].
    pub person: Option<UserId>,
    /// Part of the demo's made-up history.
    pub sample: bool,
}

impl Head {
    /// Of a state; the person is still to be found.
    pub(super) fn new(number: i64, id: ConversionId, state: OrderState, sample: bool) -> Self {
        let (order, occurred_at) = (state.order(), state.occurred_at());
        Self { number, id, order, occurred_at, person: None, state, sample }
    }

    /// The link an order with a `userId` says: this browser was this user when the order was placed.
    pub(super) fn link(&self) -> Option<SaidLink> {
        let (visitor, user) = (self.order.visitor.clone()?, self.order.user.clone()?);
        Some(SaidLink { link: Link { at: self.occurred_at, user, visitor }, origin: self.number })
    }
}

/// Columns [`read_head`] and [`read_order`] read, in their order.
pub(super) const ORDER_COLUMNS: &str = order_columns!();
/// How many they are.
pub(super) const ORDER_COLUMN_COUNT: usize = 20;

/// The order of a row that begins with [`ORDER_COLUMNS`].
pub(super) fn read_order(row: Reading<'_>) -> StoreResult<Order> {
    Ok(Order {
        id: row.opaque(2, OrderId::parse)?,
        source: row.code(3, Source::from_code)?,
        visitor: row.opaque_if(4, VisitorId::parse)?,
        session: row.opaque_if(5, SessionId::parse)?,
        user: row.opaque_if(6, UserId::parse)?,
        currency: row.code(7, Currency::read_stored)?,
        total_minor: row.get(8)?,
        refunded_minor: row.get(9)?,
        status: row.code(10, OrderStatus::from_code)?,
        created_at: row.time(11)?,
        updated_at: row.time_if(12)?,
        items: row.json(13, read_items)?,
        test: row.get(14)?,
        label: row.get(15)?,
        platform: read_platform(row.text_if(19)?).map_err(|fault| row.damaged(fault))?,
    })
}

/// The order known by a shop's id.
pub(super) fn find(work: &Work<'_>, store: i64, order: &OrderId) -> StoreResult<Option<Head>> {
    let mut statement = work.connection.prepare_keyed(BY_ORDER)?;
    first(statement.query(params![store, order.as_str()])?, read_head)
}

/// The order in a row.
pub(super) fn by_number(work: &Work<'_>, store: i64, number: i64) -> StoreResult<Option<Head>> {
    let sql = head_sql!("c.number = ?1 AND +c.store = ?2");
    let mut statement = work.connection.prepare_cached(sql)?;
    first(statement.query(params![number, store])?, read_head)
}

/// Every order of a store with a number after the one given, up to the other, by number.
pub(super) fn each_of(
    work: &Work<'_>,
    store: i64,
    (after, to): (i64, i64),
    mut each: impl FnMut(&Head) -> StoreResult<()>,
) -> StoreResult<()> {
    let sql = head_sql!("c.store = ?1 AND c.number > ?2 AND c.number <= ?3 ORDER BY c.number");
    let mut statement = work.connection.prepare_cached(sql)?;
    let mut rows = statement.query([store, after, to])?;
    while let Some(row) = rows.next()?.as_ref() {
        each(&read_head(row)?)?;
    }
    Ok(())
}

/// The order known by a shop's id.
pub(super) const BY_ORDER: Keyed =
    Keyed { sql: head_sql!("c.store = ?1 AND c.order_id = ?2"), keys: &[("order", 2)] };

fn read_head(row: &crate::db::Row<'_>) -> StoreResult<Head> {
    let row = Reading::new(row, "conversions", 0);
    let order = read_order(row)?;
    let state = match row.text_if(ORDER_COLUMN_COUNT + 2)? {
        Some(text) => read_state(text).map_err(|fault| row.damaged(fault))?,
        None => alone(order, row.get(ORDER_COLUMN_COUNT)?, row.get(ORDER_COLUMN_COUNT + 1)?, row.time(18)?),
    };
    let person = row.opaque_if(ORDER_COLUMN_COUNT + 4, UserId::parse)?;
    Ok(Head { person, ..Head::new(row.get(0)?, row.id(1)?, state, row.get(16)?) })
}

/// The state of an order of which one snapshot is known to count and no rival is left.
fn alone(order: Order, arrival: u32, arrivals: u32, first_received_at: Timestamp) -> OrderState {
    let mut state = OrderState::begin(order, first_received_at);
    for heads in [&mut state.verified, &mut state.browser] {
        for version in [&mut heads.timed, &mut heads.untimed].into_iter().flatten() {
            version.arrival = arrival;
        }
    }
    OrderState { arrivals, ..state }
}

/// The text for column `rivals`: `None` when the other columns say everything.
pub(super) fn rivals(head: &Head) -> Option<String> {
    let state = &head.state;
    let winner = state.winner();
    let told = alone(winner.order.clone(), winner.arrival, state.arrivals, state.first_received_at);
    (told != *state || winner.order != head.order).then(|| write_state(state))
}

/// Adds a conversion.
pub(super) fn insert(work: &Work<'_>, store: i64, head: &Head) -> StoreResult<()> {
    const INSERT: &str = "INSERT INTO conversions (number, store, id, order_id, source, visitor, session, user, currency, \
         total_minor, refunded_minor, status, created_at, updated_at, items, test, label, sample, occurred_at, \
         first_received_at, arrival, arrivals, rivals, person, platform, carrier, left_out) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, \
         ?22, ?23, ?24, ?25, ?26, ?27)";
    let order = &head.order;
    let insert = Keyed { sql: INSERT, keys: &[("order", 4), ("conversions_of", 6)] };
    work.connection.insert(
        insert,
        params![
            head.number,
            store,
            head.id.as_bytes(),
            order.id.as_str(),
            order.source.code(),
            order.visitor.as_ref().map(VisitorId::as_str),
            order.session.as_ref().map(SessionId::as_str),
            order.user.as_ref().map(UserId::as_str),
            order.currency.code(),
            order.total_minor,
            order.refunded_minor,
            order.status.code(),
            order.created_at.as_millis(),
            order.updated_at.map(Timestamp::as_millis),
            write_items(&order.items),
            order.test,
            order.label,
            head.sample,
            head.occurred_at.as_millis(),
            head.state.first_received_at.as_millis(),
            head.state.winner().arrival,
            head.state.arrivals,
            rivals(head),
            head.person.as_ref().map(UserId::as_str),
            write_platform(order.platform.as_deref()),
            carrier(order),
            order.left_out().map(LeftOut::code),
        ],
    )?;
    Ok(())
}

/// Writes a changed order over its row.
pub(super) fn update(work: &Work<'_>, store: i64, head: &Head) -> StoreResult<()> {
    let sql = "UPDATE conversions SET source = ?2, visitor = ?3, session = ?4, user = ?5, total_minor = ?6, \
         refunded_minor = ?7, status = ?8, created_at = ?9, updated_at = ?10, items = ?11, test = ?12, label = ?13, \
         occurred_at = ?14, first_received_at = ?15, arrival = ?16, arrivals = ?17, rivals = ?18, person = ?19, \
         platform = ?20, carrier = ?21, left_out = ?22 WHERE number = ?1 AND +store = ?23";
    let order = &head.order;
    work.connection.prepare_cached(sql)?.execute(params![
        head.number,
        order.source.code(),
        order.visitor.as_ref().map(VisitorId::as_str),
        order.session.as_ref().map(SessionId::as_str),
        order.user.as_ref().map(UserId::as_str),
        order.total_minor,
        order.refunded_minor,
        order.status.code(),
        order.created_at.as_millis(),
        order.updated_at.map(Timestamp::as_millis),
        write_items(&order.items),
        order.test,
        order.label,
        head.occurred_at.as_millis(),
        head.state.first_received_at.as_millis(),
        head.state.winner().arrival,
        head.state.arrivals,
        rivals(head),
        head.person.as_ref().map(UserId::as_str),
        write_platform(order.platform.as_deref()),
        carrier(order),
        order.left_out().map(LeftOut::code),
        store,
    ])?;
    Ok(())
}

/// How the visitor came to be known, as its column has it.
pub(super) fn carrier(order: &Order) -> Option<&'static str> {
    order.platform.as_ref().and_then(|part| part.carrier).map(Carrier::code)
}

/// Writes which ids the lines hold, as the order counts now; `before` is how it counted before.
pub(super) fn index_items(
    work: &Work<'_>,
    store: i64,
    before: Option<&Order>,
    head: &Head,
) -> StoreResult<()> {
    let was = before.map(item_ids).unwrap_or_default();
    let is = item_ids(&head.order);
    let sql = "INSERT INTO ordered_products (store, product, conversion) VALUES (?1, ?2, ?3)";
    for id in is.difference(&was) {
        work.connection.insert(Keyed { sql, keys: &[] }, params![store, id.as_str(), head.number])?;
    }
    let sql = "DELETE FROM ordered_products WHERE store = ?1 AND product = ?2 AND conversion = ?3";
    for id in was.difference(&is) {
        work.connection.prepare_cached(sql)?.execute(params![store, id.as_str(), head.number])?;
    }
    Ok(())
}

fn item_ids(order: &Order) -> BTreeSet<&ProductId> {
    order.items.iter().flat_map(|item| [Some(&item.product), item.variant.as_ref()]).flatten().collect()
}
