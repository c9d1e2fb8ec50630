//! A secret is changed without a delivery lost: for a while both sign.

use selektable_domain::platform::secret::WebhookSecret;
use selektable_domain::time::Timestamp;
use selektable_store::platforms::SecretAdded;
use selektable_store::{Access, Tenant};
use serde_json::json;

use crate::orders::woocommerce;
use crate::shop::{Kind, PlatformShop, Sent, sign};
use crate::support::{Client, TestServer, address_of};

/// Changes the store's secrets as the dashboard does, while the server is down, and serves again.
fn change(
    server: &mut TestServer,
    shop: &mut PlatformShop,
    work: impl AsyncFnOnce(&selektable_store::SharedStore, Tenant),
) {
    assert_eq!(server.stop(), Some(0));
    let address = address_of(server.data());
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let store = selektable_store::open(&address, Access::Administer).expect("the database");
        let id = shop.setup.store_id.parse().expect("an id");
        let (tenant, _) = store.public_store(id).await.expect("an answer").expect("the store");
        work(&store, tenant).await;
        store.close().await.expect("closed");
    });
    server.serve_again();
    shop.client = Client::with_key(server, &shop.setup.api_key);
}

/// An order signed with a secret.
fn signed(shop: &PlatformShop, id: u64, secret: &str) -> Sent {
    let body = woocommerce(id, "processing", "2026-11-20T09:00:30").to_string();
    let signature = sign(body.as_bytes(), secret);
    Sent::new(shop, "order.created", body.as_bytes()).with("X-WC-Webhook-Signature", &signature)
}

#[test]
fn while_two_secrets_are_there_both_sign_and_afterwards_only_the_new_one() {
    let mut server = TestServer::start();
    let mut shop = PlatformShop::open(&server, Kind::WooCommerce);
    let (old, new) = (shop.secret.clone(), "the new secret of the webhook".to_owned());
    assert_eq!(shop.send(&signed(&shop, 1, &new)).status, 401, "not known yet");

    let added = WebhookSecret::parse(&new).expect("a secret");
    change(&mut server, &mut shop, async move |store, tenant| {
        let at = Timestamp::from_millis(1_795_428_900_000);
        let result = store.add_webhook_secret(tenant, added, false, at).await.expect("an answer");
        assert_eq!(result, SecretAdded::Added(2));
    });
    assert_eq!(shop.send(&signed(&shop, 1, &old)).json["result"], "created");
    assert_eq!(shop.send(&signed(&shop, 2, &new)).json["result"], "created");
    let secrets = shop.get("platform").json["link"]["secrets"].clone();
    assert_eq!((&secrets[0]["number"], &secrets[1]["number"]), (&json!(2), &json!(1)), "newest first");
    assert!(secrets[0]["lastUsedAt"].is_string() && secrets[1]["lastUsedAt"].is_string());

    change(&mut server, &mut shop, async |store, tenant| {
        assert!(store.remove_webhook_secret(tenant, 1).await.expect("an answer"));
    });
    assert_eq!(shop.send(&signed(&shop, 3, &old)).status, 401);
    assert_eq!(shop.send(&signed(&shop, 3, &new)).json["result"], "created");

    change(&mut server, &mut shop, async |store, tenant| {
        assert!(store.remove_webhook_secret(tenant, 2).await.expect("an answer"));
    });
    assert_eq!(shop.send(&signed(&shop, 4, &new)).status, 401, "without a secret nothing is taken");
    assert_eq!(shop.refused(3)[0]["code"], "no_webhook_secret");
    assert_eq!(shop.conversions(), 3);
}
