use super::*;
use crate::portal::{Refusal, Step};
use crate::simulator::{Fault, How, Where};

/// What a fault comes to at the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// Logged in after so many passwords.
    In(usize),
    BadCredentials,
    Locked,
    LockedForGood,
    Interactive,
    Unavailable(Step),
    /// With a wait in seconds.
    Busy(Step, u64),
    Changed(Step),
    Throttled,
    MeterRefused(u16),
}

fn end(result: Result<usize, Error>) -> End {
    match result {
        Ok(logins) => End::In(logins),
        Err(Error::Refused { refusal, remembered: false, .. }) => match refusal {
            Refusal::BadCredentials => End::BadCredentials,
            Refusal::LockedUntil(_) => End::Locked,
            Refusal::LockedForGood => End::LockedForGood,
            Refusal::Interactive => End::Interactive,
            Refusal::GivenToken => panic!("nobody has brought a token along"),
        },
        Err(Error::Unavailable { step, retry_after: Some(wait), .. }) => End::Busy(step, wait.as_secs()),
        Err(Error::Unavailable { step, .. }) => End::Unavailable(step),
        Err(Error::Changed { step, .. }) => End::Changed(step),
        Err(Error::Throttled { .. }) => End::Throttled,
        Err(Error::MeterRefused { status }) => End::MeterRefused(status),
        Err(other) => panic!("{other:?}"),
    }
}

fn code(code: &str) -> How {
    How::ErrorCode(format!("AADB2C{code}"))
}

#[tokio::test]
async fn every_fault_of_a_login_has_its_end() {
    use How::{Drop, Html, MissingAuthority, MissingClientId, MissingCsrf, MissingSettings};
    use How::{NewPage, Object, Status, Truncated, WrongState};
    let once = Fault::once;
    let always = Fault::always;
    let table = [
        (once(Where::Settings, Status(503, None)), End::Unavailable(Step::Settings)),
        (once(Where::Settings, Status(404, None)), End::Changed(Step::Settings)),
        (once(Where::Settings, Html), End::Changed(Step::Settings)),
        (once(Where::Settings, Truncated), End::Changed(Step::Settings)),
        (once(Where::Settings, Object), End::Changed(Step::Settings)),
        (once(Where::Settings, Drop), End::Unavailable(Step::Settings)),
        (once(Where::Settings, MissingClientId), End::Changed(Step::Settings)),
        (once(Where::Settings, MissingAuthority), End::In(1)),
        (once(Where::LoginPage, Status(500, None)), End::Unavailable(Step::LoginPage)),
        (once(Where::LoginPage, Status(429, Some(20))), End::Busy(Step::LoginPage, 20)),
        (once(Where::LoginPage, Status(429, Some(120))), End::Throttled),
        (once(Where::LoginPage, Status(400, None)), End::In(1)),
        (always(Where::LoginPage, Status(400, None)), End::Changed(Step::LoginPage)),
        (once(Where::LoginPage, Html), End::Changed(Step::LoginPage)),
        (once(Where::LoginPage, Truncated), End::Changed(Step::LoginPage)),
        (once(Where::LoginPage, Drop), End::Unavailable(Step::LoginPage)),
        (once(Where::LoginPage, MissingSettings), End::Changed(Step::LoginPage)),
        (once(Where::LoginPage, MissingCsrf), End::Changed(Step::LoginPage)),
        (once(Where::LoginPage, code("90091")), End::Interactive),
        (once(Where::Credentials, code("90053")), End::BadCredentials),
        (once(Where::Credentials, code("90225")), End::BadCredentials),
        (once(Where::Credentials, code("99999")), End::BadCredentials),
        (once(Where::Credentials, code("90114")), End::Locked),
        (once(Where::Credentials, code("90157")), End::Locked),
        (once(Where::Credentials, code("90111")), End::LockedForGood),
        (once(Where::Credentials, code("90151")), End::Interactive),
        (once(Where::Credentials, code("90118")), End::Interactive),
        (once(Where::Credentials, code("90244")), End::Unavailable(Step::Credentials)),
        (once(Where::Credentials, code("90046")), End::In(2)),
        (always(Where::Credentials, code("90046")), End::Changed(Step::Credentials)),
        (once(Where::Credentials, Status(400, None)), End::In(2)),
        (once(Where::Credentials, Status(503, None)), End::Unavailable(Step::Credentials)),
        (once(Where::Credentials, Html), End::Changed(Step::Credentials)),
        (once(Where::Credentials, Object), End::Changed(Step::Credentials)),
        (once(Where::Credentials, Truncated), End::Changed(Step::Credentials)),
        (once(Where::Credentials, Drop), End::Unavailable(Step::Credentials)),
        (once(Where::Confirmation, NewPage), End::Interactive),
        (once(Where::Confirmation, code("90091")), End::Interactive),
        (once(Where::Confirmation, code("90035")), End::Unavailable(Step::Confirmation)),
        (once(Where::Confirmation, WrongState), End::In(2)),
        (always(Where::Confirmation, WrongState), End::Changed(Step::Confirmation)),
        (once(Where::Confirmation, Status(400, None)), End::In(2)),
        (once(Where::Confirmation, Status(502, None)), End::Unavailable(Step::Confirmation)),
        (once(Where::Confirmation, Status(404, None)), End::Changed(Step::Confirmation)),
        (once(Where::Token, Status(503, Some(7))), End::Busy(Step::Token, 7)),
        (once(Where::Token, Html), End::Unavailable(Step::Token)),
        (once(Where::Token, Truncated), End::Unavailable(Step::Token)),
        (once(Where::Token, Object), End::Changed(Step::Token)),
        (once(Where::Token, Drop), End::Unavailable(Step::Token)),
        (once(Where::Token, code("90244")), End::Unavailable(Step::Token)),
        (once(Where::Token, code("90091")), End::Interactive),
    ];
    for (fault, expected) in table {
        let portal = start().await;
        portal.fail(fault.clone());
        let result = Bench::new(&portal).log_in().await;
        assert_eq!(end(result.map(|()| portal.logins())), expected, "{fault:?}");
    }
}

#[tokio::test]
async fn every_fault_of_a_reading_has_its_end() {
    let table = [
        (Fault::once(Where::History, How::Status(503, Some(0))), End::In(1)),
        (Fault::once(Where::History, How::Status(429, Some(0))).times(2), End::In(1)),
        (Fault::always(Where::History, How::Status(429, Some(0))), End::Busy(Step::History, 0)),
        (Fault::once(Where::History, How::Status(429, Some(3_600))), End::Throttled),
        (Fault::once(Where::History, How::Status(403, None)), End::MeterRefused(403)),
        (Fault::once(Where::History, How::Status(401, None)), End::In(1)),
        (Fault::always(Where::History, How::Status(401, None)), End::Changed(Step::History)),
        (Fault::once(Where::History, How::Html), End::Changed(Step::History)),
        (Fault::once(Where::History, How::Truncated), End::Changed(Step::History)),
        (Fault::once(Where::History, How::Object), End::Changed(Step::History)),
    ];
    for (fault, expected) in table {
        let portal = start().await;
        portal.fail(fault.clone());
        let bench = Bench::new(&portal);
        let result = read(&portal, &mut bench.client(), POWER, ["2026-10-26"; 2], 1).await;
        let result = result.map(|readings| {
            assert_eq!(readings.len(), 192, "{fault:?}");
            portal.logins()
        });
        assert_eq!(end(result), expected, "{fault:?}");
    }
}

/// The client's waits are skipped by stopping the runtime's clock once nothing but silence is to come.
#[tokio::test]
async fn a_portal_that_never_answers_is_left_after_three_tries() {
    for how in [How::Hang, How::Drop, How::Status(500, None)] {
        let portal = start().await;
        let bench = Bench::new(&portal);
        let mut client = bench.client();
        client.log_in().await.unwrap();
        portal.fail(Fault::always(Where::History, how.clone()));
        tokio::time::pause();
        let result = read(&portal, &mut client, POWER, ["2026-10-26"; 2], 1).await;
        tokio::time::resume();
        assert_eq!(end(result.map(|_| 0)), End::Unavailable(Step::History), "{how:?}");
        assert_eq!(portal.history_requests(POWER), 3, "{how:?}");
        assert_eq!(portal.overlaps(), 0);
        portal.clear_faults();
        assert!(!read(&portal, &mut client, POWER, ["2026-10-26"; 2], 1).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_fault_can_be_of_one_meter_or_one_day() {
    let portal = start().await;
    let bench = Bench::new(&portal);
    let mut client = bench.client();
    portal.fail(Fault::always(Where::History, How::Status(403, None)).for_ean(GAS));
    portal.fail(Fault::always(Where::History, How::Html).for_date(date("2026-10-20")));
    let mut ends = Vec::new();
    for (ean, days) in [
        (POWER, ["2026-10-21", "2026-10-26"]),
        (GAS, ["2026-10-21", "2026-10-22"]),
        (POWER, ["2026-10-18", "2026-10-22"]),
        (POWER, ["2026-10-20", "2026-10-20"]),
        (POWER, ["2026-10-18", "2026-10-19"]),
    ] {
        ends.push(end(read(&portal, &mut client, ean, days, 4).await.map(|_| 1)));
    }
    let changed = End::Changed(Step::History);
    assert_eq!(ends, [End::In(1), End::MeterRefused(403), changed, changed, End::In(1)]);
}

#[tokio::test]
async fn a_fault_in_the_wrong_place_shows() {
    let portal = start().await;
    portal.fail(Fault::once(Where::Settings, How::WrongState));
    assert!(Bench::new(&portal).log_in().await.is_err());
    assert_eq!(portal.requests()[0].status, Some(501));
}
