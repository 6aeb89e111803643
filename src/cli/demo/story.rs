use std::collections::BTreeMap;
use std::io::{self, IsTerminal as _};
use std::net::SocketAddr;

use chrono::{NaiveDate, Utc};
use chrono_tz::Europe::Brussels;
use rumqttc::Publish;
use serde_json::Value;

use super::watcher::Watcher;
use crate::simulator::Simulator;

/// What happens in the demo, in order.
pub(super) struct Story<'a> {
    pub(super) portal: &'a Simulator,
    pub(super) watcher: &'a mut Watcher,
    pub(super) yesterday: NaiveDate,
    pub(super) ean: &'a str,
    /// Whether the broker is the demo's own, so that nobody else is watching.
    pub(super) is_own: bool,
    /// Where the status page is.
    pub(super) page: SocketAddr,
}

/// What Home Assistant knows of a device: its components, and the values of their last state.
#[derive(Default)]
struct Seen {
    announcement: Option<Value>,
    values: BTreeMap<String, Value>,
    is_available: bool,
}

impl Story<'_> {
    pub(super) fn opening(&self, broker: &str) {
        println!("A simulated Mijn Fluvius runs at {}; the broker is {broker}.", self.portal.url());
        println!("The status page is at http://{}/ as long as this runs.", self.page);
        println!("The bridge logs in, reads 60 days of quarter-hours and publishes over MQTT …\n");
    }

    pub(super) async fn tell(self) -> anyhow::Result<()> {
        let mut seen = Seen::default();
        while !seen.is_settled() {
            let publish = self.watcher.next().await?;
            seen.take(&publish, self.ean, false);
        }
        seen.print_device();
        println!(
            "\n{} is not published yet. Now the portal publishes it, and the Refresh button is pressed:\n",
            self.yesterday
        );
        self.portal.edit_meter(self.ean, |meter| meter.withheld.clear());
        self.watcher.press_refresh().await?;
        while !seen.is_complete(self.yesterday) {
            let publish = self.watcher.next().await?;
            seen.take(&publish, self.ean, true);
        }
        if self.is_own {
            println!("\nThat is all. To see it in your own Home Assistant:");
            println!("  fluvius2mqtt demo --broker mqtt://user:password@address-of-your-broker");
            if !io::stdout().is_terminal() {
                return Ok(());
            }
            println!("\nThe status page stays at http://{}/ until you press Ctrl-C.", self.page);
            std::future::pending::<()>().await;
        }
        println!(
            "\nLook in Home Assistant under Settings > Devices & services > MQTT. Ctrl-C ends the demo and removes the device;"
        );
        println!("Developer tools > Statistics then offers to delete the statistics that it leaves.");
        loop {
            let publish = self.watcher.next().await?;
            seen.take(&publish, self.ean, true);
        }
    }
}

impl Seen {
    /// Whether the first poll is over and all is announced.
    fn is_settled(&self) -> bool {
        self.is_available
            && self.announcement.is_some()
            && self.values.contains_key("consumption_total")
            && self.values.get("status").is_some_and(|status| status == "waiting")
    }

    fn is_complete(&self, day: NaiveDate) -> bool {
        let is = |key: &str, value: &str| self.values.get(key).is_some_and(|found| found == value);
        is("day", &day.to_string()) && is("status", "ok")
    }

    fn take(&mut self, publish: &Publish, ean: &str, prints: bool) {
        let Ok(text) = std::str::from_utf8(&publish.payload) else { return };
        if publish.topic.ends_with("/status") {
            self.is_available = text == "online";
        } else if publish.topic.ends_with(&format!("_{ean}/config")) {
            self.announcement = serde_json::from_str(text).ok();
        } else if publish.topic.ends_with(&format!("/{ean}/state")) {
            let Ok(values) = serde_json::from_str::<BTreeMap<String, Value>>(text) else { return };
            let old = std::mem::replace(&mut self.values, values);
            if prints {
                self.print_changes(&old);
            }
        }
    }

    fn components(&self) -> impl Iterator<Item = (&String, &Value)> {
        self.announcement.iter().filter_map(|all| all.get("components")?.as_object()).flatten()
    }

    fn print_device(&self) {
        let of_device = |key: &str| {
            let found = self.announcement.as_ref().and_then(|all| all.get("device")?.get(key)?.as_str());
            found.unwrap_or_default().to_owned()
        };
        println!("Home Assistant would show this device:\n");
        println!(
            "  {} ({}, {}, serial {})\n",
            of_device("name"),
            of_device("manufacturer"),
            of_device("model"),
            of_device("serial_number")
        );
        let mut lines: Vec<_> = self
            .components()
            .filter_map(|(key, component)| Some((key, component, self.value(key, component)?)))
            .collect();
        // Energy first, then the rest, each in the order of its name.
        lines.sort_by_key(|(key, component, _)| (component.get("unit_of_measurement").is_none(), (*key).clone()));
        for (_, component, value) in lines {
            println!("  {:<42} {value:>26} {}", text(component, "name"), text(component, "unit_of_measurement"));
        }
    }

    fn print_changes(&self, old: &BTreeMap<String, Value>) {
        for (key, component) in self.components() {
            if old.get(key) != self.values.get(key)
                && let Some(value) = self.value(key, component)
            {
                let now = Utc::now().with_timezone(&Brussels).format("%H:%M:%S");
                println!(
                    "  {now}  {:<42} {value:>26} {}",
                    text(component, "name"),
                    text(component, "unit_of_measurement")
                );
            }
        }
    }

    /// A component's value as Home Assistant would print it.
    fn value(&self, key: &str, component: &Value) -> Option<String> {
        match (text(component, "platform"), self.values.get(key)) {
            ("button", _) => Some("(a button)".to_owned()),
            ("binary_sensor", _) => {
                let status = self.values.get("status")?.as_str()?;
                let template = text(component, "value_template");
                Some(if template.contains(&format!("'{status}'")) { "OK".to_owned() } else { "Problem".to_owned() })
            }
            (_, Some(Value::Number(number))) => Some(format!("{:.3}", number.as_f64()?)),
            (_, Some(Value::String(text))) => Some(text.clone()),
            _ => None,
        }
    }
}

fn text<'a>(component: &'a Value, key: &str) -> &'a str {
    component.get(key).and_then(Value::as_str).unwrap_or_default()
}
