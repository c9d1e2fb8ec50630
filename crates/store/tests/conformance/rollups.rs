//! Whatever happens, and however far sums of figures are folded at that moment, reports tell what a recount tells. The
//! recount is the report as known long after everything: that one reads the ledger and the rows, and never sums.

use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use selektable_domain::id::WidgetId;
use selektable_domain::money::Currency;
use selektable_domain::order::{Order, OrderStatus};
use selektable_domain::report::{Lens, SeriesBucket, Summary};
use selektable_domain::rules::{Model, RevenueBasis, Ruleset};
use selektable_domain::schedule::Effective;
use selektable_domain::time::{DAY_MS, HOUR_MS, Interval, Range, Timestamp, Zone, buckets};
use selektable_store::rules::Erasing;
use selektable_store::settings::StoreSettings;

use crate::world::{World, an_order, at, item, new_id, new_widget, store_settings, visitor, worlds};

/// Days of 23, 24, 24.5 and 25 hours, and midnights at 0:00, 18:15 and 13:30 of UTC; one whose clocks go back over
/// midnight. Histories lie around the clock changes of autumn 2026.
const ZONES: [&str; 5] =
    ["Europe/Amsterdam", "Asia/Kathmandu", "Australia/Lord_Howe", "America/St_Johns", "UTC"];
const VISITORS: [&str; 5] = ["u", "v", "w", "x", "y"];
/// Length of the histories.
const DAYS: i64 = 40;

#[derive(Clone, Debug)]
enum Step {
    Show {
        who: Option<usize>,
        widget: usize,
        minute: i64,
    },
    Order {
        order: usize,
        who: usize,
        status: usize,
        yen: bool,
        minute: i64,
        refunded: i64,
    },
    /// The days are other ones from now on.
    Move {
        zone: usize,
    },
    Erase {
        who: usize,
    },
    Publish {
        model: usize,
    },
    Delete,
}

fn minute() -> impl Strategy<Value = i64> {
    let any = 0..DAYS * 24 * 60;
    // Often where spans begin and end.
    prop_oneof![
        any.clone(),
        any.clone().prop_map(|minute| minute / 15 * 15),
        any.prop_map(|m| m / 1440 * 1440)
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let who = || 0..VISITORS.len();
    prop_oneof![
        24 => (prop::option::weighted(0.9, who()), 0..2_usize, minute())
            .prop_map(|(who, widget, minute)| Step::Show { who, widget, minute }),
        24 => (0..6_usize, who(), 0..6_usize, any::<bool>(), minute(), 0_i64..1_500).prop_map(
            |(order, who, status, yen, minute, refunded)| Step::Order { order, who, status, yen, minute, refunded }
        ),
        4 => (0..ZONES.len()).prop_map(|zone| Step::Move { zone }),
        3 => who().prop_map(|who| Step::Erase { who }),
        2 => (0..Model::ALL.len()).prop_map(|model| Step::Publish { model }),
        1 => Just(Step::Delete),
    ]
}

struct Told {
    world: World,
    widgets: [WidgetId; 2],
    zone: Zone,
}

/// The minute of a history, some days before noon.
fn time(minute: i64) -> Timestamp {
    at(0.0).plus_millis(-DAYS * DAY_MS + minute * 60_000)
}

impl Told {
    async fn begin(world: World) -> Self {
        let second = new_id();
        world.store.create_widget(world.tenant, new_widget(second)).await.unwrap();
        let widgets = [world.widget, second];
        Self { world, widgets, zone: Zone::parse(ZONES[0]).unwrap() }
    }

    async fn take(&mut self, nth: usize, step: &Step) {
        let store = &self.world.store;
        match step {
            Step::Show { who, widget, minute } => {
                let mut shown = self.world.shown(&format!("viz-{nth}"), "v", &["p"], time(*minute));
                shown.visualization.visitor = who.map(|who| visitor(VISITORS[who]));
                shown.visualization.widget = self.widgets[*widget];
                store.record_visualization(shown).await.unwrap();
            }
            Step::Order { order, who, status, yen, minute, refunded } => {
                let number = i64::try_from(*order).unwrap();
                let total_minor = 700 * (1 + number % 3);
                // An order keeps its currency.
                let currency = if *yen && number % 2 == 1 { "JPY" } else { ["EUR", "KWD"][*order % 2] };
                let order = Order {
                    currency: Currency::parse(currency).unwrap(),
                    visitor: Some(visitor(VISITORS[*who])),
                    session: None,
                    total_minor,
                    refunded_minor: *refunded,
                    status: OrderStatus::BY_RANK[*status],
                    created_at: time(*minute),
                    updated_at: Some(at(0.0).plus_millis(i64::try_from(nth).unwrap())),
                    items: vec![item("p", total_minor - 100)],
                    test: nth % 9 == 8,
                    ..an_order(&format!("order-{order}"))
                };
                self.world.send_at(order, at(1.0)).await;
            }
            Step::Move { zone } => {
                self.zone = Zone::parse(ZONES[*zone]).unwrap();
                let settings = StoreSettings { zone: self.zone.clone(), ..store_settings("Shop") };
                store.update_store(self.world.tenant, settings).await.unwrap();
            }
            Step::Erase { who } => {
                self.world.erase(Erasing::Visitor(visitor(VISITORS[*who]))).await;
            }
            Step::Publish { model } => {
                let (model, basis) = (Model::ALL[*model], RevenueBasis::MatchedLines);
                let rules = Ruleset { model, basis, ..Ruleset::FIRST };
                self.world.publish(rules, Effective::Everything, at(1.5)).await;
            }
            Step::Delete => store.delete_store_data(self.world.tenant).await.unwrap(),
        }
    }

    async fn summary(&self, range: Range, lens: Lens) -> Summary {
        self.world.store.summary(self.world.tenant, range, lens).await.unwrap()
    }

    async fn series(&self, range: Range, interval: Interval, lens: Lens) -> Vec<SeriesBucket> {
        let buckets = buckets(range, interval, &self.zone).unwrap();
        self.world.store.series(self.world.tenant, buckets, lens).await.unwrap()
    }

    async fn reports_are_recounts(&self, nth: usize, odd: Range) -> Result<(), TestCaseError> {
        let first_days = |days: i64| Range { from: time(0), to: time(days * 24 * 60) };
        let month = buckets(first_days(30), Interval::Day, &self.zone).unwrap();
        let whole = Range { from: month[0].from, to: month[month.len() - 1].to };
        for widget in [None, Some(self.widgets[0]), Some(self.widgets[1])] {
            let now = Lens { widget, ..Lens::default() };
            let recounted = Lens { as_of: Some(at(10_000.0)), ..now };
            for range in
                [Range::ALL, whole, odd, Range { to: odd.to, ..whole }, Range { from: odd.from, ..whole }]
            {
                let told = self.summary(range, now).await;
                prop_assert_eq!(told, self.summary(range, recounted).await, "step {}, {:?}", nth, range);
            }
            let series = [(Interval::Hour, 4), (Interval::Day, DAYS), (Interval::Week, DAYS)];
            for (interval, days) in series {
                let told = self.series(first_days(days), interval, now).await;
                let recount = self.series(first_days(days), interval, recounted).await;
                prop_assert_eq!(told, recount, "step {}, {:?}", nth, interval);
            }
        }
        Ok(())
    }
}

async fn live(steps: Vec<Step>, odd: Range) -> Result<(), TestCaseError> {
    for world in worlds().await {
        let mut told = Told::begin(world).await;
        for (nth, step) in steps.iter().enumerate() {
            told.take(nth, step).await;
            told.reports_are_recounts(nth, odd).await?;
        }
        told.world.check().await;
        let verified = told.world.store.verify(Box::new(|_, _| {})).await.unwrap();
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
    #![proptest_config(few(16))]

    #[test]
    fn at_every_step_every_report_is_a_recount(
        steps in prop::collection::vec(step(), 1..40),
        (from, length) in (0..DAYS * 24 * HOUR_MS, 1..DAYS * 24 * HOUR_MS),
    ) {
        let from = time(0).plus_millis(from);
        let odd = Range { from, to: from.plus_millis(length) };
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(live(steps, odd))?;
    }
}
