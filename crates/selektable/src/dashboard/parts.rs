//! Small pieces that look the same on every page: a type, a status, an id, an instant, an amount.

use askama::Template;
use selektable_domain::attribution::AttributionType;
use selektable_domain::money::Currency;
use selektable_domain::order::OrderStatus;
use selektable_domain::time::{Timestamp, Zone};

use super::{format, words};

/// Markup made by [`super::chart`], safe to stand in a page.
#[derive(Clone, Debug, Default)]
pub(crate) struct Markup(pub String);

impl std::fmt::Display for Markup {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl askama::filters::HtmlSafe for Markup {}

/// Direct, assisted or none: one colour, one shape, one word.
#[derive(Clone, Debug, Template)]
#[template(path = "dashboard/parts/kind.html")]
pub(crate) struct Kind {
    code: &'static str,
    name: &'static str,
    meaning: &'static str,
}

impl askama::filters::HtmlSafe for Kind {}

impl Kind {
    /// Its name.
    #[must_use]
    pub(crate) const fn name(&self) -> &'static str {
        self.name
    }
}

impl From<AttributionType> for Kind {
    fn from(kind: AttributionType) -> Self {
        Self { code: kind.code(), name: words::kind(kind), meaning: words::kind_meaning(kind) }
    }
}

/// An order's status; provisional and reversed ones look so.
#[derive(Clone, Debug, Template)]
#[template(path = "dashboard/parts/status.html")]
pub(crate) struct Status {
    state: &'static str,
    name: &'static str,
}

impl askama::filters::HtmlSafe for Status {}

impl From<OrderStatus> for Status {
    fn from(status: OrderStatus) -> Self {
        Self { state: state(status), name: words::status(status) }
    }
}

fn state(status: OrderStatus) -> &'static str {
    if status.is_provisional() {
        "provisional"
    } else if status.is_reversed() {
        "reversed"
    } else {
        "settled"
    }
}

/// An id: monospaced, cut in the middle by the style sheet only, so that selecting it gives all of it.
#[derive(Clone, Debug, Template)]
#[template(path = "dashboard/parts/id.html")]
pub(crate) struct IdText {
    full: String,
    head: String,
    tail: String,
}

impl askama::filters::HtmlSafe for IdText {}

impl IdText {
    /// An id as text.
    #[must_use]
    pub(crate) fn new(id: &impl ToString) -> Self {
        let full = id.to_string();
        let (head, tail) = format::cut(&full);
        let (head, tail) = (head.to_owned(), tail.to_owned());
        Self { full, head, tail }
    }
}

/// An instant in the store's zone, the exact one on hover.
#[derive(Clone, Debug, Template)]
#[template(path = "dashboard/parts/time.html")]
pub(crate) struct TimeText {
    instant: format::Instant,
}

impl askama::filters::HtmlSafe for TimeText {}

impl TimeText {
    /// In a zone.
    #[must_use]
    pub(crate) fn new(at: Timestamp, zone: &Zone) -> Self {
        Self { instant: format::instant(at, zone) }
    }
}

/// An amount; provisional and reversed ones look so.
#[derive(Clone, Debug, Template)]
#[template(path = "dashboard/parts/amount.html")]
pub(crate) struct Amount {
    text: String,
    state: &'static str,
    note: &'static str,
}

impl askama::filters::HtmlSafe for Amount {}

impl Amount {
    /// An amount as it is.
    #[must_use]
    pub(crate) fn plain(minor: impl Into<i128>, currency: Currency) -> Self {
        Self { text: format::money(minor, currency), state: "settled", note: "" }
    }

    /// A difference, with its sign.
    #[must_use]
    pub(crate) fn signed(minor: impl Into<i128>, currency: Currency) -> Self {
        Self { text: format::signed_money(minor, currency), state: "settled", note: "" }
    }

    /// An amount that counts once the order is paid.
    #[must_use]
    pub(crate) fn provisional(minor: impl Into<i128>, currency: Currency) -> Self {
        let text = format::money(minor, currency);
        Self { text, state: "provisional", note: "Not revenue yet: counts once the order is paid." }
    }

    /// An amount that was given back.
    #[must_use]
    pub(crate) fn reversed(minor: impl Into<i128>, currency: Currency) -> Self {
        let text = format::money(minor, currency);
        Self { text, state: "reversed", note: "Given back: does not count any more." }
    }

    /// What an order's status makes of an amount.
    #[must_use]
    pub(crate) fn under(status: OrderStatus, minor: impl Into<i128>, currency: Currency) -> Self {
        match state(status) {
            "provisional" => Self::provisional(minor, currency),
            "reversed" => Self::reversed(minor, currency),
            _ => Self::plain(minor, currency),
        }
    }
}

/// Where the rest of a list is.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "dashboard/parts/pager.html")]
pub(crate) struct Pager {
    /// What one row is called, in plural.
    pub rows: &'static str,
    /// How many are on this page, in words.
    pub shown: String,
    /// The first page, when this is not it.
    pub first: Option<String>,
    /// The next page.
    pub next: Option<String>,
    /// What the links to the first and the next page are called.
    pub words: [&'static str; 2],
}

impl askama::filters::HtmlSafe for Pager {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_whole_in_the_markup_and_escaped() {
        let html = IdText::new(&"order-<script>-0123456789").render().unwrap();
        assert!(html.contains("data-copy=\"order-&#60;script&#62;-0123456789\""), "{html}");
        assert!(!html.contains("<script>"));
    }

    #[test]
    fn money_that_does_not_count_says_so() {
        let eur = Currency::parse("EUR").unwrap();
        let shown = |status| Amount::under(status, 1_000, eur).render().unwrap();
        assert!(shown(OrderStatus::OnHold).contains("provisional"));
        assert!(shown(OrderStatus::Cancelled).contains("reversed"));
        assert!(!shown(OrderStatus::Completed).contains("title"));
    }
}
