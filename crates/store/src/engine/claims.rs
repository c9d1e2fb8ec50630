//! Which browser an order is claimed by: tokens of carts and checkouts, told by browsers and named by orders.

use crate::db::{Keyed, params};
use selektable_domain::opaque::{EventId, SessionId, VisitorId};
use selektable_domain::order::platform::{Claim, Token, counting_claim};
use selektable_domain::order::version::OrderState;
use selektable_domain::time::Timestamp;

use super::apply;
use super::conversions::{self, Head};
use super::rows::{Reading, collect};
use super::work::Work;
use crate::StoreResult;
use crate::body::EventFact;

/// Finds who claimed an order, where no snapshot says whose it is.
pub(super) fn settle(work: &Work<'_>, store: i64, state: &mut OrderState) -> StoreResult<()> {
    state.besides.claimed = if state.can_be_claimed() {
        let mut claims = Vec::new();
        for token in &state.besides.tokens {
            claims.extend(of_token(work, store, token)?);
        }
        counting_claim(&claims, state.occurred_at()).cloned()
    } else {
        None
    };
    Ok(())
}

/// Who claimed by a token: the first hundred; a cart has one or two.
pub(super) const CLAIMS: Keyed = Keyed {
    sql: "SELECT c.fact, c.at, c.visitor, c.session, f.key FROM claims c JOIN facts f ON f.seq = c.fact AND +f.store = c.store \
          WHERE c.store = ?1 AND c.kind = ?2 AND c.token = ?3 ORDER BY c.fact LIMIT 100",
    keys: &[],
};

fn of_token(work: &Work<'_>, store: i64, token: &Token) -> StoreResult<Vec<Claim>> {
    let mut statement = work.connection.prepare_keyed(CLAIMS)?;
    collect(statement.query(params![store, token.kind.code(), token.text.as_str()])?, |row| {
        let row = Reading::new(row, "claims", 0);
        Ok(Claim {
            at: row.time(1)?,
            visitor: row.opaque(2, VisitorId::parse)?,
            session: row.opaque(3, SessionId::parse)?,
            event: row.opaque(4, EventId::parse)?,
            kind: token.kind,
        })
    })
}

/// Writes by which tokens an order can be claimed, as far as `before` could not.
pub(super) fn index(work: &Work<'_>, store: i64, before: Option<&Head>, after: &Head) -> StoreResult<()> {
    let sql = "INSERT INTO order_tokens (store, kind, token, conversion) VALUES (?1, ?2, ?3, ?4) \
               ON CONFLICT DO NOTHING";
    for token in &after.state.besides.tokens {
        if before.is_none_or(|before| !before.state.besides.tokens.contains(token)) {
            let row = params![store, token.kind.code(), token.text.as_str(), after.number];
            work.connection.insert(Keyed { sql, keys: &[] }, row)?;
        }
    }
    Ok(())
}

/// The orders that can be claimed by a token.
pub(super) fn claimable(work: &Work<'_>, store: i64, token: &Token) -> StoreResult<Vec<i64>> {
    let sql = "SELECT conversion FROM order_tokens WHERE store = ?1 AND kind = ?2 AND token = ?3";
    let mut statement = work.connection.prepare_cached(sql)?;
    collect(statement.query(params![store, token.kind.code(), token.text.as_str()])?, |row| Ok(row.get(0)?))
}

/// Applies a browser's claim; `number` is its fact's.
pub(super) fn claim(
    work: &Work<'_>,
    store: i64,
    number: i64,
    received_at: Timestamp,
    (fact, tokens): (&EventFact, &[Token]),
) -> StoreResult<()> {
    let sql = "INSERT INTO claims (store, kind, token, fact, at, visitor, session) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) \
               ON CONFLICT DO NOTHING";
    for token in tokens {
        work.connection.prepare_cached(sql)?.execute(params![
            store,
            token.kind.code(),
            token.text.as_str(),
            number,
            fact.event.at.as_millis(),
            fact.visitor.as_str(),
            fact.session.as_str(),
        ])?;
        for conversion in claimable(work, store, token)? {
            claimed(work, store, conversion, received_at)?;
        }
    }
    Ok(())
}

/// Looks again who an order's visitor is.
fn claimed(work: &Work<'_>, store: i64, number: i64, received_at: Timestamp) -> StoreResult<()> {
    let Some(before) = conversions::by_number(work, store, number)? else { return Ok(()) };
    let mut state = before.state.clone();
    settle(work, store, &mut state)?;
    if state == before.state {
        return Ok(());
    }
    let mut after = Head::new(before.number, before.id, state, before.sample);
    apply::order(work, store, Some(&before), &mut after, received_at).map(|_| ())
}
