//! What the kernel counts of processes: memory, and bytes sent to the disk.

use std::collections::BTreeMap;

use anyhow::Context;

/// A figure of `/proc/PID/status` in MiB, such as `VmRSS` (now) or `VmHWM` (highest so far).
pub(crate) fn memory_mib(pid: u32, figure: &str) -> anyhow::Result<f64> {
    let status = read(pid, "status")?;
    let kib: f64 = field(&status, figure).context("no such figure")?.trim_end_matches(" kB").parse()?;
    Ok(kib / 1024.0)
}

/// Bytes that a process sent to the disk, its ended children included (`write_bytes` of `/proc/PID/io`: counted when a
/// page becomes dirty, so what is written twice before it reaches the disk counts once; nothing on a RAM disk).
pub(crate) fn written_bytes(pid: u32) -> anyhow::Result<u64> {
    let io = read(pid, "io")?;
    Ok(field(&io, "write_bytes").context("no such figure")?.parse()?)
}

/// The same of a process and all that it started, directly or not.
pub(crate) fn written_by_family(pid: u32) -> anyhow::Result<u64> {
    let parents = parents()?;
    let living = descendants(pid, &parents);
    // One that ended just now was added to its parent's count.
    let children: u64 = living.iter().filter_map(|child| written_bytes(*child).ok()).sum();
    Ok(written_bytes(pid)? + children)
}

fn read(pid: u32, file: &str) -> anyhow::Result<String> {
    let path = format!("/proc/{pid}/{file}");
    std::fs::read_to_string(&path).with_context(|| format!("{path} can't be read"))
}

fn field<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).map(str::trim)
}

/// Every process and its parent.
fn parents() -> anyhow::Result<BTreeMap<u32, u32>> {
    let names = std::fs::read_dir("/proc")?.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let parent = |name: String| {
        let pid: u32 = name.parse().ok()?;
        let parent = field(&read(pid, "status").ok()?, "PPid")?.parse().ok()?;
        Some((pid, parent))
    };
    Ok(names.filter_map(parent).collect())
}

fn descendants(of: u32, parents: &BTreeMap<u32, u32>) -> Vec<u32> {
    let mut found = vec![of];
    let mut looked_at = 0;
    while let Some(parent) = found.get(looked_at).copied() {
        found.extend(parents.iter().filter(|(_, of)| **of == parent).map(|(pid, _)| *pid));
        looked_at += 1;
    }
    found.split_off(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_uses_memory_and_its_highest_is_no_less_than_its_present() {
        let own = std::process::id();
        let (now, highest) = (memory_mib(own, "VmRSS").unwrap(), memory_mib(own, "VmHWM").unwrap());
        assert!(now > 0.0 && highest >= now, "{now} {highest}");
    }

    #[test]
    fn fields_are_found_by_their_whole_name() {
        let status = "VmHWM:\t  12 kB\nVmHWMore:\t 13 kB\nPPid:\t7\n";
        assert_eq!(field(status, "VmHWM"), Some("12 kB"));
        assert_eq!(field(status, "PPid"), Some("7"));
        assert_eq!(field(status, "Pid"), None);
    }

    #[test]
    fn a_family_is_children_and_their_children_but_not_the_rest() {
        let parents = BTreeMap::from([(2, 1), (3, 2), (4, 3), (5, 1)]);
        assert_eq!(descendants(2, &parents), [3, 4]);
        assert_eq!(descendants(4, &parents), Vec::<u32>::new());
    }
}
