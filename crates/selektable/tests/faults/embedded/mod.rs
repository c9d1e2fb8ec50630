//! Faults of a file, so of the embedded engine alone.

mod damaged_pages;
mod failing_flushes;
mod full_disk;
mod mount;
mod power_loss;
mod read_only;
