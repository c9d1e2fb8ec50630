//! What is counted, and with which labels: every label has a bounded set of values.
//!
//! Without `--metrics-listen` no recorder is installed and all of this costs next to nothing.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use http::Method;
use metrics::{counter, gauge, histogram};
use selektable_domain::order::Source;
use selektable_store::ingest::OrderIngested;

/// Requests by method, route and status.
pub const REQUESTS: &str = "selektable_http_requests_total";
/// Seconds from a request's head to its answer's head, by method and route.
pub const REQUEST_SECONDS: &str = "selektable_http_request_duration_seconds";
/// Orders by what they did.
pub const ORDERS: &str = "selektable_orders_total";
/// Deliveries of platforms by what became of them.
pub const PLATFORM_DELIVERIES: &str = "selektable_platform_deliveries_total";
/// Answers with a problem, by its code.
pub const REFUSALS: &str = "selektable_refusals_total";
/// 1, with the version as label.
pub const BUILD: &str = "selektable_build_info";
/// Open connections.
pub const CONNECTIONS: &str = "selektable_connections";

/// Upper bounds of the latency histogram, in seconds.
pub const BUCKETS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// Whether anybody collects. The recorder is one of the process, and so is this: labels of a request are text that is
/// made for it, which at tens of thousands of requests a second is not worth it for nobody.
static COLLECTED: AtomicBool = AtomicBool::new(false);

/// From now on requests are counted; called once a recorder is installed.
pub fn begin() {
    COLLECTED.store(true, Ordering::Relaxed);
}

/// Counts one answered request. `route` is a pattern of the router's table, never the path itself.
pub fn request(method: &Method, route: &str, status: u16, took: Duration) {
    if !COLLECTED.load(Ordering::Relaxed) {
        return;
    }
    let method = method_label(method);
    counter!(REQUESTS, "method" => method, "route" => route.to_owned(), "status" => status.to_string())
        .increment(1);
    histogram!(REQUEST_SECONDS, "method" => method, "route" => route.to_owned()).record(took.as_secs_f64());
}

/// Counts one order by what it did: `created`, `updated`, `unchanged`, `stale`, or `refused`.
pub fn ingested(order: &OrderIngested) {
    match order {
        OrderIngested::Taken { outcome, .. } => counter!(ORDERS, "result" => outcome.code()).increment(1),
        OrderIngested::CurrencyChanged(_) => order_refused(),
    }
}

/// Counts an order that did not reach the storage.
pub fn order_refused() {
    counter!(ORDERS, "result" => "refused").increment(1);
}

/// Counts a platform's delivery by what became of it: as its answer says, or `refused`.
pub fn platform_delivery(source: Source, result: &'static str) {
    counter!(PLATFORM_DELIVERIES, "platform" => source.code(), "result" => result).increment(1);
}

/// Counts one problem by its code, which comes from our own closed set.
pub fn refusal(code: &str) {
    counter!(REFUSALS, "code" => code.to_owned()).increment(1);
}

/// Counts a connection in.
pub fn connection_opened() {
    gauge!(CONNECTIONS).increment(1);
}

/// Counts a connection out.
pub fn connection_closed() {
    gauge!(CONNECTIONS).decrement(1);
}

/// Callers can invent methods; labels can't grow with them.
fn method_label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}
