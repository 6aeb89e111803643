use std::path::{Path, PathBuf};

/// Cargo's folder for all that is made.
pub(crate) fn target() -> PathBuf {
    folder("CARGO_TARGET_DIR").unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("target"))
}

/// Where `tests/real/install` puts programs; it says the same.
pub(crate) fn tools() -> PathBuf {
    folder("FLUVIUS2MQTT_TEST_TOOLS").unwrap_or_else(|| target().join("tools"))
}

/// A folder that the environment names.
fn folder(variable: &str) -> Option<PathBuf> {
    let named = std::env::var_os(variable).filter(|value| !value.is_empty())?;
    Some(Path::new(env!("CARGO_MANIFEST_DIR")).join(named))
}
