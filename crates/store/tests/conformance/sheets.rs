//! Whatever happens, and whichever sheets are made at that moment, reports tell what a count of every row tells; and no
//! sheet that counts as up to date is any different from its rows.

use std::time::Duration;

use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use selektable_domain::opaque::ProductId;
use selektable_domain::order::{Order, OrderStatus, Source};
use selektable_domain::rules::{Model, ProductMatch, Ruleset};
use selektable_domain::schedule::Effective;
use selektable_domain::time::{DAY_MS, HOUR_MS, Range, Window};
use selektable_store::rules::{AliasChange, AliasSays, Erasing};
use selektable_store::{Access, Recounted, make_sheets, open, recount_reports};

use crate::history::{self, any_step, take};
use crate::world::{World, an_order, at, visitor, worlds};

#[derive(Clone, Debug)]
enum Step {
    Happens(history::Step),
    /// Sheets are made of everything that wants some.
    Make,
    Erase {
        who: usize,
    },
    Publish {
        model: usize,
        days: i64,
        exact: bool,
    },
    Restart,
    Recompute,
    Delete,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        16 => any_step(vec![Source::Server, Source::Browser]).prop_map(Step::Happens),
        8 => Just(Step::Make),
        1 => (0..3_usize).prop_map(|who| Step::Erase { who }),
        1 => (0..Model::ALL.len(), 1..9_i64, any::<bool>())
            .prop_map(|(model, days, exact)| Step::Publish { model, days, exact }),
        1 => Just(Step::Restart),
        1 => Just(Step::Recompute),
        1 => Just(Step::Delete),
    ]
}

fn address(world: &World) -> String {
    world.database.as_ref().map_or_else(
        || format!("sqlite:{}", world.folder.path().join("selektable.db").display()),
        |database| database.address(),
    )
}

/// The store's functions that open databases of their own are made for threads without a runtime.
async fn aside<T: Send + 'static>(run: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(run).await.unwrap()
}

async fn made(world: &World) {
    let address = address(world);
    aside(move || make_sheets(&address, Some(at(10_000.0)))).await.unwrap();
}

async fn recounted(world: &World, range: Range) -> Recounted {
    let (address, tenant) = (address(world), world.tenant);
    aside(move || recount_reports(&address, tenant, range)).await.unwrap()
}

async fn told(world: &World, range: Range) -> Recounted {
    let (store, tenant) = (&world.store, world.tenant);
    let health = store.platform_health(tenant, range).await.unwrap();
    Recounted {
        models: store.models(tenant, range).await.unwrap(),
        products: store.products(tenant, range).await.unwrap(),
        near_misses: store.near_misses(tenant, range).await.unwrap(),
        lag: store.lag(tenant, range).await.unwrap(),
        platform_orders: selektable_domain::report::platform_orders::PlatformOrders {
            carriers: health.carriers,
            left_out: health.left_out,
        },
    }
}

async fn go(world: &mut World, nth: usize, step: &Step) {
    match step {
        Step::Happens(step) => take(world, nth, step).await,
        Step::Make => made(world).await,
        Step::Erase { who } => {
            world.erase(Erasing::Visitor(visitor(["u", "v", "w"][*who]))).await;
        }
        Step::Publish { model, days, exact } => {
            let rules = Ruleset {
                model: Model::ALL[*model],
                window: Window::from_millis(days * DAY_MS).unwrap(),
                products: if *exact { ProductMatch::Exact } else { ProductMatch::Group },
                ..Ruleset::FIRST
            };
            world.publish(rules, Effective::Everything, at(1.5)).await;
        }
        Step::Restart => {
            world.store.close().await.unwrap();
            world.store = open(&address(world), Access::Serve).unwrap();
        }
        Step::Recompute => {
            let report = world.store.recompute(Box::new(|_, _| {})).await.unwrap();
            assert_eq!(report.differences, 0, "{:?}", report.first_difference);
        }
        Step::Delete => world.store.delete_store_data(world.tenant).await.unwrap(),
    }
}

async fn live(steps: Vec<Step>, odd: Range) -> Result<(), TestCaseError> {
    for mut world in worlds().await {
        for (nth, step) in steps.iter().enumerate() {
            go(&mut world, nth, step).await;
            for range in [Range::ALL, odd] {
                let (told, recounted) = (told(&world, range).await, recounted(&world, range).await);
                prop_assert_eq!(told, recounted, "after step {}, {:?}", nth, range);
            }
            let report = world.store.recompute_check(Box::new(|_, _| {})).await.unwrap();
            prop_assert_eq!(report.first_difference, None, "after step {}", nth);
        }
        let verified = world.store.verify(Box::new(|_, _| {})).await.unwrap();
        prop_assert_eq!(verified.faults, Vec::<String>::new());
    }
    Ok(())
}

fn few(cases: u32) -> ProptestConfig {
    let usual = ProptestConfig::default();
    let asked = std::env::var_os("PROPTEST_CASES").is_some();
    ProptestConfig { cases: if asked { usual.cases } else { cases }, failure_persistence: None, ..usual }
}

proptest! {
    #![proptest_config(few(6))]

    #[test]
    fn at_every_step_every_report_is_a_count_of_every_row(
        steps in prop::collection::vec(step(), 1..24),
        (from, length) in (-20 * DAY_MS..HOUR_MS, 1..30 * DAY_MS),
    ) {
        let from = at(0.0).plus_millis(from);
        let odd = Range { from, to: from.plus_millis(length) };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(live(steps, odd))?;
    }
}

#[tokio::test]
async fn an_alias_renames_what_was_counted_before() {
    for world in worlds().await {
        world.show("viz", "v", &["456"], at(-40.0)).await;
        world.send(an_order("order")).await;
        made(&world).await;
        let product = |id: &str| ProductId::parse(id).unwrap();
        let change = AliasChange { variant: product("456"), says: AliasSays::VariantOf(product("p")) };
        world.store.set_aliases(world.tenant, vec![change], at(1.0)).await.unwrap();
        for _ in 0..2 {
            let told = told(&world, Range::ALL).await;
            assert_eq!(told.products.len(), 1);
            assert_eq!(
                (told.products[0].visualizations, told.products[0].ordered_after_visualization),
                (1, 1)
            );
            assert_eq!(told, recounted(&world, Range::ALL).await);
            made(&world).await;
        }
        world.check().await;
    }
}

/// Of what is over, and was so long before these tests were written, the server itself makes sheets.
#[tokio::test]
async fn a_server_makes_sheets_of_what_is_over_and_of_what_changes_later() {
    for world in worlds().await {
        let long_ago = at(-30_000.0);
        world.show("viz", "v", &["p"], long_ago.plus_millis(-HOUR_MS)).await;
        world.send(Order { created_at: long_ago, ..an_order("order") }).await;
        wait_for(&world, "SELECT count(*) FROM sheets_wanted", 0).await;
        assert_eq!(told(&world, Range::ALL).await, recounted(&world, Range::ALL).await);
        let refunded = Order {
            created_at: long_ago,
            status: OrderStatus::Refunded,
            updated_at: Some(at(1.0)),
            ..an_order("order")
        };
        world.send_at(refunded, at(2.0)).await;
        assert_eq!(told(&world, Range::ALL).await, recounted(&world, Range::ALL).await);
        let short = "SELECT count(*) FROM sheets_wanted WHERE span_ms <= 86400000";
        wait_for(&world, "SELECT count(*) FROM rollup_changes", 0).await;
        wait_for(&world, short, 0).await;
        assert_eq!(told(&world, Range::ALL).await, recounted(&world, Range::ALL).await);
        world.check().await;
    }
}

async fn wait_for(world: &World, sql: &'static str, wanted: i64) {
    loop {
        let (address, database) = (address(world), world.database.clone());
        let found = aside(move || {
            if let Some(database) = database {
                return database.session().value(sql).unwrap().parse::<i64>().unwrap();
            }
            let file = rusqlite::Connection::open(address.trim_start_matches("sqlite:")).unwrap();
            file.query_row(sql, [], |row| row.get(0)).unwrap()
        });
        if found.await == wanted {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
