//! A made-up shop of ninety days or more, the same on every machine: what happens at each place of it follows from the place
//! alone.
//!
//! Visitors have ids as the script makes them, by their first visit. About three visualizations a visitor, within some hours;
//! orders up to some days later by the same visitors, most for what was shown, some for a variant of it; some by
//! visitors who were never seen. One visualization in sixty comes with a login, and two visitors share a user.

use selektable_domain::id::{ConversionId, DeliveryId, WidgetId};
use selektable_domain::money::Currency;
use selektable_domain::opaque::{EventId, OrderId, ProductId, SessionId, UserId, VisitorId, VisualizationId};
use selektable_domain::order::{Item, Order, OrderStatus, Source};
use selektable_domain::time::{DAY_MS, Timestamp};
use selektable_domain::visualization::{ShownProduct, Visualization};
use selektable_store::Tenant;
use selektable_store::ingest::{Event, EventBatch, EventKind, NewVisualization, OrderDelivery};
use uuid::Uuid;

/// 1 August 2026, midnight, UTC.
pub(crate) const BEGIN: i64 = 1_785_542_400_000;
/// Days of a history when nothing else is asked for, and days that reports read.
pub(crate) const DAYS: u64 = 90;
/// Visualizations whose visitors are mixed with each other.
const CROWD: u64 = 30_000;
const VISUALIZATIONS_PER_VISITOR: u64 = 3;
const VISUALIZATIONS_PER_LOGIN: u64 = 60;
const PRODUCTS: u64 = 2_000;

/// The history of one store.
#[derive(Clone, Copy)]
pub(crate) struct History {
    pub(crate) tenant: Tenant,
    pub(crate) widget: WidgetId,
    /// When it begins, milliseconds of Unix time.
    pub(crate) begin: i64,
    /// Its length.
    pub(crate) days: u64,
    pub(crate) visualizations: u64,
    pub(crate) conversions: u64,
}

/// A well mixed number for a place; `salt` keeps uses of one place apart.
pub(crate) fn mix(place: u64, salt: u64) -> u64 {
    let mut z =
        place.wrapping_add(salt.wrapping_mul(0x9e37_79b9_7f4a_7c15)).wrapping_add(0x632b_e59b_d9b4_e019);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// An id as the embed script makes them: a letter, when it was made in 12 hexadecimal digits (here the place of what it
/// is for, which ascends with time, too), and 20 digits without order.
pub(crate) fn script_id(letter: char, place: u64, random: u64) -> String {
    format!("{letter}_{:012x}{:04x}{random:016x}", place & 0xffff_ffff_ffff, mix(random, 7) & 0xffff)
}

/// All ids made here are plain letters and digits, which every kind of id takes.
macro_rules! id {
    ($kind:ident, $($text:tt)*) => {
        $kind::parse(&format!($($text)*)).map_err(|fault| anyhow::anyhow!("an id of the history {fault}"))?
    };
}

impl History {
    fn visitor_number(place: u64) -> u64 {
        let (crowd, visitors) = (place / CROWD, CROWD / VISUALIZATIONS_PER_VISITOR);
        crowd * visitors + mix(place, 1) % visitors
    }

    fn time(&self, place: u64, of: u64) -> Timestamp {
        let millis = i128::from(self.days) * i128::from(DAY_MS) * i128::from(place) / i128::from(of.max(1));
        Timestamp::from_millis(self.begin + i64::try_from(millis).unwrap_or(0))
    }

    fn visitor_text(visitor: u64) -> String {
        script_id('v', visitor, mix(visitor, 2))
    }

    fn session_text(visitor: u64, place: u64) -> String {
        script_id('s', visitor, mix(visitor, 4) ^ (mix(place, 5) % 2))
    }

    fn visitor(visitor: u64) -> anyhow::Result<VisitorId> {
        Ok(id!(VisitorId, "{}", Self::visitor_text(visitor)))
    }

    fn session(visitor: u64, place: u64) -> anyhow::Result<SessionId> {
        Ok(id!(SessionId, "{}", Self::session_text(visitor, place)))
    }

    fn product(place: u64, nth: u64) -> u64 {
        // Some products are shown much more often than others.
        let (one, other) = (mix(place, 6 + nth) % PRODUCTS, mix(place, 16 + nth) % PRODUCTS);
        one.min(other)
    }

    /// Visitor, session and first product of the visualization at a place.
    pub(crate) fn shopper(place: u64) -> (String, String, String) {
        let visitor = Self::visitor_number(place);
        (
            Self::visitor_text(visitor),
            Self::session_text(visitor, place),
            format!("product-{}", Self::product(place, 0)),
        )
    }

    /// The visualization at a place.
    pub(crate) fn visualization(&self, place: u64) -> anyhow::Result<NewVisualization> {
        let (visitor, at) = (Self::visitor_number(place), self.time(place, self.visualizations));
        let shown = |nth| -> anyhow::Result<ShownProduct> {
            let product = Self::product(place, nth);
            // The shop tells the variants of one product in four.
            let told = if product.is_multiple_of(4) { 3 } else { 0 };
            let variants = (0..told).map(|variant| Ok(id!(ProductId, "sku-{product}-{variant}")));
            Ok(ShownProduct {
                product: id!(ProductId, "product-{product}"),
                variants: variants.collect::<anyhow::Result<_>>()?,
            })
        };
        let mut products = vec![shown(0)?];
        if mix(place, 26).is_multiple_of(8) && Self::product(place, 1) != Self::product(place, 0) {
            products.push(shown(1)?);
        }
        let visualization = Visualization {
            id: id!(VisualizationId, "viz_{place:010}"),
            widget: self.widget,
            visitor: Some(Self::visitor(visitor)?),
            session: Some(Self::session(visitor, place)?),
            products,
            at,
        };
        Ok(NewVisualization {
            tenant: self.tenant,
            visualization,
            renderer: None,
            picture: None,
            received_at: at,
            sample: false,
        })
    }

    /// The login beside a visualization, where there is one.
    pub(crate) fn login(&self, place: u64) -> anyhow::Result<Option<EventBatch>> {
        if !place.is_multiple_of(VISUALIZATIONS_PER_LOGIN) {
            return Ok(None);
        }
        let (visitor, at) = (Self::visitor_number(place), self.time(place, self.visualizations));
        let kind = EventKind::Identify { user: id!(UserId, "customer-{}", visitor / 2), traits: None };
        Ok(Some(EventBatch {
            tenant: self.tenant,
            visitor: Self::visitor(visitor)?,
            session: Self::session(visitor, place)?,
            received_at: at,
            events: vec![Event { id: id!(EventId, "event-{place}"), at, kind }],
        }))
    }

    /// The order at a place.
    pub(crate) fn order(&self, place: u64) -> anyhow::Result<OrderDelivery> {
        let at = self.time(place + 1, self.conversions);
        let before = self.shown_before(place);
        let visitor = Self::visitor_number(before);
        let stranger = mix(place, 33).is_multiple_of(10);
        let product =
            if mix(place, 34) % 10 < 6 { Self::product(before, 0) } else { Self::product(place, 40) };
        let variant = match mix(place, 35) % 4 {
            0 => Some(id!(ProductId, "sku-{product}-{}", mix(place, 36) % 3)),
            _ => None,
        };
        let price = 1_000 + i64::try_from(mix(place, 37) % 20_000)?;
        let line = |product, variant, total_minor| Item {
            product,
            variant,
            quantity: 1,
            price_minor: total_minor,
            total_minor,
        };
        let items = vec![
            line(id!(ProductId, "product-{product}"), variant, price),
            line(id!(ProductId, "product-{}", Self::product(place, 41)), None, 2_500),
        ];
        let session = if stranger { None } else { Some(Self::session(visitor, mix(place, 38))?) };
        let named = if stranger { Self::visitor(u64::MAX / 2 + place)? } else { Self::visitor(visitor)? };
        let order = Order {
            id: Self::order_id(place)?,
            source: Source::Server,
            visitor: Some(named),
            session,
            user: None,
            currency: Currency::parse("EUR")?,
            total_minor: price + 2_500,
            refunded_minor: if mix(place, 39).is_multiple_of(20) { 2_500 } else { 0 },
            status: OrderStatus::Completed,
            created_at: at,
            updated_at: None,
            items,
            test: false,
            label: None,
            platform: None,
        };
        Ok(OrderDelivery {
            topic: None,
            tenant: self.tenant,
            id: DeliveryId::from_uuid(Uuid::from_u128(1 << 90 | u128::from(place))),
            conversion: ConversionId::from_uuid(Uuid::from_u128(1 << 80 | u128::from(place))),
            request_id: "bench".to_owned(),
            received_at: at,
            order,
            warnings: Vec::new(),
            sample: false,
        })
    }

    /// Id of the order at a place.
    pub(crate) fn order_id(place: u64) -> anyhow::Result<OrderId> {
        Ok(id!(OrderId, "order-{place}"))
    }

    /// Place of the visualization that the order at a place goes back to: two days before at most, for one order in
    /// six up to twelve.
    fn shown_before(&self, place: u64) -> u64 {
        let now =
            u128::from(place + 1) * u128::from(self.visualizations) / u128::from(self.conversions.max(1));
        let now = u64::try_from(now).unwrap_or(0).min(self.visualizations).saturating_sub(1);
        let days = if mix(place, 31).is_multiple_of(6) { 12 } else { 2 };
        // Early orders reach back to the beginning at most, and not all of them to the very first visualization.
        let reach = (self.visualizations * days / self.days).clamp(1, now + 1);
        now - mix(place, 32) % reach
    }

    /// One more visualization, by the visitor of an order and an hour before it, that comes when all is over.
    pub(crate) fn late(&self, nth: u64, order: u64) -> anyhow::Result<NewVisualization> {
        let before = self.shown_before(order);
        let at = self.time(order + 1, self.conversions).plus_millis(-3_600_000);
        let mut late = self.visualization(before)?;
        late.visualization.id = id!(VisualizationId, "late_{nth}_{order}");
        late.visualization.at = at;
        late.received_at = self.time(1, 1);
        Ok(late)
    }
}
