//! From strict JSON to changes of the alias table: the body of `PUT …/aliases`.

use std::collections::HashSet;

use crate::fault::{Fault, Notes, Place};
use crate::json::Json;
use crate::opaque::ProductId;
use crate::read::{self, Fields, Value};

/// What is to be said of one id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedAlias {
    /// The id.
    pub variant: ProductId,
    /// As [`super::AliasClaims::table`]: a variant of `Some`, or a product of its own; `None` takes the line away.
    pub table: Option<Option<ProductId>>,
}

/// Reads `aliases`, 1 to `lines_max` lines, or gives every fault they have. A line's `productId` is an id, `null`
/// for a product of its own, or missing to say nothing any more.
///
/// # Errors
/// Every fault, with its place.
pub fn parse_aliases(json: &Json<'_>, lines_max: usize) -> Result<Vec<AskedAlias>, Vec<Fault>> {
    let mut notes = Notes::default();
    let fields = Value::root(json).fields(&mut notes);
    let lines = fields.and_then(|fields| {
        fields.required("aliases", &mut notes, |value, notes| lines(value, lines_max, notes))
    });
    notes.finish(lines).map(|(lines, _)| lines)
}

fn lines(value: Value<'_, '_>, lines_max: usize, notes: &mut Notes) -> Option<Vec<AskedAlias>> {
    let elements = value.elements(notes)?;
    if elements.is_empty() || elements.len() > lines_max {
        return notes.refuse(value.place, "out_of_range", format!("must have 1 to {lines_max} lines"));
    }
    let lines = read::each(value.place, elements, notes, |value, notes| line(value.fields(notes)?, notes))?;
    let mut seen = HashSet::with_capacity(lines.len());
    for (index, line) in lines.iter().enumerate() {
        if !seen.insert(&line.variant) {
            let place = Place::Index(&value.place, index);
            let place = Place::Key(&place, "variantId");
            let _: Option<()> = notes.refuse(place, "duplicate_variant", "stands in an earlier line already");
        }
    }
    Some(lines)
}

fn line(fields: Fields<'_, '_>, notes: &mut Notes) -> Option<AskedAlias> {
    let variant = fields.required("variantId", notes, read::id_or_number(ProductId::parse));
    let table = match fields.object.get("productId") {
        None => Some(None),
        Some(Json::Null) => Some(Some(None)),
        Some(_) => fields
            .required("productId", notes, read::id_or_number(ProductId::parse))
            .map(|product| Some(Some(product))),
    };
    let (variant, table) = (variant?, table?);
    if table == Some(Some(variant.clone())) {
        let place = Place::Key(&fields.place, "productId");
        return notes.refuse(
            place,
            "variant_of_itself",
            "is the variant itself: for a product of its own, say null",
        );
    }
    Some(AskedAlias { variant, table })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::{Limits, parse};
    use serde_json::{Value as Payload, json};

    fn outcome(payload: &Payload) -> Result<Vec<AskedAlias>, Vec<Fault>> {
        let body = payload.to_string();
        parse_aliases(&parse(body.as_bytes(), Limits::SINGLE).unwrap(), 5)
    }

    fn told(payload: &Payload) -> Vec<(String, &'static str)> {
        outcome(payload).unwrap_err().into_iter().map(|fault| (fault.pointer, fault.code)).collect()
    }

    fn id(text: &str) -> ProductId {
        ProductId::parse(text).unwrap()
    }

    #[test]
    fn a_line_names_a_product_none_or_takes_what_was_said_away() {
        let lines = outcome(&json!({ "aliases": [
            { "variantId": "456", "productId": 123 }, { "variantId": "7", "productId": null }, { "variantId": "8" },
        ] }));
        let said = |variant: &str, table| AskedAlias { variant: id(variant), table };
        let expected = [said("456", Some(Some(id("123")))), said("7", Some(None)), said("8", None)];
        assert_eq!(lines.unwrap(), expected);
    }

    #[test]
    fn every_fault_is_told_with_its_line() {
        let faults = told(&json!({ "aliases": [
            { "variantId": "1", "productId": "1" }, { "productId": "undefined" }, 7, { "variantId": "", "productId": [] },
        ] }));
        let expected = [
            ("/aliases/0/productId", "variant_of_itself"),
            ("/aliases/1/variantId", "missing"),
            ("/aliases/1/productId", "placeholder_identifier"),
            ("/aliases/2", "wrong_type"),
            ("/aliases/3/variantId", "empty_identifier"),
            ("/aliases/3/productId", "wrong_type"),
        ];
        assert_eq!(faults, expected.map(|(pointer, code)| (pointer.to_owned(), code)));
        let twice = json!({ "aliases": [{ "variantId": "1" }, { "variantId": "2" }, { "variantId": "1" }] });
        assert_eq!(told(&twice), [("/aliases/2/variantId".to_owned(), "duplicate_variant")]);
        for lines in [vec![], vec![json!({ "variantId": "1" }); 6]] {
            assert_eq!(told(&json!({ "aliases": lines })), [("/aliases".to_owned(), "out_of_range")]);
        }
        assert_eq!(told(&json!({})), [("/aliases".to_owned(), "missing")]);
    }
}
