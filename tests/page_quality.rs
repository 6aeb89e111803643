//! The page on data quality, and the days as JSON, tell what is missing of a meter and why, what is uncertain, and what the
//! portal has changed.

use chrono::{NaiveDate, TimeDelta};
use chrono_tz::Europe::Brussels;
use fluvius2mqtt::energy::{MeterDay, MeterKind};
use fluvius2mqtt::simulator::{DayTruth, Gap, Rows, SimulatedMeter};
use serde_json::{Value, json};

use crate::gas::{GAS_EAN, GAS_SERIAL, last_day};
use crate::support::{EAN, Home, Mosquitto, Page, SERIAL, before, yesterday};

/// What the languages call the kinds of days, in the order of the page.
const TITLES: [(&str, [&str; 5]); 3] = [
    (
        "en",
        [
            "Missing days",
            "Incomplete days",
            "Days with a daily total only",
            "Days with estimated readings",
            "Corrected days",
        ],
    ),
    (
        "nl",
        [
            "Ontbrekende dagen",
            "Onvolledige dagen",
            "Dagen met alleen een dagtotaal",
            "Dagen met geschatte waarden",
            "Gecorrigeerde dagen",
        ],
    ),
    (
        "fr",
        [
            "Jours manquants",
            "Jours incomplets",
            "Jours avec total journalier seul",
            "Jours avec valeurs estimées",
            "Jours corrigés",
        ],
    ),
];

/// A home whose meter has quarter-hours for ten days and daily totals for eleven before that, a day that is withheld, one with
/// gaps and one that is estimated.
async fn home() -> (Home, Page) {
    let mut home = Home::new().await;
    home.settings["meters"][0]["history_from"] = json!(before(20));
    home.settings["meters"][0]["name"] = json!("Home");
    home.settings["poll"]["at"] = json!([Home::far_from_now()]);
    home.portal.edit_meter(EAN, |meter| {
        meter.fine_since = before(9);
        meter.withheld.insert(before(5));
        let noon = MeterDay::new(MeterKind::Electricity, before(4), Brussels).unwrap().interval().start();
        meter.gaps.insert(noon + TimeDelta::hours(12), Gap::NoRow);
        meter.statuses.insert(before(2), 8);
    });
    let page = Page::of(&mut home);
    (home, page)
}

/// What is published of a day.
fn truth(home: &Home, date: NaiveDate) -> DayTruth {
    home.portal.truth(EAN, date).unwrap()
}

/// Polls with the service, and leaves it running.
async fn poll(home: &Home, page: &Page) -> crate::support::Running {
    let bridge = home.run();
    page.shows("a poll", |shown| shown["last_poll"].is_string()).await;
    bridge
}

async fn days(page: &Page, query: &str) -> Value {
    let (status, text) = page.get(&format!("/api/v1/days.json{query}"), "en").await.unwrap();
    assert_eq!(status, 200, "{text}");
    assert!(!text.contains(EAN), "{text}");
    serde_json::from_str(&text).unwrap()
}

/// The entry of a section of the page, from its title until the next one.
fn section<'a>(html: &'a str, title: &str) -> &'a str {
    let (_, after) = html.split_once(&format!(">{title}</h2>")).unwrap_or_else(|| panic!("no {title} in {html}"));
    after.split("</section>").next().unwrap()
}

/// An amount as a page shows it.
fn shown(millionths: i64, language: &str) -> String {
    let thousandths = (millionths.abs() + 500) / 1_000;
    let sign = if millionths < 0 { "−" } else { "" };
    let comma = if language == "en" { '.' } else { ',' };
    format!("{sign}{}{comma}{:03}", thousandths / 1_000, thousandths % 1_000)
}

/// What a correction has changed of the consumption of a day: how many readings, their sum before and after.
fn change(before: &DayTruth, after: &DayTruth) -> (usize, i64, i64) {
    let both = before.slots.iter().zip(&after.slots).map(|(old, new)| (old.sums.consumption(), new.sums.consumption()));
    let changed: Vec<_> = both.filter(|(old, new)| old != new).collect();
    let sum = |side: fn(&(i64, i64)) -> i64| changed.iter().map(side).sum();
    (changed.len(), sum(|(old, _)| *old), sum(|(_, new)| *new))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_and_the_json_tell_of_each_kind_of_day_and_of_each_correction() {
    let (home, page) = home().await;
    drop(poll(&home, &page).await);
    let (up, down) = (before(1), yesterday());
    let then = [up, down].map(|date| truth(&home, date));
    home.portal.edit_meter(EAN, |meter| {
        meter.corrections.insert(up, 125);
        meter.corrections.insert(down, -333);
    });
    home.let_an_hour_pass();
    let _bridge = poll(&home, &page).await;
    let now = [up, down].map(|date| truth(&home, date));
    let changes = [change(&then[0], &now[0]), change(&then[1], &now[1])];
    assert!(changes[0].2 > changes[0].1 && changes[1].2 < changes[1].1, "{changes:?}");

    for (language, titles) in TITLES {
        let (status, html) = page.get("/quality/0011", language).await.unwrap();
        assert_eq!(status, 200);
        assert!(!html.contains(EAN), "{html}");
        let [missing, partial, daily, estimated, corrected] = titles.map(|title| section(&html, title));
        let link = |date: NaiveDate| format!("href=\"../day/0011/{date}\"");
        for (section, date) in [(missing, before(5)), (partial, before(4)), (estimated, before(2))] {
            assert_eq!(section.matches("href").count(), 1, "{section}");
            assert!(section.contains(&link(date)), "{section}");
        }
        assert_eq!(daily.matches("href").count(), 2, "days in a row are one entry: {daily}");
        assert!(daily.contains(&link(before(20))) && daily.contains(&link(before(10))), "{daily}");
        let readings = 2 * truth(&home, before(2)).slots.len();
        assert!(estimated.contains(&format!("{readings} ")), "{estimated}");
        assert!(corrected.find(&link(down)) < corrected.find(&link(up)), "the newest is first: {corrected}");
        for (readings, before, after) in changes {
            let sign = if after > before { "+" } else { "" };
            let amounts = format!("{} → {} kWh", shown(before, language), shown(after, language));
            let difference = format!(">{sign}{} kWh<", shown(after - before, language));
            for text in [format!(", {readings} "), amounts, difference] {
                assert!(corrected.contains(&text), "{text} in {corrected}");
            }
        }
    }

    let (_, html) = page.get("/quality/0011", "en").await.unwrap();
    let since = before(20).format("%-d %B %Y");
    let summary = format!(
        "Of 21 days since {since}, 8 are complete, 11 are known as daily totals, 1 is incomplete and 1 is missing. 1 day rests \
         on estimated readings. 2 days were corrected by the portal."
    );
    assert!(html.contains(&summary), "{html}");
    assert!(section(&html, "Missing days").contains(" – late, the portal hasn't published it yet; asked for again "));
    assert!(section(&html, "Incomplete days").contains(" – the rest is awaited"), "{html}");

    let told = days(&page, "").await;
    assert_eq!(told["meters"].as_array().unwrap().len(), 1);
    let meter = &told["meters"][0];
    assert_eq!(
        (&meter["id"], &meter["name"], &meter["kind"], &meter["unit"]),
        (&json!("0011"), &json!("Home"), &json!("electricity"), &json!("kWh"))
    );
    let dates: Vec<NaiveDate> = before(20).iter_days().take(21).collect();
    let told: Vec<&Value> = meter["days"].as_array().unwrap().iter().collect();
    assert_eq!(
        told.iter().map(|day| day["date"].clone()).collect::<Vec<_>>(),
        dates.iter().map(|date| json!(date)).collect::<Vec<_>>()
    );
    for (day, date) in told.into_iter().zip(dates) {
        if date == before(5) {
            assert_eq!(*day, json!({"date": date, "quality": "missing"}), "nothing is no number");
            continue;
        }
        let truth = truth(&home, date);
        let kwh = |millionths| Home::kwh(millionths);
        let mut expected = json!({
            "date": date, "quality": "complete", "resolution": "quarter",
            "consumption": kwh(truth.sums.consumption()), "injection": kwh(truth.sums.injection()),
        });
        let mut day = day.clone();
        if date < before(9) {
            (expected["quality"], expected["resolution"]) = (json!("daily_only"), json!("day"));
        } else if date == before(4) {
            expected["quality"] = json!("partial");
            expected.as_object_mut().unwrap().remove("resolution");
        } else if date == before(2) {
            expected["estimated_readings"] = json!(2 * truth.slots.len());
        } else if let Some(at) = [up, down].iter().position(|corrected| *corrected == date) {
            let (readings, before, after) = changes[at];
            let seen = day["corrections"][0].as_object_mut().unwrap().remove("at").unwrap();
            let seen: chrono::DateTime<chrono::FixedOffset> = seen.as_str().unwrap().parse().unwrap();
            assert!((chrono::Utc::now() - seen.to_utc()).num_minutes() < 10, "{seen}");
            expected["corrections"] = json!([{
                "direction": "consumption", "interval_seconds": 900, "readings": readings,
                "before": kwh(before), "after": kwh(after),
            }]);
        }
        assert_eq!(day, expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_json_gives_the_days_that_are_asked_for_and_says_what_to_ask() {
    let (home, page) = home().await;
    let _bridge = poll(&home, &page).await;
    let (from, to) = (before(25), before(18));
    let told = days(&page, &format!("?meter=0011&from={from}&to={to}")).await;
    let told = told["meters"][0]["days"].as_array().unwrap();
    let qualities: Vec<_> = told.iter().map(|day| day["quality"].as_str().unwrap()).collect();
    assert_eq!(
        qualities,
        ["missing", "missing", "missing", "missing", "missing", "daily_only", "daily_only", "daily_only"]
    );
    assert_eq!((&told[0]["date"], &told[7]["date"]), (&json!(from), &json!(to)));
    let told = days(&page, "?from=2999-01-01").await;
    assert_eq!(told["meters"][0]["days"], json!([]));
    let told = days(&page, "?from=0001-01-01&to=2999-12-31").await;
    let all = told["meters"][0]["days"].as_array().unwrap();
    assert!(all.len() < 3 * 366 + 2, "no more than the portal could have");
    assert_eq!(all.last().unwrap()["date"], json!(yesterday()));

    for (query, status, says) in [
        ("from=yesterday", 400, "`from` is `yesterday`, which is no date; write one as in from=2026-11-24."),
        ("from=2026-02-02&to=2026-02-01", 400, "`from` is after `to`; write from=2026-02-01&to=2026-02-02."),
        ("day=2026-02-02", 400, "`day` isn't known; there are meter=0011, from=2026-11-01 and to=2026-11-24."),
        ("meter=0012", 404, "There is no meter `0012`; there are 0011."),
    ] {
        let (answered, text) = page.get(&format!("/api/v1/days.json?{query}"), "en").await.unwrap();
        assert_eq!((answered, serde_json::from_str(&text).ok()), (status, Some(json!({"error": says}))), "{text}");
    }
    for (path, expected) in [("/quality/0012", 404), ("/quality/0011?year=1999", 404), ("/quality/0011?year=x", 400)] {
        assert_eq!(page.get(path, "en").await.unwrap().0, expected, "{path}");
    }
    let (_, html) = page.get(&format!("/quality/0011?year={}", yesterday().format("%Y")), "en").await.unwrap();
    for told in [" in %Y, ", ": data quality, %Y</h1>"] {
        assert!(html.contains(&yesterday().format(told).to_string()), "{html}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn meters_with_daily_totals_are_not_at_fault() {
    let mut electricity = SimulatedMeter::electricity(EAN, SERIAL, before(40));
    electricity.published_until = Some(yesterday());
    let mut gas = SimulatedMeter::gas(GAS_EAN, GAS_SERIAL, before(40));
    gas.published_until = Some(last_day());
    gas.codes = [(3, Rows::Days), (4, Rows::Days)].into();
    let mut home =
        Home::with(fluvius2mqtt::clock::Clock::system(), vec![electricity, gas], Mosquitto::start().await).await;
    home.settings["meters"][0]["resolution"] = json!("day");
    home.settings["meters"][1]["kind"] = json!("gas");
    home.settings["meters"][1]["gas_unit"] = json!("m3");
    home.settings["poll"]["at"] = json!([Home::far_from_now()]);
    let page = Page::of(&mut home);
    let _bridge = poll(&home, &page).await;
    for (language, wanted, granted, spotless) in [
        (
            "en",
            "This meter has daily totals, as the configuration asks.",
            "This meter has daily totals. If you want hours, switch them on at mijn.fluvius.be; they begin on that day.",
            "No day is missing or incomplete",
        ),
        (
            "nl",
            "Deze meter heeft dagtotalen, zoals de configuratie vraagt.",
            "Deze meter heeft dagtotalen. Wil je uurwaarden, zet ze dan aan op mijn.fluvius.be; ze beginnen op die dag.",
            "Er ontbreekt geen dag",
        ),
        (
            "fr",
            "Ce compteur a des totaux journaliers, comme la configuration le demande.",
            "Ce compteur a des totaux journaliers. Si vous voulez des valeurs horaires, activez-les sur mijn.fluvius.be ;",
            "Aucun jour n'est manquant ou incomplet",
        ),
    ] {
        for (name, says) in [("0011", wanted), ("0028", granted)] {
            let (_, html) = page.get(&format!("/quality/{name}"), language).await.unwrap();
            assert!(html.contains(says) && html.contains(spotless), "{html}");
            assert!(!html.contains("../day/"), "no day is listed: {html}");
        }
    }
    let told = days(&page, "?meter=0028").await;
    assert_eq!(told["meters"][0]["unit"], "m³");
    let days = told["meters"][0]["days"].as_array().unwrap();
    assert_eq!(days.last().unwrap()["date"], json!(last_day()), "it is there before it is expected");
    for day in days {
        let date: NaiveDate = day["date"].as_str().unwrap().parse().unwrap();
        let sums = home.portal.truth(GAS_EAN, date).unwrap().sums;
        let expected =
            json!({"date": date, "quality": "daily_only", "resolution": "day", "gas": Home::kwh(sums.gas_volume)});
        assert_eq!(*day, expected);
    }
}
