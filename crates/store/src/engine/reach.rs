//! How the engine reaches its writer, its readers and what it remembers.

use std::sync::Arc;

use selektable_domain::id::{StoreId, WidgetId};

use super::builder::Builder;
use super::cache::KnownStore;
use super::interface::Engine;
use super::stores;
use super::work::Work;
use super::writer::Writer;
use crate::postgres::locks::Scope;
use crate::{StoreError, StoreResult, Tenant};

impl Engine {
    /// The writer; there is none where the file was opened for reading only.
    pub(super) fn writer(&self) -> StoreResult<&Writer> {
        let reading_only = || StoreError::Unavailable("it was opened for reading only".to_owned());
        self.writer.as_ref().ok_or_else(reading_only)
    }

    /// One unit of work on the writer, in no store.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        run: impl FnMut(&Work<'_>) -> StoreResult<T> + Send + 'static,
    ) -> StoreResult<T> {
        self.writer()?.write(Scope::Installation, 1, run).await
    }

    /// One unit of work on the writer, in one store.
    pub(super) async fn write_in<T: Send + 'static>(
        &self,
        tenant: Tenant,
        run: impl FnMut(&Work<'_>) -> StoreResult<T> + Send + 'static,
    ) -> StoreResult<T> {
        self.writer()?.write(Scope::Store(tenant.store_number), 1, run).await
    }

    /// One unit of work on a reader.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Work<'_>) -> StoreResult<T> + Send + 'static,
    ) -> StoreResult<T> {
        self.readers.read(read).await
    }

    /// Looks whether another process changed keys, stores or widgets, when it is time to.
    pub(super) async fn refresh(&self) -> StoreResult<()> {
        if !self.cache.take_turn() {
            return Ok(());
        }
        let sql = "SELECT settings_version FROM installation";
        let version = self
            .read(move |work| Ok(work.connection.prepare_cached(sql)?.query_row((), |row| row.get(0))?))
            .await
            .inspect_err(|_| self.cache.not_checked())?;
        if self.cache.checked(version)
            && let Some(writer) = &self.writer
        {
            writer.look_for_changed_rules();
            self.builder.iter().for_each(Builder::wake);
        }
        Ok(())
    }

    /// The store of a widget, from memory if it is there.
    pub(super) async fn store_of(&self, widget: WidgetId) -> StoreResult<Option<StoreId>> {
        self.refresh().await?;
        if let Some(known) = self.cache.store_of(widget) {
            return Ok(Some(known));
        }
        let began = self.cache.begin();
        let found = self.read(move |work| stores::of_widget(work, widget)).await?;
        if let Some(store) = found {
            self.cache.keep_widget(began, widget, store);
        }
        Ok(found)
    }

    /// A store, from memory if it is there.
    pub(super) async fn known_store(&self, store: StoreId) -> StoreResult<Option<KnownStore>> {
        self.refresh().await?;
        if let Some(known) = self.cache.store(store) {
            return Ok(Some(known));
        }
        let began = self.cache.begin();
        let found = self.read(move |work| stores::by_id(work, store)).await?;
        let known = found.map(|(number, record)| KnownStore { number, record: Arc::new(record) });
        if let Some(known) = &known {
            self.cache.keep_store(began, store, known.clone());
        }
        Ok(known)
    }
}

impl KnownStore {
    /// Proof that it may be seen.
    pub(super) fn tenant(&self) -> Tenant {
        Tenant { organization: self.record.organization, store: self.record.id, store_number: self.number }
    }
}
