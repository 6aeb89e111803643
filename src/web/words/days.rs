//! What the pages of days and of a day say of amounts and dates.

use chrono::{DateTime, Datelike as _, NaiveDate, NaiveTime, TimeZone as _, Utc};
use chrono_tz::Tz;

use super::Language;
use crate::config::Meter;
use crate::energy::{Amount, Direction, Register};
use crate::ledger::Amounts;
use crate::web::sums::{DIRECTIONS, total};

impl Language {
    /// A name before what is told of it, such as `Home: `.
    pub(in crate::web) const fn colon(self) -> &'static str {
        match self {
            Self::English | Self::Dutch => ": ",
            Self::French => " : ",
        }
    }

    /// Days that follow each other, such as `25 October – 24 November 2026`.
    pub(in crate::web) fn range(self, first: NaiveDate, last: NaiveDate) -> String {
        let year = if first.year() == last.year() { String::new() } else { format!(" {}", first.year()) };
        format!("{}{year} – {} {}", self.day_of_month(first), self.day_of_month(last), last.year())
    }

    /// The time at which a stretch of a day begins, with its offset when that time comes twice.
    pub(in crate::web) fn begins(self, start: DateTime<Utc>, zone: Tz) -> String {
        let local = start.with_timezone(&zone);
        let time = self.time(local.time());
        if zone.from_local_datetime(&local.naive_local()).single().is_some() {
            return time;
        }
        format!("{time} (UTC{})", local.format("%:z"))
    }

    /// What each direction and its registers have counted, in words.
    pub(in crate::web) fn amounts(self, meter: &Meter, amounts: &Amounts) -> String {
        let told = |direction| {
            let sum = total(amounts, direction)?;
            let name = self.chart().direction(meter.kind, direction);
            let parts = self.registers(direction, amounts).map_or_else(String::new, |parts| format!(" ({parts})"));
            Some(format!("{name} {}{parts}", self.quantity(sum, meter.unit)))
        };
        let told: Vec<_> = DIRECTIONS.into_iter().filter_map(told).collect();
        told.join(" · ")
    }

    /// What the registers of a direction have counted, if it has tariffs.
    pub(in crate::web) fn registers(self, of: Direction, amounts: &Amounts) -> Option<String> {
        let told = |((direction, register), amount): (&(Direction, Register), &Amount)| {
            let name = match register {
                Register::Single => return None,
                Register::High => self.chart().high,
                Register::Low => self.chart().low,
            };
            (*direction == of).then(|| format!("{name} {}", self.amount(*amount)))
        };
        let told: Vec<_> = amounts.iter().filter_map(told).collect();
        (!told.is_empty()).then(|| told.join(" + "))
    }

    /// How many days of a period are known.
    pub(in crate::web) fn known_days(self, known: usize, partial: usize, all: usize) -> String {
        let part = match (self, partial) {
            (_, 0) => String::new(),
            (Self::English, partial) => format!(", and {partial} in part"),
            (Self::Dutch, partial) => format!(", en {partial} gedeeltelijk"),
            (Self::French, partial) => format!(", et {partial} en partie"),
        };
        let alone = match self {
            _ if known == all => "",
            Self::English => " The sums are of what is known alone.",
            Self::Dutch => " De totalen tellen alleen wat bekend is.",
            Self::French => " Les totaux ne comptent que ce qui est connu.",
        };
        match self {
            Self::English => format!("Days known: {known} of {all}{part}.{alone}"),
            Self::Dutch => format!("Bekende dagen: {known} van {all}{part}.{alone}"),
            Self::French => format!("Jours connus : {known} sur {all}{part}.{alone}"),
        }
    }

    /// How many readings are not valid.
    pub(in crate::web) fn estimated(self, readings: u32) -> String {
        match (self, readings) {
            (Self::English, 1) => "1 reading estimated or not validated".to_owned(),
            (Self::English, _) => format!("{readings} readings estimated or not validated"),
            (Self::Dutch, 1) => "1 meetwaarde geschat of niet gevalideerd".to_owned(),
            (Self::Dutch, _) => format!("{readings} meetwaarden geschat of niet gevalideerd"),
            (Self::French, 1) => "1 mesure estimée ou non validée".to_owned(),
            (Self::French, _) => format!("{readings} mesures estimées ou non validées"),
        }
    }

    /// That nothing is known of a day yet, and when it comes: `day` by the clock of the house.
    pub(in crate::web) fn arrives(self, day: NaiveDate, today: NaiveDate, time: NaiveTime) -> String {
        let (day, time) = (self.on(day, today), self.time(time));
        match self {
            Self::English => format!("Nothing is known of this day yet. It usually arrives {day} at about {time}."),
            Self::Dutch => format!("Van deze dag is nog niets bekend. De gegevens komen doorgaans {day} rond {time}."),
            Self::French => {
                format!("Il n'y a pas encore de données pour ce jour. Elles arrivent d'habitude {day} vers {time}.")
            }
        }
    }

    /// That a day should be there and isn't; `days` after its date such a day usually comes.
    pub(in crate::web) fn late(self, days: u64, time: NaiveTime) -> String {
        let time = self.time(time);
        match (self, days) {
            (Self::English, 1) => format!(
                "This day is missing: the portal has given nothing for it so far. A day usually arrives the morning after, at \
                 about {time}."
            ),
            (Self::English, _) => format!(
                "This day is missing: the portal has given nothing for it so far. A day usually arrives {days} days later, at \
                 about {time}."
            ),
            (Self::Dutch, 1) => format!(
                "Deze dag ontbreekt: het portaal leverde er nog niets voor. De gegevens van een dag komen doorgaans de \
                 ochtend erna, rond {time}."
            ),
            (Self::Dutch, _) => format!(
                "Deze dag ontbreekt: het portaal leverde er nog niets voor. De gegevens van een dag komen doorgaans \
                 {days} dagen later, rond {time}."
            ),
            (Self::French, 1) => format!(
                "Ce jour manque : le portail n'a encore rien fourni. Les données d'un jour arrivent d'habitude le \
                 lendemain matin, vers {time}."
            ),
            (Self::French, _) => format!(
                "Ce jour manque : le portail n'a encore rien fourni. Les données d'un jour arrivent d'habitude {days} \
                 jours plus tard, vers {time}."
            ),
        }
    }

    /// When the portal is asked again.
    pub(in crate::web) fn again(self, at: &str) -> String {
        match self {
            Self::English => format!("The portal is asked again {at}."),
            Self::Dutch => format!("Volgende bevraging van het portaal: {at}."),
            Self::French => format!("Prochaine interrogation du portail : {at}."),
        }
    }

    /// That nothing is known of a day before the first one of the history.
    pub(in crate::web) fn before(self, first: NaiveDate) -> String {
        let first = self.full_date(first);
        match self {
            Self::English => format!("Nothing is known of this day: the history begins on {first}."),
            Self::Dutch => format!("Van deze dag is niets bekend: de historiek begint op {first}."),
            Self::French => format!("Aucune donnée pour ce jour : l'historique commence le {first}."),
        }
    }

    /// That nothing is known of a day after the last one that is wanted.
    pub(in crate::web) fn after(self, last: NaiveDate) -> String {
        let last = self.full_date(last);
        match self {
            Self::English => {
                format!("Nothing is known of this day: the configuration asks for days until {last} alone.")
            }
            Self::Dutch => {
                format!("Van deze dag is niets bekend: de configuratie vraagt alleen dagen tot en met {last}.")
            }
            Self::French => {
                format!("Aucune donnée pour ce jour : la configuration ne demande que les jours jusqu'au {last}.")
            }
        }
    }
}
