//! The section `home_assistant`.

use reqwest::Url;
use serde_yaml::Value;

use super::fault::Wrong;
use super::model::HomeAssistant;
use super::reader::{Reader, Table};
use super::{app, keys, secrets, values};

pub(super) fn home_assistant<'a>(reader: &mut Reader<'a>, top: &Table<'a>) -> Option<HomeAssistant> {
    top.get("home_assistant")?;
    let table = reader.section(top, "home_assistant", keys::HOME_ASSISTANT)?;
    let url = reader.required(&table, "url", address);
    let token = secrets::required(reader, &table, "token", "token_file");
    let registers = [("total", false), ("split", true)];
    let splits_registers = reader.optional(&table, "registers", |value| values::choice(value, &registers));
    let energy_dashboard = reader.optional(&table, "energy_dashboard", values::boolean);
    Some(HomeAssistant {
        url: url?,
        token: token?,
        splits_registers: splits_registers.unwrap_or_default(),
        energy_dashboard: energy_dashboard.unwrap_or_default(),
    })
}

/// Where Home Assistant answers.
fn address(value: &Value) -> Result<Url, Wrong> {
    let remedy = "write it as in the browser, such as http://homeassistant.local:8123";
    let url = Url::parse(values::text(value)?).map_err(|_| Wrong::new("is not an address", remedy))?;
    let is_bare = url.username().is_empty() && url.password().is_none();
    let is_plain = is_bare && url.query().is_none() && url.fragment().is_none();
    let is_address = matches!(url.scheme(), "http" | "https") && is_plain;
    if !(is_address || app::is_socket(&url)) {
        return Err(Wrong::new("is not a plain http:// or https:// address", remedy));
    }
    Ok(url)
}
