//! Ends a server with the process that started it, also when that one is killed or never drops its statics.

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Reads until its input ends, which it does when nobody holds the other end any more; then ends whom the file of
/// process ids names, if it still is that program, and removes the folder.
const SCRIPT: &str = r#"
cat >/dev/null
pid=$(head -n 1 "$2" 2>/dev/null)
if [ -n "$pid" ] && [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = "$3" ]; then
  kill -QUIT "$pid"
  while kill -0 "$pid" 2>/dev/null; do sleep 0.05; done
fi
rm -rf "$1"
"#;

/// A watching shell; lets go when dropped.
pub(crate) struct Guardian(Child);

impl Guardian {
    /// Watches over a folder and the program whose id its file holds.
    pub(crate) fn watch(folder: &Path, pid_file: &Path, program: &str) -> Self {
        let shell = Command::new("sh")
            .args(["-c", SCRIPT, "guardian"])
            .args([folder, pid_file])
            .arg(program)
            .current_dir("/")
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        Self(shell.expect("sh is there"))
    }
}

impl Drop for Guardian {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}
