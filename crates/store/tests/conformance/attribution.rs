//! Facts that come late decide again exactly what they touch.

use selektable_domain::attribution::{AttributionType, Reason};
use selektable_domain::opaque::{ProductId, SessionId, UserId};
use selektable_domain::order::{Item, Order, OrderStatus};
use selektable_domain::report::products::AliasOrigin;
use selektable_store::rules::{AliasChange, AliasSays, AliasesSet};

use crate::world::{World, an_order, at, item, order_id, visitor, worlds};

async fn answer(world: &World, id: &str) -> (AttributionType, Reason) {
    let attribution = world.conversion(id).await.attribution;
    (attribution.kind, attribution.reason)
}

#[tokio::test]
async fn a_late_visualization_makes_an_unattributed_order_direct() {
    for world in worlds().await {
        world.send(an_order("1")).await;
        assert_eq!(answer(&world, "1").await, (AttributionType::None, Reason::VisitorNeverSeen));
        assert_eq!(world.see("v", at(1.0)).await, 1);
        assert_eq!(answer(&world, "1").await, (AttributionType::None, Reason::NeverVisualized));
        assert_eq!(world.show("after", "v", &["p"], at(1.0)).await.redecided, 1);
        assert_eq!(answer(&world, "1").await, (AttributionType::None, Reason::OnlyAfterOrder));
        assert_eq!(world.show("early", "v", &["p"], at(-200.0)).await.redecided, 1);
        assert_eq!(answer(&world, "1").await, (AttributionType::None, Reason::OutOfWindow));
        assert_eq!(world.show("other", "v", &["q"], at(-3.0)).await.redecided, 1);
        assert_eq!(answer(&world, "1").await, (AttributionType::Assisted, Reason::OtherProductVisualized));
        let late = world.show("viz", "v", &["p"], at(-2.0)).await;
        assert_eq!((late.created, late.redecided), (true, 1));
        let record = world.conversion("1").await.attribution;
        assert_eq!((record.kind, record.attributed_minor), (AttributionType::Direct, 10_000));
        assert_eq!(record.credits[0].visualization.as_str(), "viz");
        assert_eq!(record.time_to_conversion_ms, Some(2 * 3_600_000));
        // Too late to matter, and of nobody known: nothing is decided again.
        assert_eq!(world.show("after-2", "v", &["p"], at(2.0)).await.redecided, 0);
        assert_eq!(world.show("stranger", "w", &["p"], at(-1.0)).await.redecided, 0);
        world.check().await;
    }
}

#[tokio::test]
async fn a_known_visualization_changes_nothing() {
    for world in worlds().await {
        world.show("viz", "v", &["p"], at(-1.0)).await;
        world.send(an_order("1")).await;
        let again = world.show("viz", "v", &["other"], at(-0.5)).await;
        assert_eq!((again.created, again.redecided), (false, 0));
        assert_eq!(world.conversion("1").await.attribution.kind, AttributionType::Direct);
        world.check().await;
    }
}

#[tokio::test]
async fn a_session_alone_links_a_lead_to_what_was_shown_in_it() {
    for world in worlds().await {
        let session = SessionId::parse("s-of-w").ok();
        let lead = Order { visitor: None, session, items: Vec::new(), total_minor: 0, ..an_order("lead") };
        world.send(lead).await;
        world.show("viz", "w", &["p"], at(-1.0)).await;
        assert_eq!(answer(&world, "lead").await, (AttributionType::Direct, Reason::SameSession));
        world.check().await;
    }
}

#[tokio::test]
async fn identify_links_two_browsers_of_one_user() {
    for world in worlds().await {
        world.show("viz", "phone", &["p"], at(-5.0)).await;
        world.send(Order { visitor: Some(visitor("laptop")), ..an_order("1") }).await;
        assert_eq!(world.identify("phone", "ann", at(-6.0)).await, 0);
        assert_eq!(answer(&world, "1").await.0, AttributionType::None);
        assert_eq!(world.identify("laptop", "ann", at(-0.1)).await, 1);
        assert_eq!(answer(&world, "1").await, (AttributionType::Direct, Reason::ProductVisualized));
        // From -5.5 on the phone was Bob's: what it showed was not shown to Ann.
        assert_eq!(world.identify("phone", "bob", at(-5.5)).await, 1);
        assert_eq!(answer(&world, "1").await.0, AttributionType::None);
        world.check().await;
    }
}

#[tokio::test]
async fn an_orders_user_links_its_browser_and_unlinks_it_when_the_order_says_otherwise() {
    for world in worlds().await {
        world.show("viz", "phone", &["p"], at(-5.0)).await;
        world.identify("phone", "ann", at(-6.0)).await;
        let laptop = Order { visitor: Some(visitor("laptop")), ..an_order("1") };
        world.send(laptop.clone()).await;
        let second = Order { id: order_id("2"), user: UserId::parse("ann").ok(), ..laptop };
        world.send(second.clone()).await;
        assert_eq!(answer(&world, "1").await.0, AttributionType::Direct);
        assert_eq!(answer(&world, "2").await.0, AttributionType::Direct);
        world.send(Order { user: UserId::parse("bob").ok(), ..second }).await;
        assert_eq!(answer(&world, "1").await.0, AttributionType::None);
        world.check().await;
    }
}

#[tokio::test]
async fn a_user_of_thousands_of_browsers_is_one_person() {
    for world in worlds().await {
        world.show("viz", "browser-0", &["p"], at(-1.0)).await;
        world.send(Order { visitor: Some(visitor("browser-1")), ..an_order("1") }).await;
        for browser in 0..1_500 {
            world.identify(&format!("browser-{browser}"), "ann", at(-2.0)).await;
        }
        assert_eq!(answer(&world, "1").await, (AttributionType::Direct, Reason::ProductVisualized));
        world.check().await;
    }
}

#[tokio::test]
async fn a_fact_that_touches_very_many_conversions_is_answered_at_once_and_they_follow() {
    for world in worlds().await {
        world.show("viz", "phone", &["p"], at(-1.0)).await;
        for number in 0..700 {
            world
                .send(Order { visitor: Some(visitor("laptop")), ..an_order(&format!("order-{number}")) })
                .await;
        }
        world.identify("laptop", "ann", at(-3.0)).await;
        let changed = world.identify("phone", "ann", at(-3.0)).await;
        assert!(changed < 700, "{changed} were decided before the answer");
        wait_until_decided(&world).await;
        for order in ["order-0", "order-699"] {
            assert_eq!(answer(&world, order).await.0, AttributionType::Direct);
        }
        world.check().await;
    }
}

#[tokio::test]
async fn a_refund_takes_the_attributed_money_back() {
    for world in worlds().await {
        world.show("viz", "v", &["p"], at(-1.0)).await;
        world.send(Order { status: OrderStatus::Pending, ..an_order("1") }).await;
        let pending = world.conversion("1").await.attribution;
        assert_eq!((pending.attributed_minor, pending.provisional_minor), (0, 10_000));
        world.send(Order { refunded_minor: 4_000, ..an_order("1") }).await;
        let paid = world.conversion("1").await.attribution;
        assert_eq!((paid.attributed_minor, paid.provisional_minor), (6_000, 0));
        assert_eq!(paid.credits[0].minor, 6_000);
        world.check().await;
    }
}

async fn wait_until_decided(world: &World) {
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while world.store.store(world.tenant).await.unwrap().redeciding {
        assert!(std::time::Instant::now() < deadline, "still deciding after 30 s");
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}

fn says(variant: &str, says: AliasSays) -> AliasChange {
    AliasChange { variant: ProductId::parse(variant).unwrap(), says }
}

fn variant_of(variant: &str, product: &str) -> AliasChange {
    says(variant, AliasSays::VariantOf(ProductId::parse(product).unwrap()))
}

#[tokio::test]
async fn an_alias_decides_exactly_the_conversions_it_touches_again() {
    for world in worlds().await {
        world.show("viz-1", "v", &["123"], at(-1.0)).await;
        world.show("viz-2", "w", &["other"], at(-1.0)).await;
        world.send(Order { items: vec![item("456", 700)], ..an_order("1") }).await;
        let w = Order { items: vec![item("other", 700)], visitor: Some(visitor("w")), ..an_order("2") };
        world.send(w).await;
        assert_eq!(answer(&world, "1").await, (AttributionType::Assisted, Reason::OtherProductVisualized));
        let set = async |change: AliasChange| {
            world.store.set_aliases(world.tenant, vec![change], at(1.0)).await.unwrap()
        };
        let done = AliasesSet { changed: 1, redecided: 1, queued: 0 };
        assert_eq!(set(variant_of("456", "123")).await, done);
        assert_eq!(answer(&world, "1").await, (AttributionType::Direct, Reason::ProductVisualized));
        world.check().await;
        assert_eq!(set(variant_of("456", "123")).await, AliasesSet::default(), "it says so already");
        let listed = world.store.aliases(world.tenant, None, 10).await.unwrap();
        assert_eq!((listed.len(), &listed[0].origin), (1, &AliasOrigin::Table));
        assert_eq!(set(says("456", AliasSays::Nothing)).await, done);
        assert_eq!(answer(&world, "1").await.0, AttributionType::Assisted);
        world.check().await;
    }
}

#[tokio::test]
async fn an_alias_reaches_the_shoppers_who_were_shown_the_variant() {
    for world in worlds().await {
        world.show("viz", "v", &["456"], at(-1.0)).await;
        world.send(Order { items: vec![item("123", 700)], ..an_order("1") }).await;
        let changes = vec![variant_of("456", "4"), variant_of("4", "123")];
        world.store.set_aliases(world.tenant, changes, at(1.0)).await.unwrap();
        assert_eq!(answer(&world, "1").await.0, AttributionType::Direct);
        world.check().await;
    }
}

#[tokio::test]
async fn facts_that_carry_two_ids_join_them_until_they_contradict_each_other() {
    for world in worlds().await {
        world.show("viz", "v", &["sofa"], at(-1.0)).await;
        world.send(Order { items: vec![item("red", 700)], ..an_order("1") }).await;
        assert_eq!(answer(&world, "1").await.0, AttributionType::Assisted);
        let of = |product: &str| Item { variant: ProductId::parse("red").ok(), ..item(product, 700) };
        let elsewhere = |id: &str| Order { visitor: Some(visitor("w")), ..an_order(id) };
        world.send(Order { items: vec![of("sofa")], ..elsewhere("2") }).await;
        assert_eq!(answer(&world, "1").await.0, AttributionType::Direct, "red is a sofa's");
        world.send(Order { items: vec![of("chair")], ..elsewhere("3") }).await;
        assert_eq!(answer(&world, "1").await.0, AttributionType::Assisted, "or a chair's");
        let listed = world.store.aliases(world.tenant, None, 10).await.unwrap();
        assert_eq!(listed[0].origin, AliasOrigin::Contradicted);
        world.check().await;
        world.store.set_aliases(world.tenant, vec![variant_of("red", "sofa")], at(1.0)).await.unwrap();
        assert_eq!(answer(&world, "1").await.0, AttributionType::Direct, "the table decides");
        world.send(Order { items: vec![of("sofa")], updated_at: Some(at(0.5)), ..elsewhere("3") }).await;
        world.check().await;
    }
}

#[tokio::test]
async fn a_conversion_is_explained_with_every_candidate() {
    for world in worlds().await {
        world.show("old", "v", &["p"], at(-200.0)).await;
        world.show("other", "v", &["q"], at(-3.0)).await;
        world.show("match", "v", &["p"], at(-2.0)).await;
        world.show("after", "v", &["p"], at(2.0)).await;
        world.send(an_order("1")).await;
        let explained = world.store.conversion(world.tenant, order_id("1")).await.unwrap().unwrap();
        let codes: Vec<(&str, &str)> = explained
            .decision
            .candidates
            .iter()
            .map(|candidate| (candidate.visualization.id.as_str(), candidate.code.code()))
            .collect();
        assert_eq!(
            codes,
            [
                ("old", "out_of_window"),
                ("other", "product_mismatch"),
                ("match", "credited"),
                ("after", "after_order")
            ]
        );
        assert!(world.store.conversion(world.tenant, order_id("2")).await.unwrap().is_none());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_visualizes_without_end_is_decided_by_its_latest_thousand() {
    for world in worlds().await {
        let shows: Vec<_> = (0..1_200_u32)
            .map(|number| {
                let hours = -2.0 + f64::from(number) / 1_000.0;
                let shown = world.shown(&format!("viz-{number:04}"), "v", &["p"], at(hours));
                let store = world.store.clone();
                tokio::spawn(async move { store.record_visualization(shown).await.unwrap() })
            })
            .collect();
        for show in shows {
            show.await.unwrap();
        }
        world.show("after", "v", &["p"], at(1.0)).await;
        world.send(an_order("1")).await;
        let explained = world.store.conversion(world.tenant, order_id("1")).await.unwrap().unwrap();
        let candidates = &explained.decision.candidates;
        assert_eq!((candidates.len(), candidates[0].visualization.id.as_str()), (1_001, "viz-0200"));
        assert_eq!(explained.record.attribution.credits[0].visualization.as_str(), "viz-1199");
        world.check().await;
    }
}
