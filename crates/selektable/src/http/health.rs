//! Whether the process lives (`/healthz`) and whether it can take data (`/readyz`).

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json};
use tokio::sync::Mutex;
use tokio::time::Instant;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::problem::{Problem, ProblemDocument};
use crate::app::App;

/// An answer holds that long: probes are many, and each would write to the disk.
const FRESH_FOR: Duration = Duration::from_secs(1);
/// A storage that takes longer is not ready.
const PATIENCE: Duration = Duration::from_secs(3);

const NOT_CACHED: (header::HeaderName, HeaderValue) =
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store"));

/// The last answer of the storage; whoever asks meanwhile waits for the same one.
#[derive(Clone, Default)]
pub struct Readiness(Arc<Mutex<Option<(Instant, bool)>>>);

impl Readiness {
    async fn ask(&self, app: &App) -> bool {
        let mut last = self.0.lock().await;
        if let Some((at, ready)) = *last
            && at.elapsed() < FRESH_FOR
        {
            return ready;
        }
        let ready = match tokio::time::timeout(PATIENCE, app.store.ready()).await {
            Ok(Ok(())) => true,
            Ok(Err(error)) => {
                tracing::warn!(%error, "the storage is not ready");
                false
            }
            Err(_) => {
                tracing::warn!("the storage does not answer");
                false
            }
        };
        *last = Some((Instant::now(), ready));
        ready
    }
}

/// `/healthz` and `/readyz`.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(healthz)).routes(routes!(readyz))
}

/// The process lives
#[utoipa::path(
    get,
    path = "/healthz",
    operation_id = "healthz",
    tag = "Operation",
    responses((status = 200, description = "It lives", body = Value))
)]
async fn healthz() -> ([(header::HeaderName, HeaderValue); 1], Json<Value>) {
    ([NOT_CACHED], Json(json!({"status": "ok"})))
}

/// Data can be taken
#[utoipa::path(
    get,
    path = "/readyz",
    operation_id = "readyz",
    tag = "Operation",
    responses(
        (status = 200, description = "A write would be on disk now", body = Value),
        (status = 503, description = "The storage can't take data, or the server is stopping", body = ProblemDocument),
    )
)]
async fn readyz(
    State(app): State<App>,
) -> Result<([(header::HeaderName, HeaderValue); 1], Json<Value>), Problem> {
    if app.lifecycle.is_leaving() {
        return Err(not_ready("draining", "The server is stopping."));
    }
    if app.readiness.ask(&app).await {
        return Ok(([NOT_CACHED], Json(json!({"status": "ready"}))));
    }
    Err(not_ready("storage_unavailable", "The storage can't take data right now."))
}

fn not_ready(code: &'static str, detail: &str) -> Problem {
    let (name, value) = NOT_CACHED;
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, code, detail)
        .with_header(header::RETRY_AFTER, HeaderValue::from_static("5"))
        .with_header(name, value)
}
