//! How conversions stand: as they are decided now, or as they were known at an instant. Of the one the decisions of
//! the live generation tell, of the other each conversion's last entry of the ledger by then.

use crate::db::{Params, Row, params};
use selektable_domain::attribution::{AttributionType, Reason};
use selektable_domain::id::WidgetId;
use selektable_domain::money::Currency;
use selektable_domain::order::OrderStatus;
use selektable_domain::report::Lens;
use selektable_domain::report::figures::{Amounts, Counted};
use selektable_domain::time::{Range, Timestamp};

use super::super::decisions::{self, Place};
use super::super::ledger_read::{LedgerCredit, read_credits, rules_hidden_from};
use super::super::rows::{Reading, first};
use super::super::work::Work;
use super::queries::{COLUMNS, DECISION, DECISIONS, ENTRIES, ENTRY, ENTRY_CREDITS, SHARES};
use crate::{StoreResult, Tenant};

/// One conversion that is no test; with a widget, one that is credited to it.
#[derive(Clone, Debug)]
pub(super) struct Standing {
    /// Its number.
    pub conversion: i64,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// Its status.
    pub status: OrderStatus,
    /// Its currency.
    pub currency: Currency,
    /// Its type.
    pub kind: AttributionType,
    /// Its reason.
    pub reason: Reason,
    /// Version of the rules that decided it.
    pub ruleset_version: u32,
    /// Whether its status is revenue under them.
    pub is_revenue: bool,
    /// Gross total of the whole order, minor units.
    pub gross_minor: i64,
    /// What of it was given back.
    pub refunded_minor: i64,
    /// Matched lines before any refund.
    pub lines_minor: i64,
    /// What of it is wanted: all of it, or the widget's share.
    part: Part,
}

/// A part of a conversion's money, minor units.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Part {
    /// Of everything ordered.
    pub gross: i64,
    /// Of what is left of it.
    pub net: i64,
    /// Of what is attributed.
    pub attributed: i64,
    /// Of what would be attributed once paid.
    pub provisional: i64,
}

impl Part {
    /// As figures sum it up.
    pub(super) fn amounts(self, is_revenue: bool) -> Amounts {
        let Self { gross, net, attributed, provisional } = self;
        Amounts {
            gross_minor: i128::from(gross),
            refunded_minor: i128::from(gross) - i128::from(net),
            net_minor: if is_revenue { i128::from(net) } else { 0 },
            attributed_minor: i128::from(attributed),
            provisional_minor: i128::from(provisional),
        }
    }
}

impl Standing {
    /// What is wanted of it by order date.
    pub(super) fn amounts(&self) -> Amounts {
        self.part.amounts(self.is_revenue)
    }

    /// As it is counted.
    pub(super) const fn counted(&self) -> Counted {
        Counted {
            kind: self.kind,
            reason: self.reason,
            status: self.status,
            ruleset_version: self.ruleset_version,
        }
    }
}

/// Where to read, and whose part is wanted.
pub(super) struct Source {
    /// The store.
    pub store: i64,
    /// Only this widget's part.
    pub widget: Option<WidgetId>,
    time: Time,
}

#[derive(Clone, Copy)]
enum Time {
    Now {
        generation: i64,
    },
    Known {
        /// Known at this instant.
        at: i64,
        /// See [`rules_hidden_from`].
        hidden: i64,
    },
}

impl Source {
    /// Of what a lens shows.
    pub(super) fn new(work: &Work<'_>, tenant: Tenant, lens: Lens) -> StoreResult<Self> {
        let store = tenant.store_number;
        let time = match lens.as_of {
            None => Time::Now { generation: work.generation(store)? },
            Some(at) => Time::Known { at: at.as_millis(), hidden: rules_hidden_from(work, store)? },
        };
        Ok(Self { store, widget: lens.widget, time })
    }

    /// Of one set of decisions as it is now.
    pub(super) const fn of_generation(store: i64, generation: i64, widget: Option<WidgetId>) -> Self {
        Self { store, widget, time: Time::Now { generation } }
    }

    /// The latest instant that anything shown was known at.
    pub(super) const fn known_at(&self) -> i64 {
        match self.time {
            Time::Now { .. } => i64::MAX,
            Time::Known { at, .. } => at,
        }
    }

    /// Every conversion of a range.
    pub(super) fn for_each(
        &self,
        work: &Work<'_>,
        range: Range,
        mut each: impl FnMut(Standing) -> StoreResult<()>,
    ) -> StoreResult<()> {
        let (from, to) = (range.from.as_millis(), range.to.as_millis());
        match (self.time, self.widget) {
            (Time::Now { generation }, None) => {
                pass(work, DECISIONS, params![self.store, generation, from, to], |row| each(read(row)?))
            }
            (Time::Now { generation }, Some(widget)) => {
                let key = params![self.store, generation, from, to, widget.as_bytes()];
                pass(work, SHARES, key, |row| each(read(row)?))
            }
            (Time::Known { at, hidden }, None) => {
                pass(work, ENTRIES, params![self.store, at, from, to, hidden], |row| each(read(row)?))
            }
            (Time::Known { at, hidden }, Some(widget)) => {
                pass(work, ENTRIES, params![self.store, at, from, to, hidden], |row| {
                    let credits = read_credits(Reading::new(row, "ledger", 0), COLUMNS + 4)?;
                    let part = Part::of(&credits, widget);
                    part.map_or(Ok(()), |part| each(Standing { part, ..read(row)? }))
                })
            }
        }
    }

    /// One conversion; what is wanted of it by order date is left out.
    pub(super) fn one(&self, work: &Work<'_>, conversion: i64) -> StoreResult<Option<Standing>> {
        match self.time {
            Time::Now { generation } => {
                let mut statement = work.connection.prepare_cached(DECISION)?;
                first(statement.query([conversion, generation, self.store])?, read)
            }
            Time::Known { at, hidden } => {
                let mut statement = work.connection.prepare_cached(ENTRY)?;
                first(statement.query([conversion, at, hidden, self.store])?, read)
            }
        }
    }

    /// The credits of one conversion, in the order of its decision: weight, and whether the widget is the wanted one.
    pub(super) fn credits(&self, work: &Work<'_>, conversion: i64) -> StoreResult<Vec<(u32, bool)>> {
        let found = match self.time {
            Time::Now { generation } => {
                let place = Place { store: self.store, generation, conversion };
                decisions::load_credits(work, place)?
                    .into_iter()
                    .map(|row| (row.visualization, row.weight, row.widget))
                    .collect()
            }
            Time::Known { at, hidden } => known_credits(work, [conversion, at, hidden, self.store])?,
        };
        let mut ordered = found
            .into_iter()
            .map(|(number, weight, widget)| {
                Ok((order_key(work, self.store, number)?, (weight, Some(widget) == self.widget)))
            })
            .collect::<StoreResult<Vec<_>>>()?;
        ordered.sort_unstable();
        Ok(ordered.into_iter().map(|(_, credit)| credit).collect())
    }
}

type Credit = (i64, u32, WidgetId);

/// The parameters are those of the query: conversion, known at, hidden from, store.
fn known_credits(work: &Work<'_>, parameters: [i64; 4]) -> StoreResult<Vec<Credit>> {
    let mut statement = work.connection.prepare_cached(ENTRY_CREDITS)?;
    let rows = statement.query(parameters)?;
    let found = first(rows, |row| read_credits(Reading::new(row, "ledger", 0), 0))?;
    let credit = |credit: LedgerCredit| (credit.visualization, credit.weight, credit.widget);
    Ok(found.unwrap_or_default().into_iter().map(credit).collect())
}

/// Decisions order visualizations by time, then by id.
fn order_key(work: &Work<'_>, store: i64, visualization: i64) -> StoreResult<(i64, String)> {
    let sql = "SELECT at, id FROM visualizations WHERE number = ?1 AND +store = ?2";
    let mut statement = work.connection.prepare_cached(sql)?;
    Ok(statement.query_row([visualization, store], |row| Ok((row.get(0)?, row.get(1)?)))?)
}

impl Part {
    /// A widget's share; `None` when it has no credit.
    fn of(credits: &[LedgerCredit], widget: WidgetId) -> Option<Self> {
        let own = credits.iter().filter(|credit| credit.widget == widget);
        own.fold(None, |sum, credit| {
            let sum: Self = sum.unwrap_or_default();
            Some(Self {
                gross: sum.gross + credit.gross_minor,
                net: sum.net + credit.order_minor,
                attributed: sum.attributed + credit.attributed_minor,
                provisional: sum.provisional + credit.provisional_minor,
            })
        })
    }
}

fn pass(
    work: &Work<'_>,
    sql: &str,
    parameters: impl Params,
    mut each: impl FnMut(&Row<'_>) -> StoreResult<()>,
) -> StoreResult<()> {
    let mut statement = work.connection.prepare_cached(sql)?;
    let mut rows = statement.query(parameters)?;
    while let Some(row) = rows.next()?.as_ref() {
        each(row)?;
    }
    Ok(())
}

fn read(row: &Row<'_>) -> StoreResult<Standing> {
    let row = Reading::new(row, "decisions", 0);
    Ok(Standing {
        conversion: row.get(0)?,
        occurred_at: row.time(1)?,
        status: row.code(2, OrderStatus::from_code)?,
        currency: row.code(3, Currency::read_stored)?,
        kind: row.code(4, AttributionType::from_code)?,
        reason: row.code(5, Reason::from_code)?,
        ruleset_version: row.get(6)?,
        is_revenue: row.get(7)?,
        gross_minor: row.get(8)?,
        refunded_minor: row.get(9)?,
        lines_minor: row.get(10)?,
        part: Part {
            gross: row.get(COLUMNS)?,
            net: row.get(COLUMNS + 1)?,
            attributed: row.get(COLUMNS + 2)?,
            provisional: row.get(COLUMNS + 3)?,
        },
    })
}
