//! The same conversions under every model.

use selektable_domain::attribution::Reason;
use selektable_domain::order::{Order, OrderStatus};
use selektable_domain::report::TypeCounts;
use selektable_domain::report::models::{
    Credited, CreditedMoney, ModelColumn, ModelsReport, UnattributedMoney,
};
use selektable_domain::rules::Model;
use selektable_domain::time::Range;
use selektable_store::ingest::NewVisualization;

use crate::world::{World, an_order, at, euro, item, new_id, new_widget, product, visitor, worlds};

/// Widget one showed `p` six hours before, widget two `p` four and two hours before. Direct 100.01; assisted 50.00 for
/// another product; 40.00 not paid yet; a stranger's 20.00; a cancelled one.
async fn a_day(world: &World) -> ModelsReport {
    let second = new_id();
    world.store.create_widget(world.tenant, new_widget(second)).await.unwrap();
    world.show("viz-1", "v", &["p"], at(-6.0)).await;
    for (id, hours) in [("viz-2", -4.0), ("viz-3", -2.0)] {
        let mut new: NewVisualization = world.shown(id, "v", &["p"], at(hours));
        new.visualization.widget = second;
        world.store.record_visualization(new).await.unwrap();
    }
    for order in [
        Order { total_minor: 10_001, ..an_order("direct") },
        Order { total_minor: 5_000, items: vec![item("q", 5_000)], ..an_order("assisted") },
        Order { total_minor: 4_000, status: OrderStatus::Pending, ..an_order("pending") },
        Order { total_minor: 2_000, visitor: Some(visitor("w")), session: None, ..an_order("stranger") },
        Order { total_minor: 7_000, status: OrderStatus::Cancelled, ..an_order("cancelled") },
        Order { total_minor: 9_000, test: true, ..an_order("test") },
    ] {
        world.send(order).await;
    }
    world.store.models(world.tenant, Range::ALL).await.unwrap()
}

/// Direct, assisted and billionths of a row, where the first widget is the one of [`World`].
fn row(column: &ModelColumn, credited: &Credited) -> (i128, i128, u128) {
    let share = column.shares.iter().find(|share| share.credited == *credited).unwrap();
    let money = share.money.first();
    let (direct, assisted) = money.map_or((0, 0), |line| (line.direct_minor, line.assisted_minor));
    (direct, assisted, share.weight)
}

#[tokio::test]
async fn models_share_the_same_money_their_own_way() {
    for world in worlds().await {
        let told = a_day(&world).await;
        let one = Credited::Widget(world.widget);
        let of = |model| {
            let column = told.models.iter().find(|column| column.model == model).unwrap();
            row(column, &one)
        };
        // Three conversions with a weight each: direct, assisted, pending.
        assert_eq!(of(Model::LastTouch), (0, 0, 0));
        assert_eq!(of(Model::FirstTouch), (10_001, 5_000, 3_000_000_000));
        assert_eq!(of(Model::Linear), (3_334, 1_667, 3 * 333_333_334));
        // 4,000.4 : 2,000.2 : 4,000.4: the cent left over goes to the earlier of the two largest remainders.
        assert_eq!(of(Model::PositionBased), (4_001, 2_000, 3 * 400_000_000));
        // Ages 6, 4 and 2 h at a half-life of 42 h: 2^(-6/42) : 2^(-4/42) : 2^(-2/42) is 0.905724 : 0.936122 : 0.967541.
        let (direct, assisted, _) = of(Model::TimeDecay);
        assert_eq!((direct, assisted), (3_224, 1_612));
    }
}

#[tokio::test]
async fn totals_are_equal_under_all_models_and_the_unattributed_stand_beside() {
    for world in worlds().await {
        let told = a_day(&world).await;
        let total = CreditedMoney { currency: euro(), direct_minor: 10_001, assisted_minor: 5_000 };
        assert_eq!(told.models.iter().map(|column| column.model).collect::<Vec<_>>(), Model::ALL);
        for column in &told.models {
            assert_eq!(column.total, [total]);
            assert_eq!(column.in_force, column.model == Model::LastTouch);
            assert_eq!(row(column, &Credited::Product(product("p"))), (10_001, 5_000, 3_000_000_000));
        }
        assert_eq!(told.by_type, TypeCounts { direct: 2, assisted: 1, none: 1 });
        assert_eq!(told.unattributed, [(Reason::VisitorNeverSeen, 1)]);
        assert_eq!(told.unattributed_money, [UnattributedMoney { currency: euro(), net_minor: 2_000 }]);
    }
}

#[tokio::test]
async fn reports_asked_for_all_at_once_are_all_answered() {
    for world in worlds().await {
        let told = a_day(&world).await;
        let asked = (0..20).map(|_| {
            let (store, tenant) = (world.store.clone(), world.tenant);
            tokio::spawn(async move { store.models(tenant, Range::ALL).await })
        });
        let asked: Vec<_> = asked.collect();
        for answer in asked {
            assert_eq!(answer.await.unwrap().unwrap(), told);
        }
    }
}
