//! The browser's files: embed script, widget, frame, dashboard. They are part of the program, compressed when it was
//! built (`build.rs`), and told apart by their hash.
//!
//! Each has two addresses. Its plain one is for tags that are written once and stay in a shop's theme: what it gives
//! changes with an upgrade, so browsers ask again. The one with a version in its name always means the same bytes and is
//! kept for a year; our own scripts and pages use it for what they load. A version that is not this program's (a page
//! of before an upgrade, a process that is older or newer) gives what there is, and is not kept.

use axum::Router;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};

use crate::app::App;

/// What shops' pages load: a browser asks again after five minutes, and meanwhile nobody waits for the answer.
const SHOP_PAGES: HeaderValue = HeaderValue::from_static("public, max-age=300, stale-while-revalidate=86400");
/// What a version is in the name of never changes.
const VERSIONED: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// What our own pages load must fit them at once after an upgrade: kept, but asked for every time.
const OWN_PAGES: HeaderValue = HeaderValue::from_static("no-cache");

const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// One file, three ways.
struct Asset {
    path: &'static str,
    /// The path with the version in the file's name.
    versioned: &'static str,
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

/// A route for every file, and one for names with versions.
pub fn router() -> Router<App> {
    let plain = ASSETS.iter().fold(Router::new(), |router, asset| {
        router.route(asset.path, get(async move |headers: HeaderMap| answer(asset, &headers)))
    });
    plain.route("/widgets/{file}", get(of_a_version))
}

/// The path of a file with the version of this program's in its name; of an unknown path the path.
#[must_use]
pub fn versioned(path: &'static str) -> &'static str {
    ASSETS.iter().find(|asset| asset.path == path).map_or(path, |asset| asset.versioned)
}

/// `GET /widgets/{name}.{version}.{js,css}`
async fn of_a_version(Path(file): Path<String>, uri: Uri, headers: HeaderMap) -> Response {
    let asset = plain_name(&file).and_then(|name| {
        ASSETS.iter().find(|asset| asset.path.strip_prefix("/widgets/") == Some(name.as_str()))
    });
    let Some(asset) = asset else {
        return super::unknown_route(uri, headers).await;
    };
    let mut response = answer(asset, &headers);
    if uri.path() == asset.versioned {
        response.headers_mut().insert(header::CACHE_CONTROL, VERSIONED);
    }
    response
}

/// The name without its version: eight hexadecimal digits between name and ending.
fn plain_name(file: &str) -> Option<String> {
    let (rest, ending) = file.rsplit_once('.')?;
    let (name, version) = rest.split_once('.')?;
    let is_version = version.len() == 8 && version.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_version.then(|| format!("{name}.{ending}"))
}

/// One file, in the form that the browser takes, for as long as its plain address allows.
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
    headers.insert(header::CONTENT_LOCATION, HeaderValue::from_static(asset.versioned));
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
        assert!(embed.brotli.bytes.len() <= 3_072, "{} bytes", embed.brotli.bytes.len());
    }

    #[test]
    fn the_embed_script_loads_the_other_scripts_by_the_versions_that_are_served() {
        let embed = ASSETS.iter().find(|asset| asset.path == "/widgets/embed.js").unwrap();
        let text = std::str::from_utf8(embed.plain.bytes).unwrap();
        for path in ["/widgets/widget.js", "/widgets/shopify.js"] {
            let name = versioned(path).strip_prefix("/widgets/").unwrap().strip_suffix(".js").unwrap();
            assert!(text.contains(&format!("\"{name}\"")), "{name}: run `npm run build`");
        }
    }

    #[rstest]
    #[case("embed.0123abcd.js", Some("embed.js"))]
    #[case("frame.0123abcd.css", Some("frame.css"))]
    #[case("embed.js", None)]
    #[case("embed.0123abc.js", None)]
    #[case("embed.0123abcg.js", None)]
    #[case("embed.x.0123abcd.js", None)]
    #[case("embed", None)]
    #[case("", None)]
    fn a_version_is_eight_digits_before_the_ending(#[case] file: &str, #[case] name: Option<&str>) {
        assert_eq!(plain_name(file).as_deref(), name);
    }

    #[tokio::test]
    async fn a_versioned_address_is_kept_for_a_year_and_a_foreign_version_is_not() {
        let ask = async |path: &'static str| {
            let file = path.strip_prefix("/widgets/").unwrap().to_owned();
            of_a_version(Path(file), Uri::from_static(path), HeaderMap::new()).await
        };
        let embed = ASSETS.iter().find(|asset| asset.path == "/widgets/embed.js").unwrap();
        let current = ask(embed.versioned).await;
        assert_eq!(current.headers()[header::CACHE_CONTROL], "public, max-age=31536000, immutable");
        assert_eq!(current.headers()[header::ETAG], embed.plain.tag);
        let other = ask("/widgets/embed.00000000.js").await;
        assert_eq!((other.status(), &other.headers()[header::CACHE_CONTROL]), (StatusCode::OK, &SHOP_PAGES));
        assert_eq!(other.headers()[header::CONTENT_LOCATION], embed.versioned);
        assert_eq!(to_bytes(other.into_body(), usize::MAX).await.unwrap(), embed.plain.bytes);
        assert_eq!(ask("/widgets/nothing.00000000.js").await.status(), StatusCode::NOT_FOUND);
        assert_eq!(ask("/widgets/embed.1.js").await.status(), StatusCode::NOT_FOUND);
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
