//! The requests of the load, one file a kind.

pub(crate) mod deliveries;
pub(crate) mod events;
pub(crate) mod mixed;
pub(crate) mod orders;
pub(crate) mod reads;
pub(crate) mod shoppers;
pub(crate) mod visualizations;

use std::io::Write;

/// Where requests go and whose they are.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
pub(crate) struct Shop {
    /// `Host` header.
    pub(crate) host: String,
    /// The key's text.
    pub(crate) key: String,
    /// Ids of the store the orders are for.
    pub(crate) organization_id: String,
    /// See [`Shop::organization_id`].
    pub(crate) store_id: String,
    /// See [`Shop::organization_id`].
    pub(crate) widget_id: String,
    /// The member's login.
    pub(crate) email: String,
    /// See [`Shop::email`].
    pub(crate) password: String,
}

impl Shop {
    /// Writes a POST with the shop's key; answers how long its body is.
    pub(crate) fn post(&self, path: &str, body: &str, buffer: &mut Vec<u8>) -> usize {
        // Writing to a Vec can't fail.
        let _ = write!(
            buffer,
            "POST {path} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            self.host,
            self.key,
            body.len(),
        );
        body.len()
    }
}
