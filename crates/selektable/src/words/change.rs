//! The smallest changes that would have made another decision, as sentences.

use selektable_domain::attribution::{AttributionType, Change, Decision};
use selektable_domain::time::HOUR_MS;

use super::format;

/// What would have made another decision, and which, in a sentence.
///
/// Example: "The visualization was 4 h 12 min older than the window of 7 days: with a window of 173 h the order would
/// be assisted."
#[must_use]
pub(crate) fn sentence(change: &Change, decision: &Decision) -> String {
    let then = would_be(change.would_be());
    match change {
        Change::LongerWindow { by_ms, window_ms, .. } => format!(
            "The visualization was {} older than the window of {}: with a window of {} the order {then}.",
            format::duration(*by_ms),
            format::window(decision.rules.window.as_millis()),
            format::window(whole_hours(*window_ms)),
        ),
        Change::ShorterWindow { below_ms, .. } => format!(
            "The latest visualization that makes the order {} was made {} before: with a shorter window the order \
             {then}.",
            kind(decision.kind),
            format::duration(*below_ms),
        ),
        Change::OneProduct { ordered, visualized, .. } => format!(
            "Ordered product {ordered}, visualized {visualized}: the order {then} if they were one \
             product.",
        ),
        Change::OneSession { .. } => {
            format!("The visualization was made in another session: from that session it {then}.")
        }
        Change::EarlierVisualization { by_ms, .. } => format!(
            "The visualization was made {} after the order: made before it, the order {then}.",
            format::duration(*by_ms),
        ),
    }
}

/// Windows are set in hours, so the shortest one that reaches an age ends with the hour after it.
fn whole_hours(millis: i64) -> i64 {
    millis.saturating_add(HOUR_MS - 1) / HOUR_MS * HOUR_MS
}

const fn would_be(kind: AttributionType) -> &'static str {
    match kind {
        AttributionType::Direct => "would be direct",
        AttributionType::Assisted => "would be assisted",
        AttributionType::None => "would not be attributed",
    }
}

const fn kind(kind: AttributionType) -> &'static str {
    match kind {
        AttributionType::Direct => "direct",
        AttributionType::Assisted => "assisted",
        AttributionType::None => "not attributed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use selektable_domain::attribution::{Conversion, Evidence, changes, decide};
    use selektable_domain::id::Id;
    use selektable_domain::money::Currency;
    use selektable_domain::opaque::{OrderId, ProductId, SessionId, VisitorId, VisualizationId};
    use selektable_domain::order::{Item, Order, OrderStatus, Source};
    use selektable_domain::rules::Ruleset;
    use selektable_domain::time::{DAY_MS, Timestamp};
    use selektable_domain::visualization::{ShownProduct, Visualization};
    use uuid::Uuid;

    const NOW: i64 = 1_000 * DAY_MS;

    fn order(products: &[&str]) -> Order {
        let item = |product: &&str| Item {
            product: ProductId::parse(product).unwrap(),
            variant: None,
            quantity: 1,
            price_minor: 100,
            total_minor: 100,
        };
        Order {
            id: OrderId::parse("o").unwrap(),
            source: Source::Server,
            currency: Currency::parse("EUR").unwrap(),
            total_minor: 100,
            refunded_minor: 0,
            status: OrderStatus::Completed,
            test: false,
            created_at: Timestamp::from_millis(NOW),
            updated_at: None,
            visitor: Some(VisitorId::parse("v").unwrap()),
            session: Some(SessionId::parse("s").unwrap()),
            user: None,
            label: None,
            platform: None,
            items: products.iter().map(item).collect(),
        }
    }

    /// The first change of an order of `ordered` after a visualization of 123, `age_ms` before, in another session.
    fn first(ordered: &[&str], age_ms: i64) -> String {
        let order = order(ordered);
        let conversion = Conversion { order: &order, occurred_at: order.created_at };
        let visualization = Visualization {
            id: VisualizationId::parse("pic").unwrap(),
            widget: Id::from_uuid(Uuid::from_u128(1)),
            visitor: order.visitor.clone(),
            session: Some(SessionId::parse("other").unwrap()),
            products: vec![ShownProduct { product: ProductId::parse("123").unwrap(), variants: Vec::new() }],
            at: Timestamp::from_millis(NOW - age_ms),
        };
        let evidence = Evidence { visualizations: vec![visualization], ..Evidence::default() };
        let decision = decide(conversion, &evidence, &Ruleset::FIRST);
        changes(conversion, &decision).first().map(|change| sentence(change, &decision)).unwrap_or_default()
    }

    #[test]
    fn every_change_is_a_sentence_with_the_numbers_it_is_made_of() {
        assert_eq!(
            first(&["123"], 7 * DAY_MS + 4 * HOUR_MS + 12 * 60_000),
            "The visualization was 4 h 12 min older than the window of 7 days: with a window of 173 h the order \
             would be direct."
        );
        assert_eq!(
            first(&["456"], DAY_MS),
            "Ordered product 456, visualized 123: the order would be direct if they were one product."
        );
        assert_eq!(
            first(&["123"], 2 * DAY_MS),
            "The latest visualization that makes the order direct was made 2 days before: with a shorter window the \
             order would not be attributed."
        );
        assert_eq!(
            first(&["123"], -180_000),
            "The visualization was made 3 min after the order: made before it, the order would be direct."
        );
        assert_eq!(
            first(&[], DAY_MS),
            "The visualization was made in another session: from that session it would be direct."
        );
    }

    #[test]
    fn the_window_that_would_do_is_rounded_up_to_whole_hours() {
        assert_eq!([1, HOUR_MS, HOUR_MS + 1].map(whole_hours), [HOUR_MS, HOUR_MS, 2 * HOUR_MS]);
    }
}
