use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::Value;

use super::tools;

/// Runs a command with a terminal of so many columns as its standard output.
const ON_A_TERMINAL: &str = r#"
import fcntl, os, pty, struct, subprocess, sys, termios
master, slave = pty.openpty()
fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, int(sys.argv[1]), 0, 0))
child = subprocess.Popen(sys.argv[2:], stdout=slave)
os.close(slave)
shown = b""
while True:
    try:
        chunk = os.read(master, 65536)
    except OSError:
        break
    if not chunk:
        break
    shown += chunk
sys.stdout.buffer.write(shown.replace(b"\r\n", b"\n"))
sys.exit(child.wait())
"#;

/// Prints metrics as JSON, read by the parser of Prometheus' own client.
const OPEN_METRICS: &str = r#"
import json, sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families

def sample(it):
    return {"name": it.name, "labels": it.labels, "value": it.value, "timestamp": it.timestamp}

def family(it):
    samples = [sample(each) for each in it.samples]
    return {"name": it.name, "type": it.type, "unit": it.unit, "help": it.documentation, "samples": samples}

families = [family(each) for each in text_string_to_metric_families(sys.stdin.buffer.read().decode())]
print(json.dumps(families, default=float, allow_nan=False))
"#;

/// What a script in Python prints, given arguments and something to read.
pub(crate) fn python(script: &str, arguments: &[&str], input: &str) -> String {
    run(Command::new("python3").arg("-c").arg(script).args(arguments), input)
}

/// The families of metrics in a text, each with its `name`, `type`, `unit`, `help` and `samples`; a sample has its `name`,
/// `labels`, `value` and `timestamp`. Panics with what the parser says when the text is no valid OpenMetrics.
pub(crate) fn open_metrics(text: &str) -> Value {
    let client = tools().join("prometheus");
    assert!(client.exists(), "Prometheus' client is not installed; run tests/real/install prometheus");
    let printed = run(Command::new("python3").env("PYTHONPATH", client).args(["-c", OPEN_METRICS]), text);
    serde_json::from_str(&printed).unwrap()
}

/// What a command shows on a terminal that is so many columns wide.
pub(crate) fn on_a_terminal(columns: usize, command: &Command) -> String {
    let mut terminal = Command::new("python3");
    terminal.arg("-c").arg(ON_A_TERMINAL).arg(columns.to_string()).arg(command.get_program()).args(command.get_args());
    terminal.env_remove("NO_COLOR").current_dir(command.get_current_dir().unwrap());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => terminal.env(name, value),
            None => terminal.env_remove(name),
        };
    }
    run(&mut terminal, "")
}

fn run(command: &mut Command, input: &str) -> String {
    let started = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = started.unwrap_or_else(|error| panic!("Python can't be started ({error}); install python3"));
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_owned();
    let writing = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    writing.join().unwrap().unwrap();
    String::from_utf8(output.stdout).unwrap()
}
