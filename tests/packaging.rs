//! The Debian package has all that belongs to the program, and its service is confined as tightly as systemd can tell.

use std::fs;
use std::path::Path;
use std::process::Command;

const UNIT: &str = "packaging/fluvius2mqtt.service";

#[test]
fn the_service_is_confined() {
    let unit = Path::new(env!("CARGO_MANIFEST_DIR")).join(UNIT);
    let done = Command::new("systemd-analyze")
        // In tenths: an exposure above 2.0 fails.
        .args(["security", "--offline=true", "--threshold=20"])
        .arg(unit)
        .output()
        .unwrap_or_else(|error| panic!("{error}; install systemd"));
    let told = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(done.status.success() && told.contains("Overall exposure level"), "{told}");
}

/// What a program prints; it must do well.
fn printed(command: &mut Command) -> String {
    let done = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let [out, log] = [done.stdout, done.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    assert!(done.status.success(), "{command:?}: {out}{log}");
    out + &log
}

#[test]
fn real_package_has_the_program_its_service_its_manual_and_an_example() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    printed(Command::new("strip").arg("-o").arg(path("program")).arg(env!("CARGO_BIN_EXE_fluvius2mqtt")));
    let machine = if cfg!(target_arch = "aarch64") { "arm64" } else { "amd64" };
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/deb");
    printed(Command::new(script).arg(path("program")).arg(machine).arg(folder.path()).arg("--fast"));
    let package = path(&format!("fluvius2mqtt_{}-1_{machine}.deb", env!("CARGO_PKG_VERSION")));
    let deb = |arguments: &[&str]| printed(Command::new("dpkg-deb").args(arguments).arg(&package));
    assert_eq!(deb(&["--field"]).lines().find(|line| line.starts_with("Package:")), Some("Package: fluvius2mqtt"));

    let root = path("root");
    printed(Command::new("dpkg-deb").arg("--extract").arg(&package).arg(&root));
    let version = printed(Command::new(root.join("usr/bin/fluvius2mqtt")).arg("--version"));
    assert_eq!(version, format!("fluvius2mqtt {}\n", env!("CARGO_PKG_VERSION")));
    for name in [
        "share/man/man1/fluvius2mqtt.1.gz",
        "share/man/man1/fluvius2mqtt-health.1.gz",
        "share/bash-completion/completions/fluvius2mqtt",
        "share/zsh/vendor-completions/_fluvius2mqtt",
        "share/fish/vendor_completions.d/fluvius2mqtt.fish",
        "share/doc/fluvius2mqtt/examples/config.example.yaml",
        "share/doc/fluvius2mqtt/copyright",
    ] {
        assert!(root.join("usr").join(name).is_file(), "{name}");
    }

    // In this folder the program is not where the unit looks for it.
    let unit = root.join("usr/lib/systemd/system/fluvius2mqtt.service");
    let text = fs::read_to_string(&unit).unwrap();
    let program = root.join("usr/bin/fluvius2mqtt");
    fs::write(&unit, text.replace("/usr/bin/fluvius2mqtt", program.to_str().unwrap())).unwrap();
    let told = printed(Command::new("systemd-analyze").args(["verify", "--man=false"]).arg(&unit));
    assert!(!told.contains("fluvius2mqtt"), "{told}");
}
