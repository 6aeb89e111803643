//! What the bridge promises to its users, each promise a file, tried on the built binary against the simulated portal and
//! a real Mosquitto.

mod broker;
mod demo;
mod dry_run;
mod first_run;
mod home_assistant;
mod restart;
mod stop;
mod support;
