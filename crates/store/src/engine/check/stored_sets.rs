//! What is stored of the tables that are sets, summed up as [`super::facts`] sums up what facts give.

use crate::db::Row;
use selektable_domain::id::ConversionKind;

use super::super::rows::Reading;
use super::super::work::Work;
use super::sums::{Sets, Sum};
use crate::StoreResult;

/// A part of the stored sets.
#[derive(Clone, Copy, Debug)]
pub(super) enum StoredSet {
    Links,
    Shown,
    Ordered,
    Products,
    Claims,
}

impl StoredSet {
    /// Reads it.
    pub(super) fn read(self, work: &Work<'_>) -> StoreResult<Sets> {
        let mut sets = Sets::default();
        match self {
            Self::Links => {
                let sql = "SELECT store, fact, before FROM roll_offs";
                sum(work, sql, &mut sets.roll_offs, |row, sum| {
                    let (store, fact, before): (i64, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
                    sum.add((store, fact, before));
                    Ok(())
                })?;
                let sql = "SELECT store, visitor, at, user, origin FROM identity_links";
                sum(work, sql, &mut sets.links, |row, sum| {
                    let (at, origin): (i64, i64) = (row.get(2)?, row.get(4)?);
                    sum.add((row.get::<i64>(0)?, row.text(1)?, at, row.text(3)?, origin));
                    Ok(())
                })?;
            }
            Self::Shown => {
                let sql = "SELECT store, product, at, visualization FROM shown_products";
                sum(work, sql, &mut sets.shown, |row, sum| {
                    let (at, number): (i64, i64) = (row.get(2)?, row.get(3)?);
                    sum.add((row.get::<i64>(0)?, row.text(1)?, at, number));
                    Ok(())
                })?;
            }
            Self::Ordered => {
                let sql = "SELECT store, product, conversion FROM ordered_products";
                sum(work, sql, &mut sets.ordered, |row, sum| {
                    let conversion: i64 = row.get(2)?;
                    sum.add((row.get::<i64>(0)?, row.text(1)?, conversion));
                    Ok(())
                })?;
            }
            Self::Products => products(work, &mut sets)?,
            Self::Claims => claims(work, &mut sets)?,
        }
        Ok(sets)
    }
}

fn sum(
    work: &Work<'_>,
    sql: &str,
    sum: &mut Sum,
    add: impl Fn(Reading<'_>, &mut Sum) -> StoreResult<()>,
) -> StoreResult<()> {
    each(work, sql, |row| add(Reading::new(row, "a set", 0), sum))
}

fn each(work: &Work<'_>, sql: &str, mut read: impl FnMut(&Row<'_>) -> StoreResult<()>) -> StoreResult<()> {
    let mut statement = work.connection.prepare(sql)?;
    let mut rows = statement.query(())?;
    while let Some(row) = rows.next()?.as_ref() {
        read(row)?;
    }
    Ok(())
}

fn products(work: &Work<'_>, sets: &mut Sets) -> StoreResult<()> {
    each(work, "SELECT store, variant, product, shown, orders FROM carried_aliases", |row| {
        let row = Reading::new(row, "carried_aliases", 1);
        let pair = (row.get(0)?, row.text(1)?.into(), row.text(2)?.into());
        // Anything but 0 and 1 is no answer that facts give.
        let orders = if row.get::<i64>(3)? > 1 { i64::MIN } else { row.get(4)? };
        sets.carried.insert(pair, (row.get(3)?, orders));
        Ok(())
    })?;
    each(work, "SELECT store, variant, product, fact FROM alias_table", |row| {
        let row = Reading::new(row, "alias_table", 1);
        let says = Some(row.text_if(2)?.map(Box::from));
        sets.aliases.insert((row.get(0)?, row.text(1)?.into()), (row.get(3)?, says));
        Ok(())
    })
}

fn claims(work: &Work<'_>, sets: &mut Sets) -> StoreResult<()> {
    let sql = "SELECT store, kind, token, fact, at, visitor, session FROM claims";
    sum(work, sql, &mut sets.claims, |row, sum| {
        let (store, fact, at): (i64, i64, i64) = (row.get(0)?, row.get(3)?, row.get(4)?);
        sum.add((store, row.text(1)?, row.text(2)?, fact, at, row.text(5)?, row.text(6)?));
        Ok(())
    })?;
    let sql = "SELECT store, kind, token, conversion FROM order_tokens";
    sum(work, sql, &mut sets.tokens, |row, sum| {
        sum.add((row.get::<i64>(0)?, row.text(1)?, row.text(2)?, row.get::<i64>(3)?));
        Ok(())
    })?;
    let sql = "SELECT store, order_id, conversion FROM awaited_orders";
    sum(work, sql, &mut sets.awaited, |row, sum| {
        sum.add((row.get::<i64>(0)?, row.text(1)?, row.id::<ConversionKind>(2)?.as_bytes()));
        Ok(())
    })
}
