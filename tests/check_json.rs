//! A check can be read by programs, and shown to anybody.

use std::fs;

use fluvius2mqtt::simulator::{Fault, How, Where};
use fluvius2mqtt::statistics::fake::{Failure, FakeHomeAssistant};
use serde_json::{Value, json};

use crate::check::home;
use crate::encryption::{self, Authority};
use crate::support::{EAN, Home, Mosquitto, Running, free_port, plain, user_file};

/// What is told for programs: the outcome and the message of each check by its name.
async fn in_json(home: &Home, code: i32) -> (Value, String) {
    let told = Running::start(&mut home.command(&["check", "--json"])).finished().await;
    assert_eq!(told.code, Some(code), "{}{}", told.out, told.log);
    let version = format!("\"version\": \"{}\"", env!("CARGO_PKG_VERSION"));
    assert!(told.out.contains(&version), "{}", told.out);
    (serde_json::from_str(&told.out).unwrap(), told.out.replace(&version, "\"version\": \"[version]\""))
}

#[tokio::test(flavor = "multi_thread")]
async fn json_has_a_name_and_an_outcome_for_each_check() {
    let (mut home, home_assistant) = home().await;
    let (_, text) = in_json(&home, 0).await;
    insta::assert_snapshot!("json_of_a_set_up_that_works", plain(&home, &text));
    home_assistant.fail(Failure::Token);
    home.settings["fluvius"]["password"] = json!("a slip of the finger");
    home.settings["mqtt"]["url"] = json!(format!("mqtt://127.0.0.1:{}", free_port()));
    let (_, text) = in_json(&home, 3).await;
    insta::assert_snapshot!("json_of_one_that_does_not", plain(&home, &text));
    home.settings["fluvius"] = json!({"email": "jan"});
    let (_, text) = in_json(&home, 2).await;
    insta::assert_snapshot!("json_of_a_wrong_configuration", plain(&home, &text));
}

#[tokio::test(flavor = "multi_thread")]
async fn json_can_be_pasted_in_public() {
    let mut home = Home::new().await;
    let home_assistant = FakeHomeAssistant::start("2026.11.0").await.unwrap();
    let users = user_file("broker-user", "broker secret #1");
    let settings = "allow_anonymous false\npassword_file {folder}/users\n";
    let broker = Mosquitto::with_files(settings, &[("users", &users)]).await;
    // Another one than the examples in what is told have.
    const NUMBER: &str = "1SAG9900000099";
    home.portal.edit_meter(EAN, |meter| NUMBER.clone_into(&mut meter.serial));
    home.settings["meters"][0]["serial"] = json!(NUMBER);
    // The portal has the address in numbers, so the other hosts need a name to be told apart.
    let at_home = |url: &str| url.replace("127.0.0.1", "localhost");
    home.settings["meters"][0]["name"] = json!("Kerkstraat 5");
    home.settings["mqtt"] = json!({
        "url": at_home(&broker.url()), "username": "broker-user", "password": "broker secret #1",
        "base_topic": "zolder/energie", "client_id": "zolder-bridge",
    });
    home.settings["home_assistant"] = json!({
        "url": at_home(home_assistant.url().as_str()), "token": home_assistant.token().expose(), "energy_dashboard": true,
    });
    let folder = home.path("").to_str().unwrap().trim_end_matches('/').to_owned();
    let private = [
        home.portal.email(),
        home.portal.password(),
        EAN.to_owned(),
        NUMBER.to_owned(),
        "Kerkstraat".to_owned(),
        "localhost".to_owned(),
        "broker-user".to_owned(),
        "broker secret".to_owned(),
        "zolder".to_owned(),
        home_assistant.token().expose().to_owned(),
        folder.clone(),
        broker.port.to_string(),
    ];
    let found =
        |text: &str| private.iter().filter(|secret| text.contains(secret.as_str())).cloned().collect::<Vec<_>>();
    let written = fs::read_to_string(home.write_config()).unwrap();
    assert_eq!(found(&written), private, "the search finds each where it is");

    let mut seen = Vec::new();
    seen.push(in_json(&home, 0).await);
    home.portal.fail(Fault::always(Where::History, How::Status(404, None)));
    seen.push(in_json(&home, 1).await);
    home.portal.clear_faults();
    home.portal.fail(Fault::always(Where::History, How::Drop));
    seen.push(in_json(&home, 1).await);
    home.portal.clear_faults();
    let usual = home.settings.clone();
    home.settings["meters"][0]["ean"] = json!("541448860000000012");
    home.settings["mqtt"]["password"] = json!("broker secret #2");
    home.settings["home_assistant"]["url"] = json!(format!("http://localhost:{}", free_port()));
    seen.push(in_json(&home, 1).await);
    home.settings["mqtt"]["url"] = json!(at_home(&broker.url()).replace("mqtt:", "mqtts:"));
    home.settings["home_assistant"]["url"] = json!("https://localhost:1");
    home.settings["fluvius"]["password"] = json!("Zon & wind = 100% + regen");
    seen.push(in_json(&home, 3).await);
    home.settings["data_dir"] = json!(home.path("settings.yaml").join("data"));
    seen.push(in_json(&home, 1).await);
    home.settings = usual.clone();
    home.settings["mqtt"]["ca_file"] = json!(home.path("none.pem"));
    home.settings["fluvius"]["password_file"] = json!(home.path("none"));
    home.settings["meters"][0]["serial"] = json!(format!("{NUMBER} {NUMBER}"));
    seen.push(in_json(&home, 2).await);
    home.settings = usual;
    fs::remove_dir_all(home.data_dir()).unwrap();
    fs::create_dir(home.data_dir()).unwrap();
    fs::create_dir(home.data("login.json")).unwrap();
    seen.push(in_json(&home, 1).await);

    let messages: usize = seen.iter().map(|(document, _)| document["checks"].as_array().unwrap().len()).sum();
    assert!(messages > 40, "{messages}");
    for (_, text) in seen {
        assert_eq!(found(&text), Vec::<String>::new(), "{text}");
        assert!(!text.contains("127.0.0.1"), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_library_says_of_other_hosts_stays_at_home() {
    let (home, _) = encryption::home(&Authority::new(), "jan.example.org").await;
    let shown = Running::start(&mut home.command(&["check"])).finished().await.out;
    assert!(shown.contains("certificate is only valid for DnsName(\"jan.example.org\")"), "{shown}");
    let (_, text) = in_json(&home, 1).await;
    assert!(
        text.contains("the encrypted connection fails") && text.contains("certificate is only valid for"),
        "{text}"
    );
    assert!(!text.contains("jan.example.org"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn help_says_what_the_json_holds() {
    let home = Home::new().await;
    let help = Running::start(&mut home.command(&["check", "--help"])).finished().await;
    assert_eq!(help.code, Some(0));
    for word in ["checks", "not_tried", "meters[0].intervals", "safe to paste in public", "Example: fluvius2mqtt check"]
    {
        assert!(help.out.contains(word), "{word} in {}", help.out);
    }
}
