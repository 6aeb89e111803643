//! `fetch`: a question to the portal itself.

mod day;
mod output;

use std::io::{self, Write as _};
use std::path::PathBuf;

use chrono::NaiveDate;
use clap::{ArgAction, Args};
use indicatif::{ProgressBar, ProgressStyle};
use tracing::{info, warn};

use super::{DONE, LOGIN_REFUSED, Places, WRONG_USE, block_on, logs, privileges, wrong_use};
use crate::bridge::{self, Asker, MeterAnswer, Span, session_folder};
use crate::clock::Clock;
use crate::config::{self, CommandLine, Flags, LogLevel, Question};
use crate::portal::{self, DAILY};
use crate::secret::Secret;
use day::Day;
use output::{Output, document};

/// What the flags alone don't tell.
pub(super) const NOTES: &str = "\
It prints a block for each day and meter, and writes what the portal answered to a file.

Values come from the flags, then from the environment (FLUVIUS_LOGIN, FLUVIUS_PASSWORD, FLUVIUS_EAN, \
FLUVIUS_METER_SERIAL, FLUVIUS_TIMEZONE, FLUVIUS_GRANULARITY, FLUVIUS2MQTT_...), then from the configuration file, if \
there is one. A meter of the file needs no more than its --ean.

The file that --output names holds the portal's rows, each exactly as the portal wrote it, in order of time: for one \
meter as an array, [row, ...]; for several as an object by EAN, {\"5414...\": [row, ...], ...}. It is replaced when all \
answers are in, and only its owner can read it.

Each element of the array that --json prints has: ean, name (if the configuration has one), kind (electricity, gas), \
date, from and until (the day as the meter counts it), rows (how many have an amount), resolution (quarter, hour, day), \
statuses (of the amounts; 2 is read and valid), and in kWh consumption_high, consumption_low, consumption_single, \
consumption, injection_high, injection_low, injection_single, injection and net; for gas gas_kwh and gas_m3, which are \
the same gas. What the portal doesn't have is absent.

The session and the memory of refused logins are in the data directory, beside a running bridge too. Where there is \
none, they are in a folder of the account's own below $XDG_STATE_HOME/fluvius2mqtt or ~/.local/state/fluvius2mqtt. With \
--bearer-token nothing is kept.

Exit codes: 0 done, with or without data; 1 failed; 2 wrong use; 3 the portal refuses the login or the token.

Examples:
  fluvius2mqtt fetch --days-back 3
  fluvius2mqtt fetch --ean 541448860000000011 --from 2026-06-01 --to 2026-06-30 --json
  fluvius2mqtt fetch --ean 541448860000000011 --meter-serial 1SAG1100000015 --granularity 1
  fluvius2mqtt fetch --email you@example.com -vv";

/// Ask the portal itself, without a broker and without a ledger.
#[derive(Debug, Args)]
pub(super) struct Fetch {
    /// The e-mail address of your account
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
    /// Its password. Others on this machine can see a command line; FLUVIUS_PASSWORD or a configuration file hides it
    #[arg(long, value_parser = secret, allow_hyphen_values = true)]
    password: Option<Secret>,
    /// The EAN of a meter; several times for several meters [default: all meters of the configuration]
    #[arg(long = "ean", value_name = "EAN")]
    eans: Vec<String>,
    /// The serial number of the meter; as often as --ean, in the same order
    #[arg(long = "meter-serial", value_name = "SERIAL")]
    serials: Vec<String>,
    /// What the meter measures: electricity or gas; once for all meters, or as often as --ean [default: electricity]
    #[arg(long = "kind", value_name = "KIND")]
    kinds: Vec<String>,
    /// How many days, until the last one that is over or until --to
    #[arg(long, value_name = "N", default_value_t = 7, value_parser = clap::value_parser!(u64).range(1..=1_200))]
    days_back: u64,
    /// The first day, such as 2026-01-31
    #[arg(long, value_name = "DATE", value_parser = config::date, conflicts_with = "days_back")]
    from: Option<NaiveDate>,
    /// The last day, included [default: the last one that is over]
    #[arg(long, value_name = "DATE", value_parser = config::date)]
    to: Option<NaiveDate>,
    /// The portal's code for how fine: 1 quarter-hours, 2 hours, 4 daily totals, or another one to see what it gives [default: 4]
    #[arg(long, value_name = "CODE")]
    granularity: Option<u8>,
    /// The time zone of the days [default: Europe/Brussels]
    #[arg(long, value_name = "NAME")]
    timezone: Option<String>,
    /// Log in with "remember me" ticked
    #[arg(long)]
    remember_me: bool,
    /// Use an access token in place of a login, so that no e-mail address and no password are needed
    #[arg(long, value_name = "TOKEN", value_parser = secret, allow_hyphen_values = true)]
    bearer_token: Option<Secret>,
    /// The file for what the portal answered
    #[arg(long, value_name = "PATH", default_value = "fluvius_consumption_data.json")]
    output: PathBuf,
    /// Print the days as data, as a JSON array
    #[arg(long)]
    json: bool,
    /// Print nothing but errors
    #[arg(short, long, conflicts_with_all = ["json", "verbose"])]
    quiet: bool,
    /// Tell each request, with secrets left out; twice: also redirects and the names of headers and cookies
    #[arg(short, long, action = ArgAction::Count)]
    verbose: u8,
}

impl Fetch {
    pub(super) fn run(mut self, places: Places) -> anyhow::Result<u8> {
        if let (Some(from), Some(to)) = (self.from, self.to)
            && to < from
        {
            eprintln!("fluvius2mqtt: --to {to} is before --from {from}; give the earlier day to --from");
            return Ok(WRONG_USE);
        }
        let token = self.bearer_token.take();
        let question = match self.question(places, token.is_none()) {
            Ok(question) => question,
            Err(faults) => return Ok(wrong_use(&faults)),
        };
        privileges::give_up(question.app.as_ref())?;
        logs::start(self.level(question.log), question.fluvius.timezone);
        for warning in &question.warnings {
            warn!("{warning}");
        }
        let output = match Output::at(&self.output) {
            Ok(output) => output,
            Err(unusable) => {
                eprintln!("fluvius2mqtt: {unusable}");
                return Ok(WRONG_USE);
            }
        };
        let folder = match &token {
            Some(_) => None,
            None => session_folder(&question, state().as_deref()),
        };
        let asker = match (token, &folder) {
            (Some(token), _) => Asker::with_token(&question, token, Clock::system())?,
            (None, Some(folder)) => Asker::with_login(&question, folder, Clock::system())?,
            (None, None) => {
                eprintln!(
                    "fluvius2mqtt: this user has no home in which logins could be remembered; name a folder with --data-dir"
                );
                return Ok(WRONG_USE);
            }
        };
        match block_on(self.ask(asker, &question))? {
            Ok(answers) => self.tell(&answers, &question, &output),
            Err(bridge::Error::Portal(refused @ portal::Error::Refused { .. })) => {
                eprintln!("fluvius2mqtt: {refused}");
                if let Some(folder) = folder {
                    eprintln!("The memory of logins is in {}", folder.display());
                }
                Ok(LOGIN_REFUSED)
            }
            Err(error) => Err(error.into()),
        }
    }

    fn question(&mut self, places: Places, needs_login: bool) -> Result<Question, config::Faults> {
        let flags = Flags {
            email: self.email.take(),
            password: self.password.take(),
            timezone: self.timezone.take(),
            remember_me: self.remember_me,
            eans: std::mem::take(&mut self.eans),
            serials: std::mem::take(&mut self.serials),
            kinds: std::mem::take(&mut self.kinds),
        };
        let command_line = CommandLine { config: places.config, data_dir: places.data_dir };
        config::load_question(&command_line, flags, needs_login, std::env::vars_os())
    }

    const fn level(&self, configured: LogLevel) -> LogLevel {
        match (self.quiet, self.verbose, configured) {
            (true, _, _) => LogLevel::Error,
            (_, 2.., _) | (_, _, LogLevel::Trace) => LogLevel::Trace,
            (_, 1, _) => LogLevel::Debug,
            (_, _, configured) => configured,
        }
    }

    fn code(&self, question: &Question) -> u8 {
        self.granularity.or(question.granularity).unwrap_or(DAILY)
    }

    async fn ask(&self, mut asker: Asker<'_>, question: &Question) -> Result<Vec<MeterAnswer>, bridge::Error> {
        let span = Span { from: self.from, to: self.to, days: self.days_back };
        let code = self.code(question);
        let requests = asker.requests(span, code).len();
        // Lines of the log and a bar would disturb each other.
        let is_shown = !self.quiet && self.verbose == 0 && requests > 1;
        let bar = if is_shown { ProgressBar::new(requests as u64) } else { ProgressBar::hidden() };
        if let Ok(style) = ProgressStyle::with_template("asking the portal: {pos} of {len} requests, {eta} left") {
            bar.set_style(style);
        }
        let answers = asker.ask(span, code, || bar.inc(1)).await;
        bar.finish_and_clear();
        answers
    }

    fn tell(&self, answers: &[MeterAnswer], question: &Question, output: &Output) -> anyhow::Result<u8> {
        output.write(&document(answers)).map_err(|cause| {
            anyhow::anyhow!("{} can't be written: {cause}. What was there before is still there", self.output.display())
        })?;
        let zone = question.fluvius.timezone;
        let of_meter = |answer| days_of(answer, zone);
        let days: Vec<Day<'_>> = answers.iter().flat_map(of_meter).collect();
        if !self.quiet {
            let text = if self.json { as_data(&days)? } else { as_text(&days) };
            io::stdout().lock().write_all(text.as_bytes())?;
        }
        let rows: usize = answers.iter().map(|answer| answer.rows.len()).sum();
        let rows = match rows {
            1 => "1 row of the portal is".to_owned(),
            rows => format!("{rows} rows of the portal are"),
        };
        info!("{rows} in {}", self.output.display());
        for answer in answers {
            self.explain(answer, question);
        }
        Ok(DONE)
    }

    /// Says what it means that nothing came for a meter, or something else than was expected.
    fn explain(&self, answer: &MeterAnswer, question: &Question) {
        let meter = &answer.meter;
        let days: Vec<_> = days_of(answer, question.fluvius.timezone).collect();
        if days.iter().any(Day::is_gas_by_surprise) {
            warn!("{meter}: the portal gives m³, so this is a gas meter; with --kind gas its days begin at 06:00");
        }
        if days.iter().all(Day::is_empty) {
            let coarser = match self.code(question) {
                DAILY => "",
                _ => ", or has them in another granularity only (try --granularity 4)",
            };
            warn!(
                "{meter}: no data. The portal answers so when days are in the future or not published yet (electricity \
                 comes the next morning, at times two days later, and gas after some three days), when it doesn't keep \
                 them{coarser}, and when the EAN or the serial number is wrong"
            );
        }
    }
}

fn days_of(answer: &MeterAnswer, zone: chrono_tz::Tz) -> impl Iterator<Item = Day<'_>> {
    answer.days.iter().map(move |(day, readings)| Day::of(&answer.meter, *day, readings, zone))
}

fn as_text(days: &[Day<'_>]) -> String {
    days.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

fn as_data(days: &[Day<'_>]) -> serde_json::Result<String> {
    let days = days.iter().map(serde_json::to_string).collect::<Result<Vec<_>, _>>()?;
    Ok(format!("[\n{}\n]\n", days.join(",\n")))
}

/// Never fails, so that no message of the parser repeats the value.
#[expect(clippy::unnecessary_wraps, reason = "the parser wants a result")]
fn secret(text: &str) -> Result<Secret, std::convert::Infallible> {
    Ok(Secret::new(text.to_owned()))
}

/// Where a user's programs keep what isn't worth a backup, by the XDG Base Directory Specification.
fn state() -> Option<PathBuf> {
    let is_usable = |folder: &PathBuf| folder.is_absolute();
    let named = std::env::var_os("XDG_STATE_HOME").map(PathBuf::from).filter(is_usable);
    named.or_else(|| Some(std::env::home_dir()?.join(".local/state")).filter(is_usable))
}
