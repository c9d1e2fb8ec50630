//! Writes down single facts, and makes the ids they need.

use selektable_domain::id::{OwnVisualizationId, WidgetId};
use selektable_domain::money::Currency;
use selektable_domain::opaque::{EventId, OrderId, ProductId, SessionId, UserId, VisitorId, VisualizationId};
use selektable_domain::order::{Item, Order, OrderStatus, Source};
use selektable_domain::time::{HOUR_MS, Range, Timestamp};
use selektable_domain::visualization::{ShownProduct, Visualization};
use selektable_store::ingest::{Event, EventKind};
use uuid::Uuid;

use super::chance::{Chance, Spread};
use super::{History, HistoryFault, Visit, calendar, fates};
use crate::demo::shop::catalogue::{CURRENCY, PRODUCTS, Product};

/// Every so many orders one is paid in pounds, so that a report has two currencies to keep apart.
const POUNDS_EVERY: usize = 37;
/// A euro price in pounds, in per cent, rounded to whole pounds.
const POUNDS_PERCENT: i64 = 86;
/// The history's first order number.
const FIRST_NUMBER: usize = 1_041;

/// One line of an order.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    /// What was bought.
    pub product: &'static Product,
    /// How many.
    pub quantity: u32,
    /// Under which id.
    pub sold_as: SoldAs,
}

/// The id under which a product is sold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SoldAs {
    /// Its own.
    Itself,
    /// Its own, with a variant's.
    Variant(&'static str),
    /// Another one that nothing connects with it: the checkout knows another list than the product pages.
    OtherId(&'static str),
}

impl Line {
    /// So many of a product under its own id.
    pub(super) const fn of(product: &'static Product, quantity: u32) -> Self {
        Self { product, quantity, sold_as: SoldAs::Itself }
    }
}

/// A browser in one visit.
#[derive(Clone, Debug)]
pub(super) struct Browser {
    visitor: VisitorId,
    session: SessionId,
}

/// See the module.
pub(super) struct Pen<'a> {
    pub(super) chance: Chance,
    pub(super) history: History,
    spread: Spread,
    days: &'a [Range],
    widget: WidgetId,
    orders: usize,
    users: usize,
    events: usize,
}

impl<'a> Pen<'a> {
    pub(super) fn new(seed: u64, days: &'a [Range], widget: WidgetId) -> Self {
        let history = History::default();
        Self {
            chance: Chance::new(seed),
            spread: Spread::default(),
            history,
            days,
            widget,
            orders: 0,
            users: 0,
            events: 0,
        }
    }

    fn end(&self) -> Timestamp {
        self.days.last().map_or(Timestamp::from_millis(0), |day| day.to)
    }

    /// A day between two places, and when on it a visit begins.
    pub(super) fn visit_time(&mut self, first: usize, last: usize) -> (usize, Timestamp) {
        let day = calendar::day(&mut self.spread, self.days, first, last);
        (day, calendar::hour(&mut self.chance, self.days[day]))
    }

    /// An instant so long after another, within the history.
    pub(super) fn soon_after(&mut self, at: Timestamp, least_ms: i64, most_ms: i64) -> Timestamp {
        let later = at.plus_millis(self.chance.between(least_ms, most_ms));
        later.min(self.end().plus_millis(-HOUR_MS))
    }

    /// A browser that was never seen before.
    pub(super) fn browser(&mut self) -> Result<Browser, HistoryFault> {
        let visitor = VisitorId::parse(&self.random_id("v"))?;
        Ok(Browser { visitor, session: SessionId::parse(&self.random_id("s"))? })
    }

    /// The same browser in a new session.
    pub(super) fn another_visit(&mut self, browser: &Browser) -> Result<Browser, HistoryFault> {
        Ok(Browser { visitor: browser.visitor.clone(), session: SessionId::parse(&self.random_id("s"))? })
    }

    /// A customer of the shop.
    pub(super) fn user(&mut self) -> Result<UserId, HistoryFault> {
        self.users += 1;
        Ok(UserId::parse(&format!("customer-{}", 2_200 + self.users))?)
    }

    /// Any product, the popular ones more often.
    pub(super) fn product(&mut self) -> &'static Product {
        self.product_but(&[])
    }

    /// Any product but some.
    pub(super) fn product_but(&mut self, not: &[&Product]) -> &'static Product {
        let weight = |product: &Product| if not.contains(&product) { 0 } else { product.popularity };
        let weights = PRODUCTS.each_ref().map(weight);
        &PRODUCTS[self.chance.weighted(&weights)]
    }

    /// One product, often with another that is none of `not`.
    pub(super) fn basket(&mut self, first: &'static Product, not: &[&Product]) -> Vec<Line> {
        let quantity = u32::from(first.price_cents < 20_000 && self.chance.percent(25)) + 1;
        let mut basket = vec![Line::of(first, quantity)];
        if self.chance.percent(32) {
            let taken: Vec<&Product> = not.iter().copied().chain([first]).collect();
            basket.push(Line::of(self.product_but(&taken), 1));
        }
        basket
    }

    /// A product page is opened.
    pub(super) fn look_at(
        &mut self,
        browser: &Browser,
        product: &Product,
        at: Timestamp,
    ) -> Result<(), HistoryFault> {
        self.seen(browser, "page", &format!(r#"{{"url":"/products/{}"}}"#, product.id), at)?;
        self.seen(browser, "exposure", &self.of(product), at.plus_millis(400))
    }

    /// The widget is opened and a picture made.
    pub(super) fn picture(
        &mut self,
        browser: &Browser,
        product: &Product,
        at: Timestamp,
    ) -> Result<(), HistoryFault> {
        self.seen(browser, "widget_open", &self.of(product), at.plus_millis(-25_000))?;
        let id = VisualizationId::parse(&OwnVisualizationId::from_uuid(self.uuid(at)).to_string())?;
        let products = vec![ShownProduct { product: ProductId::parse(product.id)?, variants: Vec::new() }];
        let (visitor, session) = (Some(browser.visitor.clone()), Some(browser.session.clone()));
        self.history.visualizations.push(Visualization {
            id,
            widget: self.widget,
            visitor,
            session,
            products,
            at,
        });
        self.seen(browser, "widget_close", &self.of(product), at.plus_millis(20_000))
    }

    /// The shop says who is there.
    pub(super) fn log_in(
        &mut self,
        browser: &Browser,
        user: &UserId,
        at: Timestamp,
    ) -> Result<(), HistoryFault> {
        self.event(browser, EventKind::Identify { user: user.clone(), traits: None }, at)
    }

    /// The checkout is opened and an order (or, without items, an appointment) placed.
    pub(super) fn check_out(
        &mut self,
        browser: &Browser,
        basket: &[Line],
        at: Timestamp,
    ) -> Result<(), HistoryFault> {
        let user = if self.chance.percent(20) { Some(self.user()?) } else { None };
        self.check_out_as(browser, user, basket, at)
    }

    /// The same for a customer who is logged in.
    pub(super) fn check_out_as(
        &mut self,
        browser: &Browser,
        user: Option<UserId>,
        basket: &[Line],
        at: Timestamp,
    ) -> Result<(), HistoryFault> {
        self.seen(browser, "checkout", "{}", at.plus_millis(-60_000))?;
        self.order(Some(browser), user, basket, at)
    }

    /// An order reaches the shop, and by and by what becomes of it.
    pub(super) fn order(
        &mut self,
        browser: Option<&Browser>,
        user: Option<UserId>,
        basket: &[Line],
        at: Timestamp,
    ) -> Result<(), HistoryFault> {
        let number = FIRST_NUMBER + self.orders;
        self.orders += 1;
        let in_pounds = self.orders.is_multiple_of(POUNDS_EVERY) && !basket.is_empty();
        let items =
            basket.iter().map(|line| item(*line, in_pounds)).collect::<Result<Vec<Item>, HistoryFault>>()?;
        let order = Order {
            id: OrderId::parse(&if items.is_empty() {
                format!("appt-{number}")
            } else {
                number.to_string()
            })?,
            source: if browser.is_some() { Source::Server } else { Source::Import },
            visitor: browser.map(|browser| browser.visitor.clone()),
            session: browser.map(|browser| browser.session.clone()),
            user,
            currency: Currency::parse(if in_pounds { "GBP" } else { CURRENCY })?,
            total_minor: items.iter().map(|item| item.total_minor).sum(),
            refunded_minor: 0,
            status: OrderStatus::Completed,
            created_at: at,
            updated_at: None,
            test: false,
            platform: None,
            label: items.is_empty().then(|| "appointment".to_owned()),
            items,
        };
        self.history.orders.extend(fates::snapshots(&order, self.orders, self.end()));
        Ok(())
    }

    fn of(&self, product: &Product) -> String {
        format!(r#"{{"widgetId":"{}","productId":"{}"}}"#, self.widget, product.id)
    }

    fn seen(
        &mut self,
        browser: &Browser,
        name: &str,
        properties: &str,
        at: Timestamp,
    ) -> Result<(), HistoryFault> {
        let kind = EventKind::Seen { name: name.to_owned(), properties: properties.to_owned() };
        self.event(browser, kind, at)
    }

    fn event(&mut self, browser: &Browser, kind: EventKind, at: Timestamp) -> Result<(), HistoryFault> {
        self.events += 1;
        let id = EventId::parse(&format!("sample-{}", self.events))?;
        let event = Event { id, at, kind };
        let known = self.history.visits.iter_mut().rev().find(|visit| visit.session == browser.session);
        match known {
            Some(visit) => visit.events.push(event),
            None => self.history.visits.push(Visit {
                visitor: browser.visitor.clone(),
                session: browser.session.clone(),
                events: vec![event],
            }),
        }
        Ok(())
    }

    /// As the embed script makes them.
    fn random_id(&mut self, prefix: &str) -> String {
        format!("{prefix}_{:016x}{:016x}", self.chance.bits(), self.chance.bits())
    }

    /// A version 7 UUID of an instant of the past.
    fn uuid(&mut self, at: Timestamp) -> Uuid {
        uuid_at(&mut self.chance, at)
    }
}

/// A version 7 UUID whose random bits come from `chance`.
pub(super) fn uuid_at(chance: &mut Chance, at: Timestamp) -> Uuid {
    let (high, low) = (chance.bits().to_be_bytes(), chance.bits().to_be_bytes());
    let mut random = [0_u8; 10];
    random[..8].copy_from_slice(&high);
    random[8..].copy_from_slice(&low[..2]);
    let millis = at.as_millis().max(0).unsigned_abs();
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}

fn item(Line { product, quantity, sold_as }: Line, in_pounds: bool) -> Result<Item, HistoryFault> {
    let price_minor =
        if in_pounds { product.price_cents * POUNDS_PERCENT / 10_000 * 100 } else { product.price_cents };
    let total_minor = price_minor * i64::from(quantity);
    let (id, variant) = match sold_as {
        SoldAs::Itself => (product.id, None),
        SoldAs::Variant(variant) => (product.id, Some(ProductId::parse(variant)?)),
        SoldAs::OtherId(other) => (other, None),
    };
    Ok(Item { product: ProductId::parse(id)?, variant, quantity, price_minor, total_minor })
}
