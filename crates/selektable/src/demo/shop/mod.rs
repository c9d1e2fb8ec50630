//! Noord & Hout: a furniture shop as any shop developer would build one.
//!
//! It is a website of its own on its own origin. **Invariant: of Selektable it knows an address, its ids and its key,
//! and nothing else**: it reads no table of ours and calls no function of ours; its orders go over HTTP to
//! `POST /api/webhooks/orders` with the fields of the documentation's sample.

mod assets;
pub mod catalogue;
mod checkout;
mod gallery;
mod ledger;
mod pages;
mod policy;
mod webhook;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::response::Response;
use axum::routing::{get, post};
use http::HeaderMap;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use selektable_domain::id::{OrganizationId, StoreId, WidgetId};
use tower::util::MapResponseLayer;

use crate::secret::ApiKey;
use gallery::Gallery;
use ledger::Ledger;

/// Everything but RFC 3986's unreserved characters.
const PATH_SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// Largest form the shop takes, in bytes.
const FORM_BYTES_MAX: usize = 16 * 1024;

/// What the shop's owner has copied from the dashboard.
#[derive(Clone, Debug)]
pub struct Shop {
    /// Selektable's address for browsers, without a trailing slash.
    pub server: String,
    /// Selektable's address for the shop's own back end: plain HTTP, without a trailing slash.
    pub webhooks: String,
    /// Whose the store is.
    pub organization: OrganizationId,
    /// The store.
    pub store: StoreId,
    /// The widget on the product pages.
    pub widget: WidgetId,
    /// The key for the webhook; never on a page.
    pub key: ApiKey,
}

impl Shop {
    fn embed_url(&self) -> String {
        format!("{}/widgets/embed.js", self.server)
    }

    fn conversion_page(&self, order_id: &str) -> String {
        let order = utf8_percent_encode(order_id, PATH_SEGMENT);
        format!("{}/stores/{}/conversions/{order}", self.server, self.store)
    }
}

/// What the shop's handlers share.
#[derive(Clone)]
struct Site {
    shop: Arc<Shop>,
    gallery: Arc<Gallery>,
    ledger: Arc<Ledger>,
}

/// The shop's pages. Begins to draw its pictures in the background.
pub fn router(shop: Shop) -> Router {
    let gallery = Arc::new(Gallery::default());
    Gallery::begin(&gallery);
    let policy = policy::headers(&shop.server);
    routes(policy).with_state(Site { shop: Arc::new(shop), gallery, ledger: Arc::new(Ledger::default()) })
}

fn routes(policy: HeaderMap) -> Router<Site> {
    Router::new()
        .route("/", get(pages::home))
        .route("/products/{id}", get(pages::product))
        .route("/checkout", get(pages::checkout))
        .route("/checkout/complete", post(checkout::complete))
        .route("/appointment", get(pages::appointment))
        .route("/appointment/book", post(checkout::book))
        .route("/thank-you", get(pages::thanks))
        .route("/pictures/{file}", get(gallery::product))
        .route("/room.jpg", get(gallery::room))
        .route("/assets/{file}", get(assets::file))
        .fallback(pages::not_found)
        .layer(DefaultBodyLimit::max(FORM_BYTES_MAX))
        .layer(MapResponseLayer::new(move |response: Response| policy::apply(&policy, response)))
}

#[cfg(test)]
mod tests;
