//! A change of the alias table as text.

use std::borrow::Cow;

use selektable_domain::opaque::ProductId;
use serde::{Deserialize, Serialize};

use super::{Read, VERSION, known_version, opaque, read, write};
use crate::rules::AliasSays;

/// What an alias fact tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AliasFact {
    /// The id.
    pub variant: ProductId,
    /// What the table is to say of it.
    pub says: AliasSays,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct FactBody<'a> {
    v: u8,
    variant_id: Cow<'a, str>,
    /// `variant_of`, `own_product` or `nothing`.
    says: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    product_id: Option<Cow<'a, str>>,
}

/// The body of an alias fact.
pub(crate) fn write_alias(variant: &ProductId, says: &AliasSays) -> String {
    let (says, product) = match says {
        AliasSays::VariantOf(product) => ("variant_of", Some(product.as_str().into())),
        AliasSays::OwnProduct => ("own_product", None),
        AliasSays::Nothing => ("nothing", None),
    };
    write(&FactBody {
        v: VERSION,
        variant_id: variant.as_str().into(),
        says: says.into(),
        product_id: product,
    })
}

/// Reads [`write_alias`].
pub(crate) fn read_alias(text: &str) -> Read<AliasFact> {
    let body: FactBody<'_> = read(text)?;
    known_version(body.v)?;
    let product = body.product_id.map(|id| opaque(ProductId::parse(&id), "productId")).transpose()?;
    let says = match (&*body.says, product) {
        ("variant_of", Some(product)) => AliasSays::VariantOf(product),
        ("own_product", None) => AliasSays::OwnProduct,
        ("nothing", None) => AliasSays::Nothing,
        (says, _) => return Err(format!("`{says}` says nothing of an alias")),
    };
    Ok(AliasFact { variant: opaque(ProductId::parse(&body.variant_id), "variantId")?, says })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_change_is_read_as_it_was_written() {
        let id = |text: &str| ProductId::parse(text).unwrap();
        for says in [AliasSays::VariantOf(id("p")), AliasSays::OwnProduct, AliasSays::Nothing] {
            let fact = AliasFact { variant: id("v"), says };
            assert_eq!(read_alias(&write_alias(&fact.variant, &fact.says)), Ok(fact));
        }
        assert!(read_alias(r#"{"v":1,"variantId":"v","says":"variant_of"}"#).is_err());
    }
}
