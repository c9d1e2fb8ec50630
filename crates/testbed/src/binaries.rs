//! Where PostgreSQL's programs are, and as whom they run.

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What a test says where a program is missing.
const MISSING: &str = "is not installed: run scripts/setup";

/// Names the folder with PostgreSQL's programs where another one is wanted.
const PROGRAMS_VARIABLE: &str = "SELEKTABLE_TEST_PROGRAMS";

/// The folder that holds `initdb` and `postgres`: the one that is named, else Debian's newest, else what `PATH` finds.
pub(crate) fn postgres() -> PathBuf {
    if let Some(named) = std::env::var_os(PROGRAMS_VARIABLE) {
        return named.into();
    }
    let mut majors: Vec<u32> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .collect();
    majors.sort_unstable_by(|a, b| b.cmp(a));
    let debian = majors.iter().map(|major| PathBuf::from(format!("/usr/lib/postgresql/{major}/bin")));
    debian
        .chain(search_path())
        .find(|folder| ["initdb", "postgres"].iter().all(|name| folder.join(name).is_file()))
        .unwrap_or_else(|| panic!("PostgreSQL's server {MISSING}"))
}

/// Whether PostgreSQL can load a library beside its own, as Debian and PostgreSQL's own build lay them.
pub(crate) fn has_library(name: &str) -> bool {
    let programs = postgres();
    let folders = ["lib", "lib/postgresql", "lib64"].map(|folder| programs.join("..").join(folder));
    folders.iter().any(|folder| folder.join(format!("{name}.so")).is_file())
}

/// `pgbouncer`.
pub(crate) fn pgbouncer() -> PathBuf {
    search_path()
        .chain(["/usr/sbin", "/usr/local/sbin"].map(PathBuf::from))
        .map(|folder| folder.join("pgbouncer"))
        .find(|program| program.is_file())
        .unwrap_or_else(|| panic!("PgBouncer {MISSING}"))
}

fn search_path() -> impl Iterator<Item = PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).collect::<Vec<_>>().into_iter()
}

/// Who runs the servers: they refuse to run as root.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Owner(Option<(u32, u32)>);

impl Owner {
    /// The current user, or for root the user that Debian's package made.
    pub(crate) fn choose(folder: &Path) -> Self {
        use std::os::unix::fs::MetadataExt;
        let made_by = std::fs::metadata(folder).expect("the folder was just made").uid();
        if made_by != 0 {
            return Self(None);
        }
        let users = std::fs::read_to_string("/etc/passwd").expect("/etc/passwd can be read");
        let ids = users.lines().find_map(|line| {
            let mut fields = line.strip_prefix("postgres:")?.split(':').skip(1);
            Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
        });
        Self(Some(ids.unwrap_or_else(|| panic!("the user `postgres` is not there: run scripts/setup"))))
    }

    /// A program that will run as this user in a folder, in a process group of its own: `Ctrl-C` is for the tests.
    pub(crate) fn command(self, program: &Path, folder: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(folder).env_remove("PGDATA").process_group(0);
        if let Some((user, group)) = self.0 {
            command.uid(user).gid(group);
        }
        command
    }

    /// Gives it a file or folder.
    pub(crate) fn own(self, path: &Path) {
        if let Some((user, group)) = self.0 {
            std::os::unix::fs::chown(path, Some(user), Some(group)).expect("root may give files away");
        }
    }

    /// Gives it a folder with everything in it.
    pub(crate) fn own_all(self, path: &Path) {
        self.own(path);
        for entry in std::fs::read_dir(path).expect("a folder of ours").flatten() {
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                self.own_all(&entry.path());
            } else {
                self.own(&entry.path());
            }
        }
    }
}
