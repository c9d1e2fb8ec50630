//! The figures of a range, for a store or for one of its widgets: the answer in words, totals by type, the chart and
//! its table, and the money. Built from the same report as the API's.

use selektable_domain::attribution::AttributionType;
use selektable_domain::id::{StoreId, WidgetId};
use selektable_domain::money::Currency;
use selektable_domain::report::{RevenueLine, SeriesBucket, Summary, TypeCounts};
use selektable_domain::rules::Ruleset;
use selektable_domain::time::{Range, Zone, buckets};
use selektable_store::{StoreResult, Tenant};

use super::chart::{self, Bar, Size};
use super::format;
use super::page::address;
use super::parts::{Amount, Kind, Markup};
use super::period::{Period, days_of};
use super::words;
use crate::app::App;

/// A sentence with its numbers marked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Answer {
    /// Pieces in their order.
    pub pieces: Vec<Piece>,
}

/// Plain text, or something that carries the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    /// The text.
    pub text: String,
    /// Whether it is what was asked for.
    pub strong: bool,
}

impl Answer {
    fn say(&mut self, text: impl Into<String>) {
        self.pieces.push(Piece { text: text.into(), strong: false });
    }

    fn stress(&mut self, text: impl Into<String>) {
        self.pieces.push(Piece { text: text.into(), strong: true });
    }
}

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
        app.store.summary(tenant, period.range, scope.widget),
        app.store.series(tenant, cuts, scope.widget),
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
        Some(_) => Ok(Some(app.store.summary(tenant, period.range, None).await?.by_type.total())),
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
        rules: rules_line(scope.rules),
        quiet: summary.visualizations == 0 && summary.by_type.total() == 0 && summary.revenue.is_empty(),
        with_none: scope.widget.is_none(),
    }
}

/// "12 of 48 conversions in the last 30 days came after a visualization: €4,310.00 direct, €1,120.00 assisted."
fn answer(summary: &Summary, whole: u64, period: &Period, of_widget: bool) -> Answer {
    let mut answer = Answer::default();
    let TypeCounts { direct, assisted, .. } = summary.by_type;
    let after = direct + assisted;
    if whole == 0 {
        answer.stress("No conversion");
        answer.say(format!(" {}; ", period.words()));
        answer.say(match summary.visualizations {
            0 => "no visualization was made either.".to_owned(),
            1 => "1 visualization was made.".to_owned(),
            several => format!("{} visualizations were made.", format::integer(several)),
        });
        return answer;
    }
    answer.stress(format::of(after, whole));
    let noun = if whole == 1 { "conversion" } else { "conversions" };
    let which = if of_widget { " with this widget" } else { "" };
    answer.say(format!(" {noun} {} came after a visualization{which}", period.words()));
    if after == 0 {
        answer.say(".");
        return answer;
    }
    answer.say(": ");
    answer.stress(amounts(&summary.revenue, direct, |line| line.direct_minor));
    answer.say(" direct, ");
    answer.stress(amounts(&summary.revenue, assisted, |line| line.assisted_minor));
    answer.say(" assisted.");
    answer
}

/// Money of a type, or its count while it has no money (leads).
fn amounts(revenue: &[RevenueLine], count: u64, minor: impl Fn(&RevenueLine) -> i128) -> String {
    let any_money = revenue.iter().any(|line| line.direct_minor != 0 || line.assisted_minor != 0);
    let lines: Vec<String> = revenue
        .iter()
        .filter(|line| minor(line) != 0)
        .map(|line| format::money(minor(line), line.currency))
        .collect();
    match (any_money, lines.is_empty(), revenue.first()) {
        (true, false, _) => lines.join(" and "),
        (true, true, Some(first)) => format::money(0, first.currency),
        _ => format::integer(count),
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
    let mut money: Vec<String> =
        summary.revenue.iter().map(|line| format::money(minor(line), line.currency)).collect();
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dashboard::form::Values;
    use selektable_domain::time::Timestamp;

    fn period() -> Period {
        let now = Timestamp::parse_rfc3339("2026-11-23T12:00:00Z").unwrap();
        Period::read(&Values::default(), &Zone::parse("UTC").unwrap(), now)
    }

    fn said(summary: &Summary) -> String {
        answer(summary, summary.by_type.total(), &period(), false)
            .pieces
            .into_iter()
            .map(|piece| piece.text)
            .collect()
    }

    fn line(code: &str, direct: i128, assisted: i128) -> RevenueLine {
        let currency = Currency::parse(code).unwrap();
        RevenueLine { direct_minor: direct, assisted_minor: assisted, ..RevenueLine::zero(currency) }
    }

    #[test]
    fn the_answer_is_a_sentence_with_both_kinds_of_money() {
        let mut summary = Summary {
            by_type: TypeCounts { direct: 9, assisted: 3, none: 36 },
            revenue: vec![line("EUR", 431_000, 112_000)],
            ..Summary::default()
        };
        assert_eq!(
            said(&summary),
            "12 of 48 conversions in the last 30 days came after a visualization: €4,310.00 direct, €1,120.00 assisted."
        );
        summary.revenue.push(line("USD", 500, 0));
        assert!(said(&summary).ends_with(": €4,310.00 and $5.00 direct, €1,120.00 assisted."));
        summary.revenue = vec![line("EUR", 0, 100)];
        assert!(said(&summary).ends_with(": €0.00 direct, €1.00 assisted."));
    }

    #[test]
    fn leads_are_counted_and_an_empty_range_is_said_plainly() {
        let leads = Summary { by_type: TypeCounts { direct: 1, assisted: 0, none: 0 }, ..Summary::default() };
        assert_eq!(
            said(&leads),
            "1 of 1 conversion in the last 30 days came after a visualization: 1 direct, 0 assisted."
        );
        let none = Summary { by_type: TypeCounts { none: 2, ..TypeCounts::default() }, ..Summary::default() };
        assert_eq!(said(&none), "0 of 2 conversions in the last 30 days came after a visualization.");
        assert_eq!(
            said(&Summary { visualizations: 4, ..Summary::default() }),
            "No conversion in the last 30 days; 4 visualizations were made."
        );
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
