use super::peaks;
use crate::config::Meter;
use crate::energy::{Direction, MeterDay, Register};
use crate::web::routes::Failed;
use crate::web::tests::{Home, LANGUAGES, QUARTER, assert_no_ean, date, day, electricity, gas, readings};
use crate::web::words::Language;

/// A home on Tuesday 24 November 2026, in which each of some days has one quarter-hour at 18:15, of so many millionths of a
/// kWh.
fn home(quarters: &[(&str, i64)]) -> Home {
    let meter = electricity();
    let mut home = Home::new("2026-11-24T12:00:00Z", "2025-11-01", &[meter.clone(), gas()]);
    for (date, millionths) in quarters {
        let day = day(&meter, date);
        let consumed = (Direction::Consumption, Register::High);
        home.merge(&meter, day, &readings(&meter, day, QUARTER, 73..=73, consumed, *millionths));
    }
    home
}

fn page(home: &Home, language: Language) -> String {
    home.page(language, |context| peaks(context, "0011")).unwrap()
}

#[test]
fn the_peak_of_this_month_and_the_mean_that_is_billed_are_said_first() {
    let home = home(&[("2026-09-01", 500_000), ("2026-10-12", 1_000_000), ("2026-11-10", 1_202_500)]);
    let english = page(&home, Language::English);
    let first =
        "This month's peak so far is 4.81 kW (Tuesday 10 November at 18:15). The mean that is billed is 3.77 kW.";
    assert!(english.contains(first), "{english}");
    assert!(english.contains("each counted as at least 2.5 kW. The newest mean is made of 3 months."));
    assert!(english.contains("November 2026 is still running"));
    assert!(english.contains(
        "September 2026 · 2.00 kW, Tuesday 1 September at 18:15. counts as 2.50 kW · mean that is billed 2.50 kW"
    ));
    assert!(english.contains(r#"href="../day/0011/2026-11-10""#), "the day is a link");
    let dutch = page(&home, Language::Dutch);
    assert!(dutch.contains("De piek van deze maand is tot nu toe 4,81 kW (dinsdag 10 november om 18:15)."));
    assert!(page(&home, Language::French).contains("4,81 kW (mardi 10 novembre à 18 h 15)."));
}

#[test]
fn a_month_without_a_peak_is_marked_and_said() {
    let home = home(&[("2026-09-01", 700_000), ("2026-10-12", 1_000_000)]);
    let english = page(&home, Language::English);
    assert!(english.contains("The newest peak is that of October 2026: 4.00 kW"));
    assert!(!english.contains("is still running"), "nothing is known of November, so nothing can be said of it");
    assert!(english.contains("No peak is known of November 2025, "));
    assert!(english.contains("August 2026, November 2026."));
    assert_eq!(english.matches(r#"class="back missing""#).count(), 11);
    assert!(english.contains("November 2026 · no peak is known. mean that is billed 3.40 kW"));
}

#[test]
fn only_electricity_has_peaks() {
    let home = home(&[]);
    for name in ["0028", "0012", ""] {
        assert!(
            matches!(home.page(Language::English, |context| peaks(context, name)), Err(Failed::NotFound)),
            "{name}"
        );
    }
}

#[test]
fn nothing_known_is_said_and_no_page_tells_an_ean() {
    let unread = Home::unread("2026-11-24T12:00:00Z", &[electricity()]);
    for (language, nothing) in LANGUAGES.into_iter().zip([
        "No peak is known yet.",
        "nog geen piek bekend",
        "Aucune pointe n'est encore connue.",
    ]) {
        for home in [&unread, &home(&[])] {
            let page = page(home, language);
            assert!(page.contains(nothing) && !page.contains("<figure"), "{page}");
            assert_no_ean(&page);
        }
        assert_no_ean(&page(&home(&[("2026-10-12", 1_000_000)]), language));
    }
}

#[test]
fn a_history_that_ends_shows_the_months_before_its_end() {
    let meter = Meter { history_until: Some(date("2026-06-30")), ..electricity() };
    let mut home = Home::new("2026-11-24T12:00:00Z", "2026-05-01", std::slice::from_ref(&meter));
    let june: MeterDay = day(&meter, "2026-06-10");
    let consumed = (Direction::Consumption, Register::Single);
    home.merge(&meter, june, &readings(&meter, june, QUARTER, 73..=73, consumed, 1_000_000));
    let page = page(&home, Language::English);
    assert!(page.contains("<h1>Home: monthly peaks, June 2025 – June 2026</h1>"));
    assert!(page.contains("The newest peak is that of June 2026: 4.00 kW"));
}
