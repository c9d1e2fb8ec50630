//! `GET /api/openapi.json`: every route of the API, described by the code that answers it.

use std::sync::LazyLock;

use axum::response::{IntoResponse, Response};
use http::header;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{Content, RefOr};
use utoipa::{Modify, OpenApi, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::problem::ProblemDocument;
use crate::app::App;

pub mod bodies;
pub mod pull_bodies;
pub mod rules_bodies;

/// What the document says of itself; the routes are added by their routers.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Selektable",
        description = "Visualizations and conversions in, attribution and figures out.\n\nEvery error is \
                       `application/problem+json` with a stable `code`; every answer carries `X-Request-Id`. Amounts \
                       are whole minor units of their currency (cents, yen, fils). Instants are RFC 3339.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    tags(
        (name = "Orders", description = "Orders and leads from a shop's server"),
        (name = "Platforms", description = "Shopify and WooCommerce: deliveries signed with a secret of the store, and orders looked up"),
        (name = "Visualizations", description = "What shoppers were shown, from a shop's server"),
        (name = "Reports", description = "Conversions, visualizations and figures; lists as JSON or CSV"),
        (name = "Rules", description = "Versions of a store's attribution rules, and which product ids are one product"),
        (name = "Privacy", description = "Erasing a person"),
        (name = "Browser", description = "Public routes of the embed script and the widget, without a key"),
        (name = "Operation", description = "For whoever runs the server"),
    ),
    modifiers(&Keys)
)]
struct Head;

struct Keys;

impl Modify for Keys {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        for (name, description) in [
            (
                "write",
                "An API key with the scope `write`, as `Authorization: Bearer sel_…`. Never in a browser.",
            ),
            ("read", "An API key with the scope `read` or `write`. Never in a browser."),
        ] {
            let mut scheme = Http::new(HttpAuthScheme::Bearer);
            scheme.description = Some(description.to_owned());
            components.add_security_scheme(name, SecurityScheme::Http(scheme));
        }
    }
}

/// The document without its routes.
pub(super) fn head() -> utoipa::openapi::OpenApi {
    Head::openapi()
}

/// The document's own route.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show))
}

static DOCUMENT: LazyLock<String> = LazyLock::new(document);

fn document() -> String {
    let mut document = super::api().into_openapi();
    for item in document.paths.paths.values_mut() {
        let operations =
            [&mut item.get, &mut item.post, &mut item.put, &mut item.delete].into_iter().flatten();
        operations.flat_map(|operation| operation.responses.responses.values_mut()).for_each(mark_problem);
    }
    document.to_pretty_json().unwrap_or_default()
}

/// Errors have a media type of their own, which the routes' attributes would repeat a hundred times.
fn mark_problem(response: &mut RefOr<utoipa::openapi::Response>) {
    let RefOr::T(response) = response else { return };
    let problem = ProblemDocument::name();
    let is_problem = |content: &RefOr<Content>| match content {
        RefOr::T(Content { schema: Some(RefOr::Ref(schema)), .. }) => {
            schema.ref_location.ends_with(&*problem)
        }
        RefOr::T(_) | RefOr::Ref(_) => false,
    };
    if response.content.get("application/json").is_some_and(is_problem)
        && let Some(content) = response.content.shift_remove("application/json")
    {
        response.content.insert("application/problem+json".to_owned(), content);
    }
}

/// This document
#[utoipa::path(
    get,
    path = "/api/openapi.json",
    operation_id = "openapi",
    tag = "Operation",
    responses((status = 200, description = "OpenAPI 3.1", content_type = "application/json", body = serde_json::Value))
)]
pub async fn show() -> Response {
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-cache")];
    (headers, DOCUMENT.as_str()).into_response()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;

    const COMMITTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json");

    fn read() -> Value {
        serde_json::from_str(&document()).unwrap()
    }

    fn operations(document: &Value) -> Vec<(String, &Value)> {
        let mut found = Vec::new();
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                found.push((format!("{method} {path}"), operation));
            }
        }
        found
    }

    /// After a wanted change: `UPDATE_SNAPSHOTS=1 cargo test -p selektable openapi`, and read the difference.
    #[test]
    fn the_document_does_not_change_silently() {
        let document = document() + "\n";
        if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
            std::fs::write(COMMITTED, &document).unwrap();
        }
        let committed = std::fs::read_to_string(COMMITTED).unwrap_or_default();
        assert!(
            committed == document,
            "docs/openapi.json is not what the code says; see this test's comment"
        );
    }

    #[test]
    fn every_operation_says_what_it_is_and_what_can_come_back() {
        let document = read();
        let mut ids = BTreeSet::new();
        for (name, operation) in operations(&document) {
            assert!(operation["summary"].is_string(), "{name} has no summary");
            assert!(operation["tags"][0].is_string(), "{name} has no tag");
            let responses = operation["responses"].as_object().unwrap();
            let (done, refused): (Vec<_>, Vec<_>) =
                responses.iter().partition(|(status, _)| status.starts_with('2'));
            assert!(!done.is_empty(), "{name} has no success");
            for (status, response) in refused {
                let kinds: Vec<&String> = response["content"].as_object().unwrap().keys().collect();
                let frame = name == "get /widgets/{widgetId}/frame";
                let expected = if frame { "text/html" } else { "application/problem+json" };
                assert_eq!(kinds, [expected], "{name} {status}");
            }
            assert!(ids.insert(operation["operationId"].to_string()), "{name}'s operationId is taken");
            let places = name.matches('{').count();
            let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
            let declared = parameters.iter().filter(|parameter| parameter["in"] == "path").count();
            assert_eq!(declared, places, "{name}'s path parameters");
        }
    }

    #[test]
    fn every_reference_leads_somewhere() {
        fn check(value: &Value, document: &Value) {
            match value {
                Value::Object(fields) => {
                    if let Some(target) = fields.get("$ref").and_then(Value::as_str) {
                        let pointer = target.trim_start_matches('#');
                        assert!(document.pointer(pointer).is_some(), "{target} leads nowhere");
                    }
                    fields.values().for_each(|field| check(field, document));
                }
                Value::Array(elements) => elements.iter().for_each(|element| check(element, document)),
                _ => {}
            }
        }
        let document = read();
        check(&document, &document);
    }

    #[test]
    fn the_routes_that_shops_rely_on_are_there() {
        let document = read();
        let names: BTreeSet<String> = operations(&document).into_iter().map(|(name, _)| name).collect();
        for name in [
            "post /api/webhooks/orders",
            "post /api/webhooks/orders/batch",
            "post /api/webhooks/shopify/orders",
            "post /api/webhooks/shopify/{storeId}/orders",
            "post /api/webhooks/woocommerce/orders",
            "post /api/webhooks/woocommerce/{storeId}/orders",
            "get /api/v1/stores/{storeId}/platform",
            "get /api/v1/stores/{storeId}/privacy-requests",
            "post /api/events",
            "post /api/v1/visualizations",
            "post /api/widgets/{widgetId}/visualizations",
            "get /api/v1/stores/{storeId}/conversions",
            "get /api/v1/stores/{storeId}/conversions/{orderId}",
            "get /api/v1/stores/{storeId}/visualizations",
            "get /api/v1/stores/{storeId}/summary",
            "get /api/v1/stores/{storeId}/timeseries",
            "get /api/v1/stores/{storeId}/deliveries",
            "get /api/v1/stores/{storeId}/models",
            "get /api/v1/stores/{storeId}/products",
            "get /api/v1/stores/{storeId}/near-misses",
            "get /api/v1/stores/{storeId}/lag",
            "get /api/v1/stores/{storeId}/aliases",
            "put /api/v1/stores/{storeId}/aliases",
            "delete /api/v1/stores/{storeId}/aliases/{variantId}",
            "get /api/v1/stores/{storeId}/rulesets",
            "post /api/v1/stores/{storeId}/rulesets",
            "post /api/v1/stores/{storeId}/rulesets/{version}/dry-run",
            "post /api/v1/stores/{storeId}/rulesets/{version}/publish",
            "post /api/v1/stores/{storeId}/rulesets/rollback",
            "post /api/v1/stores/{storeId}/erasures",
            "get /api/v1/stores/{storeId}/pulls",
            "post /api/v1/stores/{storeId}/pulls",
            "put /api/v1/stores/{storeId}/platform-access",
            "delete /api/v1/stores/{storeId}/platform-access",
            "get /api/openapi.json",
        ] {
            assert!(names.contains(name), "{name} is not described");
        }
    }
}
