//! What the tests of pages share: a home whose ledger is in a folder of its own, and its pages as a browser gets them.

use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::ops::RangeInclusive;
use std::sync::Arc;

use axum::Extension;
use chrono::{NaiveDate, NaiveTime, TimeDelta};
use chrono_tz::Europe::Brussels;
use maud::Markup;
use reqwest::Url;
use tempfile::TempDir;
use tokio::sync::mpsc;

use super::page::Context;
use super::routes::{Failed, routes};
use super::server::Peer;
use super::site::{Service, Site};
use super::span::Span;
use super::view::{Counts, Link, MeterView, View};
use super::words::Language;
use super::{Content, Pulse};
use crate::clock::Clock;
use crate::config::{History, Meter};
use crate::energy::{Amount, Direction, Ean, Interval, MeterDay, MeterKind, Reading, Register, Unit};
use crate::ledger::{Asked, Ledger, MeterId};

pub(super) const LANGUAGES: [Language; 3] = [Language::English, Language::Dutch, Language::French];

/// The length of intervals, in seconds.
pub(super) const QUARTER: u32 = 900;
pub(super) const HOUR: u32 = 3_600;

pub(super) const FIRST_POLL: NaiveTime = NaiveTime::from_hms_opt(6, 20, 0).unwrap();

/// A home with its meters.
pub(super) struct Home {
    pub(super) ledger: Ledger,
    pub(super) site: Site,
    /// Where the ledger is, as long as it is held.
    pub(super) folder: TempDir,
}

pub(super) fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// Noon on Tuesday 24 November 2026, with a history since the 1st.
pub(super) fn span(kind: MeterKind) -> Span {
    Span {
        kind,
        begins: date("2026-11-01"),
        until: None,
        known: None,
        today: date("2026-11-24"),
        now: date("2026-11-24").and_hms_opt(12, 0, 0).unwrap(),
        first_poll: FIRST_POLL,
    }
}

/// An electricity meter, of which the pages speak as `0011`.
pub(super) fn electricity() -> Meter {
    Meter {
        ean: Ean::parse("541448860000000011").unwrap(),
        serial: "1SAG1100000015".to_owned(),
        name: Some("Home".to_owned()),
        kind: MeterKind::Electricity,
        unit: Unit::KilowattHour,
        resolution: History::Finest,
        history_from: None,
        history_until: None,
    }
}

/// A gas meter that counts in m³, of which the pages speak as `0028`.
pub(super) fn gas() -> Meter {
    Meter {
        ean: Ean::parse("541448860000000028").unwrap(),
        serial: "7FLO1100000022".to_owned(),
        name: None,
        kind: MeterKind::Gas,
        unit: Unit::CubicMetre,
        ..electricity()
    }
}

/// A day of a meter.
pub(super) fn day(meter: &Meter, text: &str) -> MeterDay {
    MeterDay::new(meter.kind, date(text), Brussels).unwrap()
}

/// What a register has counted in each of some intervals of a day.
pub(super) fn readings(
    meter: &Meter,
    day: MeterDay,
    seconds: u32,
    slots: RangeInclusive<u32>,
    (direction, register): (Direction, Register),
    millionths: i64,
) -> Vec<Reading> {
    let reading = |slot: u32| {
        let start = day.interval().start() + TimeDelta::seconds((slot * seconds).into());
        let interval = Interval::new(start, start + TimeDelta::seconds(seconds.into())).unwrap();
        Reading {
            direction,
            register,
            unit: meter.unit,
            interval,
            amount: Amount::from_millionths(millionths),
            status: 2,
        }
    };
    slots.map(reading).collect()
}

impl Home {
    /// A home with meters at an instant; a first run has entered them, with histories that begin on a day.
    pub(super) fn new(now: &str, first_day: &str, meters: &[Meter]) -> Self {
        let home = Self::unread(now, meters);
        for meter in meters {
            home.ledger.meter(&meter.ean, meter.kind, meter.unit, date(first_day)).unwrap();
        }
        home
    }

    /// A home of which no run has ended.
    pub(super) fn unread(now: &str, meters: &[Meter]) -> Self {
        let now = now.parse().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(folder.path(), Brussels).unwrap();
        let views = vec![MeterView { status: "ok", problem: None, backfill: None }; meters.len()];
        let view = View {
            started: now,
            polling_since: None,
            last_poll: None,
            next_poll: None,
            service: Link::Unknown,
            portal: Link::Unknown,
            broker: Link::Unknown,
            home_assistant: None,
            meters: views,
            counts: Counts::default(),
        };
        let service = Service {
            clock: Clock::starting_at(now),
            house: Brussels,
            zone: Brussels,
            data_dir: folder.path().to_owned(),
            meters: meters.to_vec(),
            first_poll: FIRST_POLL,
            view: Box::new(move || view.clone()),
            presses: mpsc::channel(1).0,
        };
        Self { ledger, site: Site::new(Pulse::new(), None, Content::Service(Box::new(service))), folder }
    }

    pub(super) fn meter(&self, meter: &Meter) -> MeterId {
        self.ledger.known_meter(&meter.ean, meter.kind, meter.unit).unwrap().unwrap().ending(meter.history_until)
    }

    /// Enters what the portal has told of a day, a while after it.
    pub(super) fn merge(&mut self, meter: &Meter, day: MeterDay, readings: &[Reading]) {
        let id = self.meter(meter);
        self.ledger.merge(id, day, readings, day.interval().end() + TimeDelta::days(1)).unwrap();
    }

    /// Enters that the portal has nothing for a day, some days after it.
    pub(super) fn find_nothing(&mut self, meter: &Meter, day: MeterDay) {
        let (id, at) = (self.meter(meter), day.interval().end() + TimeDelta::days(1));
        self.ledger.answer(id, &[day], &[], Asked::Totals, at).unwrap();
    }

    /// A page, as a function makes it.
    pub(super) fn page(
        &self,
        language: Language,
        page: impl FnOnce(&Context<'_>) -> Result<Markup, Failed>,
    ) -> Result<String, Failed> {
        let Content::Service(service) = &self.site.content else { panic!("there is a service") };
        let context = Context::open(&self.site, service, language)?;
        page(&context).map(Markup::into_string)
    }
}

/// Pages over HTTP, as long as it lives.
pub(super) struct Served {
    address: SocketAddr,
    _runtime: tokio::runtime::Runtime,
    _ledger: Ledger,
    _folder: TempDir,
}

impl Home {
    /// Serves all that a site answers.
    pub(super) fn serve(self) -> Served {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let routes = routes(Arc::new(self.site)).layer(Extension(Peer(address.ip())));
        runtime.spawn(async { axum::serve(listener, routes).await });
        Served { address, _runtime: runtime, _ledger: self.ledger, _folder: self.folder }
    }
}

impl Served {
    /// The status and the whole of an answer.
    pub(super) fn get(&self, path: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(self.address).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        (answer.split(' ').nth(1).unwrap().parse().unwrap(), answer)
    }
}

/// The addresses to which a page at an address links.
pub(super) fn links(path: &str, page: &str) -> BTreeSet<String> {
    let at = Url::parse("http://localhost").unwrap().join(path).unwrap();
    let links = page.split(" href=\"").skip(1).filter_map(|rest| at.join(rest.split('"').next()?).ok());
    links.map(|link| link.path().to_owned()).collect()
}

/// Panics when a page tells a whole EAN.
pub(super) fn assert_no_ean(page: &str) {
    let digits = |part: &&str| part.len() >= 18;
    let found = page.split(|c: char| !c.is_ascii_digit()).find(digits);
    assert_eq!(found, None, "18 digits in a row");
}

#[test]
fn the_overview_tells_no_ean_and_escapes_what_a_meter_is_called() {
    let named = Meter { name: Some(r#"<script>"'&"#.to_owned()), ..electricity() };
    let home = Home::new("2026-11-24T12:00:00Z", "2026-11-01", &[named, gas()]);
    for language in LANGUAGES {
        let page = home.page(language, |context| super::page::overview(context, None)).unwrap();
        assert_no_ean(&page);
        assert!(!page.contains("<script") && page.contains("&lt;script&gt;"), "{page}");
    }
}
