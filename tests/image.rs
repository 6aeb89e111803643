//! The image is built from the Dockerfile and run as an engine would: as its user, with a root file system that can't be
//! written, beside a real Mosquitto, until the sensors are there and its health is good.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::Path;
use std::process::Command;

use crate::support::{EAN, Home, Listener, Running, SERIAL, before, free_port};

/// The image's user.
const USER: u32 = 65532;

/// What an engine's folders and files for a container are: its user's.
fn hand_over(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    chown(path, Some(USER), Some(USER)).unwrap();
}

fn script(arguments: &[&str]) -> Command {
    let mut command = Command::new("tests/real/image");
    command.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR"));
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn real_image_runs_confined_until_its_sensors_are_there_and_it_is_healthy() {
    let built = script(&["build"]).status().unwrap();
    assert!(built.success(), "tests/real/image build says why");
    let home = Home::new().await;
    let data = home.path("volume");
    fs::create_dir(&data).unwrap();
    hand_over(&data, 0o700);
    // In the volume, so that there is one to mount.
    fs::write(data.join("password"), home.portal.password()).unwrap();
    hand_over(&data.join("password"), 0o400);
    let settings = [
        ("FLUVIUS_EMAIL", home.portal.email()),
        ("FLUVIUS_PASSWORD_FILE", "/data/password".to_owned()),
        ("FLUVIUS_URL", home.portal.url()),
        ("METERS_0_EAN", EAN.to_owned()),
        ("METERS_0_SERIAL", SERIAL.to_owned()),
        ("METERS_0_HISTORY_FROM", before(9).to_string()),
        ("MQTT_URL", home.broker.url()),
        ("POLL_PAUSE", "0s".to_owned()),
        ("WEB_LISTEN", format!("127.0.0.1:{}", free_port())),
    ];
    let settings: Vec<_> = settings.iter().map(|(key, value)| format!("FLUVIUS2MQTT_{key}={value}")).collect();
    let in_image = |arguments: &[&str]| {
        let mut command = script(&["run", data.to_str().unwrap()]);
        command.args(&settings).arg("--").args(arguments);
        Running::start(&mut command)
    };
    let ill = in_image(&["health"]).finished().await;
    assert_eq!(ill.code, Some(1), "{}", ill.log);
    let listener = Listener::connect(home.broker.port).await;
    let bridge = in_image(&[]);
    let state = listener.wait_for(&Home::state_topic(EAN), "status", "ok").await;
    assert!(state["consumption_total"].as_f64().is_some_and(|kwh| kwh > 0.0), "{state}");
    listener.wait(&Home::discovery_topic(EAN), "the sensors are announced", |_| true).await;

    let process = Path::new("/proc").join(bridge.id().to_string());
    let status = fs::read_to_string(process.join("status")).unwrap();
    let of = |key: &str| status.lines().find_map(|line| line.strip_prefix(key)).unwrap().split_whitespace().collect();
    let (users, groups, rights): (Vec<_>, Vec<_>, Vec<_>) = (of("Uid:"), of("Gid:"), of("CapEff:"));
    assert_eq!((users, groups, rights), (vec!["65532"; 4], vec!["65532"; 4], vec!["0000000000000000"]));
    let mounts = fs::read_to_string(process.join("mountinfo")).unwrap();
    let root = mounts.lines().rfind(|line| line.split(' ').nth(4) == Some("/")).unwrap();
    assert!(root.split(' ').nth(5).unwrap().starts_with("ro"), "{root}");

    let well = in_image(&["health"]).finished().await;
    assert_eq!((well.code, well.out.as_str()), (Some(0), "The service is running.\n"), "{}", well.log);
    let ended = bridge.stop().await;
    assert_eq!(ended.code, Some(0), "{}", ended.log);
    assert!(data.join("ledger.sqlite").exists());
}
