use std::fmt;
use std::io::stderr;

use chrono::Utc;
use chrono_tz::Tz;
use tracing::Level;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::config::LogLevel;

/// The time as the household's clock shows it.
struct LocalTime(Tz);

impl FormatTime for LocalTime {
    fn format_time(&self, writer: &mut Writer<'_>) -> fmt::Result {
        write!(writer, "{}", Utc::now().with_timezone(&self.0).format("%Y-%m-%d %H:%M:%S"))
    }
}

/// Starts the log on standard error, with this program's own lines only: libraries log addresses and headers, which
/// hold EANs and tokens.
pub(super) fn start(level: LogLevel, zone: Tz) {
    let level = match level {
        LogLevel::Error => Level::ERROR,
        LogLevel::Warn => Level::WARN,
        LogLevel::Info => Level::INFO,
        LogLevel::Debug => Level::DEBUG,
        LogLevel::Trace => Level::TRACE,
    };
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(stderr)
        .with_ansi(super::has_colours(&stderr()))
        .with_target(false)
        .with_timer(LocalTime(zone));
    let own = Targets::new().with_target(env!("CARGO_CRATE_NAME"), level);
    // An error means that a log runs already, as it does in tests.
    let _ = tracing_subscriber::registry().with(lines).with(own).try_init();
}
