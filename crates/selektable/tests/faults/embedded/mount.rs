//! A file system of the test's own, in a file or in memory; gone when dropped. No device of the machine is touched.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// `EXT4_IOC_SHUTDOWN` with `EXT4_GOING_FLAGS_NOLOGFLUSH`: nothing more reaches the disk, not even the journal's
/// buffers. That is what a power cut leaves.
const SHUT_DOWN: &str = r#"
    open(my $folder, "<", $ARGV[0]) or die "open: $!";
    my $flags = pack("I", 2);
    ioctl($folder, 0x8004587d, $flags) or die "ioctl: $!";
"#;

/// Something mounted in a folder of its own.
pub struct Mount {
    folder: tempfile::TempDir,
    image: Option<PathBuf>,
    mounted: bool,
}

impl Mount {
    /// An ext4 in a file of some MiB, on a loop device.
    pub fn ext4(mib: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let image = folder.path().join("image");
        std::fs::File::create(&image).unwrap().set_len(mib << 20).unwrap();
        must(Command::new("mkfs.ext4").args(["-q", "-m", "0"]).arg(&image), "make an ext4");
        let mut mount = Self { folder, image: Some(image), mounted: false };
        std::fs::create_dir(mount.path()).unwrap();
        mount.again();
        mount
    }

    /// A file system in memory of some MiB.
    pub fn in_memory(mib: u64) -> Self {
        let mut mount = Self { folder: tempfile::tempdir().unwrap(), image: None, mounted: false };
        std::fs::create_dir(mount.path()).unwrap();
        let size = format!("size={mib}m");
        must(
            Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(mount.path()),
            "mount a tmpfs",
        );
        mount.mounted = true;
        mount
    }

    /// Where it is mounted.
    pub fn path(&self) -> PathBuf {
        self.folder.path().join("mounted")
    }

    /// Cuts the power of an ext4: what was not flushed is lost, every access fails from now on.
    pub fn cut_power(&self) {
        must(Command::new("perl").args(["-e", SHUT_DOWN]).arg(self.path()), "shut an ext4 down");
    }

    /// Unmounts it.
    pub fn take_away(&mut self) {
        if self.mounted {
            must(Command::new("umount").arg(self.path()), "unmount what this test mounted");
            self.mounted = false;
        }
    }

    /// Mounts the ext4 as it was left.
    pub fn again(&mut self) {
        let image = self.image.clone().expect("an ext4");
        must(Command::new("mount").args(["-o", "loop"]).arg(image).arg(self.path()), "mount an ext4");
        self.mounted = true;
    }

    /// Mounted for reading only, or for writing again.
    pub fn make_read_only(&self, read_only: bool) {
        let option = if read_only { "remount,ro" } else { "remount,rw" };
        must(Command::new("mount").args(["-o", option]).arg(self.path()), "mount it in another way");
    }

    /// Takes all the room there is, but for some KiB.
    pub fn fill_up(&self, but_kib: u64) -> PathBuf {
        let filler = self.path().join("filler");
        let mut file = std::fs::File::create(&filler).unwrap();
        let chunk = [1; 4_096];
        while std::io::Write::write_all(&mut file, &chunk).is_ok() {}
        let bytes = file.metadata().unwrap().len();
        file.set_len(bytes.saturating_sub(but_kib << 10)).unwrap();
        filler
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        if self.mounted {
            // Lazily: a test that failed may still have a server on it.
            let _ = Command::new("umount").arg("-l").arg(self.path()).status();
        }
    }
}

fn must(command: &mut Command, what: &str) {
    let said = command.output().map_or_else(|fault| fault.to_string(), |output| failure(&output));
    assert!(
        said.is_empty(),
        "this machine can't {what}: {said}\nThis test needs root and a kernel with loop devices, ext4 and tmpfs \
         (containers are often not allowed to mount): run scripts/test-faults where they are."
    );
}

fn failure(output: &Output) -> String {
    if output.status.success() {
        return String::new();
    }
    format!("{} {}", output.status, String::from_utf8_lossy(&output.stderr))
}

/// The file of the database in a folder.
pub fn database(folder: &Path) -> PathBuf {
    folder.join("selektable.db")
}
