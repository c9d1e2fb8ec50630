//! Which fields of an event are kept, and in which form: what the figures need and nothing else (SPEC section 14).
//!
//! A field that is not as expected is left out rather than refused: that a page was shown is worth knowing even
//! when its address is not.

use std::borrow::Cow;

use super::{PROPERTIES_BYTES_MAX, SeenType};
use crate::fault::Notes;
use crate::json::{Json, Object, to_compact_text};
use crate::opaque::ProductId;
use crate::order::{LABEL_BYTES_MAX, QUANTITY_MAX};
use crate::read::{self, Fields};

/// Longest text of a custom property, bytes.
const TEXT_BYTES_MAX: usize = 255;

/// Custom properties that say who somebody is, with marks and letter case taken off. Values that look like an
/// e-mail address are left out whatever their key.
const PERSONAL: [&str; 17] = [
    "email",
    "mail",
    "emailaddress",
    "phone",
    "phonenumber",
    "tel",
    "telephone",
    "mobile",
    "name",
    "firstname",
    "lastname",
    "fullname",
    "surname",
    "address",
    "street",
    "birthday",
    "password",
];

/// How a field's value is kept.
#[derive(Clone, Copy)]
enum Form {
    /// A string, or an integer as its decimal text.
    Id,
    /// Origin and path.
    Page,
    /// Origin only.
    Origin,
    /// 1 to [`QUANTITY_MAX`].
    Quantity,
}

const fn known_fields(seen: SeenType) -> &'static [(&'static str, Form)] {
    use Form::{Id, Origin, Page, Quantity};
    match seen {
        SeenType::Page => &[("url", Page), ("referrer", Origin)],
        SeenType::Exposure
        | SeenType::WidgetOpen
        | SeenType::WidgetClose
        | SeenType::ViewCart
        | SeenType::Checkout => &[("widgetId", Id), ("productId", Id), ("url", Page)],
        SeenType::AddToCart => {
            &[("widgetId", Id), ("productId", Id), ("variantId", Id), ("quantity", Quantity), ("url", Page)]
        }
        SeenType::Custom => &[("url", Page)],
    }
}

/// The properties as JSON; a custom event has a `name`, which must be a good one.
pub(super) fn of(seen: SeenType, fields: Fields<'_, '_>, notes: &mut Notes) -> Option<String> {
    let mut kept: Vec<(&str, Json<'_>)> = known_fields(seen)
        .iter()
        .filter_map(|(key, form)| Some((*key, keep(fields.object.get(key)?, *form)?)))
        .collect();
    if seen == SeenType::Custom {
        let name = fields.required("name", notes, read::label)?;
        kept.push(("name", Json::Text(Cow::Owned(name))));
        if let Some(own) = fields.object.get("properties").and_then(Json::as_object) {
            kept.push(("properties", Json::Object(harmless(own))));
        }
    }
    Some(fitting(kept))
}

/// The longest start of the properties that fits; with the limits on single fields only custom ones can be cut.
fn fitting(mut kept: Vec<(&str, Json<'_>)>) -> String {
    loop {
        let object: Object<'_> = kept.iter().map(|(key, value)| (*key, value.clone())).collect();
        if let Some(text) = to_compact_text(&object, PROPERTIES_BYTES_MAX) {
            return text;
        }
        if kept.pop().is_none() {
            return "{}".to_owned();
        }
    }
}

fn keep<'j>(value: &'j Json<'j>, form: Form) -> Option<Json<'j>> {
    match (form, value) {
        (Form::Id, Json::Integer(number)) => Some(Json::Text(Cow::Owned(number.to_string()))),
        (Form::Id, Json::Text(text)) => ProductId::parse(text).ok().map(|_| borrowed(text)),
        (Form::Page, Json::Text(address)) => origin_and_path(address).map(borrowed),
        (Form::Origin, Json::Text(address)) => origin(address).map(borrowed),
        (Form::Quantity, Json::Integer(number)) => {
            (1..=i128::from(QUANTITY_MAX)).contains(number).then_some(Json::Integer(*number))
        }
        _ => None,
    }
}

const fn borrowed(text: &str) -> Json<'_> {
    Json::Text(Cow::Borrowed(text))
}

/// The address of a web page up to its query or fragment. Addresses with a user in them are left out.
fn origin_and_path(address: &str) -> Option<&str> {
    let origin = origin(address)?;
    let path = &address[origin.len()..];
    let end = path.find(['?', '#']).unwrap_or(path.len());
    let cut = &address[..origin.len() + end];
    // Two addresses of this length and their keys fit into the properties.
    (cut.len() <= PROPERTIES_BYTES_MAX / 2 && !cut.chars().any(char::is_control)).then_some(cut)
}

fn origin(address: &str) -> Option<&str> {
    let host = ["https://", "http://"].into_iter().find_map(|scheme| address.strip_prefix(scheme))?;
    let length = host.find(['/', '\\', '?', '#']).unwrap_or(host.len());
    let authority = &host[..length];
    let is_plain =
        authority.chars().all(|letter| !letter.is_control() && !letter.is_whitespace() && letter != '@');
    let fits = (1..=TEXT_BYTES_MAX).contains(&length);
    (is_plain && fits).then(|| &address[..address.len() - host.len() + length])
}

/// Numbers, booleans and short texts that don't look personal; nothing nested.
fn harmless<'j>(own: &'j Object<'j>) -> Object<'j> {
    own.members()
        .filter(|(key, value)| !is_personal(key) && is_small(value))
        .map(|(key, value)| (key, value.clone()))
        .collect()
}

fn is_personal(key: &str) -> bool {
    let plain: String =
        key.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    PERSONAL.contains(&plain.as_str()) || key.len() > LABEL_BYTES_MAX
}

fn is_small(value: &Json<'_>) -> bool {
    match value {
        Json::Bool(_) | Json::Integer(_) | Json::Float(_) => true,
        Json::Text(text) => text.len() <= TEXT_BYTES_MAX && !text.contains('@'),
        Json::Null | Json::Array(_) | Json::Object(_) => false,
    }
}
