//! A note about an order, as text.

use std::borrow::Cow;

use selektable_domain::money::Currency;
use selektable_domain::opaque::OrderId;
use selektable_domain::order::platform::OrderNote;
use serde::{Deserialize, Serialize};

use super::platform::RefundBody;
use super::{Read, VERSION, code, known_version, opaque, read, write};

/// What a note's fact tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NoteFact {
    /// Which order.
    pub order: OrderId,
    /// What.
    pub note: OrderNote,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct FactBody<'a> {
    v: u8,
    order_id: Cow<'a, str>,
    /// `refund`, `deleted` or `restored`.
    note: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refund: Option<RefundBody<'a>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    currency: Option<Cow<'a, str>>,
}

/// The body of a note's fact.
pub(crate) fn write_note(order: &OrderId, note: &OrderNote) -> String {
    let (refund, currency) = match note {
        OrderNote::Refund { refund, currency } => {
            (Some(RefundBody::of(refund)), Some(currency.code().into()))
        }
        OrderNote::Deleted | OrderNote::Restored => (None, None),
    };
    write(&FactBody {
        v: VERSION,
        order_id: order.as_str().into(),
        note: note.code().into(),
        refund,
        currency,
    })
}

/// Reads [`write_note`].
pub(crate) fn read_note(text: &str) -> Read<NoteFact> {
    let body: FactBody<'_> = read(text)?;
    known_version(body.v)?;
    let note = match (&*body.note, body.refund, body.currency) {
        ("refund", Some(refund), Some(currency)) => OrderNote::Refund {
            refund: refund.refund()?,
            currency: code(Currency::read_stored(&currency), "currency", &currency)?,
        },
        ("deleted", None, None) => OrderNote::Deleted,
        ("restored", None, None) => OrderNote::Restored,
        (note, ..) => return Err(format!("`{note}` says nothing of an order")),
    };
    Ok(NoteFact { order: opaque(OrderId::parse(&body.order_id), "orderId")?, note })
}

#[cfg(test)]
mod tests {
    use super::*;
    use selektable_domain::opaque::RefundId;
    use selektable_domain::order::platform::Refund;

    #[test]
    fn every_note_is_read_as_it_was_written() {
        let refund = Refund { id: RefundId::parse("9").unwrap(), minor: 5, at: None };
        let refund = OrderNote::Refund { refund, currency: Currency::parse("EUR").unwrap() };
        for note in [refund, OrderNote::Deleted, OrderNote::Restored] {
            let fact = NoteFact { order: OrderId::parse("1").unwrap(), note };
            assert_eq!(read_note(&write_note(&fact.order, &fact.note)), Ok(fact));
        }
        assert!(read_note(r#"{"v":1,"orderId":"1","note":"refund"}"#).is_err());
    }
}
