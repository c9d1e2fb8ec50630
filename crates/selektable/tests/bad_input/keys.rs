//! Keys: absent, wrong, of others.

use crate::Case;
use crate::request::{self, Expect};
use crate::support::TestServer;

pub fn cases(server: &TestServer) -> Vec<Case> {
    let body = request::order(server).to_string();
    let key = &server.setup.api_key;
    let json = "Content-Type: application/json";
    let case = |name: &str, headers: &[&str], status, code| Case {
        name: format!("key: {name}"),
        request: request::raw(headers, body.as_bytes()),
        expect: Expect::status(status, code),
    };
    let header = |value: &str| format!("Authorization: {value}");
    let changed = format!("{}{}", &key[..39], if key.ends_with('A') { 'B' } else { 'A' });
    let mut cases = vec![
        case("no Authorization", &[json], 401, "missing_key"),
        case("empty Authorization", &[json, "Authorization:"], 401, "missing_key"),
        case("Basic", &[json, &header("Basic dXNlcjpwYXNz")], 401, "missing_key"),
        case("the key without Bearer", &[json, &header(key)], 401, "missing_key"),
        case("Bearer without key", &[json, &header("Bearer")], 401, "missing_key"),
        case("the seed's placeholder", &[json, &header("Bearer sel_your_api_key")], 401, "invalid_key"),
        case("one character changed", &[json, &header(&format!("Bearer {changed}"))], 401, "invalid_key"),
        case(
            "one character missing",
            &[json, &header(&format!("Bearer {}", &key[..39]))],
            401,
            "invalid_key",
        ),
        case("one character more", &[json, &header(&format!("Bearer {key}x"))], 401, "invalid_key"),
        case("another prefix", &[json, &header(&format!("Bearer pub_{}", &key[4..]))], 401, "invalid_key"),
        case("lower case", &[json, &header(&format!("Bearer {}", key.to_lowercase()))], 401, "invalid_key"),
        case(
            "a giant key",
            &[json, &header(&format!("Bearer sel_{}", "a".repeat(4_000)))],
            401,
            "invalid_key",
        ),
        case(
            "two Authorization headers",
            &[json, &header(&format!("Bearer {key}")), &header(&format!("Bearer {key}"))],
            401,
            "invalid_key",
        ),
        case(
            "from a browser",
            &[json, &header(&format!("Bearer {key}")), "Origin: https://shop.example"],
            403,
            "secret_key_in_browser",
        ),
        case(
            "from a sandboxed frame",
            &[json, &header(&format!("Bearer {key}")), "Origin: null"],
            403,
            "secret_key_in_browser",
        ),
    ];
    cases.extend(foreign(server));
    cases
}

/// Another tenant's ids and ids of nobody must look the same.
fn foreign(server: &TestServer) -> Vec<Case> {
    let other = server.another_organization("other");
    let nobody = "store_01arz3ndektsv4rrffq69g5fav";
    let case = |name: &str, store: &str, organization: &str| {
        let mut order = request::order(server);
        order["storeId"] = store.into();
        order["organizationId"] = organization.into();
        Case {
            name: format!("tenant: {name}"),
            request: request::post(server, &order),
            expect: Expect::status(403, "forbidden"),
        }
    };
    let (store, organization) = (&server.setup.store_id, &server.setup.organization_id);
    vec![
        case("another organization's store", &other.store_id, organization),
        case("another organization", store, &other.organization_id),
        case("another organization and its store", &other.store_id, &other.organization_id),
        case("a store nobody has", nobody, organization),
        case("an organization nobody has", store, "org_01arz3ndektsv4rrffq69g5fav"),
        case("the seed's placeholder ids", "store_xxx", "org_xxx"),
        case("a store's id in upper case", &store.to_uppercase(), organization),
        case("ids exchanged", organization, store),
        case("a widget's id as store", &server.setup.widget_id, organization),
    ]
}
