//! What the embed script sends: `POST /api/events`, without a key, as `text/plain`.

use std::io::Write;

use super::Shop;
use super::shoppers::Shoppers;
use crate::load::Requests;
use crate::seed::history::{mix, script_id};

/// The one peer whose `X-Forwarded-For` the servers of a run believe: this program. Limits count by address, and the
/// shoppers of a load have one each.
pub(crate) const PROXY: &str = "127.0.0.1";

/// Batches of events, each new; seven of eight are page views, the others exposures of the button.
pub(crate) struct Events {
    /// Whose.
    pub(crate) shop: Shop,
    /// Events in one request.
    pub(crate) batch: u64,
    /// Milliseconds of Unix time: the browsers' clock.
    pub(crate) now: i64,
}

impl Events {
    fn event(&self, n: u64, body: &mut Vec<u8>) {
        let id = script_id('e', n, mix(n, 61));
        let at = self.now;
        let product = 10_000 + n % 500;
        // Writing to a Vec can't fail.
        let _ = if n.is_multiple_of(8) {
            write!(
                body,
                r#"{{"widgetId":"{widget}","productId":"{product}","url":"https://shop.example/products/{product}","id":"{id}","type":"exposure","at":{at}}}"#,
                widget = self.shop.widget_id
            )
        } else {
            write!(
                body,
                r#"{{"url":"https://shop.example/products/{product}","referrer":"https://search.example","id":"{id}","type":"page","at":{at}}}"#
            )
        };
    }
}

impl Requests for Events {
    fn write(&self, n: u64, buffer: &mut Vec<u8>) -> usize {
        let shopper = Shoppers::browser(n);
        let mut body = Vec::with_capacity(512);
        // Writing to a Vec can't fail.
        let _ = write!(
            body,
            r#"{{"storeId":"{store}","visitorId":"{visitor}","sessionId":"{session}","sentAt":{at},"events":["#,
            store = self.shop.store_id,
            visitor = shopper.visitor,
            session = shopper.session,
            at = self.now,
        );
        for nth in 0..self.batch {
            if nth > 0 {
                body.push(b',');
            }
            self.event(n * self.batch + nth, &mut body);
        }
        body.extend_from_slice(b"]}");
        let [a, b, c, ..] = mix(n % 65_536, 63).to_be_bytes();
        let _ = write!(
            buffer,
            "POST /api/events HTTP/1.1\r\nhost: {host}\r\norigin: https://shop.example\r\nx-forwarded-for: 10.{a}.{b}.{c}\r\ncontent-type: text/plain;charset=UTF-8\r\ncontent-length: {length}\r\n\r\n",
            host = self.shop.host,
            length = body.len(),
        );
        buffer.extend_from_slice(&body);
        body.len()
    }

    fn kinds(&self) -> Vec<&'static str> {
        vec!["events"]
    }
}
