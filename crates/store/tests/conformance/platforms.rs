//! Orders of platforms: notes before and after their order, repayments by id, visitors for good and by claim.

use selektable_domain::attribution::{AttributionType, Reason};
use selektable_domain::id::DeliveryKind;
use selektable_domain::identity::Person;
use selektable_domain::ledger::LedgerCause;
use selektable_domain::opaque::{CartToken, EventId, RefundId};
use selektable_domain::order::platform::{
    Carrier, LeftOut, OrderNote, Origin, PlatformPart, Refund, Token, TokenKind,
};
use selektable_domain::order::{Order, OrderStatus, Source};
use selektable_domain::platform::PrivacyRequest;
use selektable_domain::platform::secret::{SECRETS_MAX, WebhookSecret};
use selektable_domain::report::reconciliation::{Comparison, FieldDifference};
use selektable_domain::report::{DeliveryOutcome, DeliveryQuery, Lens};
use selektable_domain::time::{Range, Timestamp};
use selektable_store::ingest::{Event, EventKind, ExplainedConversion};
use selektable_store::platforms::{
    IgnoredDelivery, LinkSign, NoteDelivery, NoteTaken, PULLS_KEPT_MAX, PlatformAccess, PullLine, PullMode,
    PullRun, PullState, SecretAdded, TOPICS_MAX,
};
use selektable_store::settings::{Platform, StoreSettings};

use crate::upkeep::dump;
use crate::world::{World, an_order, at, euro, new_id, order_id, session, store_settings, visitor, worlds};

pub(crate) fn token(kind: TokenKind, text: &str) -> Token {
    Token { kind, text: CartToken::parse(text).unwrap() }
}

pub(crate) fn refund(id: &str, minor: i64) -> Refund {
    Refund { id: RefundId::parse(id).unwrap(), minor, at: Some(at(0.2)) }
}

pub(crate) fn refunded(id: &str, minor: i64) -> OrderNote {
    OrderNote::Refund { refund: refund(id, minor), currency: euro() }
}

/// A Shopify order that names nobody, made of a cart.
pub(crate) fn shopify(id: &str) -> Order {
    Order {
        source: Source::Shopify,
        visitor: None,
        session: None,
        updated_at: Some(at(0.0)),
        platform: Some(Box::new(PlatformPart {
            tokens: vec![token(TokenKind::Cart, &format!("cart-of-{id}"))],
            ..PlatformPart::default()
        })),
        ..an_order(id)
    }
}

pub(crate) fn with_part(order: Order, change: impl FnOnce(&mut PlatformPart)) -> Order {
    let mut part = order.platform.clone().unwrap_or_default();
    change(&mut part);
    Order { platform: Some(part), ..order }
}

fn of_visitor(order: Order, name: &str) -> Order {
    let order = with_part(order, |part| part.carrier = Some(Carrier::CartAttribute));
    Order { visitor: Some(visitor(name)), session: Some(session("s")), ..order }
}

pub(crate) fn note(world: &World, id: &str, note: OrderNote, received_at: Timestamp) -> NoteDelivery {
    NoteDelivery {
        tenant: world.tenant,
        id: new_id(),
        conversion: new_id(),
        request_id: "request".to_owned(),
        received_at,
        source: Source::Shopify,
        topic: Some("refunds/create".to_owned()),
        order: order_id(id),
        note,
    }
}

async fn tell(world: &World, id: &str, what: OrderNote) -> NoteTaken {
    world.store.take_note(note(world, id, what, at(0.5))).await.unwrap()
}

pub(crate) fn claim_event(id: &str, tokens: Vec<Token>, at: Timestamp) -> Event {
    Event { id: EventId::parse(id).unwrap(), at, kind: EventKind::Claim { tokens } }
}

async fn claim(world: &World, who: &str, token: Token, when: Timestamp) {
    let event = claim_event(&new_id::<DeliveryKind>().to_string(), vec![token], when);
    world.store.record_events(world.events(who, vec![event])).await.unwrap();
}

async fn found(world: &World, id: &str) -> ExplainedConversion {
    world.store.conversion(world.tenant, order_id(id)).await.unwrap().unwrap()
}

async fn counted(world: &World) -> u64 {
    let summary = world.store.summary(world.tenant, Range::ALL, Lens::default()).await.unwrap();
    summary.by_type.direct + summary.by_type.assisted + summary.by_type.none
}

#[tokio::test]
async fn a_repayment_told_before_during_and_after_its_order_counts_once() {
    for world in worlds().await {
        assert_eq!(tell(&world, "1", refunded("r-1", 3_000)).await, NoteTaken::Waiting);
        assert_eq!(tell(&world, "1", refunded("r-1", 3_000)).await, NoteTaken::Unchanged);
        world.check().await;
        world.send(shopify("1")).await;
        world.check().await;
        assert_eq!(found(&world, "1").await.record.order.refunded(), 3_000);
        let conversion = found(&world, "1").await.record.id;
        assert_eq!(tell(&world, "1", refunded("r-2", 500)).await, NoteTaken::Changed(conversion));
        let later =
            with_part(shopify("1"), |part| part.refunds = vec![refund("r-1", 3_000), refund("r-2", 500)]);
        world.send(Order { updated_at: Some(at(0.3)), refunded_minor: 3_500, ..later }).await;
        let explained = found(&world, "1").await;
        assert_eq!(explained.record.order.net().minor, 6_500);
        let other = OrderNote::Refund {
            refund: refund("r-3", 1),
            currency: selektable_domain::money::Currency::parse("USD").unwrap(),
        };
        tell(&world, "1", other).await;
        assert_eq!(found(&world, "1").await.record.order.refunded(), 3_500);
        let causes: Vec<LedgerCause> = explained.ledger.iter().map(|entry| entry.cause).collect();
        assert_eq!(causes, [LedgerCause::Created, LedgerCause::PartlyRefunded]);
        assert_eq!(explained.ledger[1].at, at(0.2));
        world.check().await;
    }
}

#[tokio::test]
async fn a_deleted_order_is_called_off_whatever_comes_first_and_only_woocommerce_brings_one_back() {
    for world in worlds().await {
        assert_eq!(tell(&world, "1", OrderNote::Deleted).await, NoteTaken::Waiting);
        world.send(shopify("1")).await;
        world.send(Order { updated_at: Some(at(9.0)), ..shopify("1") }).await;
        assert_eq!(found(&world, "1").await.record.order.status, OrderStatus::Cancelled);
        assert_eq!(counted(&world).await, 0);
        let woo = Order { source: Source::WooCommerce, ..shopify("2") };
        world.send(woo.clone()).await;
        tell(&world, "2", OrderNote::Deleted).await;
        assert_eq!(found(&world, "2").await.record.order.status, OrderStatus::Cancelled);
        let restored =
            NoteDelivery { received_at: at(0.6), ..note(&world, "2", OrderNote::Restored, at(0.6)) };
        world.store.take_note(restored).await.unwrap();
        assert_eq!(found(&world, "2").await.record.order.status, OrderStatus::Completed);
        world.check().await;
    }
}

#[tokio::test]
async fn the_first_visitor_stays_whatever_later_snapshots_say() {
    for world in worlds().await {
        world.show("viz", "ann", &["p"], at(-1.0)).await;
        let named = of_visitor(shopify("1"), "ann");
        let (nobody, other) = (shopify("1"), of_visitor(shopify("1"), "bob"));
        world.send(Order { updated_at: Some(at(0.2)), ..other }).await;
        world.send(Order { updated_at: Some(at(0.3)), status: OrderStatus::Processing, ..nobody }).await;
        world.send(named).await;
        let record = found(&world, "1").await.record;
        assert_eq!(record.order.visitor, Some(visitor("ann")));
        assert_eq!(record.order.status, OrderStatus::Processing);
        assert_eq!(record.attribution.kind, AttributionType::Direct);
        world.check().await;
    }
}

#[tokio::test]
async fn a_token_finds_the_visitor_before_and_after_the_order_and_nobody_takes_it_over() {
    for world in worlds().await {
        world.show("viz", "ann", &["p"], at(-1.0)).await;
        claim(&world, "ann", token(TokenKind::Cart, "cart-of-1"), at(-0.5)).await;
        world.send(shopify("1")).await;
        world.send(shopify("2")).await;
        assert_eq!(found(&world, "2").await.decision.reason, Reason::NoVisitor);
        claim(&world, "ann", token(TokenKind::Cart, "cart-of-2"), at(0.1)).await;
        claim(&world, "eve", token(TokenKind::Cart, "cart-of-1"), at(0.2)).await;
        claim(&world, "eve", token(TokenKind::Cart, "cart-of-2"), at(0.2)).await;
        for id in ["1", "2"] {
            let ExplainedConversion { record, ledger, .. } = found(&world, id).await;
            assert_eq!(record.order.visitor, Some(visitor("ann")), "{id}");
            assert_eq!(record.order.platform.unwrap().carrier, Some(Carrier::CartToken));
            assert_eq!(record.attribution.kind, AttributionType::Direct);
            assert!(
                ledger
                    .iter()
                    .all(|entry| { matches!(entry.cause, LedgerCause::Created | LedgerCause::Evidence) })
            );
        }
        world.check().await;
        // A snapshot without tokens, as a pull gives it, does not lose the visitor.
        let pulled = with_part(shopify("1"), |part| part.tokens.clear());
        world.send(Order { updated_at: Some(at(0.4)), ..pulled }).await;
        assert_eq!(found(&world, "1").await.record.order.visitor, Some(visitor("ann")));
        // What the order itself says overrules a claim.
        world.send(of_visitor(Order { updated_at: Some(at(0.5)), ..shopify("2") }, "bob")).await;
        assert_eq!(found(&world, "2").await.record.order.visitor, Some(visitor("bob")));
        world.check().await;
    }
}

#[tokio::test]
async fn who_is_erased_is_gone_from_claims_and_from_the_orders_they_found() {
    for world in worlds().await {
        world.show("viz", "br-ann", &["p"], at(-1.0)).await;
        claim(&world, "br-ann", token(TokenKind::Cart, "cart-of-1"), at(-0.5)).await;
        world.send(shopify("1")).await;
        tell(&world, "1", refunded("r", 100)).await;
        let before = found(&world, "1").await;
        world.erase(Person::Visitor(visitor("br-ann"))).await;
        let text = dump(&world).await;
        assert!(!text.contains("br-ann"), "{text}");
        let after = found(&world, "1").await;
        assert_eq!((after.seal, after.ledger.len()), (before.seal, before.ledger.len()));
        assert_eq!(after.record.attribution.kind, AttributionType::Direct);
        world.check().await;
        // A later word of the same browser does not bring it back into the order.
        claim(&world, "br-ann", token(TokenKind::Checkout, "cart-of-1"), at(0.4)).await;
        world.send(of_visitor(Order { updated_at: Some(at(0.6)), ..shopify("1") }, "br-ann")).await;
        assert_ne!(found(&world, "1").await.record.order.visitor, Some(visitor("br-ann")));
        world.check().await;
        assert_eq!(world.store.verify(Box::new(|_, _| {})).await.unwrap().faults, Vec::<String>::new());
    }
}

#[tokio::test]
async fn renewals_tests_and_what_no_shopper_placed_online_are_kept_and_left_out() {
    for world in worlds().await {
        world.show("viz", "ann", &["p"], at(-1.0)).await;
        let origin = |id: &str, origin: Origin| with_part(shopify(id), |part| part.origin = origin);
        world.send(of_visitor(origin("renewal", Origin::Renewal), "ann")).await;
        world.send(Order { test: true, ..of_visitor(shopify("test"), "ann") }).await;
        for (id, kind) in [
            ("till", Origin::PointOfSale),
            ("draft", Origin::Draft),
            ("staff", Origin::Staff),
            ("api", Origin::Api),
        ] {
            world.send(origin(id, kind)).await;
            assert_eq!(
                found(&world, id).await.record.order.left_out(),
                Some(LeftOut::NoOnlineVisitor),
                "{id}"
            );
        }
        assert_eq!(counted(&world).await, 0);
        let renewal = found(&world, "renewal").await;
        assert_eq!(
            (renewal.decision.kind, renewal.decision.reason),
            (AttributionType::None, Reason::Renewal)
        );
        assert_eq!((renewal.decision.attributed_minor, renewal.changes.len()), (0, 0));
        // A draft that a visitor is found for counts.
        claim(&world, "ann", token(TokenKind::Cart, "cart-of-draft"), at(-0.5)).await;
        assert_eq!(counted(&world).await, 1);
        let health = world.store.platform_health(world.tenant, Range::ALL).await.unwrap();
        assert_eq!((health.orders, health.carriers), (1, vec![(Some(Carrier::CartToken), 1)]));
        assert_eq!(
            health.left_out,
            [(LeftOut::NoOnlineVisitor, 3), (LeftOut::Renewal, 1), (LeftOut::Test, 1)]
        );
        world.check().await;
    }
}

#[tokio::test]
async fn money_kept_is_told_apart_from_a_status_that_says_it_was_given_back() {
    for world in worlds().await {
        let part = with_part(shopify("1"), |part| part.refunds = vec![refund("r", 1_000)]);
        world.send(Order { status: OrderStatus::Refunded, refunded_minor: 1_000, ..part }).await;
        world.send(Order { status: OrderStatus::Cancelled, ..shopify("2") }).await;
        assert_eq!(found(&world, "1").await.record.order.net().minor, 9_000);
        assert_eq!(found(&world, "2").await.record.order.net().minor, 0);
        world.check().await;
    }
}

#[tokio::test]
async fn secrets_come_and_go_and_are_known_to_the_receiver_at_once() {
    for world in worlds().await {
        let secret = |text: &str| WebhookSecret::parse(text).unwrap();
        let add = async |text: &str| {
            world.store.add_webhook_secret(world.tenant, secret(text), true, at(0.0)).await.unwrap()
        };
        assert_eq!(add("one").await, SecretAdded::Added(1));
        assert_eq!(add("one").await, SecretAdded::Known(1));
        for more in 2..=SECRETS_MAX {
            add(&format!("secret-{more}")).await;
        }
        assert_eq!(add("one too many").await, SecretAdded::TooMany);
        assert!(world.store.remove_webhook_secret(world.tenant, 1).await.unwrap());
        assert!(!world.store.remove_webhook_secret(world.tenant, 1).await.unwrap());
        world.store.note_link(world.tenant, LinkSign::Signed { secret: 2 }, at(1.0)).await.unwrap();
        let listed = world.store.webhook_secrets(world.tenant).await.unwrap();
        assert_eq!(listed.last().map(|one| (one.number, one.last_used_at)), Some((2, Some(at(1.0)))));
        let known = world.store.store(world.tenant).await.unwrap();
        let numbers: Vec<u32> = known.secrets.iter().map(|(number, _)| *number).collect();
        assert_eq!(numbers, [5, 4, 3, 2]);
        assert!(!format!("{known:?}").contains("secret-"));
    }
}

#[tokio::test]
async fn a_store_is_found_by_the_platforms_name_and_by_its_pages_as_they_are_set() {
    for world in worlds().await {
        let host = async |name: &str| {
            let found = world.store.stores_of_host(Platform::Custom, Some(name)).await.unwrap();
            found.iter().any(|(tenant, _)| *tenant == world.tenant)
        };
        assert!(host("shop.example").await);
        let settings = StoreSettings {
            shop_host: Some("acme.myshopify.com".to_owned()),
            origins: Vec::new(),
            ..store_settings("S")
        };
        world.store.update_store(world.tenant, settings.clone()).await.unwrap();
        assert!(host("acme.myshopify.com").await && !host("shop.example").await);
        assert!(
            world
                .store
                .stores_of_host(Platform::Shopify, Some("acme.myshopify.com"))
                .await
                .unwrap()
                .is_empty()
        );
        let known = world.store.store(world.tenant).await.unwrap();
        assert_eq!(known.settings, settings);
        assert!(world.store.stores_of_host(Platform::Custom, None).await.unwrap().is_empty());
        world.store.update_store(world.tenant, StoreSettings { shop_host: None, ..settings }).await.unwrap();
        assert_eq!(world.store.stores_of_host(Platform::Custom, None).await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_platforms_signs_pulls_and_requests_are_kept_for_their_store_alone() {
    for world in worlds().await {
        let other = world.neighbour("Other", 2).await;
        let store = &world.store;
        store.note_link(world.tenant, LinkSign::Uninstalled, at(0.1)).await.unwrap();
        store.note_link(world.tenant, LinkSign::OwnerLostAccess, at(0.2)).await.unwrap();
        let access =
            PlatformAccess::Shopify { address: "https://acme.myshopify.com/".into(), token: "t".into() };
        store.set_platform_access(world.tenant, Some(access.clone())).await.unwrap();
        let link = store.platform_link(world.tenant).await.unwrap();
        assert_eq!((link.uninstalled_at, link.owner_lost_access_at), (Some(at(0.1)), Some(at(0.2))));
        assert_eq!(link.access, Some(access));
        store.note_link(world.tenant, LinkSign::Signed { secret: 1 }, at(0.3)).await.unwrap();
        assert_eq!(store.platform_link(world.tenant).await.unwrap().uninstalled_at, None);
        let run = |hours: f64| PullRun {
            started_at: at(hours),
            mode: PullMode::Compare,
            since: at(-24.0),
            cursor: Some("page 2".into()),
            state: PullState::Failed("ask again".into()),
            updated_at: at(hours),
            orders: 3,
            missing: 1,
            differing: 1,
            same: 1,
            passed_over: 0,
            lines: vec![PullLine {
                order: order_id("1"),
                number: Some("#1".into()),
                found: Comparison::Missing,
            }],
        };
        for nth in 0..PULLS_KEPT_MAX + 2 {
            store.save_pull(world.tenant, run(f64::from(nth))).await.unwrap();
        }
        let last = f64::from(PULLS_KEPT_MAX + 1);
        let done = PullRun { state: PullState::Done, cursor: None, ..run(last) };
        store.save_pull(world.tenant, done.clone()).await.unwrap();
        let pulls = store.pulls(world.tenant).await.unwrap();
        assert_eq!(pulls.len(), PULLS_KEPT_MAX as usize);
        assert_eq!((&pulls[0], &pulls[1]), (&done, &run(last - 1.0)));
        let request =
            PrivacyRequest::EraseCustomer { customer: Some("7".into()), orders: vec![order_id("1")] };
        assert_eq!(store.add_privacy_request(world.tenant, request, at(0.0)).await.unwrap(), 1);
        let shop = store.add_privacy_request(world.tenant, PrivacyRequest::EraseShop, at(0.1)).await.unwrap();
        assert!(store.finish_privacy_request(world.tenant, 1, at(0.2)).await.unwrap());
        assert!(!store.finish_privacy_request(world.tenant, 1, at(0.3)).await.unwrap());
        let listed = store.privacy_requests(world.tenant).await.unwrap();
        let seen: Vec<_> = listed.iter().map(|one| (one.number, one.kind.as_str(), one.done_at)).collect();
        assert_eq!(seen, [(shop, "erase_shop", None), (1, "erase_customer", Some(at(0.2)))]);
        assert_eq!(listed[1].orders, [order_id("1")]);
        assert_eq!(other.store.platform_link(other.tenant).await.unwrap().access, None);
        assert!(other.store.pulls(other.tenant).await.unwrap().is_empty());
        assert!(other.store.privacy_requests(other.tenant).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn deliveries_are_told_by_topic_and_what_was_ignored_or_noted_shows() {
    for world in worlds().await {
        let mut delivery = world.delivery(shopify("1"));
        delivery.topic = Some("orders/create".to_owned());
        world.store.ingest_orders(vec![delivery]).await.unwrap();
        tell(&world, "1", refunded("r", 5)).await;
        let ignored = IgnoredDelivery {
            tenant: world.tenant,
            id: new_id(),
            received_at: at(0.7),
            source: Source::Shopify,
            request_id: "request".into(),
            topic: Some("products/create".into()),
            order: None,
            code: "topic_not_used".into(),
            faults: Vec::new(),
        };
        world.store.record_ignored(ignored).await.unwrap();
        let query =
            DeliveryQuery { range: Range::ALL, refused: None, order_id: None, cursor: None, limit: 10 };
        let listed = world.store.deliveries(world.tenant, query).await.unwrap().data;
        let told: Vec<String> =
            listed.iter().map(|one| format!("{} {:?}", one.topic.as_deref().unwrap(), one.outcome)).collect();
        assert!(told[0].starts_with("products/create Ignored { code: \"topic_not_used\""), "{told:?}");
        assert!(told[1].starts_with("refunds/create Noted { outcome: Updated }"), "{told:?}");
        assert!(matches!(listed[2].outcome, DeliveryOutcome::Accepted { .. }));
        let health = world.store.platform_health(world.tenant, Range::ALL).await.unwrap();
        let topics: Vec<_> = health.topics.iter().map(|one| (one.topic.as_str(), one.deliveries)).collect();
        assert_eq!(topics, [("orders/create", 1), ("products/create", 1), ("refunds/create", 1)]);
        assert_eq!((health.recent.len(), health.ignored.len(), health.refused.len()), (2, 1, 0));
        assert_eq!((health.orders, health.carriers), (1, vec![(None, 1)]));
        for nth in 0..=TOPICS_MAX {
            let mut again = world.delivery(shopify("1"));
            again.topic = Some(format!("made-up/{nth}"));
            world.store.ingest_orders(vec![again]).await.unwrap();
        }
        let health = world.store.platform_health(world.tenant, Range::ALL).await.unwrap();
        assert_eq!(health.topics.len(), TOPICS_MAX as usize);
    }
}

#[tokio::test]
async fn the_platforms_word_is_compared_with_ours() {
    for world in worlds().await {
        world.send(shopify("1")).await;
        let newer = Order { updated_at: Some(at(1.0)), ..shopify("1") };
        let paid_back = with_part(newer.clone(), |part| part.refunds = vec![refund("r", 700)]);
        let older = Order { updated_at: Some(at(-1.0)), total_minor: 5, ..shopify("1") };
        let orders = vec![
            shopify("1"),
            newer.clone(),
            Order { refunded_minor: 700, ..paid_back },
            older,
            of_visitor(newer, "ann"),
            shopify("2"),
        ];
        let found = world.store.compare_orders(world.tenant, orders).await.unwrap();
        let differs = |field: &str, ours: &str, theirs: &str| {
            Comparison::Differs(vec![FieldDifference {
                field: field.into(),
                ours: ours.into(),
                theirs: theirs.into(),
            }])
        };
        let expected = [
            Comparison::Same,
            Comparison::Same,
            differs("refundedCents", "0", "700"),
            Comparison::Same,
            differs("visitorId", "", "ann"),
            Comparison::Missing,
        ];
        assert_eq!(found, expected);
    }
}

#[tokio::test]
async fn a_shops_data_goes_and_its_neighbours_stays() {
    for world in worlds().await {
        let other = world.neighbour("Other", 2).await;
        for one in [&world, &other] {
            one.show(&format!("viz-{}", one.tenant.store), "br-ann", &["p"], at(-1.0)).await;
            one.send(shopify("1")).await;
            tell(one, "9", refunded("r", 5)).await;
            claim(one, "br-ann", token(TokenKind::Cart, "cart-of-1"), at(-0.5)).await;
        }
        let before = dump(&other).await;
        world.store.delete_store_data(world.tenant).await.unwrap();
        assert_eq!(counted(&world).await, 0);
        assert!(world.store.conversion(world.tenant, order_id("1")).await.unwrap().is_none());
        let kept = |text: &str| text.lines().filter(|line| line.contains("br-ann")).count();
        assert_eq!(kept(&dump(&other).await) * 2, kept(&before));
        assert_eq!(counted(&other).await, 1);
        world.check().await;
        assert_eq!(world.store.verify(Box::new(|_, _| {})).await.unwrap().faults, Vec::<String>::new());
        world.send(shopify("1")).await;
        assert_eq!(counted(&world).await, 1);
        world.check().await;
    }
}
