use super::{Of, Shown, year};
use crate::config::Meter;
use crate::energy::{Direction, Register};
use crate::web::routes::Failed;
use crate::web::tests::{HOUR, Home, LANGUAGES, QUARTER, assert_no_ean, day, electricity, gas, readings};
use crate::web::words::Language;

const NOW: &str = "2026-11-24T12:00:00Z";

const CONSUMED: (Direction, Register) = (Direction::Consumption, Register::High);

fn page(home: &Home, language: Language, name: &str, of_year: Option<&str>, of: Of) -> Result<String, Failed> {
    home.page(language, |context| year(context, name, of_year, Shown { of }))
}

/// The page of consumption in English.
fn consumption(home: &Home, name: &str, of_year: Option<&str>) -> String {
    page(home, Language::English, name, of_year, Of::Consumption).unwrap()
}

/// Enters all intervals of a day of a meter, each of so many millionths.
fn fill(home: &mut Home, meter: &Meter, date: &str, seconds: u32, millionths: i64) {
    let day = day(meter, date);
    let last = day.interval().seconds() / seconds - 1;
    home.merge(meter, day, &readings(meter, day, seconds, 0..=last, CONSUMED, millionths));
}

#[test]
fn each_day_leads_to_its_page_and_tells_its_total_and_its_highest_hour() {
    let meter = electricity();
    let mut home = Home::new(NOW, "2026-11-20", std::slice::from_ref(&meter));
    fill(&mut home, &meter, "2026-11-20", QUARTER, 50_000);
    let evening = day(&meter, "2026-11-21");
    home.merge(&meter, evening, &readings(&meter, evening, QUARTER, 72..=75, CONSUMED, 400_000));
    let page = consumption(&home, "0011", None);
    assert!(page.contains("<h1>Home: consumption, 24 November 2025 – 23 November 2026</h1>"));
    assert!(page.contains(r#"href="../day/0011/2026-11-20""#));
    assert!(page.contains("Friday 20 November 2026 · 4.800 kWh · most at 00:00 (0.200 kWh)<"));
    assert!(page.contains("Saturday 21 November 2026 · 1.600 kWh · most at 18:00 (1.600 kWh) · hours are missing<"));
    assert!(page.contains("Sunday 22 November 2026 · missing<"));
    assert!(page.contains("6.4 kWh consumed on 2 days. The highest hour was Saturday 21 November 2026 at 18:00"));
    assert!(page.contains("Missing days: 2. Days with hours missing: 1."));
    assert!(!page.contains("/2026-11-19"), "what comes before the history is not missing");
    assert!(!page.contains("/2026-11-24"), "today isn't over");
    assert!(page.contains("<title>18:00 1.600 kWh</title>") && page.contains("<title>17:00 · missing</title>"));
}

#[test]
fn the_hours_of_the_clock_changes_say_what_they_are() {
    let (power, gas) = (electricity(), gas());
    let mut home = Home::new(NOW, "2026-03-28", &[power.clone(), gas.clone()]);
    fill(&mut home, &power, "2026-03-29", HOUR, 100_000);
    fill(&mut home, &power, "2026-10-25", HOUR, 100_000);
    let page = consumption(&home, "0011", Some("2026"));
    assert_eq!(page.matches("02:00 · left out on this day, as the clocks go forward").count(), 1);
    assert_eq!(page.matches("02:00 0.200 kWh · twice on this day").count(), 1);
    assert!(page.contains("Sunday 29 March 2026 · 2.300 kWh · most at 00:00 (0.100 kWh)<"), "nothing of it is missing");

    fill(&mut home, &gas, "2026-10-24", HOUR, 100_000);
    let page = consumption(&home, "0028", Some("2026"));
    assert_eq!(page.matches("02:00 0.200 m³ · twice on this day").count(), 1);
    let (six, midnight) = (page.find(">06:00</text>").unwrap(), page.find(">00:00</text>").unwrap());
    assert!(six < midnight, "a day of gas begins at 06:00");
}

#[test]
fn a_day_known_as_a_total_has_its_own_look() {
    let meter = electricity();
    let mut home = Home::new(NOW, "2026-11-20", std::slice::from_ref(&meter));
    let length = day(&meter, "2026-11-20").interval().seconds();
    fill(&mut home, &meter, "2026-11-20", length, 7_000_000);
    fill(&mut home, &meter, "2026-11-21", HOUR, 100_000);
    let page = consumption(&home, "0011", None);
    assert!(page.contains("Friday 20 November 2026 · 7.000 kWh · daily total only<"));
    assert!(page.contains("Days with only a total: 1."));
    assert_eq!(page.matches(r#"<rect class="whole""#).count(), 2, "in the chart and in its legend");
}

#[test]
fn injection_is_shown_for_a_meter_that_injects_and_other_years_as_far_as_something_is_known() {
    let meter = electricity();
    let mut home = Home::new(NOW, "2025-12-01", &[meter.clone(), gas()]);
    fill(&mut home, &meter, "2025-12-01", HOUR, 100_000);
    assert!(!consumption(&home, "0011", None).contains("of=injection"));
    let injection = |home: &Home, of_year| page(home, Language::English, "0011", of_year, Of::Injection);
    assert!(matches!(injection(&home, None), Err(Failed::NotFound)));

    let sunny = day(&meter, "2026-06-01");
    let injected = (Direction::Injection, Register::High);
    home.merge(&meter, sunny, &readings(&meter, sunny, HOUR, 12..=13, injected, 2_000_000));
    let consumed = consumption(&home, "0011", Some("2025"));
    for link in ["../../year/0011", "../../year/0011/2026", "../../year/0011/2025?of=injection"] {
        assert!(consumed.contains(&format!(r#"href="{link}""#)), "{link}");
    }
    assert!(consumed.contains(r#"href="../../day/0011/2025-12-01""#));
    let injected = injection(&home, Some("2026")).unwrap();
    assert!(injected.contains("<h1>Home: injection, 2026</h1>"));
    assert!(injected.contains(r#"href="../../year/0011/2025?of=injection""#));
    assert!(injected.contains("4.0 kWh injected on 1 day."));
    assert!(!injected.contains("/2026-05-31"), "before the first injection none is missing");
    assert!(matches!(page(&home, Language::English, "0028", None, Of::Injection), Err(Failed::NotFound)));
}

#[test]
fn years_that_are_none_and_meters_that_are_not_there_are_not_found() {
    let home = Home::new(NOW, "2026-11-20", &[electricity()]);
    for wrong in ["2027", "26", "x", "02026", "-202", ""] {
        let found = page(&home, Language::English, "0011", Some(wrong), Of::Consumption);
        assert!(matches!(found, Err(Failed::NotFound)), "{wrong}");
    }
    assert!(matches!(page(&home, Language::English, "0012", None, Of::Consumption), Err(Failed::NotFound)));
}

#[test]
fn nothing_known_is_said() {
    let unread = Home::unread(NOW, &[electricity()]);
    let mut read = Home::new(NOW, "2026-11-20", &[electricity()]);
    for home in [&unread, &read] {
        let page = consumption(home, "0011", None);
        assert!(page.contains("Nothing has been read of this meter yet.") && !page.contains("<figure"));
    }
    fill(&mut read, &electricity(), "2026-11-20", HOUR, 0);
    assert!(consumption(&read, "0011", Some("2020")).contains("Nothing is known of this period."));
}

#[test]
fn a_whole_year_is_a_small_page_in_every_language() {
    let meter = electricity();
    let mut home = Home::new(NOW, "2024-01-01", std::slice::from_ref(&meter));
    let first = "2024-01-01".parse::<chrono::NaiveDate>().unwrap();
    for date in first.iter_days().take(366) {
        fill(&mut home, &meter, &date.to_string(), HOUR, 1_234_000);
    }
    for language in LANGUAGES {
        let page = page(&home, language, "0011", Some("2024"), Of::Consumption).unwrap();
        assert!(page.len() < 700_000, "{} bytes", page.len());
        assert_eq!(page.matches("<a class=\"column\"").count(), 366);
        assert_eq!(page.matches("<title>").count(), 366 * 24 + 1, "one for each hour, and one for the page");
        assert_no_ean(&page);
    }
}
