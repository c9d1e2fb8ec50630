//! What platforms say, in the merchant's words.

use selektable_domain::order::platform::{Carrier, LeftOut, Origin};
use selektable_domain::platform::Ignored;
use selektable_store::settings::Platform;

use super::format;

/// A platform's name.
pub(crate) const fn platform(platform: Platform) -> &'static str {
    match platform {
        Platform::Custom => "A site of your own",
        Platform::Shopify => "Shopify",
        Platform::WooCommerce => "WooCommerce",
    }
}

/// How a visitor came to be known, after the word "by".
pub(crate) const fn carrier(carrier: Carrier) -> &'static str {
    match carrier {
        Carrier::LineProperty => "line item property",
        Carrier::CartAttribute => "cart attribute",
        Carrier::FormField => "checkout field",
        Carrier::StoreApi => "block checkout",
        Carrier::Cookie => "cookie",
        Carrier::OrderMeta => "order metadata",
        Carrier::CartToken => "cart token",
        Carrier::Pixel => "pixel",
    }
}

/// What kind of sale an order is.
pub(crate) const fn origin(origin: Origin) -> &'static str {
    match origin {
        Origin::Online => "the shop's checkout",
        Origin::Renewal => "renewal of a subscription",
        Origin::PointOfSale => "sold in a physical shop",
        Origin::Draft => "draft order",
        Origin::Staff => "entered by staff",
        Origin::Api => "made by a program",
    }
}

/// Why an order is in no figure, after the word "because".
pub(crate) const fn left_out(why: LeftOut) -> &'static str {
    match why {
        LeftOut::Test => "it is a test",
        LeftOut::Renewal => "it is a later payment of a subscription, which the first order earned",
        LeftOut::NoOnlineVisitor => "it was not placed in the shop's pages and no visitor is known",
    }
}

/// The mark of an order that is in no figure, in a list.
pub(crate) const fn left_out_mark(why: LeftOut) -> &'static str {
    match why {
        LeftOut::Test => "test order",
        LeftOut::Renewal => "renewal, left out",
        LeftOut::NoOnlineVisitor => "not online, left out",
    }
}

/// Why a delivery is not used, or an order was passed over, by its code; a code without words is shown as it is.
pub(crate) fn ignored(code: &str) -> String {
    let known = Ignored::ALL.into_iter().find(|reason| reason.code() == code);
    known.map_or_else(|| code.replace('_', " "), |reason| reason.to_string().replace('`', ""))
}

/// A delivery's topic; those without one say so.
pub(crate) fn topic(topic: &str) -> String {
    if topic.is_empty() { "no topic".to_owned() } else { topic.to_owned() }
}

/// A field that differs, as a label.
pub(crate) fn field(name: &str) -> String {
    match name {
        "status" => "Status".to_owned(),
        "totalCents" => "Ordered".to_owned(),
        "refundedCents" => "Given back".to_owned(),
        "currency" => "Currency".to_owned(),
        "visitorId" => "Visitor".to_owned(),
        other => format::capital(other),
    }
}
