//! Bodies, whole and within limits: how large, how long, in which form.
//!
//! Whatever the headers tell is judged before the first byte is asked for, so that a client that waits with
//! `Expect: 100-continue` is refused without having sent anything.

use axum::body::Body;
use axum::extract::{FromRequest, Request};
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use http_body::Body as _;
use http_body_util::BodyExt;
use mime::Mime;

use super::problem::Problem;
pub use super::tracked::BodyTimeout;
use crate::app::App;

/// A JSON body of at most `BYTES_MAX` bytes, not parsed yet: the parser's tree borrows from it. Answers 413, 415,
/// 408, or 400 when the body breaks off.
#[derive(Clone, Debug)]
pub struct JsonBody<const BYTES_MAX: usize>(pub Bytes);

impl<const BYTES_MAX: usize> FromRequest<App> for JsonBody<BYTES_MAX> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &App) -> Result<Self, Problem> {
        require_media_type(request.headers(), &[mime::APPLICATION_JSON])?;
        read(request, BYTES_MAX).await.map(Self)
    }
}

/// Like [`JsonBody`], or no body at all: neither bytes nor a `Content-Type`.
#[derive(Clone, Debug)]
pub struct MaybeJsonBody<const BYTES_MAX: usize>(pub Option<Bytes>);

impl<const BYTES_MAX: usize> FromRequest<App> for MaybeJsonBody<BYTES_MAX> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &App) -> Result<Self, Problem> {
        let declared = request.headers().contains_key(header::CONTENT_TYPE);
        if declared || !request.body().is_end_stream() {
            require_media_type(request.headers(), &[mime::APPLICATION_JSON])?;
        }
        let body = read(request, BYTES_MAX).await?;
        Ok(Self((declared || !body.is_empty()).then_some(body)))
    }
}

/// Like [`JsonBody`], also as `text/plain`, which `sendBeacon` can send to another origin without a preflight.
#[derive(Clone, Debug)]
pub struct BeaconBody<const BYTES_MAX: usize>(pub Bytes);

impl<const BYTES_MAX: usize> FromRequest<App> for BeaconBody<BYTES_MAX> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &App) -> Result<Self, Problem> {
        require_media_type(request.headers(), &[mime::APPLICATION_JSON, mime::TEXT_PLAIN])?;
        read(request, BYTES_MAX).await.map(Self)
    }
}

/// Reads a body whole: at most `bytes_max`, not compressed. Its time is limited by the connection.
pub async fn read(request: Request, bytes_max: usize) -> Result<Bytes, Problem> {
    check_declared(request.headers(), bytes_max)?;
    collect(request.into_body(), bytes_max).await
}

/// What is wrong when a body could not be read: it came too slowly, or broke off. For handlers that read it
/// themselves.
#[must_use]
pub fn read_fault(error: &(dyn std::error::Error + 'static)) -> Problem {
    match BodyTimeout::behind(error) {
        Some(late) => Problem::new(StatusCode::REQUEST_TIMEOUT, "body_timeout", format!("Too slow: {late}."))
            .with_header(header::CONNECTION, HeaderValue::from_static("close")),
        None => {
            Problem::new(StatusCode::BAD_REQUEST, "body_incomplete", "The body broke off before its end.")
        }
    }
}

async fn collect(mut body: Body, bytes_max: usize) -> Result<Bytes, Problem> {
    let mut first = Bytes::new();
    let mut whole = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| read_fault(&error))?;
        let Ok(data) = frame.into_data() else { continue };
        if first.len() + whole.len() + data.len() > bytes_max {
            return Err(too_large(bytes_max));
        }
        // Nearly every order arrives in one piece, which is then handed on without a copy.
        if first.is_empty() && whole.is_empty() {
            first = data;
            continue;
        }
        if whole.is_empty() {
            whole.extend_from_slice(&std::mem::take(&mut first));
        }
        whole.extend_from_slice(&data);
    }
    Ok(if whole.is_empty() { first } else { whole.freeze() })
}

/// Judges what the headers say about the body; for handlers that read it themselves (multipart).
pub fn check_declared(headers: &HeaderMap, bytes_max: usize) -> Result<(), Problem> {
    let encoded = headers
        .get_all(header::CONTENT_ENCODING)
        .iter()
        .any(|value| !value.as_bytes().trim_ascii().eq_ignore_ascii_case(b"identity"));
    if encoded {
        return Err(unsupported("Send the body without Content-Encoding: compressed bodies are not taken."));
    }
    let declared =
        headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    match declared {
        Some(length) if length > bytes_max as u64 => Err(too_large(bytes_max)),
        _ => Ok(()),
    }
}

/// 415 unless `Content-Type` stands there once and is one of `allowed`, in UTF-8.
pub fn require_media_type(headers: &HeaderMap, allowed: &[Mime]) -> Result<(), Problem> {
    let mut values = headers.get_all(header::CONTENT_TYPE).iter();
    let only = match (values.next(), values.next()) {
        (Some(only), None) => only.to_str().ok().and_then(|text| text.parse::<Mime>().ok()),
        _ => None,
    };
    let fits = only.is_some_and(|found| {
        allowed.iter().any(|mime| mime.essence_str() == found.essence_str())
            && found
                .get_param(mime::CHARSET)
                .is_none_or(|charset| charset.as_str().eq_ignore_ascii_case("utf-8"))
    });
    if fits {
        return Ok(());
    }
    let names: Vec<&str> = allowed.iter().map(Mime::essence_str).collect();
    Err(unsupported(&format!("Send the body as `Content-Type: {}`, in UTF-8.", names.join("` or `"))))
}

fn unsupported(detail: &str) -> Problem {
    Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", detail)
}

/// 413; the connection is closed after it, because the rest of the body is not read.
#[must_use]
pub fn too_large(bytes_max: usize) -> Problem {
    let detail = format!("The body is larger than {bytes_max} bytes, the most this address takes.");
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", detail)
        .with_header(header::CONNECTION, HeaderValue::from_static("close"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(&["application/json"], true)]
    #[case(&["Application/JSON; charset=UTF-8"], true)]
    #[case(&["application/json; charset=\"utf-8\""], true)]
    #[case(&["application/json;charset=latin1"], false)]
    #[case(&["application/json; charset=utf-16"], false)]
    #[case(&["application/jsonp"], false)]
    #[case(&["text/plain"], false)]
    #[case(&["application/x-www-form-urlencoded"], false)]
    #[case(&["application/json", "application/json"], false)]
    #[case(&["application/json, text/plain"], false)]
    #[case(&[""], false)]
    #[case(&[], false)]
    fn only_json_in_utf_8_is_taken(#[case] values: &[&'static str], #[case] fits: bool) {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::CONTENT_TYPE, HeaderValue::from_static(value));
        }
        assert_eq!(require_media_type(&headers, &[mime::APPLICATION_JSON]).is_ok(), fits);
    }

    #[rstest]
    #[case("content-length", "10", None)]
    #[case("content-length", "11", Some(413))]
    #[case("content-encoding", "identity", None)]
    #[case("content-encoding", "gzip", Some(415))]
    fn headers_are_judged_before_the_body(
        #[case] name: &'static str,
        #[case] value: &'static str,
        #[case] status: Option<u16>,
    ) {
        let mut headers = HeaderMap::new();
        headers.insert(name, HeaderValue::from_static(value));
        assert_eq!(check_declared(&headers, 10).err().map(|problem| problem.status.as_u16()), status);
    }

    #[tokio::test]
    async fn a_body_in_pieces_is_joined_and_counted() {
        let pieces = |lengths: &[usize]| {
            let frames: Vec<Result<Bytes, std::io::Error>> =
                lengths.iter().map(|length| Ok(Bytes::from(vec![b'x'; *length]))).collect();
            Body::from_stream(futures::stream::iter(frames))
        };
        assert_eq!(collect(pieces(&[4, 3, 3]), 10).await.unwrap().len(), 10);
        assert_eq!(collect(pieces(&[4, 0]), 10).await.unwrap().len(), 4);
        assert_eq!(collect(pieces(&[]), 10).await.unwrap().len(), 0);
        assert_eq!(collect(pieces(&[4, 4, 3]), 10).await.unwrap_err().status, 413);
        let broken = futures::stream::iter([Ok(Bytes::from("x")), Err(std::io::Error::other("gone"))]);
        assert_eq!(collect(Body::from_stream(broken), 10).await.unwrap_err().code, "body_incomplete");
    }
}
