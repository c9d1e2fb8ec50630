//! The file itself: opened, its format found out, its bytes counted. It is never held in memory.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Context;
use selektable_store::maintain::Progress;

use super::Format;
use crate::cli::options::Misuse;
use crate::cli::output::{counting, progress};

/// How much is looked at to find out the format, in bytes.
const HEAD_BYTES: usize = 64 * 1024;
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A file that is being read.
pub(super) struct Source {
    pub(super) reader: BufReader<Counting>,
    /// Never [`Format::Auto`].
    pub(super) format: Format,
    pub(super) seen: Seen,
}

/// How far a file was read.
#[derive(Clone)]
pub(super) struct Seen {
    bytes: Arc<AtomicU64>,
    /// Where that is known.
    of: Option<u64>,
}

impl Seen {
    /// Bytes read so far, a buffer ahead of what was handed out.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// How to show it.
    pub(super) fn progress(&self, what: &'static str) -> impl Fn(&Self) + Send + Sync + use<> {
        let show: Progress = if self.of.is_some() { progress(what) } else { counting(what) };
        move |seen| show(seen.bytes(), seen.of.unwrap_or(0))
    }
}

/// Counts what is read.
pub(super) struct Counting {
    inner: Box<dyn Read + Send>,
    bytes: Arc<AtomicU64>,
}

impl Read for Counting {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.bytes.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

impl Source {
    /// Opens a file, or standard input for `-`, and looks at its beginning.
    pub(super) fn open(path: &Path, format: Format) -> anyhow::Result<Self> {
        let bytes = Arc::<AtomicU64>::default();
        let (inner, of): (Box<dyn Read + Send>, _) = if path.as_os_str() == "-" {
            (Box::new(io::stdin()), None)
        } else {
            let file = File::open(path).with_context(|| format!("{} can't be read", path.display()))?;
            let about = file.metadata().with_context(|| format!("{} can't be read", path.display()))?;
            if about.is_dir() {
                return Err(Misuse(format!("{} is a folder", path.display())).into());
            }
            let of = about.is_file().then_some(about.len());
            (Box::new(file), of)
        };
        let counting = Counting { inner, bytes: Arc::clone(&bytes) };
        let mut reader = BufReader::with_capacity(HEAD_BYTES, counting);
        let head = reader.fill_buf().with_context(|| format!("{} can't be read", path.display()))?;
        let mark = if head.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 };
        let format = judge(&head[mark..], format)?;
        reader.consume(mark);
        Ok(Self { reader, format, seen: Seen { bytes, of } })
    }
}

fn judge(head: &[u8], format: Format) -> Result<Format, Misuse> {
    if head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff") || head.contains(&0) {
        return Err(Misuse(
            "the file is not UTF-8 text: save it as CSV UTF-8, or unpack it first".to_owned(),
        ));
    }
    match (format, head.iter().find(|byte| !byte.is_ascii_whitespace())) {
        (Format::Auto | Format::Ndjson, Some(b'[')) => {
            let how = "the file is one JSON array: write one object a line instead, as `jq -c '.[]'` does";
            Err(Misuse(how.to_owned()))
        }
        (Format::Auto, Some(b'{')) => Ok(Format::Ndjson),
        (Format::Auto, _) => Ok(Format::Csv),
        (known, _) => Ok(known),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(head: &[u8], format: Format) -> Option<Format> {
        judge(head, format).ok()
    }

    #[test]
    fn the_beginning_of_a_file_tells_how_it_is_written() {
        assert_eq!(judged(b" \n{\"id\":1}", Format::Auto), Some(Format::Ndjson));
        assert_eq!(judged(b"\"orderId\",total\n", Format::Auto), Some(Format::Csv));
        assert_eq!(judged(b"", Format::Auto), Some(Format::Csv));
        assert_eq!(judged(b"orderId\n", Format::Ndjson), Some(Format::Ndjson));
        assert_eq!(judged(b"[{\"id\":1}]", Format::Auto), None);
        assert_eq!(judged(b"\xff\xfeo\0r\0", Format::Auto), None);
        assert_eq!(judged(b"PK\x03\x04\0\0", Format::Csv), None, "a spreadsheet is no text");
    }
}
