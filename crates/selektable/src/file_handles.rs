//! Every connection is an open file, and systems commonly begin a process with room for 1,024.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Kept free for the database, logs and product pictures on their way.
const RESERVED: usize = 256;

/// Makes room for so many connections as far as the system allows; says how many fit.
#[must_use]
pub fn make_room(connections: usize) -> usize {
    let limit = getrlimit(Resource::Nofile);
    let wanted = u64::try_from(connections.saturating_add(RESERVED)).unwrap_or(u64::MAX);
    let Some(current) = limit.current.filter(|current| *current < wanted) else { return connections };
    let reachable = limit.maximum.map_or(wanted, |maximum| maximum.min(wanted)).max(current);
    let raised = setrlimit(Resource::Nofile, Rlimit { current: Some(reachable), maximum: limit.maximum });
    let room = if raised.is_ok() { reachable } else { current };
    let fit = usize::try_from(room).unwrap_or(usize::MAX).saturating_sub(RESERVED).clamp(1, connections);
    if fit < connections {
        tracing::warn!(
            connections = fit,
            wanted = connections,
            "the limit of open files allows fewer connections"
        );
    }
    fit
}
