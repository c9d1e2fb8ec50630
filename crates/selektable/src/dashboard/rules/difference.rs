//! What other rules would have decided, beside what stands: as a sentence, as flips, as money, by widget, by order.

use selektable_domain::attribution::{AttributionType, Reason};
use selektable_domain::money::Currency;
use selektable_domain::report::dry_run::{
    DRY_RUN_ORDERS_MAX, DryRun, Flip, MoneyMove, OrderMove, WidgetMove,
};

use crate::dashboard::access::InStore;
use crate::dashboard::page::address;
use crate::dashboard::parts::{Amount, IdText, Kind, TimeText};
use crate::dashboard::{format, words};

/// Orders in sight; the others stand in a part to be opened.
const ORDERS_IN_SIGHT: usize = 20;

/// The difference as it is shown.
pub(super) struct DifferenceView {
    /// The first line.
    pub answer: String,
    /// Conversions from type to type.
    pub flips: Vec<FlipRow>,
    /// Money by currency.
    pub money: Vec<MoneyRow>,
    /// Widgets by share and money.
    pub widgets: Vec<WidgetRow>,
    /// Orders by what moves, the first in sight.
    pub orders: Vec<OrderRow>,
    /// The others.
    pub more_orders: Vec<OrderRow>,
    /// How many those are.
    pub more_words: String,
    /// What the list of orders leaves out.
    pub more: Option<String>,
}

/// Conversions of one type as it stands.
pub(super) struct FlipRow {
    /// The type.
    pub before: Kind,
    /// Under the draft, in the order of the types.
    pub cells: Vec<FlipCell>,
}

/// One of the nine ways.
pub(super) struct FlipCell {
    /// The type under the draft.
    pub after: &'static str,
    /// How many.
    pub count: String,
    /// Whether the type stays.
    pub stays: bool,
    /// Whether there is none.
    pub nothing: bool,
}

/// Attributed money of one currency.
pub(super) struct MoneyRow {
    /// Its code.
    pub currency: &'static str,
    /// Direct: as it stands, under the draft, the difference.
    pub direct: [Amount; 3],
    /// Assisted: the same.
    pub assisted: [Amount; 3],
}

/// A widget.
pub(super) struct WidgetRow {
    /// Its name.
    pub name: String,
    /// Its page.
    pub href: String,
    /// Conversions by weight: as it stands, under the draft.
    pub share: [String; 2],
    /// Direct as it stands and under the draft, assisted as it stands and under the draft; each an amount a currency.
    pub money: [Vec<Amount>; 4],
}

/// One order.
pub(super) struct OrderRow {
    /// Its id.
    pub order: IdText,
    /// Its page.
    pub href: String,
    /// When it happened.
    pub at: TimeText,
    /// As it stands.
    pub before: Decided,
    /// Under the draft.
    pub after: Decided,
    /// The money that moves; `None` where only who has the credit changes.
    pub moves: Option<String>,
}

/// What was decided of an order.
pub(super) struct Decided {
    /// The type.
    pub kind: Kind,
    /// Why.
    pub reason: &'static str,
    /// Attributed.
    pub amount: Amount,
}

/// The difference of a dry run `of` something, such as "of the last 30 days".
#[must_use]
pub(super) fn view(run: &DryRun, place: &InStore, of: &str) -> DifferenceView {
    let shown = u64::try_from(run.orders.len()).unwrap_or(u64::MAX);
    let mut orders = run.orders.iter().map(|order| order_row(order, place));
    let first = orders.by_ref().take(ORDERS_IN_SIGHT).collect();
    DifferenceView {
        answer: answer(run, of),
        flips: AttributionType::ALL.into_iter().map(|before| flip_row(before, &run.flips)).collect(),
        money: run.money.iter().map(money_row).collect(),
        widgets: run.widgets.iter().map(|widget| widget_row(widget, place)).collect(),
        more_words: format::counted(orders.len() as u64, "more order", "more orders"),
        orders: first,
        more_orders: orders.collect(),
        more: (shown < run.changed).then(|| {
            format!(
                "{} would change; those {DRY_RUN_ORDERS_MAX} that move most money are listed.",
                format::counted(run.changed, "order", "orders")
            )
        }),
    }
}

/// "Of 1,204 conversions of all history 37 would change: €1,940.00 more direct, €410.00 less assisted."
fn answer(run: &DryRun, of: &str) -> String {
    let conversions = format::counted(run.conversions, "conversion", "conversions");
    if run.changed == 0 {
        return match run.conversions {
            0 => format!("There is no conversion {of} to try it on."),
            _ => format!("Of {conversions} {of} none would change."),
        };
    }
    let moved: Vec<String> = run.money.iter().filter_map(moves).collect();
    let money = if moved.is_empty() { "no money moves".to_owned() } else { moved.join("; ") };
    format!("Of {conversions} {of} {} would change: {money}.", format::integer(run.changed))
}

fn moves(line: &MoneyMove) -> Option<String> {
    let kinds = [
        ("direct", line.direct_after_minor - line.direct_before_minor),
        ("assisted", line.assisted_after_minor - line.assisted_before_minor),
    ];
    let told: Vec<String> = kinds
        .into_iter()
        .filter(|(_, moved)| *moved != 0)
        .map(|(kind, moved)| {
            let way = if moved > 0 { "more" } else { "less" };
            format!("{} {way} {kind}", format::money(moved.abs(), line.currency))
        })
        .collect();
    (!told.is_empty()).then(|| told.join(", "))
}

fn flip_row(before: AttributionType, flips: &[Flip]) -> FlipRow {
    let cell = |after: AttributionType| {
        let flip = flips.iter().find(|flip| flip.before == before && flip.after == after);
        let conversions = flip.map_or(0, |flip| flip.conversions);
        FlipCell {
            after: words::kind(after),
            count: format::integer(conversions),
            stays: before == after,
            nothing: conversions == 0,
        }
    };
    FlipRow { before: before.into(), cells: AttributionType::ALL.map(cell).into() }
}

fn three(before: i128, after: i128, currency: Currency) -> [Amount; 3] {
    [
        Amount::plain(before, currency),
        Amount::plain(after, currency),
        Amount::signed(after - before, currency),
    ]
}

fn money_row(line: &MoneyMove) -> MoneyRow {
    MoneyRow {
        currency: line.currency.code(),
        direct: three(line.direct_before_minor, line.direct_after_minor, line.currency),
        assisted: three(line.assisted_before_minor, line.assisted_after_minor, line.currency),
    }
}

fn widget_row(moved: &WidgetMove, place: &InStore) -> WidgetRow {
    let known = place.store.widgets.iter().find(|widget| widget.id == moved.widget);
    let amounts = |minor: fn(&MoneyMove) -> i128| -> Vec<Amount> {
        moved.money.iter().map(|line| Amount::plain(minor(line), line.currency)).collect()
    };
    WidgetRow {
        name: known.map_or_else(|| moved.widget.to_string(), |widget| widget.settings.name.clone()),
        href: address::widget(place.store.id, moved.widget, ""),
        share: [share(moved.weight_before), share(moved.weight_after)],
        money: [
            amounts(|line| line.direct_before_minor),
            amounts(|line| line.direct_after_minor),
            amounts(|line| line.assisted_before_minor),
            amounts(|line| line.assisted_after_minor),
        ],
    }
}

/// A sum of weights, in conversions: `12`, `12.5`, `0.33`.
fn share(billionths: u128) -> String {
    let hundredths = (billionths + 5_000_000) / 10_000_000;
    let whole = format::integer(i128::try_from(hundredths / 100).unwrap_or(i128::MAX));
    match hundredths % 100 {
        0 => whole,
        tenths if tenths % 10 == 0 => format!("{whole}.{}", tenths / 10),
        rest => format!("{whole}.{rest:02}"),
    }
}

fn order_row(order: &OrderMove, place: &InStore) -> OrderRow {
    let decided = |(kind, reason, minor): (AttributionType, Reason, i64)| Decided {
        kind: kind.into(),
        reason: words::reason(reason),
        amount: Amount::plain(minor, order.currency),
    };
    let moved = i128::from(order.after.2) - i128::from(order.before.2);
    OrderRow {
        order: IdText::new(&order.order),
        href: address::conversion(place.store.id, order.order.as_str()),
        at: TimeText::new(order.occurred_at, &place.store.settings.zone),
        before: decided(order.before),
        after: decided(order.after),
        moves: (moved != 0).then(|| format::signed_money(moved, order.currency)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use selektable_domain::rules::Ruleset;

    fn run(conversions: u64, changed: u64, money: Vec<MoneyMove>) -> DryRun {
        DryRun {
            rules: Ruleset::FIRST,
            conversions,
            changed,
            flips: Vec::new(),
            money,
            widgets: Vec::new(),
            orders: Vec::new(),
        }
    }

    fn line(code: &str, direct: (i128, i128), assisted: (i128, i128)) -> MoneyMove {
        MoneyMove {
            currency: Currency::parse(code).unwrap(),
            direct_before_minor: direct.0,
            direct_after_minor: direct.1,
            assisted_before_minor: assisted.0,
            assisted_after_minor: assisted.1,
        }
    }

    #[test]
    fn the_first_line_says_what_would_change_and_never_adds_currencies() {
        let of = "of all history";
        assert_eq!(answer(&run(0, 0, Vec::new()), of), "There is no conversion of all history to try it on.");
        assert_eq!(answer(&run(9, 0, Vec::new()), of), "Of 9 conversions of all history none would change.");
        let money = vec![line("EUR", (1_000, 195_000), (41_000, 0)), line("JPY", (5, 5), (7, 8))];
        assert_eq!(
            answer(&run(1_204, 37, money), of),
            "Of 1,204 conversions of all history 37 would change: €1,940.00 more direct, €410.00 less assisted; ¥1 more assisted."
        );
        let money = vec![line("EUR", (5, 5), (0, 0))];
        assert!(answer(&run(2, 1, money), of).ends_with("1 would change: no money moves."));
    }

    #[test]
    fn weights_are_shown_as_conversions() {
        let shown = [12_000_000_000, 12_500_000_000, 333_333_333, 0, 1].map(share);
        assert_eq!(shown, ["12", "12.5", "0.33", "0", "0"]);
    }

    #[test]
    fn all_nine_ways_have_a_cell() {
        let flips =
            [Flip { before: AttributionType::Assisted, after: AttributionType::Direct, conversions: 4 }];
        let row = flip_row(AttributionType::Assisted, &flips);
        let counts: Vec<(&str, bool)> =
            row.cells.iter().map(|cell| (cell.count.as_str(), cell.stays)).collect();
        assert_eq!(counts, [("4", false), ("0", true), ("0", false)]);
    }
}
