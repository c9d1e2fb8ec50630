//! A file that is being written under a name of its own, and only gets the wanted one when it is complete.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use super::{BackupFault, BackupResult, COMPANIONS, with_suffix};

/// Most left-overs of interrupted work that are stepped over.
const NAMES_MAX: u32 = 1_000;

/// The unfinished file; it goes when it is dropped before it got its name.
pub(super) struct Part {
    path: PathBuf,
}

impl Part {
    /// Makes an empty file beside the wanted one that only its owner may read: it will hold key hashes, secrets and
    /// shoppers' pictures.
    pub(super) fn beside(wanted: &Path) -> BackupResult<Self> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let path = first_free(wanted, "part", |path| options.open(path).map(drop))?;
        Ok(Self { path })
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// On disk, whatever happens to the power.
    pub(super) fn flush(&self) -> BackupResult<()> {
        File::open(&self.path).and_then(|file| file.sync_all()).map_err(BackupFault::file(&self.path))
    }

    /// Gives it its name if that is free. A link and not a rename: a rename would overwrite what somebody put there
    /// meanwhile. Some file systems have no links; there the last look is a moment earlier.
    pub(super) fn name_it(self, wanted: &Path) -> BackupResult<()> {
        match std::fs::hard_link(&self.path, wanted) {
            Ok(()) => {}
            Err(_) if wanted.exists() => return Err(BackupFault::Exists(wanted.to_owned())),
            Err(_) => std::fs::rename(&self.path, wanted).map_err(BackupFault::file(wanted))?,
        }
        drop(self);
        flush_folder(wanted)
    }

    /// Gives it its name in the place of what has it, in one step.
    pub(super) fn replace(self, wanted: &Path) -> BackupResult<()> {
        std::fs::rename(&self.path, wanted).map_err(BackupFault::file(wanted))?;
        flush_folder(wanted)
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        for suffix in COMPANIONS.iter().chain(&[""]) {
            // What is not there can't be removed, and there is nobody to tell about the rest.
            let _ = std::fs::remove_file(with_suffix(&self.path, suffix));
        }
    }
}

/// The first of `FILE.word-1`, `FILE.word-2`… that `make` can make.
pub(super) fn first_free(
    beside: &Path,
    word: &str,
    make: impl Fn(&Path) -> io::Result<()>,
) -> BackupResult<PathBuf> {
    let mut number = 1;
    loop {
        let path = with_suffix(beside, &format!(".{word}-{number}"));
        match make(&path) {
            Ok(()) => return Ok(path),
            Err(fault) if fault.kind() == io::ErrorKind::AlreadyExists && number < NAMES_MAX => number += 1,
            Err(fault) => return Err(BackupFault::file(&path)(fault)),
        }
    }
}

/// Makes the names in a file's folder durable.
pub(super) fn flush_folder(of: &Path) -> BackupResult<()> {
    let folder = match of.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(BackupFault::file(folder))
}
