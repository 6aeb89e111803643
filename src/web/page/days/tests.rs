use std::slice::from_ref;

use super::*;
use crate::energy::{Direction, Register};
use crate::web::standing::Standing;
use crate::web::tests::{HOUR, Home, LANGUAGES, QUARTER, assert_no_ean, date, day, electricity, gas, links, readings};
use crate::web::words::Language;

const HIGH: (Direction, Register) = (Direction::Consumption, Register::High);
const LOW: (Direction, Register) = (Direction::Consumption, Register::Low);
const INJECTED: (Direction, Register) = (Direction::Injection, Register::High);

/// At noon on Tuesday 24 November 2026, with a history since the 16th.
fn home(meters: &[Meter]) -> Home {
    Home::new("2026-11-24T11:00:00Z", "2026-11-16", meters)
}

/// Enters quarter-hours of both tariffs and of injection: 4.8, 2.4 and 0.96 kWh when all of the day is there.
fn fill(home: &mut Home, meter: &Meter, date: &str, last: u32) {
    let day = day(meter, date);
    let mut rows = readings(meter, day, QUARTER, 0..=last, HIGH, 50_000);
    rows.extend(readings(meter, day, QUARTER, 0..=last, LOW, 25_000));
    rows.extend(readings(meter, day, QUARTER, 0..=last, INJECTED, 10_000));
    home.merge(meter, day, &rows);
}

fn last_days(home: &Home, language: Language, name: &str) -> String {
    home.page(language, |context| days(context, name)).unwrap()
}

fn of_month(home: &Home, name: &str, month: &str) -> Result<String, Failed> {
    home.page(Language::English, |context| super::month(context, name, month))
}

/// The row of a day in the table, without its tags.
fn row(page: &str, day: &str) -> String {
    let (_, table) = page.split_once("<tbody>").unwrap();
    let found = table.split("<tr>").find(|row| row.contains(day)).unwrap();
    let cells = found.split(['<', '>']).enumerate().filter(|(place, text)| place % 2 == 0 && !text.is_empty());
    cells.map(|(_, text)| text).collect::<Vec<_>>().join("|")
}

#[test]
fn each_day_tells_its_numbers_and_how_well_it_is_known() {
    let meter = electricity();
    let mut home = home(from_ref(&meter));
    fill(&mut home, &meter, "2026-11-16", 95);
    fill(&mut home, &meter, "2026-11-17", 39);
    let total = readings(&meter, day(&meter, "2026-11-18"), 86_400, 0..=0, HIGH, 5_000_000);
    let injected = readings(&meter, day(&meter, "2026-11-18"), 86_400, 0..=0, INJECTED, 1_000_000);
    home.merge(&meter, day(&meter, "2026-11-18"), &[total, injected].concat());
    let id = home.meter(&meter);
    home.ledger.give_up(id, date("2026-11-19"), date("2026-11-19"), "2026-11-23T12:00:00Z".parse().unwrap()).unwrap();
    let mut estimated = readings(&meter, day(&meter, "2026-11-20"), QUARTER, 0..=95, HIGH, 50_000);
    estimated.iter_mut().take(3).for_each(|reading| reading.status = 0);
    estimated.extend(readings(&meter, day(&meter, "2026-11-20"), QUARTER, 0..=95, INJECTED, 0));
    home.merge(&meter, day(&meter, "2026-11-20"), &estimated);

    home.find_nothing(&meter, day(&meter, "2026-11-21"));

    let page = last_days(&home, Language::English, "0011");
    assert_eq!(row(&page, "16 November"), "Monday 16 November 2026|4.800|2.400|7.200|0.960|6.240|complete");
    assert_eq!(row(&page, "17 November"), "Tuesday 17 November 2026|2.000|1.000|3.000|0.400|2.600|incomplete");
    assert_eq!(row(&page, "18 November"), "Wednesday 18 November 2026|5.000|–|5.000|1.000|4.000|daily total only");
    assert_eq!(row(&page, "19 November"), "Thursday 19 November 2026|–|–|–|–|–|not at the portal");
    assert_eq!(
        row(&page, "20 November"),
        "Friday 20 November 2026|4.800|–|4.800|0.000|4.800|complete, 3 readings estimated or not validated"
    );
    assert_eq!(row(&page, "21 November"), "Saturday 21 November 2026|–|–|–|–|–|missing");
    assert_eq!(row(&page, "22 November"), "Sunday 22 November 2026|–|–|–|–|–|not asked for yet");
    assert!(page.contains("Days known: 3 of 8, and 1 in part."), "the history begins on the 16th");
    assert!(page.contains("20.000 kWh") && page.contains("high 16.600 + low 3.400"), "sums of what is known");
    for class in ["back partial", "back daily-only", "back absent", "back missing", "\"estimated\""] {
        assert!(page.contains(class), "{class}");
    }
    let aria = "Tuesday 17 November 2026: incomplete. Consumption 3.000 kWh (high 2.000 + low 1.000) · Injection 0.400 kWh \
                (high 0.400)";
    assert!(page.contains(&format!("href=\"../day/0011/2026-11-17\" aria-label=\"{aria}\"")), "{page}");
}

#[test]
fn gas_that_is_not_due_is_not_missing_and_counts_in_its_unit() {
    let meter = gas();
    let mut home = home(from_ref(&meter));
    for date in ["2026-11-18", "2026-11-19"] {
        let day = day(&meter, date);
        home.merge(
            &meter,
            day,
            &readings(&meter, day, HOUR, 0..=23, (Direction::Consumption, Register::Single), 100_000),
        );
    }
    let page = last_days(&home, Language::English, "0028");
    assert!(page.contains("<th scope=\"col\">Consumption (m³)</th>") && !page.contains("kWh"), "{page}");
    assert_eq!(row(&page, "19 November"), "Thursday 19 November 2026|2.400|complete");
    assert_eq!(row(&page, "20 November"), "Friday 20 November 2026|–|not asked for yet");
    assert_eq!(row(&page, "21 November"), "Saturday 21 November 2026|–|not published yet");
    assert!(!page.contains("peaks/"), "gas has no peaks");
}

#[test]
fn months_are_linked_as_far_as_anything_is_known() {
    let meter = electricity();
    let mut home = home(from_ref(&meter));
    fill(&mut home, &meter, "2026-08-31", 95);
    fill(&mut home, &meter, "2026-11-16", 95);
    let page = of_month(&home, "0011", "2026-09").unwrap();
    assert!(page.contains("<h1>Home: September 2026</h1>"));
    assert!(page.contains("rel=\"prev\" href=\"../../days/0011/2026-08\""));
    assert!(page.contains("rel=\"next\" href=\"../../days/0011/2026-10\""));
    assert!(page.contains("href=\"../../days/0011/2026-09\" aria-current=\"page\""));
    assert!(page.contains("Days known: 0 of 30.") && page.matches("class=\"back absent\"").count() == 30);
    let page = of_month(&home, "0011", "2026-11").unwrap();
    assert!(!page.contains("rel=\"next\"") && page.contains("Days known: 1 of 23."), "{page}");
    let page = of_month(&home, "0011", "1999-01").unwrap();
    assert!(page.contains("Nothing is known of this period.") && page.contains("days/0011/2026-08\""));
}

#[test]
fn only_a_month_that_has_begun_has_a_page() {
    let home = home(&[electricity()]);
    for month in ["2026-12", "2026-13", "2026-1", "2026", "", "+2026-01", "2026-01-01", "x", "99999-01", "2026-00"] {
        assert!(matches!(of_month(&home, "0011", month), Err(Failed::NotFound)), "{month}");
    }
    assert!(of_month(&home, "0011", "2026-11").is_ok());
    for name in ["", "11", "0012", "541448860000000011", "0011-2"] {
        assert!(matches!(of_month(&home, name, "2026-11"), Err(Failed::NotFound)), "{name}");
    }
}

#[test]
fn the_days_end_where_the_configuration_ends_them() {
    let meter = Meter { history_until: Some(date("2026-11-17")), ..electricity() };
    let mut home = home(from_ref(&meter));
    fill(&mut home, &meter, "2026-11-17", 95);
    fill(&mut home, &meter, "2026-11-18", 95);
    let page = last_days(&home, Language::English, "0011");
    assert!(page.contains("<h1>Home: 16 November – 17 November 2026</h1>") && page.contains("Days known: 1 of 2."));
}

#[test]
fn injection_of_nothing_alone_is_no_injection() {
    let meter = electricity();
    let mut home = home(from_ref(&meter));
    let day = day(&meter, "2026-11-16");
    let mut rows = readings(&meter, day, HOUR, 0..=23, (Direction::Consumption, Register::Single), 1_000_000);
    rows.extend(readings(&meter, day, HOUR, 0..=23, (Direction::Injection, Register::Single), 0));
    home.merge(&meter, day, &rows);
    let page = last_days(&home, Language::English, "0011");
    assert!(!page.contains("njection"), "{page}");
    assert_eq!(row(&page, "16 November"), "Monday 16 November 2026|24.000|complete", "and one register is one column");
}

#[test]
fn all_links_lead_to_pages_and_what_is_no_page_is_not_found() {
    let meter = electricity();
    let mut home = home(from_ref(&meter));
    fill(&mut home, &meter, "2026-10-31", 95);
    fill(&mut home, &meter, "2026-11-23", 95);
    let served = home.serve();
    for path in ["/days/0011", "/days/0011/2026-11", "/day/0011/2026-10-31", "/day/0011/2026-11-23"] {
        let (status, page) = served.get(path);
        assert_eq!(status, 200, "{path}");
        let links = links(path, &page);
        let others = |link: &&String| link.starts_with("/days/") || link.starts_with("/day/");
        assert!(links.iter().filter(others).count() > 2, "{links:?}");
        for link in links.iter().filter(others).chain([&"/".to_owned(), &"/style.css".to_owned()]) {
            assert!(links.contains(link), "{path} leads to {link}");
            assert_eq!(served.get(link).0, 200, "{path} leads to {link}");
        }
    }
    for path in ["/days/0012", "/days/0011/2026-12", "/day/0011/2026-11-25", "/day/0011/today", "/day/0011", "/days"] {
        assert_eq!(served.get(path).0, 404, "{path}");
    }
}

#[test]
fn every_language_says_it_in_its_own_words_and_none_tells_an_ean() {
    let named = Meter { name: Some(r#"<script>"'&"#.to_owned()), ..electricity() };
    let mut home = home(&[named.clone(), gas()]);
    let empty = LANGUAGES.map(|language| last_days(&home, language, "0028"));
    fill(&mut home, &named, "2026-11-16", 95);
    let full = LANGUAGES.map(|language| last_days(&home, language, "0011"));
    for pages in [&empty, &full] {
        assert!(pages[0] != pages[1] && pages[1] != pages[2] && pages[0] != pages[2]);
        pages.iter().for_each(|page| assert_no_ean(page));
    }
    assert!(full.iter().all(|page| !page.contains("<script") && page.contains("&lt;script&gt;&quot;'&amp;")));
    assert!(full[1].contains("Afname dag") && full[1].contains("Bekende dagen: 1 van 8."));
    assert!(full[2].contains("heures creuses") && full[2].contains("7,200 kWh"));
}

#[test]
fn a_meter_that_no_run_has_entered_has_a_page_all_the_same() {
    let home = Home::unread("2026-11-24T11:00:00Z", &[electricity()]);
    let page = last_days(&home, Language::English, "0011");
    assert!(page.contains("Nothing has been read of this meter yet."));
}

#[test]
fn a_period_has_the_days_that_there_can_be_and_no_others() {
    let home = home(&[electricity()]);
    home.page(Language::English, |context| {
        let (_, span) = context.span(&electricity())?.unwrap();
        let period = Period::new(date("2026-11-01"), date("2026-11-30"), &span, Found::default());
        let dates: Vec<_> = period.days.iter().map(|day| day.date).collect();
        assert_eq!((dates.first(), dates.last()), (Some(&date("2026-11-16")), Some(&date("2026-11-23"))));
        assert!(period.days.iter().all(|day| day.standing == Standing::Unasked));
        assert!(Period::new(date("2026-10-01"), date("2026-10-31"), &span, Found::default()).days.is_empty());
        Ok(maud::html! {})
    })
    .unwrap();
}
