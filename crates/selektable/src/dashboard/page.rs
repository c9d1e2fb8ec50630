//! The frame of every page: where one is, what else is near, and the headers a page is sent with.

use askama::Template;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};
use selektable_domain::id::{OrganizationId, StoreId, WidgetId};
use selektable_store::account::OrganizationRecord;
use selektable_store::settings::{Platform, StoreRecord};

use super::access::{InOrganization, InStore, InWidget, Member};
use super::error::PageError;

/// What a handler answers.
pub(crate) type PageResult = Result<Response, PageError>;

/// Scripts and styles come from this server only, and none stands in a page.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
     img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// A place above the page.
#[derive(Clone, Debug)]
pub(crate) struct Crumb {
    /// Its name.
    pub name: String,
    /// Its address.
    pub href: String,
}

/// One tab of a store or widget.
#[derive(Clone, Debug)]
pub(crate) struct Tab {
    /// Its name.
    pub name: &'static str,
    /// Its address.
    pub href: String,
    /// The letter that follows `g` on the keyboard.
    pub key: char,
    /// Whether it is the page shown.
    pub current: bool,
}

/// A store in the switcher.
#[derive(Clone, Debug)]
pub(crate) struct SwitchStore {
    /// Its organization's name.
    pub organization: String,
    /// The store.
    pub store: Crumb,
    /// Its widgets.
    pub widgets: Vec<Crumb>,
}

/// The frame.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shell {
    /// Names the page in the tab's title.
    pub title: String,
    /// Login of the one who is looking; nobody on login and error pages.
    pub email: Option<String>,
    /// Organization, store, widget.
    pub crumbs: Vec<Crumb>,
    /// Pages of the same store or widget.
    pub tabs: Vec<Tab>,
    /// Every store within reach.
    pub switcher: Vec<SwitchStore>,
}

/// The pages of an organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OrganizationTab {
    /// Its stores.
    Stores,
    /// Its keys.
    Keys,
    /// A page that is none of the tabs.
    Other,
}

/// The pages of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StoreTab {
    /// Totals.
    Overview,
    /// The list of conversions, or one of them.
    Conversions,
    /// The list of visualizations.
    Visualizations,
    /// What was visualized and bought, and which ids are one product.
    Products,
    /// The same conversions under every model.
    Models,
    /// How long shoppers take, and what another window would credit.
    Lag,
    /// Versions of the rules.
    Rules,
    /// What came in.
    Deliveries,
    /// How to connect a site.
    Install,
    /// How to connect a platform.
    Connect,
    /// What the platform has and we don't.
    Reconciliation,
    /// Settings.
    Settings,
    /// A page that is none of the tabs.
    Other,
}

/// The pages of a widget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WidgetTab {
    /// The figures.
    Analytics,
    /// Settings.
    Settings,
}

/// Addresses, in one place so that no link is spelled twice.
pub(crate) mod address {
    use super::{OrganizationId, Platform, StoreId, StoreRecord, WidgetId};
    use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

    const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

    /// An organization's page.
    pub(crate) fn organization(id: OrganizationId) -> String {
        format!("/organizations/{id}")
    }

    /// A store's page; `page` is empty or begins with a slash.
    pub(crate) fn store(id: StoreId, page: &str) -> String {
        format!("/stores/{id}{page}")
    }

    /// Where a store is connected with what it sells on.
    pub(crate) fn connecting(store: &StoreRecord) -> String {
        let page = if store.platform == Platform::Custom { "/install" } else { "/connect" };
        self::store(store.id, page)
    }

    /// A widget's page; `page` is empty or begins with a slash.
    pub(crate) fn widget(store: StoreId, id: WidgetId, page: &str) -> String {
        format!("/stores/{store}/widgets/{id}{page}")
    }

    /// One conversion, by the shop's own id, whatever characters are in it. A segment of one or two dots would be
    /// resolved away by browsers, also when encoded, so such an id stands in the query.
    pub(crate) fn conversion(id: StoreId, order: &str) -> String {
        match order {
            "." | ".." => format!("/stores/{id}/conversions/by-id?order={order}"),
            _ => format!("/stores/{id}/conversions/{}", utf8_percent_encode(order, KEPT)),
        }
    }

    /// The form for new rules, with a suggestion filled in.
    pub(crate) fn draft_rules(id: StoreId, name: &str, value: &str) -> String {
        format!("{}#new-rules", with_query(&store(id, "/rules"), &[(name, value)]))
    }

    /// `path` with a query of the pairs that hold something.
    pub(crate) fn with_query(path: &str, pairs: &[(&str, &str)]) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(pairs.iter().filter(|(_, value)| !value.is_empty()));
        match query.finish() {
            empty if empty.is_empty() => path.to_owned(),
            query => format!("{path}?{query}"),
        }
    }
}

impl Shell {
    /// A page outside of any organization.
    #[must_use]
    pub(crate) fn alone(title: &str) -> Self {
        Self { title: title.to_owned(), ..Self::default() }
    }

    /// A page of a member.
    #[must_use]
    pub(crate) fn member(title: &str, member: &Member) -> Self {
        let switcher = member.organizations.iter().flat_map(switch_stores).collect();
        Self { email: Some(member.email.clone()), switcher, ..Self::alone(title) }
    }

    /// A page of an organization.
    #[must_use]
    pub(crate) fn organization(title: &str, place: &InOrganization, current: OrganizationTab) -> Self {
        let mut shell = Self::member(&format!("{title} · {}", place.organization.name), &place.member);
        shell.crumbs.push(organization_crumb(&place.organization));
        let href = address::organization(place.organization.id);
        let keys = format!("{href}/keys");
        shell.tabs = vec![
            Tab { name: "Stores", href, key: 's', current: current == OrganizationTab::Stores },
            Tab { name: "API keys", href: keys, key: 'k', current: current == OrganizationTab::Keys },
        ];
        shell
    }

    /// A page of a store.
    #[must_use]
    pub(crate) fn store(title: &str, place: &InStore, current: StoreTab) -> Self {
        let mut shell = Self::member(&format!("{title} · {}", place.store.settings.name), &place.member);
        shell.crumbs = vec![organization_crumb(&place.organization), store_crumb(place)];
        let id = place.store.id;
        let of_platform = [
            (StoreTab::Connect, "Connect", "/connect", 'i'),
            (StoreTab::Reconciliation, "Reconciliation", "/reconciliation", 'e'),
        ];
        let of_own_site = [(StoreTab::Install, "Install", "/install", 'i')];
        let connecting: &[_] =
            if place.store.platform == Platform::Custom { &of_own_site } else { &of_platform };
        let tabs = [
            (StoreTab::Overview, "Overview", "", 'o'),
            (StoreTab::Conversions, "Conversions", "/conversions", 'c'),
            (StoreTab::Visualizations, "Visualizations", "/visualizations", 'v'),
            (StoreTab::Products, "Products", "/products", 'p'),
            (StoreTab::Models, "Models", "/models", 'm'),
            (StoreTab::Lag, "Time to conversion", "/lag", 't'),
            (StoreTab::Rules, "Rules", "/rules", 'r'),
            (StoreTab::Deliveries, "Deliveries", "/deliveries", 'd'),
        ];
        let settings = [(StoreTab::Settings, "Settings", "/settings", 's')];
        shell.tabs = tabs
            .iter()
            .chain(connecting)
            .chain(&settings)
            .copied()
            .map(|(tab, name, page, key)| Tab {
                name,
                href: address::store(id, page),
                key,
                current: tab == current,
            })
            .collect();
        shell
    }

    /// A page of a widget.
    #[must_use]
    pub(crate) fn widget(title: &str, place: &InWidget, current: WidgetTab) -> Self {
        let name = &place.widget.settings.name;
        let mut shell = Self::store(title, &place.place, StoreTab::Other);
        shell.title = format!("{title} · {name} · {}", place.place.store.settings.name);
        let href = |page| address::widget(place.place.store.id, place.widget.id, page);
        shell.crumbs.push(Crumb { name: name.clone(), href: href("") });
        shell.tabs = vec![
            Tab { name: "Analytics", href: href(""), key: 'a', current: current == WidgetTab::Analytics },
            Tab {
                name: "Settings",
                href: href("/settings"),
                key: 's',
                current: current == WidgetTab::Settings,
            },
        ];
        shell
    }
}

fn organization_crumb(organization: &OrganizationRecord) -> Crumb {
    Crumb { name: organization.name.clone(), href: address::organization(organization.id) }
}

fn store_crumb(place: &InStore) -> Crumb {
    Crumb { name: place.store.settings.name.clone(), href: address::store(place.store.id, "") }
}

fn switch_stores(organization: &OrganizationRecord) -> impl Iterator<Item = SwitchStore> + '_ {
    organization.stores.iter().map(|store| SwitchStore {
        organization: organization.name.clone(),
        store: Crumb { name: store.settings.name.clone(), href: address::store(store.id, "") },
        widgets: store
            .widgets
            .iter()
            .map(|widget| Crumb {
                name: widget.settings.name.clone(),
                href: address::widget(store.id, widget.id, ""),
            })
            .collect(),
    })
}

/// Renders a page with 200.
pub(crate) fn page(template: &impl Template) -> PageResult {
    page_with(StatusCode::OK, template)
}

/// Renders a page with another status, such as 422 for a form to be mended.
pub(crate) fn page_with(status: StatusCode, template: &impl Template) -> PageResult {
    template
        .render()
        .map(|html| (status, Html(html)).into_response())
        .map_err(|fault| PageError::Internal(format!("a page could not be rendered: {fault}")))
}

/// 303 to a page of ours, read with GET.
#[must_use]
pub(crate) fn see(path: &str) -> Response {
    axum::response::Redirect::to(path).into_response()
}

/// Puts the headers of SPEC section 13 on everything the dashboard answers, errors too.
pub(crate) async fn guard_headers(request: Request, next: Next) -> Response {
    with_headers(next.run(request).await)
}

/// See [`guard_headers`].
pub(crate) fn with_headers(mut response: Response) -> Response {
    let fixed = [
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::REFERRER_POLICY, "same-origin"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::CACHE_CONTROL, "no-store"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ];
    let headers = response.headers_mut();
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::address;
    use selektable_domain::id::StoreId;
    use uuid::Uuid;

    #[test]
    fn an_order_id_of_any_characters_stays_one_segment() {
        let store = StoreId::from_uuid(Uuid::from_u128(1));
        for order in ["a/b", "?x=1", "#1", "é", "100%", " ", "."] {
            let address = address::conversion(store, order);
            let segment = address.rsplit_once("/conversions/").unwrap().1;
            assert!(!segment.contains(['/', '#', ' ']) && !segment.starts_with(['.', '?']), "{address}");
        }
    }

    #[test]
    fn a_query_holds_what_is_set() {
        assert_eq!(address::with_query("/x", &[("a", ""), ("b", "")]), "/x");
        assert_eq!(address::with_query("/x", &[("a", "1 & 2"), ("b", "")]), "/x?a=1+%26+2");
    }
}
