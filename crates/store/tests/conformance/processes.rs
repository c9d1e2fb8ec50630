//! What processes agree on: leases, tries, and dry runs that any of them can tell of.

use std::time::{Duration, Instant};

use selektable_domain::rules::Ruleset;
use selektable_domain::time::{Range, Window};
use selektable_store::processes::{DryRunNote, DryRunQuestion, DryRunStands, Holder, LeaseName, Tried, Try};

use crate::world::{World, an_order, at, worlds};

const LONG: Duration = Duration::from_secs(600);
const ONE: Holder = Holder([1; 16]);
const OTHER: Holder = Holder([2; 16]);

fn name(text: &str) -> LeaseName {
    LeaseName(text.to_owned())
}

#[tokio::test]
async fn a_lease_has_one_holder_until_it_is_given_back_or_over() {
    for world in worlds().await {
        let store = &world.store;
        let hold = async |holder, length| store.hold_lease(name("work"), holder, length).await.unwrap();
        assert!(!store.lease_is_held(name("work")).await.unwrap());
        assert!(hold(ONE, LONG).await && hold(ONE, LONG).await, "it is held on to");
        assert!(!hold(OTHER, LONG).await);
        assert!(store.hold_lease(name("other work"), OTHER, LONG).await.unwrap());
        store.release_lease(name("work"), OTHER).await.unwrap();
        assert!(store.lease_is_held(name("work")).await.unwrap(), "only its holder gives it back");
        store.release_lease(name("work"), ONE).await.unwrap();
        let taken_at = Instant::now();
        assert!(hold(OTHER, Duration::from_millis(500)).await);
        while !hold(ONE, LONG).await {
            assert!(taken_at.elapsed() < Duration::from_secs(20));
        }
        assert!(taken_at.elapsed() >= Duration::from_millis(499), "{:?}", taken_at.elapsed());
        store.forget_expired().await.unwrap();
        assert!(!hold(OTHER, LONG).await, "what is not over stays");
    }
}

#[tokio::test]
async fn of_many_who_want_a_lease_at_once_one_gets_it() {
    for world in worlds().await {
        let tries: Vec<_> = (0..16_u8)
            .map(|number| {
                let store = world.store.clone();
                tokio::spawn(async move { store.hold_lease(name("work"), Holder([number; 16]), LONG).await })
            })
            .collect();
        let mut held = 0;
        for one in tries {
            held += u32::from(one.await.unwrap().unwrap());
        }
        assert_eq!(held, 1);
    }
}

#[tokio::test]
async fn a_burst_of_tries_is_allowed_then_a_wait_is_named_and_others_are_not_touched() {
    for world in worlds().await {
        let slow = |who| Try { name: [who; 32], burst: 3, refill: LONG };
        let count = async |tries| world.store.count_tries(tries).await.unwrap();
        for _ in 0..3 {
            assert_eq!(count(vec![slow(1)]).await, Tried::Allowed);
        }
        let Tried::TooMany(wait) = count(vec![slow(1), slow(2)]).await else { panic!("a fourth one") };
        assert!(wait <= LONG && wait + Duration::from_secs(60) > LONG, "{wait:?}");
        for _ in 0..3 {
            assert_eq!(
                count(vec![slow(2)]).await,
                Tried::Allowed,
                "what came after the refusal was not counted"
            );
        }
        assert!(matches!(count(vec![slow(3), slow(2)]).await, Tried::TooMany(_)));
        world.store.forget_expired().await.unwrap();
        assert!(matches!(count(vec![slow(1)]).await, Tried::TooMany(_)), "what is not over stays");

        let quick = Try { name: [9; 32], burst: 1, refill: Duration::from_millis(200) };
        assert_eq!(count(vec![quick]).await, Tried::Allowed);
        let began = Instant::now();
        while count(vec![quick]).await != Tried::Allowed {
            assert!(began.elapsed() < Duration::from_secs(20));
        }
    }
}

async fn question(world: &World) -> DryRunQuestion {
    let rules = Ruleset { window: Window::from_hours(24).unwrap(), ..Ruleset::FIRST };
    let draft = world.store.draft_ruleset(world.tenant, rules, at(1.0)).await.unwrap().unwrap();
    DryRunQuestion { revision: 1, version: draft.version, range: Range::ALL }
}

async fn begin(world: &World, question: DryRunQuestion, holder: Holder) -> DryRunStands {
    world.store.begin_dry_run(world.tenant, question, holder).await.unwrap()
}

async fn note(world: &World, question: DryRunQuestion, holder: Holder, note: DryRunNote) -> bool {
    world.store.note_dry_run(world.tenant, question, holder, note).await.unwrap()
}

#[tokio::test]
async fn a_dry_run_is_told_by_whoever_is_asked() {
    for world in worlds().await {
        world.show("viz", "v", &["p"], at(-30.0)).await;
        world.send(an_order("1")).await;
        let asked = question(&world).await;
        let look = async || world.store.look_at_dry_run(world.tenant, asked).await.unwrap();
        assert_eq!(look().await, None);
        assert_eq!(begin(&world, asked, ONE).await, DryRunStands::Begun);
        assert_eq!(begin(&world, asked, OTHER).await, DryRunStands::Running { done: 0, about: 0 });
        let elsewhere = DryRunQuestion { revision: 2, ..asked };
        assert_eq!(begin(&world, elsewhere, OTHER).await, DryRunStands::Busy);
        let unknown = DryRunQuestion { version: 9, ..asked };
        assert_eq!(begin(&world, unknown, OTHER).await, DryRunStands::Unknown);
        assert!(note(&world, asked, ONE, DryRunNote::GoesOn { done: 3, about: 10 }).await);
        assert!(!note(&world, asked, OTHER, DryRunNote::GivenUp).await, "it is not the other's");
        assert_eq!(look().await, Some(DryRunStands::Running { done: 3, about: 10 }));

        let run = world.store.dry_run(world.tenant, asked.version, Range::ALL, Box::new(|_, _| {})).await;
        let found = Box::new(run.unwrap().unwrap());
        assert!(found.conversions > 0);
        assert!(note(&world, asked, ONE, DryRunNote::Done(found.clone())).await);
        assert_eq!(look().await, Some(DryRunStands::Done(found.clone())));
        assert_eq!(begin(&world, asked, OTHER).await, DryRunStands::Done(found));
        assert_eq!(begin(&world, elsewhere, OTHER).await, DryRunStands::Begun);

        assert!(note(&world, elsewhere, OTHER, DryRunNote::Failed("why".to_owned())).await);
        assert_eq!(begin(&world, elsewhere, ONE).await, DryRunStands::Failed("why".to_owned()));
        assert_eq!(begin(&world, elsewhere, ONE).await, DryRunStands::Begun, "told once, then tried again");
        assert!(note(&world, elsewhere, ONE, DryRunNote::GivenUp).await);
        assert_eq!(begin(&world, elsewhere, ONE).await, DryRunStands::Begun);
        world.store.delete_store_data(world.tenant).await.unwrap();
        assert_eq!(look().await, None, "what was found of deleted orders goes with them");
    }
}

#[tokio::test]
async fn results_of_dry_runs_are_bounded_and_the_newest_stay() {
    for world in worlds().await {
        world.send(an_order("1")).await;
        let asked = question(&world).await;
        let run = world.store.dry_run(world.tenant, asked.version, Range::ALL, Box::new(|_, _| {})).await;
        let found = Box::new(run.unwrap().unwrap());
        for revision in 1..=40 {
            let asked = DryRunQuestion { revision, ..asked };
            assert_eq!(begin(&world, asked, ONE).await, DryRunStands::Begun);
            assert!(note(&world, asked, ONE, DryRunNote::Done(found.clone())).await);
        }
        let look = async |revision| {
            world.store.look_at_dry_run(world.tenant, DryRunQuestion { revision, ..asked }).await.unwrap()
        };
        assert_eq!(look(1).await, None);
        assert_eq!(look(40).await, Some(DryRunStands::Done(found)));
    }
}
