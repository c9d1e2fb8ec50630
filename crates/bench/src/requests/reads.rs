//! Reading: what the Analytics page calls, the page itself, and every other report.

use std::io::Write;

use super::Shop;
use crate::load::Requests;
use crate::seed::history::DAYS;
use selektable_domain::time::{DAY_MS, Timestamp};

/// One address that is read.
pub(crate) struct Route {
    /// Short name in results.
    pub(crate) name: &'static str,
    /// Path with query.
    pub(crate) path: String,
    /// Header that says who reads.
    pub(crate) credential: String,
}

/// Reads of every route in turn.
pub(crate) struct Reads {
    host: String,
    routes: Vec<Route>,
}

impl Reads {
    /// The API's calls of the Analytics page over the last ninety days.
    pub(crate) fn of_api(shop: &Shop, now: Timestamp) -> Self {
        let range = range(now);
        let base = format!("/api/v1/stores/{}", shop.store_id);
        let credential = format!("authorization: Bearer {}", shop.key);
        let route = |name, path: String| Route { name, path, credential: credential.clone() };
        let routes = vec![
            route("summary", format!("{base}/summary?{range}")),
            route("timeseries", format!("{base}/timeseries?interval=day&{range}")),
            route("conversions", format!("{base}/conversions?limit=25&{range}")),
            route("visualizations", format!("{base}/visualizations?limit=25&{range}")),
        ];
        Self { host: shop.host.clone(), routes }
    }

    /// The same, and the other reports of the API over the same days.
    pub(crate) fn with_reports(mut self, shop: &Shop, now: Timestamp) -> Self {
        let (range, base) = (range(now), format!("/api/v1/stores/{}", shop.store_id));
        let reports = [
            ("models", "models?"),
            ("products", "products?"),
            ("near misses", "near-misses?"),
            ("lag", "lag?"),
            ("deliveries", "deliveries?limit=25&"),
        ];
        self.routes.extend(reports.map(|(name, route)| Route {
            name,
            path: format!("{base}/{route}{range}"),
            credential: format!("authorization: Bearer {}", shop.key),
        }));
        self
    }

    /// The same, and the Analytics page as a merchant's browser asks for it.
    pub(crate) fn with_page(mut self, shop: &Shop, cookie: &str) -> Self {
        self.routes.push(Route {
            name: "analytics page",
            path: format!("/stores/{}/widgets/{}?days=90", shop.store_id, shop.widget_id),
            credential: format!("cookie: {cookie}"),
        });
        self
    }
}

/// The last ninety days, as a query.
fn range(now: Timestamp) -> String {
    let from = now.plus_millis(-DAY_MS * i64::try_from(DAYS).unwrap_or(90));
    let [from, to] = [from, now].map(|at| at.to_rfc3339().replace('+', "%2B"));
    format!("from={from}&to={to}")
}

impl Requests for Reads {
    fn write(&self, n: u64, buffer: &mut Vec<u8>) -> usize {
        if let Some(route) = self.routes.get(self.kind(n)) {
            // Writing to a Vec can't fail.
            let _ = write!(
                buffer,
                "GET {} HTTP/1.1\r\nhost: {}\r\n{}\r\n\r\n",
                route.path, self.host, route.credential
            );
        }
        0
    }

    fn kinds(&self) -> Vec<&'static str> {
        self.routes.iter().map(|route| route.name).collect()
    }

    fn kind(&self, n: u64) -> usize {
        usize::try_from(n % self.routes.len() as u64).unwrap_or(0)
    }
}
