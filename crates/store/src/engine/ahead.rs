//! What orders are going to ask, asked for all orders of a transaction at once. Only a server gains by it: a question of
//! its own costs a round trip there, and next to nothing in a file.
//!
//! It changes nothing of what orders see (see [`crate::postgres`]); a question that is forgotten here is asked later.

use selektable_domain::identity::{Person, person_at};
use selektable_domain::opaque::UserId;

use super::claims::CLAIMS;
use super::conversions::BY_ORDER;
use super::evidence::{PERSON, SESSION, VISITOR};
use super::fold::AWAITED;
use super::orders::PRODUCT_SEEN;
use super::people::{self, HAS_ORDERED, HAS_VISUALIZED, LINKS};
use super::visitors::VISITOR_SEEN;
use super::work::Work;
use crate::StoreResult;
use crate::db::Keyed;
use crate::db::types::Value;
use crate::ingest::OrderDelivery;
use crate::postgres::Client;

/// Questions of one statement, each once.
struct Asked {
    keyed: Keyed,
    wanted: Vec<Vec<Value>>,
}

impl Asked {
    const fn new(keyed: Keyed) -> Self {
        Self { keyed, wanted: Vec::new() }
    }

    fn add(&mut self, store: i64, key: &str) {
        let question = vec![Value::Integer(store), Value::Text(key.to_owned())];
        if !self.wanted.contains(&question) {
            self.wanted.push(question);
        }
    }
}

fn ask(client: &Client, asked: impl IntoIterator<Item = Asked>) -> StoreResult<()> {
    let questions = asked.into_iter().map(|asked| (asked.keyed, asked.wanted)).collect();
    Ok(client.fetch_ahead(questions)?)
}

/// Asks ahead for orders that are about to be taken in, in this transaction.
pub(super) fn for_orders<'d>(
    work: &Work<'_>,
    deliveries: impl Iterator<Item = &'d OrderDelivery> + Clone,
) -> StoreResult<()> {
    let Some(client) = work.connection.postgres() else { return Ok(()) };
    let count = deliveries.clone().count();
    if count < 2 {
        return Ok(());
    }
    client.take_numbers(count)?;
    let mut sessions = Asked::new(SESSION.every);
    for delivery in deliveries.clone() {
        if let Some(session) = &delivery.order.session {
            sessions.add(delivery.tenant.store_number, session.as_str());
        }
    }
    let first = by_order(deliveries.clone()).into_iter().chain(by_visitor(deliveries.clone()));
    ask(client, first.chain([sessions]))?;
    let mut persons = Asked::new(PERSON.every);
    for delivery in deliveries {
        if let Some(user) = likely_user(work, delivery)? {
            persons.add(delivery.tenant.store_number, user.as_str());
        }
    }
    ask(client, [persons])
}

fn by_order<'d>(deliveries: impl Iterator<Item = &'d OrderDelivery>) -> [Asked; 4] {
    let [mut known, mut awaited, mut products, mut claims] =
        [BY_ORDER, AWAITED, PRODUCT_SEEN, CLAIMS].map(Asked::new);
    for delivery in deliveries {
        let (store, order) = (delivery.tenant.store_number, &delivery.order);
        known.add(store, order.id.as_str());
        awaited.add(store, order.id.as_str());
        for id in order.items.iter().flat_map(|item| [Some(&item.product), item.variant.as_ref()]).flatten() {
            products.add(store, id.as_str());
        }
        for token in order.platform.iter().flat_map(|part| &part.tokens) {
            claims.wanted.push(vec![
                Value::Integer(store),
                Value::Text(token.kind.code().to_owned()),
                Value::Text(token.text.to_string()),
            ]);
        }
    }
    [known, awaited, products, claims]
}

fn by_visitor<'d>(deliveries: impl Iterator<Item = &'d OrderDelivery>) -> [Asked; 5] {
    let mut asked = [LINKS, VISITOR.every, VISITOR_SEEN, HAS_VISUALIZED, HAS_ORDERED].map(Asked::new);
    for delivery in deliveries {
        let Some(visitor) = &delivery.order.visitor else { continue };
        // Who says a user also looks whether that changes who the visitor was.
        let questions = if delivery.order.user.is_some() { 5 } else { 3 };
        for question in asked.iter_mut().take(questions) {
            question.add(delivery.tenant.store_number, visitor.as_str());
        }
    }
    asked
}

/// Who the visitor of an order is going to be found to be.
fn likely_user(work: &Work<'_>, delivery: &OrderDelivery) -> StoreResult<Option<UserId>> {
    let order = &delivery.order;
    let Some(visitor) = &order.visitor else { return Ok(None) };
    if order.user.is_some() {
        return Ok(order.user.clone());
    }
    let links = people::links_of(work, delivery.tenant.store_number, visitor)?;
    Ok(match person_at(visitor, order.created_at, &links) {
        Person::User(user) => Some(user),
        Person::Visitor(_) => None,
    })
}
