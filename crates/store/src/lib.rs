#![forbid(unsafe_code)]
//! Durable facts, and what is derived from them.
//!
//! [`Store`] is the interface every engine implements; one method is one unit of work, which is one transaction.
//! **Invariants.** A write is answered only after it is on disk. Every query names its tenant: a method that reads a
//! store's data takes the [`Tenant`], which only an organization's own key or member can obtain. SQL stands in this
//! crate and nowhere else; HTTP and JSON of the API stand nowhere in it.

#[cfg(test)]
extern crate self as selektable_store;

pub mod account;
pub mod backup;
mod body;
mod canonical;
mod db;
mod engine;
pub mod error;
pub mod ingest;
pub mod maintain;
mod open;
pub mod platforms;
mod postgres;
pub mod processes;
pub mod rules;
pub mod settings;
mod sqlite;
mod tables;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use selektable_domain::id::{KeyId, MemberId, OrganizationId, StoreId, WidgetId};
use selektable_domain::opaque::{OrderId, ProductId};
use selektable_domain::order::Order;
use selektable_domain::platform::PrivacyRequest;
use selektable_domain::platform::secret::WebhookSecret;
use selektable_domain::pseudonym::PseudonymSeed;
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

use account::{
    KeyRecord, Member, NewKey, NewOrganization, NewSession, OrganizationRecord, SecretHash, SessionRecord,
};
pub use engine::{Recounted, make_sheets, read_through, recount_reports, transfer};
pub use error::StoreError;
use ingest::{
    EventBatch, EventsRecorded, NewVisualization, OrderDelivery, OrderIngested, Refusal, StoredPicture,
    VisualizationRecorded,
};
use maintain::{CanonicalSink, CheckReport, Progress, RolledOff, VerifyReport};
pub use open::{Access, open};
use platforms::{
    IgnoredDelivery, LinkSign, NoteDelivery, NoteTaken, PlatformAccess, PlatformHealth, PlatformLink,
    PrivacyRecord, PullRun, SecretAdded, SecretRecord,
};
use processes::{DryRunNote, DryRunQuestion, DryRunStands, Holder, LeaseName, Tried, Try};
use rules::{AliasChange, AliasesSet, Erased, Erasing, Published, RulesetBook};
use selektable_domain::report::reconciliation::Comparison;
use settings::{NewStore, NewWidget, Platform, StoreRecord, StoreSettings, WidgetRecord, WidgetSettings};

/// What every method answers.
pub type StoreResult<T> = Result<T, StoreError>;

/// A shared engine.
pub type SharedStore = Arc<dyn Store>;

/// Proof that a caller may see a store: its organization and the store, both checked to belong together by
/// [`Store::tenant`]. Numbers are the engine's own row numbers, kept short for its indexes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Tenant {
    /// The organization.
    pub organization: OrganizationId,
    /// The store.
    pub store: StoreId,
    pub(crate) store_number: i64,
}

/// Everything the shell asks of a storage engine.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    // ---- tenants, members, keys --------------------------------------------------------------------------------

    /// Whether nobody has set this installation up yet (there is no organization).
    async fn is_empty(&self) -> StoreResult<bool>;
    /// Makes an organization with its first member, store, widget and key, all or nothing. The member is found by
    /// e-mail when it is known already (its password is then left alone).
    async fn create_organization(&self, new: NewOrganization) -> StoreResult<()>;
    /// The organizations a member belongs to, by name, each with its stores and their widgets.
    async fn organizations(&self, member: MemberId) -> StoreResult<Vec<OrganizationRecord>>;
    /// One organization with its stores and widgets.
    async fn organization(&self, organization: OrganizationId) -> StoreResult<Option<OrganizationRecord>>;
    /// A member by e-mail (compared without letter case).
    async fn member_by_email(&self, email: &str) -> StoreResult<Option<Member>>;
    /// Replaces a member's password hash and ends the member's dashboard sessions.
    async fn set_password(&self, member: MemberId, password_hash: String) -> StoreResult<()>;
    /// Begins a dashboard session.
    async fn create_session(&self, new: NewSession) -> StoreResult<()>;
    /// A session that has not ended at `now`.
    async fn session(&self, token: SecretHash, now: Timestamp) -> StoreResult<Option<SessionRecord>>;
    /// Ends a session.
    async fn end_session(&self, token: SecretHash) -> StoreResult<()>;
    /// Adds a key.
    async fn create_key(&self, new: NewKey) -> StoreResult<()>;
    /// An organization's keys, newest first.
    async fn keys(&self, organization: OrganizationId) -> StoreResult<Vec<KeyRecord>>;
    /// The key of a secret, also when it is revoked or expired: the caller judges, so that a refusal can be shown to
    /// its owner. Called on every request; engines answer from memory and are at most 1 s behind another process.
    async fn key_by_secret(&self, secret: SecretHash) -> StoreResult<Option<KeyRecord>>;
    /// Sets when a key stops working (`expires_at`, rotation with overlap) or stops it at once (`revoked_at`).
    /// `false` when the organization has no such key.
    async fn end_key(
        &self,
        organization: OrganizationId,
        key: KeyId,
        end: account::KeyEnd,
    ) -> StoreResult<bool>;
    /// Notes that keys were used (or seen in a browser). Best effort, batched by the caller.
    async fn touch_keys(&self, uses: Vec<account::KeyUse>) -> StoreResult<()>;

    // ---- stores and widgets ------------------------------------------------------------------------------------

    /// The tenant of a store, if the organization owns it. Answered from memory.
    async fn tenant(&self, organization: OrganizationId, store: StoreId) -> StoreResult<Option<Tenant>>;
    /// A store by id alone, for the public routes of the embed script. Answered from memory.
    async fn public_store(&self, store: StoreId) -> StoreResult<Option<(Tenant, Arc<StoreRecord>)>>;
    /// A widget by id alone, with its store, for the public routes of the widget. Answered from memory.
    async fn public_widget(
        &self,
        widget: WidgetId,
    ) -> StoreResult<Option<(Tenant, Arc<StoreRecord>, WidgetRecord)>>;
    /// A store with its settings and widgets. Answered from memory.
    async fn store(&self, tenant: Tenant) -> StoreResult<Arc<StoreRecord>>;
    /// Adds a store with a first widget to an organization.
    async fn create_store(&self, new: NewStore) -> StoreResult<()>;
    /// Changes a store's settings.
    async fn update_store(&self, tenant: Tenant, settings: StoreSettings) -> StoreResult<()>;
    /// Adds a widget to a store.
    async fn create_widget(&self, tenant: Tenant, new: NewWidget) -> StoreResult<()>;
    /// Changes a widget's settings; `false` when the store has no such widget.
    async fn update_widget(
        &self,
        tenant: Tenant,
        widget: WidgetId,
        settings: WidgetSettings,
    ) -> StoreResult<bool>;

    // ---- platforms ---------------------------------------------------------------------------------------------

    /// Stores of a platform that answer to a host name (lower case, without port), oldest first, at most 50: one of
    /// their pages' origins or the platform's own name for the shop has it. `None`: those
    /// whose own name on the platform is not set. It is a claim; the signature decides.
    async fn stores_of_host(
        &self,
        platform: Platform,
        host: Option<&str>,
    ) -> StoreResult<Vec<(Tenant, Arc<StoreRecord>)>>;
    /// A store's webhook secrets, newest first. The receivers use those in [`StoreRecord::secrets`].
    async fn webhook_secrets(&self, tenant: Tenant) -> StoreResult<Vec<SecretRecord>>;
    /// Adds a secret.
    async fn add_webhook_secret(
        &self,
        tenant: Tenant,
        secret: WebhookSecret,
        made_by_us: bool,
        at: Timestamp,
    ) -> StoreResult<SecretAdded>;
    /// Removes a secret; `false` when the store has none of this number.
    async fn remove_webhook_secret(&self, tenant: Tenant, number: u32) -> StoreResult<bool>;
    /// How a store hangs together with its platform.
    async fn platform_link(&self, tenant: Tenant) -> StoreResult<PlatformLink>;
    /// Sets how orders are looked up at the platform, or forgets it.
    async fn set_platform_access(&self, tenant: Tenant, access: Option<PlatformAccess>) -> StoreResult<()>;
    /// Notes what a platform said about itself. Best effort, at most once a minute for [`LinkSign::Signed`]; the caller
    /// sees to that.
    async fn note_link(&self, tenant: Tenant, sign: LinkSign, at: Timestamp) -> StoreResult<()>;
    /// Takes a note about an order in, also before the order.
    async fn take_note(&self, note: NoteDelivery) -> StoreResult<NoteTaken>;
    /// Keeps a record of a delivery that is not used. Old records go together with old refusals.
    async fn record_ignored(&self, ignored: IgnoredDelivery) -> StoreResult<()>;
    /// How a platform's deliveries go; counts are of the range.
    async fn platform_health(&self, tenant: Tenant, range: Range) -> StoreResult<PlatformHealth>;
    /// Compares orders as the platform tells of them with what is here, one answer an order.
    async fn compare_orders(&self, tenant: Tenant, orders: Vec<Order>) -> StoreResult<Vec<Comparison>>;
    /// Writes how far a pull is, over what was written of it before. Old ones beyond
    /// [`platforms::PULLS_KEPT_MAX`] go.
    async fn save_pull(&self, tenant: Tenant, run: PullRun) -> StoreResult<()>;
    /// The store's pulls, newest first.
    async fn pulls(&self, tenant: Tenant) -> StoreResult<Vec<PullRun>>;
    /// Keeps a request under privacy law; answers its number.
    async fn add_privacy_request(
        &self,
        tenant: Tenant,
        request: PrivacyRequest,
        at: Timestamp,
    ) -> StoreResult<u32>;
    /// Notes that a request is done; `false` when the store has none of this number that is open.
    async fn finish_privacy_request(&self, tenant: Tenant, number: u32, at: Timestamp) -> StoreResult<bool>;
    /// Requests under privacy law, newest first.
    async fn privacy_requests(&self, tenant: Tenant) -> StoreResult<Vec<PrivacyRecord>>;
    /// Deletes everything that was ever recorded of a store's visitors and orders, pictures, journal and deliveries
    /// included. The store itself, its widgets, rules and requests stay. There is no way back.
    async fn delete_store_data(&self, tenant: Tenant) -> StoreResult<()>;

    // ---- rules and products ------------------------------------------------------------------------------------

    /// Every version of a store's rules, and what was in force when.
    async fn rulesets(&self, tenant: Tenant) -> StoreResult<RulesetBook>;
    /// Makes the next version, a draft; its number replaces the one given. `None` when the store has
    /// [`rules::RULESETS_MAX`] already.
    async fn draft_ruleset(
        &self,
        tenant: Tenant,
        rules: Ruleset,
        at: Timestamp,
    ) -> StoreResult<Option<Ruleset>>;
    /// Decides the conversions of a range under a version and compares with what stands; writes nothing. `None` when
    /// the store has no such version.
    async fn dry_run(
        &self,
        tenant: Tenant,
        version: u32,
        range: Range,
        progress: Progress,
    ) -> StoreResult<Option<DryRun>>;
    /// Puts a version in force. What happened before is decided again in the background, beside what stands, and
    /// shown all at once when it is complete.
    async fn publish_ruleset(
        &self,
        tenant: Tenant,
        version: u32,
        effective: Effective,
        at: Timestamp,
    ) -> StoreResult<Published>;
    /// Puts what was in force before the newest publication in force again.
    async fn roll_back_rules(&self, tenant: Tenant, at: Timestamp) -> StoreResult<Published>;
    /// The alias table and what facts carry, by variant, after the given one; at most `limit` lines.
    async fn aliases(
        &self,
        tenant: Tenant,
        after: Option<ProductId>,
        limit: u32,
    ) -> StoreResult<Vec<AliasRow>>;
    /// Changes lines of the alias table, all or none, and decides again what they touch.
    async fn set_aliases(
        &self,
        tenant: Tenant,
        changes: Vec<AliasChange>,
        at: Timestamp,
    ) -> StoreResult<AliasesSet>;
    /// Replaces every id of a person in facts and derived rows by ids that mean nothing, and deletes what else is
    /// known of them (traits, what events carried, pictures). Counts, money, decisions and the ledger stay as they
    /// are, and later snapshots of erased orders don't bring the ids back. `seed` is random, and is used once.
    async fn erase_person(
        &self,
        tenant: Tenant,
        who: Erasing,
        at: Timestamp,
        seed: PseudonymSeed,
    ) -> StoreResult<Erased>;

    // ---- facts in ----------------------------------------------------------------------------------------------

    /// Takes orders in: each is de-duplicated, versioned, kept as a fact, and decided. Answered after the commit, one
    /// result an order, in their order. Concurrent calls share transactions (group commit).
    async fn ingest_orders(&self, deliveries: Vec<OrderDelivery>) -> StoreResult<Vec<OrderIngested>>;
    /// Keeps a record of a refused delivery, without anything of its content. Old records beyond
    /// [`ingest::REFUSALS_KEPT_MAX`] per organization go.
    async fn record_refusal(&self, refusal: Refusal) -> StoreResult<()>;
    /// Records a visualization and its picture in one transaction and decides again what it touches.
    async fn record_visualization(&self, new: NewVisualization) -> StoreResult<VisualizationRecorded>;
    /// Records a browser's events; identify events link and decide again what they touch.
    async fn record_events(&self, batch: EventBatch) -> StoreResult<EventsRecorded>;
    /// A kept picture by the secret part of its address.
    async fn picture(&self, token: &str, now: Timestamp) -> StoreResult<Option<StoredPicture>>;
    /// Deletes pictures whose time is over, at most some hundreds a call; says how many went.
    async fn delete_expired_pictures(&self, now: Timestamp) -> StoreResult<u64>;

    // ---- figures out -------------------------------------------------------------------------------------------

    /// Conversions, newest first.
    async fn conversions(
        &self,
        tenant: Tenant,
        query: ConversionQuery,
    ) -> StoreResult<Page<ConversionRecord>>;
    /// One conversion with everything its decision rests on, decided again from the evidence as it is now.
    async fn conversion(
        &self,
        tenant: Tenant,
        order: OrderId,
    ) -> StoreResult<Option<ingest::ExplainedConversion>>;
    /// Visualizations, newest first.
    async fn visualizations(
        &self,
        tenant: Tenant,
        query: VisualizationQuery,
    ) -> StoreResult<Page<VisualizationRecord>>;
    /// Totals of a range, read through a lens: one widget, by refund date, as known on a date.
    async fn summary(&self, tenant: Tenant, range: Range, lens: Lens) -> StoreResult<Summary>;
    /// Totals of each given range; the ranges touch and ascend (see `domain::time::buckets`).
    async fn series(&self, tenant: Tenant, buckets: Vec<Range>, lens: Lens)
    -> StoreResult<Vec<SeriesBucket>>;
    /// The conversions of a range under every model, side by side.
    async fn models(&self, tenant: Tenant, range: Range) -> StoreResult<ModelsReport>;
    /// Products of a range, most ordered after a visualization first, at most
    /// [`PRODUCTS_MAX`](selektable_domain::report::products::PRODUCTS_MAX).
    async fn products(&self, tenant: Tenant, range: Range) -> StoreResult<Vec<ProductRow>>;
    /// Assisted orders of a range that would be direct if two ids were one product, most first, at most
    /// [`NEAR_MISSES_MAX`](selektable_domain::report::products::NEAR_MISSES_MAX).
    async fn near_misses(&self, tenant: Tenant, range: Range) -> StoreResult<Vec<NearMiss>>;
    /// Time to conversion in a range, also past the window, and what other windows would credit.
    async fn lag(&self, tenant: Tenant, range: Range) -> StoreResult<LagReport>;
    /// Whether any browser of the store was ever seen (an event or a visualization); the first sign that its script
    /// tag works.
    async fn any_visitor(&self, tenant: Tenant) -> StoreResult<bool>;
    /// Deliveries, newest first: the store's own, and refused ones of the organization that named no store of it.
    async fn deliveries(&self, tenant: Tenant, query: DeliveryQuery) -> StoreResult<Page<DeliveryRecord>>;

    // ---- what processes agree on -------------------------------------------------------------------------------

    /// Takes a lease for `length` from now, or holds on to it; `false` while another holder has it.
    async fn hold_lease(&self, name: LeaseName, holder: Holder, length: Duration) -> StoreResult<bool>;
    /// Gives a lease back, if it is still the holder's.
    async fn release_lease(&self, name: LeaseName, holder: Holder) -> StoreResult<()>;
    /// Whether anybody holds a lease.
    async fn lease_is_held(&self, name: LeaseName) -> StoreResult<bool>;
    /// Counts tries for all processes, one after the other, up to the first that is too many.
    async fn count_tries(&self, tries: Vec<Try>) -> StoreResult<Tried>;
    /// Begins a dry run for `holder`, who then does it and says so at least every
    /// [`processes::DRY_RUN_SILENT_MAX`]; or says how it stands.
    async fn begin_dry_run(
        &self,
        tenant: Tenant,
        question: DryRunQuestion,
        holder: Holder,
    ) -> StoreResult<DryRunStands>;
    /// How a dry run stands; `None` when nobody is at it and nothing is kept of it.
    async fn look_at_dry_run(
        &self,
        tenant: Tenant,
        question: DryRunQuestion,
    ) -> StoreResult<Option<DryRunStands>>;
    /// Notes what the process says that does a dry run; `false` when it is that process's no more.
    async fn note_dry_run(
        &self,
        tenant: Tenant,
        question: DryRunQuestion,
        holder: Holder,
        note: DryRunNote,
    ) -> StoreResult<bool>;
    /// Lets go of leases, tries and dry runs that are over.
    async fn forget_expired(&self) -> StoreResult<()>;

    // ---- upkeep ------------------------------------------------------------------------------------------------

    /// Whether a write would be durable now (used by `/readyz`): writes and commits one row of the engine's own.
    async fn ready(&self) -> StoreResult<()>;
    /// Decides every conversion again from the facts, on several threads, while ingest goes on, into a new generation
    /// of decisions that takes the place of the old one in one step. Also mends derived tables that differ from
    /// their facts.
    async fn recompute(&self, progress: Progress) -> StoreResult<CheckReport>;
    /// Decides every conversion again from the facts, on several threads, and reports the first difference from what
    /// is stored; writes nothing.
    async fn recompute_check(&self, progress: Progress) -> StoreResult<CheckReport>;
    /// Checks digests of facts, the engine's own integrity, and that every derived row has its facts.
    async fn verify(&self, progress: Progress) -> StoreResult<VerifyReport>;
    /// Writes facts and derived state as sorted lines of JSON, the same bytes on every engine for the same facts.
    async fn dump_canonical(&self, sink: CanonicalSink) -> StoreResult<()>;
    /// The instant from which on raw events of a store are there; `None` while none is gone.
    async fn events_kept_from(&self, tenant: Tenant) -> StoreResult<Option<Timestamp>>;
    /// Does the next step of rolling off raw events that stores keep no longer, at most some thousand rows; makes room for
    /// those of the next months. Decisions and figures stay as they are. May be left after any step, and be called by
    /// several processes.
    async fn roll_off(&self, now: Timestamp) -> StoreResult<RolledOff>;
    /// Every store of the installation, oldest first, for administrative commands on the server's own machine.
    async fn all_stores(&self) -> StoreResult<Vec<(OrganizationId, StoreId)>>;
    /// Finishes what is queued, then closes. Later calls answer [`StoreError::Closed`].
    async fn close(&self) -> StoreResult<()>;
}
