//! Orders from `WooCommerce`'s REST API (version 3, `WooCommerce` 3.5 and later).

mod answer;
mod oauth;
mod position;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderValue, header};
use selektable_domain::time::Timestamp;
use selektable_store::settings::Platform;
use url::Url;

use super::asking::{Patience, ask, refusal};
use super::fault::AccessFault;
use super::page::Page;
use crate::ambient;
use crate::http::fetch::platform::{Answer, PlatformClient, Question, Reach, Verdict};
use oauth::{Once, Pair};
use position::{By, Position, Walk};

/// Orders of one page: the most that `WooCommerce` gives.
const PER_PAGE: u64 = 100;

/// How the keys are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// Basic authentication.
    Header,
    /// In the query, for servers that don't hand the `Authorization` header on to PHP; only over https.
    Query,
    /// By a signature, which is the only way that `WooCommerce` takes over http.
    Signed,
}

/// A shop that is asked for its orders.
pub(super) struct Shop {
    client: PlatformClient,
    address: Url,
    key: String,
    secret: String,
    way: Way,
    patience: Patience,
    /// Ids of the page before, to notice a shop that gives one page for ever.
    before: Vec<String>,
}

impl Shop {
    pub(super) fn new(
        client: PlatformClient,
        address: &str,
        key: &str,
        secret: &str,
        patience: Patience,
    ) -> Result<Self, AccessFault> {
        let address = Url::parse(address).map_err(|_| AccessFault::Address("is no URL".to_owned()))?;
        let is_secure = address.scheme() == "https";
        if !is_secure && client.reach() == Reach::Public {
            return Err(AccessFault::NotSecure);
        }
        let way = if is_secure { Way::Header } else { Way::Signed };
        let (key, secret) = (key.to_owned(), secret.to_owned());
        Ok(Self { client, address, key, secret, way, patience, before: Vec::new() })
    }

    /// One cheap question: whether the keys may list orders.
    pub(super) async fn check(&mut self) -> Result<(), AccessFault> {
        let pairs = vec![("per_page", "1".to_owned()), ("_fields", "id".to_owned())];
        let answer = self.ask(pairs).await?;
        answer::orders(&answer, ambient::now()).map(|_| ())
    }

    /// The page at a position. A shop that can't sort by change is asked by id; one that does not show its trash is
    /// done without.
    pub(super) async fn page(&mut self, since: Timestamp, cursor: Option<&str>) -> Result<Page, AccessFault> {
        let mut position = Position::read(cursor, since);
        let answer = match self.ask(pairs(position)).await {
            Err(AccessFault::Refused(_)) if position.walk == Walk::Trash => return Ok(Page::default()),
            Err(AccessFault::Refused(_)) if position.by == By::Modified => {
                position = position.by_id();
                self.ask(pairs(position)).await?
            }
            answer => answer?,
        };
        let entries = answer::orders(&answer, ambient::now())?;
        let ids: Vec<String> = entries.iter().map(|entry| entry.id.clone()).collect();
        if !ids.is_empty() && ids == self.before && position.offset > 0 {
            return Err(AccessFault::Refused(
                "it gives the same page of orders again and again; a plugin may change how orders are listed."
                    .to_owned(),
            ));
        }
        self.before = ids;
        let length = entries.len() as u64;
        let total = answer::total(&answer.headers);
        let left = total.map(|total| total.saturating_sub(position.offset + length));
        let is_last = length == 0 || left.map_or(length < PER_PAGE, |left| left == 0);
        let modified: Vec<Timestamp> = entries.iter().filter_map(|entry| entry.modified).collect();
        let next =
            if is_last { position.next_walk(since) } else { Some(position.after_page(&modified, length)) };
        Ok(Page { entries, next: next.map(Position::write), left })
    }

    /// Asks in the way that the shop takes; the first answer finds out which one that is.
    async fn ask(&mut self, pairs: Vec<Pair>) -> Result<Answer, AccessFault> {
        let answer = self.ask_by(self.way, pairs.clone()).await?;
        if self.way == Way::Header && answer.verdict == Verdict::Unauthorized {
            let answer = self.ask_by(Way::Query, pairs).await?;
            if answer.verdict == Verdict::Good {
                self.way = Way::Query;
            }
            return judged(answer);
        }
        judged(answer)
    }

    async fn ask_by(&self, way: Way, pairs: Vec<Pair>) -> Result<Answer, AccessFault> {
        let question = self.question(way, pairs)?;
        ask(&self.client, &question, self.patience, |_| None).await
    }

    fn question(&self, way: Way, mut pairs: Vec<Pair>) -> Result<Question, AccessFault> {
        let mut url = self
            .address
            .join("wp-json/wc/v3/orders")
            .map_err(|_| AccessFault::Address("is no URL".to_owned()))?;
        let mut headers = HeaderMap::new();
        match way {
            Way::Header => {
                let token = STANDARD.encode(format!("{}:{}", self.key, self.secret));
                let mut value = HeaderValue::from_str(&format!("Basic {token}"))
                    .map_err(|_| AccessFault::WrongKey(Platform::WooCommerce))?;
                value.set_sensitive(true);
                headers.insert(header::AUTHORIZATION, value);
            }
            Way::Query => {
                pairs.extend([("consumer_key", self.key.clone()), ("consumer_secret", self.secret.clone())]);
            }
            Way::Signed => {
                let once = Once { seconds: ambient::now().as_millis().div_euclid(1_000), nonce: nonce() };
                pairs = oauth::signed(url.as_str(), pairs, &self.key, &self.secret, once);
            }
        }
        url.set_query(Some(&oauth::query(&pairs)));
        Ok(Question { url, headers, json: None })
    }
}

fn pairs(position: Position) -> Vec<Pair> {
    let mut pairs = vec![
        ("status", position.walk.status().to_owned()),
        ("modified_after", position.after_text()),
        ("dates_are_gmt", "true".to_owned()),
        ("orderby", position.by.orderby().to_owned()),
        ("order", "asc".to_owned()),
        ("per_page", PER_PAGE.to_string()),
    ];
    if position.offset > 0 {
        pairs.push(("offset", position.offset.to_string()));
    }
    pairs
}

/// `woocommerce_rest_cannot_view` comes with 401 although the keys are right: they may not read.
fn judged(answer: Answer) -> Result<Answer, AccessFault> {
    match answer.verdict {
        Verdict::Good => Ok(answer),
        Verdict::Unauthorized if answer::may_not_view(&answer.body) => {
            Err(AccessFault::NoRight(Platform::WooCommerce))
        }
        _ => Err(refusal(&answer, Platform::WooCommerce)),
    }
}

fn nonce() -> String {
    let bytes: [u8; 16] = ambient::random_bytes();
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    fn shop(address: &str, reach: Reach) -> Result<Shop, AccessFault> {
        Shop::new(PlatformClient::new(reach).unwrap(), address, "ck_1", "cs_1", Patience::ONCE)
    }

    #[test]
    fn keys_travel_in_a_header_over_https_and_never_in_the_open() {
        let secure = shop("https://shop.example/de/", Reach::Public).unwrap();
        let question =
            secure.question(secure.way, pairs(Position::start(Timestamp::from_millis(0)))).unwrap();
        assert_eq!(question.url.path(), "/de/wp-json/wc/v3/orders");
        assert!(!question.url.as_str().contains("cs_1"));
        assert_eq!(question.headers[header::AUTHORIZATION], "Basic Y2tfMTpjc18x");
        let fallback = secure.question(Way::Query, Vec::new()).unwrap();
        assert_eq!(fallback.url.query(), Some("consumer_key=ck_1&consumer_secret=cs_1"));
        assert!(matches!(shop("http://shop.example/", Reach::Public), Err(AccessFault::NotSecure)));
        let open = shop("http://shop.example/", Reach::Anywhere).unwrap();
        let signed = open.question(open.way, Vec::new()).unwrap();
        assert!(!signed.url.as_str().contains("cs_1") && signed.headers.is_empty());
        assert!(signed.url.as_str().contains("oauth_signature="));
    }

    /// A server that hands no `Authorization` header on: keys count only in the query.
    async fn headerless() -> u16 {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((mut socket, _)) = listener.accept().await {
                let mut request = [0_u8; 4_096];
                let read = socket.read(&mut request).await.unwrap();
                let has_key = String::from_utf8_lossy(&request[..read])
                    .contains("consumer_key=ck_1&consumer_secret=cs_1");
                let answer = if has_key {
                    "200 OK\r\nContent-Length: 2\r\n"
                } else {
                    "401 No\r\nContent-Length: 2\r\n"
                };
                let text = format!("HTTP/1.1 {answer}Connection: close\r\n\r\n[]");
                socket.write_all(text.as_bytes()).await.unwrap();
            }
        });
        port
    }

    #[tokio::test]
    async fn a_server_that_drops_the_header_is_given_the_keys_in_the_query_from_then_on() {
        let address = format!("http://127.0.0.1:{}/", headerless().await);
        let mut shop = Shop { way: Way::Header, ..shop(&address, Reach::Anywhere).unwrap() };
        shop.check().await.unwrap();
        assert_eq!(shop.way, Way::Query);
        let mut wrong = Shop { way: Way::Header, key: "ck_2".to_owned(), ..shop };
        assert_eq!(wrong.check().await, Err(AccessFault::WrongKey(Platform::WooCommerce)));
    }
}
