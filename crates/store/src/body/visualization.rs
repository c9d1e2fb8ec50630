//! A visualization as text.

use std::borrow::Cow;

use selektable_domain::id::WidgetId;
use selektable_domain::opaque::{ProductId, SessionId, VisitorId, VisualizationId};
use selektable_domain::time::Timestamp;
use selektable_domain::visualization::{ShownProduct, Visualization};
use serde::{Deserialize, Serialize};

use super::{Read, VERSION, known_version, opaque, read, write};

/// What a visualization's fact tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct VisualizationFact {
    /// What was shown, to whom, when.
    pub visualization: Visualization,
    /// What made the picture.
    pub renderer: Option<String>,
    /// Part of the demo's made-up history.
    pub sample: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct FactBody<'a> {
    v: u8,
    visualization_id: Cow<'a, str>,
    widget_id: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    visitor_id: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    session_id: Option<Cow<'a, str>>,
    products: Vec<ProductBody<'a>>,
    at: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    renderer: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    sample: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ProductBody<'a> {
    product_id: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    variant_ids: Vec<Cow<'a, str>>,
}

/// The body of a visualization's fact.
pub(crate) fn write_visualization(
    visualization: &Visualization,
    renderer: Option<&str>,
    sample: bool,
) -> String {
    write(&FactBody {
        v: VERSION,
        visualization_id: visualization.id.as_str().into(),
        widget_id: visualization.widget.to_string().into(),
        visitor_id: visualization.visitor.as_ref().map(|id| id.as_str().into()),
        session_id: visualization.session.as_ref().map(|id| id.as_str().into()),
        products: visualization.products.iter().map(ProductBody::of).collect(),
        at: visualization.at.as_millis(),
        renderer: renderer.map(Cow::Borrowed),
        sample,
    })
}

/// A stored visualization's columns, as far as its fact's body tells them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Columns<'a> {
    /// Public id.
    pub id: &'a str,
    /// The widget's id as text.
    pub widget: &'a str,
    /// The browser.
    pub visitor: Option<&'a str>,
    /// The tab's session.
    pub session: Option<&'a str>,
    /// What [`write_products`] wrote.
    pub products: &'a str,
    /// Milliseconds since 1970.
    pub at: i64,
    /// What made the picture.
    pub renderer: Option<&'a str>,
    /// Part of the demo's made-up history.
    pub sample: bool,
}

/// Writes what [`write_visualization`] wrote, from the columns that were made of it, into an emptied buffer: to
/// compare the two as texts, ten times as fast as reading the fact.
pub(crate) fn write_columns(columns: Columns<'_>, buffer: &mut Vec<u8>) {
    buffer.clear();
    let mut text = |name: &str, value: &str| {
        buffer.extend_from_slice(name.as_bytes());
        // Strings are always written.
        let _ = serde_json::to_writer(&mut *buffer, value);
    };
    text("{\"v\":1,\"visualizationId\":", columns.id);
    text(",\"widgetId\":", columns.widget);
    for (name, value) in [(",\"visitorId\":", columns.visitor), (",\"sessionId\":", columns.session)] {
        if let Some(value) = value {
            text(name, value);
        }
    }
    buffer.extend_from_slice(b",\"products\":");
    buffer.extend_from_slice(columns.products.as_bytes());
    buffer.extend_from_slice(b",\"at\":");
    let _ = serde_json::to_writer(&mut *buffer, &columns.at);
    if let Some(renderer) = columns.renderer {
        buffer.extend_from_slice(b",\"renderer\":");
        let _ = serde_json::to_writer(&mut *buffer, renderer);
    }
    let end: &[u8] = if columns.sample { b",\"sample\":true}" } else { b"}" };
    buffer.extend_from_slice(end);
}

/// Reads [`write_visualization`].
pub(crate) fn read_visualization(text: &str) -> Read<VisualizationFact> {
    let body: FactBody<'_> = read(text)?;
    known_version(body.v)?;
    let visualization = Visualization {
        id: opaque(VisualizationId::parse(&body.visualization_id), "visualizationId")?,
        widget: body.widget_id.parse::<WidgetId>().map_err(|fault| fault.to_string())?,
        visitor: body.visitor_id.map(|id| opaque(VisitorId::parse(&id), "visitorId")).transpose()?,
        session: body.session_id.map(|id| opaque(SessionId::parse(&id), "sessionId")).transpose()?,
        products: body.products.into_iter().map(ProductBody::product).collect::<Read<_>>()?,
        at: Timestamp::from_millis(body.at),
    };
    Ok(VisualizationFact { visualization, renderer: body.renderer.map(Cow::into_owned), sample: body.sample })
}

/// A visualization's products as they stand in its row.
pub(crate) fn write_products(products: &[ShownProduct]) -> String {
    write(&products.iter().map(ProductBody::of).collect::<Vec<_>>())
}

/// Reads [`write_products`].
pub(crate) fn read_products(text: &str) -> Read<Vec<ShownProduct>> {
    read::<Vec<ProductBody<'_>>>(text)?.into_iter().map(ProductBody::product).collect()
}

impl<'a> ProductBody<'a> {
    fn of(shown: &'a ShownProduct) -> Self {
        Self {
            product_id: shown.product.as_str().into(),
            variant_ids: shown.variants.iter().map(|id| id.as_str().into()).collect(),
        }
    }

    fn product(self) -> Read<ShownProduct> {
        let id = |text: &str| opaque(ProductId::parse(text), "productId");
        Ok(ShownProduct {
            product: id(&self.product_id)?,
            variants: self.variant_ids.iter().map(|text| id(text)).collect::<Read<_>>()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_visualization_comes_back_as_it_was_and_its_text_never_changes() {
        let visualization = Visualization {
            id: VisualizationId::parse("mine").unwrap(),
            widget: "widget_00000000000000000000000001".parse().unwrap(),
            visitor: Some(VisitorId::parse("v").unwrap()),
            session: None,
            products: vec![ShownProduct {
                product: ProductId::parse("p").unwrap(),
                variants: vec![ProductId::parse("q").unwrap()],
            }],
            at: Timestamp::from_millis(-5),
        };
        let text = write_visualization(&visualization, Some("builtin"), false);
        assert_eq!(
            text,
            r#"{"v":1,"visualizationId":"mine","widgetId":"widget_00000000000000000000000001","visitorId":"v","products":[{"productId":"p","variantIds":["q"]}],"at":-5,"renderer":"builtin"}"#
        );
        let fact = VisualizationFact { visualization, renderer: Some("builtin".to_owned()), sample: false };
        assert_eq!(read_visualization(&text), Ok(fact));
    }

    #[test]
    fn its_columns_give_the_same_text() {
        let mut buffer = b"what stood there".to_vec();
        for (who, sample) in [(Some("v \"1\" \\ \u{e9}"), false), (None, true)] {
            let visualization = Visualization {
                id: VisualizationId::parse("mine/\u{1f600}").unwrap(),
                widget: "widget_00000000000000000000000001".parse().unwrap(),
                visitor: who.map(|who| VisitorId::parse(who).unwrap()),
                session: who.map(|who| SessionId::parse(who).unwrap()),
                products: vec![ShownProduct {
                    product: ProductId::parse("p\"").unwrap(),
                    variants: Vec::new(),
                }],
                at: Timestamp::from_millis(1_785_542_400_000),
            };
            let products = write_products(&visualization.products);
            let columns = Columns {
                id: visualization.id.as_str(),
                widget: &visualization.widget.to_string(),
                visitor: who,
                session: who,
                products: &products,
                at: visualization.at.as_millis(),
                renderer: who.map(|_| "built\tin"),
                sample,
            };
            write_columns(columns, &mut buffer);
            let text = write_visualization(&visualization, columns.renderer, sample);
            assert_eq!(String::from_utf8(buffer.clone()).unwrap(), text);
        }
    }
}
