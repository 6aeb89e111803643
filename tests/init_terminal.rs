//! Somebody at a terminal can give an answer again, and nobody behind them reads what is secret.

use crate::init::{account, home, init, loaded};
use crate::support::{EAN, SERIAL, Terminal, free_port, plain};

#[tokio::test(flavor = "multi_thread")]
async fn at_a_terminal_it_asks_until_an_answer_is_right_and_hides_what_is_secret() {
    let home = home().await;
    let [email, password] = account(&home);
    let mut terminal = Terminal::start(&mut init(&home, &[]));
    for (asks, answer) in [
        ("E-mail address: ", "jan"),
        ("is not an e-mail address; write the address of your account on Mijn Fluvius, such as you@example.com", ""),
        ("E-mail address: an answer is needed", &email),
        ("Password: ", &password),
        ("EAN (18 digits, on mijn.fluvius.be under Verbruik): ", "5414 4886 0000 0000 12"),
        ("Keep it? [y/N]: ", ""),
        ("EAN (18 digits, on mijn.fluvius.be under Verbruik): ", EAN),
        ("Serial number (printed on the meter): ", SERIAL),
        ("Electricity or gas [electricity]: ", ""),
        ("Name in Home Assistant [none]: ", "Cottage"),
        ("Another meter? [y/N]: ", "maybe"),
        ("Another meter? Write y or n", "n"),
        ("Address of the broker [mqtt://127.0.0.1:1883]: ", &format!("mqtt://127.0.0.1:{}", free_port())),
        ("User at the broker [none]: ", "me"),
        ("Password at the broker [none]: ", "broker secret #1"),
        ("Statistics in Home Assistant? [y/N]: ", ""),
        ("Write config.yaml all the same, to correct it there? [y/N]: ", "y"),
    ] {
        terminal.shows(asks).await;
        terminal.types(answer);
    }
    let (code, shown) = terminal.ends().await;
    assert_eq!(code, Some(0), "{shown}");
    insta::assert_snapshot!("a_talk_at_a_terminal", plain(&home, &shown).replace('\u{1b}', "<esc>"));
    assert!(!shown.contains(&password) && !shown.contains("broker secret"), "{shown}");
    let config = loaded(&home.path("config.yaml"));
    assert_eq!(
        (config.fluvius.password.expose(), config.mqtt.login.unwrap().1.expose()),
        (&*password, "broker secret #1")
    );

    // Nobody presses Enter and has a file that doesn't work.
    let mut terminal = Terminal::start(init(&home, &["--config", "other.yaml"]).env("NO_COLOR", "1"));
    for (asks, answer) in [
        ("E-mail address: ", &*email),
        ("Password: ", &password),
        ("EAN", EAN),
        ("Serial number", "1SAG1100000016"),
        ("Electricity or gas", ""),
        ("Name in", ""),
        ("Another meter?", ""),
        ("Address of the broker", &home.broker.url()),
        ("User at the broker", ""),
        ("Statistics in Home Assistant?", ""),
        ("Write other.yaml all the same", ""),
    ] {
        terminal.shows(asks).await;
        terminal.types(answer);
    }
    let (code, shown) = terminal.ends().await;
    assert_eq!(code, Some(1), "{shown}");
    assert!(shown.contains("Nothing was written.") && !shown.contains('\u{1b}'), "{shown:?}");
    assert!(!home.path("other.yaml").exists());
}
