//! Asking a platform for its orders: the same guard as for pictures, with an answer's body whatever its status says.
//!
//! A merchant names the address, so the same holds as for pictures: public addresses only, unless the operator said
//! that the shops are on the server's own network. Requests carry credentials, so a redirect is followed only within
//! one host and never from https to http; where else one leads is told instead.

use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, HeaderValue, StatusCode, header};
use url::Url;

use super::resolver::{Lookup, SystemLookup};
use super::target::Target;
use super::{
    FetchFault, FetcherFault, PORTS, PRODUCT, Policy, REDIRECTS_MAX, connection_fault, guarded, is_public,
    location_of,
};

/// Longest time for one answer, redirects included: a busy shop takes its time for a page of orders.
pub const ANSWER_TIME_MAX: Duration = Duration::from_secs(60);
/// Largest answer: 100 orders of a `WooCommerce` shop whose plugins write much metadata.
pub const ANSWER_BYTES_MAX: usize = 32 * 1024 * 1024;

/// Where platforms may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// On the public internet.
    Public,
    /// Anywhere, also on this machine and its network; any port.
    Anywhere,
}

/// One request. Its URL was made by us from the merchant's address.
#[derive(Clone)]
pub struct Question {
    /// Where.
    pub url: Url,
    /// Credentials and what else the platform wants.
    pub headers: HeaderMap,
    /// JSON to post; `None` asks with `GET`.
    pub json: Option<String>,
}

/// What a status says, as far as it changes what to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Done.
    Good,
    /// Too many requests; try again, after this time where the platform says one.
    TooMany(Option<Duration>),
    /// The platform is down or broken; try again, after this time where it says one.
    Down(u16, Option<Duration>),
    /// The credentials are not taken.
    Unauthorized,
    /// The credentials don't reach that far.
    Forbidden,
    /// There is nothing at this address.
    NotFound,
    /// It is somewhere else, in the answer's own words.
    Elsewhere(String),
    /// Anything else; trying again would not help.
    Refused(u16),
}

/// An answer, whole.
#[derive(Clone, Debug)]
pub struct Answer {
    /// What its status says.
    pub verdict: Verdict,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body, at most [`ANSWER_BYTES_MAX`].
    pub body: Vec<u8>,
}

/// Asks platforms. Cheap to clone.
#[derive(Clone)]
pub struct PlatformClient {
    client: reqwest::Client,
    policy: Policy,
    reach: Reach,
}

impl PlatformClient {
    /// A client that goes as far as `reach`.
    ///
    /// # Errors
    /// TLS or the client refused its settings.
    pub fn new(reach: Reach) -> Result<Self, FetcherFault> {
        let policy = match reach {
            Reach::Public => {
                Policy { may_connect: is_public, may_use_port: |port| PORTS.contains(&port), ..ANY }
            }
            Reach::Anywhere => ANY,
        };
        Self::with(policy, reach, Arc::new(SystemLookup))
    }

    fn with(policy: Policy, reach: Reach, lookup: Arc<dyn Lookup>) -> Result<Self, FetcherFault> {
        Ok(Self { client: guarded(policy, lookup)?.user_agent(PRODUCT).build()?, policy, reach })
    }

    /// How far it goes.
    #[must_use]
    pub fn reach(&self) -> Reach {
        self.reach
    }

    /// Asks once.
    ///
    /// # Errors
    /// There was no answer, or one that is too large. What the answer's status says is in [`Answer::verdict`].
    pub async fn ask(&self, question: &Question) -> Result<Answer, FetchFault> {
        let asked = tokio::time::timeout(self.policy.total_time_max, self.follow(question)).await;
        asked.unwrap_or(Err(FetchFault::TimedOut))
    }

    async fn follow(&self, question: &Question) -> Result<Answer, FetchFault> {
        let mut target = Target::parse(question.url.as_str(), &self.policy)?;
        for _ in 0..=REDIRECTS_MAX {
            let answer = self.read(self.send(&target, question).await?).await?;
            let Verdict::Elsewhere(location) = &answer.verdict else { return Ok(answer) };
            let next = target.redirected(location, &self.policy)?;
            if question.json.is_some() || !is_same_shop(target.url(), next.url()) {
                return Ok(Answer { verdict: Verdict::Elsewhere(origin_of(next.url())), ..answer });
            }
            target = next;
        }
        Err(FetchFault::TooManyRedirects)
    }

    async fn send(&self, target: &Target, question: &Question) -> Result<reqwest::Response, FetchFault> {
        let request = match &question.json {
            None => self.client.get(target.url().clone()),
            Some(json) => self
                .client
                .post(target.url().clone())
                .header(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))
                .body(json.clone()),
        };
        let request = request
            .header(header::ACCEPT, HeaderValue::from_static("application/json"))
            .headers(question.headers.clone());
        request.send().await.map_err(|error| connection_fault(&error))
    }

    async fn read(&self, mut response: reqwest::Response) -> Result<Answer, FetchFault> {
        let verdict = verdict(response.status(), response.headers());
        let headers = response.headers().clone();
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| connection_fault(&error))? {
            if body.len() + chunk.len() > self.policy.bytes_max {
                return Err(FetchFault::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer { verdict, headers, body })
    }
}

/// No bounds but time and size.
const ANY: Policy = Policy {
    may_connect: |_| true,
    may_use_port: |_| true,
    total_time_max: ANSWER_TIME_MAX,
    bytes_max: ANSWER_BYTES_MAX,
};

fn verdict(status: StatusCode, headers: &HeaderMap) -> Verdict {
    match status.as_u16() {
        200..=299 => Verdict::Good,
        301 | 302 | 303 | 307 | 308 => location_of(headers)
            .map_or(Verdict::Refused(status.as_u16()), |to| Verdict::Elsewhere(to.to_owned())),
        401 => Verdict::Unauthorized,
        403 => Verdict::Forbidden,
        404 => Verdict::NotFound,
        429 => Verdict::TooMany(wait_of(headers)),
        408 | 425 | 500..=599 => Verdict::Down(status.as_u16(), wait_of(headers)),
        other => Verdict::Refused(other),
    }
}

/// `Retry-After` in seconds, whole or with a fraction as Shopify writes it. Its other form, a date, would need two
/// clocks to agree: without a number the caller's own pause counts.
fn wait_of(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?;
    Duration::try_from_secs_f64(text.trim().parse().ok()?).ok()
}

/// Whether credentials for the one may be shown to the other.
fn is_same_shop(from: &Url, to: &Url) -> bool {
    let is_downgrade = from.scheme() == "https" && to.scheme() == "http";
    let same_port =
        from.scheme() != to.scheme() || from.port_or_known_default() == to.port_or_known_default();
    from.host_str() == to.host_str() && same_port && !is_downgrade
}

/// `https://HOST/` of a URL: what can be told of it without repeating keys that stand in its query.
fn origin_of(url: &Url) -> String {
    format!("{}/", url.origin().ascii_serialization())
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use rstest::rstest;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[rstest]
    #[case("https://a.example/x", "https://a.example/y", true)]
    #[case("http://a.example/x", "https://a.example/x", true)]
    #[case("https://a.example/x", "http://a.example/x", false)]
    #[case("https://a.example/x", "https://www.a.example/x", false)]
    #[case("http://a.example:8080/x", "http://a.example:8443/x", false)]
    fn credentials_stay_within_one_shop(#[case] from: &str, #[case] to: &str, #[case] same: bool) {
        assert_eq!(is_same_shop(&url(from), &url(to)), same);
    }

    #[rstest]
    #[case(200, "", Verdict::Good)]
    #[case(429, "2.5", Verdict::TooMany(Some(Duration::from_millis(2_500))))]
    #[case(429, "-1", Verdict::TooMany(None))]
    #[case(429, "Wed, 21 Oct 2026 07:28:00 GMT", Verdict::TooMany(None))]
    #[case(503, "7", Verdict::Down(503, Some(Duration::from_secs(7))))]
    #[case(401, "", Verdict::Unauthorized)]
    #[case(418, "", Verdict::Refused(418))]
    fn a_status_says_what_to_do_next(#[case] status: u16, #[case] wait: &str, #[case] expected: Verdict) {
        let mut headers = HeaderMap::new();
        if !wait.is_empty() {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_str(wait).unwrap());
        }
        assert_eq!(verdict(StatusCode::from_u16(status).unwrap(), &headers), expected);
    }

    async fn serve(on: IpAddr, answer: String) -> u16 {
        let listener = TcpListener::bind((on, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((mut socket, _)) = listener.accept().await {
                let mut request = [0_u8; 2_048];
                let _ = socket.read(&mut request).await;
                let _ = socket.write_all(answer.as_bytes()).await;
            }
        });
        port
    }

    fn question(port: u16) -> Question {
        let url = url(&format!("http://127.0.0.1:{port}/wp-json"));
        Question { url, headers: HeaderMap::new(), json: None }
    }

    const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    #[tokio::test]
    async fn a_shop_on_the_own_network_is_asked_only_when_the_operator_says_so() {
        let port =
            serve(LOOPBACK, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n[]".to_owned())
                .await;
        let refused = PlatformClient::new(Reach::Public).unwrap().ask(&question(port)).await;
        assert!(matches!(refused, Err(FetchFault::Port)));
        let ask = Question { url: url("http://127.0.0.1/wp-json"), ..question(port) };
        let refused = PlatformClient::new(Reach::Public).unwrap().ask(&ask).await;
        assert!(matches!(refused, Err(FetchFault::NotPublic)));
        let answer = PlatformClient::new(Reach::Anywhere).unwrap().ask(&question(port)).await.unwrap();
        assert_eq!((answer.verdict, answer.body.as_slice()), (Verdict::Good, b"[]".as_slice()));
    }

    #[tokio::test]
    async fn a_redirect_to_another_host_is_told_and_not_followed() {
        let head = "HTTP/1.1 301 Moved\r\nLocation: http://127.0.0.2:9/wp-json?consumer_secret=cs_1\r\n";
        let port = serve(LOOPBACK, format!("{head}Content-Length: 0\r\nConnection: close\r\n\r\n")).await;
        let answer = PlatformClient::new(Reach::Anywhere).unwrap().ask(&question(port)).await.unwrap();
        assert_eq!(answer.verdict, Verdict::Elsewhere("http://127.0.0.2:9/".to_owned()));
    }

    #[tokio::test]
    async fn an_answer_that_is_too_large_or_too_slow_is_left() {
        let body = "x".repeat(2_000);
        let port = serve(LOOPBACK, format!("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{body}")).await;
        let policy = Policy { bytes_max: 1_000, total_time_max: Duration::from_millis(200), ..ANY };
        let client = PlatformClient::with(policy, Reach::Anywhere, Arc::new(SystemLookup)).unwrap();
        assert!(matches!(client.ask(&question(port)).await, Err(FetchFault::TooLarge)));
        let silent = TcpListener::bind((LOOPBACK, 0)).await.unwrap();
        let port = silent.local_addr().unwrap().port();
        assert!(matches!(client.ask(&question(port)).await, Err(FetchFault::TimedOut)));
    }
}
