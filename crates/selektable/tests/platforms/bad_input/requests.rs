//! What is wrong before the content is looked at: media types, lengths, framing.

use super::{Case, Scene, Way};
use crate::shop::{Sent, sign};

const TYPE: &str = "Content-Type";

pub(super) fn cases(scene: &Scene) -> Vec<Case> {
    [media_types(scene), lengths(scene), framing(scene)].into_iter().flatten().collect()
}

fn media_types(scene: &Scene) -> Vec<Case> {
    let good = scene.good();
    let refused = |name: &str, sent: Sent| {
        Case::refused(&format!("media type: {name}"), sent, 415, "unsupported_media_type")
    };
    let types = [
        "",
        "text/plain",
        "text/json",
        "application/jsonp",
        "application/xml",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json; charset=utf-16",
        "application/json; charset=iso-8859-1",
        "application/json, application/json",
    ];
    let mut cases: Vec<Case> =
        types.iter().map(|text| refused(text, good.clone().with(TYPE, text))).collect();
    cases.push(refused("missing", good.clone().without(TYPE)));
    cases.push(refused("twice", good.clone().and(TYPE, "application/json")));
    cases.push(refused("compressed", good.clone().and("Content-Encoding", "gzip")));
    let signed_ping = Sent { body: b"webhook_id=17".to_vec(), ..good }
        .with(TYPE, "application/x-www-form-urlencoded")
        .to("/api/webhooks/woocommerce/orders");
    let signature = sign(&signed_ping.body, &scene.woocommerce.secret);
    cases.push(refused("a ping that is signed", signed_ping.and("X-WC-Webhook-Signature", &signature)));
    cases
}

fn head(scene: &Scene, body: &[u8], more: &str) -> String {
    format!(
        "POST /api/webhooks/shopify/orders HTTP/1.1\r\nHost: selektable.example\r\nConnection: close\r\n\
         Content-Type: application/json\r\nX-Shopify-Shop-Domain: jsmith.myshopify.com\r\n\
         X-Shopify-Topic: orders/create\r\nX-Shopify-Hmac-Sha256: {}\r\n{more}\r\n",
        sign(body, &scene.shopify.secret)
    )
}

fn raw(name: &str, bytes: Vec<u8>, status: u16, said: &'static str) -> Case {
    Case { name: format!("framing: {name}"), sent: Way::Raw(bytes), status, said }
}

fn lengths(scene: &Scene) -> Vec<Case> {
    let large = vec![b' '; 4 * 1024 * 1024 + 1];
    let declared = head(scene, b"{}", "Content-Length: 4194305\r\n").into_bytes();
    let endless = head(scene, b"{}", "Content-Length: 99999999999999\r\n").into_bytes();
    let mut in_chunks = head(scene, &large, "Transfer-Encoding: chunked\r\n").into_bytes();
    for piece in large.chunks(512 * 1024) {
        in_chunks.extend(format!("{:x}\r\n", piece.len()).into_bytes());
        in_chunks.extend_from_slice(piece);
        in_chunks.extend_from_slice(b"\r\n");
    }
    in_chunks.extend_from_slice(b"0\r\n\r\n");
    vec![
        raw("a length beyond the limit", declared, 413, "body_too_large"),
        raw("a length beyond every limit", endless, 413, "body_too_large"),
        raw("chunks beyond the limit", in_chunks, 413, "body_too_large"),
    ]
}

fn framing(scene: &Scene) -> Vec<Case> {
    let good = scene.good();
    let both = format!(
        "{}{:x}\r\n{}\r\n0\r\n\r\n",
        head(
            scene,
            &good.body,
            &format!("Content-Length: {}\r\nTransfer-Encoding: chunked\r\n", good.body.len())
        ),
        good.body.len(),
        String::from_utf8_lossy(&good.body),
    );
    let two_hosts = head(scene, b"{}", "Host: other.example\r\nContent-Length: 2\r\n") + "{}";
    let no_host =
        head(scene, b"{}", "Content-Length: 2\r\n").replace("Host: selektable.example\r\n", "") + "{}";
    vec![
        raw("two lengths", both.into_bytes(), 400, "conflicting_length"),
        raw("two hosts", two_hosts.into_bytes(), 400, "bad_host"),
        raw("no host in HTTP/1.1", no_host.into_bytes(), 400, "bad_host"),
    ]
}
