//! What a platform says of an order against what is here: missing, the same, or which amounts and states differ.

use crate::order::Order;

/// An order at the platform against ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// It is here as it is there, or newer.
    Same,
    /// It is not here.
    Missing,
    /// It is here otherwise: amounts or state.
    Differs(Vec<FieldDifference>),
    /// Nothing can be made of it: a stable code.
    PassedOver(String),
}

/// One amount or state that differs, both as text a person reads (minor units for amounts).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldDifference {
    /// `status`, `totalCents`, `refundedCents`, `currency`, `visitorId`.
    pub field: String,
    /// As it is here.
    pub ours: String,
    /// As it is there.
    pub theirs: String,
}

/// Compares an order as it counts here with the platform's word of it. Visitors count only when the platform names one
/// and we have none: a visitor, once known, is kept for good.
#[must_use]
pub fn compare(ours: Option<&Order>, theirs: &Order) -> Comparison {
    let Some(ours) = ours else { return Comparison::Missing };
    if ours.updated_at > theirs.updated_at {
        return Comparison::Same;
    }
    let text =
        |field: &str, ours: String, theirs: String| FieldDifference { field: field.to_owned(), ours, theirs };
    let pairs = [
        text("status", ours.status.code().to_owned(), theirs.status.code().to_owned()),
        text("totalCents", ours.total_minor.to_string(), theirs.total_minor.to_string()),
        text("refundedCents", ours.refunded().to_string(), theirs.refunded().to_string()),
        text("currency", ours.currency.code().to_owned(), theirs.currency.code().to_owned()),
    ];
    let mut differences: Vec<FieldDifference> =
        pairs.into_iter().filter(|pair| pair.ours != pair.theirs).collect();
    if let (None, Some(visitor)) = (&ours.visitor, &theirs.visitor) {
        differences.push(text("visitorId", String::new(), visitor.to_string()));
    }
    if differences.is_empty() { Comparison::Same } else { Comparison::Differs(differences) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Currency;
    use crate::opaque::{OrderId, VisitorId};
    use crate::order::{OrderStatus, Source};
    use crate::time::Timestamp;

    fn order(updated: i64) -> Order {
        Order {
            id: OrderId::parse("1").unwrap(),
            source: Source::WooCommerce,
            visitor: None,
            session: None,
            user: None,
            currency: Currency::parse("EUR").unwrap(),
            total_minor: 1_000,
            refunded_minor: 0,
            status: OrderStatus::Pending,
            created_at: Timestamp::from_millis(1),
            updated_at: Some(Timestamp::from_millis(updated)),
            items: Vec::new(),
            test: false,
            label: None,
            platform: None,
        }
    }

    fn differing(theirs: &Order) -> Vec<String> {
        match compare(Some(&order(5)), theirs) {
            Comparison::Differs(fields) => {
                fields.iter().map(|one| format!("{} {} {}", one.field, one.ours, one.theirs)).collect()
            }
            other => vec![format!("{other:?}")],
        }
    }

    #[test]
    fn amounts_states_and_a_visitor_that_is_not_known_here_differ_and_an_older_word_does_not() {
        assert_eq!(compare(None, &order(5)), Comparison::Missing);
        assert_eq!(differing(&order(5)), ["Same"]);
        let paid = Order { status: OrderStatus::Completed, total_minor: 1_250, ..order(6) };
        assert_eq!(differing(&paid), ["status pending completed", "totalCents 1000 1250"]);
        assert_eq!(differing(&Order { updated_at: Some(Timestamp::from_millis(4)), ..paid }), ["Same"]);
        assert_eq!(differing(&Order { refunded_minor: 300, ..order(5) }), ["refundedCents 0 300"]);
        let named = Order { visitor: VisitorId::parse("v").ok(), ..order(5) };
        assert_eq!(differing(&named), ["visitorId  v"]);
        assert_eq!(compare(Some(&named), &order(5)), Comparison::Same);
    }
}
