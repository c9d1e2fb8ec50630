//! What every handler shares.

use std::sync::Arc;

use selektable_store::SharedStore;
use url::Url;

use crate::config::Config;
use crate::http::health::Readiness;
use crate::http::rate::Limits;
use crate::http::visualizations::Studio;
use crate::key_uses::KeyUses;
use crate::lifecycle::Lifecycle;
use crate::pulls::Pulls;

/// Handed to every handler; cheap to clone.
#[derive(Clone)]
pub struct App {
    /// The storage engine.
    pub store: SharedStore,
    /// The configuration.
    pub config: Arc<Config>,
    /// The address under which this server is reached, without a trailing slash.
    pub public_url: Arc<Url>,
    /// How often a client may try things.
    pub limits: Arc<Limits>,
    /// Uses of keys that wait to be written.
    pub key_uses: Arc<KeyUses>,
    /// Where pictures are made.
    pub studio: Arc<Studio>,
    /// Orders that are being looked up at platforms.
    pub pulls: Arc<Pulls>,
    /// Whether the server is stopping.
    pub lifecycle: Lifecycle,
    /// Whether the storage took data a moment ago.
    pub readiness: Readiness,
}

impl App {
    /// The state of a server that is reached at `public_url`.
    #[must_use]
    pub fn new(store: SharedStore, config: Config, public_url: Url) -> Self {
        Self {
            store,
            config: Arc::new(config),
            public_url: Arc::new(public_url),
            limits: Arc::default(),
            key_uses: Arc::default(),
            studio: Arc::default(),
            pulls: Arc::default(),
            lifecycle: Lifecycle::default(),
            readiness: Readiness::default(),
        }
    }

    /// `path` (with its leading slash) under the public address.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.public_url.as_str().trim_end_matches('/'))
    }
}
