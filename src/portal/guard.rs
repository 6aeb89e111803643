//! The memory of password logins, on disk, so that no number of restarts can lock the account.

use std::fs::File;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use super::error::{Error, Step};
use crate::config::Fluvius;
use crate::private_file;

const FILE: &str = "login.json";

/// Password logins that are allowed in an hour and in a day. Normal running needs one or two a day, and B2C locks an
/// account after ten wrong passwords.
const BUDGET: [(TimeDelta, usize); 2] = [(TimeDelta::hours(1), 4), (TimeDelta::hours(24), 12)];

/// How long a temporary lock is left alone: B2C's locks start at a minute and grow to hours.
const LOCK: TimeDelta = TimeDelta::hours(6);

/// Rounds of PBKDF2: enough to make guessing a password from a stolen file slow, and unnoticed once a poll.
const ROUNDS: u32 = 100_000;

/// A refusal after which no login is tried until something has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// The e-mail address or the password is wrong.
    BadCredentials,
    /// The account is locked for a while.
    LockedUntil(DateTime<Utc>),
    /// The account is locked until the user unlocks it.
    LockedForGood,
    /// The login wants a step that only the user can do.
    Interactive,
    /// An access token that the user has brought along is no longer good, or never was. Nobody has logged in.
    GivenToken,
}

/// What is known of earlier logins.
pub(super) struct Guard {
    path: PathBuf,
    memory: Memory,
}

#[derive(Default, Serialize, Deserialize)]
struct Memory {
    /// When passwords were sent.
    attempts: Vec<DateTime<Utc>>,
    latch: Option<Latch>,
    /// The portal asked for rest until then.
    rest_until: Option<DateTime<Utc>>,
}

#[derive(Serialize, Deserialize)]
struct Latch {
    refusal: Refusal,
    since: DateTime<Utc>,
    /// Tells whether the credentials are still those that were refused, without holding them.
    salt: String,
    digest: String,
}

impl Guard {
    pub(super) fn load(data_dir: &Path) -> Result<Self, Error> {
        let path = data_dir.join(FILE);
        let memory = private_file::read(&path).map_err(file_error)?.unwrap_or_default();
        Ok(Self { path, memory })
    }

    /// Whether a login may be tried at all.
    pub(super) fn check_latch(&mut self, account: &Fluvius, now: DateTime<Utc>) -> Result<(), Error> {
        let _turn = self.take_turn()?;
        let Some(latch) = &self.memory.latch else { return Ok(()) };
        let over = matches!(latch.refusal, Refusal::LockedUntil(until) if until <= now);
        if over || latch.digest != digest(account, &latch.salt) {
            self.memory.latch = None;
            return self.save();
        }
        Err(Error::Refused { refusal: latch.refusal, since: latch.since, remembered: true })
    }

    /// Forgets a refusal that ends with something that the user does at the portal. The budget stays.
    pub(super) fn forget_refusal(&mut self) -> Result<(), Error> {
        let _turn = self.take_turn()?;
        let ends_at_portal = |latch: &Latch| matches!(latch.refusal, Refusal::LockedForGood | Refusal::Interactive);
        if self.memory.latch.as_ref().is_some_and(ends_at_portal) {
            self.memory.latch = None;
            self.save()?;
        }
        Ok(())
    }

    /// Takes one password login from the budget, before the password is sent, so that not even a crash gives it back.
    pub(super) fn spend(&mut self, now: DateTime<Utc>) -> Result<(), Error> {
        let _turn = self.take_turn()?;
        // A clock that was set back must not stop logins for years.
        self.memory.attempts.retain(|at| *at <= now && now.signed_duration_since(at) < TimeDelta::hours(24));
        for (window, allowed) in BUDGET {
            let mut recent: Vec<_> =
                self.memory.attempts.iter().filter(|at| now.signed_duration_since(**at) < window).collect();
            recent.sort();
            let spent = recent.len();
            if let Some(first) = spent.checked_sub(allowed).and_then(|skip| recent.get(skip)) {
                let until = first.checked_add_signed(window).unwrap_or(now);
                return Err(Error::BudgetSpent { spent, until });
            }
        }
        self.memory.attempts.push(now);
        self.save()
    }

    /// Remembers a refusal and makes it an error.
    pub(super) fn latch(&mut self, refusal: Refusal, account: &Fluvius, now: DateTime<Utc>) -> Error {
        let salt = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 16]>());
        let latch = Latch { refusal, since: now, digest: digest(account, &salt), salt };
        let kept = self.take_turn().and_then(|_turn| {
            self.memory.latch = Some(latch);
            self.save()
        });
        match kept {
            Ok(()) => Error::Refused { refusal, since: now, remembered: false },
            Err(error) => error,
        }
    }

    /// A temporary lock, as a refusal.
    pub(super) fn lock(now: DateTime<Utc>) -> Refusal {
        Refusal::LockedUntil(now.checked_add_signed(LOCK).unwrap_or(now))
    }

    /// Whether the portal asked for rest that isn't over.
    pub(super) fn check_rest(&mut self, now: DateTime<Utc>) -> Result<(), Error> {
        let _turn = self.take_turn()?;
        match self.memory.rest_until {
            Some(until) if until > now => Err(Error::Throttled { step: Step::History, until }),
            _ => Ok(()),
        }
    }

    /// Leaves the portal alone until then.
    pub(super) fn rest(&mut self, until: DateTime<Utc>) -> Result<(), Error> {
        let _turn = self.take_turn()?;
        self.memory.rest_until = Some(until);
        self.save()
    }

    /// Reads what other processes have remembered in the meantime, and keeps them out until the turn is over.
    fn take_turn(&mut self) -> Result<File, Error> {
        let folder = self.path.parent().unwrap_or_else(|| Path::new("."));
        let turn = File::open(folder).map_err(file_error)?;
        turn.lock().map_err(file_error)?;
        self.memory = private_file::read(&self.path).map_err(file_error)?.unwrap_or_default();
        Ok(turn)
    }

    fn save(&self) -> Result<(), Error> {
        private_file::write(&self.path, &self.memory).map_err(file_error)
    }
}

fn file_error(cause: std::io::Error) -> Error {
    Error::File { file: FILE, cause }
}

/// Tells whether credentials are still the same, without holding them.
pub(super) fn digest(account: &Fluvius, salt: &str) -> String {
    let secret = format!("{}\0{}", account.email, account.password.expose());
    URL_SAFE_NO_PAD.encode(pbkdf2::pbkdf2_hmac_array::<Sha256, 32>(secret.as_bytes(), salt.as_bytes(), ROUNDS))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::ReadingCodes;
    use crate::secret::Secret;

    fn account(password: &str) -> Fluvius {
        Fluvius {
            email: "jan@example.com".to_owned(),
            password: Secret::new(password.to_owned()),
            url: "https://mijn.fluvius.be".parse().unwrap(),
            timezone: chrono_tz::Europe::Brussels,
            remember_me: false,
            reading_codes: ReadingCodes::Auto,
        }
    }

    fn at(hour: i64, minute: i64) -> DateTime<Utc> {
        "2026-11-24T00:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::minutes(hour * 60 + minute)
    }

    #[test]
    fn four_logins_an_hour_and_twelve_a_day_over_restarts() {
        let folder = tempfile::tempdir().unwrap();
        let spend = |now| Guard::load(folder.path()).unwrap().spend(now);
        for hour in 0..3 {
            for minute in 0..4 {
                spend(at(hour, minute * 10)).unwrap();
            }
            match spend(at(hour, 45)) {
                Err(Error::BudgetSpent { spent: 4, until }) => assert_eq!(until, at(hour + 1, 0)),
                other => panic!("{other:?}"),
            }
        }
        match spend(at(10, 0)) {
            Err(Error::BudgetSpent { spent: 12, until }) => assert_eq!(until, at(24, 0)),
            other => panic!("{other:?}"),
        }
        spend(at(24, 0)).unwrap();
    }

    #[test]
    fn a_refusal_holds_over_restarts_until_the_credentials_change() {
        let folder = tempfile::tempdir().unwrap();
        let load = || Guard::load(folder.path()).unwrap();
        let error = load().latch(Refusal::BadCredentials, &account("wrong-one"), at(0, 0));
        assert!(matches!(error, Error::Refused { remembered: false, .. }));
        let again = load().check_latch(&account("wrong-one"), at(500, 0));
        assert!(matches!(again, Err(Error::Refused { refusal: Refusal::BadCredentials, remembered: true, .. })));
        let stored = std::fs::read_to_string(folder.path().join(FILE)).unwrap();
        assert!(!stored.contains("wrong-one") && !stored.contains("jan@"), "{stored}");
        load().check_latch(&account("right-one"), at(500, 0)).unwrap();
        load().check_latch(&account("wrong-one"), at(500, 0)).unwrap();
    }

    #[test]
    fn only_what_ends_at_the_portal_is_forgotten_on_request() {
        for (refusal, ends) in [
            (Refusal::LockedForGood, true),
            (Refusal::Interactive, true),
            (Refusal::BadCredentials, false),
            (Guard::lock(at(0, 0)), false),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let load = || Guard::load(folder.path()).unwrap();
            let _ = load().latch(refusal, &account("a"), at(0, 0));
            load().spend(at(0, 0)).unwrap();
            load().forget_refusal().unwrap();
            assert_eq!(load().check_latch(&account("a"), at(0, 1)).is_ok(), ends, "{refusal:?}");
            assert_eq!(load().memory.attempts.len(), 1, "the budget stays");
        }
    }

    #[test]
    fn two_processes_share_one_memory() {
        let folder = tempfile::tempdir().unwrap();
        let load = || Guard::load(folder.path()).unwrap();
        let (mut one, mut other) = (load(), load());
        for minute in 0..2 {
            one.spend(at(0, minute)).unwrap();
            other.spend(at(0, minute)).unwrap();
        }
        assert!(matches!(one.spend(at(0, 3)), Err(Error::BudgetSpent { spent: 4, .. })));
        let _ = other.latch(Refusal::BadCredentials, &account("a"), at(0, 4));
        assert!(one.check_latch(&account("a"), at(0, 5)).is_err());
        one.rest(at(1, 0)).unwrap();
        assert!(other.check_rest(at(0, 59)).is_err());
        std::fs::remove_file(folder.path().join(FILE)).unwrap();
        one.check_latch(&account("a"), at(0, 5)).unwrap();
    }

    #[test]
    fn a_temporary_lock_lifts_when_its_time_is_over() {
        let folder = tempfile::tempdir().unwrap();
        let load = || Guard::load(folder.path()).unwrap();
        load().latch(Guard::lock(at(0, 0)), &account("a"), at(0, 0));
        assert!(load().check_latch(&account("a"), at(5, 59)).is_err());
        load().check_latch(&account("a"), at(6, 0)).unwrap();
    }

    #[test]
    fn rest_is_kept_over_restarts() {
        let folder = tempfile::tempdir().unwrap();
        Guard::load(folder.path()).unwrap().rest(at(1, 0)).unwrap();
        assert!(Guard::load(folder.path()).unwrap().check_rest(at(0, 59)).is_err());
        Guard::load(folder.path()).unwrap().check_rest(at(1, 0)).unwrap();
    }
}
