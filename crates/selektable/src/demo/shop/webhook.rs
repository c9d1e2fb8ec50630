//! Tells Selektable of an order: the documentation's request, field for field.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, StatusCode, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::rt::TokioIo;
use serde::Serialize;
use tokio::net::TcpStream;

use super::Shop;

/// How long a shopper waits for Selektable at most; the order is placed either way.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(5);
const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// The webhook's body: the seed's fields, in its order.
#[expect(clippy::struct_field_names, reason = "the names are the contract's")]
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Order {
    pub(super) order_id: String,
    pub(super) store_id: String,
    pub(super) organization_id: String,
    pub(super) visitor_id: String,
    pub(super) session_id: String,
    pub(super) total_cents: i64,
    pub(super) currency: &'static str,
    pub(super) platform: &'static str,
    pub(super) status: &'static str,
    pub(super) order_created_at: String,
    pub(super) items: Vec<Item>,
}

/// One line of it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Item {
    pub(super) product_id: &'static str,
    pub(super) quantity: u32,
    pub(super) price_cents: i64,
    pub(super) total_cents: i64,
}

/// An answer.
#[derive(Clone, Debug)]
pub(super) struct Answered {
    pub(super) status: StatusCode,
    pub(super) body: String,
}

/// An answer, or in words why there is none.
pub(super) type Delivered = Result<Answered, String>;

/// Sends one order and waits for the answer.
pub(super) async fn send(shop: &Shop, order: &Order) -> Delivered {
    let body =
        serde_json::to_vec(order).map_err(|fault| format!("the order can't be written as JSON: {fault}."))?;
    let exchange = post(shop, body);
    let answered = tokio::time::timeout(ANSWER_TIME_MAX, exchange).await;
    answered.unwrap_or_else(|_| Err(format!("{} did not answer within 5 s.", shop.webhooks)))
}

/// One request on one connection: the shop sends few enough, and needs no TLS to its own machine.
async fn post(shop: &Shop, body: Vec<u8>) -> Delivered {
    let unreachable = |fault: &dyn std::fmt::Display| format!("{} can't be reached: {fault}.", shop.webhooks);
    let authority =
        shop.webhooks.strip_prefix("http://").ok_or("the webhook's address must begin with http://.")?;
    let stream = TcpStream::connect(authority).await.map_err(|fault| unreachable(&fault))?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|fault| unreachable(&fault))?;
    tokio::spawn(connection);
    let request = Request::post("/api/webhooks/orders")
        .header(header::HOST, authority)
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::AUTHORIZATION, format!("Bearer {}", shop.key.reveal()))
        .body(Full::new(Bytes::from(body)))
        .map_err(|fault| unreachable(&fault))?;
    let response = sender.send_request(request).await.map_err(|fault| unreachable(&fault))?;
    let status = response.status();
    let body = Limited::new(response.into_body(), ANSWER_BYTES_MAX)
        .collect()
        .await
        .map_err(|fault| unreachable(&fault))?;
    Ok(Answered { status, body: String::from_utf8_lossy(&body.to_bytes()).into_owned() })
}
