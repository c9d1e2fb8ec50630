//! What Shopify answers, in the words of a pull. Its errors come with status 200.

use std::time::Duration;

use selektable_domain::platform::pull::PullFault;
use selektable_domain::platform::shopify::graphql;
use selektable_domain::platform::{Message, Reading};
use selektable_store::settings::Platform;

use crate::ambient;
use crate::http::fetch::platform::Answer;
use crate::pulls::fault::AccessFault;
use crate::pulls::page::{Entry, Found};

pub(super) fn fault(fault: PullFault) -> AccessFault {
    match fault {
        PullFault::Throttled { .. } => AccessFault::TooBusy,
        PullFault::AccessDenied => AccessFault::NoRight(Platform::Shopify),
        PullFault::TooCostly => AccessFault::Refused("one order costs more than a question may.".to_owned()),
        PullFault::Refused(words) => AccessFault::Refused(words),
        PullFault::Unreadable => AccessFault::NotAShop(Platform::Shopify),
    }
}

/// How long to wait before the same question is asked again, if it was asked too early.
pub(super) fn throttled(answer: &Answer) -> Option<Duration> {
    match graphql::read_answer(&answer.body, ambient::now()) {
        Err(PullFault::Throttled { wait_ms }) => Some(Duration::from_millis(wait_ms)),
        Ok(_) | Err(_) => None,
    }
}

pub(super) fn entries(readings: Vec<Reading>) -> Vec<Entry> {
    readings.into_iter().map(|reading| entry(reading.message)).collect()
}

fn entry(message: Message) -> Entry {
    match message {
        Message::Order(order) => Entry {
            id: order.order.id.to_string(),
            modified: order.order.updated_at,
            found: Found::Order(order),
        },
        Message::Ignored(ignored) => passed_over(ignored.code()),
        Message::Note { .. } | Message::Uninstalled | Message::Privacy(_) | Message::OwnerLostAccess => {
            passed_over("no_order")
        }
    }
}

fn passed_over(code: &str) -> Entry {
    let found = Found::PassedOver { number: None, code: code.to_owned() };
    Entry { id: String::new(), modified: None, found }
}
