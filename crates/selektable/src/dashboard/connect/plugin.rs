//! The `WooCommerce` plugin as a zip that `WordPress` installs, with the store's own values in it.
//!
//! Its files are those of `plugins/woocommerce/selektable`, all of them, as they were when the program was built
//! (`build.rs` lists the folder). Only `connection.php` is written here.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::DeflateEncoder;
use rawzip::{CompressionMethod, ZipArchiveWriter};

/// The folder of the plugin in the zip, which becomes its folder in `WordPress`.
const FOLDER: &str = "selektable";
/// The one file that differs from store to store.
const CONNECTION: &str = "connection.php";
/// Files are readable by all and written by their owner, as `WordPress` wants them.
const PERMISSIONS: u32 = 0o644;

/// Every file of the plugin: its path within its folder, and its bytes.
static FILES: &[(&str, &[u8])] = &include!(concat!(env!("OUT_DIR"), "/plugin.rs"));

/// What the plugin needs to know of its store.
pub(super) struct StoreValues<'a> {
    /// This server, without a trailing slash.
    pub host: &'a str,
    /// The store's id.
    pub store: &'a str,
    /// The widget that its button opens.
    pub widget: &'a str,
    /// What its webhooks are signed with.
    pub secret: &'a str,
}

/// Why a zip can't be made.
#[derive(Debug, thiserror::Error)]
pub(super) enum ZipFault {
    /// The archive could not be written.
    #[error("the plugin's archive could not be written: {0}")]
    Archive(#[from] rawzip::Error),
    /// A file could not be compressed.
    #[error("a file of the plugin could not be compressed: {0}")]
    Compression(#[from] std::io::Error),
}

/// The zip.
pub(super) fn zip(values: &StoreValues<'_>) -> Result<Vec<u8>, ZipFault> {
    let mut archive = ZipArchiveWriter::new(Vec::new());
    for (path, bytes) in FILES.iter().filter(|(path, _)| *path != CONNECTION) {
        add(&mut archive, path, bytes)?;
    }
    add(&mut archive, CONNECTION, connection(values).as_bytes())?;
    Ok(archive.finish()?)
}

fn add(archive: &mut ZipArchiveWriter<Vec<u8>>, path: &str, bytes: &[u8]) -> Result<(), ZipFault> {
    let path = format!("{FOLDER}/{path}");
    let file = archive.new_file(path.as_str()).compression_method(CompressionMethod::DEFLATE);
    let (mut entry, config) = file.unix_permissions(PERMISSIONS).start()?;
    let mut writer = config.wrap(DeflateEncoder::new(&mut entry, Compression::best()));
    writer.write_all(bytes)?;
    let (encoder, written) = writer.finish()?;
    encoder.finish()?;
    entry.finish(written)?;
    Ok(())
}

/// `connection.php`: what the plugin reads at its start. It answers nothing when it is opened in a browser.
fn connection(values: &StoreValues<'_>) -> String {
    let StoreValues { host, store, widget, secret } = values;
    let pairs = [("host", host), ("store_id", store), ("widget_id", widget), ("webhook_secret", secret)];
    let line = |(name, value): &(&str, &&str)| format!("\t'{name}' => {},\n", php_string(value));
    let lines = pairs.iter().map(line).collect::<Vec<_>>().concat();
    format!(
        "<?php\n/**\n * The store this plugin belongs to. It holds a secret: keep this file to yourself.\n *\n * @package Selektable\n */\n\ndefined( 'ABSPATH' ) || exit;\n\nreturn array(\n{lines});\n"
    )
}

/// A text in single quotes, where PHP knows two escapes only (PHP manual, "Strings").
fn php_string(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::io::Read as _;
    use std::path::Path;
    use std::process::Command;

    use flate2::read::DeflateDecoder;
    use rawzip::ZipArchive;

    use super::*;

    const HARD: &str = r"a'b\c\\'$x ?>{$y}é";

    fn values() -> StoreValues<'static> {
        StoreValues { host: "https://x.example", store: "store_1", widget: "widget_1", secret: HARD }
    }

    fn unzipped(bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
        let archive = ZipArchive::from_slice(bytes).unwrap();
        let mut files = BTreeMap::new();
        for entry in archive.entries() {
            let entry = entry.unwrap();
            let path = entry.file_path().try_normalize().unwrap().as_ref().to_owned();
            let content = archive.get_entry(entry.wayfinder()).unwrap();
            let mut unpacked = Vec::new();
            DeflateDecoder::new(content.data()).read_to_end(&mut unpacked).unwrap();
            files.insert(path, unpacked);
        }
        files
    }

    fn listed(folder: &Path, within: &str, found: &mut BTreeMap<String, Vec<u8>>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = format!("{within}/{}", path.file_name().unwrap().to_str().unwrap());
            if path.is_dir() {
                listed(&path, &name, found);
            } else {
                found.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }

    #[test]
    fn the_zip_holds_every_file_of_the_plugin_and_its_own_connection() {
        let mut unpacked = unzipped(&zip(&values()).unwrap());
        let own = unpacked.remove("selektable/connection.php").unwrap();
        assert_eq!(String::from_utf8(own).unwrap(), connection(&values()));
        let mut there = BTreeMap::new();
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../plugins/woocommerce/selektable");
        listed(Path::new(folder), FOLDER, &mut there);
        assert!(there.remove("selektable/connection.php").is_some(), "there is one to be replaced");
        assert!(there.contains_key("selektable/selektable.php"));
        assert_eq!(unpacked.keys().collect::<Vec<_>>(), there.keys().collect::<Vec<_>>());
        assert_eq!(unpacked, there);
    }

    #[test]
    fn php_reads_the_values_as_they_are_whatever_characters_are_in_them() {
        let text = connection(&values());
        assert!(text.contains(r"'webhook_secret' => 'a\'b\\c\\\\\'$x ?>{$y}é',"), "{text}");
        // Where there is PHP, it has the last word.
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(CONNECTION);
        std::fs::write(&file, &text).unwrap();
        let program = "define('ABSPATH', '/'); echo json_encode(require $argv[1]);";
        let Ok(told) = Command::new("php").args(["-r", program, "--"]).arg(&file).output() else { return };
        assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
        let read: serde_json::Value = serde_json::from_slice(&told.stdout).unwrap();
        let expected = serde_json::json!({
            "host": "https://x.example", "store_id": "store_1", "widget_id": "widget_1", "webhook_secret": HARD,
        });
        assert_eq!(read, expected);
    }
}
