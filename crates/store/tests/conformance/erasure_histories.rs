//! Erasing somebody from any history of a few people on a few browsers.

use proptest::prelude::*;
use proptest::sample::select;
use selektable_domain::identity::Person;
use selektable_domain::order::platform::{PlatformPart, Token, TokenKind};
use selektable_domain::order::{Order, OrderStatus, Source};
use selektable_domain::time::Timestamp;
use selektable_store::ingest::EventBatch;
use selektable_store::rules::Erasing;

use crate::erasure::outline;
use crate::platforms::{claim_event, shopify, token, with_part};
use crate::upkeep::dump;
use crate::world::{World, an_order, at, identify_event, page_event, session, user, visitor, worlds};

const VISITORS: [&str; 3] = ["br-1", "br-2", "br-3"];
const USERS: [&str; 3] = ["cust-a", "cust-b", "zz-cust"];
const SESSIONS: [&str; 3] = ["tab-1", "tab-2", "tab-3"];
const ORDERS: [&str; 3] = ["one", "two", "three"];
const SALES: [&str; 2] = ["sale-a", "sale-b"];

#[derive(Clone, Debug)]
enum Step {
    Page,
    Identify(&'static str),
    Show(&'static str),
    Order {
        id: &'static str,
        user: Option<&'static str>,
        named: bool,
        status: OrderStatus,
        browser: bool,
    },
    /// A sale of a platform that names nobody, from the cart of a number.
    Sold {
        id: &'static str,
        cart: usize,
    },
    /// The browser says that a cart is its own.
    Claim(usize),
    Erase(Erasing),
}

/// What happens, on which browser, in which tab, and how long before noon.
type Happening = (Step, &'static str, &'static str, i64);

fn erasing() -> impl Strategy<Value = Erasing> {
    prop_oneof![
        select(&USERS[..]).prop_map(|id| Person::User(user(id))),
        select(&VISITORS[..]).prop_map(|id| Person::Visitor(visitor(id))),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let status = select(vec![OrderStatus::Pending, OrderStatus::Completed, OrderStatus::Refunded]);
    let order =
        (select(&ORDERS[..]), prop::option::of(select(&USERS[..])), any::<bool>(), status, any::<bool>());
    prop_oneof![
        1 => Just(Step::Page),
        3 => select(&USERS[..]).prop_map(Step::Identify),
        4 => select(vec!["p", "q"]).prop_map(Step::Show),
        4 => order.prop_map(|(id, user, named, status, browser)| Step::Order { id, user, named, status, browser }),
        3 => (select(&SALES[..]), 0..2_usize).prop_map(|(id, cart)| Step::Sold { id, cart }),
        3 => (0..2_usize).prop_map(Step::Claim),
        1 => erasing().prop_map(Step::Erase),
    ]
}

fn happenings() -> impl Strategy<Value = Vec<Happening>> {
    prop::collection::vec((step(), select(&VISITORS[..]), select(&SESSIONS[..]), 0_i64..40), 4..16)
}

/// Whether facts may have one time. Which of two logins of one instant on one browser is the later is told by the
/// names of the users, so there erasing a user may change who was who; all the same everything must agree.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Clock {
    Apart,
    Coarse,
}

impl Clock {
    fn at(self, place: usize, hours: i64) -> Timestamp {
        let place = if self == Self::Apart { i64::try_from(place).unwrap() } else { 0 };
        Timestamp::from_millis(at(0.0).as_millis() - hours * 3_600_000 - place)
    }
}

async fn happen(
    world: &World,
    clock: Clock,
    place: usize,
    (step, visitor_id, session_id, hours): &Happening,
) {
    let (at, id) = (clock.at(place, *hours), format!("fact-{place}"));
    let tell = async |event| {
        let (visitor, session) = (visitor(visitor_id), session(session_id));
        let batch =
            EventBatch { tenant: world.tenant, visitor, session, received_at: at, events: vec![event] };
        world.store.record_events(batch).await.unwrap();
    };
    match step {
        Step::Page => tell(page_event(&id, at)).await,
        Step::Identify(user) => tell(identify_event(&id, user, at)).await,
        Step::Show(product) => {
            let mut new = world.shown(&id, visitor_id, &[product], at);
            new.visualization.session = Some(session(session_id));
            world.store.record_visualization(new).await.unwrap();
        }
        Step::Order { id, user: who, named, status, browser } => {
            // An order's own time does not change with its snapshots.
            let place = ORDERS.iter().position(|order| order == id).unwrap();
            let order = Order {
                visitor: named.then(|| visitor(visitor_id)),
                session: Some(session(session_id)),
                user: who.map(user),
                status: *status,
                source: if *browser { Source::Browser } else { Source::Server },
                created_at: clock.at(100 + place, 5 * i64::try_from(place).unwrap()),
                ..an_order(id)
            };
            world.send(order).await;
        }
        Step::Sold { id, cart } => {
            let made_of = |part: &mut PlatformPart| part.tokens = vec![cart_token(*cart)];
            let created_at = clock.at(200 + cart, 3);
            world.send(with_part(Order { created_at, ..shopify(id) }, made_of)).await;
        }
        Step::Claim(cart) => tell(claim_event(&id, vec![cart_token(*cart)], at)).await,
        Step::Erase(who) => erase(world, clock, who).await,
    }
}

fn cart_token(cart: usize) -> Token {
    token(TokenKind::Cart, &format!("cart-{cart}"))
}

async fn outlines(world: &World) -> Vec<String> {
    let mut found = Vec::new();
    for id in ORDERS.into_iter().chain(SALES) {
        found.push(format!("{:?}", outline(world, id).await));
    }
    found
}

async fn erase(world: &World, clock: Clock, who: &Erasing) {
    let before = outlines(world).await;
    world.erase(who.clone()).await;
    if clock == Clock::Apart {
        assert_eq!(outlines(world).await, before, "{who:?}");
    }
    let text = dump(world).await;
    let gone = match who {
        Person::User(user) => user.as_str(),
        Person::Visitor(visitor) => visitor.as_str(),
    };
    assert!(!text.contains(gone), "{gone} is still there: {text}");
    world.check().await;
}

async fn live(clock: Clock, happenings: &[Happening], who: &Erasing) {
    for world in worlds().await {
        for (place, happening) in happenings.iter().enumerate() {
            happen(&world, clock, place, happening).await;
        }
        world.check().await;
        erase(&world, clock, who).await;
        let verified = world.store.verify(Box::new(|_, _| {})).await.unwrap();
        assert_eq!(verified.faults, Vec::<String>::new());
    }
}

fn run(story: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(story);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_decision_changes_whoever_is_erased_and_whenever(happenings in happenings(), who in erasing()) {
        run(live(Clock::Apart, &happenings, &who));
    }

    #[test]
    fn facts_of_one_instant_are_erased_without_a_difference_from_a_recomputation(happenings in happenings(), who in erasing()) {
        let coarse: Vec<Happening> = happenings.into_iter().map(|(step, visitor, session, hours)| (step, visitor, session, hours / 10 * 5)).collect();
        run(live(Clock::Coarse, &coarse, &who));
    }
}
