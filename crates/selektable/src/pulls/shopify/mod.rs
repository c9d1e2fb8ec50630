//! Orders from Shopify's GraphQL Admin API.

mod answer;
mod position;

use http::{HeaderMap, HeaderName, HeaderValue};
use selektable_domain::platform::pull::PullFault;
use selektable_domain::platform::shopify::graphql;
use selektable_domain::time::Timestamp;
use selektable_store::settings::Platform;
use serde_json::json;
use url::Url;

use super::asking::{Patience, ask, refusal};
use super::fault::AccessFault;
use super::page::Page;
use crate::ambient;
use crate::http::fetch::platform::{Answer, PlatformClient, Question, Reach, Verdict};
use position::Position;

const TOKEN: HeaderName = HeaderName::from_static("x-shopify-access-token");
/// Whether orders may be read, for the fewest points.
const CHECK: &str = "{ orders(first: 1) { pageInfo { hasNextPage endCursor } nodes { id } } }";

/// A shop that is asked for its orders.
pub(super) struct Shop {
    client: PlatformClient,
    url: Url,
    token: HeaderValue,
    patience: Patience,
    per_page: u32,
}

impl Shop {
    pub(super) fn new(
        client: PlatformClient,
        address: &str,
        token: &str,
        patience: Patience,
    ) -> Result<Self, AccessFault> {
        let no_url = |_| AccessFault::Address("is no URL".to_owned());
        let url = Url::parse(address).and_then(|address| address.join(&graphql::path())).map_err(no_url)?;
        if url.scheme() != "https" && client.reach() == Reach::Public {
            return Err(AccessFault::NotSecure);
        }
        let mut token = HeaderValue::from_str(token).map_err(|_| AccessFault::WrongKey(Platform::Shopify))?;
        token.set_sensitive(true);
        Ok(Self { client, url, token, patience, per_page: graphql::ORDERS_AT_FIRST })
    }

    /// One cheap question: whether the token may read orders.
    pub(super) async fn check(&mut self) -> Result<(), AccessFault> {
        let answer = self.ask(json!({ "query": CHECK }).to_string()).await?;
        match graphql::read_answer(&answer.body, ambient::now()) {
            Ok(_) => Ok(()),
            Err(fault) => Err(answer::fault(fault)),
        }
    }

    /// The page at a position. A question that is too large is made smaller, and a cursor that Shopify does not know
    /// any more is done without.
    pub(super) async fn page(&mut self, since: Timestamp, cursor: Option<&str>) -> Result<Page, AccessFault> {
        let mut position = Position::read(cursor, since);
        let page = loop {
            let question = graphql::request(position.since, position.after.as_deref(), self.per_page);
            let answer = self.ask(question).await?;
            match graphql::read_answer(&answer.body, ambient::now()) {
                Ok(page) => break page,
                Err(PullFault::TooCostly) if self.per_page > 1 => self.per_page /= 2,
                Err(PullFault::Refused(words)) if position.after.is_some() && is_of_cursor(&words) => {
                    position = position.without_cursor();
                }
                Err(fault) => return Err(answer::fault(fault)),
            }
        };
        let entries = answer::entries(page.orders);
        let modified = entries.iter().filter_map(|entry| entry.modified);
        let next = page.next.map(|cursor| position.after_page(modified, cursor).write());
        // Asking sooner would be answered with "throttled".
        tokio::time::sleep(std::time::Duration::from_millis(page.wait_ms)).await;
        Ok(Page { entries, next, left: None })
    }

    async fn ask(&self, json: String) -> Result<Answer, AccessFault> {
        let headers = HeaderMap::from_iter([(TOKEN, self.token.clone())]);
        let question = Question { url: self.url.clone(), headers, json: Some(json) };
        let answer = ask(&self.client, &question, self.patience, answer::throttled).await?;
        if answer.verdict == Verdict::Good { Ok(answer) } else { Err(refusal(&answer, Platform::Shopify)) }
    }
}

/// Shopify has no code for it.
fn is_of_cursor(words: &str) -> bool {
    words.to_ascii_lowercase().contains("cursor")
}
