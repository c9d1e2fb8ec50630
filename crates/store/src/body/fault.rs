//! A delivery's warnings and faults as text.

use selektable_domain::report::DeliveryFault;
use serde::{Deserialize, Serialize};

use super::{Read, read, write};

#[derive(Serialize, Deserialize)]
struct FaultBody {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pointer: Option<String>,
    code: String,
    detail: String,
}

/// The faults as they stand in a delivery's row; `None` when there are none.
pub(crate) fn write_faults(faults: &[DeliveryFault]) -> Option<String> {
    let body = |fault: &DeliveryFault| FaultBody {
        pointer: fault.pointer.clone(),
        code: fault.code.clone(),
        detail: fault.detail.clone(),
    };
    (!faults.is_empty()).then(|| write(&faults.iter().map(body).collect::<Vec<_>>()))
}

/// Reads [`write_faults`].
pub(crate) fn read_faults(text: Option<&str>) -> Read<Vec<DeliveryFault>> {
    let bodies = text.map(read::<Vec<FaultBody>>).transpose()?.unwrap_or_default();
    let fault =
        |body: FaultBody| DeliveryFault { pointer: body.pointer, code: body.code, detail: body.detail };
    Ok(bodies.into_iter().map(fault).collect())
}
