//! The figures of a range, for a store or for one of its widgets: the answer in words, totals by type, the chart and
//! its table, and the money. Built from the same report as the API's.

use selektable_domain::attribution::AttributionType;
use selektable_domain::id::{StoreId, WidgetId};
use selektable_domain::money::Currency;
use selektable_domain::report::{Lens, RevenueLine, SeriesBucket, Summary, TypeCounts};
use selektable_domain::rules::Ruleset;
use selektable_domain::time::{Range, Zone, buckets};
use selektable_store::{StoreResult, Tenant};

use super::access::InStore;
use super::answer::{Answer, answer};
use super::chart::{self, Bar, Size};
use super::format;
use super::lens::Reading;
use super::page::address;
use super::parts::{Amount, Kind, Markup};
use super::period::{Period, days_of};
use super::words;
use crate::app::App;

/// One type's total.
#[derive(Clone, Debug)]
pub(crate) struct Tile {
    /// The type.
    pub kind: Kind,
    /// How many, such as `9 of 48`.
    pub count: String,
    /// Attributed money, a line a currency.
    pub money: Vec<String>,
    /// What that money is, where the type does not say it.
    pub note: &'static str,
    /// Where its rows are.
    pub href: String,
}

/// Money of one currency.
#[derive(Clone, Debug)]
pub(crate) struct RevenueRow {
    /// Its code.
    pub currency: &'static str,
    /// Everything ordered.
    pub gross: Amount,
    /// Given back.
    pub refunded: Amount,
    /// What is left of paid orders.
    pub net: Amount,
    /// Of direct conversions.
    pub direct: Amount,
    /// Of assisted conversions.
    pub assisted: Amount,
    /// Once paid.
    pub provisional: Amount,
}

/// One bucket of the table behind the chart.
#[derive(Clone, Debug)]
pub(crate) struct SeriesRow {
    /// Its days.
    pub days: String,
    /// Its rows.
    pub href: String,
    /// Direct conversions.
    pub direct: String,
    /// Assisted conversions.
    pub assisted: String,
    /// Unattributed conversions.
    pub none: String,
    /// Visualizations.
    pub visualizations: String,
    /// Direct money.
    pub direct_money: String,
    /// Assisted money.
    pub assisted_money: String,
}

/// Everything above, ready to be shown.
#[derive(Clone, Debug)]
pub(crate) struct Figures {
    /// The page's answer.
    pub answer: Answer,
    /// Totals by type.
    pub tiles: Vec<Tile>,
    /// Visualizations made.
    pub visualizations: String,
    /// By how many visitors.
    pub visitors: String,
    /// Where they are listed.
    pub visualizations_href: String,
    /// Money by currency.
    pub revenue: Vec<RevenueRow>,
    /// Charts for both widths.
    pub charts: [Markup; 2],
    /// Their table.
    pub series: Vec<SeriesRow>,
    /// What one row of it is.
    pub interval: &'static str,
    /// The rules these figures were made under.
    pub rules: String,
    /// Where the rules are.
    pub rules_href: String,
    /// Whether nothing at all happened in the range.
    pub quiet: bool,
    /// Whether unattributed conversions are part of the figures; they are no widget's.
    pub with_none: bool,
}

/// Where figures are shown, and of what.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scope<'a> {
    /// The store.
    pub store: StoreId,
    /// One widget of it, or all.
    pub widget: Option<WidgetId>,
    /// Its zone.
    pub zone: &'a Zone,
    /// Its rules.
    pub rules: &'a Ruleset,
    /// Its currency, for a line of zeros when there is no money.
    pub currency: Currency,
    /// How they are read.
    pub reading: &'a Reading,
}

/// Reads the figures of a period.
pub(crate) async fn load(
    app: &App,
    tenant: Tenant,
    period: &Period,
    scope: Scope<'_>,
) -> StoreResult<(Summary, Figures)> {
    let cuts = clipped_buckets(period, scope.zone);
    let (summary, series, of_store) = futures::try_join!(
        app.store.summary(tenant, period.range, scope.reading.lens(scope.widget)),
        app.store.series(tenant, cuts, scope.reading.lens(scope.widget)),
        conversions_of_store(app, tenant, period, scope),
    )?;
    let whole = of_store.unwrap_or(summary.by_type.total());
    let figures = view(&summary, &series, whole, period, scope);
    Ok((summary, figures))
}

/// A widget's conversions are a part of its store's, so those are counted too.
async fn conversions_of_store(
    app: &App,
    tenant: Tenant,
    period: &Period,
    scope: Scope<'_>,
) -> StoreResult<Option<u64>> {
    match scope.widget {
        Some(_) => {
            Ok(Some(app.store.summary(tenant, period.range, scope.reading.lens(None)).await?.by_type.total()))
        }
        None => Ok(None),
    }
}

/// Buckets of the period, the first and last cut to it, so that the table adds up to the totals.
fn clipped_buckets(period: &Period, zone: &Zone) -> Vec<Range> {
    // The period is bounded by its own limits, so a fault can't happen; one bucket is right in any case.
    let mut cuts = buckets(period.range, period.interval(), zone).unwrap_or_else(|_| vec![period.range]);
    if let Some(first) = cuts.first_mut() {
        first.from = first.from.max(period.range.from);
    }
    if let Some(last) = cuts.last_mut() {
        last.to = last.to.min(period.range.to);
    }
    cuts
}

/// The rules that the conversions of a period were decided under, for a page whose report does not say so itself.
pub(crate) async fn rules_of(app: &App, place: &InStore, period: &Period) -> StoreResult<String> {
    let summary = app.store.summary(place.tenant, period.range, Lens::default()).await?;
    Ok(made_under(&summary.ruleset_versions, &place.store.ruleset))
}

/// Makes the view; pure. `whole` counts the store's conversions, of which these are all or a widget's part.
#[must_use]
pub(crate) fn view(
    summary: &Summary,
    series: &[SeriesBucket],
    whole: u64,
    period: &Period,
    scope: Scope<'_>,
) -> Figures {
    let widget = scope.widget.map(|widget| widget.to_string()).unwrap_or_default();
    let bars: Vec<Bar> = series.iter().map(|bucket| bar(bucket, scope, &widget)).collect();
    Figures {
        answer: answer(summary, whole, period, scope.widget.is_some()),
        tiles: AttributionType::ALL
            .into_iter()
            .filter(|kind| scope.widget.is_none() || *kind != AttributionType::None)
            .map(|kind| tile(kind, summary, whole, period, scope, &widget))
            .collect(),
        visualizations: format::integer(summary.visualizations),
        visitors: format::counted(summary.visitors, "visitor", "visitors"),
        visualizations_href: period
            .link(&address::store(scope.store, "/visualizations"), &[("widget", &widget)]),
        revenue: summary.revenue.iter().map(revenue_row).collect(),
        charts: [chart::draw(&bars, Size::Wide), chart::draw(&bars, Size::Narrow)],
        series: series.iter().zip(&bars).rev().map(|(bucket, bar)| series_row(bucket, bar)).collect(),
        interval: match period.interval() {
            selektable_domain::time::Interval::Week => "Week",
            _ => "Day",
        },
        rules: made_under(&summary.ruleset_versions, scope.rules),
        rules_href: address::store(scope.store, "/rules"),
        quiet: summary.visualizations == 0 && summary.by_type.total() == 0 && summary.revenue.is_empty(),
        with_none: scope.widget.is_none(),
    }
}

fn tile(
    kind: AttributionType,
    summary: &Summary,
    whole: u64,
    period: &Period,
    scope: Scope<'_>,
    widget: &str,
) -> Tile {
    let TypeCounts { direct, assisted, none } = summary.by_type;
    let (count, note, minor): (u64, _, fn(&RevenueLine) -> i128) = match kind {
        AttributionType::Direct => (direct, "", |line| line.direct_minor),
        AttributionType::Assisted => (assisted, "", |line| line.assisted_minor),
        // Under `matched_lines`, part of an attributed order's money is not attributed either.
        AttributionType::None => {
            (none, "all other net revenue", |line| line.net_minor - line.direct_minor - line.assisted_minor)
        }
    };
    // A currency that has nothing of this type is noise beside one that has.
    let with_money = summary.revenue.iter().filter(|line| minor(line) != 0);
    let mut money: Vec<String> = with_money.map(|line| format::money(minor(line), line.currency)).collect();
    if money.is_empty() {
        money.push(format::money(0, scope.currency));
    }
    let pairs = [("type", kind.code()), ("widget", widget)];
    Tile {
        kind: kind.into(),
        count: format::of(count, whole),
        money,
        note,
        href: period.link(&address::store(scope.store, "/conversions"), &pairs),
    }
}

fn revenue_row(line: &RevenueLine) -> RevenueRow {
    let plain = |minor| Amount::plain(minor, line.currency);
    RevenueRow {
        currency: line.currency.code(),
        gross: plain(line.gross_minor),
        refunded: if line.refunded_minor == 0 {
            plain(0)
        } else {
            Amount::reversed(line.refunded_minor, line.currency)
        },
        net: plain(line.net_minor),
        direct: plain(line.direct_minor),
        assisted: plain(line.assisted_minor),
        provisional: if line.provisional_minor == 0 {
            plain(0)
        } else {
            Amount::provisional(line.provisional_minor, line.currency)
        },
    }
}

fn bar(bucket: &SeriesBucket, scope: Scope<'_>, widget: &str) -> Bar {
    let (label, title, from, to) =
        days_of(bucket.range, scope.zone).map_or_else(Default::default, |(first, last)| {
            let long = |day: jiff::civil::Date| day.strftime("%-d %b %Y").to_string();
            let title =
                if first == last { long(first) } else { format!("{} to {}", long(first), long(last)) };
            (first.strftime("%-d %b").to_string(), title, first.to_string(), last.to_string())
        });
    let pairs = [("from", from.as_str()), ("to", to.as_str()), ("widget", widget)];
    Bar {
        label,
        title,
        href: address::with_query(&address::store(scope.store, "/conversions"), &pairs),
        direct: bucket.by_type.direct,
        assisted: bucket.by_type.assisted,
        none: bucket.by_type.none,
        visualizations: bucket.visualizations,
    }
}

fn series_row(bucket: &SeriesBucket, bar: &Bar) -> SeriesRow {
    let money = |minor: fn(&RevenueLine) -> i128| {
        let lines: Vec<String> =
            bucket.revenue.iter().map(|line| format::money(minor(line), line.currency)).collect();
        if lines.is_empty() { format::UNKNOWN.to_owned() } else { lines.join(", ") }
    };
    SeriesRow {
        days: bar.title.clone(),
        href: bar.href.clone(),
        direct: format::integer(bar.direct),
        assisted: format::integer(bar.assisted),
        none: format::integer(bar.none),
        visualizations: format::integer(bar.visualizations),
        direct_money: money(|line| line.direct_minor),
        assisted_money: money(|line| line.assisted_minor),
    }
}

/// "Ruleset 1: window 7 days, last touch, the whole order."
#[must_use]
pub(crate) fn rules_line(rules: &Ruleset) -> String {
    format!(
        "Ruleset {}: attribution window {}, {}, revenue of {}.",
        rules.version,
        format::window(rules.window.as_millis()),
        words::model(rules.model),
        words::basis(rules.basis)
    )
}

/// Under which versions figures were made: "Made under ruleset 3 (1,180 conversions) and 2 (24 conversions)."
#[must_use]
pub(crate) fn made_under(versions: &[(u32, u64)], in_force: &Ruleset) -> String {
    let rules = rules_line(in_force);
    match versions {
        [] => rules,
        [(only, _)] if *only == in_force.version => rules.replacen("Ruleset", "Made under ruleset", 1),
        several => {
            let counted = |(version, count): &(u32, u64)| {
                format!("{version} ({})", format::counted(*count, "conversion", "conversions"))
            };
            let names: Vec<String> = several.iter().rev().map(counted).collect();
            format!("Made under ruleset {}. In force now: {rules}", format::listed(&names))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dashboard::form::Values;
    use selektable_domain::time::Timestamp;

    #[test]
    fn figures_name_every_version_they_were_made_under() {
        let made = |versions: &[(u32, u64)]| made_under(versions, &Ruleset::FIRST.numbered(3));
        assert!(made(&[]).starts_with("Ruleset 3: "));
        assert!(made(&[(3, 7)]).starts_with("Made under ruleset 3: "));
        let mixed = made(&[(2, 24), (3, 1_180)]);
        let expected =
            "Made under ruleset 3 (1,180 conversions) and 2 (24 conversions). In force now: Ruleset 3: ";
        assert!(mixed.starts_with(expected), "{mixed}");
        assert!(made(&[(2, 1)]).starts_with("Made under ruleset 2 (1 conversion). In force now: "));
    }

    #[test]
    fn weeks_at_the_ends_are_cut_to_the_period() {
        let zone = Zone::parse("Europe/Amsterdam").unwrap();
        let asked = Values::from([("from", "2026-01-01"), ("to", "2026-11-01")]);
        let period = Period::read(&asked, &zone, Timestamp::from_millis(0));
        let cuts = clipped_buckets(&period, &zone);
        assert_eq!((cuts[0].from, cuts[cuts.len() - 1].to), (period.range.from, period.range.to));
        assert!(cuts.windows(2).all(|pair| pair[0].to == pair[1].from));
    }
}
