//! Conversions of a range one after the other, each with what was decided on it, ready to be decided once more.

use crate::db::params;
use selektable_domain::attribution::{AttributionType, Conversion, Decision, Reason, decide};
use selektable_domain::opaque::UserId;
use selektable_domain::order::Order;
use selektable_domain::rules::Ruleset;
use selektable_domain::time::{Range, Timestamp};

use super::conversions::{ORDER_COLUMN_COUNT, ORDER_COLUMNS, read_order};
use super::evidence::{self, Gathered};
use super::rows::Reading;
use super::work::Work;
use crate::StoreResult;

/// A conversion that is no test and not cancelled.
pub(super) struct Stored {
    /// Its number.
    pub conversion: i64,
    /// The order as it counts.
    pub order: Order,
    /// When it happened.
    pub occurred_at: Timestamp,
    person: Option<UserId>,
    /// The decided type.
    pub kind: AttributionType,
    /// The decided reason.
    pub reason: Reason,
    /// Version of the rules that decided.
    pub ruleset_version: u32,
    /// Whether its status is revenue under them.
    pub is_revenue: bool,
    /// Attributed, minor units.
    pub attributed_minor: i64,
    /// Would be attributed once paid, minor units.
    pub provisional_minor: i64,
}

/// Which conversions are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Every one.
    All,
    /// Those that are assisted.
    Assisted,
}

/// Every wanted conversion of a range, in the order of time. Only the row at hand is held.
pub(super) fn for_each(
    work: &Work<'_>,
    store: i64,
    range: Range,
    wanted: Wanted,
    mut each: impl FnMut(&Stored) -> StoreResult<()>,
) -> StoreResult<()> {
    let kind = match wanted {
        Wanted::All => "",
        Wanted::Assisted => " AND d.kind = 'assisted'",
    };
    let sql = format!(
        "SELECT {ORDER_COLUMNS}, d.kind, d.reason, d.ruleset_version, d.is_revenue, d.attributed_minor, \
         d.provisional_minor, c.person FROM decisions d CROSS JOIN conversions c ON c.number = d.conversion \
         AND +c.store = d.store \
         WHERE d.store = ?1 AND d.generation = ?2 AND d.occurred_at >= ?3 AND d.occurred_at < ?4 AND d.left_out = 0 \
         AND d.status <> 'cancelled'{kind}"
    );
    let generation = work.generation(store)?;
    let mut statement = work.connection.prepare_cached(&sql)?;
    let mut rows =
        statement.query(params![store, generation, range.from.as_millis(), range.to.as_millis()])?;
    while let Some(row) = rows.next()?.as_ref() {
        each(&read(row)?)?;
    }
    Ok(())
}

fn read(row: &crate::db::Row<'_>) -> StoreResult<Stored> {
    let row = Reading::new(row, "conversions", 0);
    let decision = ORDER_COLUMN_COUNT;
    Ok(Stored {
        conversion: row.get(0)?,
        order: read_order(row)?,
        occurred_at: row.time(17)?,
        kind: row.code(decision, AttributionType::from_code)?,
        reason: row.code(decision + 1, Reason::from_code)?,
        ruleset_version: row.get(decision + 2)?,
        is_revenue: row.get(decision + 3)?,
        attributed_minor: row.get(decision + 4)?,
        provisional_minor: row.get(decision + 5)?,
        person: row.opaque_if(decision + 6, UserId::parse)?,
    })
}

impl Stored {
    /// Decides it under given rules, from the evidence as it is now.
    pub(super) fn decide(
        &self,
        work: &Work<'_>,
        store: i64,
        rules: &Ruleset,
    ) -> StoreResult<(Gathered, Decision)> {
        let wanted = evidence::Wanted {
            number: self.conversion,
            order: &self.order,
            occurred_at: self.occurred_at,
            user: self.person.as_ref(),
        };
        let gathered = evidence::gather(work, store, wanted)?;
        let conversion = Conversion { order: &self.order, occurred_at: self.occurred_at };
        let decision = decide(conversion, &gathered.evidence, rules);
        Ok((gathered, decision))
    }
}
