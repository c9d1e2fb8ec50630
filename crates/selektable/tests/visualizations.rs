//! Visualizations: from a shop's server, and from the widget with a photo.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test that can not go on says where")]

mod support;

use std::fmt::Write as _;

use serde_json::{Value, json};
use support::{Answer, Client, Setup, TestServer, set_up};

const BOUNDARY: &str = "----a-boundary-of-the-test";
const REQUEST: &str = "8c2f1c1e-8a0d-4f6e-9d0c-3f4b5a697887";

/// A PNG of one colour with a square of another in its middle.
fn picture(width: u32, height: u32, ground: [u8; 3], middle: [u8; 3]) -> Vec<u8> {
    let image = image::RgbImage::from_fn(width, height, |x, y| {
        let inside = (width / 4..width * 3 / 4).contains(&x) && (height / 4..height * 3 / 4).contains(&y);
        image::Rgb(if inside { middle } else { ground })
    });
    let mut png = std::io::Cursor::new(Vec::new());
    image.write_to(&mut png, image::ImageFormat::Png).expect("a PNG");
    png.into_inner()
}

fn photo() -> Vec<u8> {
    picture(320, 240, [180, 170, 160], [150, 140, 130])
}

fn product() -> Vec<u8> {
    picture(80, 60, [255, 255, 255], [200, 30, 30])
}

fn form(fields: &[(&str, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, value) in fields {
        let mut head = String::new();
        write!(head, "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"").unwrap();
        if matches!(*name, "photo" | "product" | "image") {
            head.push_str("; filename=\"a.png\"\r\nContent-Type: image/png");
        }
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(b"\r\n\r\n");
        body.extend_from_slice(value);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
    body
}

fn post(client: &mut Client, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    let headers: Vec<(&str, &str)> = [&[("Content-Type", kind.as_str())], headers].concat();
    client.request("POST", path, &headers, body).expect("an answer")
}

fn make(client: &mut Client, setup: &Setup, more: &[(&str, &[u8])], headers: &[(&str, &str)]) -> Answer {
    let (photo, product) = (photo(), product());
    let mut fields: Vec<(&str, &[u8])> = vec![
        ("placement", br#"{"x":0.5,"y":0.6,"scale":0.5,"rotation":15}"#),
        ("products", br#"[{"productId":"sofa","variantIds":["sofa-red"]}]"#),
        ("visitorId", b"visitor-1"),
        ("sessionId", b"session-1"),
        ("photo", &photo),
        ("product", &product),
    ];
    fields.extend_from_slice(more);
    post(client, &format!("/api/widgets/{}/visualizations", setup.widget_id), headers, &form(&fields))
}

fn listed(client: &mut Client, setup: &Setup) -> Vec<Value> {
    let answer = client.get(&format!("/api/v1/stores/{}/visualizations", setup.store_id));
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json["data"].as_array().unwrap().clone()
}

/// The path of an absolute address.
fn path(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest[rest.find('/').unwrap()..].to_owned()
}

#[test]
fn a_picture_is_made_recorded_and_shown_and_a_retry_is_the_same_one() {
    let server = TestServer::start();
    let mut client = Client::connect(&server);
    let request: &[(&str, &[u8])] = &[("requestId", REQUEST.as_bytes())];
    let made = make(&mut client, &server.setup, request, &[]);
    assert_eq!(made.status, 200, "{}", made.text());
    assert_eq!((&made.json["success"], &made.json["result"]), (&json!(true), &json!("created")));
    assert_eq!(made.json["renderer"], "builtin");
    assert!(made.json["visualizationId"].as_str().unwrap().starts_with("viz_"));

    let place = path(made.json["pictureUrl"].as_str().unwrap());
    let shown = client.request("GET", &place, &[], b"").expect("an answer");
    assert_eq!((shown.status, shown.header("content-type")), (200, Some("image/jpeg")));
    let decoded = image::load_from_memory(&shown.body).expect("a picture").to_rgb8();
    assert_eq!(decoded.dimensions(), (320, 240));
    let [red, green, _] = decoded.get_pixel(160, 144).0;
    assert!(red > green + 60, "the product stands where it was put: {:?}", decoded.get_pixel(160, 144));
    let cache = shown.header("cache-control").unwrap();
    assert!(cache.starts_with("private, max-age=8"), "{cache}");
    assert_eq!(shown.header("x-robots-tag"), Some("noindex"));
    assert_eq!(shown.header("content-security-policy"), Some("default-src 'none'; sandbox"));
    let kept = client.request("GET", &format!("{place}?download"), &[], b"").expect("an answer");
    assert!(kept.header("content-disposition").unwrap().starts_with("attachment"));

    let again = make(&mut client, &server.setup, request, &[]);
    assert_eq!((again.status, &again.json["result"]), (200, &json!("unchanged")));
    for same in ["visualizationId", "pictureUrl", "expiresAt"] {
        assert_eq!(again.json[same], made.json[same], "{same}");
    }
    let rows = listed(&mut client, &server.setup);
    assert_eq!(rows.len(), 1);
    assert_eq!((&rows[0]["renderer"], &rows[0]["visitorId"]), (&json!("builtin"), &json!("visitor-1")));
    assert_eq!(rows[0]["pictureUrl"], made.json["pictureUrl"]);
    assert_eq!(rows[0]["products"], json!([{ "productId": "sofa", "variantIds": ["sofa-red"] }]));
}

#[test]
fn a_picture_leads_to_a_direct_conversion_also_when_the_browser_reports_it() {
    let server = TestServer::start();
    let mut client = Client::connect(&server);
    let made = make(&mut client, &server.setup, &[], &[]);
    let bought = json!({ "id": "e-1", "type": "conversion", "at": 1, "orderId": "o-1", "totalCents": 900,
        "items": [{ "productId": "sofa-red", "quantity": 1, "priceCents": 900, "totalCents": 900 }] });
    let events = json!({ "storeId": server.setup.store_id, "visitorId": "visitor-1", "sessionId": "session-2",
        "sentAt": 1, "events": [bought] });
    let json_type = [("Content-Type", "application/json")];
    let sent = client.request("POST", "/api/events", &json_type, events.to_string().as_bytes()).unwrap();
    assert_eq!(sent.status, 200, "{}", sent.text());
    let kept = client.get(&format!("/api/v1/stores/{}/conversions/o-1", server.setup.store_id));
    let attribution = &kept.json["attribution"];
    assert_eq!((&attribution["type"], &attribution["attributedCents"]), (&json!("direct"), &json!(900)));
    assert_eq!(attribution["credits"][0]["visualizationId"], made.json["visualizationId"]);
}

#[test]
fn with_gpc_and_no_spoken_yes_a_picture_belongs_to_nobody() {
    let server = TestServer::start();
    let mut client = Client::connect(&server);
    let gpc = [("Sec-GPC", "1")];
    assert_eq!(make(&mut client, &server.setup, &[], &gpc).status, 200);
    assert_eq!(make(&mut client, &server.setup, &[("consent", b"true")], &gpc).status, 200);
    let rows = listed(&mut client, &server.setup);
    assert_eq!((&rows[1]["visitorId"], &rows[1]["sessionId"]), (&Value::Null, &Value::Null));
    assert_eq!((&rows[0]["visitorId"], &rows[0]["sessionId"]), (&json!("visitor-1"), &json!("session-1")));
}

#[test]
fn pages_of_other_origins_and_unknown_widgets_get_no_picture() {
    let server = TestServer::start();
    let mut client = Client::connect(&server);
    let own = format!("http://{}", server.address);
    assert_eq!(make(&mut client, &server.setup, &[], &[("Origin", &own)]).status, 200);
    let foreign = make(&mut client, &server.setup, &[], &[("Origin", "https://shop.example")]);
    assert_eq!((foreign.status, &foreign.json["code"]), (403, &json!("origin_refused")));
    for widget in ["widget_01kaqx2v3e7m8r9s0t1v2w3x4y", "nonsense"] {
        let nowhere = Setup { widget_id: widget.to_owned(), ..server.setup.clone() };
        let answer = make(&mut client, &nowhere, &[], &[]);
        assert_eq!((answer.status, &answer.json["code"]), (404, &json!("unknown_widget")));
    }
    assert_eq!(client.request("GET", "/pictures/0000000000000000000000", &[], b"").unwrap().status, 404);
    assert_eq!(client.request("GET", "/pictures/..%2Fx", &[], b"").unwrap().status, 404);
}

#[test]
fn every_fault_of_a_form_is_told_at_once() {
    let server = TestServer::start();
    let mut client = Client::connect(&server);
    let route = format!("/api/widgets/{}/visualizations", server.setup.widget_id);
    let faults = |answer: &Answer| -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let errors = answer.json["errors"].as_array().cloned().unwrap_or_default();
        errors.iter().map(|fault| (text(&fault["pointer"]), text(&fault["code"]))).collect()
    };
    let bad = form(&[("placement", b"{}"), ("products", b"[]"), ("visitorId", b"null"), ("requestId", b"7")]);
    let answer = post(&mut client, &route, &[], &bad);
    assert_eq!(answer.status, 422, "{}", answer.text());
    let told = faults(&answer);
    for expected in [
        ("/photo", "missing"),
        ("/product", "missing"),
        ("/placement/x", "wrong_type"),
        ("/products", "too_few_products"),
        ("/visitorId", "placeholder_identifier"),
        ("/requestId", "invalid_uuid"),
    ] {
        assert!(told.contains(&(expected.0.to_owned(), expected.1.to_owned())), "{expected:?} in {told:?}");
    }
    let fields: [(&str, &[u8]); 4] = [
        ("placement", br#"{"x":0.5,"y":0.6,"scale":0.5,"rotation":0}"#),
        ("products", br#"[{"productId":"sofa"}]"#),
        ("photo", b"this is no picture"),
        ("product", &product()),
    ];
    let answer = post(&mut client, &route, &[], &form(&fields));
    assert_eq!(faults(&answer), [("/photo".to_owned(), "unsupported_image".to_owned())]);
    assert!(listed(&mut client, &server.setup).is_empty());
    let mut cut = form(&fields);
    cut.truncate(cut.len() - 30);
    assert_eq!(post(&mut client, &route, &[], &cut).status, 400);
    let text = [("Content-Type", "text/plain")];
    let mut client = Client::connect(&server);
    assert_eq!(client.request("POST", &route, &text, b"x").unwrap().status, 415);
}

#[test]
fn a_field_beyond_its_limit_is_refused() {
    let server = TestServer::start();
    let mut client = Client::connect(&server);
    let route = format!("/api/widgets/{}/visualizations", server.setup.widget_id);
    let answer = post(&mut client, &route, &[], &form(&[("placement", &[b' '; 2_000])]));
    assert_eq!((answer.status, &answer.json["code"]), (413, &json!("field_too_large")));
}

#[test]
fn a_product_is_cut_out_and_a_private_address_is_not_fetched() {
    let server = TestServer::start();
    let mut client = Client::connect(&server);
    let route = format!("/api/widgets/{}/cutout", server.setup.widget_id);
    let answer = post(&mut client, &route, &[], &form(&[("image", &product())]));
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("image/png")), "{}", answer.text());
    let cut = image::load_from_memory(&answer.body).expect("a picture").to_rgba8();
    assert!(cut.width() < 60 && cut.pixels().any(|pixel| pixel.0[3] == 255), "{:?}", cut.dimensions());

    for url in
        ["http://127.0.0.1:8080/a.png", "http://localhost/a.png", "http://[::1]/", "http://169.254.169.254/"]
    {
        let answer = post(&mut client, &route, &[], &form(&[("imageUrl", url.as_bytes())]));
        let fault = &answer.json["errors"][0];
        assert_eq!(
            (answer.status, &fault["code"]),
            (422, &json!("image_unreachable")),
            "{url}: {}",
            answer.text()
        );
        assert_eq!(fault["pointer"], "/imageUrl");
    }
    let answer = post(&mut client, &route, &[], &form(&[("imageUrl", b"file:///etc/passwd")]));
    assert_eq!(answer.json["errors"][0]["code"], "url_scheme");
    let answer = post(&mut client, &route, &[], &form(&[]));
    assert_eq!((answer.status, &answer.json["errors"][0]["code"]), (422, &json!("missing")));
}

#[test]
fn a_servers_visualization_is_recorded_once_and_a_backfill_decides_orders_again() {
    let server = TestServer::start();
    let mut client = Client::connect(&server);
    let order = json!({
        "orderId": "o-1", "storeId": server.setup.store_id, "organizationId": server.setup.organization_id,
        "visitorId": "ann", "sessionId": "s", "totalCents": 900, "currency": "EUR", "platform": "custom",
        "status": "completed", "orderCreatedAt": "2026-01-15T10:00:00Z",
        "items": [{ "productId": "42", "quantity": 1, "priceCents": 900, "totalCents": 900 }],
    });
    assert_eq!(client.post("/api/webhooks/orders", &order).json["attribution"]["type"], "none");
    let body = json!({
        "storeId": server.setup.store_id, "widgetId": server.setup.widget_id, "visitorId": "ann", "sessionId": "s",
        "products": [{ "productId": 42 }], "createdAt": "2026-01-14T10:00:00Z", "visualizationId": "my own id",
    });
    let answer = client.post("/api/v1/visualizations", &body);
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(
        (&answer.json["visualizationId"], &answer.json["result"]),
        (&json!("my own id"), &json!("created"))
    );
    assert_eq!(answer.json["warnings"][0]["code"], "id_as_number");
    assert_eq!(client.post("/api/v1/visualizations", &body).json["result"], "unchanged");
    let kept = client.get(&format!("/api/v1/stores/{}/conversions/o-1", server.setup.store_id));
    assert_eq!(kept.json["attribution"]["type"], "direct");
    assert_eq!(listed(&mut client, &server.setup).len(), 1);
}

#[test]
fn a_widget_or_store_of_somebody_else_is_refused_like_one_that_does_not_exist() {
    let server = TestServer::start();
    let other = server.another_organization("other");
    let mut client = Client::connect(&server);
    let body = |store: &str, widget: &str| {
        json!({ "storeId": store, "widgetId": widget, "visitorId": "v", "sessionId": "s",
            "products": [{ "productId": "1" }] })
    };
    let own = &server.setup;
    let mut answers = Vec::new();
    for (store, widget) in [
        (own.store_id.as_str(), other.widget_id.as_str()),
        (&own.store_id, "widget_01kaqx2v3e7m8r9s0t1v2w3x4y"),
        (&own.store_id, "nonsense"),
        (&other.store_id, &other.widget_id),
        ("nonsense", &own.widget_id),
    ] {
        let mut answer = client.post("/api/v1/visualizations", &body(store, widget));
        assert_eq!(answer.status, 403, "{store} {widget}");
        answer.json["requestId"] = Value::Null;
        answers.push(answer.json.to_string());
    }
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{answers:#?}");
    let missing = client.post("/api/v1/visualizations", &json!({}));
    assert_eq!(missing.status, 422);
}

#[test]
fn the_frame_carries_its_widgets_settings_and_stands_only_in_the_stores_pages() {
    let server = TestServer::start();
    let domain = ["--domain", "https://shop.example"];
    let closed = set_up(server.data(), "closed", "closed@example.com", &domain);
    let mut client = Client::connect(&server);
    let mut frame = |setup: &Setup, query: &str| {
        let path = format!("/widgets/{}/frame{query}", setup.widget_id);
        client.request("GET", &path, &[("Accept-Language", "nl-NL,en;q=0.5")], b"").expect("an answer")
    };
    let answer = frame(&closed, "?origin=https%3A%2F%2Fshop.example");
    assert_eq!(answer.status, 200, "{}", answer.text());
    let text = answer.text();
    assert!(text.contains("<html lang=\"nl\">") && !text.contains("{{"), "{text}");
    let block = text.split("id=\"selektable-config\">").nth(1).unwrap().split("</script>").next().unwrap();
    let config: Value = serde_json::from_str(block).expect("JSON");
    assert_eq!(
        (&config["storeId"], &config["widgetId"]),
        (&json!(closed.store_id), &json!(closed.widget_id))
    );
    assert_eq!(
        (&config["pageOrigin"], &config["retentionHours"]),
        (&json!("https://shop.example"), &json!(24))
    );
    let policy = answer.header("content-security-policy").unwrap();
    assert!(policy.ends_with("frame-ancestors https://shop.example"), "{policy}");

    assert_eq!(frame(&closed, "?origin=https://evil.example").status, 403);
    assert_eq!(frame(&closed, "").status, 403);
    assert_eq!(frame(&server.setup, "?origin=https://evil.example").status, 200, "no domain is set");
    let nowhere = Setup { widget_id: "widget_01kaqx2v3e7m8r9s0t1v2w3x4y".to_owned(), ..closed };
    assert_eq!(frame(&nowhere, "?origin=https://shop.example").status, 404);
}
