//! Who calls: API keys (SPEC section 13). A handler that takes a [`WriteKey`] or a [`ReadKey`] can't be reached
//! without one.
//!
//! Unknown, malformed, revoked and expired keys get the same bytes. A good key is looked up before any limit is
//! asked, so that wrong keys from one address can't stop the right one.

use axum::extract::FromRequestParts;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use selektable_domain::id::{KeyId, OrganizationId};
use selektable_domain::order::Source;
use selektable_domain::report::{DeliveryOutcome, DeliveryRecord};
use selektable_store::account::{KeyRecord, KeyUse, Scope};
use selektable_store::ingest::Refusal;

use super::client_address::ClientAddress;
use super::problem::Problem;
use super::{rate, request_id};
use crate::ambient;
use crate::app::App;
use crate::secret::ApiKey;

/// Whoever holds a key that works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The key's organization: the only one whose data the caller may see.
    pub organization: OrganizationId,
    /// The key.
    pub key: KeyId,
    /// What it may do.
    pub scopes: Vec<Scope>,
}

/// A caller that may send orders and visualizations.
#[derive(Clone, Debug)]
pub struct WriteKey(pub Caller);

/// A caller that may read: scope `read` or `write` (SPEC section 10).
#[derive(Clone, Debug)]
pub struct ReadKey(pub Caller);

impl FromRequestParts<App> for WriteKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        caller(parts, app, &[Scope::Write]).await.map(Self)
    }
}

impl FromRequestParts<App> for ReadKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        caller(parts, app, &[Scope::Read, Scope::Write]).await.map(Self)
    }
}

async fn caller(parts: &Parts, app: &App, any_of: &[Scope]) -> Result<Caller, Problem> {
    let key = match presented_key(&parts.headers) {
        Presented::Nothing => return Err(missing_key()),
        Presented::Malformed => None,
        Presented::Key(key) => app.store.key_by_secret(key.hash()).await?,
    };
    let Some(key) = key else {
        return Err(failed_key(parts, app));
    };
    judge(key, parts, app, any_of)
}

/// A refusal of a key that exists is kept for its owner to see.
fn judge(key: KeyRecord, parts: &Parts, app: &App, any_of: &[Scope]) -> Result<Caller, Problem> {
    let refused = |problem: Problem| {
        record_refusal(parts, app, key.organization, &problem);
        Err(problem)
    };
    let now = ambient::now();
    if !key.works_at(now) {
        return refused(failed_key(parts, app));
    }
    let in_browser = parts.headers.contains_key(header::ORIGIN);
    app.key_uses.note(&key, KeyUse { key: key.id, at: now, in_browser });
    if in_browser {
        return refused(key_in_browser());
    }
    if !any_of.iter().any(|scope| key.scopes.contains(scope)) {
        return refused(insufficient_scope(any_of));
    }
    let KeyRecord { organization, id, scopes, .. } = key;
    Ok(Caller { organization, key: id, scopes })
}

enum Presented {
    Nothing,
    Malformed,
    Key(ApiKey),
}

fn presented_key(headers: &HeaderMap) -> Presented {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let only = match (values.next(), values.next()) {
        (None, _) => return Presented::Nothing,
        (Some(only), None) => only,
        // Two answers to "who are you" are none; which of them a proxy in between believed is not known.
        (Some(_), Some(_)) => return Presented::Malformed,
    };
    let Ok(text) = only.to_str() else { return Presented::Malformed };
    match text.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => {
            ApiKey::parse(token.trim()).map_or(Presented::Malformed, Presented::Key)
        }
        _ => Presented::Nothing,
    }
}

fn missing_key() -> Problem {
    unauthorized("missing_key", "Send your API key as `Authorization: Bearer sel_…`.")
}

/// 401, or 429 once the address has tried too many.
fn failed_key(parts: &Parts, app: &App) -> Problem {
    match app.limits.failed_keys.check(&ClientAddress::of(parts, app).limit_key()) {
        Ok(()) => unauthorized(
            "invalid_key",
            "This API key does not work: it is mistyped, unknown, revoked or expired. The dashboard lists your keys.",
        ),
        Err(wait) => rate::too_many(
            "too_many_failed_keys",
            "Too many wrong API keys came from this address. A right one still works.",
            wait,
        ),
    }
}

fn unauthorized(code: &'static str, detail: &str) -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, code, detail)
        .with_header(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
}

fn key_in_browser() -> Problem {
    let detail = "This secret key was sent by a browser (there is an `Origin` header), so it must be taken as known \
                  to everybody: rotate it, and call from your server.";
    Problem::new(StatusCode::FORBIDDEN, "secret_key_in_browser", detail)
}

fn insufficient_scope(any_of: &[Scope]) -> Problem {
    let names: Vec<&str> = any_of.iter().map(|scope| scope.code()).collect();
    let detail = format!("This API key lacks the scope for that: it needs `{}`.", names.join("` or `"));
    Problem::new(StatusCode::FORBIDDEN, "insufficient_scope", detail)
}

/// A delivery refused for its key is shown to the key's owner. Not awaited, so that a revoked key takes no longer to
/// refuse than an unknown one.
fn record_refusal(parts: &Parts, app: &App, organization: OrganizationId, problem: &Problem) {
    let is_delivery = parts.method == Method::POST && parts.uri.path().starts_with("/api/webhooks/");
    if !is_delivery || problem.status == StatusCode::TOO_MANY_REQUESTS {
        return;
    }
    let outcome = DeliveryOutcome::Refused {
        status: problem.status.as_u16(),
        code: problem.code.to_owned(),
        faults: Vec::new(),
    };
    let record = DeliveryRecord {
        id: ambient::new_id(),
        received_at: ambient::now(),
        source: Source::Server,
        order_id: None,
        request_id: request_id::of(parts).0,
        topic: None,
        outcome,
    };
    let store = app.store.clone();
    tokio::spawn(async move {
        if let Err(error) = store.record_refusal(Refusal { organization, tenant: None, record }).await {
            tracing::warn!(%error, "a refused delivery was not recorded");
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(&[], "nothing")]
    #[case(&["Basic c2VsXzE="], "nothing")]
    #[case(&["sel_your_api_key"], "nothing")]
    #[case(&["Bearer sel_your_api_key"], "malformed")]
    #[case(&["Bearer "], "malformed")]
    #[case(&["Bearer KEY"], "key")]
    #[case(&["bEARER KEY"], "key")]
    #[case(&["Bearer   KEY "], "key")]
    #[case(&["Bearer KEY, Bearer KEY"], "malformed")]
    #[case(&["Bearer KEY", "Bearer KEY"], "malformed")]
    fn a_key_is_read_from_exactly_one_bearer_header(#[case] values: &[&str], #[case] expected: &str) {
        let key = ApiKey::generate();
        let mut headers = HeaderMap::new();
        for value in values {
            let value = value.replace("KEY", key.reveal());
            headers.append(header::AUTHORIZATION, HeaderValue::from_str(&value).unwrap());
        }
        let found = match presented_key(&headers) {
            Presented::Nothing => "nothing",
            Presented::Malformed => "malformed",
            Presented::Key(found) if found == key => "key",
            Presented::Key(_) => "another key",
        };
        assert_eq!(found, expected);
    }
}
