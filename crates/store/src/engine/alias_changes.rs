//! Changes of a store's alias table in, as facts.

use selektable_domain::time::Timestamp;

use super::facts::{self, NewFact};
use super::work::{Touched, Work};
use super::{aliases, apply, redecide};
use crate::body::{AliasFact, FactKind, write_alias};
use crate::rules::{AliasChange, AliasesSet};
use crate::{StoreError, StoreResult, Tenant};

/// Makes the changes that change anything, and decides again what they touch.
pub(super) fn record(
    work: &Work<'_>,
    tenant: Tenant,
    changes: &[AliasChange],
    at: Timestamp,
) -> StoreResult<AliasesSet> {
    let mut touched = Touched::default();
    let mut lines = 0;
    for change in changes {
        if aliases::said(work, tenant.store_number, &change.variant)? != change.says {
            apply_one(work, tenant, change, at, &mut touched)?;
            lines += 1;
        }
    }
    let redecided = redecide::touched(work, tenant.store_number, touched, at)?;
    Ok(AliasesSet { changed: lines, redecided: redecided.changed, queued: redecided.queued })
}

fn apply_one(
    work: &Work<'_>,
    tenant: Tenant,
    change: &AliasChange,
    at: Timestamp,
    touched: &mut Touched,
) -> StoreResult<()> {
    let fact = facts::append(
        work,
        NewFact {
            store_number: tenant.store_number,
            store: tenant.store,
            kind: FactKind::Alias,
            key: None,
            subject: None,
            received_at: at,
            body: &write_alias(&change.variant, &change.says),
        },
    )?;
    let number = fact.ok_or_else(|| StoreError::Unavailable("an alias's fact was not added".to_owned()))?;
    let content = AliasFact { variant: change.variant.clone(), says: change.says.clone() };
    apply::alias(work, tenant.store_number, number, &content, touched)
}
