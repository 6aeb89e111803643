use std::time::Duration;

use super::meter::SimulatedMeter;
use crate::clock::Clock;

/// What may be changed while the portal runs.
pub struct World {
    /// The portal's clock.
    pub clock: Clock,
    /// The e-mail address that may log in.
    pub email: String,
    /// The password that goes with it.
    pub password: String,
    /// The client that the login is meant for; another one at each start.
    pub client_id: String,
    /// The name of the login page, part of an address in the login.
    pub page: String,
    /// The form field of the e-mail address.
    pub login_field: String,
    /// The form field of the password.
    pub password_field: String,
    /// How many seconds an access token lives.
    pub access_lifetime: i64,
    /// How many seconds a refresh token lives; `None` for a portal that gives none.
    pub refresh_lifetime: Option<i64>,
    /// How long each answer takes. Not zero, so that requests side by side are seen.
    pub latency: Duration,
    /// The account's meters.
    pub meters: Vec<SimulatedMeter>,
}

impl World {
    pub(super) fn new(clock: Clock, meters: Vec<SimulatedMeter>) -> Self {
        Self {
            clock,
            // Both hold what is easily lost between a form and its reader.
            email: "jan+fluvius@example.com".to_owned(),
            password: "Zon & wind = 100% + regen/é".to_owned(),
            client_id: client_id(),
            page: "CombinedSigninAndSignup".to_owned(),
            login_field: "signInName".to_owned(),
            password_field: "password".to_owned(),
            access_lifetime: 3_600,
            refresh_lifetime: Some(86_400),
            latency: Duration::from_millis(1),
            meters,
        }
    }

    /// The meter with an EAN.
    #[must_use]
    pub fn meter(&self, ean: &str) -> Option<&SimulatedMeter> {
        self.meters.iter().find(|meter| meter.ean == ean)
    }

    /// The meter with an EAN, to change it.
    pub fn meter_mut(&mut self, ean: &str) -> Option<&mut SimulatedMeter> {
        self.meters.iter_mut().find(|meter| meter.ean == ean)
    }
}

/// Random, in the form that Azure gives its identifiers.
fn client_id() -> String {
    let bits: [u16; 8] = rand::random();
    let [a, b, c, d, e, f, g, h] = bits;
    format!("{a:04x}{b:04x}-{c:04x}-{d:04x}-{e:04x}-{f:04x}{g:04x}{h:04x}")
}
