//! The commented example, with values put in.

use serde_json::Value;

use super::draft::Meter;

const EXAMPLE: &str = include_str!("../../../config.example.yaml");

/// How the example begins, and what stands there in a file that was written.
const FOR_COPYING: &str = "Copy this file to config.yaml and fill in what is marked with (1) to (4).";
const WRITTEN: &str = "Written by `fluvius2mqtt init`; all else that can be set is here as a comment.";

/// The lines of a configuration file.
pub(super) struct Template(Vec<String>);

impl Template {
    /// The example, without what is for those who copy it.
    pub(super) fn example() -> Self {
        let mut text = EXAMPLE.replacen(FOR_COPYING, WRITTEN, 1);
        for number in 1..=4 {
            text = text.replacen(&format!("# ({number}) "), "# ", 1);
        }
        Self(text.lines().map(str::to_owned).collect())
    }

    pub(super) fn text(&self) -> String {
        self.0.iter().flat_map(|line| [line.as_str(), "\n"]).collect()
    }

    /// Puts the value of a key in its place, where the example has one, be it as a comment. Without a value, all stays.
    pub(super) fn set(&mut self, section: &str, key: &str, value: Option<&str>) {
        let Some(value) = value else { return };
        let lines = self.section(section);
        let line = lines.into_iter().find_map(|at| self.0.get(at).filter(|line| key_of(line) == Some(key)).map(|_| at));
        if let Some(line) = line.and_then(|at| self.0.get_mut(at)) {
            let indent = line.len() - line.trim_start().len();
            *line = format!("{:indent$}{key}: {}", "", quoted(value));
        }
    }

    /// Makes a section of one that is a comment as a whole. Of its keys, only those that follow are no comments.
    pub(super) fn open(&mut self, section: &str, keys: &[&str]) {
        let title = format!("# {section}:");
        let lines = self.0.iter_mut().skip_while(|line| **line != title).take_while(|line| line.starts_with('#'));
        for line in lines {
            let open = line.strip_prefix("# ").unwrap_or_default();
            let is_comment = open.trim_start().starts_with('#');
            *line = match key_of(open).filter(|_| !is_comment) {
                Some(key) if key != section && !keys.contains(&key) => format!("  # {}", open.trim_start()),
                _ => open.to_owned(),
            };
        }
    }

    /// Puts the meters in the place of the one in the example, which keeps its comments.
    pub(super) fn set_meters(&mut self, meters: &[Meter]) {
        let Some((first, others)) = meters.split_first() else { return };
        let values = first.values();
        for at in self.section("meters") {
            let Some(line) = self.0.get_mut(at) else { continue };
            let Some((key, value)) = values.iter().find(|(key, _)| key_of(line) == Some(key)) else { continue };
            let dash = if line.trim_start().starts_with("- ") { "  - " } else { "    " };
            *line = format!("{dash}{key}: {}", quoted(value));
        }
        let end = self.section("meters").last().map_or(self.0.len(), |last| last + 1);
        let lines = others.iter().flat_map(|meter| {
            let values = meter.values().into_iter().enumerate();
            let line = |(number, (key, value)): (usize, (&str, &str))| {
                let dash = if number == 0 { "  - " } else { "    " };
                format!("{dash}{key}: {}", quoted(value))
            };
            std::iter::once(String::new()).chain(values.map(line))
        });
        let lines: Vec<_> = lines.collect();
        self.0.splice(end..end, lines);
    }

    /// The numbers of the lines below the title of a section, up to its last one that is indented.
    fn section(&self, section: &str) -> Vec<usize> {
        let title = format!("{section}:");
        let below = self.0.iter().enumerate().skip_while(|(_, line)| **line != title).skip(1);
        let is_inside = |line: &str| line.is_empty() || line.starts_with(' ');
        let mut lines: Vec<_> = below.take_while(|(_, line)| is_inside(line)).map(|(at, _)| at).collect();
        while lines.last().and_then(|at| self.0.get(*at)).is_some_and(String::is_empty) {
            lines.pop();
        }
        lines
    }
}

impl Meter {
    /// The keys that are known, in the order of the example.
    fn values(&self) -> Vec<(&str, &str)> {
        let keys = ["ean", "serial", "name", "kind", "gas_unit"];
        let values = [&self.ean, &self.serial, &self.name, &self.kind, &self.gas_unit];
        keys.into_iter().zip(values).filter_map(|(key, value)| Some((key, value.as_deref()?))).collect()
    }
}

/// The key that a line sets, or would set if it were no comment.
fn key_of(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let line = line.strip_prefix("- ").or_else(|| line.strip_prefix("# ")).unwrap_or(line);
    let (key, rest) = line.split_once(':')?;
    let is_key = !key.is_empty() && key.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    (is_key && (rest.is_empty() || rest.starts_with(' '))).then_some(key)
}

/// A text as YAML, exactly as it is.
fn quoted(text: &str) -> String {
    let json = Value::from(text).to_string();
    let escaped = json.chars().map(|c| match c {
        // What JSON takes as it is and YAML takes for the end of a line, or not at all.
        '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}' => {
            format!("\\u{:04x}", u32::from(c))
        }
        c => c.to_string(),
    });
    escaped.collect()
}

#[cfg(test)]
#[path = "template_tests.rs"]
mod tests;
