//! `GET /api/v1/stores/{storeId}/platform`: how the deliveries of a store's platform go.

use axum::extract::State;
use axum::response::Response;
use selektable_domain::order::platform::{Carrier, LeftOut};
use selektable_domain::time::Timestamp;
use selektable_store::platforms::{CodeSeen, PlatformHealth, PlatformLink, SecretRecord, TopicSeen};
use serde::Serialize;
use utoipa::ToSchema;

use super::scope::{Scope, json};
use crate::app::App;
use crate::http::problem::{Problem, ProblemDocument};

/// How a platform's deliveries go. Counts are of the range; topics and the link are as they are now.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct PlatformHealthAnswer {
    /// `shopify`, `woocommerce` or `custom`.
    #[schema(example = "shopify")]
    pub platform: &'static str,
    /// Every topic that ever came, by name.
    pub topics: Vec<TopicAnswer>,
    /// When an order last came; null before the first one.
    pub last_delivery_at: Option<String>,
    /// Refused deliveries by code, most first.
    pub refused: Vec<CodeAnswer>,
    /// Deliveries that were of no use, by code, most first.
    pub ignored: Vec<CodeAnswer>,
    /// Orders of the platform that figures count.
    pub orders: u64,
    /// Those by how their visitor came to be known; each says of how many.
    pub carriers: Vec<CarrierAnswer>,
    /// Orders besides those, which every figure leaves out, by why.
    pub left_out: Vec<LeftOutAnswer>,
    /// How the store hangs together with its platform.
    pub link: LinkAnswer,
}

/// Deliveries of one topic.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct TopicAnswer {
    /// As the platform names it; empty for deliveries without one.
    #[schema(example = "orders/create")]
    pub topic: String,
    /// When the first one came.
    pub first_at: String,
    /// When the latest one came.
    pub last_at: String,
    /// How many.
    pub deliveries: u64,
}

/// Deliveries of one code.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct CodeAnswer {
    /// The stable code.
    #[schema(example = "signature_wrong")]
    pub code: String,
    /// How many.
    pub deliveries: u64,
    /// When the latest one came.
    pub last_at: String,
}

/// Orders whose visitor came to be known in one way: `orders` of `of`.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CarrierAnswer {
    /// As in a conversion's `platform.carrier`; null for orders without a visitor.
    #[schema(example = "cart_attribute")]
    pub carrier: Option<&'static str>,
    /// How many.
    #[schema(example = 12)]
    pub orders: u64,
    /// Of how many.
    #[schema(example = 48)]
    pub of: u64,
}

/// Orders that are left out of every figure.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct LeftOutAnswer {
    /// `test`, `renewal` or `no_online_visitor`.
    pub reason: &'static str,
    /// How many.
    pub orders: u64,
}

/// How a store hangs together with its platform. Secrets and tokens are never told.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct LinkAnswer {
    /// `waiting` for the first delivery, `connected`, `uninstalled` or `owner_lost_access`.
    #[schema(example = "connected")]
    pub state: &'static str,
    /// When the platform said that the app was removed, until something comes again.
    pub uninstalled_at: Option<String>,
    /// When the webhook's owner last had no right to read orders, until an order comes again.
    pub owner_lost_access_at: Option<String>,
    /// The shop's address, where orders can be looked up at the platform; null while nobody entered how.
    pub looks_up_at: Option<String>,
    /// The webhook secrets that are taken, newest first.
    pub secrets: Vec<SecretAnswer>,
}

/// A webhook secret, without the secret.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct SecretAnswer {
    /// Names it within its store.
    pub number: u32,
    /// When it was added.
    pub created_at: String,
    /// When a delivery was last signed with it, to the minute.
    pub last_used_at: Option<String>,
}

impl PlatformHealthAnswer {
    fn new(platform: &'static str, health: PlatformHealth, secrets: Vec<SecretRecord>) -> Self {
        let of = health.orders;
        let carrier = |(carrier, orders): (Option<Carrier>, u64)| CarrierAnswer {
            carrier: carrier.map(Carrier::code),
            orders,
            of,
        };
        let left_out = |(why, orders): (LeftOut, u64)| LeftOutAnswer { reason: why.code(), orders };
        Self {
            platform,
            last_delivery_at: health.recent.first().copied().map(Timestamp::to_rfc3339),
            link: LinkAnswer::new(health.link, !health.recent.is_empty(), secrets),
            topics: health.topics.into_iter().map(TopicAnswer::from).collect(),
            refused: health.refused.into_iter().map(CodeAnswer::from).collect(),
            ignored: health.ignored.into_iter().map(CodeAnswer::from).collect(),
            orders: of,
            carriers: health.carriers.into_iter().map(carrier).collect(),
            left_out: health.left_out.into_iter().map(left_out).collect(),
        }
    }
}

impl LinkAnswer {
    fn new(link: PlatformLink, has_orders: bool, secrets: Vec<SecretRecord>) -> Self {
        let state = match (link.uninstalled_at, link.owner_lost_access_at) {
            (Some(_), _) => "uninstalled",
            (None, Some(_)) => "owner_lost_access",
            (None, None) if has_orders => "connected",
            (None, None) => "waiting",
        };
        Self {
            state,
            uninstalled_at: link.uninstalled_at.map(Timestamp::to_rfc3339),
            owner_lost_access_at: link.owner_lost_access_at.map(Timestamp::to_rfc3339),
            looks_up_at: link.access.map(|access| access.address().to_owned()),
            secrets: secrets.into_iter().map(SecretAnswer::from).collect(),
        }
    }
}

impl From<TopicSeen> for TopicAnswer {
    fn from(seen: TopicSeen) -> Self {
        Self {
            topic: seen.topic,
            first_at: seen.first_at.to_rfc3339(),
            last_at: seen.last_at.to_rfc3339(),
            deliveries: seen.deliveries,
        }
    }
}

impl From<CodeSeen> for CodeAnswer {
    fn from(seen: CodeSeen) -> Self {
        Self { code: seen.code, deliveries: seen.deliveries, last_at: seen.last_at.to_rfc3339() }
    }
}

impl From<SecretRecord> for SecretAnswer {
    fn from(record: SecretRecord) -> Self {
        Self {
            number: record.number,
            created_at: record.created_at.to_rfc3339(),
            last_used_at: record.last_used_at.map(Timestamp::to_rfc3339),
        }
    }
}

/// How a platform's deliveries go
///
/// Topics, what was refused and ignored, and how many orders know their visitor, by how it reached them.
#[utoipa::path(
    get,
    path = "/api/v1/stores/{storeId}/platform",
    operation_id = "platformHealth",
    tag = "Platforms",
    params(
        ("storeId" = String, Path, description = "One of the organization's stores"),
        ("from" = Option<String>, Query, description = "First instant (RFC 3339); all when missing"),
        ("to" = Option<String>, Query, description = "First instant after; all when missing"),
    ),
    responses(
        (status = 200, description = "How they go", body = PlatformHealthAnswer),
        (status = 401, description = "No key, or a wrong one", body = ProblemDocument),
        (status = 403, description = "Not the key's own store", body = ProblemDocument),
        (status = 422, description = "A parameter can't be read", body = ProblemDocument),
    ),
    security(("read" = []))
)]
pub(super) async fn health(State(app): State<App>, mut scope: Scope) -> Result<Response, Problem> {
    let range = scope.parameters.range();
    scope.parameters.check()?;
    let health = app.store.platform_health(scope.tenant, range).await?;
    let secrets = app.store.webhook_secrets(scope.tenant).await?;
    json(&PlatformHealthAnswer::new(scope.store.platform.code(), health, secrets))
}
