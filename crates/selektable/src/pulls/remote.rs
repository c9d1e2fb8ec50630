//! A store's platform, whichever it is.

use selektable_domain::time::Timestamp;
use selektable_store::platforms::PlatformAccess;

use super::asking::Patience;
use super::fault::AccessFault;
use super::page::Page;
use super::{shopify, woocommerce};
use crate::http::fetch::platform::{PlatformClient, Reach};

/// Asks one shop for its orders.
pub struct Remote(Inner);

enum Inner {
    WooCommerce(woocommerce::Shop),
    Shopify(shopify::Shop),
}

impl Remote {
    /// For what a merchant entered.
    ///
    /// # Errors
    /// The address can't be used.
    pub fn new(access: &PlatformAccess, reach: Reach, patience: Patience) -> Result<Self, AccessFault> {
        let client =
            PlatformClient::new(reach).map_err(|fault| AccessFault::Unreachable(fault.to_string()))?;
        let inner = match access {
            PlatformAccess::WooCommerce { address, key, secret } => {
                Inner::WooCommerce(woocommerce::Shop::new(client, address, key, secret, patience)?)
            }
            PlatformAccess::Shopify { address, token } => {
                Inner::Shopify(shopify::Shop::new(client, address, token, patience)?)
            }
        };
        Ok(Self(inner))
    }

    /// One cheap question: whether orders may be read.
    ///
    /// # Errors
    /// Why not.
    pub async fn check(&mut self) -> Result<(), AccessFault> {
        match &mut self.0 {
            Inner::WooCommerce(shop) => shop.check().await,
            Inner::Shopify(shop) => shop.check().await,
        }
    }

    /// Orders changed since then, from a [`Page::next`] on.
    ///
    /// # Errors
    /// Why there are none, after every try.
    pub async fn page(&mut self, since: Timestamp, cursor: Option<&str>) -> Result<Page, AccessFault> {
        match &mut self.0 {
            Inner::WooCommerce(shop) => shop.page(since, cursor).await,
            Inner::Shopify(shop) => shop.page(since, cursor).await,
        }
    }
}
