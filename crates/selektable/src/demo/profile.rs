//! What the demo remembers between runs, beside its database: ids, the shop's key, and how far the history got.
//!
//! The file is written before what it names is made. So whenever the demo was interrupted, the next start finds the
//! same ids and does again what is missing.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use selektable_domain::id::{OrganizationId, StoreId, WidgetId};
use selektable_domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::fault::DemoFault;
use crate::ambient;
use crate::secret::ApiKey;

const FILE: &str = "demo.json";
const DATABASE: &str = "selektable.db";

/// The demo's folder.
#[derive(Clone, Debug)]
pub(super) struct Folder(pub(super) PathBuf);

/// See the module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Profile {
    pub(super) organization: OrganizationId,
    pub(super) store: StoreId,
    pub(super) widget: WidgetId,
    pub(super) key: ApiKey,
    /// The first start: the history is about the days before it.
    pub(super) begun_at: Timestamp,
    /// Whether the storage knows the whole history.
    pub(super) told: bool,
}

/// The file's form.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Written {
    organization_id: String,
    store_id: String,
    widget_id: String,
    api_key: String,
    begun_at: String,
    history_told: bool,
}

impl Profile {
    /// A profile of new ids.
    pub(super) fn new() -> Self {
        Self {
            organization: ambient::new_id(),
            store: ambient::new_id(),
            widget: ambient::new_id(),
            key: ApiKey::generate(),
            begun_at: ambient::now(),
            told: false,
        }
    }

    fn read(text: &str) -> Result<Self, String> {
        let written: Written = serde_json::from_str(text).map_err(|fault| fault.to_string())?;
        Ok(Self {
            organization: written.organization_id.parse().map_err(|fault| format!("{fault}"))?,
            store: written.store_id.parse().map_err(|fault| format!("{fault}"))?,
            widget: written.widget_id.parse().map_err(|fault| format!("{fault}"))?,
            key: ApiKey::parse(&written.api_key).ok_or("apiKey is none of ours")?,
            begun_at: Timestamp::parse_rfc3339(&written.begun_at)
                .map_err(|fault| format!("begunAt {fault}"))?,
            told: written.history_told,
        })
    }

    fn written(&self) -> Written {
        Written {
            organization_id: self.organization.to_string(),
            store_id: self.store.to_string(),
            widget_id: self.widget.to_string(),
            api_key: self.key.reveal().to_owned(),
            begun_at: self.begun_at.to_rfc3339(),
            history_told: self.told,
        }
    }
}

impl Folder {
    fn file(&self) -> PathBuf {
        self.0.join(FILE)
    }

    /// The database's file.
    pub(super) fn database(&self) -> PathBuf {
        self.0.join(DATABASE)
    }

    /// The profile of the last run; a new one, written down, in an empty folder.
    pub(super) fn profile(&self) -> Result<Profile, DemoFault> {
        let path = self.file();
        match fs::read_to_string(&path) {
            Ok(text) => Profile::read(&text).map_err(|detail| DemoFault::Profile { path, detail }),
            Err(fault) if fault.kind() == std::io::ErrorKind::NotFound => {
                if self.database().exists() {
                    return Err(DemoFault::NotOurs(self.0.clone()));
                }
                let profile = Profile::new();
                self.keep(&profile)?;
                Ok(profile)
            }
            Err(source) => Err(DemoFault::File { path, source }),
        }
    }

    /// Writes the profile, all or nothing, for the owner's eyes only: it holds a key.
    pub(super) fn keep(&self, profile: &Profile) -> Result<(), DemoFault> {
        let at = |path: &Path| {
            let path = path.to_owned();
            move |source| DemoFault::File { path, source }
        };
        fs::create_dir_all(&self.0).map_err(at(&self.0))?;
        let text = serde_json::to_string_pretty(&profile.written()).unwrap_or_default();
        let draft = self.0.join(format!("{FILE}.new"));
        let mut file = private(&draft).map_err(at(&draft))?;
        writeln!(file, "{text}").and_then(|()| file.sync_all()).map_err(at(&draft))?;
        fs::rename(&draft, self.file()).map_err(at(&self.file()))
    }

    /// Removes what the demo made, and nothing else. The caller has seen that no process uses it.
    pub(super) fn clear(&self) -> Result<(), DemoFault> {
        if !self.0.exists() {
            return Ok(());
        }
        let ours = |name: &str| name == FILE || name.starts_with(DATABASE);
        if !self.file().exists() && self.database().exists() {
            return Err(DemoFault::NotOurs(self.0.clone()));
        }
        let listing = |source| DemoFault::File { path: self.0.clone(), source };
        for entry in fs::read_dir(&self.0).map_err(listing)? {
            let path = entry.map_err(listing)?.path();
            if path.is_file() && path.file_name().is_some_and(|name| ours(&name.to_string_lossy())) {
                fs::remove_file(&path).map_err(|source| DemoFault::File { path, source })?;
            }
        }
        Ok(())
    }
}

fn private(path: &Path) -> std::io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> (tempfile::TempDir, Folder) {
        let directory = tempfile::tempdir().unwrap();
        let folder = Folder(directory.path().join("demo"));
        (directory, folder)
    }

    #[test]
    fn a_profile_is_the_same_at_the_next_start_and_readable_by_its_owner_only() {
        let (_directory, folder) = folder();
        let first = folder.profile().unwrap();
        assert_eq!(folder.profile().unwrap().organization, first.organization);
        folder.keep(&Profile { told: true, ..first.clone() }).unwrap();
        assert!(folder.profile().unwrap().told);
        assert_eq!(folder.profile().unwrap().key, first.key);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(folder.file()).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn clearing_takes_the_demos_files_and_leaves_others() {
        let (_directory, folder) = folder();
        let first = folder.profile().unwrap();
        for name in ["selektable.db", "selektable.db-wal", "notes.txt"] {
            fs::write(folder.0.join(name), "x").unwrap();
        }
        folder.clear().unwrap();
        assert!(folder.0.join("notes.txt").exists() && !folder.database().exists());
        assert_ne!(folder.profile().unwrap().organization, first.organization);
    }

    #[test]
    fn a_database_of_somebody_else_is_left_alone() {
        let (_directory, folder) = folder();
        fs::create_dir_all(&folder.0).unwrap();
        fs::write(folder.database(), "somebody's").unwrap();
        assert!(matches!(folder.clear(), Err(DemoFault::NotOurs(_))));
        assert!(matches!(folder.profile(), Err(DemoFault::NotOurs(_))));
        assert_eq!(fs::read_to_string(folder.database()).unwrap(), "somebody's");
    }

    #[test]
    fn a_damaged_profile_says_what_to_do() {
        let (_directory, folder) = folder();
        folder.profile().unwrap();
        fs::write(folder.file(), "{\"organizationId\":\"org_\"").unwrap();
        assert!(folder.profile().unwrap_err().to_string().contains("--reset"));
    }
}
