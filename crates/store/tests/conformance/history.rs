//! Random histories: the live state is at every step what a recomputation gives, and does not depend on the order in
//! which the same facts arrived.

use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use selektable_domain::id::ConversionId;
use selektable_domain::opaque::{ProductId, SessionId, UserId};
use selektable_domain::order::platform::{Carrier, OrderNote, Origin, PlatformPart, TokenKind};
use selektable_domain::order::{Item, Order, OrderStatus, Source};
use selektable_domain::retention::EventDays;
use selektable_store::ingest::{EventBatch, OrderDelivery};
use selektable_store::platforms::NoteDelivery;
use selektable_store::rules::{AliasChange, AliasSays};
use uuid::Uuid;

use crate::platforms::{claim_event, note, refund, refunded, token};
use crate::upkeep::dump;
use crate::world::{World, an_order, at, identify_event, item, page_event, twins, visitor, worlds};

const VISITORS: [&str; 3] = ["u", "v", "w"];
const USERS: [&str; 2] = ["ann", "bob"];
const PRODUCTS: [&str; 3] = ["p", "q", "r"];
/// Around the conversions and both ends of the window of 168 hours.
const HOURS: [f64; 9] = [-400.0, -200.0, -168.0, -100.0, -2.0, -1.0, 0.0, 1.0, 50.0];

/// One thing that happens. Numbers choose from the lists above.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Show {
        who: Option<usize>,
        session: usize,
        product: usize,
        variant: Option<usize>,
        hour: usize,
    },
    Identify {
        who: usize,
        user: usize,
        hour: usize,
    },
    See {
        who: usize,
    },
    Alias {
        variant: usize,
        says: usize,
    },
    Order(Snapshot),
    Sold(Sale),
    Note {
        order: usize,
        says: usize,
    },
    Claim {
        who: usize,
        cart: usize,
        checkout: Option<usize>,
        hour: usize,
    },
    /// Received so many months before.
    SeeEarlier {
        who: usize,
        months: usize,
    },
    /// Events are kept for 30 days, so many months before; some steps of it are made, or all.
    RollOff {
        months: usize,
        steps: usize,
    },
}

/// A snapshot of an order of a platform.
#[derive(Clone, Debug)]
pub(crate) struct Sale {
    order: usize,
    source: Source,
    who: Option<usize>,
    cart: Option<usize>,
    refunds: usize,
    status: usize,
    origin: usize,
    /// Snapshots of one second are as usual as others.
    second: i64,
}

fn sale() -> impl Strategy<Value = Sale> {
    let who = prop::option::weighted(0.3, 0..VISITORS.len());
    let told = (0..2_usize, prop::sample::select(vec![Source::Shopify, Source::WooCommerce]), who);
    let cart = prop::option::weighted(0.8, 0..3_usize);
    (told, (cart, 0..4_usize), (0..6_usize, 0..Origin::ALL.len() * 3, 0..3_i64)).prop_map(
        |((order, source, who), (cart, refunds), (status, origin, second))| {
            // One order is of one platform, or its rules for repayments would not hold.
            let order = if source == Source::Shopify { order } else { order + 2 };
            Sale { order, source, who, cart, refunds, status, origin, second }
        },
    )
}

#[derive(Clone, Debug)]
pub(crate) struct Snapshot {
    order: usize,
    who: Option<usize>,
    session: usize,
    user: Option<usize>,
    product: Option<usize>,
    variant: Option<usize>,
    hour: usize,
    status: usize,
    source: Source,
    timed: bool,
}

fn snapshot(sources: Vec<Source>, untimed: bool) -> impl Strategy<Value = Snapshot> {
    let who = prop::option::weighted(0.9, 0..VISITORS.len());
    let timed = if untimed { any::<bool>().boxed() } else { Just(true).boxed() };
    let told = (0..3_usize, who, 0..4_usize, prop::option::of(0..USERS.len()));
    let product = prop::option::weighted(0.8, 0..PRODUCTS.len());
    let sold = (product, prop::option::weighted(0.3, 0..PRODUCTS.len()), 0..HOURS.len(), 0..6_usize);
    (told, sold, prop::sample::select(sources), timed).prop_map(
        |((order, who, session, user), (product, variant, hour, status), source, timed)| Snapshot {
            order,
            who,
            session,
            user,
            product,
            variant,
            hour,
            status,
            source,
            timed,
        },
    )
}

fn step(sources: Vec<Source>, untimed: bool) -> impl Strategy<Value = Step> {
    let who = || 0..VISITORS.len();
    prop_oneof![
        3 => (prop::option::weighted(0.9, who()), 0..4_usize, 0..PRODUCTS.len(),
              prop::option::weighted(0.2, 0..PRODUCTS.len()), 0..HOURS.len())
            .prop_map(|(who, session, product, variant, hour)| Step::Show { who, session, product, variant, hour }),
        3 => (who(), 0..USERS.len(), 0..HOURS.len())
            .prop_map(|(who, user, hour)| Step::Identify { who, user, hour }),
        1 => who().prop_map(|who| Step::See { who }),
        4 => snapshot(sources, untimed).prop_map(Step::Order),
        4 => sale().prop_map(Step::Sold),
        2 => (0..4_usize, 0..4_usize).prop_map(|(order, says)| Step::Note { order, says }),
        2 => (who(), 0..3_usize, prop::option::of(0..3_usize), 0..HOURS.len())
            .prop_map(|(who, cart, checkout, hour)| Step::Claim { who, cart, checkout, hour }),
    ]
}

/// What the merchant does: not a fact that could arrive in another order.
pub(crate) fn any_step(sources: Vec<Source>) -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => step(sources, true),
        1 => (0..PRODUCTS.len(), 0..PRODUCTS.len() + 2).prop_map(|(variant, says)| Step::Alias { variant, says }),
        2 => (0..VISITORS.len(), 0..4_usize).prop_map(|(who, months)| Step::SeeEarlier { who, months }),
        1 => (0..4_usize, prop_oneof![0..6_usize, Just(100)])
            .prop_map(|(months, steps)| Step::RollOff { months, steps }),
    ]
}

/// Takes the `nth` step of a history; what it tells depends on its number and not on when it is told.
pub(crate) async fn take(world: &World, nth: usize, step: &Step) {
    let session = |session: usize| SessionId::parse(&format!("s{session}")).ok();
    match step {
        Step::Alias { variant, says } => {
            let id = |place: usize| ProductId::parse(PRODUCTS[place]).unwrap();
            let says = match says.checked_sub(PRODUCTS.len()) {
                Some(0) => AliasSays::OwnProduct,
                Some(_) => AliasSays::Nothing,
                None => AliasSays::VariantOf(id(*says)),
            };
            let change = AliasChange { variant: id(*variant), says };
            world.store.set_aliases(world.tenant, vec![change], at(2.0)).await.unwrap();
        }
        Step::Show { who, session: place, product, variant, hour } => {
            let mut shown = world.shown(&format!("viz-{nth}"), "v", &[PRODUCTS[*product]], at(HOURS[*hour]));
            shown.visualization.visitor = who.map(|who| visitor(VISITORS[who]));
            shown.visualization.session = session(*place);
            let variants = variant.map(|variant| ProductId::parse(PRODUCTS[variant]).unwrap());
            shown.visualization.products[0].variants = variants.into_iter().collect();
            world.store.record_visualization(shown).await.unwrap();
        }
        Step::Identify { who, user, hour } => {
            let event = identify_event(&format!("event-{nth}"), USERS[*user], at(HOURS[*hour]));
            world.store.record_events(world.events(VISITORS[*who], vec![event])).await.unwrap();
        }
        Step::SeeEarlier { who, months } => {
            let received_at = at(-720.0 * f64::from(u32::try_from(*months).unwrap()));
            let event = page_event(&format!("event-{nth}"), received_at);
            let batch = EventBatch { received_at, ..world.events(VISITORS[*who], vec![event]) };
            world.store.record_events(batch).await.unwrap();
        }
        Step::RollOff { months, steps } => {
            let mut settings = crate::world::store_settings("Shop");
            settings.keep_events = EventDays::new(30).ok();
            world.store.update_store(world.tenant, settings).await.unwrap();
            let now = at(720.0 - 720.0 * f64::from(u32::try_from(*months).unwrap()));
            for _ in 0..*steps {
                if !world.store.roll_off(now).await.unwrap().more {
                    break;
                }
            }
        }
        Step::See { who } => {
            let event = page_event(&format!("event-{nth}"), at(-1.0));
            world.store.record_events(world.events(VISITORS[*who], vec![event])).await.unwrap();
        }
        Step::Order(_) | Step::Sold(_) => {
            world.store.ingest_orders(delivery_of(world, nth, step).into_iter().collect()).await.unwrap();
        }
        Step::Note { order, says } => {
            let what = match says {
                0 => OrderNote::Deleted,
                1 => OrderNote::Restored,
                other => refunded("r-0", 100 * i64::try_from(*other).unwrap()),
            };
            // What was deleted is restored an hour later.
            let received_at = at(if *says == 1 { 1.6 } else { 0.6 });
            let delivery = NoteDelivery {
                conversion: of_sale(*order),
                source: if *order < 2 { Source::Shopify } else { Source::WooCommerce },
                ..note(world, &format!("sale-{order}"), what, received_at)
            };
            world.store.take_note(delivery).await.unwrap();
        }
        Step::Claim { who, cart, checkout, hour } => {
            let cart = [token(TokenKind::Cart, &format!("cart-{cart}"))];
            let checkout = checkout.map(|place| token(TokenKind::Checkout, &format!("checkout-{place}")));
            let tokens = cart.into_iter().chain(checkout).collect();
            let event = claim_event(&format!("event-{nth}"), tokens, at(HOURS[*hour]));
            world.store.record_events(world.events(VISITORS[*who], vec![event])).await.unwrap();
        }
    }
}

/// The order of a step, if it is one.
fn delivery_of(world: &World, nth: usize, step: &Step) -> Option<OrderDelivery> {
    let (mut delivery, conversion) = match step {
        Step::Order(snapshot) => {
            let place = i64::try_from(nth).unwrap();
            let order = Order {
                source: snapshot.source,
                visitor: snapshot.who.map(|who| visitor(VISITORS[who])),
                session: SessionId::parse(&format!("s{}", snapshot.session)).ok(),
                user: snapshot.user.map(|user| UserId::parse(USERS[user]).unwrap()),
                items: snapshot.product.map(|product| sold(product, snapshot.variant)).into_iter().collect(),
                status: OrderStatus::BY_RANK[snapshot.status],
                created_at: at(HOURS[snapshot.hour].min(1.0)),
                updated_at: snapshot.timed.then(|| at(0.0).plus_millis(place)),
                ..an_order(&format!("order-{}", snapshot.order))
            };
            (world.delivery(order), ConversionId::from_uuid(Uuid::from_u128(snapshot.order as u128)))
        }
        Step::Sold(sale) => (world.delivery(sold_on_a_platform(sale)), of_sale(sale.order)),
        _ => return None,
    };
    delivery.conversion = conversion;
    delivery.received_at = at(0.5);
    Some(delivery)
}

fn of_sale(order: usize) -> ConversionId {
    ConversionId::from_uuid(Uuid::from_u128(100 + order as u128))
}

fn sold_on_a_platform(sale: &Sale) -> Order {
    let tokens = sale.cart.iter().flat_map(|place| {
        [
            token(TokenKind::Cart, &format!("cart-{place}")),
            token(TokenKind::Checkout, &format!("checkout-{place}")),
        ]
    });
    let refunds: Vec<_> = (0..sale.refunds).map(|nth| refund(&format!("r-{nth}"), 50)).collect();
    let part = PlatformPart {
        origin: Origin::ALL.get(sale.origin).copied().unwrap_or_default(),
        carrier: sale.who.map(|_| Carrier::CartAttribute),
        tokens: tokens.collect(),
        refunds: refunds.clone(),
        ..PlatformPart::default()
    };
    Order {
        source: sale.source,
        visitor: sale.who.map(|who| visitor(VISITORS[who])),
        session: sale.who.and_then(|who| SessionId::parse(&format!("s{who}")).ok()),
        refunded_minor: refunds.iter().map(|refund| refund.minor).sum(),
        status: OrderStatus::BY_RANK[sale.status],
        created_at: at(0.0),
        updated_at: Some(at(0.0).plus_millis(1_000 * sale.second)),
        platform: Some(Box::new(part)),
        ..an_order(&format!("sale-{}", sale.order))
    }
}

fn sold(product: usize, variant: Option<usize>) -> Item {
    let variant = variant.map(|variant| ProductId::parse(PRODUCTS[variant]).unwrap());
    Item { variant, ..item(PRODUCTS[product], 700) }
}

/// What follows from the facts, as lines.
async fn derived(world: &World) -> Vec<String> {
    let kinds = [
        "visitor",
        "identityLink",
        "alias",
        "carriedAlias",
        "productSeen",
        "visualization",
        "conversion",
        "claim",
        "awaitedOrder",
    ];
    let follows = |line: &&str| line.split('"').nth(1).is_some_and(|kind| kinds.contains(&kind));
    dump(world).await.lines().filter(follows).map(str::to_owned).collect()
}

fn run<T>(story: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(story)
}

async fn live_is_recomputed(steps: Vec<Step>) -> Result<(), TestCaseError> {
    for world in worlds().await {
        for (nth, step) in steps.iter().enumerate() {
            take(&world, nth, step).await;
            let report = world.store.recompute_check(Box::new(|_, _| {})).await.unwrap();
            prop_assert_eq!(report.first_difference, None, "after step {}", nth);
        }
    }
    Ok(())
}

/// Orders that come together are taken in together: what one of them asks must not be answered as it was before another.
async fn together_is_one_by_one(steps: Vec<Step>) -> Result<(), TestCaseError> {
    for (one, other) in twins().await {
        let mut waiting = Vec::new();
        for (nth, step) in steps.iter().enumerate() {
            take(&one, nth, step).await;
            if let Some(delivery) = delivery_of(&other, nth, step) {
                waiting.push(delivery);
            } else {
                other.store.ingest_orders(std::mem::take(&mut waiting)).await.unwrap();
                take(&other, nth, step).await;
            }
        }
        other.store.ingest_orders(waiting).await.unwrap();
        prop_assert_eq!(derived(&one).await, derived(&other).await);
        other.check().await;
    }
    Ok(())
}

async fn arrival_changes_nothing(steps: Told, turned: Told) -> Result<(), TestCaseError> {
    for (one, other) in twins().await {
        for (nth, step) in &steps {
            take(&one, *nth, step).await;
        }
        for (nth, step) in &turned {
            take(&other, *nth, step).await;
        }
        prop_assert_eq!(derived(&one).await, derived(&other).await);
    }
    Ok(())
}

/// Steps with their numbers, in one order of arrival.
type Told = Vec<(usize, Step)>;

fn history() -> impl Strategy<Value = (Told, Told)> {
    let steps = prop::collection::vec(step(vec![Source::Server], false), 2..14);
    let numbered = steps.prop_map(|steps| steps.into_iter().enumerate().collect::<Told>());
    numbered.prop_flat_map(|steps| (Just(steps.clone()), Just(steps).prop_shuffle()))
}

/// Few by default, because every step is a durable transaction; `PROPTEST_CASES` asks for more.
fn few(cases: u32) -> ProptestConfig {
    let usual = ProptestConfig::default();
    let asked = std::env::var_os("PROPTEST_CASES").is_some();
    ProptestConfig { cases: if asked { usual.cases } else { cases }, failure_persistence: None, ..usual }
}

proptest! {
    #![proptest_config(few(16))]

    #[test]
    fn at_every_step_the_live_state_is_what_a_recomputation_gives(
        steps in prop::collection::vec(any_step(vec![Source::Server, Source::Browser, Source::Import]), 1..14)
    ) {
        run(live_is_recomputed(steps))?;
    }

    #[test]
    fn orders_that_come_together_are_taken_in_as_if_one_by_one(
        steps in prop::collection::vec(
            prop_oneof![
                3 => snapshot(vec![Source::Server, Source::Browser], true).prop_map(Step::Order),
                1 => any_step(vec![Source::Server]),
            ],
            2..24,
        )
    ) {
        run(together_is_one_by_one(steps))?;
    }

    #[test]
    fn the_same_facts_in_any_order_of_arrival_give_the_same_state((steps, turned) in history()) {
        run(arrival_changes_nothing(steps, turned))?;
    }
}
