//! What every handler shares.

use std::sync::Arc;

use selektable_store::SharedStore;
use url::Url;

use crate::config::Config;

/// Handed to every handler; cheap to clone.
#[derive(Clone)]
pub struct App {
    /// The storage engine.
    pub store: SharedStore,
    /// The configuration.
    pub config: Arc<Config>,
    /// The address under which this server is reached, without a trailing slash.
    pub public_url: Arc<Url>,
}

impl App {
    /// `path` (with its leading slash) under the public address.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.public_url.as_str().trim_end_matches('/'))
    }
}
