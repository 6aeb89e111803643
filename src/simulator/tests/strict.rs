use reqwest::header::{ACCEPT, LOCATION};
use serde_json::Value;

use super::raw::{self, Walk};
use super::*;

const DAY: [(&str, &str); 5] = [
    ("historyFrom", "2026-10-26T00:00:00.000+01:00"),
    ("historyUntil", "2026-10-26T23:59:59.999+01:00"),
    ("granularity", "1"),
    ("asServiceProvider", "false"),
    ("meterSerialNumber", "1SAG1100000011"),
];

/// A request for history with some parameters changed: its status, and its number of rows if it has any.
async fn ask(portal: &Simulator, ean: &str, changes: &[(&str, &str)]) -> (u16, Option<usize>) {
    ask_at(portal, "meter-measurement-history", ean, changes)
        .await
        .map_or_else(|status| (status, None), |(status, rows)| (status, Some(rows.len())))
}

pub(super) async fn ask_at(
    portal: &Simulator,
    service: &str,
    ean: &str,
    changes: &[(&str, &str)],
) -> Result<(u16, Vec<Value>), u16> {
    let changed = |name| changes.iter().find(|(key, _)| *key == name).map(|(_, value)| *value);
    let query: Vec<_> = DAY.iter().map(|(name, value)| (*name, changed(*name).unwrap_or(value))).collect();
    let query: Vec<_> = query.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    let answer = raw::client()
        .get(format!("{}/verbruik/api/{service}/{ean}", portal.url()))
        .query(&query)
        .header(ACCEPT, "application/json")
        .bearer_auth(portal.access_token().unwrap_or_default())
        .send()
        .await
        .unwrap();
    let status = answer.status().as_u16();
    let body: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).map_err(|_| status)?;
    body.as_array().map(|rows| (status, rows.clone())).ok_or(status)
}

#[tokio::test]
async fn history_takes_its_parameters_in_one_form_only() {
    let portal = start().await;
    assert_eq!(ask(&portal, POWER, &[]).await, (401, None));
    Bench::new(&portal).log_in().await.unwrap();
    assert_eq!(ask(&portal, POWER, &[]).await, (200, Some(96)));
    for change in [
        ("historyFrom", "2026-10-26T00:00:00.000+02:00"),
        ("historyFrom", "2026-10-26T00:00:00+01:00"),
        ("historyFrom", "2026-10-26T00:00:00.000+0100"),
        ("historyFrom", "2026-10-25T23:00:00.000Z"),
        ("historyFrom", "2026-10-25T23:00:00.000+00:00"),
        ("historyFrom", "2026-10-26T01:00:00.000+01:00"),
        ("historyFrom", "2026-10-27T00:00:00.000+01:00"),
        ("historyFrom", "2026-10-26"),
        ("historyFrom", ""),
        ("historyUntil", "2026-10-26T23:59:59.999+02:00"),
        ("historyUntil", "2026-10-27T00:00:00.000+01:00"),
        ("historyUntil", "2026-10-26T23:59:59.000+01:00"),
        ("historyUntil", ""),
        ("granularity", "quarter"),
        ("granularity", ""),
        ("asServiceProvider", "true"),
        ("asServiceProvider", ""),
        ("meterSerialNumber", ""),
    ] {
        assert_eq!(ask(&portal, POWER, &[change]).await, (400, None), "{change:?}");
    }
    assert_eq!(ask(&portal, "541448860000000035", &[]).await, (200, Some(0)), "somebody else's EAN");
    assert_eq!(ask(&portal, POWER, &[("meterSerialNumber", "1SAG1100000012")]).await, (200, Some(0)));
    assert_eq!(ask(&portal, POWER, &[("granularity", "7")]).await, (200, Some(0)));
}

#[tokio::test]
async fn each_end_has_the_offset_of_its_own_instant() {
    let portal = start().await;
    Bench::new(&portal).log_in().await.unwrap();
    for (from, until, answer) in [
        ("2026-10-25T00:00:00.000+02:00", "2026-10-25T23:59:59.999+01:00", (200, Some(100))),
        ("2026-10-25T00:00:00.000+02:00", "2026-10-25T23:59:59.999+02:00", (400, None)),
        ("2026-10-25T00:00:00.000+01:00", "2026-10-25T23:59:59.999+01:00", (400, None)),
        ("2026-03-29T00:00:00.000+01:00", "2026-03-29T23:59:59.999+02:00", (200, Some(92))),
        ("2026-03-29T00:00:00.000+01:00", "2026-03-29T23:59:59.999+01:00", (400, None)),
    ] {
        let span = [("historyFrom", from), ("historyUntil", until)];
        assert_eq!(ask(&portal, POWER, &span).await, answer, "{span:?}");
    }
}

#[tokio::test]
async fn history_has_its_limits() {
    let portal = start().await;
    Bench::new(&portal).log_in().await.unwrap();
    portal.edit_meter(POWER, |meter| meter.history_from = date("2020-01-01")).unwrap();
    portal.edit_meter(POWER, |meter| meter.fine_since = date("2026-10-01")).unwrap();
    for (from, until, code, answer) in [
        ("2026-10-25T00:00:00.000+02:00", "2026-10-26T23:59:59.999+01:00", "1", (200, Some(0))),
        ("2026-10-25T00:00:00.000+02:00", "2026-10-26T23:59:59.999+01:00", "4", (200, Some(2))),
        ("2026-09-26T00:00:00.000+02:00", "2026-10-26T23:59:59.999+01:00", "4", (200, Some(31))),
        ("2026-09-25T00:00:00.000+02:00", "2026-10-26T23:59:59.999+01:00", "4", (400, None)),
        ("2026-10-26T00:00:00.000+01:00", "2026-10-28T23:59:59.999+01:00", "4", (200, Some(1))),
        ("2026-09-30T00:00:00.000+02:00", "2026-09-30T23:59:59.999+02:00", "1", (200, Some(0))),
        ("2026-09-30T00:00:00.000+02:00", "2026-09-30T23:59:59.999+02:00", "4", (200, Some(1))),
        ("2023-10-20T00:00:00.000+02:00", "2023-10-29T23:59:59.999+01:00", "4", (200, Some(2))),
        ("2026-10-26T06:00:00.000+01:00", "2026-10-27T05:59:59.999+01:00", "1", (400, None)),
    ] {
        let changes = [("historyFrom", from), ("historyUntil", until), ("granularity", code)];
        assert_eq!(ask(&portal, POWER, &changes).await, answer, "{changes:?}");
    }
    for (from, until) in [
        ("2026-10-24T06:00:00.000+02:00", "2026-10-25T05:59:59.999+01:00"),
        ("2026-10-24T00:00:00.000+02:00", "2026-10-24T23:59:59.999+02:00"),
    ] {
        let serial = ("meterSerialNumber", "7FLO1100000028");
        let days = [("historyFrom", from), ("historyUntil", until), serial, ("granularity", "4")];
        assert_eq!(ask(&portal, GAS, &days).await, (200, Some(1)), "{days:?}");
    }
}

#[tokio::test]
async fn rows_look_as_the_portal_writes_them() {
    let portal = start().await;
    Bench::new(&portal).log_in().await.unwrap();
    portal.edit_meter(POWER, |meter| meter.statuses.insert(date("2026-10-26"), 1)).unwrap();
    let (_, rows) = ask_at(&portal, "meter-measurement-history", POWER, &[]).await.unwrap();
    let truth = portal.truth(POWER, date("2026-10-26")).unwrap();
    let consumed = truth.slots[0].sums.consumption_low;
    let amount: Value =
        serde_json::from_str(&format!("{}.{:04}", consumed / 1_000_000, consumed / 100 % 10_000)).unwrap();
    let expected = serde_json::json!({
        "d": "2026-10-25T23:00:00Z", "de": "2026-10-25T23:15:00Z",
        "v": [
            { "dc": 2, "t": 1, "st": 0, "v": amount, "vs": 1, "u": 3, "gcuv": null },
            { "dc": 2, "t": 2, "st": 0, "v": 0.0, "vs": 1, "u": 3, "gcuv": null },
        ],
    });
    assert_eq!(rows[0], expected);
}

#[tokio::test]
async fn the_login_page_wants_every_parameter() {
    let portal = start().await;
    let ask = async |query: &[(&str, String)]| {
        raw::client().get(raw::authorize_url(&portal)).query(query).send().await.unwrap().status().as_u16()
    };
    let right = raw::authorize_query(&portal);
    assert_eq!(ask(&right).await, 302);
    for (at, (name, _)) in right.iter().enumerate() {
        let mut query = right.clone();
        query[at].1.truncate(3);
        assert_eq!(ask(&query).await, 400, "{name} cut");
        query.remove(at);
        assert_eq!(ask(&query).await, 400, "{name} left out");
    }
    let plain = reqwest::Client::builder().user_agent("curl/8").build().unwrap();
    assert_eq!(plain.get(raw::authorize_url(&portal)).query(&right).send().await.unwrap().status(), 403);
}

#[tokio::test]
async fn cookies_come_back_byte_for_byte_or_not_at_all() {
    let portal = start().await;
    let walk = Walk::to_the_page(&portal).await;
    assert_eq!(walk.cookies.len(), 4);
    assert!(walk.cookies.iter().any(|(name, _)| name == "x-ms-cpim-cache|id_0"));
    let right = walk.cookie_line();
    let status = async |cookies: &str| {
        let answer = walk.credentials_with(cookies, &walk.tx, &walk.csrf, "wrong").send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    assert_eq!(status(&right.replace("; ", ";")).await.0, 200);
    for wrong in [
        right.replace('|', "%7C"),
        right.replace("==", "%3D%3D"),
        right.replace("==", ""),
        right.replacen("=+", "=\"+", 1),
        right.replace('/', "%2F"),
        right.replace('+', " "),
        right.split_once("; ").unwrap().1.to_owned(),
        String::new(),
    ] {
        assert_ne!(wrong, right);
        assert_eq!(status(&wrong).await, (400, String::new()), "{wrong}");
    }
}

#[tokio::test]
async fn the_password_and_its_confirmation_belong_to_one_transaction() {
    let portal = start().await;
    let (walk, other) = (Walk::to_the_page(&portal).await, Walk::to_the_page(&portal).await);
    let status = async |request: reqwest::RequestBuilder| request.send().await.unwrap().status().as_u16();
    let line = walk.cookie_line();
    assert_eq!(status(walk.confirmation()).await, 400, "before the password");
    assert_eq!(status(walk.credentials_with(&line, &other.tx, &walk.csrf, "x")).await, 400);
    assert_eq!(status(walk.credentials_with(&line, &walk.tx, &other.csrf, "x")).await, 400);
    for header in ["X-Requested-With", "Origin", "Referer", "Content-Type", "User-Agent"] {
        let mut request = walk.credentials().build().unwrap();
        request.headers_mut().insert(header, "other".parse().unwrap());
        assert_eq!(walk.client.execute(request).await.unwrap().status(), 400, "{header}");
    }
    let refused = walk.credentials_with(&line, &walk.tx, &walk.csrf, "wrong").send().await.unwrap();
    assert!(refused.headers()["content-type"].to_str().unwrap().starts_with("text/html"));
    let refused: Value = serde_json::from_str(&refused.text().await.unwrap()).unwrap();
    assert_eq!((&refused["status"], &refused["errorCode"]), (&"400".into(), &"AADB2C90053".into()));
    assert_eq!(status(walk.credentials()).await, 200);
    assert_eq!(status(walk.confirmation_with(&other.csrf, &walk.tx)).await, 400);
    assert_eq!(status(walk.confirmation_with(&walk.csrf, &other.tx)).await, 400);
    let confirmed = walk.confirmation().send().await.unwrap();
    let next = confirmed.url().join(confirmed.headers()[LOCATION].to_str().unwrap()).unwrap();
    let stale = walk.client.get(next).header("cookie", &line).send().await.unwrap();
    assert_eq!(stale.status(), 400, "the confirmation has changed a cookie");
}

#[tokio::test]
async fn a_code_gives_tokens_once_and_only_to_who_asked_for_it() {
    let portal = start().await;
    for change in [
        ("code_verifier", "another-verifier-of-at-least-forty-three-characters"),
        ("code", "other"),
        ("redirect_uri", "http://127.0.0.1/"),
        ("client_id", "other"),
        ("scope", "openid"),
        ("grant_type", "password"),
    ] {
        let (walk, code) = Walk::to_the_code(&portal).await;
        assert_eq!(walk.token(&walk.code_form(&code, &[change])).await.0, 400, "{change:?}");
    }
    let (walk, code) = Walk::to_the_code(&portal).await;
    let (status, tokens) = walk.token(&walk.code_form(&code, &[])).await;
    assert_eq!((status, &tokens["expires_in"], &tokens["token_type"]), (200, &3_600.into(), &"Bearer".into()));
    let (status, again) = walk.token(&walk.code_form(&code, &[])).await;
    assert_eq!((status, &again["error"]), (400, &"invalid_grant".into()));
    let (walk, code) = Walk::to_the_code(&portal).await;
    portal.edit(|world| world.clock = Clock::starting_at(at("2026-10-27T10:02:00Z")));
    assert_eq!(walk.token(&walk.code_form(&code, &[])).await.0, 400, "after a minute");
}

#[tokio::test]
async fn a_refresh_token_works_once() {
    let portal = start().await;
    let (walk, code) = Walk::to_the_code(&portal).await;
    let (_, first) = walk.token(&walk.code_form(&code, &[])).await;
    let old = walk.refresh_form(first["refresh_token"].as_str().unwrap());
    let (status, second) = walk.token(&old).await;
    assert_eq!(status, 200);
    assert_ne!(first["refresh_token"], second["refresh_token"]);
    let (status, refused) = walk.token(&old).await;
    assert_eq!((status, &refused["error"]), (400, &"invalid_grant".into()));
    assert!(refused["error_description"].as_str().unwrap().starts_with("AADB2C90080"));
    assert_eq!(walk.token(&walk.refresh_form(second["refresh_token"].as_str().unwrap())).await.0, 200);
}

#[tokio::test]
async fn requests_side_by_side_are_counted() {
    let portal = start().await;
    portal.edit(|world| world.latency = Duration::from_millis(200));
    let url = format!("{}/api/global/msal/config", portal.url());
    let ask = async || raw::client().get(&url).send().await.unwrap();
    ask().await;
    ask().await;
    assert_eq!(portal.overlaps(), 0);
    tokio::join!(ask(), ask(), ask());
    assert_eq!(portal.overlaps(), 2);
}
