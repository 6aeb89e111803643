//! The folder of the Home Assistant app is one that the Supervisor takes.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::addon::{manifest, names};
use super::{Case, SHORTEST, repository_file};

#[test]
fn the_manifest_is_one_for_the_supervisor() {
    // Source: _SCHEMA_APP_CONFIG in supervisor/apps/validate.py; unknown keys would be dropped without a word.
    let known = BTreeSet::from([
        "arch",
        "backup",
        "backup_exclude",
        "boot",
        "description",
        "environment",
        "homeassistant",
        "homeassistant_api",
        "image",
        "ingress",
        "ingress_port",
        "init",
        "map",
        "name",
        "options",
        "panel_icon",
        "panel_title",
        "schema",
        "services",
        "slug",
        "startup",
        "timeout",
        "url",
        "version",
        "watchdog",
    ]);
    let manifest = manifest();
    assert!(names(&manifest).is_subset(&known), "{:?}", names(&manifest).difference(&known));
    for key in ["name", "version", "slug", "description", "arch"] {
        assert!(!manifest[key].is_null(), "{key} is required");
    }
    assert_eq!(manifest["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(manifest["slug"], env!("CARGO_PKG_NAME"));
    assert_eq!(manifest["arch"], json!(["amd64", "aarch64"]));
    let image = manifest["image"].as_str().unwrap();
    assert!(!image.contains(':') && !image.contains("{arch}"), "one name for all, and the version is the tag");
    assert_eq!((&manifest["services"], &manifest["homeassistant_api"]), (&json!(["mqtt:want"]), &json!(true)));
    let changes = fs::read_to_string(repository_file("addon/CHANGELOG.md")).unwrap();
    let newest = changes.lines().find_map(|line| line.strip_prefix("## ")).unwrap();
    assert_eq!(newest, env!("CARGO_PKG_VERSION"));
    let text = fs::read_to_string(repository_file("repository.yaml")).unwrap();
    let repository: Value = serde_yaml::from_str(&text).unwrap();
    assert_eq!(names(&repository), BTreeSet::from(["maintainer", "name", "url"]));
    assert_eq!(repository["url"], manifest["url"]);
}

#[test]
fn the_watchdog_and_the_sidebar_ask_where_the_app_answers() {
    let manifest = manifest();
    let mut case = Case::file(SHORTEST);
    for (name, value) in manifest["environment"].as_object().unwrap() {
        case = case.var(name, value.as_str().unwrap());
    }
    let listens = case.loaded().config.listen.unwrap();
    assert!(listens.ip().is_unspecified(), "the Supervisor is another machine to the app");
    assert_eq!(manifest["watchdog"], format!("http://[HOST]:[PORT:{}]/health", listens.port()));
    assert_eq!((&manifest["ingress"], &manifest["ingress_port"]), (&json!(true), &json!(listens.port())));
}

#[test]
fn the_profile_is_one_that_the_supervisor_can_rename() {
    let profile = fs::read_to_string(repository_file("addon/apparmor.txt")).unwrap();
    let heads: Vec<_> = profile.lines().filter_map(|line| line.strip_prefix("profile ")).collect();
    assert_eq!(heads.len(), 1, "exactly one, at the beginning of a line: {heads:?}");
    assert!(heads[0].starts_with("fluvius2mqtt "), "{heads:?}");
}

#[test]
fn no_other_file_looks_like_an_app() {
    let mut found = Vec::new();
    collect(&repository_file(""), &mut found);
    assert_eq!(found, [repository_file("addon/config.yaml")]);
}

/// The files that the Supervisor would take for apps, but for those that stay out of the repository.
fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    let is_out = ["target", "data", "playground"].map(repository_file);
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && !name.starts_with('.') && !is_out.contains(&path) {
            collect(&path, found);
        } else if ["config.yaml", "config.yml", "config.json"].contains(&name.as_str())
            && path != repository_file("config.yaml")
        {
            found.push(path);
        }
    }
}

#[test]
fn the_pictures_have_the_sizes_that_the_store_shows() {
    for (name, width, height) in [("icon.png", 128_u32, 128_u32), ("logo.png", 250, 100)] {
        let bytes = fs::read(repository_file("addon").join(name)).unwrap();
        assert_eq!(bytes[..16], *b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "{name}");
        assert_eq!((&bytes[16..20], &bytes[20..24]), (&width.to_be_bytes()[..], &height.to_be_bytes()[..]), "{name}");
    }
}
