//! The steps on Shopify's screens, and what to paste there.

use askama::Template;
use selektable_domain::report::connection::Platform;

use super::secrets::Secrets;
use super::shop::SHOP_HOST;
use super::webhook_url;
use crate::dashboard::access::InStore;
use crate::dashboard::form::{Faults, Field, Values};
use crate::dashboard::page::address;
use crate::dashboard::snippets::Connection;

/// The web pixel as `web/` built it; its two marks are filled in here.
const PIXEL: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../web/dist/pixel.js"));

/// Webhooks to make: the event as Shopify's list names it, and what is missing here without it.
const EVENTS: [(&str, &str); 5] = [
    ("Order creation", "new orders"),
    ("Order update", "payments, edits and every other change"),
    ("Order cancellation", "cancellations"),
    ("Order deletion", "deleted orders"),
    ("Refund create", "refunds, at once and one by one"),
];

/// The input that carries the visitor through "Buy it now".
const LINE_PROPERTY: &str =
    r#"<input type="hidden" name="properties[_selektable_visitor_id]" data-selektable-visitor-id>"#;

/// The steps with the store's own values.
#[derive(Template)]
#[template(path = "dashboard/connect/shopify.html")]
pub(super) struct ShopifySteps {
    path: String,
    shop_host: Field,
    script_tag: String,
    button: String,
    line_property: &'static str,
    webhook_url: String,
    events: [(&'static str, &'static str); 5],
    secrets: Secrets,
    pixel: String,
    reconciliation_href: String,
}

impl askama::filters::HtmlSafe for ShopifySteps {}

/// Fills the steps in.
pub(super) fn steps(
    place: &InStore,
    connection: &Connection,
    secrets: Secrets,
    faults: &Faults,
    values: &Values,
    path: &str,
) -> ShopifySteps {
    let typed = values.get(SHOP_HOST);
    let stored = place.store.settings.shop_host.clone().unwrap_or_default();
    ShopifySteps {
        path: path.to_owned(),
        shop_host: Field::line(SHOP_HOST, "The shop's own name")
            .hint("It ends in .myshopify.com and never changes, also when the shop has a domain of its own.")
            .value(if typed.is_empty() { stored } else { typed.to_owned() })
            .judged(faults),
        script_tag: connection.script_tag(),
        button: button(connection),
        line_property: LINE_PROPERTY,
        webhook_url: webhook_url(connection, Platform::Shopify),
        events: EVENTS,
        secrets,
        pixel: pixel(connection),
        reconciliation_href: address::store(place.store.id, "/reconciliation"),
    }
}

/// The pixel of this store. Host and id need no escaping in a JavaScript string: an origin and an id of ours hold
/// neither quotes nor backslashes.
fn pixel(connection: &Connection) -> String {
    PIXEL.replace("__HOST__", &connection.host).replace("__STORE__", &connection.store.to_string())
}

/// A button that names product and variant, and follows the choice of another variant in any theme: it stands in the
/// product form.
fn button(connection: &Connection) -> String {
    format!(
        r#"<button type="button" data-selektable-widget="{}"
        data-product-id="{{{{ product.id }}}}"
        data-variant-id="{{{{ product.selected_or_first_available_variant.id }}}}"
        data-product-title="{{{{ product.title | escape }}}}"
        data-product-images="{{{{ product.featured_image | image_url: width: 1200 | prepend: 'https:' }}}}"
        data-product-url="{{{{ product.url }}}}">See it in your room</button>
<script>
  addEventListener('click', function (event) {{
    var button = event.target.closest && event.target.closest('[data-selektable-widget]');
    var form = button && (button.closest('.shopify-section') || document).querySelector('form[action*="/cart/add"]');
    var variant = form && new FormData(form).get('id');
    if (variant) button.dataset.variantId = variant;
  }}, true);
</script>"#,
        connection.widget
    )
}

#[cfg(test)]
mod tests {
    use selektable_domain::id::Id;
    use selektable_domain::money::Currency;
    use uuid::Uuid;

    use super::*;

    fn connection() -> Connection {
        let id = Uuid::from_u128(1);
        Connection {
            host: "https://x.example".to_owned(),
            organization: Id::from_uuid(id),
            store: Id::from_uuid(id),
            widget: Id::from_uuid(id),
            currency: Currency::parse("EUR").unwrap(),
            key: String::new(),
        }
    }

    #[test]
    fn the_pixel_has_the_stores_values_and_no_mark_is_left() {
        let text = pixel(&connection());
        assert!(text.contains("https://x.example") && text.contains(&connection().store.to_string()));
        assert!(!text.contains("__HOST__") && !text.contains("__STORE__"), "{text}");
    }

    #[test]
    fn the_button_names_product_and_variant_in_liquid() {
        let text = button(&connection());
        assert!(text.contains(r#"data-product-id="{{ product.id }}""#), "{text}");
        assert!(
            text.contains(r#"data-variant-id="{{ product.selected_or_first_available_variant.id }}""#),
            "{text}"
        );
    }
}
