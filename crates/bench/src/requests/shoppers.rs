//! Whose orders, events and visualizations a load is made of.

use selektable_domain::time::Timestamp;

use crate::seed::history::{History, mix, script_id};

/// Visitors of a load without a history; the even half of them visualized something.
pub(crate) const VISITORS: u64 = 40_000;
/// Time between visualization and order, milliseconds: well inside the window of seven days.
const BEFORE_MS: i64 = 3_600_000;
/// Orders go back to visualizations of the newest days of a history: inside the window, too.
const NEWEST_DAYS: u64 = 6;

/// Events or visualizations of one browser before the next one comes.
const REQUESTS_A_BROWSER: u64 = 4;

/// One shopper.
pub(crate) struct Shopper {
    /// Visitor id.
    pub(crate) visitor: String,
    /// Session id.
    pub(crate) session: String,
    /// Product that the shopper visualized, if any, and buys.
    pub(crate) product: String,
}

/// The shoppers of a load: every second one visualized what is bought, an hour or some days before.
#[derive(Clone, Copy)]
pub(crate) struct Shoppers {
    history: Option<History>,
    /// When the load's orders are placed.
    now: Timestamp,
}

impl Shoppers {
    /// Those of a history, or some that are made for the load.
    pub(crate) fn new(history: Option<History>, now: Timestamp) -> Self {
        Self { history, now }
    }

    /// RFC 3339 instant of the orders.
    pub(crate) fn ordered_at(&self) -> String {
        self.now.to_rfc3339()
    }

    /// RFC 3339 instant of visualizations, before the orders and inside the window.
    pub(crate) fn visualized_at(&self) -> String {
        self.now.plus_millis(-BEFORE_MS).to_rfc3339()
    }

    /// Whether visualizations have to be made before orders can go back to them.
    pub(crate) fn are_new(&self) -> bool {
        self.history.is_none()
    }

    /// The shopper of order `n`.
    pub(crate) fn of_order(&self, n: u64) -> Shopper {
        match &self.history {
            Some(history) if n.is_multiple_of(2) => {
                let newest = (history.visualizations * NEWEST_DAYS / history.days).max(1);
                let place = history.visualizations - 1 - mix(n, 51) % newest;
                let (visitor, session, product) = History::shopper(place);
                Shopper { visitor, session, product }
            }
            Some(_) => Self::stranger(n),
            None => Self::known(n % VISITORS),
        }
    }

    /// Shopper of the load's own: number `n` of [`VISITORS`].
    pub(crate) fn known(n: u64) -> Shopper {
        Shopper {
            visitor: format!("visitor-{n}"),
            session: format!("session-{n}"),
            product: product(n).to_string(),
        }
    }

    /// Somebody who was never seen.
    fn stranger(n: u64) -> Shopper {
        Shopper {
            visitor: script_id('v', n, mix(n, 52)),
            session: script_id('s', n, mix(n, 53)),
            product: product(n).to_string(),
        }
    }

    /// The browser of request `n`: always new ones, each with some requests.
    pub(crate) fn browser(n: u64) -> Shopper {
        Self::stranger(n / REQUESTS_A_BROWSER)
    }
}

/// A number, because platforms' products are.
pub(crate) fn product(visitor: u64) -> u64 {
    10_000 + visitor % 500
}
