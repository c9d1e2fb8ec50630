//! Takes the browser's files as `web/` built and committed them, compressed once here instead of with every answer.
//! Needs no Node: a fresh clone builds with cargo alone.

use std::error::Error;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;
use std::{env, fs};

use sha2::{Digest, Sha256};

const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";

/// Every file that is served, with its folder on the server and its type. A new one is added here.
const FILES: [(&str, &str, &str); 7] = [
    ("embed.js", "/widgets", SCRIPT),
    ("widget.js", "/widgets", SCRIPT),
    ("shopify.js", "/widgets", SCRIPT),
    ("frame.js", "/widgets", SCRIPT),
    ("frame.css", "/widgets", STYLE),
    ("dashboard.js", "/assets", SCRIPT),
    ("dashboard.css", "/assets", STYLE),
];

/// Bytes of a file's hash in its `ETag`: 64 bits tell versions of one file apart.
const TAG_BYTES: usize = 8;
/// Hexadecimal digits of it in the file's name with its version. `web/build.mjs` writes the same names into `embed.js`.
const VERSION_DIGITS: usize = 8;

fn main() -> Result<(), Box<dyn Error>> {
    let dist = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("../../web/dist");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    println!("cargo::rerun-if-changed=build.rs");
    let mut table = String::from("[\n");
    for (name, folder, media_type) in FILES {
        let source = dist.join(name);
        println!("cargo::rerun-if-changed={}", source.display());
        let bytes = fs::read(&source).map_err(|error| {
            format!("web/dist/{name} can't be read ({error}): build it with `npm run build`")
        })?;
        fs::write(out.join(name), &bytes)?;
        fs::write(out.join(format!("{name}.br")), brotli(&bytes)?)?;
        fs::write(out.join(format!("{name}.gz")), gzip(&bytes)?)?;
        write_row(&mut table, name, folder, media_type, &tag(&bytes)?)?;
    }
    table.push_str("]\n");
    fs::write(out.join("assets.rs"), table)?;
    fs::write(out.join("plugin.rs"), plugin()?)?;
    Ok(())
}

/// Every file of the WooCommerce plugin, as pairs of its path and its bytes: what stands in the folder is in the program.
fn plugin() -> Result<String, Box<dyn Error>> {
    let folder = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("../../plugins/woocommerce/selektable");
    let mut table = String::from("[\n");
    let mut open = vec![folder.clone()];
    while let Some(place) = open.pop() {
        println!("cargo::rerun-if-changed={}", place.display());
        let mut within =
            fs::read_dir(&place)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()?;
        within.sort();
        for path in within {
            if path.is_dir() {
                open.push(path);
                continue;
            }
            println!("cargo::rerun-if-changed={}", path.display());
            let name = path.strip_prefix(&folder)?.to_string_lossy().replace('\\', "/");
            writeln!(table, "({name:?}, include_bytes!({:?})),", path.display().to_string())?;
        }
    }
    table.push_str("]\n");
    Ok(table)
}

fn tag(bytes: &[u8]) -> Result<String, std::fmt::Error> {
    let mut tag = String::new();
    for byte in &Sha256::digest(bytes)[..TAG_BYTES] {
        write!(tag, "{byte:02x}")?;
    }
    Ok(tag)
}

fn write_row(table: &mut String, name: &str, folder: &str, media_type: &str, tag: &str) -> std::fmt::Result {
    let (stem, extension) = name.split_once('.').unwrap_or((name, ""));
    let versioned = format!("{folder}/{stem}.{}.{extension}", &tag[..VERSION_DIGITS]);
    writeln!(
        table,
        "Asset {{ path: \"{folder}/{name}\", versioned: {versioned:?}, media_type: {media_type:?},"
    )?;
    for (field, suffix, tail) in [("plain", "", ""), ("brotli", ".br", "-br"), ("gzip", ".gz", "-gz")] {
        let file = format!("include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{name}{suffix}\"))");
        writeln!(table, "{field}: Encoded {{ tag: \"\\\"{tag}{tail}\\\"\", bytes: {file} }},")?;
    }
    writeln!(table, "}},")
}

fn brotli(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let parameters = brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 22, ..Default::default() };
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut &bytes[..], &mut compressed, &parameters)?;
    Ok(compressed)
}

fn gzip(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes)?;
    encoder.finish()
}
