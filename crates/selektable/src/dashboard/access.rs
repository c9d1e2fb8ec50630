//! Who asks, and what they may see. A handler that takes one of these can't exist without the proof (SPEC section 13).

use std::collections::HashMap;

use axum::extract::{FromRequestParts, Path, RawPathParams};
use http::request::Parts;
use selektable_domain::id::{MemberId, OrganizationId, StoreId, WidgetId};
use selektable_store::Tenant;
use selektable_store::account::OrganizationRecord;
use selektable_store::settings::{StoreRecord, WidgetRecord};

use super::cookie;
use super::error::PageError;
use crate::ambient;
use crate::app::App;
use crate::http::client_address::is_secure;

/// Someone who is logged in.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    /// Who.
    pub id: MemberId,
    /// Their login.
    pub email: String,
    /// The organizations they belong to, and no others.
    pub organizations: Vec<OrganizationRecord>,
}

/// A member in one of their organizations.
#[derive(Clone, Debug)]
pub(crate) struct InOrganization {
    /// Who.
    pub member: Member,
    /// Where.
    pub organization: OrganizationRecord,
}

/// A member in a store of one of their organizations.
#[derive(Clone, Debug)]
pub(crate) struct InStore {
    /// Who.
    pub member: Member,
    /// The store's organization.
    pub organization: OrganizationRecord,
    /// What opens the store's data.
    pub tenant: Tenant,
    /// The store.
    pub store: StoreRecord,
}

/// A member at a widget of such a store.
#[derive(Clone, Debug)]
pub(crate) struct InWidget {
    /// The store.
    pub place: InStore,
    /// The widget.
    pub widget: WidgetRecord,
}

/// Whoever the request's cookie names, if anybody.
pub(crate) async fn who(parts: &Parts, app: &App) -> Result<Option<Member>, PageError> {
    let Some(token) = cookie::read(&parts.headers, is_secure(&parts.extensions, &parts.headers, app)) else {
        return Ok(None);
    };
    let Some(session) = app.store.session(token, ambient::now()).await? else { return Ok(None) };
    let organizations = app.store.organizations(session.member).await?;
    Ok(Some(Member { id: session.member, email: session.email, organizations }))
}

impl FromRequestParts<App> for Member {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, PageError> {
        let next = parts.uri.path_and_query().map(ToString::to_string).unwrap_or_default();
        who(parts, app).await?.ok_or(PageError::LoginFirst { next })
    }
}

/// A part of the path that must be one of our ids.
async fn id<T: std::str::FromStr>(name: &str, parts: &mut Parts, app: &App) -> Result<T, PageError> {
    let params = RawPathParams::from_request_parts(parts, app).await.map_err(|_| PageError::NotFound)?;
    let text = params.iter().find(|(key, _)| *key == name).map(|(_, value)| value);
    text.and_then(|text| text.parse().ok()).ok_or(PageError::NotFound)
}

impl FromRequestParts<App> for InOrganization {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, PageError> {
        let member = Member::from_request_parts(parts, app).await?;
        let asked: OrganizationId = id("organization", parts, app).await?;
        let found = member.organizations.iter().find(|organization| organization.id == asked).cloned();
        let organization = found.ok_or(PageError::NotFound)?;
        Ok(Self { member, organization })
    }
}

impl FromRequestParts<App> for InStore {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, PageError> {
        let member = Member::from_request_parts(parts, app).await?;
        let asked: StoreId = id("store", parts, app).await?;
        let owned =
            |organization: &&OrganizationRecord| organization.stores.iter().any(|store| store.id == asked);
        let organization = member.organizations.iter().find(owned).cloned().ok_or(PageError::NotFound)?;
        let tenant = app.store.tenant(organization.id, asked).await?.ok_or(PageError::NotFound)?;
        let store = StoreRecord::clone(&*app.store.store(tenant).await?);
        Ok(Self { member, organization, tenant, store })
    }
}

impl FromRequestParts<App> for InWidget {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, PageError> {
        let place = InStore::from_request_parts(parts, app).await?;
        let asked: WidgetId = id("widget", parts, app).await?;
        let widget = place.store.widgets.iter().find(|widget| widget.id == asked).cloned();
        let widget = widget.ok_or(PageError::NotFound)?;
        Ok(Self { place, widget })
    }
}

/// A part of the path as text, decoded.
pub(crate) async fn path_text(name: &str, parts: &mut Parts, app: &App) -> Result<String, PageError> {
    let Path(mut params) = Path::<HashMap<String, String>>::from_request_parts(parts, app)
        .await
        .map_err(|_| PageError::NotFound)?;
    params.remove(name).ok_or(PageError::NotFound)
}
