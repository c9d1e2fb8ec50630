//! Our own columns: the field names of SPEC section 5.1, with `total`, `refunded`, `price` and `lineTotal` as decimal
//! numbers where `…Cents` is not at hand.
//!
//! Required: `orderId`, `total` or `totalCents`, `currency`, `orderCreatedAt`. Of an order's rows the first one tells the
//! order; each with a `productId` tells a line. A missing status is `completed`, a missing quantity 1.

use super::{ImportFault, Imported, Row, instant};
use crate::fault::{Notes, Place};
use crate::money::{AMOUNT_MINOR_MAX, Currency};
use crate::opaque::{OpaqueIdFault, OrderId, ProductId, SessionId, UserId, VisitorId};
use crate::order::{ITEMS_MAX, Item, LABEL_BYTES_MAX, Order, OrderStatus, QUANTITY_MAX, Source};
use crate::platform::decimal::{DecimalAmount, read_decimal};
use crate::platform::settle;
use crate::read::{AHEAD_MS_MAX, EARLIEST};
use crate::time::Timestamp;

pub(super) fn read(first: &Row<'_>, rows: &[Row<'_>], now: Timestamp) -> Result<Imported, Vec<ImportFault>> {
    let mut reader = Reader { now, currency: None, faults: Vec::new(), notes: Notes::default() };
    match reader.order(first, rows) {
        Some(order) if reader.faults.is_empty() => Ok(Imported { order, warnings: reader.notes.warnings }),
        _ => Err(reader.faults),
    }
}

struct Reader {
    now: Timestamp,
    currency: Option<Currency>,
    faults: Vec<ImportFault>,
    notes: Notes,
}

impl Reader {
    /// Every column is read before the first `?`, so that no fault hides another.
    fn order(&mut self, row: &Row<'_>, rows: &[Row<'_>]) -> Option<Order> {
        let id = self.required(row, "orderId", |text| OrderId::parse(text).map_err(from_id));
        self.currency = self.required(row, "currency", currency);
        let total = self.amount(row, "totalCents", "total");
        if row.cell("totalCents").or(row.cell("total")).is_none() {
            self.fault(row, "totalCents", missing());
        }
        let refunded = self.amount(row, "refundedCents", "refunded");
        let status = self.optional(row, "status", status).unwrap_or(OrderStatus::Completed);
        let now = self.now;
        let created_at = self.required(row, "orderCreatedAt", |text| date(text, now));
        let updated_at = self.optional(row, "orderUpdatedAt", |text| date(text, now));
        let visitor = self.person(row, "visitorId", VisitorId::parse);
        let session = self.person(row, "sessionId", SessionId::parse);
        let user = self.person(row, "userId", UserId::parse);
        let test = self.optional(row, "test", flag).unwrap_or(false);
        let label = self.optional(row, "conversionType", label);
        let items = self.items(rows);
        Some(Order {
            id: id?,
            source: Source::Import,
            visitor,
            session,
            user,
            currency: self.currency?,
            total_minor: total?,
            refunded_minor: refunded.unwrap_or(0),
            status,
            created_at: created_at?,
            updated_at: updated_at.max(created_at),
            items,
            test,
            label,
            platform: None,
        })
    }

    fn items(&mut self, rows: &[Row<'_>]) -> Vec<Item> {
        let lines = rows.iter().filter(|row| row.cell("productId").is_some());
        let items: Vec<Item> = lines.take(ITEMS_MAX + 1).filter_map(|row| self.item(row)).collect();
        if items.len() > ITEMS_MAX
            && let Some(row) = rows.get(ITEMS_MAX)
        {
            self.fault(row, "productId", ("too_many_items", "an order has at most 1,000 lines".to_owned()));
        }
        items
    }

    fn item(&mut self, row: &Row<'_>) -> Option<Item> {
        let product = self.required(row, "productId", |text| ProductId::parse(text).map_err(from_id));
        let variant = self.optional(row, "variantId", |text| ProductId::parse(text).map_err(from_id));
        let quantity = self.optional(row, "quantity", quantity).unwrap_or(1);
        let price = self.amount(row, "priceCents", "price").unwrap_or(0);
        let stated = self.amount(row, "lineTotalCents", "lineTotal");
        let product_of_both = settle::within_limits(i128::from(price) * i128::from(quantity));
        Some(Item {
            product: product?,
            variant,
            quantity,
            price_minor: price,
            total_minor: stated.unwrap_or(product_of_both),
        })
    }

    /// An amount in minor units or as a decimal number; `None` if neither column tells one, or after a fault.
    fn amount(&mut self, row: &Row<'_>, in_cents: &str, decimal: &str) -> Option<i64> {
        if row.cell(in_cents).is_some() {
            return self.optional(row, in_cents, cents);
        }
        // Without a currency there is a fault already.
        let currency = self.currency?;
        let amount = self.optional(row, decimal, |text| decimal_amount(text, currency))?;
        if amount.is_rounded {
            let detail = "has more digits than its currency: it was rounded";
            self.notes.warn(Place::Key(&Place::Root, decimal), "amount_rounded", detail);
        }
        Some(amount.minor)
    }

    /// Who it was: an id that stands for nobody counts as none, since the order is worth keeping without it.
    fn person<T>(
        &mut self,
        row: &Row<'_>,
        column: &str,
        parse: fn(&str) -> Result<T, OpaqueIdFault>,
    ) -> Option<T> {
        let read = parse(row.cell(column)?);
        if let Err(fault) = &read {
            let detail = format!("{fault}, so it names nobody");
            self.notes.warn(Place::Key(&Place::Root, column), "visitor_unusable", &detail);
        }
        read.ok()
    }

    fn required<T>(&mut self, row: &Row<'_>, column: &str, parse: impl FnOnce(&str) -> Read<T>) -> Option<T> {
        let Some(text) = row.cell(column) else {
            self.fault(row, column, missing());
            return None;
        };
        parse(text).map_err(|problem| self.fault(row, column, problem)).ok()
    }

    fn optional<T>(&mut self, row: &Row<'_>, column: &str, parse: impl FnOnce(&str) -> Read<T>) -> Option<T> {
        parse(row.cell(column)?).map_err(|problem| self.fault(row, column, problem)).ok()
    }

    fn fault(&mut self, row: &Row<'_>, column: &str, (code, detail): Problem) {
        self.faults.push(ImportFault { line: row.line, place: column.to_owned(), code, detail });
    }
}

type Problem = (&'static str, String);
type Read<T> = Result<T, Problem>;

fn missing() -> Problem {
    ("missing", "must not be empty".to_owned())
}

fn decimal_amount(text: &str, currency: Currency) -> Read<DecimalAmount> {
    let amount = read_decimal(text, currency).map_err(|fault| ("not_an_amount", fault.to_string()))?;
    let negative = ("out_of_range", "must not be below 0".to_owned());
    if amount.minor < 0 { Err(negative) } else { Ok(amount) }
}

fn from_id(fault: OpaqueIdFault) -> Problem {
    (fault.code(), fault.to_string())
}

/// Old orders may carry a code that was withdrawn since.
fn currency(text: &str) -> Read<Currency> {
    let unknown = ("unknown_currency", "must be an ISO 4217 currency code, such as EUR".to_owned());
    Currency::read_stored(&text.to_ascii_uppercase()).ok_or(unknown)
}

fn status(text: &str) -> Read<OrderStatus> {
    let names = "must be pending, processing, on-hold, completed, refunded or cancelled";
    OrderStatus::from_code(&text.to_ascii_lowercase()).ok_or(("unknown_value", names.to_owned()))
}

fn cents(text: &str) -> Read<i64> {
    let detail = "must be a whole number of minor units from 0 to 9007199254740991";
    let number = text.parse::<i64>().ok().filter(|number| (0..=AMOUNT_MINOR_MAX).contains(number));
    number.ok_or(("out_of_range", detail.to_owned()))
}

fn quantity(text: &str) -> Read<u32> {
    let number = text.parse::<u32>().ok().filter(|number| (1..=QUANTITY_MAX).contains(number));
    number.ok_or(("out_of_range", "must be a whole number from 1 to 1000000".to_owned()))
}

fn date(text: &str, now: Timestamp) -> Read<Timestamp> {
    let detail = "must be a date and time with a zone, such as 2026-11-23T10:15:00Z";
    let at = instant(text).ok_or(("invalid_date", detail.to_owned()))?;
    let range = "must not be before 1971 or more than one hour ahead";
    let is_near = (EARLIEST..=now.plus_millis(AHEAD_MS_MAX)).contains(&at);
    if is_near { Ok(at) } else { Err(("date_out_of_range", range.to_owned())) }
}

fn flag(text: &str) -> Read<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" => Ok(true),
        "false" | "0" | "no" => Ok(false),
        _ => Err(("unknown_value", "must be true or false".to_owned())),
    }
}

fn label(text: &str) -> Read<String> {
    let is_label = text.len() <= LABEL_BYTES_MAX && !text.chars().any(char::is_control);
    let detail = "must be a short name of at most 64 bytes";
    if is_label { Ok(text.to_owned()) } else { Err(("too_long", detail.to_owned())) }
}
