//! A simulated portal and a broker that stay, with a configuration for them and a file such as the portal exports, so that
//! all commands can be tried out.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use anyhow::{Context as _, bail};
use chrono::{DateTime, Days, Months, NaiveDate, TimeDelta, Utc};
use chrono_tz::Europe::Brussels;

use super::super::stop::told_to_stop;
use super::super::{DONE, logs};
use super::{EAN, SERIAL, broker};
use crate::clock::Clock;
use crate::config::LogLevel;
use crate::energy::Amount;
use crate::simulator::{SimulatedMeter, Simulator};

const GAS_EAN: &str = "541448860000000028";
const GAS_SERIAL: &str = "7FLO1100000022";

/// The first line of each file, by which it is known again.
const MARK: &str = "# Made by `fluvius2mqtt demo --playground`, and made anew by each start of it.";

/// So many days are in the file.
const EXPORTED: Days = Days::new(31);

/// How the portal names the columns of such a file.
const COLUMNS: &str = "Van (datum);Van (tijdstip);Tot (datum);Tot (tijdstip);EAN-code;Meter;Metertype;Register;Volume;\
                       Eenheid;Validatiestatus;Omschrijving";

/// For so long the simulated household has quarter-hours and hours; before that, daily totals.
const FINE: Days = Days::new(400);

/// Starts all, writes the configuration into a folder, and waits until it is stopped.
pub(super) async fn play(folder: &Path) -> anyhow::Result<u8> {
    logs::start(LogLevel::Warn, Brussels);
    let today = Utc::now().with_timezone(&Brussels).date_naive();
    // The portal forgets after three years; what is older is in the file.
    let oldest = today.checked_sub_months(Months::new(36)).unwrap_or(today);
    let first = oldest.checked_sub_days(EXPORTED).unwrap_or(oldest);
    let mut electricity = SimulatedMeter::electricity(EAN, SERIAL, first);
    let mut gas = SimulatedMeter::gas(GAS_EAN, GAS_SERIAL, first);
    for meter in [&mut electricity, &mut gas] {
        meter.fine_since = today.checked_sub_days(FINE).unwrap_or(today);
    }
    let portal = Simulator::start(Clock::system(), vec![electricity, gas]).await?;
    let broker = broker::start().await?;
    let file = folder.join("config.yaml");
    write(folder, &file, &configuration(folder, &portal, &broker))?;
    let export = folder.join("export.csv");
    write(folder, &export, &exported(&portal, first, oldest))?;
    let shown = file.display();
    println!("A simulated Mijn Fluvius runs at {}, and a broker at {broker}.", portal.url());
    println!("The configuration for both is {shown}. In another terminal, try for instance:\n");
    // As it was started itself, since it may not be installed.
    let program = std::env::args().next().unwrap_or_else(|| "fluvius2mqtt".to_owned());
    let import = format!("import {}", export.display());
    for command in
        ["check", "once", "report --by month", "report --plot", "backfill --from 2025-01-01", &import, "fetch"]
    {
        println!("  {program} --config {shown} {command}");
    }
    println!("\nIt stays until you press Ctrl-C.");
    told_to_stop().await;
    Ok(DONE)
}

fn configuration(folder: &Path, portal: &Simulator, broker: &str) -> String {
    let text = |text: &str| serde_json::Value::from(text).to_string();
    format!(
        "{MARK}
fluvius:
  email: {}
  password: {}
  url: {}
meters:
  - {{ean: \"{EAN}\", serial: {SERIAL}, name: Home}}
  - {{ean: \"{GAS_EAN}\", serial: {GAS_SERIAL}, name: Heating, kind: gas}}
prices:
  - {{from: 2020-01-01, consumption: {{high: 0.3120, low: 0.2760}}, injection: 0.0350, gas: 0.0710}}
mqtt:
  url: {broker}
poll:
  pause: 20ms
data_dir: {}
",
        text(&portal.email()),
        text(&portal.password()),
        text(&portal.url()),
        text(&folder.join("data").display().to_string()),
    )
}

/// What the portal's own export of the electricity meter looks like from one day until before another.
fn exported(portal: &Simulator, first: NaiveDate, end: NaiveDate) -> String {
    let mut lines = format!("{MARK}\n{COLUMNS}\n");
    let dates = first.iter_days().take_while(|date| *date < end);
    for slot in dates.filter_map(|date| portal.truth(EAN, date)).flat_map(|day| day.slots) {
        let local = |at: DateTime<Utc>| at.with_timezone(&Brussels).format("%d-%m-%Y;%H:%M:%S").to_string();
        let (from, until) = (local(slot.start), local(slot.start + TimeDelta::minutes(15)));
        let sums = slot.sums;
        // One of the two registers counts, and a home always consumes or injects.
        let registers = if sums.consumption_high + sums.injection_high > 0 {
            [("Afname Dag", sums.consumption_high), ("Injectie Dag", sums.injection_high)]
        } else {
            [("Afname Nacht", sums.consumption_low), ("Injectie Nacht", sums.injection_low)]
        };
        for (register, millionths) in registers {
            let volume = Amount::from_millionths(millionths).to_string().replace('.', ",");
            let meter = format!("=\"{EAN}\";{SERIAL};Digitale meter");
            lines.push_str(&format!("{from};{until};{meter};{register};{volume};kWh;Gevalideerd;\n"));
        }
    }
    lines
}

/// Writes a file, in the place of an older one of its kind and of nothing else.
fn write(folder: &Path, file: &Path, content: &str) -> anyhow::Result<()> {
    let shown = file.display();
    if fs::read(file).is_ok_and(|old| !old.starts_with(MARK.as_bytes())) {
        bail!("{shown} is a file of your own; name another folder");
    }
    let made = fs::create_dir_all(folder).and_then(|()| {
        OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(file)?.write_all(content.as_bytes())
    });
    made.with_context(|| format!("{shown} can't be written; name a folder that can"))
}
