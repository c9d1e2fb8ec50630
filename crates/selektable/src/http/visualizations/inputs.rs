//! The form of a picture, read into what a renderer and a record need; every fault at once.

use selektable_domain::json::{self, Json, Limits};
use selektable_domain::opaque::{OpaqueIdFault, SessionId, VisitorId};
use selektable_domain::visualization::ShownProduct;
use selektable_domain::visualization::parse_products;
use selektable_render::{Placement, PlacementFault};
use uuid::Uuid;

use super::form::{FieldRule, Form};
use crate::http::problem::{Fault, Problem};

/// Largest photo; what the renderer takes.
pub const PHOTO_BYTES_MAX: usize = 15 * 1024 * 1024;
/// Largest product picture; what the renderer takes.
pub(super) const PRODUCT_BYTES_MAX: usize = 10 * 1024 * 1024;

/// The form's fields.
pub(super) const FIELDS: [FieldRule; 9] = [
    FieldRule { name: "photo", bytes_max: PHOTO_BYTES_MAX },
    FieldRule { name: "product", bytes_max: PRODUCT_BYTES_MAX },
    FieldRule { name: "productImageUrl", bytes_max: 4_096 },
    FieldRule { name: "placement", bytes_max: 1_024 },
    FieldRule { name: "products", bytes_max: 256 * 1024 },
    FieldRule { name: "visitorId", bytes_max: 1_024 },
    FieldRule { name: "sessionId", bytes_max: 1_024 },
    FieldRule { name: "requestId", bytes_max: 64 },
    FieldRule { name: "consent", bytes_max: 8 },
];

/// Where the product's picture comes from.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum ProductImage {
    /// It was sent along.
    Sent(Vec<u8>),
    /// It is fetched from here.
    Url(String),
}

/// Everything a form says.
#[derive(Debug)]
pub(super) struct Inputs {
    pub(super) photo: Vec<u8>,
    pub(super) product: ProductImage,
    pub(super) placement: Placement,
    pub(super) products: Vec<ShownProduct>,
    pub(super) visitor: Option<VisitorId>,
    pub(super) session: Option<SessionId>,
    pub(super) request: Option<Uuid>,
    pub(super) consent: Option<bool>,
}

impl Inputs {
    /// Reads a form. Every field is read before the first missing one ends it, so that no fault hides another.
    pub(super) fn read(form: &mut Form) -> Result<Self, Problem> {
        let mut reader = Reader { form, faults: Vec::new() };
        let photo = reader.file("photo");
        let product = reader.product();
        let placement = reader.required("placement", placement);
        let products = reader.required("products", shown_products);
        let visitor = reader.optional("visitorId", |text| {
            VisitorId::parse(text).map_err(|fault| id_fault("visitorId", fault))
        });
        let session = reader.optional("sessionId", |text| {
            SessionId::parse(text).map_err(|fault| id_fault("sessionId", fault))
        });
        let request = reader.optional("requestId", |text| {
            Uuid::parse_str(text).map_err(|_| vec![fault("requestId", "invalid_uuid", "must be a UUID")])
        });
        let consent = reader.optional("consent", consent);
        match (photo, product, placement, products) {
            (Some(photo), Some(product), Some(placement), Some(products)) if reader.faults.is_empty() => {
                Ok(Self { photo, product, placement, products, visitor, session, request, consent })
            }
            _ => Err(Problem::content(reader.faults)),
        }
    }
}

struct Reader<'a> {
    form: &'a mut Form,
    faults: Vec<Fault>,
}

impl Reader<'_> {
    fn file(&mut self, name: &str) -> Option<Vec<u8>> {
        let file = self.form.file(name);
        if file.is_none() {
            self.faults.push(fault(name, "missing", "is required: send the picture's file"));
        }
        file
    }

    fn product(&mut self) -> Option<ProductImage> {
        if let Some(bytes) = self.form.file("product") {
            return Some(ProductImage::Sent(bytes));
        }
        let url = self.optional("productImageUrl", |text| Ok(ProductImage::Url(text.to_owned())));
        if url.is_none() {
            let detail =
                "is required: send the product's picture as `product`, or its address as `productImageUrl`";
            self.faults.push(fault("product", "missing", detail));
        }
        url
    }

    fn required<T>(&mut self, name: &str, read: impl FnOnce(&str) -> Result<T, Vec<Fault>>) -> Option<T> {
        let mut given = true;
        let value = match self.form.text(name) {
            Ok(Some(text)) => self.keep(read(&text)),
            Ok(None) => {
                given = false;
                None
            }
            Err(problem) => self.keep(Err(problem.faults)),
        };
        if !given {
            self.faults.push(fault(name, "missing", "is required"));
        }
        value
    }

    fn optional<T>(&mut self, name: &str, read: impl FnOnce(&str) -> Result<T, Vec<Fault>>) -> Option<T> {
        match self.form.text(name) {
            Ok(text) => self.keep(read(&text?)),
            Err(problem) => self.keep(Err(problem.faults)),
        }
    }

    fn keep<T>(&mut self, read: Result<T, Vec<Fault>>) -> Option<T> {
        read.map_err(|faults| self.faults.extend(faults)).ok()
    }
}

fn fault(name: &str, code: &str, detail: impl Into<String>) -> Fault {
    Fault { pointer: format!("/{name}"), code: code.to_owned(), detail: detail.into() }
}

fn id_fault(name: &str, found: OpaqueIdFault) -> Vec<Fault> {
    vec![fault(name, found.code(), found.to_string())]
}

fn consent(text: &str) -> Result<bool, Vec<Fault>> {
    text.parse().map_err(|_| vec![fault("consent", "unknown_value", "must be true or false")])
}

fn parsed<'a>(name: &str, text: &'a str) -> Result<Json<'a>, Vec<Fault>> {
    json::parse(text.as_bytes(), Limits::SINGLE)
        .map_err(|found| vec![fault(name, found.code(), found.to_string())])
}

fn shown_products(text: &str) -> Result<Vec<ShownProduct>, Vec<Fault>> {
    let json = parsed("products", text)?;
    let read =
        parse_products(&json).map_err(|faults| faults.into_iter().map(Fault::from).collect::<Vec<_>>());
    read.map(|(products, _)| products)
}

fn placement(text: &str) -> Result<Placement, Vec<Fault>> {
    let json = parsed("placement", text)?;
    let mut faults = Vec::new();
    let mut number = |key: &str| match json.as_object().and_then(|object| object.get(key)) {
        #[expect(clippy::cast_precision_loss, reason = "a placement is checked against small limits next")]
        Some(Json::Integer(whole)) => Some(*whole as f64),
        Some(Json::Float(number)) => Some(*number),
        _ => {
            faults.push(fault(&format!("placement/{key}"), "wrong_type", "must be a number"));
            None
        }
    };
    let (x, y, scale, rotation) = (number("x"), number("y"), number("scale"), number("rotation"));
    let (Some(x), Some(y), Some(scale), Some(rotation)) = (x, y, scale, rotation) else {
        return Err(faults);
    };
    Placement::new(x, y, scale, rotation).map_err(|found| {
        let (PlacementFault::NotFinite { field } | PlacementFault::OutOfRange { field, .. }) = found;
        vec![fault(&format!("placement/{field}"), "out_of_range", found.to_string())]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(text: &str) -> Vec<(String, String)> {
        let faults = placement(text).err().unwrap_or_default();
        faults.into_iter().map(|fault| (fault.pointer, fault.code)).collect()
    }

    #[test]
    fn a_placement_is_four_numbers_within_the_renderers_limits() {
        let read = placement(r#"{"x":0.5,"y":1,"scale":0.4,"rotation":-30}"#).unwrap();
        assert_eq!(read, Placement::new(0.5, 1.0, 0.4, -30.0).unwrap());
        let missing: Vec<String> = codes("{}").into_iter().map(|(pointer, _)| pointer).collect();
        assert_eq!(missing, ["/placement/x", "/placement/y", "/placement/scale", "/placement/rotation"]);
        let far = codes(r#"{"x":9,"y":0,"scale":1,"rotation":0}"#);
        assert_eq!(far, [("/placement/x".to_owned(), "out_of_range".to_owned())]);
        assert_eq!(codes("[")[0].1, "invalid_json");
        assert_eq!(codes(r#"{"x":"1","y":0,"scale":1,"rotation":0}"#)[0].1, "wrong_type");
    }

    #[test]
    fn limits_of_fields_are_the_renderers() {
        assert_eq!(PHOTO_BYTES_MAX as u64, selektable_render::Limits::PHOTO.bytes_max);
        assert_eq!(PRODUCT_BYTES_MAX as u64, selektable_render::Limits::PRODUCT.bytes_max);
    }
}
