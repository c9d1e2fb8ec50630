//! Lists: filters, and pages that are complete and without repetition while rows arrive.

use selektable_domain::attribution::{AttributionType, Reason};
use selektable_domain::order::{Order, OrderStatus};
use selektable_domain::report::{ConversionQuery, PictureRecord, VisualizationQuery};
use selektable_domain::time::Range;
use selektable_store::ingest::StoredPicture;

use crate::world::{World, all_conversions, an_order, at, new_id, new_widget, visitor, worlds};

async fn listed(world: &World, query: ConversionQuery) -> Vec<String> {
    let page = world.store.conversions(world.tenant, query).await.unwrap();
    page.data.into_iter().map(|record| record.order.id.to_string()).collect()
}

#[tokio::test]
async fn conversions_are_listed_newest_first_by_type_reason_status_widget_and_time() {
    for world in worlds().await {
        world.show("viz", "v", &["p"], at(-5.0)).await;
        let stranger = visitor("stranger");
        world.send(Order { created_at: at(-3.0), ..an_order("direct") }).await;
        let none = Order { visitor: Some(stranger), created_at: at(-2.0), ..an_order("none") };
        world.send(none).await;
        let cancelled = Order { status: OrderStatus::Cancelled, test: true, ..an_order("cancelled") };
        world.send(Order { created_at: at(-1.0), ..cancelled }).await;
        let all = all_conversions();
        assert_eq!(listed(&world, all.clone()).await, ["cancelled", "none", "direct"]);
        let query = ConversionQuery { kind: Some(AttributionType::Direct), ..all.clone() };
        assert_eq!(listed(&world, query).await, ["cancelled", "direct"]);
        let query = ConversionQuery { reason: Some(Reason::VisitorNeverSeen), ..all.clone() };
        assert_eq!(listed(&world, query).await, ["none"]);
        let query = ConversionQuery { status: Some(OrderStatus::Cancelled), ..all.clone() };
        assert_eq!(listed(&world, query).await, ["cancelled"]);
        let query = ConversionQuery { widget: Some(world.widget), ..all.clone() };
        assert_eq!(listed(&world, query).await, ["cancelled", "direct"]);
        let query = ConversionQuery { widget: Some(new_id()), ..all.clone() };
        assert!(listed(&world, query).await.is_empty());
        let range = Range { from: at(-3.0), to: at(-1.0) };
        assert_eq!(listed(&world, ConversionQuery { range, ..all }).await, ["none", "direct"]);
    }
}

#[tokio::test]
async fn pages_are_complete_and_without_repetition_while_rows_arrive() {
    for world in worlds().await {
        world.show("viz", "v", &["p"], at(-5.0)).await;
        for number in 0..25 {
            // Three at each instant, so that the row number has to break ties.
            let created_at = at(-4.0 + f64::from(number / 3));
            world.send(Order { created_at, ..an_order(&format!("order-{number}")) }).await;
        }
        let every: Vec<String> = listed(&world, all_conversions()).await;
        for widget in [None, Some(world.widget)] {
            let mut query = ConversionQuery { limit: 4, widget, ..all_conversions() };
            let mut seen: Vec<String> = Vec::new();
            loop {
                let page = world.store.conversions(world.tenant, query.clone()).await.unwrap();
                assert!(page.data.len() <= 4);
                seen.extend(page.data.into_iter().map(|record| record.order.id.to_string()));
                // Placed after everything that is listed: it comes on no later page.
                let late = format!("late-{}-{}", widget.is_some(), seen.len());
                world.send(Order { created_at: at(0.4), ..an_order(&late) }).await;
                query.cursor = page.next;
                if query.cursor.is_none() {
                    break;
                }
            }
            seen.retain(|id| every.contains(id));
            assert_eq!(seen, every);
        }
    }
}

#[tokio::test]
async fn visualizations_are_listed_with_their_picture_as_long_as_it_is_kept() {
    for world in worlds().await {
        let mut new = world.shown("mine", "v", &["p", "q"], at(-1.0));
        let picture = StoredPicture {
            token: "token".to_owned(),
            media_type: "image/jpeg".to_owned(),
            bytes: vec![1, 2, 3],
            expires_at: at(1.0),
        };
        new.renderer = Some("builtin".to_owned());
        new.picture = Some(picture.clone());
        let recorded = world.store.record_visualization(new.clone()).await.unwrap();
        assert_eq!(recorded.picture, Some(("token".to_owned(), at(1.0))));
        let again = world.store.record_visualization(new.clone()).await.unwrap();
        assert_eq!((again.created, again.picture), (false, recorded.picture));
        let second = new_id();
        world.store.create_widget(world.tenant, new_widget(second)).await.unwrap();
        let mut other = world.shown("other", "v", &["p"], at(-2.0));
        other.visualization.widget = second;
        world.store.record_visualization(other).await.unwrap();
        let query = VisualizationQuery { range: Range::ALL, widget: None, cursor: None, limit: 1 };
        let page = world.store.visualizations(world.tenant, query.clone()).await.unwrap();
        let first = &page.data[0];
        assert_eq!((&first.visualization, &first.renderer), (&new.visualization, &new.renderer));
        let kept = PictureRecord { token: "token".to_owned(), expires_at: at(1.0) };
        assert_eq!(first.picture, Some(kept));
        let rest = VisualizationQuery { cursor: page.next, ..query.clone() };
        let rest = world.store.visualizations(world.tenant, rest).await.unwrap();
        assert_eq!((rest.data[0].visualization.id.as_str(), rest.next), ("other", None));
        let of_widget = VisualizationQuery { widget: Some(second), limit: 9, ..query.clone() };
        assert_eq!(world.store.visualizations(world.tenant, of_widget).await.unwrap().data, rest.data);

        assert_eq!(world.store.picture("token", at(0.9)).await.unwrap(), Some(picture));
        assert_eq!(world.store.picture("token", at(1.0)).await.unwrap(), None);
        assert_eq!(world.store.picture("other", at(0.0)).await.unwrap(), None);
        assert_eq!(world.store.delete_expired_pictures(at(0.9)).await.unwrap(), 0);
        assert_eq!(world.store.delete_expired_pictures(at(1.0)).await.unwrap(), 1);
        let page = world.store.visualizations(world.tenant, query).await.unwrap();
        assert_eq!(page.data[0].picture, None);
    }
}
