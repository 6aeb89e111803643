//! What the bridge promises to its users, each promise a file, tried on the built binary against the simulated portal and
//! a real Mosquitto.

mod first_run;
mod support;
