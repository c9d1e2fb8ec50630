//! The list of a store's conversions; every filter stands in the address, so that a link is a view.

use askama::Template;
use axum::extract::State;
use selektable_domain::attribution::{AttributionType, Reason};
use selektable_domain::id::{StoreId, WidgetId};
use selektable_domain::order::OrderStatus;
use selektable_domain::report::{ConversionQuery, ConversionRecord, PAGE_ROWS_DEFAULT};
use selektable_domain::time::Zone;

use super::access::InStore;
use super::form::{Asked, Field, Input, Values};
use super::page::{PageResult, Shell, StoreTab, address, page};
use super::parts::{Amount, IdText, Kind, Pager, Status, TimeText};
use super::period::{Period, Picker};
use super::{format, pages, words};
use crate::ambient;
use crate::app::App;
use crate::words::platform;

/// One conversion in a list.
#[derive(Clone, Debug)]
pub(crate) struct ConversionRow {
    /// Its page.
    pub href: String,
    /// The shop's id.
    pub order: IdText,
    /// Our id.
    pub id: IdText,
    /// When it happened.
    pub at: TimeText,
    /// Its type.
    pub kind: Kind,
    /// Why.
    pub reason: &'static str,
    /// The order's status.
    pub status: Status,
    /// Gross total.
    pub total: Amount,
    /// What is attributed, to the widget where one is asked for.
    pub attributed: Amount,
    /// From the visualization to the conversion.
    pub time_to_conversion: String,
    /// What a reader should know before believing the row: `test order`, why it is left out, `unverified`, `sample history`.
    pub marks: Vec<&'static str>,
}

/// Makes a row; with a widget, its share of the credit only.
#[must_use]
pub(crate) fn row(
    record: &ConversionRecord,
    store: StoreId,
    zone: &Zone,
    widget: Option<WidgetId>,
) -> ConversionRow {
    let order = &record.order;
    ConversionRow {
        href: address::conversion(store, order.id.as_str()),
        order: IdText::new(&order.id),
        id: IdText::new(&record.id),
        at: TimeText::new(record.occurred_at, zone),
        kind: record.attribution.kind.into(),
        reason: words::reason(record.attribution.reason),
        status: order.status.into(),
        total: Amount::under(order.status, order.total_minor, order.currency),
        attributed: attributed(record, widget),
        time_to_conversion: record
            .attribution
            .time_to_conversion_ms
            .map_or_else(|| format::UNKNOWN.to_owned(), format::duration),
        marks: marks(record),
    }
}

fn attributed(record: &ConversionRecord, widget: Option<WidgetId>) -> Amount {
    let (order, attribution) = (&record.order, &record.attribution);
    if attribution.provisional_minor > 0 {
        return Amount::provisional(attribution.provisional_minor, order.currency);
    }
    let minor = widget.map_or(attribution.attributed_minor, |widget| {
        attribution.credits.iter().filter(|credit| credit.widget == widget).map(|credit| credit.minor).sum()
    });
    Amount::plain(minor, order.currency)
}

/// What a reader should know before believing a conversion.
#[must_use]
pub(crate) fn marks(record: &ConversionRecord) -> Vec<&'static str> {
    let left_out = record.order.left_out();
    let all = [
        (left_out.is_some(), left_out.map_or("", platform::left_out_mark)),
        (record.order.source.is_unverified(), "unverified"),
        (record.sample, "sample history"),
    ];
    all.into_iter().filter(|(holds, _)| *holds).map(|(_, mark)| mark).collect()
}

/// What was asked for, without the period.
struct Filters {
    kind: Option<AttributionType>,
    reason: Option<Reason>,
    status: Option<OrderStatus>,
    widget: Option<WidgetId>,
}

impl Filters {
    /// A value that is none of the choices counts as "all".
    fn read(asked: &Values) -> Self {
        Self {
            kind: AttributionType::from_code(asked.get("type")),
            reason: Reason::from_code(asked.get("reason")),
            status: OrderStatus::from_code(asked.get("status")),
            widget: asked.get("widget").parse().ok(),
        }
    }

    fn pairs(&self) -> [(&'static str, String); 4] {
        [
            ("type", self.kind.map_or("", AttributionType::code).to_owned()),
            ("reason", self.reason.map_or("", Reason::code).to_owned()),
            ("status", self.status.map_or("", OrderStatus::code).to_owned()),
            ("widget", self.widget.map(|widget| widget.to_string()).unwrap_or_default()),
        ]
    }

    fn any(&self) -> bool {
        self.pairs().iter().any(|(_, value)| !value.is_empty())
    }

    fn fields(&self, place: &InStore) -> Vec<Field> {
        let kinds = AttributionType::ALL.map(|kind| (kind.code().to_owned(), words::kind(kind).to_owned()));
        let reasons =
            Reason::ALL.map(|reason| (reason.code().to_owned(), format::capital(words::reason(reason))));
        let statuses =
            OrderStatus::BY_RANK.map(|status| (status.code().to_owned(), words::status(status).to_owned()));
        let widgets = &place.store.widgets;
        let widgets = widgets.iter().map(|widget| (widget.id.to_string(), widget.settings.name.clone()));
        let [kind, reason, status, widget] = self.pairs().map(|(_, value)| value);
        vec![
            choice("type", "Type", kinds.to_vec(), kind),
            choice("reason", "Reason", reasons.to_vec(), reason),
            choice("status", "Status", statuses.to_vec(), status),
            choice("widget", "Widget", widgets.collect(), widget),
        ]
    }
}

fn choice(
    name: &'static str,
    label: &'static str,
    mut options: Vec<(String, String)>,
    value: String,
) -> Field {
    options.insert(0, (String::new(), "All".to_owned()));
    Field::line(name, label).input(Input::Choice(options)).value(value)
}

#[derive(Template)]
#[template(path = "dashboard/conversions.html")]
struct ConversionsPage {
    shell: Shell,
    path: String,
    picker: Picker,
    period_pairs: Vec<(&'static str, String)>,
    period_words: String,
    filters: Vec<Field>,
    filtered: bool,
    rows: Vec<ConversionRow>,
    pager: Pager,
    install_href: String,
}

/// `GET /stores/{store}/conversions`
pub(crate) async fn show(State(app): State<App>, place: InStore, Asked(asked): Asked) -> PageResult {
    let zone = &place.store.settings.zone;
    let period = Period::read(&asked, zone, ambient::now());
    let filters = Filters::read(&asked);
    let query = ConversionQuery {
        range: period.range,
        kind: filters.kind,
        reason: filters.reason,
        status: filters.status,
        widget: filters.widget,
        cursor: pages::read(&asked),
        limit: PAGE_ROWS_DEFAULT,
    };
    let found = app.store.conversions(place.tenant, query).await?;
    let path = address::store(place.store.id, "/conversions");
    let pairs = filters.pairs();
    let kept: Vec<(&'static str, &str)> = pairs.iter().map(|(name, value)| (*name, value.as_str())).collect();
    page(&ConversionsPage {
        shell: Shell::store("Conversions", &place, StoreTab::Conversions),
        picker: period.picker(&path, &kept),
        period_pairs: period.pairs(),
        period_words: period.words(),
        filters: filters.fields(&place),
        filtered: filters.any(),
        rows: found.data.iter().map(|record| row(record, place.store.id, zone, filters.widget)).collect(),
        pager: pages::pager(("conversion", "conversions"), &found, &asked, |more| {
            period.link(&path, &kept.iter().copied().chain(more.iter().copied()).collect::<Vec<_>>())
        }),
        install_href: address::connecting(&place.store),
        path,
    })
}
