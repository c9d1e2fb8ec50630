//! Which product ids are one product: variants, and the store's own alias table (SPEC section 6).
//!
//! An id may be a variant of one other id. What says so: the alias table, or, where it is silent, the facts (a
//! visualization's variant ids, an order line's `variantId`). Facts that give one variant to two products contradict
//! each other (a shop that sends `default` for every variant) and count for neither, until the table decides. The
//! product at the end of the chain names the group.
//!
//! Example: the table says 456 → 123, an order line carried 4561 → 456: 4561, 456 and 123 are one group, `123`.

mod parse;

pub use parse::{AskedAlias, parse_aliases};

use std::collections::BTreeMap;

use crate::opaque::ProductId;

/// What is said about one id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AliasClaims {
    /// What the table says: a variant of `Some`, or a product of its own; `None` when the table is silent.
    pub table: Option<Option<ProductId>>,
    /// The distinct products that facts name as the one it is a variant of (two are enough to contradict).
    pub carried: Vec<ProductId>,
}

impl AliasClaims {
    /// The product this id is a variant of.
    #[must_use]
    pub fn parent(&self) -> Option<&ProductId> {
        match (&self.table, self.carried.as_slice()) {
            (Some(said), _) => said.as_ref(),
            (None, [only]) => Some(only),
            (None, _) => None,
        }
    }
}

/// Follows an id to the product that names its group; `parent` says what an id is a variant of. Where ids name each
/// other in a circle, the smallest of the circle names the group, so that every one of them gives the same answer.
///
/// # Errors
/// Those of `parent`.
pub fn group_of<E>(
    id: &ProductId,
    mut parent: impl FnMut(&ProductId) -> Result<Option<ProductId>, E>,
) -> Result<ProductId, E> {
    let mut path = vec![id.clone()];
    loop {
        // The path begins with one id and only grows.
        let last = &path[path.len() - 1];
        let Some(next) = parent(last)? else { return Ok(last.clone()) };
        if let Some(start) = path.iter().position(|known| *known == next) {
            let smallest = path[start..].iter().min().unwrap_or(&next);
            return Ok(smallest.clone());
        }
        path.push(next);
    }
}

/// The groups of the ids that bear on one decision. An id that is not in it is a group of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProductGroups(BTreeMap<ProductId, ProductId>);

impl ProductGroups {
    /// Notes an id's group.
    pub fn put(&mut self, id: ProductId, group: ProductId) {
        if id != group {
            self.0.insert(id, group);
        }
    }

    /// The product that names an id's group.
    #[must_use]
    pub fn of<'a>(&'a self, id: &'a ProductId) -> &'a ProductId {
        self.0.get(id).unwrap_or(id)
    }

    /// Whether two ids are one product.
    #[must_use]
    pub fn are_one(&self, one: &ProductId, other: &ProductId) -> bool {
        self.of(one) == self.of(other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;

    fn id(text: &str) -> ProductId {
        ProductId::parse(text).unwrap()
    }

    fn group(start: &str, parents: &[(&str, &str)]) -> ProductId {
        let found = group_of(&id(start), |child| {
            let parent = parents.iter().find(|(variant, _)| *variant == child.as_str());
            Ok::<_, Infallible>(parent.map(|(_, product)| id(product)))
        });
        found.unwrap()
    }

    #[test]
    fn the_end_of_the_chain_names_the_group() {
        let parents = [("4561", "456"), ("456", "123")];
        assert_eq!(
            ["4561", "456", "123", "9"].map(|start| group(start, &parents)),
            ["123", "123", "123", "9"].map(id)
        );
    }

    #[test]
    fn a_circle_is_one_group_wherever_one_enters_it() {
        let parents = [("a", "c"), ("c", "b"), ("b", "a"), ("x", "c")];
        assert_eq!(["a", "b", "c", "x"].map(|start| group(start, &parents)), [(); 4].map(|()| id("a")));
    }

    #[test]
    fn the_table_overrules_facts_and_facts_that_contradict_each_other_say_nothing() {
        let claims = |table: Option<Option<&str>>, carried: &[&str]| AliasClaims {
            table: table.map(|said| said.map(id)),
            carried: carried.iter().map(|product| id(product)).collect(),
        };
        let parent = |claims: AliasClaims| claims.parent().cloned();
        assert_eq!(parent(claims(None, &["p"])), Some(id("p")));
        assert_eq!(parent(claims(None, &["p", "q"])), None);
        assert_eq!(parent(claims(Some(Some("q")), &["p", "q"])), Some(id("q")));
        assert_eq!(parent(claims(Some(None), &["p"])), None);
    }
}
