//! What a browser reports: the body of `POST /api/events` (SPEC section 3).
//!
//! The browser's clock is never trusted. `sentAt` and `at` come from the same clock, so their difference is an age,
//! and the age is counted back from our own: with `sentAt` 10:00:05 and `at` 10:00:00 on a clock that is a year
//! wrong, the event happened five seconds before it reached us.
//!
//! One bad event does not lose the others: it is refused alone. Faults of the batch itself (whose events, sent
//! when) refuse all of it.

mod properties;

use crate::fault::{Fault, Notes, Place, Warning};
use crate::json::{Json, to_compact_text};
use crate::opaque::{CartToken, EventId, SessionId, UserId, VisitorId};
use crate::order::parse::{BrowserOrder, read_browser};
use crate::order::platform::{Token, TokenKind};
use crate::read::{self, Fields, Value};
use crate::time::{DAY_MS, Timestamp};

/// Most events of one batch.
pub const EVENTS_MAX: usize = 100;
/// Oldest age that is believed, milliseconds; what waited longer in a browser happened this long ago.
pub const AGE_MS_MAX: i64 = DAY_MS;
/// Longest [`EventKind::Seen`] properties, bytes of JSON.
pub const PROPERTIES_BYTES_MAX: usize = 2_048;
/// Longest traits, bytes of JSON.
pub const TRAITS_BYTES_MAX: usize = 4_096;

/// Events that are only counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SeenType {
    /// A page was shown.
    Page,
    /// The widget's button was shown, or would have been.
    Exposure,
    /// The widget was opened.
    WidgetOpen,
    /// The widget was closed.
    WidgetClose,
    /// A product was put into the cart from the widget.
    AddToCart,
    /// The cart was opened from the widget.
    ViewCart,
    /// The checkout was opened from the widget.
    Checkout,
    /// An event of the shop's own naming.
    Custom,
}

impl SeenType {
    /// Every type.
    pub const ALL: [Self; 8] = [
        Self::Page,
        Self::Exposure,
        Self::WidgetOpen,
        Self::WidgetClose,
        Self::AddToCart,
        Self::ViewCart,
        Self::Checkout,
        Self::Custom,
    ];

    /// The name on the wire and in the database.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Exposure => "exposure",
            Self::WidgetOpen => "widget_open",
            Self::WidgetClose => "widget_close",
            Self::AddToCart => "add_to_cart",
            Self::ViewCart => "view_cart",
            Self::Checkout => "checkout",
            Self::Custom => "custom",
        }
    }

    /// Reads [`SeenType::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|seen| seen.code() == code)
    }
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// Something that is only counted.
    Seen {
        /// What.
        seen: SeenType,
        /// The known fields of its type, as JSON of an object of at most [`PROPERTIES_BYTES_MAX`] bytes. Unknown
        /// fields, queries and fragments of addresses, and what looks personal are left out.
        properties: String,
    },
    /// The shop says who the visitor is.
    Identify {
        /// The customer.
        user: UserId,
        /// Traits as JSON of an object of at most [`TRAITS_BYTES_MAX`] bytes; kept only if the store says so.
        traits: Option<String>,
    },
    /// The browser says that a cart or a checkout is its own (SPEC section 5.3): `cart` and `checkout_completed`.
    Claim {
        /// Its tokens, at least one.
        tokens: Vec<Token>,
    },
    /// A conversion, unverified.
    Conversion {
        /// What the browser said of it.
        order: Box<BrowserOrder>,
        /// What is odd about it.
        warnings: Vec<Warning>,
    },
}

/// One event that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The browser's id for it; it counts once.
    pub id: EventId,
    /// When it happened, by our clock: never later than now, never more than [`AGE_MS_MAX`] before.
    pub at: Timestamp,
    /// What happened.
    pub kind: EventKind,
}

/// One event that was not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedEvent {
    /// Its place in the batch, from 0.
    pub index: usize,
    /// Everything that is wrong with it; pointers start at the batch.
    pub faults: Vec<Fault>,
}

/// A batch of one browser, before anybody asked whether the store exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParsedBatch {
    /// `storeId` as sent: 1 to 255 bytes of any text.
    pub store_id: String,
    /// The browser.
    pub visitor: VisitorId,
    /// The tab's session.
    pub session: SessionId,
    /// What the shopper said about being recorded, where said.
    pub consent: Option<bool>,
    /// Events that were taken, in the batch's order.
    pub events: Vec<Event>,
    /// Events that were not.
    pub refused: Vec<RefusedEvent>,
    /// What is odd about events that were taken, conversions apart.
    pub warnings: Vec<Warning>,
}

/// Reads the body of `POST /api/events`, or gives every fault of the batch itself.
pub fn parse_batch(json: &Json<'_>, now: Timestamp) -> Result<ParsedBatch, Vec<Fault>> {
    let mut notes = Notes::default();
    let parsed = Value::root(json).fields(&mut notes).and_then(|fields| read_batch(fields, now, &mut notes));
    let (batch, _) = notes.finish(parsed)?;
    Ok(batch)
}

fn read_batch(fields: Fields<'_, '_>, now: Timestamp, notes: &mut Notes) -> Option<ParsedBatch> {
    let store_id = fields.required("storeId", notes, read::own_id);
    let visitor = fields.required("visitorId", notes, read::id(VisitorId::parse));
    let session = fields.required("sessionId", notes, read::id(SessionId::parse));
    let consent = fields.optional("consent", notes, read::boolean);
    let sent_at = fields.required("sentAt", notes, instant);
    let elements = fields.required("events", notes, event_list);
    let (mut batch, clock) = (
        ParsedBatch {
            store_id: store_id?,
            visitor: visitor?,
            session: session?,
            consent,
            events: Vec::new(),
            refused: Vec::new(),
            warnings: Vec::new(),
        },
        Clock { now, sent_at: sent_at? },
    );
    let list = Place::Key(&fields.place, "events");
    for (index, json) in elements?.iter().enumerate() {
        let mut notes = Notes::default();
        let event = read_event(Value { json, place: Place::Index(&list, index) }, clock, &mut notes);
        match notes.finish(event) {
            Ok((event, warnings)) => batch.take(event, warnings),
            Err(faults) => batch.refused.push(RefusedEvent { index, faults }),
        }
    }
    Some(batch)
}

impl ParsedBatch {
    fn take(&mut self, mut event: Event, found: Vec<Warning>) {
        match &mut event.kind {
            EventKind::Conversion { warnings, .. } => *warnings = found,
            EventKind::Seen { .. } | EventKind::Identify { .. } | EventKind::Claim { .. } => {
                self.warnings.extend(found);
            }
        }
        self.events.push(event);
    }
}

fn event_list<'j>(value: Value<'j, '_>, notes: &mut Notes) -> Option<&'j [Json<'j>]> {
    let elements = value.elements(notes)?;
    if elements.len() > EVENTS_MAX {
        return notes.refuse(value.place, "too_many_events", "must hold at most 100 events");
    }
    Some(elements)
}

/// From the browser's clock to ours.
#[derive(Clone, Copy)]
struct Clock {
    now: Timestamp,
    sent_at: Timestamp,
}

impl Clock {
    fn ours(self, at: Timestamp) -> Timestamp {
        self.now.plus_millis(-self.sent_at.millis_since(at).clamp(0, AGE_MS_MAX))
    }
}

fn read_event(value: Value<'_, '_>, clock: Clock, notes: &mut Notes) -> Option<Event> {
    let fields = value.fields(notes)?;
    let id = fields.required("id", notes, read::id(EventId::parse));
    let at = fields.required("at", notes, instant);
    let kind = fields.required("type", notes, read::text).and_then(|name| read_kind(name, fields, notes));
    Some(Event { id: id?, at: clock.ours(at?), kind: kind? })
}

fn read_kind(name: &str, fields: Fields<'_, '_>, notes: &mut Notes) -> Option<EventKind> {
    match name {
        "identify" => {
            let user = fields.required("userId", notes, read::id(UserId::parse));
            let traits = fields.optional("traits", notes, traits);
            Some(EventKind::Identify { user: user?, traits })
        }
        "cart" => {
            let cart = fields.required("cartToken", notes, token(TokenKind::Cart))?;
            Some(EventKind::Claim { tokens: vec![cart] })
        }
        "checkout_completed" => {
            let checkout = fields.required("checkoutToken", notes, token(TokenKind::Checkout))?;
            let cart = fields.optional("cartToken", notes, token_if_good);
            Some(EventKind::Claim { tokens: [Some(checkout), cart].into_iter().flatten().collect() })
        }
        "conversion" => read_browser(fields, notes)
            .map(|order| EventKind::Conversion { order: Box::new(order), warnings: Vec::new() }),
        _ => {
            let detail = "is no event type; use `custom` with a `name` for events of your own";
            let seen = SeenType::from_code(name)
                .or_else(|| notes.refuse(Place::Key(&fields.place, "type"), "unknown_value", detail))?;
            properties::of(seen, fields, notes).map(|properties| EventKind::Seen { seen, properties })
        }
    }
}

/// A token, without the `?key=…` that some pages add to it.
fn token<'j>(kind: TokenKind) -> impl Fn(Value<'j, '_>, &mut Notes) -> Option<Token> {
    move |value, notes| {
        let text = bare_token(read::text(value, notes)?);
        match CartToken::parse(text) {
            Ok(text) => Some(Token { kind, text }),
            Err(fault) => notes.refuse(value.place, fault.code(), fault.to_string()),
        }
    }
}

/// The cart's token beside a checkout's, which says enough without it.
fn token_if_good(value: Value<'_, '_>, notes: &mut Notes) -> Option<Token> {
    let text = value.json.as_text().and_then(|text| CartToken::parse(bare_token(text)).ok());
    if text.is_none() {
        notes.warn(value.place, "cart_token_left_out", "is no token of a cart and is left out");
    }
    text.map(|text| Token { kind: TokenKind::Cart, text })
}

fn bare_token(text: &str) -> &str {
    text.split('?').next().unwrap_or_default()
}

/// Traits that are too long are left out: the link between visitor and user matters more.
fn traits(value: Value<'_, '_>, notes: &mut Notes) -> Option<String> {
    let object = value.fields(notes)?.object;
    let text = to_compact_text(object, TRAITS_BYTES_MAX);
    if text.is_none() {
        notes.warn(value.place, "traits_too_large", "is longer than 4 KiB and is left out");
    }
    text
}

/// An instant of the browser's clock: milliseconds since 1970 as an integer, or RFC 3339.
fn instant(value: Value<'_, '_>, notes: &mut Notes) -> Option<Timestamp> {
    // The range of JavaScript's Date.
    const MILLIS_MAX: i64 = 8_640_000_000_000_000;
    match value.json {
        Json::Text(text) => match Timestamp::parse_rfc3339(text) {
            Ok(at) => Some(at),
            Err(fault) => notes.refuse(value.place, "invalid_date", fault.to_string()),
        },
        _ => read::integer(value, (-MILLIS_MAX, MILLIS_MAX), "milliseconds since 1970", notes)
            .map(Timestamp::from_millis),
    }
}

#[cfg(test)]
mod tests;
