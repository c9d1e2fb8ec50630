//! A small world to tell stories in: one organization with a store and a widget, and short ways to say what happens.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use selektable_domain::id::{
    ConversionKind, DeliveryKind, Id, KeyKind, MemberKind, OrganizationId, StoreId, WidgetId,
};
use selektable_domain::money::Currency;
use selektable_domain::opaque::{EventId, OrderId, ProductId, SessionId, UserId, VisitorId, VisualizationId};
use selektable_domain::order::{Item, Order, OrderStatus, Source};
use selektable_domain::pseudonym::PseudonymSeed;
use selektable_domain::report::{ConversionQuery, ConversionRecord, Page};
use selektable_domain::rules::Ruleset;
use selektable_domain::schedule::Effective;
use selektable_domain::time::{HOUR_MS, Timestamp, Zone};
use selektable_domain::visualization::{ShownProduct, Visualization};
use selektable_store::account::{NewKey, NewMember, NewOrganization, Scope, SecretHash};
use selektable_store::ingest::{
    Event, EventBatch, EventKind, NewVisualization, OrderDelivery, OrderIngested, VisualizationRecorded,
};
use selektable_store::rules::{Erased, Erasing, Published};
use selektable_store::settings::{NewStore, NewWidget, Platform, StoreSettings, WidgetSettings, WidgetType};
use selektable_store::{Access, SharedStore, Tenant, open};
use selektable_testbed::Database;
use uuid::Uuid;

/// Noon of the stories: 2026-11-23T12:00:00Z.
pub(crate) const NOON: i64 = 1_795_435_200_000;

/// An engine to test.
pub(crate) struct Engine {
    pub(crate) store: SharedStore,
    /// Kept as long as the engine is used.
    pub(crate) folder: tempfile::TempDir,
    /// Kept as long as the engine is used, where its data do not stand in the folder.
    pub(crate) database: Option<Database>,
}

/// The embedded engine, empty.
pub(crate) fn embedded() -> Engine {
    let folder = tempfile::tempdir().unwrap();
    let address = format!("sqlite:{}", folder.path().join("selektable.db").display());
    Engine { store: open(&address, Access::Serve).unwrap(), folder, database: None }
}

/// PostgreSQL, empty.
pub(crate) fn postgres() -> Engine {
    let (folder, database) = (tempfile::tempdir().unwrap(), selektable_testbed::database());
    Engine { store: open(&database.address(), Access::Serve).unwrap(), folder, database: Some(database) }
}

/// Every engine, each empty.
pub(crate) fn engines() -> Vec<Engine> {
    vec![embedded(), postgres()]
}

/// Every engine with one organization in it.
pub(crate) async fn worlds() -> Vec<World> {
    let mut worlds = Vec::new();
    for engine in engines() {
        worlds.push(World::found(engine).await);
    }
    worlds
}

/// Pairs that hold the same organization under the same ids: two of one engine, and two of different ones.
pub(crate) async fn twins() -> Vec<(World, World)> {
    let mut twins = Vec::new();
    for (one, other) in [(embedded(), embedded()), (embedded(), postgres())] {
        let new = new_organization("Acme", "ann@example.com", 1);
        let mut made = Vec::new();
        for engine in [one, other] {
            engine.store.create_organization(new.clone()).await.unwrap();
            made.push(World::of(engine, &new).await);
        }
        let other = made.remove(1);
        twins.push((made.remove(0), other));
    }
    twins
}

/// One engine with one organization.
pub(crate) struct World {
    pub(crate) store: SharedStore,
    pub(crate) tenant: Tenant,
    pub(crate) widget: WidgetId,
    /// Kept as long as the engine is used.
    pub(crate) folder: Arc<tempfile::TempDir>,
    /// Kept as long as the engine is used, where its data do not stand in the folder.
    pub(crate) database: Option<Arc<Database>>,
}

static NEXT: AtomicU64 = AtomicU64::new(1);

/// An id that was not given before.
pub(crate) fn new_id<K>() -> Id<K> {
    Id::from_uuid(Uuid::from_u128(u128::from(NEXT.fetch_add(1, Ordering::Relaxed))))
}

pub(crate) fn at(hours: f64) -> Timestamp {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "some hours around noon"
    )]
    Timestamp::from_millis(NOON + (hours * HOUR_MS as f64) as i64)
}

pub(crate) fn order_id(text: &str) -> OrderId {
    OrderId::parse(text).unwrap()
}

pub(crate) fn product(text: &str) -> ProductId {
    ProductId::parse(text).unwrap()
}

pub(crate) fn visitor(text: &str) -> VisitorId {
    VisitorId::parse(text).unwrap()
}

pub(crate) fn euro() -> Currency {
    Currency::parse("EUR").unwrap()
}

pub(crate) fn store_settings(name: &str) -> StoreSettings {
    StoreSettings {
        name: name.to_owned(),
        origins: vec!["https://shop.example".to_owned()],
        currency: euro(),
        zone: Zone::parse("Europe/Amsterdam").unwrap(),
        keep_traits: false,
        keep_events: None,
        shop_host: None,
    }
}

pub(crate) fn new_widget(id: WidgetId) -> NewWidget {
    NewWidget {
        id,
        kind: WidgetType::RoomVisualizer,
        settings: WidgetSettings { name: "Room".to_owned(), accent: None, retention_hours: 24 },
        created_at: at(0.0),
    }
}

pub(crate) fn new_store(id: StoreId, organization: OrganizationId, widget: WidgetId) -> NewStore {
    NewStore {
        id,
        organization,
        platform: Platform::Custom,
        settings: store_settings("Shop"),
        webhook_secret: None,
        webhook_secret_made_by_us: false,
        widget: new_widget(widget),
        created_at: at(0.0),
    }
}

pub(crate) fn new_key(organization: OrganizationId, secret: u8) -> NewKey {
    NewKey {
        id: new_id::<KeyKind>(),
        organization,
        name: "Server".to_owned(),
        secret: SecretHash([secret; 32]),
        hint: "abcd".to_owned(),
        scopes: Scope::ALL.to_vec(),
        created_at: at(0.0),
    }
}

pub(crate) fn new_organization(name: &str, email: &str, secret: u8) -> NewOrganization {
    let id = new_id();
    NewOrganization {
        id,
        name: name.to_owned(),
        member: NewMember {
            id: new_id::<MemberKind>(),
            email: email.to_owned(),
            password_hash: "hash".to_owned(),
        },
        store: new_store(new_id(), id, new_id()),
        key: new_key(id, secret),
        created_at: at(0.0),
    }
}

impl World {
    pub(crate) async fn found(engine: Engine) -> Self {
        let new = new_organization("Acme", "ann@example.com", 1);
        engine.store.create_organization(new.clone()).await.unwrap();
        Self::of(engine, &new).await
    }

    async fn of(engine: Engine, new: &NewOrganization) -> Self {
        let tenant = engine.store.tenant(new.id, new.store.id).await.unwrap().unwrap();
        let (folder, database) = (Arc::new(engine.folder), engine.database.map(Arc::new));
        Self { store: engine.store, tenant, widget: new.store.widget.id, folder, database }
    }

    /// Another organization on the same engine.
    pub(crate) async fn neighbour(&self, name: &str, secret: u8) -> Self {
        let new = new_organization(name, &format!("{name}@example.com"), secret);
        self.store.create_organization(new.clone()).await.unwrap();
        let tenant = self.store.tenant(new.id, new.store.id).await.unwrap().unwrap();
        let (store, folder) = (self.store.clone(), Arc::clone(&self.folder));
        Self { store, tenant, widget: new.store.widget.id, folder, database: self.database.clone() }
    }

    pub(crate) fn delivery(&self, order: Order) -> OrderDelivery {
        OrderDelivery {
            topic: None,
            tenant: self.tenant,
            id: new_id::<DeliveryKind>(),
            conversion: new_id::<ConversionKind>(),
            request_id: "request".to_owned(),
            received_at: at(0.5),
            order,
            warnings: Vec::new(),
            sample: false,
        }
    }

    pub(crate) async fn send(&self, order: Order) -> OrderIngested {
        self.store.ingest_orders(vec![self.delivery(order)]).await.unwrap().remove(0)
    }

    /// An order that reaches us at a given time.
    pub(crate) async fn send_at(&self, order: Order, received_at: Timestamp) -> OrderIngested {
        let delivery = OrderDelivery { received_at, ..self.delivery(order) };
        self.store.ingest_orders(vec![delivery]).await.unwrap().remove(0)
    }

    /// A visualization of products by a visitor in session `s-of-VISITOR`.
    pub(crate) fn shown(&self, id: &str, who: &str, products: &[&str], when: Timestamp) -> NewVisualization {
        NewVisualization {
            tenant: self.tenant,
            visualization: Visualization {
                id: VisualizationId::parse(id).unwrap(),
                widget: self.widget,
                visitor: Some(visitor(who)),
                session: Some(SessionId::parse(&format!("s-of-{who}")).unwrap()),
                products: products
                    .iter()
                    .map(|id| ShownProduct { product: product(id), variants: Vec::new() })
                    .collect(),
                at: when,
            },
            renderer: None,
            picture: None,
            received_at: when,
            sample: false,
        }
    }

    pub(crate) async fn show(
        &self,
        id: &str,
        who: &str,
        products: &[&str],
        when: Timestamp,
    ) -> VisualizationRecorded {
        self.store.record_visualization(self.shown(id, who, products, when)).await.unwrap()
    }

    pub(crate) fn events(&self, who: &str, events: Vec<Event>) -> EventBatch {
        EventBatch {
            tenant: self.tenant,
            visitor: visitor(who),
            session: SessionId::parse("s-events").unwrap(),
            received_at: at(0.5),
            events,
        }
    }

    pub(crate) async fn identify(&self, who: &str, user: &str, when: Timestamp) -> u64 {
        let id = format!("identify-{who}-{user}-{}", when.as_millis());
        let batch = self.events(who, vec![identify_event(&id, user, when)]);
        self.store.record_events(batch).await.unwrap().redecided
    }

    pub(crate) async fn see(&self, who: &str, when: Timestamp) -> u64 {
        let id = format!("page-{who}-{}", when.as_millis());
        let batch = self.events(who, vec![page_event(&id, when)]);
        self.store.record_events(batch).await.unwrap().redecided
    }

    pub(crate) async fn conversion(&self, id: &str) -> ConversionRecord {
        self.store.conversion(self.tenant, order_id(id)).await.unwrap().unwrap().record
    }

    pub(crate) async fn conversions(&self) -> Page<ConversionRecord> {
        self.store.conversions(self.tenant, all_conversions()).await.unwrap()
    }

    /// Erases a person, with a seed that was not used before.
    pub(crate) async fn erase(&self, who: Erasing) -> Erased {
        let mut seed = [7; 32];
        seed[..8].copy_from_slice(&NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes());
        self.store.erase_person(self.tenant, who, at(100.0), PseudonymSeed(seed)).await.unwrap()
    }

    /// Drafts rules and puts them in force; waits until what they decide is shown.
    pub(crate) async fn publish(&self, rules: Ruleset, effective: Effective, when: Timestamp) -> Ruleset {
        let drafted = self.store.draft_ruleset(self.tenant, rules, when).await.unwrap().unwrap();
        let published =
            self.store.publish_ruleset(self.tenant, drafted.version, effective, when).await.unwrap();
        assert!(matches!(published, Published::InForce(_)), "{published:?}");
        while self.store.rulesets(self.tenant).await.unwrap().progress.is_some() {
            tokio::task::yield_now().await;
        }
        drafted
    }

    /// That the stored state is what a recomputation gives.
    pub(crate) async fn check(&self) {
        let report = self.store.recompute_check(Box::new(|_, _| {})).await.unwrap();
        assert_eq!(report.first_difference, None);
    }
}

/// An order of 100.00 by visitor `v` in session `s`, for product `p`, placed at noon.
pub(crate) fn an_order(id: &str) -> Order {
    Order {
        id: order_id(id),
        source: Source::Server,
        visitor: Some(visitor("v")),
        session: Some(SessionId::parse("s").unwrap()),
        user: None,
        currency: euro(),
        total_minor: 10_000,
        refunded_minor: 0,
        status: OrderStatus::Completed,
        created_at: at(0.0),
        updated_at: None,
        items: vec![item("p", 10_000)],
        test: false,
        label: None,
        platform: None,
    }
}

pub(crate) fn item(id: &str, total: i64) -> Item {
    Item { product: product(id), variant: None, quantity: 1, price_minor: total, total_minor: total }
}

pub(crate) fn identify_event(id: &str, user: &str, when: Timestamp) -> Event {
    let kind = EventKind::Identify { user: UserId::parse(user).unwrap(), traits: None };
    Event { id: EventId::parse(id).unwrap(), at: when, kind }
}

pub(crate) fn page_event(id: &str, when: Timestamp) -> Event {
    let kind = EventKind::Seen { name: "page".to_owned(), properties: "{}".to_owned() };
    Event { id: EventId::parse(id).unwrap(), at: when, kind }
}

pub(crate) fn all_conversions() -> ConversionQuery {
    ConversionQuery::newest(200)
}

pub(crate) fn user(text: &str) -> UserId {
    UserId::parse(text).unwrap()
}

pub(crate) fn session(text: &str) -> SessionId {
    SessionId::parse(text).unwrap()
}

/// The outcome of an order that was taken in.
pub(crate) fn outcome(ingested: &OrderIngested) -> selektable_domain::order::version::Outcome {
    match ingested {
        OrderIngested::Taken { outcome, .. } => *outcome,
        OrderIngested::CurrencyChanged(changed) => panic!("{changed}"),
    }
}
