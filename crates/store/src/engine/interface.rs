//! The interface, method by method: which function runs on the writer, on a reader, or from memory.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use selektable_domain::id::{KeyId, MemberId, OrganizationId, StoreId, WidgetId};
use selektable_domain::opaque::{OrderId, ProductId};
use selektable_domain::order::Order;
use selektable_domain::platform::PrivacyRequest;
use selektable_domain::platform::secret::WebhookSecret;
use selektable_domain::pseudonym::{PseudonymSeed, Pseudonyms};
use selektable_domain::report::dry_run::DryRun;
use selektable_domain::report::lag::LagReport;
use selektable_domain::report::models::ModelsReport;
use selektable_domain::report::products::{AliasRow, NearMiss, ProductRow};
use selektable_domain::report::{
    ConversionQuery, ConversionRecord, DeliveryQuery, DeliveryRecord, Lens, Page, SeriesBucket, Summary,
    VisualizationQuery, VisualizationRecord,
};
use selektable_domain::rules::Ruleset;
use selektable_domain::schedule::Effective;
use selektable_domain::time::{Range, Timestamp};

use super::builder::Builder;
use super::cache::Cache;
use super::figures::sheets::Keeper;
use super::platforms::{health, hosts, links, privacy, pulls, secrets, shop_data};
use super::processes::{self, dry_runs, leases, tries};
use super::readers::Readers;
use super::work::Work;
use super::writer::Writer;
use super::{
    accounts, alias_changes, aliases, check, deliveries, dry_run, dump, erasure, events, figures, keys, lag,
    lists, models, near_misses, notes, orders, pictures, product_figures, recompute, retention, roll_offs,
    rulesets, stores, verify, visitors, visualizations,
};
use crate::account::{
    KeyEnd, KeyRecord, KeyUse, Member, NewKey, NewOrganization, NewSession, OrganizationRecord, SecretHash,
    SessionRecord,
};
use crate::ingest::{
    EventBatch, EventsRecorded, ExplainedConversion, NewVisualization, OrderDelivery, OrderIngested, Refusal,
    StoredPicture, VisualizationRecorded,
};
use crate::maintain::{CanonicalSink, CheckReport, Progress, RolledOff, VerifyReport};
use crate::platforms::{
    IgnoredDelivery, LinkSign, NoteDelivery, NoteTaken, PlatformAccess, PlatformHealth, PlatformLink,
    PrivacyRecord, PullRun, SecretAdded, SecretRecord,
};
use crate::postgres::locks::Scope;
use crate::processes::{DryRunNote, DryRunQuestion, DryRunStands, Holder, LeaseName, Tried, Try};
use crate::rules::{AliasChange, AliasesSet, Erased, Erasing, Published, RulesetBook};
use crate::settings::{
    NewStore, NewWidget, Platform, StoreRecord, StoreSettings, WidgetRecord, WidgetSettings,
};
use crate::{Store, StoreResult, Tenant};
use selektable_domain::report::reconciliation::Comparison;

/// The engine on one file.
pub(super) struct Engine {
    /// Fills sets of decisions in the background; only in a serving process. Ends before the writer does.
    pub builder: Option<Builder>,
    /// Makes sheets for reports; the same holds for it.
    pub keeper: Option<Keeper>,
    /// None when the file was opened for reading only.
    pub writer: Option<Writer>,
    /// Reading connections.
    pub readers: Readers,
    /// Keys and stores in memory.
    pub cache: Cache,
}

#[async_trait]
impl Store for Engine {
    async fn is_empty(&self) -> StoreResult<bool> {
        self.read(accounts::is_empty).await
    }

    async fn create_organization(&self, new: NewOrganization) -> StoreResult<()> {
        self.write(move |work| accounts::create_organization(work, &new)).await
    }

    async fn organizations(&self, member: MemberId) -> StoreResult<Vec<OrganizationRecord>> {
        self.read(move |work| accounts::of_member(work, member)).await
    }

    async fn organization(&self, organization: OrganizationId) -> StoreResult<Option<OrganizationRecord>> {
        self.read(move |work| accounts::by_id(work, organization)).await
    }

    async fn member_by_email(&self, email: &str) -> StoreResult<Option<Member>> {
        let email = email.to_owned();
        self.read(move |work| accounts::member_by_email(work, &email)).await
    }

    async fn set_password(&self, member: MemberId, password_hash: String) -> StoreResult<()> {
        self.write(move |work| accounts::set_password(work, member, &password_hash)).await
    }

    async fn create_session(&self, new: NewSession) -> StoreResult<()> {
        self.write(move |work| accounts::create_session(work, &new)).await
    }

    async fn session(&self, token: SecretHash, now: Timestamp) -> StoreResult<Option<SessionRecord>> {
        self.read(move |work| accounts::session(work, token, now)).await
    }

    async fn end_session(&self, token: SecretHash) -> StoreResult<()> {
        self.write(move |work| accounts::end_session(work, token)).await
    }

    async fn create_key(&self, new: NewKey) -> StoreResult<()> {
        self.write(move |work| keys::create(work, &new)).await
    }

    async fn keys(&self, organization: OrganizationId) -> StoreResult<Vec<KeyRecord>> {
        self.read(move |work| keys::list(work, organization)).await
    }

    async fn key_by_secret(&self, secret: SecretHash) -> StoreResult<Option<KeyRecord>> {
        self.refresh().await?;
        if let Some(known) = self.cache.key(secret) {
            return Ok(Some(known));
        }
        let began = self.cache.begin();
        let found = self.read(move |work| keys::by_secret(work, secret)).await?;
        if let Some(key) = &found {
            self.cache.keep_key(began, secret, key.clone());
        }
        Ok(found)
    }

    async fn end_key(&self, organization: OrganizationId, key: KeyId, end: KeyEnd) -> StoreResult<bool> {
        self.write(move |work| keys::end(work, organization, key, end)).await
    }

    async fn touch_keys(&self, uses: Vec<KeyUse>) -> StoreResult<()> {
        self.write(move |work| keys::touch(work, &uses)).await
    }

    async fn tenant(&self, organization: OrganizationId, store: StoreId) -> StoreResult<Option<Tenant>> {
        let known = self.known_store(store).await?;
        Ok(known.filter(|known| known.record.organization == organization).map(|known| known.tenant()))
    }

    async fn public_store(&self, store: StoreId) -> StoreResult<Option<(Tenant, Arc<StoreRecord>)>> {
        let known = self.known_store(store).await?;
        Ok(known.map(|known| (known.tenant(), known.record)))
    }

    async fn public_widget(
        &self,
        widget: WidgetId,
    ) -> StoreResult<Option<(Tenant, Arc<StoreRecord>, WidgetRecord)>> {
        let Some(store) = self.store_of(widget).await? else { return Ok(None) };
        let Some(known) = self.known_store(store).await? else { return Ok(None) };
        let record = known.record.widgets.iter().find(|known| known.id == widget).cloned();
        Ok(record.map(|record| (known.tenant(), Arc::clone(&known.record), record)))
    }

    async fn store(&self, tenant: Tenant) -> StoreResult<Arc<StoreRecord>> {
        let known = self.known_store(tenant.store).await?;
        known.map(|known| known.record).ok_or_else(|| accounts::missing("stores", tenant.store.to_string()))
    }

    async fn create_store(&self, new: NewStore) -> StoreResult<()> {
        self.write(move |work| stores::create(work, &new)).await
    }

    async fn update_store(&self, tenant: Tenant, settings: StoreSettings) -> StoreResult<()> {
        self.write_in(tenant, move |work| stores::update(work, tenant, &settings)).await
    }

    async fn create_widget(&self, tenant: Tenant, new: NewWidget) -> StoreResult<()> {
        self.write_in(tenant, move |work| stores::create_widget(work, tenant, &new)).await
    }

    async fn update_widget(
        &self,
        tenant: Tenant,
        widget: WidgetId,
        settings: WidgetSettings,
    ) -> StoreResult<bool> {
        self.write_in(tenant, move |work| stores::update_widget(work, tenant, widget, &settings)).await
    }

    async fn ingest_orders(&self, deliveries: Vec<OrderDelivery>) -> StoreResult<Vec<OrderIngested>> {
        let deliveries: Arc<[OrderDelivery]> = deliveries.into();
        let mut stores = deliveries.iter().map(|one| one.tenant.store_number);
        let scope = match stores.next() {
            Some(store) if stores.all(|other| other == store) => Scope::Store(store),
            _ => Scope::Everything,
        };
        let taken = Arc::clone(&deliveries);
        let run = move |work: &Work<'_>| taken.iter().map(|one| orders::ingest(work, one)).collect();
        self.writer()?.write_orders(scope, deliveries, run).await
    }

    async fn record_refusal(&self, refusal: Refusal) -> StoreResult<()> {
        self.write(move |work| deliveries::record_refusal(work, &refusal)).await
    }

    async fn record_visualization(&self, new: NewVisualization) -> StoreResult<VisualizationRecorded> {
        self.write_in(new.tenant, move |work| visualizations::record(work, &new)).await
    }

    async fn record_events(&self, batch: EventBatch) -> StoreResult<EventsRecorded> {
        let writes = batch.events.len();
        let scope = Scope::Store(batch.tenant.store_number);
        self.writer()?.write(scope, writes, move |work| events::record(work, &batch)).await
    }

    async fn picture(&self, token: &str, now: Timestamp) -> StoreResult<Option<StoredPicture>> {
        let token = token.to_owned();
        self.read(move |work| pictures::by_token(work, &token, now)).await
    }

    async fn delete_expired_pictures(&self, now: Timestamp) -> StoreResult<u64> {
        self.write(move |work| pictures::delete_expired(work, now)).await
    }

    async fn conversions(
        &self,
        tenant: Tenant,
        query: ConversionQuery,
    ) -> StoreResult<Page<ConversionRecord>> {
        self.read(move |work| lists::conversions(work, tenant, &query)).await
    }

    async fn conversion(&self, tenant: Tenant, order: OrderId) -> StoreResult<Option<ExplainedConversion>> {
        self.read(move |work| lists::explained(work, tenant, &order)).await
    }

    async fn visualizations(
        &self,
        tenant: Tenant,
        query: VisualizationQuery,
    ) -> StoreResult<Page<VisualizationRecord>> {
        self.read(move |work| visualizations::list(work, tenant, &query)).await
    }

    async fn summary(&self, tenant: Tenant, range: Range, lens: Lens) -> StoreResult<Summary> {
        self.readers.read_figures(move |work| figures::summary(work, tenant, range, lens)).await
    }

    async fn series(
        &self,
        tenant: Tenant,
        buckets: Vec<Range>,
        lens: Lens,
    ) -> StoreResult<Vec<SeriesBucket>> {
        self.readers.read_figures(move |work| figures::series(work, tenant, &buckets, lens)).await
    }

    async fn models(&self, tenant: Tenant, range: Range) -> StoreResult<ModelsReport> {
        self.readers.read_report(move |work| models::report(work, tenant, range)).await
    }

    async fn products(&self, tenant: Tenant, range: Range) -> StoreResult<Vec<ProductRow>> {
        self.readers.read_report(move |work| product_figures::list(work, tenant, range)).await
    }

    async fn near_misses(&self, tenant: Tenant, range: Range) -> StoreResult<Vec<NearMiss>> {
        self.readers.read_report(move |work| near_misses::list(work, tenant, range)).await
    }

    async fn lag(&self, tenant: Tenant, range: Range) -> StoreResult<LagReport> {
        self.readers.read_report(move |work| lag::report(work, tenant, range)).await
    }

    async fn stores_of_host(
        &self,
        platform: Platform,
        host: Option<&str>,
    ) -> StoreResult<Vec<(Tenant, Arc<StoreRecord>)>> {
        let host = host.map(str::to_owned);
        let found = self.read(move |work| hosts::stores(work, platform, host.as_deref())).await?;
        let mut stores = Vec::with_capacity(found.len());
        for store in found {
            stores.extend(self.known_store(store).await?.map(|known| (known.tenant(), known.record)));
        }
        Ok(stores)
    }

    async fn webhook_secrets(&self, tenant: Tenant) -> StoreResult<Vec<SecretRecord>> {
        self.read(move |work| secrets::list(work, tenant.store_number)).await
    }

    async fn add_webhook_secret(
        &self,
        tenant: Tenant,
        secret: WebhookSecret,
        made_by_us: bool,
        at: Timestamp,
    ) -> StoreResult<SecretAdded> {
        self.write_in(tenant, move |work| secrets::add(work, tenant.store_number, &secret, made_by_us, at))
            .await
    }

    async fn remove_webhook_secret(&self, tenant: Tenant, number: u32) -> StoreResult<bool> {
        self.write_in(tenant, move |work| secrets::remove(work, tenant.store_number, number)).await
    }

    async fn platform_link(&self, tenant: Tenant) -> StoreResult<PlatformLink> {
        self.read(move |work| links::get(work, tenant.store_number)).await
    }

    async fn set_platform_access(&self, tenant: Tenant, access: Option<PlatformAccess>) -> StoreResult<()> {
        self.write_in(tenant, move |work| links::set_access(work, tenant.store_number, access.clone())).await
    }

    async fn note_link(&self, tenant: Tenant, sign: LinkSign, at: Timestamp) -> StoreResult<()> {
        self.write_in(tenant, move |work| links::note(work, tenant.store_number, sign, at)).await
    }

    async fn take_note(&self, note: NoteDelivery) -> StoreResult<NoteTaken> {
        self.write_in(note.tenant, move |work| notes::take(work, &note)).await
    }

    async fn record_ignored(&self, ignored: IgnoredDelivery) -> StoreResult<()> {
        self.write(move |work| deliveries::record_ignored(work, &ignored)).await
    }

    async fn platform_health(&self, tenant: Tenant, range: Range) -> StoreResult<PlatformHealth> {
        self.readers.read_report(move |work| health::health(work, tenant.store_number, range)).await
    }

    async fn compare_orders(&self, tenant: Tenant, orders: Vec<Order>) -> StoreResult<Vec<Comparison>> {
        self.read(move |work| pulls::compare_all(work, tenant.store_number, &orders)).await
    }

    async fn save_pull(&self, tenant: Tenant, run: PullRun) -> StoreResult<()> {
        self.write_in(tenant, move |work| pulls::save(work, tenant.store_number, &run)).await
    }

    async fn pulls(&self, tenant: Tenant) -> StoreResult<Vec<PullRun>> {
        self.read(move |work| pulls::list(work, tenant.store_number)).await
    }

    async fn add_privacy_request(
        &self,
        tenant: Tenant,
        request: PrivacyRequest,
        at: Timestamp,
    ) -> StoreResult<u32> {
        self.write_in(tenant, move |work| privacy::add(work, tenant.store_number, &request, at)).await
    }

    async fn finish_privacy_request(&self, tenant: Tenant, number: u32, at: Timestamp) -> StoreResult<bool> {
        self.write_in(tenant, move |work| privacy::finish(work, tenant.store_number, number, at)).await
    }

    async fn privacy_requests(&self, tenant: Tenant) -> StoreResult<Vec<PrivacyRecord>> {
        self.read(move |work| privacy::list(work, tenant.store_number)).await
    }

    async fn delete_store_data(&self, tenant: Tenant) -> StoreResult<()> {
        // As large as a transaction can be: nothing else shares it.
        let scope = Scope::Store(tenant.store_number);
        self.writer()?
            .write(scope, usize::MAX, move |work| shop_data::delete(work, tenant.store_number))
            .await
    }

    async fn rulesets(&self, tenant: Tenant) -> StoreResult<RulesetBook> {
        self.read(move |work| rulesets::book(work, tenant)).await
    }

    async fn draft_ruleset(
        &self,
        tenant: Tenant,
        rules: Ruleset,
        at: Timestamp,
    ) -> StoreResult<Option<Ruleset>> {
        self.write_in(tenant, move |work| rulesets::draft(work, tenant, rules, at)).await
    }

    async fn dry_run(
        &self,
        tenant: Tenant,
        version: u32,
        range: Range,
        progress: Progress,
    ) -> StoreResult<Option<DryRun>> {
        let planned = self.read(move |work| dry_run::plan(work, tenant, version, range)).await?;
        let Some(plan) = planned else { return Ok(None) };
        let (rules, counter) = (plan.rules, Arc::new(dry_run::Counter::new(progress, &plan)));
        let shared = Arc::clone(&counter);
        let part = move |work: &Work<'_>, part| dry_run::part(work, tenant, &rules, part, &shared);
        let tallies = self.readers.read_parts(plan.parts, part).await?;
        counter.finish();
        Ok(Some(dry_run::finish(tallies, rules)))
    }

    async fn publish_ruleset(
        &self,
        tenant: Tenant,
        version: u32,
        effective: Effective,
        at: Timestamp,
    ) -> StoreResult<Published> {
        self.write_in(tenant, move |work| rulesets::publish(work, tenant, version, effective, at)).await
    }

    async fn roll_back_rules(&self, tenant: Tenant, at: Timestamp) -> StoreResult<Published> {
        self.write_in(tenant, move |work| rulesets::roll_back(work, tenant, at)).await
    }

    async fn aliases(
        &self,
        tenant: Tenant,
        after: Option<ProductId>,
        limit: u32,
    ) -> StoreResult<Vec<AliasRow>> {
        self.read(move |work| aliases::list(work, tenant.store_number, after.as_ref(), limit)).await
    }

    async fn set_aliases(
        &self,
        tenant: Tenant,
        changes: Vec<AliasChange>,
        at: Timestamp,
    ) -> StoreResult<AliasesSet> {
        let writes = changes.len();
        let scope = Scope::Store(tenant.store_number);
        self.writer()?
            .write(scope, writes, move |work| alias_changes::record(work, tenant, &changes, at))
            .await
    }

    async fn erase_person(
        &self,
        tenant: Tenant,
        who: Erasing,
        at: Timestamp,
        seed: PseudonymSeed,
    ) -> StoreResult<Erased> {
        let wanted = who.clone();
        self.write_in(tenant, move |work| erasure::claimed::write_into_orders(work, tenant, &wanted)).await?;
        let wanted = who.clone();
        let survey = self
            .readers
            .read_alone(move |work| erasure::Survey::of(work, tenant.store_number, &wanted))
            .await?;
        let (mut survey, pseudonyms) = (Some(survey), Pseudonyms::of(seed));
        // As large as a transaction can be: nothing else shares it.
        let run = move |work: &Work<'_>| {
            let claimed = erasure::claimed::write_into_orders(work, tenant, &who)?;
            let survey = match survey.take().filter(|_| !claimed) {
                Some(survey) => survey,
                // A second try after a fault looks again, and so does one that a claim came before.
                None => erasure::Survey::of(work, tenant.store_number, &who)?,
            };
            let request = erasure::Request { tenant, who: &who, pseudonyms: &pseudonyms, at };
            erasure::erase(work, &request, survey)
        };
        self.writer()?.write(Scope::Store(tenant.store_number), usize::MAX, run).await
    }

    async fn any_visitor(&self, tenant: Tenant) -> StoreResult<bool> {
        self.read(move |work| visitors::any(work, tenant.store_number)).await
    }

    async fn deliveries(&self, tenant: Tenant, query: DeliveryQuery) -> StoreResult<Page<DeliveryRecord>> {
        self.read(move |work| deliveries::list(work, tenant, &query)).await
    }

    async fn hold_lease(&self, name: LeaseName, holder: Holder, length: Duration) -> StoreResult<bool> {
        let holder = holder.to_string();
        self.write(move |work| leases::hold(work, &name.0, &holder, length)).await
    }

    async fn release_lease(&self, name: LeaseName, holder: Holder) -> StoreResult<()> {
        let holder = holder.to_string();
        self.write(move |work| leases::release(work, &name.0, &holder)).await
    }

    async fn lease_is_held(&self, name: LeaseName) -> StoreResult<bool> {
        self.read(move |work| leases::is_held(work, &name.0)).await
    }

    async fn count_tries(&self, tries: Vec<Try>) -> StoreResult<Tried> {
        self.write(move |work| tries::count(work, &tries)).await
    }

    async fn begin_dry_run(
        &self,
        tenant: Tenant,
        question: DryRunQuestion,
        holder: Holder,
    ) -> StoreResult<DryRunStands> {
        let holder = holder.to_string();
        self.write_in(tenant, move |work| dry_runs::begin(work, tenant.store_number, &question, &holder))
            .await
    }

    async fn look_at_dry_run(
        &self,
        tenant: Tenant,
        question: DryRunQuestion,
    ) -> StoreResult<Option<DryRunStands>> {
        self.read(move |work| dry_runs::look(work, tenant.store_number, &question)).await
    }

    async fn note_dry_run(
        &self,
        tenant: Tenant,
        question: DryRunQuestion,
        holder: Holder,
        note: DryRunNote,
    ) -> StoreResult<bool> {
        let holder = holder.to_string();
        self.write(move |work| dry_runs::note(work, tenant.store_number, &question, &holder, &note)).await
    }

    async fn forget_expired(&self) -> StoreResult<()> {
        self.write(processes::forget_expired).await
    }

    async fn ready(&self) -> StoreResult<()> {
        self.write(|work| {
            let sql = work.connection.heartbeat();
            Ok(work.connection.prepare_cached(sql)?.execute(()).map(|_| ())?)
        })
        .await
    }

    async fn recompute(&self, progress: Progress) -> StoreResult<CheckReport> {
        recompute::recompute(self.writer()?, &self.readers, self.builder.as_ref(), progress).await
    }

    async fn recompute_check(&self, progress: Progress) -> StoreResult<CheckReport> {
        self.readers.run_alone(move |database| check::check(database, &progress)).await
    }

    async fn verify(&self, progress: Progress) -> StoreResult<VerifyReport> {
        self.readers.read_alone(move |work| verify::verify(work, &progress)).await
    }

    async fn dump_canonical(&self, sink: CanonicalSink) -> StoreResult<()> {
        self.readers.read_alone(move |work| dump::dump(work, sink)).await
    }

    async fn events_kept_from(&self, tenant: Tenant) -> StoreResult<Option<Timestamp>> {
        self.read(move |work| roll_offs::kept_from(work, tenant.store_number)).await
    }

    async fn roll_off(&self, now: Timestamp) -> StoreResult<RolledOff> {
        retention::step(self, now).await
    }

    async fn all_stores(&self) -> StoreResult<Vec<(OrganizationId, StoreId)>> {
        self.read(stores::all).await
    }

    async fn close(&self) -> StoreResult<()> {
        self.keeper.iter().for_each(Keeper::stop);
        self.builder.iter().for_each(Builder::stop);
        self.readers.close().await;
        match &self.writer {
            Some(writer) => writer.close().await,
            None => Ok(()),
        }
    }
}
