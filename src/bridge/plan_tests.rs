use chrono::TimeDelta;
use proptest::prelude::*;

use super::*;

const FAR: i64 = 1_000;

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn today() -> NaiveDate {
    date("2026-06-20")
}

fn ago(days: i64) -> NaiveDate {
    today() - TimeDelta::days(days)
}

/// What a portal has of a meter, and what a ledger has learnt of it.
#[derive(Clone, Debug)]
struct World {
    kind: MeterKind,
    resolution: History,
    /// The first days with totals and with quarter-hours, in days ago; none has been published since the last one.
    totals: i64,
    quarters: i64,
    published: i64,
    /// Days without anything, and without quarter-hours.
    holes: BTreeSet<NaiveDate>,
    coarse: BTreeSet<NaiveDate>,
    code: Option<IntervalCode>,
    days: BTreeMap<NaiveDate, DayState>,
    now: DateTime<Utc>,
    requests: Vec<Request>,
}

impl World {
    fn new(totals: i64, quarters: i64) -> Self {
        Self {
            kind: MeterKind::Electricity,
            resolution: History::Finest,
            totals,
            quarters,
            published: 1,
            holes: BTreeSet::new(),
            coarse: BTreeSet::new(),
            code: None,
            days: BTreeMap::new(),
            now: "2026-06-20T05:00:00Z".parse().unwrap(),
            requests: Vec::new(),
        }
    }

    fn has_total(&self, date: NaiveDate) -> bool {
        date >= ago(self.totals) && date <= ago(self.published) && !self.holes.contains(&date)
    }

    fn has_quarters(&self, date: NaiveDate) -> bool {
        self.has_total(date) && date >= ago(self.quarters) && !self.coarse.contains(&date)
    }

    fn answer(&mut self, request: Request) -> Answer {
        let mut answer = Answer::default();
        for date in request.first.iter_days().take_while(|date| *date <= request.last) {
            let finest = match request.code {
                1 if self.has_quarters(date) => Some(900),
                DAILY if self.has_total(date) => Some(86_400),
                _ => None,
            };
            let state = self.days.entry(date).or_default();
            if let Some(seconds) = finest {
                answer.readings += 1;
                answer.shortest = (seconds == 900).then_some(900);
                state.finest = Some(state.finest.unwrap_or(seconds).min(seconds));
                (state.complete, state.has_amounts) = (true, true);
            }
            let answers = match request.asks {
                Asks::Totals => &mut state.totals,
                Asks::Probe if answer.shortest.is_none() => continue,
                Asks::Intervals | Asks::Probe => &mut state.intervals,
            };
            if answers.last.is_none_or(|last| self.now - last >= APART) {
                *answers = Answers { count: answers.count + 1, last: Some(self.now) };
            }
            state.closed |= state.finest.is_none()
                && state.totals.count >= OCCASIONS
                && (today() - date).num_days() > late_days(self.kind);
        }
        answer
    }

    fn plan(&self, first: i64, last: i64, rereads: bool) -> Plan {
        let scope = Scope { first: ago(first), last: ago(last), rereads, probes: true };
        let days = self.days.range(scope.first..).map(|(date, state)| (*date, *state)).collect();
        Plan::new(self.kind, self.resolution, scope, today(), self.code, days)
    }

    /// Carries a plan out until so many requests were made; `true` when it came to its end.
    fn run(&mut self, plan: &mut Plan, most: usize) -> bool {
        for _ in 0..most {
            let Some(request) = plan.next(self.now) else { return true };
            assert!(self.requests.len() < 5_000, "it never ends");
            self.requests.push(request);
            let answer = self.answer(request);
            for date in request.first.iter_days().take_while(|date| *date <= request.last) {
                plan.set(date, self.days[&date]);
            }
            match plan.took(request, Some(answer)) {
                Some(Finding::Code(code)) => self.code = Some(code),
                Some(Finding::Nothing(first, last)) => {
                    for date in first.iter_days().take_while(|date| *date <= last) {
                        let state = self.days.entry(date).or_default();
                        (state.closed, state.totals.count) = (true, state.totals.count.max(1));
                        let state = *state;
                        plan.set(date, state);
                    }
                }
                None => {}
            }
        }
        plan.next(self.now).is_none()
    }

    fn pass(&mut self, first: i64, last: i64, rereads: bool) -> Vec<Request> {
        let before = self.requests.len();
        let mut plan = self.plan(first, last, rereads);
        assert!(self.run(&mut plan, usize::MAX));
        self.requests[before..].to_vec()
    }

    /// The days asked for in intervals, probes included, in days ago.
    fn asked(requests: &[Request]) -> Vec<i64> {
        let by_interval = requests.iter().filter(|request| request.asks != Asks::Totals);
        by_interval.map(|request| (today() - request.first).num_days()).collect()
    }
}

fn totals(requests: &[Request]) -> Vec<(i64, i64)> {
    let totals = requests.iter().filter(|request| request.asks == Asks::Totals);
    totals.map(|request| ((today() - request.last).num_days(), (today() - request.first).num_days())).collect()
}

#[test]
fn a_first_pass_finds_the_code_on_the_way_and_asks_for_each_day_once() {
    let mut world = World::new(FAR, FAR);
    let requests = world.pass(31, 1, true);
    let mut asked = World::asked(&requests);
    assert_eq!((asked[0], asked[1], requests[0].code), (2, 1, 1));
    asked.sort_unstable();
    assert_eq!(asked, (1..=31).collect::<Vec<_>>());
    assert_eq!(totals(&requests), []);
}

#[test]
fn a_poll_asks_for_what_is_missing_and_the_newest_days_and_nothing_else() {
    let mut world = World::new(FAR, FAR);
    world.holes.insert(ago(5));
    world.pass(31, 1, true);
    world.now += TimeDelta::hours(6);
    let requests = world.pass(31, 1, true);
    assert_eq!((World::asked(&requests), totals(&requests)), (vec![1, 2, 3, 5], vec![(5, 5)]));
    world.holes.clear();
    world.pass(31, 1, true);
    assert_eq!(World::asked(&world.pass(31, 1, true)), [1, 2, 3]);
    assert_eq!(world.pass(31, 1, false), []);
}

#[test]
fn gas_is_read_again_for_ten_days() {
    let mut world = World { kind: MeterKind::Gas, published: 3, ..World::new(FAR, FAR) };
    world.pass(31, 1, true);
    assert_eq!(World::asked(&world.pass(31, 1, true)), (1..=10).collect::<Vec<_>>());
}

#[test]
fn a_meter_without_intervals_lives_on_months_of_totals() {
    let mut world = World::new(FAR, 0);
    let requests = world.pass(100, 1, true);
    assert_eq!(totals(&requests), [(1, 31), (32, 62), (63, 93), (94, 100)]);
    // Each of the three codes, on a day of which nothing is known and then on two that are published.
    assert_eq!(World::asked(&requests), [2, 2, 2, 1, 1, 1]);
    let again = world.pass(100, 1, true);
    assert_eq!((totals(&again), World::asked(&again)), (vec![(1, 3)], vec![1, 1, 1, 2, 2, 2]));
}

#[test]
fn daily_totals_are_all_that_is_asked_for_when_they_are_all_that_is_wanted() {
    let mut world = World { resolution: History::Days, ..World::new(FAR, FAR) };
    let requests = world.pass(40, 1, true);
    assert_eq!((totals(&requests), requests.len()), (vec![(1, 31), (32, 40)], 2));
    assert_eq!(totals(&world.pass(40, 1, true)), [(1, 3)]);
}

#[test]
fn three_years_take_a_request_a_day_and_then_a_month() {
    let mut world = World::new(FAR, 400);
    let requests = world.pass(1_095, 1, false);
    let asked = World::asked(&requests);
    assert_eq!(asked.len(), 400 + 14);
    assert_eq!(asked.iter().max(), Some(&414));
    // The days that had no intervals, and all before them, down to the month that has nothing.
    let totals = totals(&requests);
    assert_eq!((totals[0], totals.len()), ((401, 431), 21));
    assert_eq!(totals.last(), Some(&(1_021, 1_051)));
    assert!(world.days[&ago(1_095)].closed);
    assert_eq!(world.pass(1_095, 1, false), []);
}

#[test]
fn a_hole_is_asked_for_on_three_occasions() {
    let mut world = World::new(FAR, FAR);
    world.holes.insert(ago(20));
    world.coarse.insert(ago(21));
    for (minutes, asked) in [(0, true), (10, false), (40, true), (60, true), (600, false)] {
        world.now += TimeDelta::minutes(minutes);
        let requests = world.pass(40, 1, false);
        let expected = if asked { vec![20, 21] } else { Vec::new() };
        let of_holes: Vec<_> = World::asked(&requests).into_iter().filter(|day| [20, 21].contains(day)).collect();
        assert_eq!(of_holes, expected, "after {minutes} minutes more");
    }
    assert!(world.days[&ago(20)].closed);
}

#[test]
fn a_code_that_gives_nothing_for_published_days_is_lost() {
    let mut world = World::new(FAR, FAR);
    world.code = Some(IntervalCode { code: 3, seconds: 900 });
    let mut plan = world.plan(31, 1, true);
    assert!(world.run(&mut plan, usize::MAX) && !plan.has_lost_its_code(), "nothing was known to be published");
    let mut plan = world.plan(31, 1, true);
    assert!(world.run(&mut plan, usize::MAX) && plan.has_lost_its_code());
    // Days that come too late to be expected are no reason.
    world.code = Some(IntervalCode { code: 1, seconds: 900 });
    world.published = 4;
    let mut plan = world.plan(31, 1, true);
    assert!(world.run(&mut plan, usize::MAX) && !plan.has_lost_its_code());
}

#[test]
fn a_day_that_fails_is_left_for_another_pass() {
    let world = World { code: Some(IntervalCode { code: 1, seconds: 900 }), ..World::new(FAR, FAR) };
    let mut plan = world.plan(3, 1, false);
    for days in [1, 2, 3] {
        let request = plan.next(world.now).unwrap();
        assert_eq!((today() - request.first).num_days(), days);
        assert_eq!(plan.took(request, None), None);
        assert_eq!(plan.left(world.now).0, 3);
    }
    let request = plan.next(world.now).unwrap();
    assert_eq!((request.asks, plan.took(request, None), plan.next(world.now)), (Asks::Totals, None, None));
    assert_eq!(plan.left(world.now), (3, 0));
}

prop_compose! {
    fn worlds()(
        (totals, quarters) in (1_i64..160).prop_flat_map(|totals| (Just(totals), 0..=totals)),
        holes in proptest::collection::btree_set(1_i64..160, 0..12),
        coarse in proptest::collection::btree_set(1_i64..160, 0..12),
        is_known in any::<bool>(),
    ) -> World {
        World {
            holes: holes.into_iter().map(ago).collect(),
            coarse: coarse.into_iter().map(ago).collect(),
            code: is_known.then_some(IntervalCode { code: 1, seconds: 900 }),
            ..World::new(totals, quarters)
        }
    }
}

proptest! {
    #[test]
    fn cut_off_and_taken_up_it_asks_for_the_same_and_never_twice(
        world in worlds(), cuts in proptest::collection::vec(1_usize..80, 0..5),
    ) {
        let mut whole = world.clone();
        whole.pass(150, 1, false);
        let mut world = world;
        for cut in cuts {
            let mut plan = world.plan(150, 1, false);
            world.run(&mut plan, cut);
            // The service may be started again at once, or an hour later.
            world.now += TimeDelta::minutes(1);
        }
        world.pass(150, 1, false);
        let mut seen = BTreeSet::new();
        for request in &world.requests {
            // Days that aren't late may come at any time, and which code gives intervals is tried out by each run.
            for date in request.first.iter_days().take_while(|date| *date <= request.last) {
                let is_late = (today() - date).num_days() > late_days(MeterKind::Electricity);
                if request.asks != Asks::Probe && is_late {
                    prop_assert!(seen.insert((date, request.code)), "{date} twice with {}", request.code);
                }
            }
        }
        let finest = |world: &World| world.days.iter().map(|(date, day)| (*date, day.finest)).collect::<Vec<_>>();
        prop_assert_eq!(finest(&whole), finest(&world));
    }

    #[test]
    fn everything_comes_in_that_the_portal_has(world in worlds(), rereads in any::<bool>()) {
        let mut world = world;
        world.pass(150, 1, rereads);
        // What the code of the newest days can't tell, and what lies before a long stretch without anything, is left out.
        let (mut empty, mut bare, mut ended) = (0, 0, false);
        for date in (1..=150).map(ago) {
            let state = world.days.get(&date).copied().unwrap_or_default();
            if world.code.is_some() && empty < EMPTY_DAYS && world.has_quarters(date) {
                prop_assert_eq!(state.finest, Some(900), "{}", date);
            }
            ended |= bare >= DAILY_DAYS;
            if !ended && world.has_total(date) {
                prop_assert!(state.finest.is_some(), "{}", date);
            }
            let is_late = (today() - date).num_days() > late_days(MeterKind::Electricity);
            empty = if is_late && !world.has_quarters(date) || empty >= EMPTY_DAYS { empty + 1 } else { 0 };
            bare = if world.has_total(date) { 0 } else { bare + 1 };
        }
        prop_assert!(world.requests.len() <= 150 + 9 + 40, "{} requests", world.requests.len());
    }
}
