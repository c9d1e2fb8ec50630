//! This process's memory, as the kernel counts it.

use anyhow::Context;

/// Forgets the highest resident size so far.
pub(crate) fn forget_peak() -> anyhow::Result<()> {
    std::fs::write("/proc/self/clear_refs", "5").context("the kernel does not let the peak be reset")
}

/// Highest resident size since [`forget_peak`], MiB.
pub(crate) fn peak_mib() -> anyhow::Result<f64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib: f64 = line.context("no such figure")?.trim().trim_end_matches(" kB").parse()?;
    Ok(kib / 1024.0)
}
