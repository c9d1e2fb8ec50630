//! Requests that may mean two things are refused: two hosts or none, two lengths of one body.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::uri::Authority;
use http::{HeaderValue, StatusCode, Version, header};

use super::problem::Problem;

/// Left on a request that announced its body's length twice, in different ways.
#[derive(Clone, Copy, Debug)]
pub(super) struct ConflictingLength;

/// The layer; see the module.
pub(super) async fn layer(request: Request, next: Next) -> Response {
    match check(&request) {
        Ok(()) => next.run(request).await,
        // What follows on this connection can't be trusted to be a request.
        Err(problem) => {
            problem.with_header(header::CONNECTION, HeaderValue::from_static("close")).into_response()
        }
    }
}

fn check(request: &Request) -> Result<(), Problem> {
    if request.extensions().get::<ConflictingLength>().is_some() {
        return Err(Problem::new(
            StatusCode::BAD_REQUEST,
            "conflicting_length",
            "The request has a Transfer-Encoding and a Content-Length: send one of them.",
        ));
    }
    let mut hosts = request.headers().get_all(header::HOST).iter();
    match (hosts.next(), hosts.next()) {
        (Some(only), None) if names_a_host(only) => Ok(()),
        // HTTP/1.0 knows no Host; health checks of some proxies are written in it.
        (None, _) if request.version() == Version::HTTP_10 => Ok(()),
        _ => Err(Problem::new(
            StatusCode::BAD_REQUEST,
            "bad_host",
            "The request needs exactly one Host header that names a host.",
        )),
    }
}

fn names_a_host(value: &HeaderValue) -> bool {
    let authority = value.to_str().ok().and_then(|text| text.parse::<Authority>().ok());
    authority.is_some_and(|authority| !authority.host().is_empty() && !authority.as_str().contains('@'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use rstest::rstest;

    #[rstest]
    #[case(Version::HTTP_11, &["shop.example"], true)]
    #[case(Version::HTTP_11, &["127.0.0.1:8080"], true)]
    #[case(Version::HTTP_11, &["[::1]:8080"], true)]
    #[case(Version::HTTP_11, &[], false)]
    #[case(Version::HTTP_10, &[], true)]
    #[case(Version::HTTP_10, &["a", "b"], false)]
    #[case(Version::HTTP_11, &["a", "a"], false)]
    #[case(Version::HTTP_11, &["a, b"], false)]
    #[case(Version::HTTP_11, &[""], false)]
    #[case(Version::HTTP_11, &["user@a"], false)]
    #[case(Version::HTTP_11, &["a/b"], false)]
    fn a_request_names_one_host(#[case] version: Version, #[case] hosts: &[&str], #[case] taken: bool) {
        let mut request = Request::builder().version(version);
        for host in hosts {
            request = request.header(header::HOST, *host);
        }
        assert_eq!(check(&request.body(Body::empty()).unwrap()).is_ok(), taken);
    }
}
