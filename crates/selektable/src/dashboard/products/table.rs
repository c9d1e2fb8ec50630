//! Reading the alias table: one line, lines that begin with a text, all lines.

use selektable_domain::opaque::{OPAQUE_ID_BYTES_MAX, ProductId};
use selektable_domain::report::products::{AliasOrigin, AliasRow};
use selektable_store::rules::{ALIAS_ROWS_MAX, AliasSays};
use selektable_store::{StoreResult, Tenant};

use crate::app::App;

/// Rows of one page of the table.
pub(super) const PAGE_ROWS: u32 = 50;

/// An id right before every id that begins with `prefix`; `None` when the first id is as near as can be told. Ids are
/// ordered byte for byte, as the table gives them.
#[must_use]
pub(super) fn just_before(prefix: &str) -> Option<ProductId> {
    let mut head = prefix.to_owned();
    let last = head.pop()?;
    // Characters have a gap before U+E000, where UTF-16 has its surrogates.
    let lower = match last {
        '\u{e000}' => Some('\u{d7ff}'),
        other => u32::from(other).checked_sub(1).and_then(char::from_u32),
    };
    let lower = lower.filter(|lower| !lower.is_control());
    if let Some(lower) = lower {
        head.push(lower);
        // Nothing real sorts after the last character there is.
        if head.len() + char::MAX.len_utf8() <= OPAQUE_ID_BYTES_MAX {
            head.push(char::MAX);
        }
    }
    ProductId::parse(&head).ok()
}

/// A page of the table.
pub(super) struct Rows {
    /// Its lines.
    pub rows: Vec<AliasRow>,
    /// The last line's id, when there is more.
    pub next: Option<ProductId>,
}

/// Lines whose id begins with `prefix`, after `after`.
pub(super) async fn rows(
    app: &App,
    tenant: Tenant,
    prefix: &str,
    after: Option<ProductId>,
) -> StoreResult<Rows> {
    let from = after.or_else(|| just_before(prefix));
    let mut found = app.store.aliases(tenant, from, PAGE_ROWS + 1).await?;
    // What can't be placed right before the prefix lies a little further before it.
    found.retain(|row| row.variant.as_str() >= prefix);
    let end = found.iter().position(|row| !row.variant.as_str().starts_with(prefix));
    found.truncate(end.unwrap_or(found.len()));
    let more = found.len() > PAGE_ROWS as usize;
    found.truncate(PAGE_ROWS as usize);
    let next = found.last().filter(|_| more).map(|row| row.variant.clone());
    Ok(Rows { rows: found, next })
}

/// What the store's own table says of an id.
pub(super) async fn says(app: &App, tenant: Tenant, variant: &ProductId) -> StoreResult<AliasSays> {
    let found = rows(app, tenant, variant.as_str(), None).await?.rows;
    let own = found.into_iter().find(|row| row.variant == *variant && row.origin == AliasOrigin::Table);
    Ok(match own {
        Some(AliasRow { product: Some(product), .. }) => AliasSays::VariantOf(product),
        Some(AliasRow { product: None, .. }) => AliasSays::OwnProduct,
        None => AliasSays::Nothing,
    })
}

/// Every line, page by page.
pub(super) async fn all(app: &App, tenant: Tenant) -> StoreResult<Vec<AliasRow>> {
    let mut rows: Vec<AliasRow> = Vec::new();
    loop {
        let after = rows.last().map(|row| row.variant.clone());
        let page = app.store.aliases(tenant, after, ALIAS_ROWS_MAX).await?;
        let whole = page.len() < ALIAS_ROWS_MAX as usize;
        rows.extend(page);
        if whole {
            return Ok(rows);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_before_a_prefix_lies_before_it_and_after_what_sorts_before() {
        for prefix in ["456", "a", "é", "b b", "x!", "\u{e000}", &"9".repeat(255)] {
            let before = just_before(prefix).unwrap();
            assert!(before.as_str() < prefix, "{prefix}");
        }
        assert!(just_before("456").unwrap().as_str() > "4559999");
        assert_eq!(just_before("x ").unwrap().as_str(), "x");
        assert_eq!(just_before(""), None);
        assert_eq!(just_before("\u{1f600}").unwrap().as_str(), "\u{1f5ff}\u{10ffff}");
    }
}
