//! The program, the Home Assistant app and the change logs say the same version, or no release comes of it.

use std::fs;
use std::path::Path;
use std::process::Command;

const SCRIPTS: [&str; 2] = ["check-versions", "set-version"];

/// A project with a version in each place, and the real scripts.
fn project(folder: &Path, app: &str, log: &str) {
    for folder in ["packaging", "addon"].map(|name| folder.join(name)) {
        fs::create_dir_all(folder).unwrap();
    }
    for script in SCRIPTS {
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging").join(script);
        fs::copy(from, folder.join("packaging").join(script)).unwrap();
    }
    let package = "name = \"fluvius2mqtt\"\nversion = \"1.2.3\"\n";
    fs::write(folder.join("Cargo.toml"), format!("[package]\n{package}[dependencies.x]\nversion = \"9\"\n")).unwrap();
    fs::write(folder.join("Cargo.lock"), format!("[[package]]\n{package}")).unwrap();
    fs::write(folder.join("addon/config.yaml"), format!("name: x\nversion: \"{app}\"\n")).unwrap();
    for file in ["CHANGELOG.md", "addon/CHANGELOG.md"] {
        fs::write(folder.join(file), log).unwrap();
    }
}

/// Whether a script is content, and what it tells.
fn run(folder: &Path, script: &str, arguments: &[&str]) -> (bool, String) {
    let done = Command::new(folder.join("packaging").join(script)).args(arguments).output().unwrap();
    (done.status.success(), String::from_utf8([done.stdout, done.stderr].concat()).unwrap())
}

#[test]
fn places_that_do_not_agree_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let check = |arguments: &[&str]| run(folder.path(), "check-versions", arguments);
    project(folder.path(), "1.2.3", "## [Unreleased]\n\n## [1.2.3] - 2026-01-01\n");
    assert_eq!(check(&["v1.2.3"]), (true, "check-versions: all say 1.2.3\n".to_owned()));
    let told = check(&["v1.2.4"]);
    assert_eq!(told, (false, "check-versions: the tag is v1.2.4 and Cargo.toml says 1.2.3\n".to_owned()));
    project(folder.path(), "1.2.2", "## [Unreleased]\n\n## [1.2.2] - 2026-01-01\n");
    let (is_well, told) = check(&[]);
    assert!(!is_well && told.lines().count() == 3, "{told}");
    assert!(told.contains("addon/config.yaml says 1.2.2 and Cargo.toml 1.2.3"), "{told}");
    assert!(told.contains("the newest release in addon/CHANGELOG.md is 1.2.2"), "{told}");
    project(folder.path(), "1.2.3", "## [Unreleased]\n");
    assert!(check(&[]).0, "before the first release");
    assert!(!check(&["v1.2.3"]).0, "a release says what is new");
}

#[test]
fn one_command_sets_it_everywhere() {
    let folder = tempfile::tempdir().unwrap();
    project(folder.path(), "1.2.3", "## [Unreleased]\n\n- New.\n\n## [1.2.3] - 2026-01-01\n");
    let (is_well, told) = run(folder.path(), "set-version", &["1.3.0"]);
    assert!(is_well, "{told}");
    assert!(run(folder.path(), "check-versions", &["v1.3.0"]).0);
    let manifest = fs::read_to_string(folder.path().join("Cargo.toml")).unwrap();
    assert!(manifest.contains("version = \"1.3.0\"") && manifest.contains("version = \"9\""), "{manifest}");
    assert!(!run(folder.path(), "set-version", &["next"]).0);
}
