//! What came in between the look and the erasure is erased, too.

use std::io::Write;
use std::sync::{Arc, Mutex};

use rstest::rstest;
use selektable_domain::identity::Person;
use selektable_domain::opaque::{SessionId, UserId};
use selektable_domain::order::Order;
use selektable_domain::pseudonym::{PseudonymSeed, Pseudonyms};

use super::super::interface::Engine;
use super::super::open;
use super::super::world::{self, World, an_order, at, identify_event, visitor};
use super::{Request, Survey, erase};
use crate::postgres::locks::Scope;
use crate::rules::{Erased, Erasing};
use crate::{Access, SharedStore};

fn ann() -> Erasing {
    Person::User(UserId::parse("cust-ann").unwrap())
}

/// Ann, on a phone of hers.
async fn a_start() -> (Arc<Engine>, World) {
    let folder = tempfile::tempdir().unwrap();
    let engine = Arc::new(
        open::engine(&format!("sqlite:{}", folder.path().join("s.db").display()), Access::Serve).unwrap(),
    );
    let world =
        World::found(world::Engine { store: Arc::clone(&engine) as SharedStore, folder, database: None })
            .await;
    identify(&world, "e-1", "br-phone", "tab-1").await;
    world.show("viz", "br-other", &["p"], at(-5.0)).await;
    (engine, world)
}

async fn identify(world: &World, id: &str, browser: &str, tab: &str) {
    let mut batch = world.events(browser, vec![identify_event(id, "cust-ann", at(-4.0))]);
    batch.session = SessionId::parse(tab).unwrap();
    world.store.record_events(batch).await.unwrap();
}

async fn buy(world: &World, id: &str, browser: &str, tab: &str) {
    let session = Some(SessionId::parse(tab).unwrap());
    world.send(Order { visitor: Some(visitor(browser)), session, ..an_order(id) }).await;
}

#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

async fn dump(world: &World) -> String {
    let kept = Kept::default();
    world.store.dump_canonical(Box::new(kept.clone())).await.unwrap();
    let bytes = kept.0.lock().unwrap().clone();
    String::from_utf8(bytes).unwrap()
}

async fn erase_after(engine: &Engine, world: &World, survey: Survey) -> Erased {
    let (tenant, mut survey) = (world.tenant, Some(survey));
    let run = move |work: &super::Work<'_>| {
        let pseudonyms = Pseudonyms::of(PseudonymSeed([5; 32]));
        let request = Request { tenant, who: &ann(), pseudonyms: &pseudonyms, at: at(1.0) };
        erase(work, &request, survey.take().unwrap())
    };
    engine.writer.as_ref().unwrap().write(Scope::Everything, usize::MAX, run).await.unwrap()
}

#[rstest]
#[case::on_a_known_browser_in_a_known_tab("br-phone", "tab-1")]
#[case::in_another_tab("br-phone", "tab-2")]
#[case::on_another_browser("br-laptop", "tab-3")]
#[tokio::test(flavor = "multi_thread")]
async fn what_came_in_after_the_look_is_erased_too(#[case] browser: &str, #[case] tab: &str) {
    let (engine, world) = a_start().await;
    let store = world.tenant.store_number;
    let survey = engine.readers.read(move |work| Survey::of(work, store, &ann())).await.unwrap();
    identify(&world, "e-2", browser, tab).await;
    buy(&world, "1", browser, tab).await;
    // Somebody else's order in Ann's tab keeps its browser.
    buy(&world, "2", "br-other", tab).await;
    let erased = erase_after(&engine, &world, survey).await;
    assert_eq!(erased, Erased { facts: 4, conversions: 2, visualizations: 0, pictures: 0 });
    let text = dump(&world).await;
    for gone in ["cust-ann", "br-phone", browser, "tab-1", tab] {
        assert!(!text.contains(gone), "{gone} is still there: {text}");
    }
    assert!(text.contains("br-other"));
    world.check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_erasure_took_meanwhile_is_left_alone() {
    let (engine, world) = a_start().await;
    let store = world.tenant.store_number;
    let survey = engine.readers.read(move |work| Survey::of(work, store, &ann())).await.unwrap();
    world.erase(ann()).await;
    let before = dump(&world).await;
    assert_eq!(erase_after(&engine, &world, survey).await, Erased::default());
    assert_eq!(dump(&world).await, before);
}
