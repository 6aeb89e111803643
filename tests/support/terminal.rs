use std::io::{Read as _, Write as _};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use super::until;

/// The program with somebody at a terminal in front of it. It is killed with the test.
pub(crate) struct Terminal {
    child: Child,
    shown: Arc<Mutex<String>>,
    /// So much of what is shown has been read.
    read: usize,
}

impl Terminal {
    /// Starts a command in the terminal of `script`, which is a part of util-linux.
    pub(crate) fn start(command: &mut Command) -> Self {
        let words = std::iter::once(command.get_program()).chain(command.get_args());
        let line: Vec<_> = words.map(|word| format!("'{}'", word.to_str().unwrap())).collect();
        let mut script = Command::new("/usr/bin/script");
        // The shell would end with the signal that stops the program.
        let line = format!("exec {}", line.join(" "));
        script.args(["--quiet", "--flush", "--return", "--command", &line, "/dev/null"]).env_clear();
        script.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let mut child = script
            .current_dir(command.get_current_dir().unwrap())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("script can't be started ({error}); install util-linux"));
        let shown: Arc<Mutex<String>> = Arc::default();
        let (mut out, kept) = (child.stdout.take().unwrap(), Arc::clone(&shown));
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            let mut buffer = [0; 4096];
            while let Ok(count) = out.read(&mut buffer)
                && count > 0
            {
                bytes.extend_from_slice(&buffer[..count]);
                *kept.lock().unwrap() = String::from_utf8_lossy(&bytes).replace("\r\n", "\n");
            }
        });
        Self { child, shown, read: 0 }
    }

    /// Waits until it shows a text, after what was read before.
    pub(crate) async fn shows(&mut self, text: &str) {
        let read = self.read;
        let find = || {
            let shown = self.shown.lock().unwrap();
            shown.get(read..)?.find(text).map(|at| read + at + text.len())
        };
        self.read = until(&format!("the terminal shows {text:?}"), find).await;
    }

    /// The rest of the line of which the beginning was waited for last.
    pub(crate) async fn rest_of_line(&mut self) -> String {
        let read = self.read;
        self.shows("\n").await;
        self.shown.lock().unwrap()[read..self.read].trim_end().to_owned()
    }

    /// Types a line.
    pub(crate) fn types(&mut self, line: &str) {
        writeln!(self.child.stdin.as_mut().unwrap(), "{line}").unwrap();
    }

    /// Waits until it ends; gives its exit code and all that was shown.
    pub(crate) async fn ends(mut self) -> (Option<i32>, String) {
        let status = until("the program ends", || self.child.try_wait().unwrap()).await;
        until("all of the output is read", || (Arc::strong_count(&self.shown) == 1).then_some(())).await;
        let shown = self.shown.lock().unwrap().clone();
        (status.code(), shown)
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
