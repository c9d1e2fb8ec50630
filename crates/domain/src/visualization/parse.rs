//! From strict JSON to what was shown: the body of `POST /api/v1/visualizations`, and the `products` field of the
//! browser's multipart form (SPEC section 4).

use super::{PRODUCTS_MAX, ShownProduct, VARIANTS_MAX};
use crate::fault::{Fault, Notes, Place, Warning};
use crate::json::Json;
use crate::opaque::{ProductId, SessionId, VisitorId, VisualizationId};
use crate::read::{self, Fields, Value};
use crate::time::Timestamp;

/// A visualization as a shop's server posted it, before anybody asked whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerVisualization {
    /// `storeId` as sent: 1 to 255 bytes of any text.
    pub store_id: String,
    /// `organizationId` as sent, if it was.
    pub organization_id: Option<String>,
    /// `widgetId` as sent: 1 to 255 bytes of any text.
    pub widget_id: String,
    /// The caller's own id, if it gave one; else we make one.
    pub id: Option<VisualizationId>,
    /// The browser.
    pub visitor: VisitorId,
    /// The tab's session.
    pub session: SessionId,
    /// 1 to [`PRODUCTS_MAX`] products.
    pub products: Vec<ShownProduct>,
    /// `createdAt`, or now; never later than now.
    pub at: Timestamp,
    /// What is odd about it.
    pub warnings: Vec<Warning>,
}

/// Reads the body of `POST /api/v1/visualizations`, or gives every fault it has. Other ids than those of products
/// must be strings. A `createdAt` up to one hour ahead is taken as now, with the warning `visualization_in_future`.
pub fn parse_server(json: &Json<'_>, now: Timestamp) -> Result<ServerVisualization, Vec<Fault>> {
    let mut notes = Notes::default();
    let parsed = Value::root(json).fields(&mut notes).and_then(|fields| read_server(fields, now, &mut notes));
    let (visualization, warnings) = notes.finish(parsed)?;
    Ok(ServerVisualization { warnings, ..visualization })
}

fn read_server(fields: Fields<'_, '_>, now: Timestamp, notes: &mut Notes) -> Option<ServerVisualization> {
    let store_id = fields.required("storeId", notes, read::own_id);
    let organization_id = fields.optional("organizationId", notes, read::own_id);
    let widget_id = fields.required("widgetId", notes, read::own_id);
    let id = fields.optional("visualizationId", notes, read::id(VisualizationId::parse));
    let visitor = fields.required("visitorId", notes, read::id(VisitorId::parse));
    let session = fields.required("sessionId", notes, read::id(SessionId::parse));
    let products = fields.required("products", notes, read_products);
    let created_at = fields.optional("createdAt", notes, |value, notes| {
        read::date(value, now, "visualization_in_future", notes)
    });
    Some(ServerVisualization {
        store_id: store_id?,
        organization_id,
        widget_id: widget_id?,
        id,
        visitor: visitor?,
        session: session?,
        products: products?,
        at: created_at.map_or(now, |stated| stated.min(now)),
        warnings: Vec::new(),
    })
}

/// Reads the form's `products` field; pointers start with `/products`.
pub fn parse_products(json: &Json<'_>) -> Result<(Vec<ShownProduct>, Vec<Warning>), Vec<Fault>> {
    let mut notes = Notes::default();
    let products = read_products(Value { json, place: Place::Key(&Place::Root, "products") }, &mut notes);
    notes.finish(products)
}

fn read_products(value: Value<'_, '_>, notes: &mut Notes) -> Option<Vec<ShownProduct>> {
    let elements = value.elements(notes)?;
    if elements.is_empty() {
        return notes.refuse(value.place, "too_few_products", "must hold at least one product");
    }
    if elements.len() > PRODUCTS_MAX {
        return notes.refuse(value.place, "too_many_products", "must hold at most 5 products");
    }
    read::each(value.place, elements, notes, read_product)
}

fn read_product(value: Value<'_, '_>, notes: &mut Notes) -> Option<ShownProduct> {
    let fields = value.fields(notes)?;
    let product = fields.required("productId", notes, read::id_or_number(ProductId::parse));
    let variants = fields.optional("variantIds", notes, read_variants).unwrap_or_default();
    Some(ShownProduct { product: product?, variants })
}

fn read_variants(value: Value<'_, '_>, notes: &mut Notes) -> Option<Vec<ProductId>> {
    let elements = value.elements(notes)?;
    if elements.len() > VARIANTS_MAX {
        return notes.refuse(value.place, "too_many_variants", "must hold at most 100 ids");
    }
    read::each(value.place, elements, notes, read::id_or_number(ProductId::parse))
}

#[cfg(test)]
mod tests;
