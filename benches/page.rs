//! Prints what the status page takes over a ledger of three years: the time of each page, and how a poll, the answers and the
//! memory fare while many clients ask all the time. The portal is simulated and without pauses, and the clients share its
//! machine with the service, so that this is worse than any home.
//!
//! `cargo bench --bench page`; it needs Mosquitto.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a measurement that can't go on has failed"
)]

mod measure;
#[expect(dead_code, unused_imports, reason = "made for the tests, which use all of it")]
#[path = "../tests/support/mod.rs"]
mod support;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use fluvius2mqtt::simulator::SimulatedMeter;
use measure::{median, memory, program, run};
use serde_json::json;
use support::{EAN, Home, Mosquitto, Page, Running, SERIAL, before, until, yesterday};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const DAYS: u64 = 3 * 365;
/// A poll reads yesterday and so many days before it.
const RECENT: u64 = 61;

/// What is timed.
const PAGES: [&str; 9] = [
    "/",
    "/days/0011",
    "/peaks/0011",
    "/year/0011",
    "/quality/0011",
    "/api/v1/days.json",
    "/api/v1/status.json",
    "/metrics",
    "/health",
];
const REQUESTS: usize = 50;

/// What the clients ask for.
const ASKED: [&str; 4] = ["/", "/days/0011", "/peaks/0011", "/year/0011"];
const CLIENTS: usize = 200;
const LOAD: Duration = Duration::from_secs(10);

const RUNS: usize = 5;

/// How long the portal takes for the first answer of a poll, so that the clients are there when it goes on, and for others.
const FIRST: Duration = Duration::from_secs(2);
const LATENCY: Duration = Duration::from_millis(1);

#[tokio::main(flavor = "multi_thread")]
async fn main() {
    let program = program();
    let mut meter = SimulatedMeter::electricity(EAN, SERIAL, before(DAYS));
    meter.published_until = Some(yesterday());
    let mut home = Home::with(Default::default(), vec![meter], Mosquitto::start().await).await;
    home.settings["meters"][0]["history_from"] = json!(before(DAYS - 1));
    home.settings["poll"]["at"] = json!([Home::far_from_now()]);
    let page = Page::of(&mut home);
    let ledger = home.path("three_years.sqlite");
    let mut backfill = command(&home, &program);
    backfill.args(["backfill", "--from", &before(DAYS - 1).to_string(), "--to", &before(RECENT + 1).to_string()]);
    tokio::task::block_in_place(|| run(backfill.stderr(Stdio::null())));
    fs::copy(home.data("ledger.sqlite"), &ledger).unwrap();

    let service = polled(&home, &program, &ledger).await;
    service.logs("Next poll").await;
    let mut times = PAGES.map(|_| Vec::new());
    // In turn, so that what else goes on touches all alike.
    for _ in 0..REQUESTS {
        for (path, times) in PAGES.iter().zip(&mut times) {
            let started = Instant::now();
            ask(&page.address, path).await;
            times.push(started.elapsed());
        }
    }
    for (path, times) in PAGES.iter().zip(times) {
        println!("{path}: {:.2} ms, median of {REQUESTS}", milliseconds(median(times)));
    }
    service.stop().await;

    let mut alone = Vec::new();
    for _ in 0..RUNS {
        let service = polled(&home, &program, &ledger).await;
        alone.push(poll(&home, &service).await);
        service.stop().await;
    }
    println!("a poll of {} days alone, median of {RUNS}: {:.0} ms", RECENT + 1, milliseconds(median(alone.clone())));

    let (mut loaded, mut answers, mut highest) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..RUNS {
        let service = polled(&home, &program, &ledger).await;
        let clients = Clients::start(&page.address);
        let started = Instant::now();
        loaded.push(poll(&home, &service).await);
        tokio::time::sleep(LOAD.saturating_sub(started.elapsed())).await;
        answers.push(clients.stop().await as u128 * 1000 / started.elapsed().as_millis());
        highest.push(memory(service.id(), "VmHWM").unwrap());
        service.stop().await;
    }
    let ratio = milliseconds(median(loaded.clone())) / milliseconds(median(alone));
    println!("while {CLIENTS} clients ask all the time, median of {RUNS}: {:.0} ms", milliseconds(median(loaded)));
    println!("which is {ratio:.2} times as long, on {} cores", std::thread::available_parallelism().unwrap());
    println!("answers a second meanwhile, median of {RUNS}: {}", median(answers));
    println!("memory at the highest, of {RUNS}: {} kB", highest.into_iter().max().unwrap());
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn command(home: &Home, program: &Path) -> Command {
    let mut command = Command::new(program);
    command.arg("--config").arg(home.write_config()).env_clear();
    command
}

/// A service on a ledger that lacks the recent days, whose first poll has begun.
async fn polled(home: &Home, program: &Path, ledger: &Path) -> Running {
    fs::remove_dir_all(home.data_dir()).unwrap();
    fs::create_dir(home.data_dir()).unwrap();
    fs::copy(ledger, home.data("ledger.sqlite")).unwrap();
    home.portal.edit(|world| world.latency = FIRST);
    let before = home.portal.requests().len();
    let service = Running::start(&mut command(home, program));
    until("the poll begins", || (home.portal.requests().len() > before).then_some(())).await;
    home.portal.edit(|world| world.latency = LATENCY);
    service
}

/// How long a poll takes that has just begun, from its second request to its last.
async fn poll(home: &Home, service: &Running) -> Duration {
    let second = home.portal.requests().len();
    service.logs("Next poll").await;
    let requests = home.portal.requests();
    let missing = home.ledger_count("SELECT count(*) FROM day WHERE NOT complete");
    assert!(missing == 0 && requests.len() > second + 60, "{}", service.log());
    (requests.last().unwrap().at - requests[second].at).to_std().unwrap()
}

/// Clients that ask, one request after the other, until they are stopped.
struct Clients {
    are_done: Arc<AtomicBool>,
    answers: Arc<AtomicUsize>,
    tasks: Vec<tokio::task::JoinHandle<()>>,
}

impl Clients {
    fn start(address: &str) -> Self {
        let (are_done, answers) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let client = |number: usize| {
            let (address, are_done, answers) = (address.to_owned(), Arc::clone(&are_done), Arc::clone(&answers));
            tokio::spawn(async move {
                for path in ASKED.iter().cycle().skip(number % ASKED.len()) {
                    if are_done.load(Ordering::Relaxed) {
                        return;
                    }
                    ask(&address, path).await;
                    answers.fetch_add(1, Ordering::Relaxed);
                }
            })
        };
        let tasks = (0..CLIENTS).map(client).collect();
        Self { are_done, answers, tasks }
    }

    /// How many answers there were. Nobody may have been refused.
    async fn stop(self) -> usize {
        self.are_done.store(true, Ordering::Relaxed);
        for task in self.tasks {
            task.await.unwrap();
        }
        self.answers.load(Ordering::Relaxed)
    }
}

/// Asks for a page, which must be there.
async fn ask(address: &str, path: &str) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 200 OK\r\n"), "{path}");
}
