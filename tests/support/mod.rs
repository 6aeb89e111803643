//! What the tests share: a home with a portal, a broker and a configuration, and the bridge in it.

mod archive;
mod bridge;
mod broker;
mod browser;
mod check;
mod folders;
mod home;
mod home_assistant;
mod house;
mod ingress;
mod listener;
mod page;
mod plain;
mod python;
mod socket;
mod supervisor;
mod terminal;

pub(crate) use archive::{Archive, daily, electric_day, gas_day, intervals};
pub(crate) use bridge::{Finished, Running};
pub(crate) use broker::{Mosquitto, free_port, user_file};
pub(crate) use browser::{Browser, Key};
pub(crate) use check::{Asked, asked_since, assert_totals, average_peak, before, first_days, highest, mean, midnight};
pub(crate) use folders::{target, tools};
pub(crate) use home::{EAN, Home, OTHER_EAN, OTHER_SERIAL, SERIAL, day, yesterday};
pub(crate) use home_assistant::{Household, RealHomeAssistant, Row, client};
pub(crate) use house::House;
pub(crate) use ingress::Ingress;
pub(crate) use listener::{Listener, Message, is_quiet, retained};
pub(crate) use page::Page;
pub(crate) use plain::plain;
pub(crate) use python::{on_a_terminal, open_metrics, python};
pub(crate) use socket::Socket;
pub(crate) use supervisor::Supervisor;
pub(crate) use terminal::Terminal;

use std::time::Duration;

/// The longest that a test waits for something that should happen soon. Machines can be slow.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);

/// How often a condition is looked at that nobody tells about.
pub(crate) const LOOK: Duration = Duration::from_millis(20);

/// Waits until a test gives something.
pub(crate) async fn until<T>(what: &str, mut test: impl FnMut() -> Option<T>) -> T {
    let deadline = tokio::time::Instant::now() + LIMIT;
    loop {
        if let Some(found) = test() {
            return found;
        }
        assert!(tokio::time::Instant::now() < deadline, "waited {} s in vain until {what}", LIMIT.as_secs());
        tokio::time::sleep(LOOK).await;
    }
}
