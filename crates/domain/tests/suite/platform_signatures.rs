//! Every vector of `fixtures/platforms/signatures.json`, also those that must be refused.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use selektable_domain::platform::secret::{SecretFault, WebhookSecret};
use selektable_domain::platform::signature::{SignatureFault, sign, verify};

use crate::platform_fixtures::fixture;

fn vectors(list: &str) -> Vec<serde_json::Value> {
    let all: serde_json::Value = serde_json::from_slice(&fixture("signatures.json")).unwrap();
    all[list].as_array().unwrap().clone()
}

fn text<'v>(vector: &'v serde_json::Value, key: &str) -> &'v str {
    vector[key].as_str().unwrap()
}

#[test]
fn recorded_webhook_signatures_are_taken_and_those_of_other_schemes_are_not() {
    let mut ids = Vec::new();
    for vector in vectors("recorded") {
        let (id, body, header) = (text(&vector, "id"), text(&vector, "body"), text(&vector, "expect"));
        ids.push(id.to_owned());
        let secret = match WebhookSecret::parse(text(&vector, "secret")) {
            Ok(secret) => secret,
            Err(fault) => {
                // Signed with an empty secret: there is none to check it with, and it says so against any other.
                assert_eq!((id, fault), ("W2", SecretFault::Empty));
                let secrets = [WebhookSecret::parse("another").unwrap()];
                assert_eq!(verify(Some(header), body.as_bytes(), &secrets), Err(SignatureFault::EmptySecret));
                continue;
            }
        };
        let secrets = [secret];
        let verdict = verify(Some(header), body.as_bytes(), &secrets);
        if vector.get("encoding").is_some() {
            // OAuth and app-proxy queries: this product has no such route, and a webhook is not signed in hex. A hex
            // text of 64 digits is valid base64, of 48 bytes.
            assert_eq!(verdict, Err(SignatureFault::Malformed), "{id}");
        } else {
            assert_eq!(verdict, Ok(0), "{id}");
            assert_eq!(sign(body.as_bytes(), &secrets[0]), header, "{id}");
        }
    }
    assert_eq!(ids, ["S1", "S2", "S3", "S4", "S5", "S6", "W1", "W2"]);
}

#[test]
fn the_digest_of_a_query_is_no_webhooks_signature_in_base64_either() {
    for vector in vectors("recorded").iter().filter(|vector| vector.get("encoding").is_some()) {
        let hex = text(vector, "expect");
        let bytes: Vec<u8> =
            (0..32).map(|place| u8::from_str_radix(&hex[2 * place..2 * place + 2], 16).unwrap()).collect();
        let secrets = [WebhookSecret::parse(text(vector, "secret")).unwrap()];
        let verdict = verify(Some(&STANDARD.encode(bytes)), b"{}", &secrets);
        assert_eq!(verdict, Err(SignatureFault::Wrong));
    }
}

#[test]
fn headers_that_must_be_refused_are() {
    let faults: Vec<(String, SignatureFault)> = vectors("must_reject")
        .iter()
        .map(|vector| {
            let secrets = [WebhookSecret::parse(text(vector, "secret")).unwrap()];
            let verdict = verify(Some(text(vector, "header")), text(vector, "body").as_bytes(), &secrets);
            (text(vector, "id").to_owned(), verdict.unwrap_err())
        })
        .collect();
    let (malformed, wrong) = (SignatureFault::Malformed, SignatureFault::Wrong);
    let expected = [
        ("N1", malformed),
        ("N2", malformed),
        ("N3", malformed),
        ("N4", wrong),
        ("N5", wrong),
        ("N6", wrong),
        ("N7", malformed),
    ];
    assert_eq!(faults, expected.map(|(id, fault)| (id.to_owned(), fault)));
}
