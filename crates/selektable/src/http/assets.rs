//! The browser's files: embed script, widget, frame, dashboard. They are part of the program, compressed when it was
//! built (`build.rs`), and told apart by their hash.

use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

use crate::app::App;

/// What shops' pages load: a browser asks again after five minutes, and meanwhile nobody waits for the answer.
const SHOP_PAGES: HeaderValue = HeaderValue::from_static("public, max-age=300, stale-while-revalidate=86400");
/// What our own pages load must fit them at once after an upgrade: kept, but asked for every time.
const OWN_PAGES: HeaderValue = HeaderValue::from_static("no-cache");

const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// One file, three ways.
struct Asset {
    path: &'static str,
    media_type: &'static str,
    plain: Encoded,
    brotli: Encoded,
    gzip: Encoded,
}

struct Encoded {
    tag: &'static str,
    bytes: &'static [u8],
}

static ASSETS: &[Asset] = &include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// A route for every file.
pub fn router() -> Router<App> {
    ASSETS.iter().fold(Router::new(), |router, asset| {
        router.route(asset.path, get(async move |headers: HeaderMap| answer(asset, &headers)))
    })
}

fn answer(asset: &'static Asset, request: &HeaderMap) -> Response {
    let (encoded, encoding) = choose(asset, request);
    let unchanged = holds(request, encoded.tag);
    let mut response = if unchanged {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let bytes = axum::body::Bytes::from_static(encoded.bytes);
        ([(header::CONTENT_TYPE, asset.media_type)], bytes).into_response()
    };
    let headers = response.headers_mut();
    headers.insert(header::ETAG, HeaderValue::from_static(encoded.tag));
    headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let (Some(encoding), false) = (encoding, unchanged) {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    for_whom(asset, headers);
    response
}

/// Shops' pages may load the script, also with a `crossorigin` attribute; the rest is for our own pages.
fn for_whom(asset: &Asset, headers: &mut HeaderMap) {
    let by_shops = matches!(asset.path, "/widgets/embed.js" | "/widgets/widget.js" | "/widgets/shopify.js");
    if by_shops {
        headers.insert(header::CACHE_CONTROL, SHOP_PAGES);
        headers.insert(RESOURCE_POLICY, HeaderValue::from_static("cross-origin"));
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    } else {
        headers.insert(header::CACHE_CONTROL, OWN_PAGES);
        headers.insert(RESOURCE_POLICY, HeaderValue::from_static("same-origin"));
    }
}

/// The smallest form the browser takes.
fn choose(asset: &'static Asset, request: &HeaderMap) -> (&'static Encoded, Option<&'static str>) {
    if accepts(request, "br") {
        (&asset.brotli, Some("br"))
    } else if accepts(request, "gzip") {
        (&asset.gzip, Some("gzip"))
    } else {
        (&asset.plain, None)
    }
}

fn items<'a>(request: &'a HeaderMap, name: &'a HeaderName) -> impl Iterator<Item = &'a str> {
    let lines = request.get_all(name).iter().filter_map(|value| value.to_str().ok());
    lines.flat_map(|line| line.split(',')).map(str::trim)
}

fn accepts(request: &HeaderMap, encoding: &str) -> bool {
    items(request, &header::ACCEPT_ENCODING).any(|item| {
        let (name, parameters) = item.split_once(';').unwrap_or((item, ""));
        let weight = parameters.trim().strip_prefix("q=").map(str::parse::<f32>);
        name.trim().eq_ignore_ascii_case(encoding) && !matches!(weight, Some(Ok(0.0) | Err(_)))
    })
}

/// Whether the browser has this version already (RFC 9110 section 13.1.2: compared weakly).
fn holds(request: &HeaderMap, tag: &str) -> bool {
    items(request, &header::IF_NONE_MATCH).any(|held| held == "*" || held.trim_start_matches("W/") == tag)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::to_bytes;
    use rstest::rstest;
    use std::io::Read;

    fn request(lines: &[(HeaderName, &str)]) -> HeaderMap {
        lines.iter().map(|(name, text)| (name.clone(), HeaderValue::from_str(text).unwrap())).collect()
    }

    #[rstest]
    #[case("gzip, deflate, br, zstd", Some("br"))]
    #[case("gzip", Some("gzip"))]
    #[case("BR;q=0.1, gzip;q=1.0", Some("br"))]
    #[case("br;q=0, gzip", Some("gzip"))]
    #[case("br; q=0.0", None)]
    #[case("br;q=x", None)]
    #[case("identity", None)]
    #[case("", None)]
    fn the_smallest_accepted_form_is_sent(#[case] accepted: &str, #[case] encoding: Option<&str>) {
        let response = answer(&ASSETS[0], &request(&[(header::ACCEPT_ENCODING, accepted)]));
        let sent = response.headers().get(header::CONTENT_ENCODING).map(|value| value.to_str().unwrap());
        assert_eq!(sent, encoding);
    }

    #[tokio::test]
    async fn every_form_holds_the_same_bytes() {
        for asset in ASSETS {
            let mut unzipped = Vec::new();
            flate2::read::GzDecoder::new(asset.gzip.bytes).read_to_end(&mut unzipped).unwrap();
            assert_eq!(unzipped, asset.plain.bytes, "{}", asset.path);
            let mut unpacked = Vec::new();
            brotli::Decompressor::new(asset.brotli.bytes, 4_096).read_to_end(&mut unpacked).unwrap();
            assert_eq!(unpacked, asset.plain.bytes, "{}", asset.path);
            let body = answer(asset, &HeaderMap::new()).into_body();
            assert_eq!(to_bytes(body, usize::MAX).await.unwrap(), asset.plain.bytes, "{}", asset.path);
        }
    }

    #[test]
    fn the_embed_script_keeps_its_promised_size() {
        let embed = ASSETS.iter().find(|asset| asset.path == "/widgets/embed.js").unwrap();
        assert!(embed.brotli.bytes.len() <= 4_096, "SPEC section 3: {} bytes", embed.brotli.bytes.len());
    }

    #[rstest]
    #[case("PLAIN", 304)]
    #[case("W/PLAIN", 304)]
    #[case("\"other\", PLAIN", 304)]
    #[case("*", 304)]
    #[case("\"other\"", 200)]
    fn a_browser_that_has_it_is_told_so(#[case] held: &str, #[case] status: u16) {
        let asset = &ASSETS[0];
        let held = held.replace("PLAIN", asset.plain.tag);
        let response = answer(asset, &request(&[(header::IF_NONE_MATCH, &held)]));
        assert_eq!(response.status(), status);
        assert_eq!(response.headers()[header::ETAG], asset.plain.tag);
        // A version of another encoding is another version.
        let packed = [(header::IF_NONE_MATCH, held.as_str()), (header::ACCEPT_ENCODING, "br")];
        assert_eq!(answer(asset, &request(&packed)).status() == 304, held == "*");
    }
}
