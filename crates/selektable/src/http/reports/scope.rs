//! What every report needs before it may ask: a key that reads, a store of its organization, and the query.

use std::sync::Arc;

use axum::extract::{FromRequestParts, RawPathParams};
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{HeaderValue, header};
use selektable_domain::id::WidgetId;
use selektable_store::Tenant;
use selektable_store::settings::StoreRecord;
use serde::Serialize;

use super::csv_page::{self, CsvPage};
use super::cursor::{self, List};
use super::parameters::Parameters;
use super::wire::PageAnswer;
use crate::app::App;
use crate::http::auth::{Caller, ReadKey, WriteKey};
use crate::http::problem::Problem;
use crate::http::tenant::own_store;

/// A report's caller and question. A handler that has one may read the store.
pub(in crate::http) struct Scope {
    /// Whose data.
    pub tenant: Tenant,
    /// The store.
    pub store: Arc<StoreRecord>,
    /// The query.
    pub parameters: Parameters,
    /// Whether the caller asked for CSV.
    pub csv: bool,
    path: String,
}

impl FromRequestParts<App> for Scope {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let ReadKey(caller) = ReadKey::from_request_parts(parts, app).await?;
        let (tenant, store) = asked_store(&caller, parts, app).await?;
        Ok(Self {
            tenant,
            store,
            parameters: Parameters::parse(parts.uri.query())?,
            csv: csv_page::is_wanted(&parts.headers),
            path: parts.uri.path().to_owned(),
        })
    }
}

/// Who changes what a store says. A handler that has one may change it.
pub(in crate::http) struct WriteScope {
    /// Whose data.
    pub tenant: Tenant,
    /// The store.
    pub store: Arc<StoreRecord>,
}

impl FromRequestParts<App> for WriteScope {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let WriteKey(caller) = WriteKey::from_request_parts(parts, app).await?;
        let (tenant, store) = asked_store(&caller, parts, app).await?;
        Ok(Self { tenant, store })
    }
}

/// The store a path names, if it is the caller's own.
async fn asked_store(
    caller: &Caller,
    parts: &mut Parts,
    app: &App,
) -> Result<(Tenant, Arc<StoreRecord>), Problem> {
    let params = RawPathParams::from_request_parts(parts, app).await.map_err(|_| no_utf8())?;
    let store = params.iter().find(|(name, _)| *name == "storeId").map_or("", |(_, value)| value);
    let tenant = own_store(app, caller.organization, store).await?;
    Ok((tenant, app.store.store(tenant).await?))
}

impl Scope {
    /// The parameter `widgetId`: one of the store's widgets. Another store's and one that does not exist are the
    /// same fault.
    pub(in crate::http) fn widget(&mut self) -> Option<WidgetId> {
        let widgets = &self.store.widgets;
        self.parameters.optional("widgetId", |text| {
            let known = text.parse().ok().filter(|id| widgets.iter().any(|widget| widget.id == *id));
            known.ok_or_else(|| ("unknown_widget", "must be the id of one of the store's widgets".to_owned()))
        })
    }

    /// The `Link` header's value that leads to the next page; CSV has no other place for it.
    pub(in crate::http) fn next_link(
        &self,
        list: List,
        next: Option<selektable_domain::report::Cursor>,
    ) -> Option<HeaderValue> {
        self.link_to(&cursor::write(list, next?))
    }

    /// The same for a cursor's text.
    pub(in crate::http) fn link_to(&self, next: &str) -> Option<HeaderValue> {
        let query = self.parameters.with_cursor(next);
        HeaderValue::from_str(&format!("<{}?{query}>; rel=\"next\"", self.path)).ok()
    }
}

/// A path that is no UTF-8 names nothing, in whosever store.
fn no_utf8() -> Problem {
    let detail = "The address is not UTF-8 when its escapes are resolved, so nothing can be there.";
    Problem::new(http::StatusCode::NOT_FOUND, "not_found", detail)
}

/// An answer as JSON, not to be kept by anybody on the way.
pub(in crate::http) fn json(answer: &impl Serialize) -> Result<Response, Problem> {
    let text = serde_json::to_string(answer).map_err(|error| {
        tracing::error!(error = %error, "an answer could not be written");
        Problem::new(
            http::StatusCode::SERVICE_UNAVAILABLE,
            "answer_failed",
            "The answer could not be written.",
        )
    })?;
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "private, no-store")];
    Ok((headers, text).into_response())
}

/// An answer as CSV, with the way to the next page where there is one.
pub(in crate::http) fn csv(page: CsvPage, next: Option<HeaderValue>) -> Result<Response, Problem> {
    let (headers, body) = page.finish()?;
    let mut response = (headers, body).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    if let Some(link) = next {
        response.headers_mut().insert(header::LINK, link);
    }
    Ok(response)
}

/// A page of the wire's rows.
pub(in crate::http) fn page<T>(
    list: List,
    data: Vec<T>,
    next: Option<selektable_domain::report::Cursor>,
) -> PageAnswer<T> {
    PageAnswer { data, next_cursor: next.map(|next| cursor::write(list, next)) }
}
