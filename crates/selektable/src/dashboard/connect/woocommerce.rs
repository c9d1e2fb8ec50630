//! The steps on the screens of `WordPress` and `WooCommerce`.

use askama::Template;
use selektable_domain::report::connection::Platform;
use selektable_store::platforms::SecretRecord;

use super::secrets::Secrets;
use super::{plugin_secret, webhook_url};
use crate::dashboard::access::InStore;
use crate::dashboard::page::address;
use crate::dashboard::snippets::Connection;

/// Webhooks to make by hand: the topic as `WooCommerce`'s list names it, and what is missing here without it.
const TOPICS: [(&str, &str); 4] = [
    ("Order created", "new orders"),
    ("Order updated", "payments, refunds and every other change"),
    ("Order deleted", "orders moved to the trash"),
    ("Order restored", "orders taken out of the trash"),
];

/// The steps with the store's own values.
#[derive(Template)]
#[template(path = "dashboard/connect/woocommerce.html")]
pub(super) struct WooCommerceSteps {
    secrets: Secrets,
    zip_href: Option<String>,
    webhook_url: String,
    secret: Option<String>,
    secret_hint: Option<String>,
    topics: [(&'static str, &'static str); 4],
    reconciliation_href: String,
}

impl askama::filters::HtmlSafe for WooCommerceSteps {}

/// Fills the steps in.
pub(super) fn steps(
    place: &InStore,
    connection: &Connection,
    list: Secrets,
    secrets: &[SecretRecord],
    path: &str,
) -> WooCommerceSteps {
    let secret = plugin_secret(secrets);
    let shown = secret.filter(|secret| secret.made_by_us);
    WooCommerceSteps {
        secrets: list,
        zip_href: secret.map(|_| format!("{path}/selektable.zip")),
        webhook_url: webhook_url(connection, Platform::WooCommerce),
        secret: shown.map(|secret| secret.secret.reveal().to_owned()),
        secret_hint: secret.filter(|secret| !secret.made_by_us).map(|secret| secret.secret.hint()),
        topics: TOPICS,
        reconciliation_href: address::store(place.store.id, "/reconciliation"),
    }
}
