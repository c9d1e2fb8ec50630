//! The orders of a run that were missing, differed or were passed over.

use futures::future::try_join_all;
use selektable_domain::money::Currency;
use selektable_domain::order::OrderStatus;
use selektable_domain::report::reconciliation::{Comparison, FieldDifference};
use selektable_store::StoreResult;
use selektable_store::platforms::{PullLine, PullMode, PullRun};

use crate::app::App;
use crate::dashboard::access::InStore;
use crate::dashboard::page::address;
use crate::dashboard::parts::IdText;
use crate::words::{codes, format, platform as words};

/// Most lines shown of one run; more are counted only.
const LINES_SHOWN_MAX: usize = 100;

/// One order.
pub(super) struct LineRow {
    pub(super) number: Option<String>,
    pub(super) id: IdText,
    pub(super) href: Option<String>,
    pub(super) what: String,
    pub(super) is_passed_over: bool,
    pub(super) fields: Vec<FieldRow>,
}

/// One thing that differs.
pub(super) struct FieldRow {
    pub(super) name: String,
    pub(super) ours: String,
    pub(super) theirs: String,
}

/// Whether a run has more lines than are shown, or was cut when it was kept.
pub(super) fn is_cut(run: &PullRun) -> bool {
    let counted = run.missing + run.differing + run.passed_over;
    u64::try_from(run.lines.len().min(LINES_SHOWN_MAX)).is_ok_and(|shown| counted > shown)
}

/// Rows of a run. Each order is looked up, for its link and the currency of its amounts.
pub(super) async fn rows(app: &App, place: &InStore, run: &PullRun) -> StoreResult<Vec<LineRow>> {
    let shown = &run.lines[..run.lines.len().min(LINES_SHOWN_MAX)];
    let found = shown.iter().map(|line| app.store.conversion(place.tenant, line.order.clone()));
    let found = try_join_all(found).await?;
    let currencies = found.into_iter().map(|found| found.map(|found| found.record.order.currency));
    Ok(shown.iter().zip(currencies).map(|(line, currency)| row(line, currency, run.mode, place)).collect())
}

fn row(line: &PullLine, currency: Option<Currency>, mode: PullMode, place: &InStore) -> LineRow {
    let (what, fields) = match (&line.found, mode) {
        (Comparison::Missing, PullMode::BringIn) => ("Was missing, brought in".to_owned(), Vec::new()),
        (Comparison::Missing, PullMode::Compare) => ("Missing here".to_owned(), Vec::new()),
        (Comparison::Differs(fields), PullMode::BringIn) => {
            ("Differed, brought in".to_owned(), field_rows(fields, currency))
        }
        (Comparison::Differs(fields), PullMode::Compare) => {
            ("Differs".to_owned(), field_rows(fields, currency))
        }
        (Comparison::PassedOver(code), _) => (format!("Passed over: {}", words::ignored(code)), Vec::new()),
        (Comparison::Same, _) => ("The same".to_owned(), Vec::new()),
    };
    LineRow {
        number: line.number.clone(),
        id: IdText::new(&line.order),
        href: currency.map(|_| address::conversion(place.store.id, line.order.as_str())),
        what,
        is_passed_over: matches!(line.found, Comparison::PassedOver(_)),
        fields,
    }
}

/// Amounts in the order's currency; where the currency itself differs, each side in its own.
fn field_rows(fields: &[FieldDifference], currency: Option<Currency>) -> Vec<FieldRow> {
    let differing = fields.iter().find(|field| field.field == "currency");
    let ours = differing.and_then(|field| Currency::read_stored(&field.ours)).or(currency);
    let theirs = differing.and_then(|field| Currency::read_stored(&field.theirs)).or(currency);
    let row = |field: &FieldDifference| FieldRow {
        name: words::field(&field.field),
        ours: written(&field.field, &field.ours, ours),
        theirs: written(&field.field, &field.theirs, theirs),
    };
    fields.iter().map(row).collect()
}

fn written(field: &str, value: &str, currency: Option<Currency>) -> String {
    match field {
        "status" => OrderStatus::from_code(value)
            .map_or_else(|| value.to_owned(), |status| codes::status(status).to_owned()),
        "totalCents" | "refundedCents" => match (value.parse::<i64>(), currency) {
            (Ok(minor), Some(currency)) => format::money(minor, currency),
            _ => value.to_owned(),
        },
        _ if value.is_empty() => format::UNKNOWN.to_owned(),
        _ => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn difference(field: &str, ours: &str, theirs: &str) -> FieldDifference {
        FieldDifference { field: field.to_owned(), ours: ours.to_owned(), theirs: theirs.to_owned() }
    }

    fn texts(fields: &[FieldDifference], currency: &str) -> Vec<(String, String, String)> {
        let rows = field_rows(fields, Currency::parse(currency).ok());
        rows.into_iter().map(|row| (row.name, row.ours, row.theirs)).collect()
    }

    fn row(name: &str, ours: &str, theirs: &str) -> (String, String, String) {
        (name.to_owned(), ours.to_owned(), theirs.to_owned())
    }

    #[test]
    fn amounts_are_money_of_the_orders_currency_and_states_are_words() {
        let fields = [
            difference("status", "pending", "completed"),
            difference("totalCents", "4999", "5099"),
            difference("visitorId", "", "v-1"),
        ];
        assert_eq!(
            texts(&fields, "EUR"),
            [
                row("Status", "Pending", "Completed"),
                row("Ordered", "€49.99", "€50.99"),
                row("Visitor", "–", "v-1")
            ]
        );
    }

    #[test]
    fn when_the_currency_differs_each_side_is_written_in_its_own() {
        let fields = [difference("totalCents", "1000", "1000"), difference("currency", "JPY", "KWD")];
        assert_eq!(
            texts(&fields, "JPY"),
            [row("Ordered", "¥1,000", "KD\u{a0}1.000"), row("Currency", "JPY", "KWD")]
        );
    }
}
