//! An order's snapshot as text.

use std::borrow::Cow;

use selektable_domain::money::Currency;
use selektable_domain::opaque::{OrderId, ProductId, SessionId, UserId, VisitorId};
use selektable_domain::order::{Item, Order, OrderStatus, Source};
use selektable_domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::platform::PlatformBody;
use super::{Read, VERSION, code, known_version, opaque, read, write};

/// What an order's fact tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OrderFact {
    /// The snapshot.
    pub order: Order,
    /// Part of the demo's made-up history.
    pub sample: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct FactBody<'a> {
    v: u8,
    order: OrderBody<'a>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    sample: bool,
}

/// One order; also a part of [`super::state`].
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OrderBody<'a> {
    order_id: Cow<'a, str>,
    source: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    visitor_id: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    session_id: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    user_id: Option<Cow<'a, str>>,
    currency: Cow<'a, str>,
    total: i64,
    refunded: i64,
    status: Cow<'a, str>,
    created_at: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    updated_at: Option<i64>,
    items: Vec<ItemBody<'a>>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    test: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    label: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    platform: Option<PlatformBody<'a>>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ItemBody<'a> {
    product_id: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    variant_id: Option<Cow<'a, str>>,
    quantity: u32,
    price: i64,
    total: i64,
}

/// The body of an order's fact.
pub(crate) fn write_order(order: &Order, sample: bool) -> String {
    write(&FactBody { v: VERSION, order: OrderBody::of(order), sample })
}

/// Reads [`write_order`].
pub(crate) fn read_order(text: &str) -> Read<OrderFact> {
    let body: FactBody<'_> = read(text)?;
    known_version(body.v)?;
    Ok(OrderFact { order: body.order.order()?, sample: body.sample })
}

/// An order's lines as they stand in its row.
pub(crate) fn write_items(items: &[Item]) -> String {
    write(&items.iter().map(ItemBody::of).collect::<Vec<_>>())
}

/// Reads [`write_items`].
pub(crate) fn read_items(text: &str) -> Read<Vec<Item>> {
    read::<Vec<ItemBody<'_>>>(text)?.into_iter().map(ItemBody::item).collect()
}

impl<'a> OrderBody<'a> {
    pub(super) fn of(order: &'a Order) -> Self {
        Self {
            order_id: order.id.as_str().into(),
            source: order.source.code().into(),
            visitor_id: order.visitor.as_ref().map(|id| id.as_str().into()),
            session_id: order.session.as_ref().map(|id| id.as_str().into()),
            user_id: order.user.as_ref().map(|id| id.as_str().into()),
            currency: order.currency.code().into(),
            total: order.total_minor,
            refunded: order.refunded_minor,
            status: order.status.code().into(),
            created_at: order.created_at.as_millis(),
            updated_at: order.updated_at.map(Timestamp::as_millis),
            items: order.items.iter().map(ItemBody::of).collect(),
            test: order.test,
            label: order.label.as_deref().map(Cow::Borrowed),
            platform: order.platform.as_deref().map(PlatformBody::of),
        }
    }

    pub(super) fn order(self) -> Read<Order> {
        Ok(Order {
            id: opaque(OrderId::parse(&self.order_id), "orderId")?,
            source: code(Source::from_code(&self.source), "source", &self.source)?,
            visitor: self.visitor_id.map(|id| opaque(VisitorId::parse(&id), "visitorId")).transpose()?,
            session: self.session_id.map(|id| opaque(SessionId::parse(&id), "sessionId")).transpose()?,
            user: self.user_id.map(|id| opaque(UserId::parse(&id), "userId")).transpose()?,
            currency: code(Currency::read_stored(&self.currency), "currency", &self.currency)?,
            total_minor: self.total,
            refunded_minor: self.refunded,
            status: code(OrderStatus::from_code(&self.status), "status", &self.status)?,
            created_at: Timestamp::from_millis(self.created_at),
            updated_at: self.updated_at.map(Timestamp::from_millis),
            items: self.items.into_iter().map(ItemBody::item).collect::<Read<_>>()?,
            test: self.test,
            label: self.label.map(Cow::into_owned),
            platform: self.platform.map(|part| part.part().map(Box::new)).transpose()?,
        })
    }
}

impl<'a> ItemBody<'a> {
    fn of(item: &'a Item) -> Self {
        Self {
            product_id: item.product.as_str().into(),
            variant_id: item.variant.as_ref().map(|id| id.as_str().into()),
            quantity: item.quantity,
            price: item.price_minor,
            total: item.total_minor,
        }
    }

    fn item(self) -> Read<Item> {
        Ok(Item {
            product: opaque(ProductId::parse(&self.product_id), "productId")?,
            variant: self.variant_id.map(|id| opaque(ProductId::parse(&id), "variantId")).transpose()?,
            quantity: self.quantity,
            price_minor: self.price,
            total_minor: self.total,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_comes_back_as_it_was_and_its_text_never_changes() {
        let id = |text: &str| ProductId::parse(text).unwrap();
        let order = Order {
            id: OrderId::parse("7 \"é\"").unwrap(),
            source: Source::Server,
            visitor: Some(VisitorId::parse("v").unwrap()),
            session: None,
            user: Some(UserId::parse("u").unwrap()),
            currency: Currency::parse("EUR").unwrap(),
            total_minor: 9_007_199_254_740_991,
            refunded_minor: 5,
            status: OrderStatus::OnHold,
            created_at: Timestamp::from_millis(1),
            updated_at: Some(Timestamp::from_millis(2)),
            items: vec![Item {
                product: id("p"),
                variant: Some(id("q")),
                quantity: 3,
                price_minor: 4,
                total_minor: 12,
            }],
            test: true,
            label: Some("lead".into()),
            platform: None,
        };
        let text = write_order(&order, true);
        assert_eq!(
            text,
            r#"{"v":1,"order":{"orderId":"7 \"é\"","source":"server","visitorId":"v","userId":"u","currency":"EUR","total":9007199254740991,"refunded":5,"status":"on-hold","createdAt":1,"updatedAt":2,"items":[{"productId":"p","variantId":"q","quantity":3,"price":4,"total":12}],"test":true,"label":"lead"},"sample":true}"#
        );
        assert_eq!(read_order(&text), Ok(OrderFact { order, sample: true }));
    }

    #[test]
    fn a_body_of_another_version_or_with_a_strange_code_is_not_read() {
        let text = r#"{"v":2,"order":{"orderId":"1","source":"server","currency":"EUR","total":1,"refunded":0,"status":"completed","createdAt":1,"items":[]}}"#;
        assert!(read_order(text).unwrap_err().contains("version 2"));
        assert!(read_order(&text.replace("\"v\":2", "\"v\":1").replace("completed", "done")).is_err());
    }
}
