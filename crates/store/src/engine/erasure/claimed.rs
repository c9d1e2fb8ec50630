//! Orders that have their visitor by a claim, before the visitor is erased.
//!
//! A claim is an event of its own time, the order another one's; on a browser that two people share they may be two
//! people's. So what the claim found is written into the order's own fact first, and from then on the order is like any
//! that names its visitor itself.

use std::collections::BTreeSet;

use crate::db::params;
use selektable_domain::order::platform::Claim;

use super::super::conversions::{self, Head};
use super::super::rows::collect;
use super::super::work::Work;
use super::super::{facts, fold};
use super::survey::browsers;
use crate::body::{FactKind, read_order, write_order};
use crate::rules::Erasing;
use crate::{StoreResult, Tenant};

/// Writes it into every order that a browser of the person claimed; says whether there was one.
pub(in super::super) fn write_into_orders(
    work: &Work<'_>,
    tenant: Tenant,
    who: &Erasing,
) -> StoreResult<bool> {
    let sql = "SELECT DISTINCT t.conversion FROM claims c JOIN order_tokens t ON t.store = c.store \
               AND t.kind = c.kind AND t.token = c.token WHERE c.store = ?1 AND c.visitor = ?2";
    let mut numbers = BTreeSet::new();
    for browser in browsers(work, tenant.store_number, who)? {
        let mut statement = work.connection.prepare_cached(sql)?;
        let found: Vec<i64> =
            collect(statement.query(params![tenant.store_number, browser])?, |row| Ok(row.get(0)?))?;
        numbers.extend(found);
    }
    let mut any = false;
    for number in numbers {
        let Some(head) = conversions::by_number(work, tenant.store_number, number)? else { continue };
        if let Some(claim) = head.state.besides.claimed.clone() {
            any = true;
            write_into(work, tenant, &head, &claim)?;
        }
    }
    Ok(any)
}

/// Into the snapshot that counts, so that it goes on to count: of two of one time the one that tells more does.
fn write_into(work: &Work<'_>, tenant: Tenant, head: &Head, claim: &Claim) -> StoreResult<()> {
    for fact in facts::of_subject(work, tenant.store_number, head.id)? {
        if fact.kind != FactKind::Order {
            continue;
        }
        let mut told = read_order(&fact.body).map_err(|detail| fact.damaged(detail))?;
        if told.order != head.state.winner().order {
            continue;
        }
        told.order.visitor = Some(claim.visitor.clone());
        told.order.session = Some(claim.session.clone());
        if let Some(part) = &mut told.order.platform {
            part.carrier = Some(claim.kind.carrier());
        }
        facts::replace_body(work, tenant, &fact, &write_order(&told.order, told.sample))?;
        break;
    }
    match fold::of_subject(work, tenant.store_number, head.id)? {
        Some(after) => {
            conversions::update(work, tenant.store_number, &Head { person: head.person.clone(), ..after })
        }
        None => Ok(()),
    }
}
