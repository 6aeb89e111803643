//! The file that `fetch` writes holds exactly what the portal wrote, is private, and is replaced as a whole or not at all.

use std::fs;
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};

use fluvius2mqtt::simulator::{Fault, How, Where};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::fetch::{OUTPUT, Place, electricity, well};
use crate::support::{EAN, SERIAL, client, day};

#[tokio::test(flavor = "multi_thread")]
async fn the_file_holds_the_rows_as_the_portal_wrote_them() {
    let place = Place::new().await;
    well(place.fetch(["2026-06-12", "2026-06-13"], &["--granularity", "1"]).await);
    let token = place.portal.access_token().unwrap();
    let mut written = Vec::new();
    for request in place.portal.requests().iter().filter(|request| request.step == Some(Where::History)) {
        let url = format!("{}{}", place.portal.url(), request.path);
        let asked = client().get(url).bearer_auth(&token).header("accept", "application/json");
        let body = asked.header("user-agent", "a test").send().await.unwrap().text().await.unwrap();
        let rows: Vec<Box<RawValue>> = serde_json::from_str(&body).unwrap();
        written.extend(rows.into_iter().map(|row| row.get().to_owned()));
    }
    assert_eq!(written.len(), 192);
    assert_eq!(place.output(), format!("[\n{}\n]\n", written.join(",\n")));
}

#[tokio::test(flavor = "multi_thread")]
async fn quiet_means_nothing_but_errors() {
    let mut meter = electricity(EAN, SERIAL);
    meter.statuses.insert(day("2026-06-12"), 4);
    let place = Place::with(vec![meter]).await;
    let done = well(place.fetch(["2026-06-12", "2026-06-12"], &["--quiet"]).await);
    assert_eq!((done.out.as_str(), done.log.as_str()), ("", ""));
    assert!(place.output().contains("\"vs\":4"));
    place.portal.fail(Fault::once(Where::History, How::Status(403, None)));
    let failed = place.fetch(["2026-06-12", "2026-06-12"], &["--quiet"]).await;
    assert_eq!((failed.code, failed.out.as_str()), (Some(1), ""));
    assert!(failed.log.contains("the portal refuses the history of this meter (HTTP 403)"), "{}", failed.log);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_file_is_private_and_replaced_as_a_whole() {
    let place = Place::new().await;
    let days = ["2026-06-12", "2026-06-13"];
    fs::write(place.path(OUTPUT), "of another time").unwrap();
    fs::set_permissions(place.path(OUTPUT), fs::Permissions::from_mode(0o644)).unwrap();
    // The second of two requests fails.
    place.portal.fail(Fault::always(Where::History, How::Truncated).for_date(day("2026-06-13")));
    let failed = place.fetch(days, &["--granularity", "1"]).await;
    assert_eq!((failed.code, failed.out.as_str()), (Some(1), ""), "{}", failed.log);
    assert!(failed.log.contains("the answer is cut off"), "{}", failed.log);
    assert_eq!(place.output(), "of another time");
    place.portal.clear_faults();

    well(place.fetch(days, &[]).await);
    assert_eq!(fs::metadata(place.path(OUTPUT)).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(place.names(), [OUTPUT, "state"]);

    // Through a link, what the link leads to is replaced.
    std::os::unix::fs::symlink(OUTPUT, place.path("link")).unwrap();
    well(place.fetch(["2026-06-12", "2026-06-12"], &["--output", "link"]).await);
    assert!(fs::symlink_metadata(place.path("link")).unwrap().is_symlink());
    assert_eq!(serde_json::from_str::<Vec<Value>>(&place.output()).unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_that_cannot_be_written_is_told_before_the_portal_is_asked() {
    let place = Place::new().await;
    fs::create_dir(place.path("folder")).unwrap();
    fs::write(place.path("file"), "").unwrap();
    for (path, says) in [
        ("folder", "--output folder is a folder; name a file in it"),
        ("file/data.json", "--output file/data.json can't be written: Not a directory"),
        ("nowhere/data.json", "--output nowhere/data.json can't be written: No such file or directory"),
    ] {
        let told = place.fetch(["2026-06-12", "2026-06-12"], &["--output", path]).await;
        assert_eq!((told.code, told.out.as_str()), (Some(2), ""), "{}", told.log);
        assert!(told.log.contains(says), "{says} in {}", told.log);
    }
    assert_eq!(place.portal.requests().len(), 0);
    assert_eq!(place.names(), ["file", "folder"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pipe_or_a_device_takes_the_rows_and_stays_what_it_is() {
    let place = Place::new().await;
    let days = ["2026-06-12", "2026-06-12"];
    let done = well(place.fetch(days, &["--quiet", "--output", "/dev/stdout"]).await);
    assert_eq!(serde_json::from_str::<Vec<Value>>(&done.out).unwrap().len(), 1);
    well(place.fetch(days, &["--output", "/dev/null"]).await);
    assert!(fs::metadata("/dev/null").unwrap().file_type().is_char_device());
    assert_eq!(place.names(), ["state"]);
}
