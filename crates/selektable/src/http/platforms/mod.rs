//! Deliveries of Shopify and `WooCommerce` (SPEC section 5.3): whose they are, whether they are theirs, and what became
//! of them.
//!
//! What a delivery is judged by, in this order: method, length, media type, signature, content. Until the signature is
//! found good every refusal is the same, so that nobody learns which stores are here. After that nothing is refused for
//! its content: a platform that is answered with errors stops sending.

mod answer;
mod candidates;
mod claims;
mod privacy;
mod receive;
mod refusal;
mod routes;
mod take;
mod trust;

use selektable_domain::order::Source;
use selektable_store::settings::Platform;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;

/// A platform that signs what it sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sender {
    Shopify,
    WooCommerce,
}

impl Sender {
    const fn platform(self) -> Platform {
        match self {
            Self::Shopify => Platform::Shopify,
            Self::WooCommerce => Platform::WooCommerce,
        }
    }

    const fn source(self) -> Source {
        match self {
            Self::Shopify => Source::Shopify,
            Self::WooCommerce => Source::WooCommerce,
        }
    }
}

/// Every route of the platforms. Others than these two are unknown addresses like any other.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(routes::shopify))
        .routes(routes!(routes::shopify_store))
        .routes(routes!(routes::woocommerce))
        .routes(routes!(routes::woocommerce_store))
}
