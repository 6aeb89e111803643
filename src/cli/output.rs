//! Where the data of a command goes.

use std::fmt;
use std::io::{self, BufWriter, Write};

/// Large enough that a long export needs few writes.
const BUFFER: usize = 64 * 1024;

/// Writes data to standard output. Whoever reads it may stop before its end, as `head` does, which is no failure.
pub(super) fn to_stdout(write: impl FnOnce(&mut dyn Write) -> anyhow::Result<()>) -> anyhow::Result<()> {
    let mut out = BufWriter::with_capacity(BUFFER, io::stdout().lock());
    match write(&mut out).and_then(|()| Ok(out.flush()?)) {
        Err(error) if is_closed(&error) => Ok(()),
        done => done,
    }
}

fn is_closed(error: &anyhow::Error) -> bool {
    let is_closed = |error: &io::Error| error.kind() == io::ErrorKind::BrokenPipe;
    error.chain().filter_map(|cause| cause.downcast_ref::<io::Error>()).any(|error| {
        let of_csv = error.get_ref().and_then(|inner| inner.downcast_ref::<csv::Error>()).map(csv::Error::kind);
        is_closed(error) || matches!(of_csv, Some(csv::ErrorKind::Io(error)) if is_closed(error))
    })
}

/// Millionths of a unit as an exact number, with three to six decimals.
pub(super) struct Exact(pub(super) i64);

impl fmt::Display for Exact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millionths = self.0.unsigned_abs();
        let sign = if self.0 < 0 { "-" } else { "" };
        let (whole, mut rest) = (millionths / 1_000_000, millionths % 1_000_000);
        let mut decimals = 6;
        while decimals > 3 && rest % 10 == 0 {
            (rest, decimals) = (rest / 10, decimals - 1);
        }
        write!(f, "{sign}{whole}.{rest:0decimals$}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_exact() {
        for (millionths, expected) in
            [(0, "0.000"), (1, "0.000001"), (-65_200, "-0.0652"), (12_000_000, "12.000"), (1_234_567_890, "1234.56789")]
        {
            assert_eq!(Exact(millionths).to_string(), expected);
        }
        assert_eq!(Exact(i64::MIN).to_string(), "-9223372036854.775808");
    }
}
