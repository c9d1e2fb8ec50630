//! The limit: the server's own HTTP, authorization, parse and validation, with a store that keeps nothing and has
//! nothing to read.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use selektable::app::App;
use selektable::config::Config;
use selektable::http::{self, server};
use selektable_domain::attribution::{Conversion, Evidence, decide};
use selektable_domain::id::{KeyId, MemberId, OrganizationId, StoreId, WidgetId};
use selektable_domain::opaque::{OrderId, ProductId};
use selektable_domain::order::Order;
use selektable_domain::order::version::Outcome;
use selektable_domain::platform::PrivacyRequest;
use selektable_domain::platform::secret::WebhookSecret;
use selektable_domain::pseudonym::PseudonymSeed;
use selektable_domain::report::dry_run::DryRun;
use selektable_domain::report::lag::LagReport;
use selektable_domain::report::lag_tally::LagTally;
use selektable_domain::report::models::ModelsReport;
use selektable_domain::report::models_tally::ModelsTally;
use selektable_domain::report::products::{AliasRow, NearMiss, ProductRow};
use selektable_domain::report::reconciliation::Comparison;
use selektable_domain::report::{
    ConversionQuery, ConversionRecord, DeliveryQuery, DeliveryRecord, Lens, Page, SeriesBucket, Summary,
    TypeCounts, VisualizationQuery, VisualizationRecord,
};
use selektable_domain::rules::Ruleset;
use selektable_domain::schedule::Effective;
use selektable_domain::time::{Range, Timestamp, Window};
use selektable_store::account::{
    KeyEnd, KeyRecord, KeyUse, Member, NewKey, NewOrganization, NewSession, OrganizationRecord, SecretHash,
    SessionRecord,
};
use selektable_store::ingest::{
    EventBatch, EventsRecorded, ExplainedConversion, NewVisualization, OrderDelivery, OrderIngested, Refusal,
    StoredPicture, VisualizationRecorded,
};
use selektable_store::maintain::{CanonicalSink, CheckReport, Progress, RolledOff, VerifyReport};
use selektable_store::platforms::{
    IgnoredDelivery, LinkSign, NoteDelivery, NoteTaken, PlatformAccess, PlatformHealth, PlatformLink,
    PrivacyRecord, PullRun, SecretAdded, SecretRecord,
};
use selektable_store::processes::{DryRunNote, DryRunQuestion, DryRunStands, Holder, LeaseName, Tried, Try};
use selektable_store::rules::{AliasChange, AliasesSet, Erased, Erasing, Published, RulesetBook};
use selektable_store::settings::{
    NewStore, NewWidget, Platform, StoreRecord, StoreSettings, WidgetRecord, WidgetSettings,
};
use selektable_store::{Access, SharedStore, Store, StoreError, StoreResult, Tenant};
use url::Url;

use crate::requests::events::PROXY;

/// Keys and tenants of a real store; nothing else of it.
struct NoStorage(SharedStore);

/// Serves until the process is ended.
pub(crate) async fn serve(data: &str) -> anyhow::Result<()> {
    let database = format!("sqlite:{data}/selektable.db");
    let store = Arc::new(NoStorage(selektable_store::open(&database, Access::Administer)?));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let config = Config { trusted_proxies: vec![PROXY.parse()?], ..Config::default() };
    let app = App::new(store, config, Url::parse(&format!("http://{address}"))?);
    std::io::Write::write_all(&mut std::io::stdout(), format!("listening on http://{address}\n").as_bytes())?;
    let (limits, lifecycle) = (app.config.limits, app.lifecycle.clone());
    server::serve(http::router(app), listener, limits, lifecycle).await;
    Ok(())
}

fn taken(delivery: OrderDelivery) -> OrderIngested {
    let conversion = Conversion { order: &delivery.order, occurred_at: delivery.order.created_at };
    OrderIngested::Taken {
        conversion: delivery.conversion,
        outcome: Outcome::Created,
        decision: Box::new(decide(conversion, &Evidence::default(), &Ruleset::FIRST)),
        warnings: delivery.warnings,
    }
}

#[async_trait]
impl Store for NoStorage {
    async fn is_empty(&self) -> StoreResult<bool> {
        Err(StoreError::Closed)
    }

    async fn create_organization(&self, _: NewOrganization) -> StoreResult<()> {
        Err(StoreError::Closed)
    }

    async fn organizations(&self, _: MemberId) -> StoreResult<Vec<OrganizationRecord>> {
        Err(StoreError::Closed)
    }

    async fn organization(&self, _: OrganizationId) -> StoreResult<Option<OrganizationRecord>> {
        Err(StoreError::Closed)
    }

    async fn member_by_email(&self, _: &str) -> StoreResult<Option<Member>> {
        Err(StoreError::Closed)
    }

    async fn set_password(&self, _: MemberId, _: String) -> StoreResult<()> {
        Err(StoreError::Closed)
    }

    async fn create_session(&self, _: NewSession) -> StoreResult<()> {
        Err(StoreError::Closed)
    }

    async fn session(&self, _: SecretHash, _: Timestamp) -> StoreResult<Option<SessionRecord>> {
        Err(StoreError::Closed)
    }

    async fn end_session(&self, _: SecretHash) -> StoreResult<()> {
        Err(StoreError::Closed)
    }

    async fn create_key(&self, _: NewKey) -> StoreResult<()> {
        Err(StoreError::Closed)
    }

    async fn keys(&self, _: OrganizationId) -> StoreResult<Vec<KeyRecord>> {
        Err(StoreError::Closed)
    }

    async fn key_by_secret(&self, secret: SecretHash) -> StoreResult<Option<KeyRecord>> {
        self.0.key_by_secret(secret).await
    }

    async fn end_key(&self, _: OrganizationId, _: KeyId, _: KeyEnd) -> StoreResult<bool> {
        Err(StoreError::Closed)
    }

    async fn touch_keys(&self, uses: Vec<KeyUse>) -> StoreResult<()> {
        self.0.touch_keys(uses).await
    }

    async fn tenant(&self, organization: OrganizationId, store: StoreId) -> StoreResult<Option<Tenant>> {
        self.0.tenant(organization, store).await
    }

    async fn public_store(&self, store: StoreId) -> StoreResult<Option<(Tenant, Arc<StoreRecord>)>> {
        self.0.public_store(store).await
    }

    async fn public_widget(
        &self,
        _: WidgetId,
    ) -> StoreResult<Option<(Tenant, Arc<StoreRecord>, WidgetRecord)>> {
        Err(StoreError::Closed)
    }

    async fn store(&self, tenant: Tenant) -> StoreResult<Arc<StoreRecord>> {
        self.0.store(tenant).await
    }

    async fn create_store(&self, _: NewStore) -> StoreResult<()> {
        Err(StoreError::Closed)
    }

    async fn update_store(&self, _: Tenant, _: StoreSettings) -> StoreResult<()> {
        Err(StoreError::Closed)
    }

    async fn create_widget(&self, _: Tenant, _: NewWidget) -> StoreResult<()> {
        Err(StoreError::Closed)
    }

    async fn update_widget(&self, _: Tenant, _: WidgetId, _: WidgetSettings) -> StoreResult<bool> {
        Err(StoreError::Closed)
    }

    async fn ingest_orders(&self, deliveries: Vec<OrderDelivery>) -> StoreResult<Vec<OrderIngested>> {
        Ok(deliveries.into_iter().map(taken).collect())
    }

    async fn record_refusal(&self, _: Refusal) -> StoreResult<()> {
        Err(StoreError::Closed)
    }

    async fn record_visualization(&self, _: NewVisualization) -> StoreResult<VisualizationRecorded> {
        Ok(VisualizationRecorded { created: true, picture: None, redecided: 0 })
    }

    async fn record_events(&self, batch: EventBatch) -> StoreResult<EventsRecorded> {
        Ok(EventsRecorded { recorded: batch.events.len() as u64, ..EventsRecorded::default() })
    }

    async fn picture(&self, _: &str, _: Timestamp) -> StoreResult<Option<StoredPicture>> {
        Err(StoreError::Closed)
    }

    async fn delete_expired_pictures(&self, now: Timestamp) -> StoreResult<u64> {
        self.0.delete_expired_pictures(now).await
    }

    async fn conversions(&self, _: Tenant, _: ConversionQuery) -> StoreResult<Page<ConversionRecord>> {
        Ok(Page { data: Vec::new(), next: None })
    }

    async fn conversion(&self, _: Tenant, _: OrderId) -> StoreResult<Option<ExplainedConversion>> {
        Err(StoreError::Closed)
    }

    async fn any_visitor(&self, _: Tenant) -> StoreResult<bool> {
        Err(StoreError::Closed)
    }

    async fn visualizations(
        &self,
        _: Tenant,
        _: VisualizationQuery,
    ) -> StoreResult<Page<VisualizationRecord>> {
        Ok(Page { data: Vec::new(), next: None })
    }

    async fn summary(&self, _: Tenant, _: Range, _: Lens) -> StoreResult<Summary> {
        Ok(Summary::default())
    }

    async fn series(&self, _: Tenant, buckets: Vec<Range>, _: Lens) -> StoreResult<Vec<SeriesBucket>> {
        let empty = |range| SeriesBucket {
            range,
            visualizations: 0,
            by_type: TypeCounts::default(),
            revenue: Vec::new(),
        };
        Ok(buckets.into_iter().map(empty).collect())
    }

    async fn rulesets(&self, _: Tenant) -> StoreResult<RulesetBook> {
        Err(StoreError::Closed)
    }

    async fn draft_ruleset(&self, _: Tenant, _: Ruleset, _: Timestamp) -> StoreResult<Option<Ruleset>> {
        Err(StoreError::Closed)
    }

    async fn dry_run(&self, _: Tenant, _: u32, _: Range, _: Progress) -> StoreResult<Option<DryRun>> {
        Err(StoreError::Closed)
    }

    async fn publish_ruleset(&self, _: Tenant, _: u32, _: Effective, _: Timestamp) -> StoreResult<Published> {
        Err(StoreError::Closed)
    }

    async fn roll_back_rules(&self, _: Tenant, _: Timestamp) -> StoreResult<Published> {
        Err(StoreError::Closed)
    }

    async fn aliases(&self, _: Tenant, _: Option<ProductId>, _: u32) -> StoreResult<Vec<AliasRow>> {
        Err(StoreError::Closed)
    }

    async fn set_aliases(&self, _: Tenant, _: Vec<AliasChange>, _: Timestamp) -> StoreResult<AliasesSet> {
        Err(StoreError::Closed)
    }

    async fn erase_person(
        &self,
        _: Tenant,
        _: Erasing,
        _: Timestamp,
        _: PseudonymSeed,
    ) -> StoreResult<Erased> {
        Err(StoreError::Closed)
    }

    async fn models(&self, _: Tenant, _: Range) -> StoreResult<ModelsReport> {
        Ok(ModelsTally::new(Ruleset::FIRST.model).finish())
    }

    async fn products(&self, _: Tenant, _: Range) -> StoreResult<Vec<ProductRow>> {
        Ok(Vec::new())
    }

    async fn near_misses(&self, _: Tenant, _: Range) -> StoreResult<Vec<NearMiss>> {
        Ok(Vec::new())
    }

    async fn lag(&self, _: Tenant, _: Range) -> StoreResult<LagReport> {
        Ok(LagTally::new(Window::DEFAULT).finish())
    }

    async fn deliveries(&self, _: Tenant, _: DeliveryQuery) -> StoreResult<Page<DeliveryRecord>> {
        Ok(Page { data: Vec::new(), next: None })
    }

    async fn stores_of_host(
        &self,
        platform: Platform,
        host: Option<&str>,
    ) -> StoreResult<Vec<(Tenant, Arc<StoreRecord>)>> {
        self.0.stores_of_host(platform, host).await
    }

    async fn webhook_secrets(&self, _: Tenant) -> StoreResult<Vec<SecretRecord>> {
        Err(StoreError::Closed)
    }

    async fn add_webhook_secret(
        &self,
        _: Tenant,
        _: WebhookSecret,
        _: bool,
        _: Timestamp,
    ) -> StoreResult<SecretAdded> {
        Err(StoreError::Closed)
    }

    async fn remove_webhook_secret(&self, _: Tenant, _: u32) -> StoreResult<bool> {
        Err(StoreError::Closed)
    }

    async fn platform_link(&self, _: Tenant) -> StoreResult<PlatformLink> {
        Err(StoreError::Closed)
    }

    async fn set_platform_access(&self, _: Tenant, _: Option<PlatformAccess>) -> StoreResult<()> {
        Err(StoreError::Closed)
    }

    async fn note_link(&self, _: Tenant, _: LinkSign, _: Timestamp) -> StoreResult<()> {
        Ok(())
    }

    async fn take_note(&self, _: NoteDelivery) -> StoreResult<NoteTaken> {
        Err(StoreError::Closed)
    }

    async fn record_ignored(&self, _: IgnoredDelivery) -> StoreResult<()> {
        Err(StoreError::Closed)
    }

    async fn platform_health(&self, _: Tenant, _: Range) -> StoreResult<PlatformHealth> {
        Err(StoreError::Closed)
    }

    async fn compare_orders(&self, _: Tenant, _: Vec<Order>) -> StoreResult<Vec<Comparison>> {
        Err(StoreError::Closed)
    }

    async fn save_pull(&self, _: Tenant, _: PullRun) -> StoreResult<()> {
        Err(StoreError::Closed)
    }

    async fn pulls(&self, _: Tenant) -> StoreResult<Vec<PullRun>> {
        Err(StoreError::Closed)
    }

    async fn add_privacy_request(&self, _: Tenant, _: PrivacyRequest, _: Timestamp) -> StoreResult<u32> {
        Err(StoreError::Closed)
    }

    async fn finish_privacy_request(&self, _: Tenant, _: u32, _: Timestamp) -> StoreResult<bool> {
        Err(StoreError::Closed)
    }

    async fn privacy_requests(&self, _: Tenant) -> StoreResult<Vec<PrivacyRecord>> {
        Err(StoreError::Closed)
    }

    async fn delete_store_data(&self, _: Tenant) -> StoreResult<()> {
        Err(StoreError::Closed)
    }

    async fn hold_lease(&self, _: LeaseName, _: Holder, _: Duration) -> StoreResult<bool> {
        Err(StoreError::Closed)
    }

    async fn release_lease(&self, _: LeaseName, _: Holder) -> StoreResult<()> {
        Err(StoreError::Closed)
    }

    async fn lease_is_held(&self, _: LeaseName) -> StoreResult<bool> {
        Err(StoreError::Closed)
    }

    async fn count_tries(&self, _: Vec<Try>) -> StoreResult<Tried> {
        Err(StoreError::Closed)
    }

    async fn begin_dry_run(&self, _: Tenant, _: DryRunQuestion, _: Holder) -> StoreResult<DryRunStands> {
        Err(StoreError::Closed)
    }

    async fn look_at_dry_run(&self, _: Tenant, _: DryRunQuestion) -> StoreResult<Option<DryRunStands>> {
        Err(StoreError::Closed)
    }

    async fn note_dry_run(
        &self,
        _: Tenant,
        _: DryRunQuestion,
        _: Holder,
        _: DryRunNote,
    ) -> StoreResult<bool> {
        Err(StoreError::Closed)
    }

    async fn forget_expired(&self) -> StoreResult<()> {
        Err(StoreError::Closed)
    }

    async fn ready(&self) -> StoreResult<()> {
        self.0.ready().await
    }

    async fn recompute(&self, _: Progress) -> StoreResult<CheckReport> {
        Err(StoreError::Closed)
    }

    async fn recompute_check(&self, _: Progress) -> StoreResult<CheckReport> {
        Err(StoreError::Closed)
    }

    async fn verify(&self, _: Progress) -> StoreResult<VerifyReport> {
        Err(StoreError::Closed)
    }

    async fn dump_canonical(&self, _: CanonicalSink) -> StoreResult<()> {
        Err(StoreError::Closed)
    }

    async fn events_kept_from(&self, _: Tenant) -> StoreResult<Option<Timestamp>> {
        Err(StoreError::Closed)
    }

    async fn roll_off(&self, _: Timestamp) -> StoreResult<RolledOff> {
        Err(StoreError::Closed)
    }

    async fn all_stores(&self) -> StoreResult<Vec<(OrganizationId, StoreId)>> {
        Err(StoreError::Closed)
    }

    async fn close(&self) -> StoreResult<()> {
        self.0.close().await
    }
}
