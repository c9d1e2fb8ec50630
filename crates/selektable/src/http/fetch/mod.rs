//! The one way out: product pictures are fetched here and platforms are asked for orders ([`platform`]), from the public
//! internet and nowhere else.
//!
//! A shopper's browser names a picture's URL, so this is the place where somebody would try to reach machines behind this
//! server. What holds: only http and https, no credentials, ports of [`PORTS`]; the name is resolved by our own
//! resolver, which gives the client permitted addresses only; redirects are followed by hand, each judged like a
//! first address; no proxy, no cookies, no compression, no keep-alive; time and size are bounded while reading.
//! Whether the bytes are a picture is judged by the renderer's decoder, not here.

pub mod platform;

mod public_address;
mod resolver;
mod target;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, HeaderValue, StatusCode, header};

pub use public_address::is_public;
use resolver::{GuardedResolver, Lookup, NoPublicAddress, SystemLookup};
use target::Target;

/// Ports that shops serve pictures from.
pub const PORTS: [u16; 4] = [80, 443, 8080, 8443];
/// Most redirects that are followed.
pub const REDIRECTS_MAX: usize = 3;
/// Longest time to connect.
const CONNECT_TIME_MAX: Duration = Duration::from_secs(5);
/// Longest time for all of it, redirects included.
const TOTAL_TIME_MAX: Duration = Duration::from_secs(10);
/// What this program calls itself.
const PRODUCT: &str = concat!("selektable/", env!("CARGO_PKG_VERSION"));
/// Largest picture.
pub const IMAGE_BYTES_MAX: usize = 10 * 1024 * 1024;

/// Where the client may go and how long it may take; another one than [`Policy::public`] only in tests.
#[derive(Clone, Copy)]
struct Policy {
    may_connect: fn(IpAddr) -> bool,
    may_use_port: fn(u16) -> bool,
    total_time_max: Duration,
    bytes_max: usize,
}

impl Policy {
    fn public() -> Self {
        Self {
            may_connect: is_public,
            may_use_port: |port| PORTS.contains(&port),
            total_time_max: TOTAL_TIME_MAX,
            bytes_max: IMAGE_BYTES_MAX,
        }
    }
}

/// Why a picture was not fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchFault {
    /// No absolute URL, or longer than 2,048 bytes.
    #[error("must be an absolute http or https URL of at most 2,048 bytes")]
    InvalidUrl,
    /// Another scheme.
    #[error("must be an http or https URL")]
    Scheme,
    /// `user:password@`.
    #[error("must not carry a user name or a password")]
    Credentials,
    /// A port that shops don't serve pictures from.
    #[error("must use port 80, 443, 8080 or 8443")]
    Port,
    /// A private address, by number or by name.
    #[error("names a host that this server can't reach on the public internet")]
    NotPublic,
    /// No connection, a broken one, or no such name.
    #[error("names a host that this server can't reach on the public internet")]
    Unreachable,
    /// A redirect to something that is no URL.
    #[error("answers with a redirect that leads nowhere")]
    InvalidRedirect,
    /// More than [`REDIRECTS_MAX`].
    #[error("answers with more than 3 redirects")]
    TooManyRedirects,
    /// Not 200.
    #[error("answers with status {0} instead of a picture")]
    Status(u16),
    /// Another content type than `image/…`.
    #[error("answers with something that is not a picture (Content-Type image/…)")]
    NotAnImage,
    /// Larger than [`IMAGE_BYTES_MAX`].
    #[error("answers with more than 10 MiB")]
    TooLarge,
    /// It took too long.
    #[error("did not answer completely within 10 seconds")]
    TimedOut,
}

impl FetchFault {
    /// The stable code. A private host and one that is down have one code and one sentence, so that nobody can map
    /// the network behind this server.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::InvalidUrl => "invalid_url",
            Self::Scheme => "url_scheme",
            Self::Credentials => "url_credentials",
            Self::Port => "url_port",
            Self::NotPublic | Self::Unreachable => "image_unreachable",
            Self::InvalidRedirect | Self::TooManyRedirects => "image_redirects",
            Self::Status(_) => "image_status",
            Self::NotAnImage => "not_an_image",
            Self::TooLarge => "image_too_large",
            Self::TimedOut => "image_timed_out",
        }
    }
}

/// The client could not be made at all.
#[derive(Debug, thiserror::Error)]
pub enum FetcherFault {
    /// The TLS library refused its own defaults.
    #[error("TLS can't be set up: {0}")]
    Tls(#[from] rustls::Error),
    /// The client refused its settings.
    #[error("the client for other servers can't be set up: {0}")]
    Client(#[from] reqwest::Error),
}

/// Fetches product pictures. Cheap to clone.
#[derive(Clone)]
pub struct ImageFetcher {
    client: reqwest::Client,
    policy: Policy,
}

impl ImageFetcher {
    /// A fetcher for the public internet.
    pub fn new() -> Result<Self, FetcherFault> {
        Self::with(Policy::public(), Arc::new(SystemLookup))
    }

    fn with(policy: Policy, lookup: Arc<dyn Lookup>) -> Result<Self, FetcherFault> {
        let client = guarded(policy, lookup)?.default_headers(request_headers()).build()?;
        Ok(Self { client, policy })
    }

    /// The bytes of the picture at `url`.
    pub async fn fetch(&self, url: &str) -> Result<Vec<u8>, FetchFault> {
        let fetched = tokio::time::timeout(self.policy.total_time_max, self.follow(url)).await;
        fetched.unwrap_or(Err(FetchFault::TimedOut))
    }

    async fn follow(&self, url: &str) -> Result<Vec<u8>, FetchFault> {
        let mut target = Target::parse(url, &self.policy)?;
        for _ in 0..=REDIRECTS_MAX {
            let sent = self.client.get(target.url().clone()).send().await;
            let response = sent.map_err(|error| connection_fault(&error))?;
            let Some(location) = redirect_of(&response)? else {
                return self.read_image(response).await;
            };
            target = target.redirected(&location, &self.policy)?;
        }
        Err(FetchFault::TooManyRedirects)
    }

    async fn read_image(&self, mut response: reqwest::Response) -> Result<Vec<u8>, FetchFault> {
        if response.status() != StatusCode::OK {
            return Err(FetchFault::Status(response.status().as_u16()));
        }
        if !is_image(response.headers()) {
            return Err(FetchFault::NotAnImage);
        }
        let announced = response.content_length().unwrap_or(0);
        if announced > self.policy.bytes_max as u64 {
            return Err(FetchFault::TooLarge);
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| connection_fault(&error))? {
            if bytes.len() + chunk.len() > self.policy.bytes_max {
                return Err(FetchFault::TooLarge);
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    }
}

/// A client that connects to what the policy permits, follows nothing and keeps nothing.
fn guarded(policy: Policy, lookup: Arc<dyn Lookup>) -> Result<reqwest::ClientBuilder, FetcherFault> {
    Ok(reqwest::Client::builder()
        .tls_backend_preconfigured(tls_settings()?)
        .dns_resolver(Arc::new(GuardedResolver { lookup, policy }))
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .referer(false)
        .connect_timeout(CONNECT_TIME_MAX)
        .pool_max_idle_per_host(0))
}

/// Roots are compiled in and the cryptography is chosen here, so that the container needs no certificate store.
fn tls_settings() -> Result<rustls::ClientConfig, rustls::Error> {
    let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let settings =
        rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(settings.with_root_certificates(roots).with_no_client_auth())
}

fn request_headers() -> HeaderMap {
    HeaderMap::from_iter([
        (header::ACCEPT, HeaderValue::from_static("image/png, image/jpeg, image/webp")),
        (header::USER_AGENT, HeaderValue::from_static(PRODUCT)),
    ])
}

fn redirect_of(response: &reqwest::Response) -> Result<Option<String>, FetchFault> {
    let is_redirect = matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308);
    if !is_redirect {
        return Ok(None);
    }
    location_of(response.headers())
        .map(|location| Some(location.to_owned()))
        .ok_or(FetchFault::InvalidRedirect)
}

fn location_of(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::LOCATION).and_then(|value| value.to_str().ok())
}

fn is_image(headers: &HeaderMap) -> bool {
    let declared = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    declared.get(..6).is_some_and(|start| start.eq_ignore_ascii_case("image/"))
}

fn connection_fault(error: &reqwest::Error) -> FetchFault {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(current) = cause {
        if current.is::<NoPublicAddress>() {
            return FetchFault::NotPublic;
        }
        cause = current.source();
    }
    if error.is_timeout() { FetchFault::TimedOut } else { FetchFault::Unreachable }
}

#[cfg(test)]
mod tests;
