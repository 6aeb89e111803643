//! The demo: the real service between a simulated portal and a broker, and what Home Assistant would see of it.

mod broker;
mod playground;
mod story;
mod watcher;

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use chrono::{Days, NaiveDate, Utc};
use chrono_tz::Europe::Brussels;
use clap::Args;
use serde_json::json;

use super::stop::told_to_stop;
use super::{DONE, Places, WRONG_USE, block_on, logs};
use crate::bridge::Bridge;
use crate::clock::Clock;
use crate::config::{self, CommandLine, Config, LogLevel};
use crate::simulator::{SimulatedMeter, Simulator};
use story::Story;
use watcher::Watcher;

/// So much history the simulated household has.
const DAYS: u64 = 60;

const EAN: &str = "541448860000000011";
const SERIAL: &str = "1SAG1100000015";

/// Where the status page is on other machines.
const USUAL_PORT: u16 = 8099;

/// The first part of the topics, unless a bridge uses it on that broker already.
const BASE: &str = "fluvius2mqtt";
const OTHER_BASE: &str = "fluvius2mqtt_demo";

/// Show the bridge at work on a simulated portal, without an account, a broker or Home Assistant.
#[derive(Debug, Args)]
pub(super) struct Demo {
    /// A broker of your own, such as the one that your Home Assistant uses: mqtt://user:password@host
    #[arg(long, value_name = "URL")]
    broker: Option<String>,
    /// Only start a simulated portal and a broker, write a configuration for them into this folder, and stay: to try out
    /// all commands
    #[arg(long, value_name = "DIR", conflicts_with = "broker")]
    playground: Option<PathBuf>,
}

impl Demo {
    pub(super) fn run(&self, places: &Places) -> anyhow::Result<u8> {
        if places.config.is_some() || places.data_dir.is_some() {
            eprintln!(
                "fluvius2mqtt: the demo needs no configuration and keeps nothing; leave --config and --data-dir out"
            );
            return Ok(WRONG_USE);
        }
        if let Some(folder) = &self.playground {
            return block_on(playground::play(folder))?;
        }
        logs::start(LogLevel::Warn, Brussels);
        block_on(self.play())?
    }

    async fn play(&self) -> anyhow::Result<u8> {
        let yesterday = Utc::now().with_timezone(&Brussels).date_naive() - Days::new(1);
        let first = yesterday - Days::new(DAYS - 1);
        let portal = Simulator::start(Clock::system(), vec![household(first, yesterday)]).await?;
        let (url, is_own) = match &self.broker {
            Some(url) => (url.clone(), false),
            None => (broker::start().await?, true),
        };
        let folder = tempfile::tempdir()?;
        let page = free_address()?;
        let mut config = match configuration(folder.path(), &portal, &url, first, page) {
            Ok(config) => config,
            Err(faults) => {
                eprintln!("fluvius2mqtt: {faults}");
                return Ok(WRONG_USE);
            }
        };
        let mut watcher = Watcher::connect(&config.mqtt).await.context("the broker can't be used")?;
        if !is_own && watcher.is_retained(&format!("{BASE}/status")).await? {
            OTHER_BASE.clone_into(&mut config.mqtt.base_topic);
        }
        watcher.watch(&config).await?;
        let story = Story { portal: &portal, watcher: &mut watcher, yesterday, ean: EAN, is_own, page };
        story.opening(if is_own { &url } else { "your broker" });
        let service = Bridge::open(config, Clock::system())?.run(told_to_stop());
        let told = async {
            tokio::select! {
                ended = service => ended.map_err(anyhow::Error::from),
                told = story.tell() => told,
            }
        };
        let outcome = told.await;
        watcher.clean_up().await;
        outcome.map(|()| DONE)
    }
}

/// A home with panels and two registers, whose last day isn't published yet.
fn household(first: NaiveDate, yesterday: NaiveDate) -> SimulatedMeter {
    let mut meter = SimulatedMeter::electricity(EAN, SERIAL, first);
    meter.published_until = Some(yesterday);
    meter.withheld.insert(yesterday);
    meter
}

/// Where the status page is: at its usual port, if that is free.
fn free_address() -> anyhow::Result<SocketAddr> {
    let usual = TcpListener::bind((Ipv4Addr::LOCALHOST, USUAL_PORT));
    let listener = usual.or_else(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)));
    listener.and_then(|listener| listener.local_addr()).context("no port is free for the status page")
}

/// The configuration, from a file such as a user would write.
fn configuration(
    folder: &Path,
    portal: &Simulator,
    broker: &str,
    first: NaiveDate,
    page: SocketAddr,
) -> anyhow::Result<Config> {
    let file = folder.join("demo.yaml");
    // JSON is YAML too.
    let text = json!({
        "fluvius": {"email": portal.email(), "password": portal.password(), "url": portal.url()},
        "meters": [{"ean": EAN, "serial": SERIAL, "name": "Demo home", "history_from": first.to_string()}],
        "mqtt": {"url": broker},
        "poll": {"pause": "0s"},
        "web": {"listen": page.to_string()},
        "data_dir": folder.join("data"),
    });
    fs::write(&file, text.to_string())?;
    let command_line = CommandLine { config: Some(file), data_dir: None };
    match config::load(&command_line, std::iter::empty()) {
        Ok(loaded) => Ok(loaded.config),
        Err(faults) => bail!("{faults}"),
    }
}
