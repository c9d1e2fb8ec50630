//! What only a file can do: be locked, torn off, copied, damaged and shared between processes.

#![expect(clippy::unwrap_used, reason = "what can't be set up is a failed test")]

mod backup;
mod crash;
mod damage;
mod erasure;
mod rebuilt;
mod retention;
mod rollups;
mod sharing;
mod sheets;
#[path = "../conformance/world.rs"]
#[expect(dead_code, reason = "a part of the world is enough here")]
mod world;

/// The embedded engine with one organization in it, for what only a file can do.
async fn embedded_worlds() -> Vec<world::World> {
    vec![world::World::found(world::embedded()).await]
}
