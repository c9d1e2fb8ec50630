//! `selektable dump --canonical`: the same bytes for the same facts, on every engine.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context;
use clap::Args;
use selektable_store::Access;
use selektable_store::maintain::CanonicalSink;

use crate::config::Config;
use crate::serving::open_store;

#[derive(Debug, Args)]
pub(super) struct DumpArguments {
    /// Sorted lines of JSON (the one format there is)
    #[arg(long, required = true)]
    canonical: bool,
    /// Write to a file instead of standard output
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Writes the dump.
pub(super) async fn run(arguments: DumpArguments, config: &Config) -> anyhow::Result<ExitCode> {
    let store = open_store(config, Access::Inspect).await?;
    let reader_left = Arc::new(AtomicBool::new(false));
    let sink: CanonicalSink = match &arguments.output {
        Some(path) => {
            let file = File::create(path).with_context(|| format!("{} can't be written", path.display()))?;
            Box::new(BufWriter::new(file))
        }
        None => Box::new(BufWriter::new(Pipe { reader_left: Arc::clone(&reader_left) })),
    };
    let dumped = store.dump_canonical(sink).await;
    store.close().await?;
    // `dump | head` is no failure.
    if !reader_left.load(Ordering::Relaxed) {
        dumped?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Standard output, remembering that nobody reads it any more.
struct Pipe {
    reader_left: Arc<AtomicBool>,
}

impl Pipe {
    fn note<T>(&self, done: io::Result<T>) -> io::Result<T> {
        if done.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::BrokenPipe) {
            self.reader_left.store(true, Ordering::Relaxed);
        }
        done
    }
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.note(io::stdout().lock().write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.note(io::stdout().lock().flush())
    }
}
