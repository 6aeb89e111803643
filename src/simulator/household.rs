//! Invented households: what they consume and inject, or burn, as a pure function of the seed and the time.
//!
//! Amounts are integer ten-thousandths of a unit, as the portal prints four decimals.

use std::f64::consts::TAU;

use chrono::{DateTime, Datelike as _, NaiveDate, Timelike as _, Utc, Weekday};
use chrono_tz::Europe::Brussels;

use crate::energy::Register;

/// How many registers the electricity meter counts in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tariffs {
    /// One for weekdays from 7 to 22 h, one for the rest.
    HighLow,
    /// One for all hours.
    Single,
}

/// What makes one home different from another.
#[derive(Clone, Copy, Debug)]
pub struct Household {
    /// How many registers count.
    pub tariffs: Tariffs,
    /// Whether there are solar panels.
    pub solar: bool,
    /// Two homes with the same seed live the same life.
    pub seed: u64,
}

/// Geography of the middle of Flanders, in degrees.
const LATITUDE: f64 = 51.0;
const LONGITUDE: f64 = 4.4;

/// What the panels give when the sun stands overhead in a clear sky, in kW.
const PANELS: f64 = 5.2;

/// Ten-thousandths of a kWh in a quarter-hour at one kW.
const PER_KILOWATT: f64 = 2_500.0;

impl Household {
    /// What is consumed and injected in the quarter-hour that begins at an instant.
    pub(super) fn quarter(&self, start: DateTime<Utc>, with_solar: bool) -> (i64, i64) {
        let load = ten_thousandths(self.load(start) * PER_KILOWATT);
        let sun = if with_solar { ten_thousandths(self.sun(start) * PER_KILOWATT) } else { 0 };
        ((load - sun).max(0), (sun - load).max(0))
    }

    /// The cubic metres of gas burnt in the hour that begins at an instant, and the kWh in them. The heat in the gas
    /// differs a little from day to day.
    pub(super) fn gas_hour(&self, start: DateTime<Utc>, gas_day: NaiveDate) -> (i64, i64) {
        let hour = f64::from(start.with_timezone(&Brussels).hour());
        let cold = (winter(start) + 0.4).max(0.0) * (0.7 + 0.6 * self.chance(4, day_number(gas_day)));
        let heating = cold * (0.25 + peak(hour, 7.0, 1.5) + 0.9 * peak(hour, 19.0, 2.5)) * 0.7;
        let water = 0.12 * (peak(hour, 7.0, 1.0) + peak(hour, 20.0, 1.5));
        let metres = (heating + water) * (0.8 + 0.4 * self.chance(5, start.timestamp()));
        // A gas meter counts in litres.
        let volume = ten_thousandths(metres * 1_000.0) * 10;
        let heat = 11_340 + ten_thousandths(self.chance(6, day_number(gas_day)) * 60.0) - 30;
        (volume, (volume * heat + 500) / 1_000)
    }

    /// The power that the home uses, in kW.
    fn load(&self, start: DateTime<Utc>) -> f64 {
        let local = start.with_timezone(&Brussels);
        let hour = f64::from(local.hour()) + f64::from(local.minute()) / 60.0;
        let day = day_number(local.date_naive());
        let free = is_weekend(local.date_naive());
        let wakes = if free { 9.5 } else { 7.25 };
        let living = 0.7 * peak(hour, wakes, 1.0)
            + if free { 0.5 * peak(hour, 13.0, 2.5) } else { 0.15 }
            + 1.3 * peak(hour, 18.75 + self.chance(1, day), 1.75);
        let fridge = if self.chance(2, start.timestamp()) < 0.4 { 0.12 } else { 0.02 };
        let washes_at = 9.0 + (10.0 * self.chance(3, day)).floor();
        let washing = if (washes_at..washes_at + 1.25).contains(&hour) { 1.6 * self.chance(7, day) } else { 0.0 };
        let season = 1.0 + 0.25 * winter(start);
        let mood = 0.8 + 0.4 * self.chance(8, start.timestamp());
        (0.14 + fridge + living * season * mood + washing).max(0.0)
    }

    /// The power that the panels give, in kW.
    fn sun(&self, start: DateTime<Utc>) -> f64 {
        let tilt = -23.44_f64.to_radians() * (TAU * (f64::from(start.ordinal()) + 10.0) / 365.25).cos();
        let hour = f64::from(start.hour()) + (f64::from(start.minute()) + 7.5) / 60.0 + LONGITUDE / 15.0;
        let angle = TAU * (hour - 12.0) / 24.0;
        let latitude = LATITUDE.to_radians();
        let height = latitude.sin() * tilt.sin() + latitude.cos() * tilt.cos() * angle.cos();
        let clear = 0.15 + 0.85 * self.chance(9, day_number(start.date_naive()));
        let cloud = 1.0 - (1.0 - clear) * self.chance(10, start.timestamp());
        PANELS * height.max(0.0) * clear * cloud
    }

    /// A number from 0 up to 1 that belongs to the seed, the purpose and the moment.
    fn chance(&self, purpose: u64, moment: i64) -> f64 {
        let mut bits = self.seed ^ purpose.rotate_left(56) ^ moment.cast_unsigned();
        // The finaliser of SplitMix64, twice, so that neighbours have nothing in common.
        for _ in 0..2 {
            bits = bits.wrapping_add(0x9E37_79B9_7F4A_7C15);
            bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            bits ^= bits >> 31;
        }
        f64::from(u32::try_from(bits >> 32).unwrap_or_default()) / 4_294_967_296.0
    }
}

/// The register that counts at an instant, on a meter with tariffs.
pub(super) fn register_at(start: DateTime<Utc>) -> Register {
    let local = start.with_timezone(&Brussels);
    match (is_weekend(local.date_naive()), local.hour()) {
        (false, 7..22) => Register::High,
        _ => Register::Low,
    }
}

fn is_weekend(date: NaiveDate) -> bool {
    matches!(date.weekday(), Weekday::Sat | Weekday::Sun)
}

/// 1 in the middle of January, -1 in the middle of July.
fn winter(at: DateTime<Utc>) -> f64 {
    (TAU * (f64::from(at.ordinal()) - 15.0) / 365.25).cos()
}

/// A hill of height 1 at an hour of the day.
fn peak(hour: f64, at: f64, width: f64) -> f64 {
    (-((hour - at) / width).powi(2)).exp()
}

fn day_number(date: NaiveDate) -> i64 {
    i64::from(date.num_days_from_ce())
}

fn ten_thousandths(amount: f64) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "a home's quarter-hour is far from the end of the range")]
    let rounded = amount.round() as i64;
    rounded
}
