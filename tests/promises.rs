//! What the bridge promises to its users, each promise a file, tried on the built binary against the simulated portal,
//! a real Mosquitto and, where it matters, a real Home Assistant and a real browser.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that can't go on has failed"
)]

mod app;
mod backfill;
mod broker;
mod check;
mod check_json;
mod check_meters;
mod check_sinks;
mod clock_changes;
mod completions;
mod compose;
mod demo;
mod dry_run;
mod encryption;
mod export;
mod fetch;
mod fetch_file;
mod fetch_flags;
mod fetch_login;
mod first_run;
mod gas;
mod gas_statistics;
mod health;
mod help;
mod history_until;
mod home_assistant;
mod image;
mod import;
mod init;
mod init_terminal;
mod late_days;
mod logins;
mod lost_ledger;
mod man;
mod open_metrics;
mod packaging;
mod page_failures;
mod peaks;
mod portal_trouble;
mod power_cut;
mod reading_codes;
mod real_app;
mod real_browser;
mod real_check;
mod real_home_assistant;
mod real_page;
mod real_statistics;
mod registers;
mod report;
mod restart;
mod secrets;
mod settings;
mod statistics;
mod stop;
mod support;
mod tokens;
mod two_meters;
mod versions;
