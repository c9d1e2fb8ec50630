//! `GET /widgets/{widgetId}/frame?origin=…`: the shell of the frame, with its widget's settings inside. It may stand
//! only in pages of the origin it was asked for, and only that origin's messages are taken.

use axum::extract::{Path, RawQuery, State};
use axum::response::{Html, IntoResponse, Response};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use selektable_store::settings::{StoreRecord, WidgetRecord};
use serde::Serialize;
use url::Url;

use super::language;
use crate::app::App;
use crate::http::assets;
use crate::http::problem::Problem;
use crate::http::visualizations::PHOTO_BYTES_MAX;

const SHELL: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../web/frame.html"));

/// What the frame's script reads (`web/README.md` has the contract).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FrameConfig<'a> {
    store_id: String,
    widget_id: String,
    widget_type: &'static str,
    name: &'a str,
    accent: Option<&'a str>,
    retention_hours: u16,
    photo_bytes_max: usize,
    page_origin: &'a str,
}

/// Why the frame is not shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refusal {
    UnknownWidget,
    NoOrigin,
    ForeignOrigin,
}

impl Refusal {
    const fn status(self) -> StatusCode {
        match self {
            Self::UnknownWidget => StatusCode::NOT_FOUND,
            Self::NoOrigin | Self::ForeignOrigin => StatusCode::FORBIDDEN,
        }
    }

    const fn sentence(self) -> &'static str {
        match self {
            Self::UnknownWidget => {
                "There is no widget with this id. Check data-selektable-widget on the page."
            }
            Self::NoOrigin => {
                "This page belongs inside a shop's page: open it with ?origin= and the page's origin, such as \
                 https://shop.example."
            }
            Self::ForeignOrigin => {
                "The page around this widget is not one of the store's domains. Add its origin in the store's \
                 settings."
            }
        }
    }
}

/// A plain page: it is read by the shop's developer, in the place where the widget should be.
impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let page = format!(
            "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Selektable</title><p>{}</p></html>",
            self.sentence()
        );
        let mut response = (self.status(), Html(page)).into_response();
        let policy = HeaderValue::from_static("default-src 'none'");
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
        response
    }
}

/// The widget's frame
///
/// A page for the widget's modal, not for programs. `origin` is the origin of the page around it.
#[utoipa::path(
    get,
    path = "/widgets/{widgetId}/frame",
    operation_id = "showFrame",
    tag = "Browser",
    params(
        ("widgetId" = String, Path, description = "The widget"),
        ("origin" = String, Query, description = "Origin of the shop's page, such as `https://shop.example`"),
    ),
    responses(
        (status = 200, description = "The frame", content_type = "text/html", body = String),
        (status = 403, description = "No origin, or not one of the store's domains", content_type = "text/html", body = String),
        (status = 404, description = "No such widget", content_type = "text/html", body = String),
    ),
)]
pub(super) async fn show(
    State(app): State<App>,
    Path(widget): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let Ok(id) = widget.parse() else {
        return Ok(Refusal::UnknownWidget.into_response());
    };
    let Some((_, store, widget)) = app.store.public_widget(id).await? else {
        return Ok(Refusal::UnknownWidget.into_response());
    };
    Ok(match page_origin(query.as_deref(), &store.settings.origins) {
        Ok(origin) => page(&store, &widget, &origin, language::of(&headers)),
        Err(refusal) => refusal.into_response(),
    })
}

/// The origin of the page around the frame, if it is one and may show this store's widgets.
fn page_origin(query: Option<&str>, origins: &[String]) -> Result<String, Refusal> {
    let mut pairs = url::form_urlencoded::parse(query.unwrap_or("").as_bytes());
    let given = pairs.find(|(name, _)| name == "origin").ok_or(Refusal::NoOrigin)?.1;
    let url = Url::parse(&given).map_err(|_| Refusal::NoOrigin)?;
    let origin = url.origin().ascii_serialization();
    // What is put into a policy header and compared with messages must be an origin and nothing else.
    if !matches!(url.scheme(), "http" | "https") || origin != *given {
        return Err(Refusal::NoOrigin);
    }
    if origins.is_empty() || origins.contains(&origin) { Ok(origin) } else { Err(Refusal::ForeignOrigin) }
}

fn page(store: &StoreRecord, widget: &WidgetRecord, origin: &str, language: &str) -> Response {
    let config = FrameConfig {
        store_id: store.id.to_string(),
        widget_id: widget.id.to_string(),
        widget_type: widget.kind.code(),
        name: &widget.settings.name,
        accent: widget.settings.accent.as_deref(),
        retention_hours: widget.settings.retention_hours,
        photo_bytes_max: PHOTO_BYTES_MAX,
        page_origin: origin,
    };
    // A name may contain `</script>`: in JSON `<` only stands in strings, where it may be escaped.
    let config = serde_json::to_string(&config).unwrap_or_default().replace('<', "\\u003c");
    let shell = ["/widgets/frame.css", "/widgets/frame.js"]
        .into_iter()
        .fold(SHELL.replace("{{lang}}", language), |shell, path| shell.replace(path, assets::versioned(path)))
        .replace("{{config}}", &config);
    (headers_of(origin), Html(shell)).into_response()
}

fn headers_of(origin: &str) -> HeaderMap {
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; \
         form-action 'none'; base-uri 'none'; frame-ancestors {origin}"
    );
    let mut headers = HeaderMap::from_iter([
        (HeaderName::from_static("permissions-policy"), HeaderValue::from_static("camera=(self)")),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
        (header::VARY, HeaderValue::from_static("Accept-Language")),
    ]);
    // An origin's ASCII form is always a header's; if it ever were not, nobody may show the frame.
    let closed = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_str(&policy).unwrap_or(closed));
    headers
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("origin=https%3A%2F%2Fshop.example", &[], Ok("https://shop.example"))]
    #[case("origin=https://shop.example", &["https://shop.example"], Ok("https://shop.example"))]
    #[case("x=1&origin=http://127.0.0.1:4100", &[], Ok("http://127.0.0.1:4100"))]
    #[case("origin=https://evil.example", &["https://shop.example"], Err(Refusal::ForeignOrigin))]
    #[case("origin=https://shop.example/", &[], Err(Refusal::NoOrigin))]
    #[case("origin=https://Shop.example", &[], Err(Refusal::NoOrigin))]
    #[case("origin=https://shop.example:443", &[], Err(Refusal::NoOrigin))]
    #[case("origin=https://a.example%20https://b.example", &[], Err(Refusal::NoOrigin))]
    #[case("origin=https://a.example;script-src%20*", &[], Err(Refusal::NoOrigin))]
    #[case("origin=*", &[], Err(Refusal::NoOrigin))]
    #[case("origin=null", &[], Err(Refusal::NoOrigin))]
    #[case("origin=data:text/html,x", &[], Err(Refusal::NoOrigin))]
    #[case("origin=", &[], Err(Refusal::NoOrigin))]
    #[case("", &[], Err(Refusal::NoOrigin))]
    fn the_frame_stands_only_in_pages_of_the_store(
        #[case] query: &str,
        #[case] origins: &[&str],
        #[case] expected: Result<&str, Refusal>,
    ) {
        let origins: Vec<String> = origins.iter().map(ToString::to_string).collect();
        assert_eq!(page_origin(Some(query), &origins), expected.map(str::to_owned));
    }

    #[test]
    fn the_policy_names_the_one_page_that_may_hold_the_frame() {
        let headers = headers_of("https://shop.example");
        let policy = headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.ends_with("frame-ancestors https://shop.example"), "{policy}");
    }
}
