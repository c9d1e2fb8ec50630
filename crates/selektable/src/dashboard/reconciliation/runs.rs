//! What was looked up when: one row a run, and the newest in a sentence.

use selektable_domain::time::{Timestamp, Zone};
use selektable_store::platforms::{PullMode, PullRun, PullState};

use crate::dashboard::access::InStore;
use crate::dashboard::answer::Answer;
use crate::dashboard::page::address;
use crate::dashboard::parts::TimeText;
use crate::words::{format, platform as words};

/// One run.
pub(super) struct RunRow {
    pub(super) at: TimeText,
    pub(super) what: String,
    pub(super) since: String,
    pub(super) state: String,
    pub(super) is_bad: bool,
    pub(super) orders: String,
    pub(super) missing: String,
    pub(super) differing: String,
    pub(super) same: String,
    pub(super) passed_over: String,
    pub(super) lines_href: Option<String>,
}

/// Whether a run brought in nothing because nothing was missing, as nearly every hour does.
pub(super) fn is_quiet(run: &PullRun) -> bool {
    run.mode == PullMode::BringIn
        && run.state == PullState::Done
        && [run.missing, run.differing, run.passed_over] == [0; 3]
}

/// Rows, newest first. A run that stands as running while none goes on was interrupted. Quiet runs after one another are
/// one row, the newest run apart, so that the others are found among them.
pub(super) fn rows(pulls: &[PullRun], is_running: bool, place: &InStore, path: &str) -> Vec<RunRow> {
    let zone = &place.store.settings.zone;
    let Some((newest, older)) = pulls.split_first() else { return Vec::new() };
    let mut rows = vec![RunRow { lines_href: None, ..row(newest, is_running, zone, path) }];
    for stretch in older.chunk_by(|one, next| is_quiet(one) && is_quiet(next)) {
        match stretch {
            [latest, .., earliest] => rows.push(quiet_row(stretch.len(), latest, earliest, zone)),
            [alone] => rows.push(row(alone, false, zone, path)),
            [] => {}
        }
    }
    rows
}

fn row(run: &PullRun, goes_on: bool, zone: &Zone, path: &str) -> RunRow {
    RunRow {
        at: TimeText::new(run.started_at, zone),
        what: match run.mode {
            PullMode::BringIn => "Brought in".to_owned(),
            PullMode::Compare => "Compared".to_owned(),
        },
        since: format::day(run.since, zone),
        state: state(run, goes_on),
        is_bad: matches!(run.state, PullState::Failed(_)),
        orders: format::integer(run.orders),
        missing: format::integer(run.missing),
        differing: format::integer(run.differing),
        same: format::integer(run.same),
        passed_over: format::integer(run.passed_over),
        lines_href: (!run.lines.is_empty()).then(|| {
            let at = run.started_at.as_millis().to_string();
            format!("{}#lines", address::with_query(path, &[("run", &at)]))
        }),
    }
}

/// Their orders are not added up: each looks back over the one before.
fn quiet_row(runs: usize, latest: &PullRun, earliest: &PullRun, zone: &Zone) -> RunRow {
    RunRow {
        at: TimeText::new(latest.started_at, zone),
        what: format!("Looked {runs} times: nothing was missing"),
        since: format::day(earliest.since, zone),
        orders: "–".to_owned(),
        same: "–".to_owned(),
        lines_href: None,
        ..row(latest, false, zone, "")
    }
}

fn state(run: &PullRun, goes_on: bool) -> String {
    match &run.state {
        PullState::Running if goes_on => "Going on".to_owned(),
        PullState::Running => "Interrupted; goes on with the next one since the same day".to_owned(),
        PullState::Done => "Done".to_owned(),
        PullState::Failed(why) => format!("Failed. {why}"),
    }
}

/// Names a run above its lines.
pub(super) fn title(run: &PullRun, zone: &Zone) -> String {
    let what = match run.mode {
        PullMode::BringIn => "brought in",
        PullMode::Compare => "compared",
    };
    format!("Orders {what} on {}", format::instant(run.started_at, zone).shown)
}

/// The newest run in a sentence. Example: "Of 48 orders WooCommerce changed since 16 Nov 2026, 2 were missing here and 1
/// differed: they were brought in."
pub(super) fn answer(newest: Option<&PullRun>, is_running: bool, place: &InStore) -> Answer {
    let name = words::platform(place.store.platform);
    let day = |at: Timestamp| format::day(at, &place.store.settings.zone);
    match newest {
        None => {
            let mut answer = Answer::default();
            answer.say(format!("Nothing has been looked up at {name} yet."));
            answer
        }
        Some(run) => sentence(run, is_running, name, &day(run.since)),
    }
}

fn sentence(run: &PullRun, is_running: bool, name: &str, since: &str) -> Answer {
    let mut answer = Answer::default();
    let orders = format::counted(run.orders, "order", "orders");
    match (&run.state, is_running) {
        (PullState::Running, true) => {
            answer.say(format!("Looking up what {name} changed since {since}: "));
            answer.stress(orders);
            answer.say(format!(" so far, {} missing here, {} different.", run.missing, run.differing));
            return answer;
        }
        (PullState::Running, false) => {
            answer.say(format!("Looking up what {name} changed since {since} was interrupted after "));
            answer.stress(orders);
            answer.say(". Begin it again with the same day: it goes on where it was.");
            return answer;
        }
        (PullState::Failed(why), _) => {
            answer.stress("Looking orders up failed");
            answer.say(format!(" after {orders} since {since}. {why}"));
            return answer;
        }
        (PullState::Done, _) => {}
    }
    if run.orders == 0 {
        answer.say(format!("{name} changed no order since {since}."));
        return answer;
    }
    answer.say("Of ");
    answer.stress(orders);
    answer.say(format!(" {name} changed since {since}, "));
    answer.stress(count(run.missing));
    answer.say(if run.missing == 1 { " was missing here and " } else { " were missing here and " });
    answer.stress(count(run.differing));
    answer.say(" differed");
    answer.say(match (run.mode, run.missing + run.differing) {
        (_, 0) => ".",
        (PullMode::BringIn, 1) => ": it was brought in.",
        (PullMode::BringIn, _) => ": they were brought in.",
        (PullMode::Compare, _) => ". Nothing was changed here: bring them in below.",
    });
    answer
}

fn count(number: u64) -> String {
    if number == 0 { "none".to_owned() } else { format::integer(number) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(run: &PullRun, is_running: bool) -> String {
        let answer = sentence(run, is_running, "WooCommerce", "16 Nov 2026");
        answer.pieces.into_iter().map(|piece| piece.text).collect()
    }

    fn run(mode: PullMode, state: PullState, [orders, missing, differing]: [u64; 3]) -> PullRun {
        let at = Timestamp::from_millis(0);
        PullRun {
            started_at: at,
            mode,
            since: at,
            cursor: None,
            state,
            updated_at: at,
            orders,
            missing,
            differing,
            same: orders - missing - differing,
            passed_over: 0,
            lines: Vec::new(),
        }
    }

    #[test]
    fn only_what_found_nothing_to_bring_in_is_quiet() {
        let done = |mode, counts| is_quiet(&run(mode, PullState::Done, counts));
        assert!(done(PullMode::BringIn, [9, 0, 0]));
        assert!(!done(PullMode::BringIn, [9, 1, 0]) && !done(PullMode::BringIn, [9, 0, 1]));
        assert!(!done(PullMode::Compare, [9, 0, 0]));
        assert!(!is_quiet(&run(PullMode::BringIn, PullState::Running, [0, 0, 0])));
        let runs = [
            run(PullMode::BringIn, PullState::Done, [5, 0, 0]),
            run(PullMode::BringIn, PullState::Done, [7, 0, 0]),
        ];
        let row = quiet_row(2, &runs[0], &runs[1], &Zone::parse("UTC").unwrap());
        assert_eq!((row.what.as_str(), row.orders.as_str()), ("Looked 2 times: nothing was missing", "–"));
    }

    #[test]
    fn a_run_is_told_in_one_sentence() {
        let done = |mode, counts| said(&run(mode, PullState::Done, counts), false);
        assert_eq!(
            done(PullMode::BringIn, [48, 2, 1]),
            "Of 48 orders WooCommerce changed since 16 Nov 2026, 2 were missing here and 1 differed: they were brought in."
        );
        assert_eq!(
            done(PullMode::BringIn, [1, 1, 0]),
            "Of 1 order WooCommerce changed since 16 Nov 2026, 1 was missing here and none differed: it was brought in."
        );
        assert!(done(PullMode::Compare, [48, 0, 0]).ends_with("none were missing here and none differed."));
        assert!(
            done(PullMode::Compare, [48, 2, 0]).ends_with("Nothing was changed here: bring them in below.")
        );
        assert_eq!(done(PullMode::Compare, [0, 0, 0]), "WooCommerce changed no order since 16 Nov 2026.");
    }

    #[test]
    fn a_run_that_is_not_done_says_whether_it_goes_on() {
        let running = run(PullMode::BringIn, PullState::Running, [20, 3, 0]);
        assert!(said(&running, true).contains("20 orders so far, 3 missing here"));
        assert!(said(&running, false).contains("was interrupted after 20 orders"));
        let failed = run(PullMode::BringIn, PullState::Failed("The key is gone.".to_owned()), [20, 3, 0]);
        assert!(said(&failed, false).ends_with("after 20 orders since 16 Nov 2026. The key is gone."));
    }
}
