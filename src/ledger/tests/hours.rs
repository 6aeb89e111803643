use proptest::prelude::*;

use super::*;

impl Book {
    /// The hours of consumption: start and millionths.
    pub(super) fn hours(&self, now: &str) -> Vec<(String, i64)> {
        let mut hours = Vec::new();
        let give = |hour: Reading| {
            if hour.direction == Direction::Consumption {
                hours.push((hour.interval.start().to_rfc3339(), hour.amount.millionths()));
            }
        };
        self.ledger.hours(self.meter, at(now), give).unwrap();
        hours
    }
}

#[test]
fn an_hour_is_the_sum_of_its_quarters_on_days_of_every_length() {
    for (date, hours) in [("2026-03-29", 23), ("2026-06-01", 24), ("2026-10-25", 25)] {
        let mut book = open(date);
        book.ledger.merge(book.meter, day(date), &whole(day(date)), at("2026-11-20T05:00:00Z")).unwrap();
        let found = book.hours("2026-11-20T05:00:00Z");
        assert_eq!(found.len(), hours, "{date}");
        assert!(found.iter().all(|(_, amount)| *amount == 400_000));
        assert!(found.windows(2).all(|pair| pair[0].0 < pair[1].0), "the hour that comes twice is two");
        assert_eq!(found[0].0, day(date).interval().start().to_rfc3339());
    }
}

#[test]
fn a_day_known_as_a_total_is_its_first_hour_until_the_quarters_are_in() {
    let mut book = open("2026-06-01");
    let day = day("2026-06-01");
    let mut total = quarter(day, 0, Direction::Consumption, Register::High, 9_000_000);
    total.interval = day.interval();
    book.ledger.merge(book.meter, day, &[total], at("2026-06-02T05:00:00Z")).unwrap();
    assert_eq!(book.hours("2026-06-02T05:00:00Z"), [("2026-05-31T22:00:00+00:00".to_owned(), 9_000_000)]);
    book.ledger.merge(book.meter, day, &whole(day), at("2026-06-02T06:00:00Z")).unwrap();
    assert_eq!(book.hours("2026-06-02T06:00:00Z").len(), 24);
}

#[test]
fn a_part_of_a_day_waits_until_it_is_two_days_old_and_the_present_hour_longer() {
    let mut book = open("2026-06-01");
    let day = day("2026-06-01");
    book.ledger.merge(book.meter, day, &whole(day)[..10], at("2026-06-02T05:00:00Z")).unwrap();
    assert_eq!(book.hours("2026-06-03T21:59:59Z"), []);
    let hours = book.hours("2026-06-03T22:00:00Z");
    assert_eq!(hours.iter().map(|(_, amount)| *amount).collect::<Vec<_>>(), [400_000, 400_000, 200_000]);

    book.ledger.merge(book.meter, day, &whole(day), at("2026-06-02T05:00:00Z")).unwrap();
    assert_eq!(book.hours("2026-06-01T10:59:59Z").len(), 12, "what isn't over is never given");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn hours_follow_from_the_last_amounts_alone(
        fetches in proptest::collection::vec((0_u32..3, 0_u32..96, 0_i64..2_000_000, any::<bool>()), 1..60),
    ) {
        // Each fetch brings a day with one amount of its own, in whatever order; the last fetch of a day counts.
        let dates = ["2026-06-01", "2026-06-02", "2026-06-03"];
        let now = "2026-06-20T05:00:00Z";
        let mut book = open("2026-06-01");
        let mut last = std::collections::BTreeMap::new();
        for (turn, (index, slot, amount, with_total)) in fetches.iter().enumerate() {
            let day = day(dates[*index as usize]);
            let mut rows = whole(day);
            rows[*slot as usize].amount = Amount::from_millionths(*amount);
            if *with_total {
                let mut total = rows[0];
                total.interval = day.interval();
                rows.push(total);
            }
            let fetched = at("2026-06-10T05:00:00Z") + TimeDelta::seconds(i64::try_from(turn).unwrap());
            last.insert(*index, (day, rows.clone(), fetched));
            book.ledger.merge(book.meter, day, &rows, fetched).unwrap();
        }
        let mut anew = open("2026-06-01");
        for (day, rows, fetched) in last.into_values() {
            anew.ledger.merge(anew.meter, day, &rows, fetched).unwrap();
        }
        prop_assert_eq!(book.hours(now), anew.hours(now));
    }
}
