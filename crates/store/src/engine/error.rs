//! Which faults are of the storage, and which of one request.

use crate::StoreError;

/// Whether the storage itself failed, so that nothing of a transaction can be saved; the other errors belong to one
/// request.
pub(super) const fn is_of_storage(error: &StoreError) -> bool {
    match error {
        StoreError::Full | StoreError::Unavailable(_) | StoreError::Busy | StoreError::Closed => true,
        StoreError::Locked(_)
        | StoreError::TooNew { .. }
        | StoreError::Address(_)
        | StoreError::Taken(_)
        | StoreError::Inconsistent { .. } => false,
    }
}
