use chrono::Days;

use super::{Home, yesterday};

/// What a command has printed, without what differs from run to run: dates, ports and folders.
pub(crate) fn plain(home: &Home, text: &str) -> String {
    let mut text = text.replace(home.path("").to_str().unwrap().trim_end_matches('/'), "[folder]");
    for days in 0..300 {
        let date = yesterday() + Days::new(1) - Days::new(days);
        text = text.replace(&date.to_string(), &format!("[today-{days}]"));
    }
    let mut plain = String::new();
    for (number, part) in text.split("127.0.0.1:").enumerate() {
        if number > 0 {
            plain.push_str("127.0.0.1:[port]");
        }
        plain.push_str(if number > 0 { part.trim_start_matches(|c: char| c.is_ascii_digit()) } else { part });
    }
    plain
}
