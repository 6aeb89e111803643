use std::io::Write as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::until;

/// A run that has ended.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) code: Option<i32>,
    /// Standard output.
    pub(crate) out: String,
    /// Standard error, where the log goes.
    pub(crate) log: String,
    pub(crate) took: Duration,
}

/// The bridge as a process of its own. It is killed with the test.
pub(crate) struct Running {
    child: Child,
    out: Arc<Mutex<String>>,
    log: Arc<Mutex<String>>,
    started: Instant,
}

fn gather(mut from: impl std::io::Read + Send + 'static) -> Arc<Mutex<String>> {
    let text: Arc<Mutex<String>> = Arc::default();
    let kept = Arc::clone(&text);
    std::thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(count) = from.read(&mut buffer)
            && count > 0
        {
            kept.lock().unwrap().push_str(&String::from_utf8_lossy(&buffer[..count]));
        }
    });
    text
}

impl Running {
    pub(crate) fn start(command: &mut Command) -> Self {
        Self::answering(command, "")
    }

    /// Starts it with something on its standard input.
    pub(crate) fn answering(command: &mut Command, answers: &str) -> Self {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // One that has ended doesn't read it.
        let _ = child.stdin.take().unwrap().write_all(answers.as_bytes());
        let out = gather(child.stdout.take().unwrap());
        let log = gather(child.stderr.take().unwrap());
        Self { child, out, log, started: Instant::now() }
    }

    pub(crate) fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    pub(crate) fn out(&self) -> String {
        self.out.lock().unwrap().clone()
    }

    #[allow(dead_code, reason = "the bench asks for it")]
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits until the log holds a text.
    pub(crate) async fn logs(&self, text: &str) {
        until(&format!("the log says {text:?}"), || self.log().contains(text).then_some(())).await;
    }

    pub(crate) fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Ends it at once, as a power cut would.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to stop, as a system does that shuts down, and waits for that.
    pub(crate) async fn stop(self) -> Finished {
        self.signal("TERM");
        self.finished().await
    }

    pub(crate) fn signal(&self, name: &str) {
        let done = Command::new("kill").arg(format!("-{name}")).arg(self.child.id().to_string()).status().unwrap();
        assert!(done.success());
    }

    /// Waits until it ends by itself.
    pub(crate) async fn finished(mut self) -> Finished {
        let status: ExitStatus = until("the bridge ends", || self.child.try_wait().unwrap()).await;
        let took = self.started.elapsed();
        // The pipes close after the end of the process.
        until("all of the log is read", || (Arc::strong_count(&self.log) == 1).then_some(())).await;
        until("all of the output is read", || (Arc::strong_count(&self.out) == 1).then_some(())).await;
        Finished { code: status.code(), out: self.out(), log: self.log(), took }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
