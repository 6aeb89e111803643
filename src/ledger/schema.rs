use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::error::OpenError;

/// Each step brings a ledger from the version before it to the next; a step that was released is never changed.
const MIGRATIONS: &[&str] = &[
    "
    CREATE TABLE setting (
        name  TEXT PRIMARY KEY,
        value TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE meter (
        id            INTEGER PRIMARY KEY,
        ean           TEXT NOT NULL UNIQUE,
        kind          TEXT NOT NULL CHECK (kind IN ('electricity', 'gas')),
        first_day     TEXT NOT NULL,               -- local date: where history starts when nothing else is said
        anchor        TEXT,                        -- local date of the first day that the totals count
        released      INTEGER NOT NULL DEFAULT 0,  -- 1 once the totals may be shown
        injects       INTEGER NOT NULL DEFAULT 0,
        has_tariffs   INTEGER NOT NULL DEFAULT 0,
        code          INTEGER,                     -- granularity code that gave rows shorter than a day
        code_seconds  INTEGER,                     -- the length of those rows
        last_sync     INTEGER                      -- unix seconds of the last poll that left no question open
    ) STRICT;

    CREATE TABLE reading (
        meter      INTEGER NOT NULL REFERENCES meter (id),
        start      INTEGER NOT NULL,  -- unix seconds
        direction  INTEGER NOT NULL,  -- 1 consumption, 2 injection
        register   INTEGER NOT NULL,  -- 0 single, 1 high, 2 low
        unit       INTEGER NOT NULL,  -- 3 kWh, 5 m³
        seconds    INTEGER NOT NULL,  -- length of the interval
        amount     INTEGER NOT NULL,  -- millionths of the unit
        status     INTEGER NOT NULL,  -- the portal's validation status
        fetched_at INTEGER NOT NULL,  -- unix milliseconds
        changed_at INTEGER NOT NULL,  -- unix milliseconds of the fetch that last changed the amount
        PRIMARY KEY (meter, start, direction, register, unit, seconds)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE day (
        meter      INTEGER NOT NULL REFERENCES meter (id),
        date       TEXT NOT NULL,               -- local date on which the meter day begins
        finest     INTEGER,                     -- length of the shortest intervals that cover it, in seconds
        complete   INTEGER NOT NULL DEFAULT 0,  -- 1 for good once its amounts are all there
        answers    INTEGER NOT NULL DEFAULT 0,  -- how often the portal has answered for it
        answered   INTEGER,                     -- unix seconds of the last one
        closed     INTEGER NOT NULL DEFAULT 0,  -- 1: not asked for any more
        absent     INTEGER NOT NULL DEFAULT 0,  -- 1: given up as not existing, and never part of the totals
        PRIMARY KEY (meter, date)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE day_amount (
        meter     INTEGER NOT NULL REFERENCES meter (id),
        date      TEXT NOT NULL,
        direction INTEGER NOT NULL,
        register  INTEGER NOT NULL,
        unit      INTEGER NOT NULL,
        amount    INTEGER NOT NULL,
        PRIMARY KEY (meter, date, direction, register, unit)
    ) STRICT, WITHOUT ROWID;

    -- What a lost ledger had counted: read back from the sink that showed it.
    CREATE TABLE adopted (
        meter    INTEGER NOT NULL REFERENCES meter (id),
        name     TEXT NOT NULL,     -- the sum's name: consumption_total and so on
        amount   INTEGER NOT NULL,  -- millionths
        last_day TEXT NOT NULL,     -- the newest day in it
        PRIMARY KEY (meter, name)
    ) STRICT, WITHOUT ROWID;

    -- What the totals hold beside the days of this ledger.
    CREATE TABLE carried (
        meter  INTEGER NOT NULL REFERENCES meter (id),
        name   TEXT NOT NULL,
        amount INTEGER NOT NULL,
        PRIMARY KEY (meter, name)
    ) STRICT, WITHOUT ROWID;
",
    "
    -- What Home Assistant has been seen to hold.
    CREATE TABLE confirmed (
        meter     INTEGER NOT NULL REFERENCES meter (id),
        statistic TEXT NOT NULL,     -- the last part of its id
        last_hour INTEGER NOT NULL,  -- unix seconds of the start of the last hour
        hours     INTEGER NOT NULL,  -- how many there are
        sum       INTEGER NOT NULL,  -- millionths, at the last hour
        at        INTEGER NOT NULL,  -- unix seconds of when that was seen
        PRIMARY KEY (meter, statistic)
    ) STRICT, WITHOUT ROWID;
",
    "
    -- Requests for intervals and for daily totals are counted apart: `answers` and `answered` are of daily totals from here on.
    ALTER TABLE day ADD COLUMN interval_answers  INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE day ADD COLUMN interval_answered INTEGER;
    UPDATE day SET interval_answers = answers, interval_answered = answered;

    -- Monthly peaks as the portal publishes them.
    CREATE TABLE peak (
        meter INTEGER NOT NULL REFERENCES meter (id),
        month TEXT NOT NULL,     -- local date of its first day
        power INTEGER NOT NULL,  -- millionths of a kW
        start INTEGER NOT NULL,  -- unix seconds of the start of the quarter-hour
        PRIMARY KEY (meter, month)
    ) STRICT, WITHOUT ROWID;
    ALTER TABLE meter ADD COLUMN peaks_asked TEXT;  -- local date on which they were last asked for
",
    "
    ALTER TABLE meter ADD COLUMN unit INTEGER NOT NULL DEFAULT 3;  -- the one of `day_amount`: 3 kWh, 5 m³
",
    "
    -- What a fetch said otherwise than those before it, of readings of one kind in a day.
    CREATE TABLE correction (
        meter         INTEGER NOT NULL REFERENCES meter (id),
        date          TEXT NOT NULL,     -- local date on which the meter day begins
        direction     INTEGER NOT NULL,
        register      INTEGER NOT NULL,
        unit          INTEGER NOT NULL,
        seconds       INTEGER NOT NULL,  -- length of the intervals
        fetched_at    INTEGER NOT NULL,  -- unix milliseconds
        readings      INTEGER NOT NULL,  -- how many changed their amount
        amount_before INTEGER NOT NULL,  -- millionths, the sum of these readings
        amount_after  INTEGER NOT NULL,
        PRIMARY KEY (meter, date, direction, register, unit, seconds, fetched_at)
    ) STRICT, WITHOUT ROWID;

    -- The few readings that the portal has not, or not yet, called valid.
    CREATE INDEX estimated ON reading (meter, start) WHERE status <> 2;
",
];

/// How long to wait for another process that is writing.
const PATIENCE: Duration = Duration::from_secs(5);

/// Half a megabyte, in the negative KiB of SQLite, is plenty for a day at a time, and the service is to stay small.
const PAGE_CACHE: i32 = -512;

pub(super) fn open(path: &Path) -> Result<Connection, OpenError> {
    // SQLite gives its side files the mode of the main one, and a ledger holds whole EANs.
    OpenOptions::new().create(true).append(true).mode(0o600).open(path)?;
    let mut db = Connection::open(path)?;
    db.busy_timeout(PATIENCE)?;
    db.pragma_update(None, "journal_mode", "WAL")?;
    db.pragma_update(None, "synchronous", "FULL")?;
    db.pragma_update(None, "foreign_keys", true)?;
    db.pragma_update(None, "cache_size", PAGE_CACHE)?;
    migrate(&mut db)?;
    Ok(db)
}

pub(super) fn open_to_read(path: &Path) -> Result<Connection, OpenError> {
    // Opened for writing, SQLite removes the side files again that it needs while it reads; nothing is written all the same.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(path, flags)?;
    db.busy_timeout(PATIENCE)?;
    db.pragma_update(None, "query_only", true)?;
    db.pragma_update(None, "cache_size", PAGE_CACHE)?;
    let known = newest_version();
    match db.pragma_query_value(None, "user_version", |row| row.get::<_, u32>(0))? {
        found if found > known => Err(OpenError::Newer { found, known }),
        found if found < known => Err(OpenError::Older),
        _ => {
            // All that is read is of one moment, whatever is written meanwhile.
            db.execute_batch("BEGIN")?;
            Ok(db)
        }
    }
}

/// Whether there is a file. Its pages are looked at, and whether its schema is known; nothing is changed.
pub(super) fn examine(path: &Path) -> Result<bool, OpenError> {
    if !path.try_exists()? {
        return Ok(false);
    }
    let db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    db.busy_timeout(PATIENCE)?;
    if db.is_readonly("main")? {
        return Err(std::io::Error::from(std::io::ErrorKind::ReadOnlyFilesystem).into());
    }
    let known = newest_version();
    let found = db.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found > known {
        return Err(OpenError::Newer { found, known });
    }
    let verdict: String = db.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if verdict == "ok" { Ok(true) } else { Err(OpenError::Damaged) }
}

/// The newest schema version that is known here.
fn newest_version() -> u32 {
    u32::try_from(MIGRATIONS.len()).unwrap_or(u32::MAX)
}

fn migrate(db: &mut Connection) -> Result<(), OpenError> {
    let known = newest_version();
    let change = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let found: u32 = change.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found > known {
        return Err(OpenError::Newer { found, known });
    }
    for step in MIGRATIONS.iter().skip(found as usize) {
        change.execute_batch(step)?;
    }
    change.pragma_update(None, "user_version", known)?;
    change.commit()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use chrono_tz::Europe::Brussels;

    use super::*;
    use crate::energy::{Amount, Direction, Ean, Interval, MeterDay, MeterKind, Reading, Register, Unit};
    use crate::ledger::Ledger;

    #[test]
    fn a_ledger_of_the_fourth_version_is_brought_up_to_date_with_all_that_is_in_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(Ledger::FILE);
        let old = Connection::open(&path).unwrap();
        for step in &MIGRATIONS[..4] {
            old.execute_batch(step).unwrap();
        }
        let day = MeterDay::new(MeterKind::Electricity, "2026-06-01".parse().unwrap(), Brussels).unwrap();
        let start = day.interval().start().timestamp();
        old.execute_batch(&format!(
            "PRAGMA user_version = 4;
             INSERT INTO meter (ean, kind, first_day) VALUES ('541448860000000011', 'electricity', '2026-06-01');
             INSERT INTO reading VALUES (1, {start}, 1, 1, 3, 900, 5, 9, 1780466400000, 1780466400000);
             INSERT INTO day (meter, date) VALUES (1, '2026-06-01');
             INSERT INTO day_amount VALUES (1, '2026-06-01', 1, 1, 3, 5);",
        ))
        .unwrap();
        drop(old);

        let mut ledger = Ledger::open(folder.path(), Brussels).unwrap();
        let ean = Ean::parse("541448860000000011").unwrap();
        let meter =
            ledger.meter(&ean, MeterKind::Electricity, Unit::KilowattHour, "2026-06-09".parse().unwrap()).unwrap();
        assert_eq!(ledger.extent(meter).unwrap(), Some((day.date(), day.date())));
        assert_eq!(ledger.corrections(meter, day.date(), day.date()).unwrap(), []);
        assert_eq!(ledger.estimated(meter, day.date(), day.date()).unwrap(), [(day.date(), 1)].into());
        let reading = Reading {
            direction: Direction::Consumption,
            register: Register::High,
            unit: Unit::KilowattHour,
            interval: Interval::new(day.interval().start(), day.interval().start() + Duration::from_mins(15)).unwrap(),
            amount: Amount::from_millionths(7),
            status: 2,
        };
        ledger.merge(meter, day, &[reading], "2026-06-04T05:00:00Z".parse().unwrap()).unwrap();
        let corrections = ledger.corrections(meter, day.date(), day.date()).unwrap();
        assert_eq!((corrections.len(), corrections[0].before.millionths()), (1, 5), "it is corrected like any other");
        assert_eq!(ledger.estimated(meter, day.date(), day.date()).unwrap(), [].into());
    }
}
