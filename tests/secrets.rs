//! No password, token, code or cookie, and no whole EAN, is in any log or in any file that isn't made for it.

use std::fs;
use std::path::{Path, PathBuf};

use fluvius2mqtt::simulator::{Fault, How, Where};
use serde_json::json;

use crate::support::{EAN, Home, Listener, Mosquitto, OTHER_EAN, Running, before, yesterday};

const BROKER_PASSWORD: &str = "Broker & wachtwoord/é=1";

/// All that must not be seen, each as it is and as it would be in an address or a form.
fn secrets(home: &Home, more: &[&str]) -> Vec<String> {
    let mut secrets = home.portal.secrets();
    assert!(secrets.iter().all(|secret| secret.len() >= 16));
    secrets.extend([home.portal.password(), BROKER_PASSWORD.to_owned()]);
    secrets.extend(more.iter().map(|secret| (*secret).to_owned()));
    let in_address = |secret: &String| {
        let url = reqwest::Url::parse_with_params("http://a", [("b", secret)]).unwrap();
        url.query().unwrap().strip_prefix("b=").unwrap().to_owned()
    };
    let encoded: Vec<_> = secrets.iter().map(in_address).collect();
    secrets.extend(encoded);
    secrets
}

fn found<'a>(secrets: &'a [String], text: &str) -> Vec<&'a String> {
    secrets.iter().filter(|secret| text.contains(secret.as_str())).collect()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files.extend(self::files(&path)) } else { files.push(path) }
    }
    files
}

/// The text of every file in the data directory but the tokens.
fn texts(home: &Home) -> Vec<(PathBuf, String)> {
    let files = files(&home.data_dir()).into_iter().filter(|path| !path.ends_with("tokens.json"));
    files.map(|path| (path.clone(), String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned())).collect()
}

#[track_caller]
fn assert_nothing_shows(home: &Home, output: &[String], more: &[&str]) {
    let secrets = secrets(home, more);
    assert!(output.iter().any(|log| log.contains("HTTP ")), "the log tells all that it can");
    for text in output {
        assert!(found(&secrets, text).is_empty(), "{:?} in {text}", found(&secrets, text));
        assert!(!text.contains(EAN) && !text.contains(OTHER_EAN), "a whole EAN in {text}");
        assert!(!text.contains("jan+fluvius@") && !text.contains("jan%2Bfluvius"), "the e-mail address in {text}");
    }
    let texts = texts(home);
    assert!(texts.iter().any(|(path, text)| path.ends_with("ledger.sqlite") && text.contains(EAN)));
    for (path, text) in texts {
        assert!(found(&secrets, &text).is_empty(), "{:?} in {}", found(&secrets, &text), path.display());
    }

    // The search finds what there is: the token in its own file, and one that is planted.
    let tokens = home.data("tokens.json");
    if tokens.exists() {
        let seen = found(&secrets, &fs::read_to_string(tokens).unwrap()).len();
        assert!(seen >= 2, "both tokens are in their file, not {seen}");
    }
    let planted = home.data_dir().join("planted");
    fs::create_dir(&planted).unwrap();
    for secret in &secrets {
        fs::write(planted.join("file"), format!("a\u{0}{secret}\u{0}b")).unwrap();
        assert!(self::texts(home).iter().any(|(_, text)| !found(std::slice::from_ref(secret), text).is_empty()));
    }
    fs::remove_dir_all(planted).unwrap();
}

/// A home that tells all that it can.
async fn home() -> Home {
    let mut home = Home::new().await;
    home.settings["log"] = json!("trace");
    home.settings["mqtt"]["username"] = json!("bridge");
    home.settings["mqtt"]["password"] = json!(BROKER_PASSWORD);
    home.settings["meters"][0]["history_from"] = json!(before(4));
    home
}

#[tokio::test(flavor = "multi_thread")]
async fn a_good_day_shows_no_secret() {
    let mut home = home().await;
    home.settings["meters"] = json!([home.settings["meters"][0], {"ean": OTHER_EAN, "serial": "1SAG1100000022"}]);
    let mut output = Vec::new();
    let mut once = async |home: &Home| {
        let done = home.once().await;
        output.extend([done.out, done.log]);
    };
    once(&home).await;
    home.portal.expire_access_tokens();
    once(&home).await;
    home.portal.forget_sessions();
    once(&home).await;
    home.portal.fail(Fault::once(Where::History, How::Status(401, None)));
    once(&home).await;

    let listener = Listener::connect(home.broker.port).await;
    let bridge = home.run();
    listener
        .wait("fluvius2mqtt/status", "online again", |message| !message.retained && message.payload == "online")
        .await;
    listener.publish("fluvius2mqtt/command/refresh", "PRESS", false).await;
    bridge.logs("refresh: polling now").await;
    bridge.logs("Next poll: ").await;
    let done = bridge.stop().await;
    output.extend([done.out, done.log]);
    assert_nothing_shows(&home, &output, &[]);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_failure_shows_a_secret() {
    let home = home().await;
    let mut output = Vec::new();
    let everywhere =
        [How::Status(503, None), How::Status(400, None), How::Status(404, None), How::Html, How::Truncated];
    let everywhere = everywhere.into_iter().chain([How::Object, How::Drop]);
    let steps =
        [Where::Settings, Where::LoginPage, Where::Credentials, Where::Confirmation, Where::Token, Where::Refresh];
    let mut faults: Vec<_> =
        steps.iter().flat_map(|at| everywhere.clone().map(|how| Fault::always(*at, how))).collect();
    for (at, code) in [
        (Where::LoginPage, "90091"),
        (Where::Credentials, "90053"),
        (Where::Credentials, "90114"),
        (Where::Confirmation, "90091"),
        (Where::Confirmation, "90244"),
        (Where::Token, "90088"),
        (Where::Refresh, "90080"),
    ] {
        faults.push(Fault::always(at, How::ErrorCode(format!("AADB2C{code}"))));
    }
    faults.extend([How::WrongState, How::NewPage].map(|how| Fault::always(Where::Confirmation, how)));
    for fault in faults {
        if fault.at == Where::Refresh {
            // A refresh needs a session.
            home.portal.clear_faults();
            home.once().await;
            home.portal.expire_access_tokens();
        } else {
            let _ = fs::remove_file(home.data("tokens.json"));
        }
        // Else the memory of logins would soon keep the bridge from trying.
        let _ = fs::remove_file(home.data("login.json"));
        home.portal.fail(fault);
        let failed = home.once().await;
        output.extend([failed.out, failed.log]);
        home.portal.clear_faults();
        assert_eq!(
            found(&secrets(&home, &[]), &fs::read_to_string(home.data("login.json")).unwrap_or_default()).len(),
            0
        );
    }
    let _ = fs::remove_file(home.data("login.json"));
    home.once_well().await;
    for how in [How::Status(404, None), How::Status(302, None), How::Html, How::Truncated, How::Object] {
        home.portal.fail(Fault::once(Where::History, how).for_date(yesterday()));
        let failed = home.once().await;
        output.extend([failed.out, failed.log]);
        home.portal.clear_faults();
    }
    home.portal.fail(Fault::once(Where::History, How::Status(429, Some(900))));
    let failed = home.once().await;
    output.extend([failed.out, failed.log]);
    assert_nothing_shows(&home, &output, &[]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_not_shown_either() {
    let mut home = home().await;
    home.settings["fluvius"]["password"] = json!("Een vergissing?");
    let mut output = Vec::new();
    for _ in 0..2 {
        let refused = home.once().await;
        assert_eq!(refused.code, Some(3), "{}", refused.log);
        output.extend([refused.out, refused.log]);
    }
    let bridge = home.run();
    bridge.logs("not tried again now").await;
    let done = bridge.stop().await;
    output.extend([done.out, done.log]);
    assert_nothing_shows(&home, &output, &["Een vergissing?"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_refuses_the_login_shows_no_password() {
    let mut home = home().await;
    let broker = Mosquitto::with("allow_anonymous false\n").await;
    home.settings["mqtt"]["url"] = json!(broker.url());
    let mut output = Vec::new();
    let addresses = [
        broker.url(),
        // The login in the address, where é, &, / and = must be escaped.
        broker.url().replace("mqtt://", "mqtt://bridge:Broker%20%26%20wachtwoord%2F%C3%A9%3D1@"),
    ];
    for url in addresses {
        if url.contains('@') {
            home.settings["mqtt"] = json!({ "url": url });
        }
        let bridge = home.run();
        bridge.logs("it refuses the login; check mqtt.username and mqtt.password").await;
        bridge.logs("Next poll: ").await;
        home.let_an_hour_pass();
        let done = bridge.stop().await;
        output.extend([done.out, done.log]);
    }
    assert_nothing_shows(&home, &output, &["Broker%20%26%20wachtwoord%2F%C3%A9%3D1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_that_tells_each_request_shows_no_secret() {
    let mut home = home().await;
    home.settings["log"] = json!("info");
    home.settings["meters"] = json!([home.settings["meters"][0], {"ean": OTHER_EAN, "serial": "1SAG1100000022"}]);
    home.once_well().await;
    let mut output = Vec::new();
    let mut fetch = async |more: &[&str]| {
        let asked = Running::start(home.command(&["fetch", "-vv", "--days-back", "2"]).args(more)).finished().await;
        output.extend([asked.out, asked.log]);
        asked.code
    };
    assert_eq!(fetch(&[]).await, Some(0));
    home.portal.expire_access_tokens();
    assert_eq!(fetch(&["--granularity", "1"]).await, Some(0));
    home.portal.forget_sessions();
    assert_eq!(fetch(&[]).await, Some(0));
    let (email, password, token) = (home.portal.email(), home.portal.password(), home.portal.access_token().unwrap());
    assert_eq!(fetch(&["--bearer-token", &token]).await, Some(0));
    assert_eq!(fetch(&["--bearer-token", "een-eigen-sleutel"]).await, Some(3));
    let meter = ["--ean", EAN, "--meter-serial", "1SAG1100000015", "--email", &email];
    assert_eq!(fetch(&[&meter[..], &["--password", &password]].concat()).await, Some(0));
    home.portal.forget_sessions();
    for (at, how) in [
        (Where::LoginPage, How::ErrorCode("AADB2C90091".to_owned())),
        (Where::Confirmation, How::ErrorCode("AADB2C90244".to_owned())),
        (Where::Confirmation, How::Status(302, None)),
        (Where::Token, How::Drop),
    ] {
        home.portal.fail(Fault::once(at, how));
        assert_ne!(fetch(&[&meter[..], &["--password", &password]].concat()).await, Some(0));
        let _ = fs::remove_file(home.data("login.json"));
    }
    assert_eq!(fetch(&[&meter[..], &["--password", "Een vergissing?"]].concat()).await, Some(3));
    assert!(output.iter().any(|log| log.contains("cookies sent: x-ms-cpim-")), "the log tells all that it can");
    assert!(output.iter().any(|log| log.contains("error_description=AADB2C90091")), "{output:#?}");
    assert_nothing_shows(&home, &output, &["een-eigen-sleutel", "Een vergissing?"]);
}
