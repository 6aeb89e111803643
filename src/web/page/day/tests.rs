use std::slice::from_ref;

use super::*;
use crate::energy::Register;
use crate::web::tests::{HOUR, Home, LANGUAGES, QUARTER, assert_no_ean, date, electricity, gas, readings};
use crate::web::words::Language;

const SINGLE: (Direction, Register) = (Direction::Consumption, Register::Single);
const INJECTED: (Direction, Register) = (Direction::Injection, Register::Single);

fn meter_day(meter: &Meter, text: &str) -> MeterDay {
    crate::web::tests::day(meter, text)
}

/// At noon on Tuesday 24 November 2026, with a history since 1 March.
fn home(meters: &[Meter]) -> Home {
    Home::new("2026-11-24T11:00:00Z", "2026-03-01", meters)
}

fn page(home: &Home, name: &str, date: &str) -> String {
    home.page(Language::English, |context| day(context, name, date)).unwrap()
}

/// The times at which the rows of the table begin.
fn begins(page: &str) -> Vec<&str> {
    let rows = page.split("<th scope=\"row\">").skip(1).filter_map(|row| row.split('<').next());
    rows.filter(|begins| *begins != "Total").collect()
}

/// The cells of the row that begins at a time.
fn row<'a>(page: &'a str, begins: &str) -> Vec<&'a str> {
    let (_, rest) = page.split_once(&format!("<th scope=\"row\">{begins}</th>")).unwrap();
    let (row, _) = rest.split_once("</tr>").unwrap();
    row.split("<td").skip(1).filter_map(|cell| cell.split(['<', '>']).nth(1)).collect()
}

#[test]
fn a_day_has_as_many_quarter_hours_as_the_clock_lets_it_have() {
    let meter = electricity();
    for (date, count) in [("2026-03-29", 92_u32), ("2026-06-09", 96), ("2026-10-25", 100)] {
        let mut home = home(from_ref(&meter));
        let day = meter_day(&meter, date);
        home.merge(&meter, day, &readings(&meter, day, QUARTER, 0..=count - 1, SINGLE, 250_000));
        let page = page(&home, "0011", date);
        let begins = begins(&page);
        assert_eq!(begins.len(), count as usize, "{date}");
        assert_eq!((begins.first(), begins.last()), (Some(&"00:00"), Some(&"23:45")), "{date}");
        let at_two: Vec<_> = begins.iter().filter(|begins| begins.starts_with("02:15")).copied().collect();
        match count {
            92 => assert!(at_two.is_empty(), "there is no such hour"),
            96 => assert_eq!(at_two, ["02:15"]),
            _ => assert_eq!(at_two, ["02:15 (UTC+02:00)", "02:15 (UTC+01:00)"]),
        }
        assert_eq!(page.contains("The clocks went"), count != 96, "{date}");
        assert_eq!(page.matches("class=\"tick\"").count(), 8, "an axis with each third hour");
        assert_eq!(row(&page, "04:00"), ["0.250", "1.000", ""], "a kWh in an hour is a kW");
        assert!(page.contains(&format!("{}.000 kWh", count / 4)), "{date}");
        assert!(!page.contains("back missing"), "{date}");
    }
}

#[test]
fn a_gas_day_runs_from_six_to_six_in_its_unit() {
    let meter = gas();
    let mut home = home(from_ref(&meter));
    let day = meter_day(&meter, "2026-10-24");
    home.merge(&meter, day, &readings(&meter, day, HOUR, 0..=24, SINGLE, 100_000));
    let page = page(&home, "0028", "2026-10-24");
    let begins = begins(&page);
    assert_eq!((begins.len(), begins[0], begins[24]), (25, "06:00", "05:00"));
    assert!(begins.contains(&"02:00 (UTC+02:00)") && begins.contains(&"02:00 (UTC+01:00)"));
    assert!(page.contains("2.500 m³") && !page.contains("kW"), "and has no power: {page}");
    assert_eq!(row(&page, "06:00"), ["0.100", ""]);
}

#[test]
fn what_is_missing_is_told_and_never_zero() {
    let meter = electricity();
    let mut home = home(from_ref(&meter));
    let before = meter_day(&meter, "2026-06-08");
    home.merge(&meter, before, &readings(&meter, before, QUARTER, 0..=95, INJECTED, 10_000));
    let day = meter_day(&meter, "2026-06-09");
    let mut rows = readings(&meter, day, QUARTER, 0..=39, SINGLE, 100_000);
    rows.extend(readings(&meter, day, QUARTER, 0..=38, INJECTED, 10_000));
    rows[5].status = 0;
    home.merge(&meter, day, &rows);
    let page = page(&home, "0011", "2026-06-09");
    assert_eq!(row(&page, "09:30"), ["0.100", "0.010", "0.090", "0.400", "0.040", ""]);
    assert_eq!(row(&page, "09:45"), ["0.100", "–", "–", "0.400", "–", "incomplete"]);
    assert_eq!(row(&page, "10:00"), ["–", "–", "–", "–", "–", "missing"]);
    assert_eq!(row(&page, "01:15").last(), Some(&"1 reading estimated or not validated"));
    assert_eq!(page.matches("back missing").count(), 56);
    assert_eq!(page.matches("<circle").count(), 1);
    assert!(page.contains("What is known of the day so far") && page.contains("4.000 kWh"), "{page}");
    assert!(page.contains("Only a part of this day is known so far."));
    assert!(page.contains("aria-label=\"10:00 · missing\""));
    assert!(page.contains("09:30 · Mean power: Consumption 0.400 kW, Injection 0.040 kW. Consumption 0.100 kWh"));
}

#[test]
fn quarter_hours_of_one_direction_are_shown_by_the_hours_of_the_other() {
    let meter = electricity();
    let day = meter_day(&meter, "2026-06-09");
    let mut rows = readings(&meter, day, QUARTER, 0..=94, SINGLE, 1);
    rows.extend(readings(&meter, day, HOUR, 0..=23, INJECTED, 1));
    rows.sort_by_key(|reading| reading.interval.start());
    let slots = Slots::new(day, &rows, true).unwrap();
    assert_eq!((slots.are_quarters, slots.slots.len(), slots.daily), (false, 24, None));
    assert_eq!(slots.slots[0].amounts[&SINGLE], Amount::from_millionths(4));
    assert_eq!((slots.slots[22].known, slots.slots[23].known), (Known::All, Known::Part));
}

#[test]
fn a_direction_that_is_known_as_a_daily_total_alone_is_in_no_hour() {
    let meter = electricity();
    let mut home = home(from_ref(&meter));
    let day = meter_day(&meter, "2026-06-09");
    let mut rows = readings(&meter, day, QUARTER, 0..=95, SINGLE, 100_000);
    rows.extend(readings(&meter, day, 86_400, 0..=0, INJECTED, 5_000_000));
    home.merge(&meter, day, &rows);
    let page = page(&home, "0011", "2026-06-09");
    assert!(page.contains("Injection is known as a total of the day alone"));
    assert!(page.contains("5.000 kWh") && page.contains("9.600 kWh"));
    assert_eq!(row(&page, "00:00"), ["0.100", "0.400", ""]);
    assert!(!page.contains("back missing") && !page.contains("back partial"));
}

#[test]
fn a_daily_total_alone_is_told_without_a_chart_and_why() {
    let told = |meter: Meter, answers: &[MeterDay]| {
        let mut home = home(from_ref(&meter));
        let day = meter_day(&meter, "2026-06-09");
        home.merge(&meter, day, &readings(&meter, day, 86_400, 0..=0, SINGLE, 5_000_000));
        let (id, at) = (home.meter(&meter), "2026-06-11T05:00:00Z".parse().unwrap());
        home.ledger.answer(id, answers, &[], ledger::Asked::Intervals, at).unwrap();
        let page = page(&home, "0011", "2026-06-09");
        assert!(page.contains("5.000 kWh") && !page.contains("<figure"), "{page}");
        page
    };
    let day = meter_day(&electricity(), "2026-06-09");
    assert!(told(electricity(), &[day]).contains("the portal has given no hours or quarter-hours of it"));
    assert!(told(electricity(), &[]).contains("nobody has asked the portal for its hours"));
    let daily = Meter { resolution: History::Days, ..electricity() };
    assert!(told(daily, &[]).contains("the configuration asks for daily totals alone"));
}

#[test]
fn a_day_without_anything_says_why() {
    let ended = Meter { history_until: Some(date("2026-11-10")), ..electricity() };
    let mut all = home(&[electricity(), gas()]);
    all.find_nothing(&electricity(), meter_day(&electricity(), "2026-11-23"));
    all.find_nothing(&gas(), meter_day(&gas(), "2026-11-20"));
    for (name, date, why) in [
        ("0011", "2026-11-22", "the portal hasn't been asked for it."),
        ("0011", "2026-11-24", "It usually arrives tomorrow at about 06:20."),
        ("0011", "2026-11-23", "This day is missing"),
        ("0011", "2026-11-23", "the morning after, at about 06:20."),
        ("0028", "2026-11-20", "4 days later, at about 06:20."),
        ("0028", "2026-11-22", "It usually arrives on Thursday at about 06:20."),
        ("0011", "2026-02-28", "the history begins on Sunday 1 March 2026."),
        ("0011", "1999-01-01", "the portal keeps no more than three years"),
    ] {
        let page = page(&all, name, date);
        assert!(page.contains(why) && !page.contains("<figure"), "{name} {date}: {page}");
    }
    let (id, at) = (all.meter(&electricity()), "2026-11-24T10:00:00Z".parse().unwrap());
    all.ledger.give_up(id, date("2026-03-01"), date("2026-03-02"), at).unwrap();
    assert!(page(&all, "0011", "2026-03-02").contains("isn't asked for it any more"));
    let over = page(&home(from_ref(&ended)), "0011", "2026-11-11");
    assert!(over.contains("asks for days until Tuesday 10 November 2026 alone"));
    let unread = Home::unread("2026-11-24T11:00:00Z", &[ended]);
    assert!(page(&unread, "0011", "2026-11-11").contains("Nothing has been read of this meter yet."));
}

#[test]
fn days_are_linked_as_far_as_there_are_any() {
    let home = home(&[electricity()]);
    let links = |date| {
        let page = page(&home, "0011", date);
        let link = |rel: &str| {
            let (_, rest) = page.split_once(&format!("rel=\"{rel}\" href=\""))?;
            Some(rest.split_once('"')?.0.to_owned())
        };
        [link("prev"), link("up"), link("next")].map(Option::unwrap_or_default)
    };
    let (day, days) = ("../../day/0011/", "../../days/0011/");
    assert_eq!(links("2026-03-01"), [String::new(), format!("{days}2026-03"), format!("{day}2026-03-02")]);
    assert_eq!(links("2026-11-23"), [format!("{day}2026-11-22"), format!("{days}2026-11"), String::new()]);
    assert_eq!(links("2026-11-24")[0], format!("{day}2026-11-23"));
    assert_eq!(links("1999-12-31"), [String::new(), format!("{days}1999-12"), format!("{day}2026-03-01")]);
}

#[test]
fn only_a_day_that_has_begun_has_a_page() {
    let home = home(&[electricity(), gas()]);
    let found = |name: &str, date: &str| home.page(Language::English, |context| day(context, name, date));
    for date in
        ["2026-11-25", "2026-02-29", "2026-2-1", "", "x", "2026-06", "+262142-12-31", "-262143-01-01", "+2026-01-01"]
    {
        assert!(matches!(found("0011", date), Err(Failed::NotFound)), "{date}");
    }
    for name in ["", "0012", "541448860000000011"] {
        assert!(matches!(found(name, "2026-06-09"), Err(Failed::NotFound)), "{name}");
    }
    assert!(found("0028", "2026-11-24").is_ok());
    let early = Home::new("2026-11-24T04:00:00Z", "2026-03-01", &[gas()]);
    let today = early.page(Language::English, |context| day(context, "0028", "2026-11-24"));
    assert!(matches!(today, Err(Failed::NotFound)), "a gas day begins at six");
}

#[test]
fn every_language_says_it_in_its_own_words_and_none_tells_an_ean() {
    let named = Meter { name: Some(r#"<script>"'&"#.to_owned()), ..electricity() };
    let mut home = home(&[named.clone(), gas()]);
    let whole = meter_day(&named, "2026-10-25");
    home.merge(&named, whole, &readings(&named, whole, QUARTER, 0..=50, SINGLE, 250_000));
    for (name, date) in [("0011", "2026-10-25"), ("0011", "2026-11-23"), ("0028", "2026-11-24"), ("0028", "2026-01-01")]
    {
        let pages = LANGUAGES.map(|language| home.page(language, |context| day(context, name, date)).unwrap());
        assert!(pages[0] != pages[1] && pages[1] != pages[2] && pages[0] != pages[2]);
        for page in &pages {
            assert_no_ean(page);
            assert!(!page.contains("<script") && page.contains(if name == "0011" { "&lt;script&gt;" } else { "0028" }));
        }
    }
}
