//! Signatures that are none, or another's; names of stores that are not here.

use super::{Case, PLACED, Scene};
use crate::orders::shopify;
use crate::shop::{Sent, sign};

const SIGNATURE: &str = "X-Shopify-Hmac-Sha256";
const HOST: &str = "X-Shopify-Shop-Domain";

pub(super) fn cases(scene: &Scene) -> Vec<Case> {
    [texts(scene), keys(scene), doubled(scene), stores(scene)].into_iter().flatten().collect()
}

/// The header's text is wrong.
fn texts(scene: &Scene) -> Vec<Case> {
    let good = scene.good();
    let right = sign(&good.body, &scene.shopify.secret);
    let hex = "076ded5cdebcd60674a8858d46b82dcc113d5d20e8e72694bbac1f9a1bb76bb8".to_owned();
    let texts = [
        ("empty", String::new()),
        ("a word", "wronghash".to_owned()),
        ("nine bytes", "YmxhaGJsYWgK".to_owned()),
        ("31 bytes", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==".to_owned()),
        ("33 bytes", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".to_owned()),
        ("32 zeros", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=".to_owned()),
        ("hexadecimal", hex),
        ("without its padding", right.trim_end_matches('=').to_owned()),
        ("with more padding", format!("{right}=")),
        ("with a name before it", format!("sha256={right}")),
        ("twice in one header", format!("{right}, {right}")),
        ("in lower case", right.to_ascii_lowercase()),
        ("of another alphabet", right.replace('+', "-").replace('/', "_").replace('=', "") + "-_"),
        ("10,000 bytes long", "A".repeat(10_000)),
        ("not ASCII", "\u{e9}\u{e9}\u{e9}".to_owned()),
    ];
    let case = |(name, text): (&str, String)| {
        Case::untrusted(&format!("signature: {name}"), good.clone().with(SIGNATURE, &text))
    };
    let missing = Case::untrusted("signature: missing", good.clone().without(SIGNATURE));
    let elsewhere = good.clone().without(SIGNATURE).and("X-WC-Webhook-Signature", &right);
    let bearer = good
        .clone()
        .without(SIGNATURE)
        .and("Authorization", &format!("Bearer {}", scene.shopify.setup.api_key));
    texts
        .into_iter()
        .map(case)
        .chain([
            missing,
            Case::untrusted("signature: in the other platform's header", elsewhere),
            Case::untrusted("signature: an API key instead", bearer),
        ])
        .collect()
}

/// It was made with something else.
fn keys(scene: &Scene) -> Vec<Case> {
    let good = scene.good();
    let with = |name: &str, text: &str| {
        Case::untrusted(&format!("signature: {name}"), good.clone().with(SIGNATURE, text))
    };
    let other = sign(shopify(2, PLACED).to_string().as_bytes(), &scene.shopify.secret);
    let spaced = [good.body.as_slice(), b" "].concat();
    let mut changed = good.clone();
    changed.body.push(b'\n');
    vec![
        with("of the API key", &sign(&good.body, &scene.shopify.setup.api_key)),
        with("of the store's id", &sign(&good.body, &scene.shopify.setup.store_id)),
        with("of the secret in lower case", &sign(&good.body, &scene.shopify.secret.to_ascii_lowercase())),
        with("of the secret and more", &sign(&good.body, &format!("{}x", scene.shopify.secret))),
        with("of another store's secret", &sign(&good.body, &scene.woocommerce.secret)),
        Case::untrusted(
            "signature: of an empty secret",
            Sent { body: b"[]".to_vec(), ..good.clone() }
                .with(SIGNATURE, "g84TvaZSMzTaoU8z0fwq3Jj/i1fE31vl0vWLHCx4+h4="),
        ),
        with("of another order", &other),
        with("of a body with a space more", &sign(&spaced, &scene.shopify.secret)),
        Case::untrusted("signature: the body got a line break", changed),
    ]
}

/// Two answers are none.
fn doubled(scene: &Scene) -> Vec<Case> {
    let good = scene.good();
    let forged = sign(&good.body, "guess");
    vec![
        Case::untrusted("header: a second signature", good.clone().and(SIGNATURE, &forged)),
        Case::untrusted("header: another signature before it", {
            let right = sign(&good.body, &scene.shopify.secret);
            good.clone().with(SIGNATURE, &forged).and(SIGNATURE, &right)
        }),
        Case::untrusted(
            "header: both families, and they differ",
            good.clone().and("shopify-hmac-sha256", &forged),
        ),
        Case::untrusted("header: two shops", good.clone().and(HOST, "other.myshopify.com")),
        Case::untrusted(
            "header: two shops of both families",
            good.and("shopify-shop-domain", "other.myshopify.com"),
        ),
    ]
}

/// Signed well, for a store that is not there.
fn stores(scene: &Scene) -> Vec<Case> {
    let good = scene.good();
    let route = |kind: &str, id: &str| format!("/api/webhooks/{kind}/{id}/orders");
    let to = |name: &str, path: &str| Case::untrusted(&format!("store: {name}"), good.clone().to(path));
    let host =
        |text: &str| Case::untrusted(&format!("store: the shop is {text:?}"), good.clone().with(HOST, text));
    let mut cases = vec![
        Case::untrusted("store: no shop is named", good.clone().without(HOST)),
        to("unknown id", &route("shopify", "store_01kaqx2v3e7m8r9s0t1v2w3x4y")),
        to("no id", &route("shopify", "nonsense")),
        to("an id of another kind", &route("shopify", &scene.shopify.setup.organization_id)),
        to("not UTF-8", &route("shopify", "%ff%fe")),
        to("an endless id", &route("shopify", &"x".repeat(2_000))),
        to("an id in upper case", &route("shopify", &scene.shopify.setup.store_id.to_ascii_uppercase())),
        to("a store of another platform", &route("shopify", &scene.woocommerce.setup.store_id)),
        to(
            "its own store at the other platform's address",
            &route("woocommerce", &scene.shopify.setup.store_id),
        ),
        to("a store of no platform", &route("shopify", &scene.server.setup.store_id)),
        to("the other platform's address", "/api/webhooks/woocommerce/orders"),
    ];
    cases.extend(
        ["", "unknown.myshopify.com", "://", "jsmith.myshopify.com.evil.example", "%", "[::1"].map(host),
    );
    cases
}
