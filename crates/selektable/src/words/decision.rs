//! A decision and the rules that made it, as sentences.

use selektable_domain::attribution::{Candidate, Decision, Reason};
use selektable_domain::order::{Item, Order};
use selektable_domain::rules::Ruleset;
use selektable_domain::visualization::ShownProduct;

use super::{codes, format};

/// The decision in a sentence.
#[must_use]
pub(crate) fn because(decision: &Decision, order: &Order) -> String {
    let before = format::capital(&decision.time_to_conversion_ms.map(format::duration).unwrap_or_default());
    match (decision.reason, decision.credits().last()) {
        (Reason::ProductVisualized, Some(candidate)) => {
            format!("{before} before the order, the same person visualized {}.", and_bought(candidate, order))
        }
        (Reason::OtherProductVisualized, Some(candidate)) => {
            let others = products(&candidate.visualization.products.iter().collect::<Vec<_>>());
            format!(
                "{before} before the order, the same person visualized {others}, and bought something else."
            )
        }
        (Reason::SameSession, Some(candidate)) if candidate.visualization.session == order.session => {
            format!("{before} before, a visualization was made in the same session.")
        }
        (Reason::SameSession, Some(_)) => {
            format!("{before} before, the same person made a visualization; for these rules that is direct.")
        }
        (Reason::OtherSession, Some(_)) => {
            format!("{before} before, the same person made a visualization, in another session.")
        }
        (Reason::OutOfWindow, _) => {
            let missed = decision.window_missed_by_ms.map(format::duration).unwrap_or_default();
            let window = format::window(decision.rules.window.as_millis());
            format!("The latest visualization missed the attribution window of {window} by {missed}.")
        }
        (reason, _) => codes::reason_meaning(reason).to_owned(),
    }
}

/// Ids that are equal are named; otherwise the store's product groups made the match.
fn and_bought(candidate: &Candidate, order: &Order) -> String {
    let shown: Vec<&ShownProduct> = candidate.visualization.products.iter().collect();
    let bought = |shown: &&&ShownProduct| order.items.iter().any(|item| shows(shown, item));
    let same: Vec<&ShownProduct> = shown.iter().filter(bought).copied().collect();
    if same.is_empty() {
        format!("{}, and bought a variant of the same product", products(&shown))
    } else {
        format!("{}, and bought it", products(&same))
    }
}

fn products(shown: &[&ShownProduct]) -> String {
    let ids: Vec<&str> = shown.iter().map(|product| product.product.as_str()).collect();
    match ids.as_slice() {
        [only] => format!("product {only}"),
        several => format!("products {}", several.join(", ")),
    }
}

/// Whether a picture shows what a line bought, by equal ids.
#[must_use]
pub(crate) fn shows(shown: &ShownProduct, item: &Item) -> bool {
    shown.is(&item.product) || item.variant.as_ref().is_some_and(|variant| shown.is(variant))
}

/// What rules say, in one line.
///
/// Example: "window 7 days, last touch, revenue of the whole order, …, revenue counts once paid".
#[must_use]
pub(crate) fn rules(rules: &Ruleset) -> String {
    format!(
        "window {}, {}, revenue of {}, {}, {}, {}",
        format::window(rules.window.as_millis()),
        codes::model(rules.model),
        codes::basis(rules.basis),
        codes::product_match(rules.products),
        codes::leads(rules.leads),
        codes::counts(rules.counts),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_told_in_one_line() {
        assert_eq!(
            rules(&Ruleset::FIRST),
            "window 7 days, last touch, revenue of the whole order, variants of one product count as one, a lead is \
             direct after a visualization of its own session, revenue counts once paid"
        );
    }
}
