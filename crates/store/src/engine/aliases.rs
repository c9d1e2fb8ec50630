//! What is said of product ids: by the store's own table, and by the facts that carry two ids together. Groups are
//! looked up per unit of work; a store about whose ids nothing is said pays one query.

use crate::db::params;
use selektable_domain::opaque::ProductId;
use selektable_domain::order::Order;
use selektable_domain::products::{AliasClaims, ProductGroups, group_of};
use selektable_domain::report::products::{AliasOrigin, AliasRow};
use selektable_domain::time::Timestamp;
use selektable_domain::visualization::Visualization;

use super::figures::{rollups, sheets};
use super::rows::{Reading, collect, first};
use super::work::{Touched, Work};
use crate::StoreResult;
use crate::rules::{ALIAS_ROWS_MAX, AliasSays};

/// Most ids of one group whose conversions are looked up one by one when the group changes; of a larger one every
/// conversion of the store is decided again.
const GROUP_IDS_MAX: usize = 200;
/// Most visualizations of a changed group whose shoppers are looked up one by one; the number stands in the text of
/// the query, too.
const GROUP_VISUALIZATIONS_MAX: usize = 2_000;

/// The groups of the given ids.
pub(super) fn groups<'a>(
    work: &Work<'_>,
    store: i64,
    ids: impl Iterator<Item = &'a ProductId>,
) -> StoreResult<ProductGroups> {
    let mut groups = ProductGroups::default();
    if !any(work, store)? {
        return Ok(groups);
    }
    for id in ids {
        groups.put(id.clone(), group(work, store, id)?);
    }
    Ok(groups)
}

/// The product that names an id's group.
pub(super) fn group(work: &Work<'_>, store: i64, id: &ProductId) -> StoreResult<ProductId> {
    if !any(work, store)? {
        return Ok(id.clone());
    }
    let key = (store, id.clone());
    if let Some(known) = work.groups.borrow().group.get(&key) {
        return Ok(known.clone());
    }
    let found = group_of(id, |id| Ok::<_, crate::StoreError>(claims(work, store, id)?.parent().cloned()))?;
    work.groups.borrow_mut().group.insert(key, found.clone());
    Ok(found)
}

fn any(work: &Work<'_>, store: i64) -> StoreResult<bool> {
    if let Some(known) = work.groups.borrow().any.get(&store) {
        return Ok(*known);
    }
    let sql = "SELECT EXISTS (SELECT 1 FROM alias_table WHERE store = ?1) \
               OR EXISTS (SELECT 1 FROM carried_aliases WHERE store = ?1)";
    let found = work.connection.prepare_cached(sql)?.query_row([store], |row| row.get(0))?;
    work.groups.borrow_mut().any.insert(store, found);
    Ok(found)
}

fn forget(work: &Work<'_>) {
    *work.groups.borrow_mut() = super::work::KnownGroups::default();
}

fn claims(work: &Work<'_>, store: i64, id: &ProductId) -> StoreResult<AliasClaims> {
    let sql = "SELECT product FROM alias_table WHERE store = ?1 AND variant = ?2";
    let mut statement = work.connection.prepare_cached(sql)?;
    let table = first(statement.query(params![store, id.as_str()])?, |row| {
        Reading::new(row, "alias_table", 0).opaque_if(0, ProductId::parse)
    })?;
    let sql = "SELECT product FROM carried_aliases WHERE store = ?1 AND variant = ?2 LIMIT 2";
    let mut statement = work.connection.prepare_cached(sql)?;
    let carried = collect(statement.query(params![store, id.as_str()])?, |row| {
        Reading::new(row, "carried_aliases", 0).opaque(0, ProductId::parse)
    })?;
    Ok(AliasClaims { table, carried })
}

/// Notes the pairs a visualization carries.
pub(super) fn shown(
    work: &Work<'_>,
    store: i64,
    visualization: &Visualization,
    touched: &mut Touched,
) -> StoreResult<()> {
    let sql = "INSERT INTO carried_aliases (store, variant, product, shown, orders) VALUES (?1, ?2, ?3, 1, 0) \
               ON CONFLICT (store, variant, product) DO UPDATE SET shown = 1 WHERE carried_aliases.shown = 0";
    for (variant, product) in visualization
        .products
        .iter()
        .flat_map(|shown| shown.variants.iter().map(move |variant| (variant, &shown.product)))
    {
        carry(work, store, (variant, product), touched, sql)?;
    }
    Ok(())
}

/// Notes the pairs an order carries, as it counts now; `before` is how it counted before.
pub(super) fn ordered(
    work: &Work<'_>,
    store: i64,
    before: Option<&Order>,
    after: &Order,
    touched: &mut Touched,
) -> StoreResult<()> {
    let was = before.map(pairs).unwrap_or_default();
    let is = pairs(after);
    let more = "INSERT INTO carried_aliases (store, variant, product, shown, orders) VALUES (?1, ?2, ?3, 0, 1) \
                ON CONFLICT (store, variant, product) DO UPDATE SET orders = carried_aliases.orders + 1";
    for pair in is.difference(&was) {
        carry(work, store, *pair, touched, more)?;
    }
    let less =
        "UPDATE carried_aliases SET orders = orders - 1 WHERE store = ?1 AND variant = ?2 AND product = ?3";
    for pair in was.difference(&is) {
        carry(work, store, *pair, touched, less)?;
    }
    Ok(())
}

type Pair<'a> = (&'a ProductId, &'a ProductId);

fn pairs(order: &Order) -> std::collections::BTreeSet<Pair<'_>> {
    let carried = order.items.iter().filter_map(|item| Some((item.variant.as_ref()?, &item.product)));
    carried.filter(|(variant, product)| variant != product).collect()
}

/// Changes one carried pair, and touches what depends on it if it changes what its variant is.
fn carry(
    work: &Work<'_>,
    store: i64,
    (variant, product): Pair<'_>,
    touched: &mut Touched,
    sql: &str,
) -> StoreResult<()> {
    if variant == product {
        return Ok(());
    }
    let before = claims(work, store, variant)?;
    let changed =
        work.connection.prepare_cached(sql)?.execute(params![store, variant.as_str(), product.as_str()])?;
    if changed == 0 {
        return Ok(());
    }
    let sql = "DELETE FROM carried_aliases \
               WHERE store = ?1 AND variant = ?2 AND product = ?3 AND shown = 0 AND orders = 0";
    work.connection.prepare_cached(sql)?.execute(params![store, variant.as_str(), product.as_str()])?;
    compare(work, store, variant, &before, touched)
}

/// Sets what the table says of an id; `fact` is the number of the fact that says it.
pub(super) fn set(
    work: &Work<'_>,
    store: i64,
    fact: i64,
    variant: &ProductId,
    says: &AliasSays,
    touched: &mut Touched,
) -> StoreResult<()> {
    let before = claims(work, store, variant)?;
    let row = |product: Option<&ProductId>| {
        let sql = "INSERT INTO alias_table (store, variant, product, fact) VALUES (?1, ?2, ?3, ?4) \
                   ON CONFLICT (store, variant) DO UPDATE SET product = excluded.product, fact = excluded.fact";
        work.connection.prepare_cached(sql)?.execute(params![
            store,
            variant.as_str(),
            product.map(ProductId::as_str),
            fact
        ])
    };
    match says {
        AliasSays::VariantOf(product) => row(Some(product))?,
        AliasSays::OwnProduct => row(None)?,
        AliasSays::Nothing => {
            let sql = "DELETE FROM alias_table WHERE store = ?1 AND variant = ?2";
            work.connection.prepare_cached(sql)?.execute(params![store, variant.as_str()])?
        }
    };
    compare(work, store, variant, &before, touched)
}

/// What the table says of an id.
pub(super) fn said(work: &Work<'_>, store: i64, variant: &ProductId) -> StoreResult<AliasSays> {
    Ok(match claims(work, store, variant)?.table {
        None => AliasSays::Nothing,
        Some(None) => AliasSays::OwnProduct,
        Some(Some(product)) => AliasSays::VariantOf(product),
    })
}

fn compare(
    work: &Work<'_>,
    store: i64,
    variant: &ProductId,
    before: &AliasClaims,
    touched: &mut Touched,
) -> StoreResult<()> {
    forget(work);
    if claims(work, store, variant)?.parent() == before.parent() {
        return Ok(());
    }
    match members(work, store, variant)? {
        Some(ids) => ids.iter().try_for_each(|id| touch_id(work, store, id, touched)),
        None => touch_all(work, store, touched),
    }
}

/// The id and everything that may be a variant of it, or of one of these; `None` when they are very many. Only pairs
/// of one of these and some other id change their being one product or not.
fn members(work: &Work<'_>, store: i64, id: &ProductId) -> StoreResult<Option<Vec<ProductId>>> {
    let sql = "SELECT variant FROM alias_table WHERE store = ?1 AND product = ?2 \
               UNION SELECT variant FROM carried_aliases WHERE store = ?1 AND product = ?2";
    let mut found = vec![id.clone()];
    let mut next = 0;
    while let Some(id) = found.get(next) {
        next += 1;
        let mut statement = work.connection.prepare_cached(sql)?;
        let children: Vec<ProductId> = collect(statement.query(params![store, id.as_str()])?, |row| {
            Reading::new(row, "carried_aliases", 0).opaque(0, ProductId::parse)
        })?;
        found.extend(children.into_iter().filter(|child| !found.contains(child)).collect::<Vec<_>>());
        if found.len() > GROUP_IDS_MAX {
            return Ok(None);
        }
    }
    Ok(Some(found))
}

/// Conversions that ordered an id, and those of shoppers who were shown it, if they have anything to match.
fn touch_id(work: &Work<'_>, store: i64, id: &ProductId, touched: &mut Touched) -> StoreResult<()> {
    let sql = "SELECT conversion FROM ordered_products WHERE store = ?1 AND product = ?2";
    touched.add(work, sql, params![store, id.as_str()])?;
    let sql = "SELECT visualization, at FROM shown_products WHERE store = ?1 AND product = ?2 LIMIT 2001";
    let mut statement = work.connection.prepare_cached(sql)?;
    let shown: Vec<(i64, i64)> =
        collect(statement.query(params![store, id.as_str()])?, |row| Ok((row.get(0)?, row.get(1)?)))?;
    if shown.len() > GROUP_VISUALIZATIONS_MAX {
        return touch_all(work, store, touched);
    }
    for (number, at) in shown {
        rollups::mark_visualization(work, store, Timestamp::from_millis(at));
        for owner in OWNERS {
            touched.add(work, owner, params![store, number])?;
        }
    }
    Ok(())
}

macro_rules! owned {
    ($owner:literal) => {
        concat!(
            "SELECT c.number FROM visualizations v JOIN conversions c ON c.store = v.store AND c.",
            $owner,
            " = v.",
            $owner,
            " AND c.occurred_at >= v.at WHERE v.number = ?2 AND v.store = ?1"
        )
    };
}

/// Conversions of the visitor, the user and the session of a visualization, at its time or later.
const OWNERS: [&str; 3] = [owned!("visitor"), owned!("person"), owned!("session")];

fn touch_all(work: &Work<'_>, store: i64, touched: &mut Touched) -> StoreResult<()> {
    sheets::want_everything(work, store, rollups::OF_NO_RULES)?;
    touched.add(work, "SELECT number FROM conversions WHERE store = ?1", [store])
}

/// The table and what facts carry, by variant, after an id.
pub(super) fn list(
    work: &Work<'_>,
    store: i64,
    after: Option<&ProductId>,
    limit: u32,
) -> StoreResult<Vec<AliasRow>> {
    let sql = "SELECT variant FROM (SELECT variant FROM alias_table WHERE store = ?1 AND variant > ?2 \
               UNION SELECT variant FROM carried_aliases WHERE store = ?1 AND variant > ?2) AS known \
               ORDER BY variant LIMIT ?3";
    let mut statement = work.connection.prepare_cached(sql)?;
    let after = after.map_or("", ProductId::as_str);
    let rows = statement.query(params![store, after, limit.clamp(1, ALIAS_ROWS_MAX)])?;
    let variants: Vec<ProductId> =
        collect(rows, |row| Reading::new(row, "alias_table", 0).opaque(0, ProductId::parse))?;
    variants.into_iter().map(|variant| line(work, store, variant)).collect()
}

fn line(work: &Work<'_>, store: i64, variant: ProductId) -> StoreResult<AliasRow> {
    let claims = claims(work, store, &variant)?;
    let origin = match (&claims.table, claims.carried.len()) {
        (Some(_), _) => AliasOrigin::Table,
        (None, 2..) => AliasOrigin::Contradicted,
        (None, _) => AliasOrigin::Carried,
    };
    let product = match origin {
        AliasOrigin::Contradicted => claims.carried.first().cloned(),
        AliasOrigin::Table | AliasOrigin::Carried => claims.parent().cloned(),
    };
    Ok(AliasRow { variant, product, origin })
}
