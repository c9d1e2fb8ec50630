//! What a page of figures answers, as a sentence in its first line.

use askama::Template;
use selektable_domain::report::{RevenueLine, Summary, TypeCounts};

use super::format;
use super::period::Period;

/// A sentence with its numbers marked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Template)]
#[template(path = "dashboard/parts/answer.html")]
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

impl askama::filters::HtmlSafe for Answer {}

impl Answer {
    /// Goes on with plain text.
    pub(super) fn say(&mut self, text: impl Into<String>) {
        self.pieces.push(Piece { text: text.into(), strong: false });
    }

    /// Goes on with what was asked for.
    pub(super) fn stress(&mut self, text: impl Into<String>) {
        self.pieces.push(Piece { text: text.into(), strong: true });
    }
}

/// Says it; `whole` counts the store's conversions, of which the summary's are all or a widget's part. Example:
/// "12 of 48 conversions in the last 30 days came after a visualization: €4,310.00 direct, €1,120.00 assisted."
#[must_use]
pub(crate) fn answer(summary: &Summary, whole: u64, period: &Period, of_widget: bool) -> Answer {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dashboard::form::Values;
    use selektable_domain::money::Currency;
    use selektable_domain::time::{Timestamp, Zone};

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
}
