use std::collections::BTreeSet;

use super::*;

fn files(book: &Book) -> BTreeSet<std::ffi::OsString> {
    std::fs::read_dir(book._folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect()
}

#[test]
fn a_ledger_is_read_beside_its_service_and_left_as_it_was() {
    let mut book = open("2026-06-01");
    book.fill("2026-06-01", "2026-06-02");
    let before = files(&book);
    let beside = Ledger::open_to_read(book._folder.path(), Brussels).unwrap();
    let ean = Ean::parse("541448860000000011").unwrap();
    let meter = beside.known_meter(&ean, MeterKind::Electricity, Unit::KilowattHour).unwrap().unwrap();
    assert_eq!(beside.extent(meter).unwrap(), Some((date("2026-06-01"), date("2026-06-02"))));
    book.fill("2026-06-03", "2026-06-03");
    let last = |ledger: &Ledger| ledger.extent(meter).unwrap().unwrap().1;
    assert_eq!(last(&beside), date("2026-06-02"), "all that is read is of one moment");
    let later = Ledger::open_to_read(book._folder.path(), Brussels).unwrap();
    assert_eq!(last(&later), date("2026-06-03"), "what was written meanwhile is seen by whoever comes then");
    drop(later);
    assert!(matches!(beside.set_anchor(meter, date("2026-06-01")), Err(Error::Store(_))), "it can't write");
    let stranger = Ean::parse("541448860000000028").unwrap();
    assert_eq!(beside.known_meter(&stranger, MeterKind::Gas, Unit::CubicMetre).unwrap(), None);
    drop(beside);
    assert_eq!(files(&book), before);
}

#[test]
fn reading_makes_no_file_and_upgrades_nothing() {
    let folder = tempfile::tempdir().unwrap();
    for missing in [Ledger::open_to_read(folder.path(), Brussels), Ledger::open_existing(folder.path(), Brussels)] {
        let told = missing.err().unwrap().to_string();
        assert!(told.contains("there is no ledger") && told.contains("fluvius2mqtt once"), "{told}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    drop(Ledger::open(folder.path(), Brussels).unwrap());
    drop(Ledger::open_to_read(folder.path(), Brussels).unwrap());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "the side files are gone again");
    let path = folder.path().join(Ledger::FILE);
    for (version, expected) in [(0, "older version"), (99, "newer version")] {
        rusqlite::Connection::open(&path).unwrap().pragma_update(None, "user_version", version).unwrap();
        let told = Ledger::open_to_read(folder.path(), Brussels).err().unwrap().to_string();
        assert!(told.contains(expected), "{told}");
    }
}

#[test]
fn reading_beside_the_service_takes_as_little_memory_as_the_service() {
    let book = open("2026-06-01");
    let beside = Ledger::open_to_read(book._folder.path(), Brussels).unwrap();
    for ledger in [&book.ledger, &beside] {
        let cache: i64 = ledger.db.pragma_query_value(None, "cache_size", |row| row.get(0)).unwrap();
        assert_eq!(cache, -512);
    }
}

#[test]
fn its_size_is_that_of_the_file_and_of_the_write_ahead_log() {
    let mut book = open("2026-06-01");
    book.fill("2026-06-01", "2026-06-02");
    let sized = |file: &str| std::fs::metadata(book._folder.path().join(file)).unwrap().len();
    assert!(sized("ledger.sqlite-wal") > 0);
    assert_eq!(book.ledger.size().unwrap(), sized("ledger.sqlite") + sized("ledger.sqlite-wal"));

    let copy = tempfile::tempdir().unwrap();
    book.ledger.copy_to(copy.path()).unwrap();
    let ledger = Ledger::open(copy.path(), Brussels).unwrap();
    let path = copy.path().join(Ledger::FILE);
    ledger.db.pragma_update(None, "journal_mode", "DELETE").unwrap();
    assert!(!copy.path().join("ledger.sqlite-wal").exists());
    assert_eq!(ledger.size().unwrap(), std::fs::metadata(&path).unwrap().len(), "a log that isn't there is no error");
    std::fs::remove_file(&path).unwrap();
    assert!(ledger.size().unwrap_err().to_string().contains("ledger.sqlite"));
}
