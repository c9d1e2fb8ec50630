//! What the commands write: results to standard output, everything else to standard error.
//!
//! `println!` panics when the reader has gone; here a closed pipe is no fault of the command.

use std::io::{self, IsTerminal, Write};
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use selektable_store::maintain::Progress;

/// Without a terminal, progress is a line that often.
const PROGRESS_LINE_EVERY: Duration = Duration::from_secs(5);

/// Writes a line of the result and hands it on at once.
pub(crate) fn say(line: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match writeln!(out, "{line}").and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Writes a line for the operator; there is nobody to tell when that fails.
pub(crate) fn complain(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// How far long work is: a bar on a terminal, else a line now and then.
pub(crate) fn progress(what: &'static str) -> Progress {
    if io::stderr().is_terminal() { bar(what) } else { lines(what) }
}

fn bar(what: &'static str) -> Progress {
    let style = ProgressStyle::with_template("{msg} {wide_bar} {human_pos} of {human_len}, {eta} left");
    let bar = ProgressBar::new(0).with_message(what);
    let bar = match style {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    };
    Box::new(move |done, of| {
        bar.set_length(of);
        bar.set_position(done);
        if done >= of {
            bar.finish_and_clear();
        }
    })
}

/// How far work is whose end is not known: a line now and then.
pub(crate) fn counting(what: &'static str) -> Progress {
    let last = Mutex::new(Instant::now());
    Box::new(move |done, _| {
        let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.elapsed() >= PROGRESS_LINE_EVERY {
            *last = Instant::now();
            complain(&format!("{what}: {done} so far"));
        }
    })
}

fn lines(what: &'static str) -> Progress {
    let last = Mutex::new(Instant::now());
    Box::new(move |done, of| {
        let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.elapsed() >= PROGRESS_LINE_EVERY {
            *last = Instant::now();
            complain(&format!("{what}: {done} of {of}"));
        }
    })
}
