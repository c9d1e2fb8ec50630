//! Time to conversion, also past the window, and what another window would credit.

use askama::Template;
use axum::extract::State;
use selektable_domain::money::Currency;
use selektable_domain::report::lag::{LagBar, LagReport, SAFARI_STORAGE_DAYS, SafariNote, WindowAdvice};
use selektable_domain::time::{DAY_MS, HOUR_MS, Window};

use super::access::InStore;
use super::answer::Answer;
use super::chart::Size;
use super::figures;
use super::form::Asked;
use super::page::{PageResult, Shell, StoreTab, address, page};
use super::parts::{Amount, Markup};
use super::period::{Period, Picker};
use super::{format, lag_chart};
use crate::ambient;
use crate::app::App;

#[derive(Template)]
#[template(path = "dashboard/lag.html")]
struct LagPage {
    shell: Shell,
    picker: Picker,
    answer: Answer,
    redeciding: bool,
    charts: [Markup; 2],
    curve: Vec<CurveRow>,
    windows: Vec<WindowRow>,
    window: String,
    safari: Vec<String>,
    list_href: String,
    rules: String,
    rules_href: String,
    begin: Option<String>,
}

struct CurveRow {
    within: String,
    past_window: bool,
    direct: String,
    other: String,
    so_far: String,
}

struct WindowRow {
    window: String,
    in_force: bool,
    direct: String,
    assisted: String,
    none: String,
    more: String,
    direct_money: Vec<Amount>,
    assisted_money: Vec<Amount>,
    try_href: Option<String>,
}

/// `GET /stores/{store}/lag`
pub(crate) async fn show(State(app): State<App>, place: InStore, Asked(asked): Asked) -> PageResult {
    let period = Period::read(&asked, &place.store.settings.zone, ambient::now());
    let (report, rules) = futures::try_join!(
        app.store.lag(place.tenant, period.range),
        figures::rules_of(&app, &place, &period)
    )?;
    page(&view(&report, rules, &place, &period))
}

fn view(report: &LagReport, rules: String, place: &InStore, period: &Period) -> LagPage {
    let window = place.store.ruleset.window;
    let usual = place.store.settings.currency;
    let in_force = report.windows.iter().find(|advice| advice.in_force);
    let drawn = |size| lag_chart::draw(&report.curve, window.as_millis(), size);
    LagPage {
        shell: Shell::store("Time to conversion", place, StoreTab::Lag),
        picker: period.picker(&address::store(place.store.id, "/lag"), &[]),
        answer: answer(report, in_force, period),
        redeciding: place.store.redeciding,
        charts: [drawn(Size::Wide), drawn(Size::Narrow)],
        curve: curve_rows(report, window),
        windows: report
            .windows
            .iter()
            .map(|advice| window_row(advice, in_force, report.conversions, usual, place))
            .collect(),
        window: format::window(window.as_millis()),
        safari: safari(report.safari, window),
        list_href: period.link(&address::store(place.store.id, "/conversions"), &[]),
        rules,
        rules_href: address::store(place.store.id, "/rules"),
        begin: (report.conversions == 0).then(|| address::connecting(&place.store)),
    }
}

const fn credited(advice: &WindowAdvice) -> u64 {
    advice.direct + advice.assisted
}

/// "Half of the 120 direct conversions in the last 30 days came within 2 h 14 min of the visualization, 9 of 10 within
/// 3 days. A window of 14 days would credit 6 more of 210 conversions."
fn answer(report: &LagReport, in_force: Option<&WindowAdvice>, period: &Period) -> Answer {
    let mut answer = Answer::default();
    let direct = in_force.map_or(0, |advice| advice.direct);
    match report.median_direct_ms {
        Some(median) if direct == 1 => {
            answer.say(format!("The only direct conversion {} came ", period.words()));
            answer.stress(format::duration(median));
            answer.say(" after its visualization.");
        }
        Some(median) => {
            let count = format::integer(direct);
            answer.say(format!("Half of the {count} direct conversions {} came within ", period.words()));
            answer.stress(format::duration(median));
            answer.say(" of the visualization");
            let p90 = report.p90_direct_ms.map(format::duration);
            answer.say(p90.map_or_else(String::new, |p90| format!(", 9 of 10 within {p90}")));
            answer.say(".");
        }
        None => {
            answer.stress("No direct conversion");
            answer.say(format!(" {}, so there is no time to tell.", period.words()));
        }
    }
    if let Some((longer, more)) = longer(report, in_force) {
        answer.say(format!(" A window of {} would credit ", format::window(longer.window.as_millis())));
        answer.stress(format!("{} more", format::integer(more)));
        answer.say(format!(" of {}.", format::counted(report.conversions, "conversion", "conversions")));
    }
    answer
}

/// The shortest window offered that credits more than the one in force, and how many.
fn longer<'a>(report: &'a LagReport, in_force: Option<&WindowAdvice>) -> Option<(&'a WindowAdvice, u64)> {
    let now = in_force.map(credited)?;
    report.windows.iter().find_map(|advice| {
        credited(advice).checked_sub(now).filter(|more| *more > 0).map(|more| (advice, more))
    })
}

fn curve_rows(report: &LagReport, window: Window) -> Vec<CurveRow> {
    let whole: u64 = report.curve.iter().map(|bar| bar.direct + bar.other).sum();
    let mut so_far = 0;
    let mut row = |bar: &LagBar| {
        so_far += bar.direct + bar.other;
        CurveRow {
            within: format::window(bar.up_to_ms),
            past_window: bar.up_to_ms > window.as_millis(),
            direct: format::integer(bar.direct),
            other: format::integer(bar.other),
            so_far: format::of(so_far, whole),
        }
    };
    report.curve.iter().map(&mut row).collect()
}

fn window_row(
    advice: &WindowAdvice,
    in_force: Option<&WindowAdvice>,
    conversions: u64,
    usual: Currency,
    place: &InStore,
) -> WindowRow {
    let millis = advice.window.as_millis();
    let hours = (millis / HOUR_MS).to_string();
    let money = |minor: fn(&selektable_domain::report::lag::WindowRevenue) -> i128| {
        let lines = advice.revenue.iter().map(|line| Amount::plain(minor(line), line.currency));
        let lines: Vec<Amount> = lines.collect();
        if lines.is_empty() { vec![Amount::plain(0, usual)] } else { lines }
    };
    WindowRow {
        window: format::window(millis),
        in_force: advice.in_force,
        direct: format::of(advice.direct, conversions),
        assisted: format::of(advice.assisted, conversions),
        none: format::of(advice.none, conversions),
        more: in_force.filter(|_| !advice.in_force).map_or_else(String::new, |now| more(advice, now)),
        direct_money: money(|line| line.direct_minor),
        assisted_money: money(|line| line.assisted_minor),
        try_href: (!advice.in_force).then(|| address::draft_rules(place.store.id, "window", &hours)),
    }
}

/// "12 more, 9 more of them direct": how a window differs from the one in force. Credited and direct ones are told
/// apart, because a longer window can also make an assisted conversion direct.
fn more(advice: &WindowAdvice, now: &WindowAdvice) -> String {
    let step = |after: u64, before: u64, what: &str| match after.cmp(&before) {
        std::cmp::Ordering::Greater => Some(format!("{} more {what}", format::integer(after - before))),
        std::cmp::Ordering::Less => Some(format!("{} fewer {what}", format::integer(before - after))),
        std::cmp::Ordering::Equal => None,
    };
    let parts: Vec<String> =
        [step(credited(advice), credited(now), "credited"), step(advice.direct, now.direct, "direct")]
            .into_iter()
            .flatten()
            .collect();
    if parts.is_empty() { "the same".to_owned() } else { parts.join(", ") }
}

/// What Safari's limit hides, what it does not, and where the missing ones are. Who uses Safari is not known, so
/// nothing is estimated.
fn safari(note: SafariNote, window: Window) -> Vec<String> {
    let conversions = |count| format::counted(count, "conversion", "conversions");
    let days = format::counted(SAFARI_STORAGE_DAYS.unsigned_abs(), "day", "days");
    let mut sentences = vec![
        format!(
            "Safari deletes what a site's scripts stored after {days} without a visit. A shopper who comes back later has a new visitor id, and the visualizations under the old one are not found."
        ),
        format!(
            "Not hidden: {} of known customers whose visualization was more than {days} before. Their browsers are joined by the customer's id, however often the visitor id is lost.",
            conversions(note.late_known_users)
        ),
        format!(
            "Partly hidden: {} by the visitor id alone were more than {days} after the visualization. They show that such orders happen; those made in Safari are missing here.",
            conversions(note.late_browsers)
        ),
        format!(
            "Where the missing ones show up: among the {} of visitors who never visualized or were never seen, as far as we know. How many of them is unknown: nothing here says who uses Safari.",
            conversions(note.strangers)
        ),
    ];
    sentences.push(if window.as_millis() <= SAFARI_STORAGE_DAYS * DAY_MS {
        format!(
            "Your window of {} is not longer than {days}, so figures under it miss little. The longer windows above are told too low.",
            format::window(window.as_millis())
        )
    } else {
        format!(
            "Your window of {} is longer than {days}, so figures under it are too low by those. Calling identify() when a customer logs in finds them again.",
            format::window(window.as_millis())
        )
    });
    sentences
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dashboard::form::Values;
    use selektable_domain::time::{Timestamp, Zone};

    fn advice(days: i64, direct: u64, assisted: u64, in_force: bool) -> WindowAdvice {
        let window = Window::from_hours(24 * days).unwrap();
        let none = 210 - direct - assisted;
        WindowAdvice { window, in_force, direct, assisted, none, revenue: Vec::new() }
    }

    fn report(windows: Vec<WindowAdvice>, median_direct_ms: Option<i64>) -> LagReport {
        LagReport {
            conversions: 210,
            curve: Vec::new(),
            median_direct_ms,
            p90_direct_ms: median_direct_ms.map(|_| 3 * DAY_MS),
            windows,
            safari: SafariNote::default(),
        }
    }

    fn said(report: &LagReport) -> String {
        let now = Timestamp::parse_rfc3339("2026-11-23T12:00:00Z").unwrap();
        let period = Period::read(&Values::default(), &Zone::parse("UTC").unwrap(), now);
        let in_force = report.windows.iter().find(|advice| advice.in_force);
        answer(report, in_force, &period).pieces.into_iter().map(|piece| piece.text).collect()
    }

    #[test]
    fn the_answer_names_the_median_and_the_next_window_that_credits_more() {
        let windows = vec![
            advice(3, 90, 20, false),
            advice(7, 120, 30, true),
            advice(14, 120, 30, false),
            advice(30, 130, 32, false),
        ];
        assert_eq!(
            said(&report(windows.clone(), Some(8_040_000))),
            "Half of the 120 direct conversions in the last 30 days came within 2 h 14 min of the visualization, 9 of 10 within 3 days. A window of 30 days would credit 12 more of 210 conversions."
        );
        let [short, now, same, long] = &windows[..] else { unreachable!() };
        assert_eq!(more(short, now), "40 fewer credited, 30 fewer direct");
        assert_eq!(more(same, now), "the same");
        assert_eq!(more(long, now), "12 more credited, 10 more direct");
    }

    #[test]
    fn without_direct_conversions_no_time_is_told() {
        let text = said(&report(vec![advice(7, 0, 0, true)], None));
        assert_eq!(text, "No direct conversion in the last 30 days, so there is no time to tell.");
        let one = said(&report(vec![advice(7, 1, 0, true)], Some(DAY_MS)));
        assert!(one.starts_with("The only direct conversion in the last 30 days came 1 day after"), "{one}");
    }

    #[test]
    fn safaris_limit_is_told_with_its_numbers_and_for_the_window_in_force() {
        let note = SafariNote { late_known_users: 12, late_browsers: 1, strangers: 1_040 };
        let week = safari(note, Window::DEFAULT).join(" ");
        assert!(week.contains("12 conversions of known customers") && week.contains("1 conversion by the"));
        assert!(week.contains("the 1,040 conversions of visitors") && week.contains("miss little"));
        let month = safari(note, Window::from_hours(30 * 24).unwrap()).join(" ");
        assert!(month.contains("Your window of 30 days is longer than 7 days"));
    }
}
