use super::*;
use crate::portal::Refusal;
use crate::simulator::{Fault, How, Where};

#[tokio::test]
async fn a_login_gives_a_day_of_quarters_with_the_exact_sums() {
    let portal = start().await;
    let bench = Bench::new(&portal);
    let readings = read(&portal, &mut bench.client(), POWER, ["2026-10-26"; 2], 1).await.unwrap();
    assert_eq!(readings.len(), 96 * 2);
    let expected = portal.expected(POWER, date("2026-10-26")..=date("2026-10-26"));
    assert!(expected.consumption_high > 0 && expected.consumption_low > 0 && expected.injection_high > 0);
    assert_eq!(sums(MeterKind::Electricity, &readings), expected);
    assert_eq!((portal.logins(), portal.refreshes(), portal.history_requests(POWER)), (1, 0, 1));
    let steps: Vec<_> = portal.requests().iter().map(|request| (request.step.unwrap(), request.status)).collect();
    assert_eq!(
        steps,
        [
            (Where::Settings, Some(200)),
            (Where::LoginPage, Some(302)),
            (Where::LoginPage, Some(200)),
            (Where::Credentials, Some(200)),
            (Where::Confirmation, Some(302)),
            (Where::Confirmation, Some(302)),
            (Where::Token, Some(200)),
            (Where::History, Some(200)),
        ]
    );
    assert_eq!(portal.overlaps(), 0);
}

#[tokio::test]
async fn a_month_of_days_and_a_day_of_gas_have_the_exact_sums() {
    let portal = start().await;
    let bench = Bench::new(&portal);
    let mut client = bench.client();
    let days = read(&portal, &mut client, POWER, ["2026-09-26", "2026-10-26"], 4).await.unwrap();
    let expected = portal.expected(POWER, date("2026-09-26")..=date("2026-10-26"));
    assert_eq!(sums(MeterKind::Electricity, &days), expected);
    for code in [2, 4] {
        let gas = read(&portal, &mut client, GAS, ["2026-10-24"; 2], code).await.unwrap();
        let expected = portal.expected(GAS, date("2026-10-24")..=date("2026-10-24"));
        assert!(expected.gas_volume > 0);
        assert_eq!(sums(MeterKind::Gas, &gas), expected, "granularity {code}");
    }
}

#[tokio::test]
async fn days_on_which_the_clocks_change_are_shorter_and_longer() {
    let portal = start().await;
    let bench = Bench::new(&portal);
    let mut client = bench.client();
    for (day, quarters) in [("2026-03-29", 92), ("2026-10-25", 100), ("2026-10-24", 96)] {
        let readings = read(&portal, &mut client, POWER, [day; 2], 1).await.unwrap();
        assert_eq!(readings.len(), quarters * 2, "{day}");
        assert_eq!(portal.truth(POWER, date(day)).unwrap().slots.len(), quarters, "{day}");
        assert_eq!(sums(MeterKind::Electricity, &readings), portal.expected(POWER, date(day)..=date(day)), "{day}");
    }
    for (day, hours) in [("2026-03-28", 23), ("2026-10-24", 25)] {
        let readings = read(&portal, &mut client, GAS, [day; 2], 2).await.unwrap();
        assert_eq!(readings.len(), hours * 2, "the gas day that begins on {day}");
    }
}

#[tokio::test]
async fn an_expired_token_is_refreshed_without_a_password() {
    let portal = start().await;
    let bench = Bench::new(&portal);
    portal.edit(|world| world.access_lifetime = 300);
    bench.log_in().await.unwrap();
    for hours in [1, 2, 3] {
        let later = at("2026-10-27T10:00:00Z") + chrono::TimeDelta::hours(hours);
        portal.edit(|world| world.clock = Clock::starting_at(later));
        read(&portal, &mut bench.client(), POWER, ["2026-10-26"; 2], 4).await.unwrap();
    }
    assert_eq!((portal.logins(), portal.refreshes()), (1, 3));
    portal.edit(|world| world.clock = Clock::starting_at(at("2026-10-29T10:00:00Z")));
    bench.log_in().await.unwrap();
    assert_eq!((portal.logins(), portal.refreshes()), (2, 3), "the refresh token's day is over");
}

#[tokio::test]
async fn tokens_that_end_between_two_requests_are_renewed() {
    let portal = start().await;
    let bench = Bench::new(&portal);
    let mut client = bench.client();
    client.log_in().await.unwrap();
    portal.expire_access_tokens();
    assert!(!read(&portal, &mut client, POWER, ["2026-10-26"; 2], 1).await.unwrap().is_empty());
    assert_eq!((portal.logins(), portal.refreshes(), portal.history_requests(POWER)), (1, 1, 2));
    portal.forget_sessions();
    assert!(!read(&portal, &mut client, POWER, ["2026-10-26"; 2], 1).await.unwrap().is_empty());
    assert_eq!((portal.logins(), portal.refreshes(), portal.history_requests(POWER)), (2, 2, 4));
}

#[tokio::test]
async fn a_refresh_that_fails_is_a_login_or_a_reason_to_wait() {
    for (how, logins) in
        [(How::ErrorCode("AADB2C90080".into()), Some(2)), (How::Status(500, None), None), (How::Html, None)]
    {
        let portal = start().await;
        let bench = Bench::new(&portal);
        bench.log_in().await.unwrap();
        portal.edit(|world| world.clock = Clock::starting_at(at("2026-10-27T12:00:00Z")));
        portal.fail(Fault::once(Where::Refresh, how.clone()));
        match (bench.log_in().await, logins) {
            (Ok(()), Some(logins)) => assert_eq!(portal.logins(), logins),
            (Err(Error::Unavailable { .. }), None) => assert_eq!(portal.logins(), 1, "{how:?}"),
            other => panic!("{how:?}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_portal_without_refresh_tokens_wants_the_password_again() {
    let portal = start().await;
    portal.edit(|world| world.refresh_lifetime = None);
    let bench = Bench::new(&portal);
    bench.log_in().await.unwrap();
    bench.log_in().await.unwrap();
    assert_eq!(portal.logins(), 1, "the access token still lives");
    portal.edit(|world| world.clock = Clock::starting_at(at("2026-10-27T12:00:00Z")));
    bench.log_in().await.unwrap();
    assert_eq!((portal.logins(), portal.refreshes()), (2, 0));
}

#[tokio::test]
async fn a_wrong_password_is_sent_once_even_over_restarts() {
    let portal = start().await;
    let bench = Bench::new(&portal);
    let first = bench.client_with("wrong").log_in().await;
    assert!(matches!(first, Err(Error::Refused { refusal: Refusal::BadCredentials, remembered: false, .. })));
    let requests = portal.requests().len();
    for _ in 0..3 {
        let again = bench.client_with("wrong").log_in().await;
        assert!(matches!(again, Err(Error::Refused { refusal: Refusal::BadCredentials, remembered: true, .. })));
    }
    assert_eq!((portal.logins(), portal.requests().len()), (1, requests));
    portal.set_password("wrong after all");
    bench.client_with("wrong after all").log_in().await.unwrap();
    assert_eq!(portal.logins(), 2);
}

#[tokio::test]
async fn the_eleventh_wrong_password_finds_the_account_locked() {
    let portal = start().await;
    let attempt = async |password: &str| Bench::new(&portal).client_with(password).log_in().await;
    for _ in 0..10 {
        let refused = attempt("wrong").await;
        assert!(matches!(refused, Err(Error::Refused { refusal: Refusal::BadCredentials, .. })));
    }
    let locked = attempt(&portal.password()).await;
    assert!(matches!(locked, Err(Error::Refused { refusal: Refusal::LockedUntil(_), .. })), "{locked:?}");
    portal.edit(|world| world.clock = Clock::starting_at(at("2026-10-27T10:05:00Z")));
    attempt(&portal.password()).await.unwrap();
}

#[tokio::test]
async fn the_login_goes_by_what_the_pages_say() {
    let portal = start().await;
    portal.edit(|world| {
        world.page = "SelfAsserted2".into();
        world.login_field = "logonIdentifier".into();
        world.password_field = "geheim".into();
    });
    Bench::new(&portal).log_in().await.unwrap();
}

#[tokio::test]
async fn swapped_codes_are_read_with_the_other_setting() {
    let portal = start().await;
    portal.edit_meter(POWER, |meter| meter.swapped_codes = true).unwrap();
    let expected = portal.expected(POWER, date("2026-10-26")..=date("2026-10-26"));
    for (codes, right) in [(ReadingCodes::DcIsDirection, true), (ReadingCodes::TIsDirection, false)] {
        let mut bench = Bench::new(&portal);
        bench.codes = codes;
        let readings = read(&portal, &mut bench.client(), POWER, ["2026-10-26"; 2], 1).await.unwrap();
        assert_eq!(sums(MeterKind::Electricity, &readings) == expected, right, "{codes:?}");
    }
}

#[tokio::test]
async fn a_portal_that_is_gone_refuses_connections() {
    let portal = start().await;
    let bench = Bench::new(&portal);
    let mut client = bench.client();
    let _folder = bench.folder;
    drop(portal);
    assert!(matches!(client.log_in().await, Err(Error::Unavailable { .. })));
}
