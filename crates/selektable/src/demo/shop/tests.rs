use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::post;
use http::{Request, StatusCode, header};
use http_body_util::BodyExt;
use tower::ServiceExt;

use super::*;
use crate::ambient;

type Seen = Arc<Mutex<Vec<(HeaderMap, String)>>>;

fn shop(webhooks: &str) -> Shop {
    Shop {
        server: "http://127.0.0.1:8080".to_owned(),
        webhooks: webhooks.to_owned(),
        organization: ambient::new_id(),
        store: ambient::new_id(),
        widget: ambient::new_id(),
        key: ApiKey::generate(),
    }
}

/// The shop without its background drawing, which would only cost the tests time.
fn site(shop: Shop) -> Router {
    let policy = policy::headers(&shop.server);
    routes(policy).with_state(Site { shop: Arc::new(shop), gallery: Arc::default(), ledger: Arc::default() })
}

/// A server that keeps what is sent to it and answers like Selektable.
async fn receiver() -> (String, Seen) {
    let seen = Seen::default();
    let keep = |State(seen): State<Seen>, headers: HeaderMap, body: String| async move {
        seen.lock().unwrap().push((headers, body));
        r#"{"success":true,"attribution":{"type":"direct","reason":"product_visualized","timeToConversionSeconds":40,"attributedCents":97800}}"#
    };
    let app = Router::new().route("/api/webhooks/orders", post(keep)).with_state(Arc::clone(&seen));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    (address, seen)
}

async fn get(site: &Router, path: &str) -> (StatusCode, HeaderMap, String) {
    let response = site.clone().oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap();
    read(response).await
}

async fn submit(site: &Router, path: &str, form: &str) -> (StatusCode, HeaderMap, String) {
    let request = Request::post(path)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(form.to_owned()))
        .unwrap();
    read(site.clone().oneshot(request).await.unwrap()).await
}

async fn read(response: axum::response::Response) -> (StatusCode, HeaderMap, String) {
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    (parts.status, parts.headers, String::from_utf8_lossy(&bytes).into_owned())
}

#[tokio::test]
async fn every_page_loads_the_script_and_allows_only_its_own_and_selektables_origin() {
    let shop = shop("http://127.0.0.1:1");
    let (store, key) = (shop.store.to_string(), shop.key.clone());
    let site = site(shop);
    for path in
        ["/", "/products/sofa-duin", "/checkout?product=rug-zand&quantity=2", "/appointment", "/thank-you"]
    {
        let (status, headers, page) = get(&site, path).await;
        assert_eq!(status, StatusCode::OK, "{path}");
        assert!(page.contains("http://127.0.0.1:8080/widgets/embed.js") && page.contains(&store), "{path}");
        assert!(!page.contains(key.reveal()), "the key is on {path}");
        let policy = headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.contains("script-src 'self' http://127.0.0.1:8080 'sha256-"), "{policy}");
        assert!(
            policy.contains("frame-src http://127.0.0.1:8080;") && !policy.contains("unsafe"),
            "{policy}"
        );
    }
}

#[tokio::test]
async fn every_product_has_a_page_with_a_button_that_names_it_as_its_order_will() {
    let site = site(shop("http://127.0.0.1:1"));
    for product in catalogue::PRODUCTS {
        let (status, _, page) = get(&site, &format!("/products/{}", product.id)).await;
        assert_eq!(status, StatusCode::OK);
        assert!(page.contains("data-selektable-widget=\"widget_"));
        assert!(page.contains(&format!("data-product-id=\"{}\"", product.id)));
    }
    assert_eq!(get(&site, "/products/unknown").await.0, StatusCode::NOT_FOUND);
    assert_eq!(get(&site, "/checkout").await.0, StatusCode::NOT_FOUND);
    assert_eq!(get(&site, "/nowhere").await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_appointment_page_carries_the_documentations_script_as_it_stands() {
    let (_, _, page) = get(&site(shop("http://127.0.0.1:1")), "/appointment").await;
    let inline = page.split("<script>").nth(1).unwrap().split("</script>").next().unwrap();
    assert_eq!(inline, pages::SEED_SCRIPT);
    assert!(inline.contains("var identity = Selektable.getIdentity();"));
    let tag = page.split("embed.js").nth(1).unwrap().split('>').next().unwrap();
    assert!(!tag.contains("async"), "the inline script would run before the embed script: {tag}");
}

#[tokio::test]
async fn an_order_is_sent_with_the_seeds_fields_and_nothing_of_the_shopper() {
    let (webhooks, seen) = receiver().await;
    let shop = shop(&webhooks);
    let (key, store) = (shop.key.clone(), shop.store.to_string());
    let site = site(shop);
    let form = "visitorId=v-1&sessionId=s-1&productId=armchair-kade&quantity=2&name=Robin+Visser&email=robin%40example.com";
    let (status, headers, _) = submit(&site, "/checkout/complete", form).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    let (sent_headers, body) = seen.lock().unwrap()[0].clone();
    assert_eq!(sent_headers[header::AUTHORIZATION], format!("Bearer {}", key.reveal()));
    assert_eq!(sent_headers[header::CONTENT_TYPE], "application/json");
    assert!(!body.contains("Robin") && !body.contains("example.com"), "{body}");
    let sent: serde_json::Value = serde_json::from_str(&body).unwrap();
    let mut names: Vec<&str> = sent.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    let seeds = [
        "currency",
        "items",
        "orderCreatedAt",
        "orderId",
        "organizationId",
        "platform",
        "sessionId",
        "status",
        "storeId",
        "totalCents",
        "visitorId",
    ];
    assert_eq!(names, seeds);
    assert_eq!(
        sent["items"],
        serde_json::json!([{"productId": "armchair-kade", "quantity": 2, "priceCents": 48_900, "totalCents": 97_800}])
    );
    assert_eq!((sent["storeId"].as_str(), sent["visitorId"].as_str()), (Some(store.as_str()), Some("v-1")));
    assert_eq!(
        (sent["status"].as_str(), sent["platform"].as_str(), sent["totalCents"].as_i64()),
        (Some("completed"), Some("custom"), Some(97_800))
    );

    let thanks = get(&site, headers[header::LOCATION].to_str().unwrap()).await.2;
    assert!(thanks.contains("Direct: a picture was made of this product, 40 s before"), "{thanks}");
    assert!(thanks.contains(&format!("/conversions/{}", sent["orderId"].as_str().unwrap())));
}

#[tokio::test]
async fn an_appointment_is_a_lead_without_money_and_items() {
    let (webhooks, seen) = receiver().await;
    let (status, ..) =
        submit(&site(shop(&webhooks)), "/appointment/book", "visitorId=v&sessionId=s&phone=1").await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    let sent: serde_json::Value = serde_json::from_str(&seen.lock().unwrap()[0].1).unwrap();
    assert!(sent["orderId"].as_str().unwrap().starts_with("appt-"));
    assert_eq!((&sent["totalCents"], &sent["items"]), (&serde_json::json!(0), &serde_json::json!([])));
}

#[tokio::test]
async fn an_order_is_placed_also_when_nobody_listens() {
    let site = site(shop("http://127.0.0.1:1"));
    let (status, headers, _) =
        submit(&site, "/checkout/complete", "productId=pouf-kei&visitorId=v&sessionId=s").await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    let thanks = get(&site, headers[header::LOCATION].to_str().unwrap()).await.2;
    assert!(thanks.contains("can&#39;t be reached") || thanks.contains("can't be reached"), "{thanks}");
    assert!(!thanks.contains("See it in the dashboard"));
}
