//! `GET /pictures/{token}`: a finished picture, for whoever has its address, until its time is over.

use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use selektable_domain::time::Timestamp;
use selektable_store::ingest::StoredPicture;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::problem::{Problem, ProblemDocument};
use crate::ambient;
use crate::app::App;

/// Longest token that is looked up; ours have 22 characters.
const TOKEN_BYTES_MAX: usize = 64;

fn gone() -> Problem {
    let detail =
        "There is no picture here, or its time is over. Pictures are deleted after the widget's retention.";
    Problem::new(StatusCode::NOT_FOUND, "not_found", detail)
}

/// The routes of pictures.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show))
}

/// A finished picture
///
/// With `?download` it comes as a file to keep.
#[utoipa::path(
    get,
    path = "/pictures/{token}",
    operation_id = "showPicture",
    tag = "Browser",
    params(
        ("token" = String, Path, description = "The secret part of the picture's address"),
        ("download" = Option<bool>, Query, description = "As a file to keep"),
    ),
    responses(
        (status = 200, description = "The picture", content_type = "image/jpeg", body = Vec<u8>),
        (status = 404, description = "Unknown, or its time is over", body = ProblemDocument),
        (status = 503, description = "Storage down", body = ProblemDocument),
    ),
)]
pub async fn show(
    State(app): State<App>,
    Path(token): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    if token.len() > TOKEN_BYTES_MAX || !token.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(gone());
    }
    let now = ambient::now();
    let picture = app.store.picture(&token, now).await?.ok_or_else(gone)?;
    let download = query.is_some_and(|query| query == "download" || query.starts_with("download="));
    Ok((headers_of(&picture, now, download)?, picture.bytes).into_response())
}

/// The picture shows a shopper's home: not for shared caches, search engines, or other pages' scripts.
fn headers_of(picture: &StoredPicture, now: Timestamp, download: bool) -> Result<HeaderMap, Problem> {
    let seconds = picture.expires_at.millis_since(now).max(0) / 1_000;
    let value = |text: &str| HeaderValue::from_str(text).map_err(|_| gone());
    let file = if download { "attachment; filename=\"visualization.jpg\"" } else { "inline" };
    Ok(HeaderMap::from_iter([
        (header::CONTENT_TYPE, value(&picture.media_type)?),
        (header::CACHE_CONTROL, value(&format!("private, max-age={seconds}"))?),
        (header::CONTENT_DISPOSITION, value(file)?),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex")),
    ]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_cached_no_longer_than_it_is_kept() {
        let picture = StoredPicture {
            token: "t".to_owned(),
            media_type: "image/jpeg".to_owned(),
            bytes: Vec::new(),
            expires_at: Timestamp::from_millis(61_999),
        };
        let headers = headers_of(&picture, Timestamp::from_millis(1_000), false).unwrap();
        assert_eq!(headers[header::CACHE_CONTROL], "private, max-age=60");
        assert_eq!(headers[header::CONTENT_DISPOSITION], "inline");
        let headers = headers_of(&picture, Timestamp::from_millis(99_000), true).unwrap();
        assert_eq!(headers[header::CACHE_CONTROL], "private, max-age=0");
        assert!(headers[header::CONTENT_DISPOSITION].to_str().unwrap().starts_with("attachment"));
    }
}
