//! A believable and strict Mijn Fluvius on loopback, for the demo and for tests: the login of Azure AD B2C, the history
//! of meters, and every way in which either is known to fail.
//!
//! This room owns the other side of the wire: invented households, what the portal has published of them and when, and
//! what a request must look like to be answered. It is written from what is known of the portal and shares nothing with
//! the client in `portal`, so that a mistake there shows here. It must not know the ledger, nor any sink.

mod call;
mod counted;
mod fault;
mod history;
mod household;
mod log;
mod meter;
mod page;
mod peaks;
mod server;
mod sign_in;
mod state;
mod tokens;
mod truth;
mod world;

#[cfg(test)]
mod tests;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::NaiveDate;
use tokio::net::TcpListener;
use tokio::sync::watch;

pub use fault::{Fault, How, Where};
pub use household::{Household, Tariffs};
pub use log::Request;
pub use meter::{Gap, Rows, SimulatedMeter};
use state::State;
pub use truth::{DayTruth, SlotTruth, Sums};
pub use world::World;

use crate::clock::Clock;

/// A running portal. It stops when it is dropped.
pub struct Simulator {
    address: SocketAddr,
    state: Shared,
    /// Held open while the portal runs.
    running: watch::Sender<()>,
}

type Shared = Arc<Mutex<State>>;

impl Simulator {
    /// Opens the portal on a free port of loopback.
    ///
    /// # Errors
    /// When no port can be opened.
    pub async fn start(clock: Clock, meters: Vec<SimulatedMeter>) -> io::Result<Self> {
        Self::start_on(0, clock, meters).await
    }

    /// Opens the portal on a given port of loopback.
    ///
    /// # Errors
    /// When the port can't be opened.
    pub async fn start_on(port: u16, clock: Clock, meters: Vec<SimulatedMeter>) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let address = listener.local_addr()?;
        let state = Arc::new(Mutex::new(State::new(format!("http://{address}"), clock, meters)));
        let (running, until) = watch::channel(());
        tokio::spawn(server::serve(listener, Arc::clone(&state), until));
        Ok(Self { address, state, running })
    }

    /// The portal's origin.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The e-mail address that may log in.
    #[must_use]
    pub fn email(&self) -> String {
        self.state().world.email.clone()
    }

    /// The password that goes with it.
    #[must_use]
    pub fn password(&self) -> String {
        self.state().world.password.clone()
    }

    /// Changes the password.
    pub fn set_password(&self, password: &str) {
        password.clone_into(&mut self.state().world.password);
    }

    /// Changes the world while the portal runs, or reads it.
    pub fn edit<T>(&self, change: impl FnOnce(&mut World) -> T) -> T {
        change(&mut self.state().world)
    }

    /// Changes a meter while the portal runs. `None` when there is none with this EAN.
    pub fn edit_meter<T>(&self, ean: &str, change: impl FnOnce(&mut SimulatedMeter) -> T) -> Option<T> {
        self.state().world.meter_mut(ean).map(change)
    }

    /// A copy of a meter as it is now.
    #[must_use]
    pub fn meter(&self, ean: &str) -> Option<SimulatedMeter> {
        self.state().world.meter(ean).cloned()
    }

    /// Adds a fault. Of several that match a request, the first that was added happens.
    pub fn fail(&self, fault: Fault) {
        self.state().faults.push(fault);
    }

    /// Ends all faults.
    pub fn clear_faults(&self) {
        self.state().faults.clear();
    }

    /// Every request since the start, in the order of arrival.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        self.state().log.requests.clone()
    }

    /// How many requests were made for a step.
    #[must_use]
    pub fn count(&self, step: Where) -> usize {
        self.state().log.requests.iter().filter(|request| request.step == Some(step)).count()
    }

    /// How often a password was sent.
    #[must_use]
    pub fn logins(&self) -> usize {
        self.count(Where::Credentials)
    }

    /// How often a refresh token was sent.
    #[must_use]
    pub fn refreshes(&self) -> usize {
        self.count(Where::Refresh)
    }

    /// How many requests were made for the history of a meter.
    #[must_use]
    pub fn history_requests(&self, ean: &str) -> usize {
        let of_meter = |request: &&Request| request.step == Some(Where::History) && request.ean() == Some(ean);
        self.state().log.requests.iter().filter(of_meter).count()
    }

    /// How many requests came while another one was waiting for its answer.
    #[must_use]
    pub fn overlaps(&self) -> usize {
        self.state().log.overlaps
    }

    /// What is published of a day of a meter; `None` when nothing is.
    #[must_use]
    pub fn truth(&self, ean: &str, date: NaiveDate) -> Option<DayTruth> {
        let state = self.state();
        DayTruth::of(state.world.meter(ean)?, date, state.world.clock.now())
    }

    /// The sums of all that is published of these days of a meter.
    #[must_use]
    pub fn expected(&self, ean: &str, days: RangeInclusive<NaiveDate>) -> Sums {
        let dates = days.start().iter_days().take_while(|date| date <= days.end());
        dates.filter_map(|date| self.truth(ean, date)).map(|day| day.sums).sum()
    }

    /// Ends the life of all access tokens, without a word to the client.
    pub fn expire_access_tokens(&self) {
        self.state().tokens.expire_access();
    }

    /// Forgets all sessions: neither access nor refresh tokens are accepted any more.
    pub fn forget_sessions(&self) {
        self.state().tokens.forget();
    }

    /// The access token that was given last.
    #[must_use]
    pub fn access_token(&self) -> Option<String> {
        self.state().tokens.newest_access()
    }

    /// Every token, code, cookie value and `csrf` that was given out since the start.
    #[must_use]
    pub fn secrets(&self) -> Vec<String> {
        self.state().secrets.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        // The other end learns of it when the channel closes; sending wakes it before that.
        self.running.send_replace(());
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
