//! The order in which a delivery is judged; see the module above.

use axum::extract::Request;
use bytes::Bytes;
use http::HeaderMap;
use selektable_domain::platform::{DELIVERY_BYTES_MAX, Delivery, Ignored, Reading, shopify, woocommerce};
use selektable_domain::time::Timestamp;

use super::Sender;
use super::answer::PlatformAnswer;
use super::candidates;
use super::claims::Claims;
use super::refusal::{Refused, untrusted};
use super::take::Taking;
use super::trust;
use crate::ambient;
use crate::app::App;
use crate::http::body::{check_declared, read, require_media_type};
use crate::http::problem::Problem;
use crate::http::request_id::RequestId;

/// A delivery on its way in.
pub(super) struct Arrival<'a> {
    /// Which platform's address it came to.
    pub(super) sender: Sender,
    /// The store that the address names.
    pub(super) named: Option<&'a str>,
    /// Its request.
    pub(super) request_id: RequestId,
}

/// What a body may be, by its media type.
enum Form {
    Json,
    /// `WooCommerce`'s test of the address, or else this problem.
    PingOr(Problem),
}

impl Arrival<'_> {
    /// Takes the delivery to the store that the address names, or to the one its headers lead to.
    pub(super) async fn receive(self, app: &App, request: Request) -> Result<PlatformAnswer, Problem> {
        check_declared(request.headers(), DELIVERY_BYTES_MAX)?;
        let claims = Claims::read(self.sender, request.headers());
        let form = self.form(request.headers(), &claims)?;
        let body = read(request, DELIVERY_BYTES_MAX).await?;
        match form {
            Form::Json => self.judge(app, claims, body).await,
            Form::PingOr(_) if is_ping(&body) => Ok(PlatformAnswer::of("ping")),
            Form::PingOr(problem) => Err(problem),
        }
    }

    fn form(&self, headers: &HeaderMap, claims: &Claims) -> Result<Form, Problem> {
        let Err(problem) = require_media_type(headers, &[mime::APPLICATION_JSON]) else {
            return Ok(Form::Json);
        };
        let may_be_ping = self.sender == Sender::WooCommerce
            && claims.signature.is_none()
            && require_media_type(headers, &[mime::APPLICATION_WWW_FORM_URLENCODED]).is_ok();
        if may_be_ping { Ok(Form::PingOr(problem)) } else { Err(problem) }
    }

    async fn judge(self, app: &App, claims: Claims, body: Bytes) -> Result<PlatformAnswer, Problem> {
        let Self { sender, named, request_id } = self;
        let at = ambient::now();
        let found = candidates::find(app, sender, named, &claims).await?;
        let signed = trust::signed(found.clone(), &claims, &body).await;
        let refused = Refused::new(sender, request_id.clone(), at, claims.clone());
        let Some(signed) = signed else {
            refused.record_signature(app, found, body);
            return Err(untrusted());
        };
        let reading = read_delivery(sender, &claims, at, body).await;
        let hosts = reading.hosts.iter().chain(&claims.host);
        if trust::is_of_another_shop(app, sender, &signed, hosts).await? {
            refused.record_other_shop(app, signed.candidate);
            return Err(untrusted());
        }
        Taking { app, sender, signed: &signed, request_id: request_id.0, at, topic: claims.kept_topic() }
            .take(reading.message)
            .await
    }
}

/// Exactly what `WooCommerce` sends when a webhook is switched on.
fn is_ping(body: &[u8]) -> bool {
    let number = body.strip_prefix(b"webhook_id=");
    number.is_some_and(|number| (1..=20).contains(&number.len()) && number.iter().all(u8::is_ascii_digit))
}

async fn read_delivery(sender: Sender, claims: &Claims, received_at: Timestamp, body: Bytes) -> Reading {
    let (topic, is_test) = (claims.topic.clone(), claims.is_test);
    let reading = trust::beside(body.len(), move || {
        let delivery = Delivery { topic: topic.as_deref(), is_test, received_at, body: &body };
        match sender {
            Sender::Shopify => shopify::read(delivery),
            Sender::WooCommerce => woocommerce::read(delivery),
        }
    });
    reading.await.unwrap_or(Reading { message: Ignored::Unreadable.into(), hosts: Vec::new() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("webhook_id=17", true)]
    #[case("webhook_id=", false)]
    #[case("webhook_id=17&x=1", false)]
    #[case("webhook_id=-1", false)]
    #[case("webhook_id=17\n", false)]
    #[case("WEBHOOK_ID=17", false)]
    #[case("webhook_id=123456789012345678901", false)]
    #[case("{}", false)]
    fn only_the_bare_form_of_woocommerce_is_a_ping(#[case] body: &str, #[case] ping: bool) {
        assert_eq!(is_ping(body.as_bytes()), ping);
    }
}
