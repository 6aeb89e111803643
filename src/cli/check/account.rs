//! The account at the portal: the login, and then its meters one after the other.

use super::data_dir::DataDir;
use super::finding::{Finding, Subject};
use super::meter::Asked;
use super::trouble::trouble;
use crate::clock::Clock;
use crate::config::Config;
use crate::portal::{Login, Portal};

/// Logs in, with the session of earlier logins or, beside a service, with one of its own, and asks for each meter.
pub(super) async fn check(config: &Config, clock: Clock, data_dir: &DataDir, tell: &mut impl FnMut(Finding)) {
    let mut meters = config.meters.iter().enumerate();
    let mut hindrance = "there is no login";
    if let Some(mut portal) = log_in(config, clock, data_dir, tell).await {
        hindrance = "the portal failed before that";
        for (index, settings) in &mut meters {
            let subject = Subject::meter(index, settings);
            let asked = Asked { portal: &mut portal, settings, clock, zone: config.fluvius.timezone };
            if asked.check(&subject, tell).await.is_err_and(|error| !error.leaves_others()) {
                break;
            }
        }
    }
    for (index, settings) in meters {
        tell(Finding::not_tried(&Subject::meter(index, settings), hindrance));
    }
}

async fn log_in(config: &Config, clock: Clock, data_dir: &DataDir, tell: &mut impl FnMut(Finding)) -> Option<Portal> {
    let subject = Subject::login();
    let (account, pause, folder) = (&config.fluvius, config.poll.pause, &config.data_dir);
    let portal = match data_dir {
        DataDir::Ours(_) => Portal::new(account, pause, folder, clock),
        DataDir::Theirs => Portal::beside(account, pause, folder, clock),
        DataDir::Unusable => {
            tell(Finding::not_tried(&subject, "without the data directory nobody would remember the login"));
            return None;
        }
    };
    let logged_in = async {
        let mut portal = portal?;
        let login = portal.log_in().await?;
        Ok((portal, login))
    };
    match logged_in.await {
        Ok((portal, login)) => {
            let message = match login {
                Login::New => "the portal takes the e-mail address and the password",
                Login::Kept => "the session of an earlier login goes on, so no password was sent",
            };
            tell(Finding::good(&subject, message).at(account.url.host_str().unwrap_or_default()));
            Some(portal)
        }
        Err(error) => {
            tell(trouble(&subject, &error, account.timezone));
            None
        }
    }
}
