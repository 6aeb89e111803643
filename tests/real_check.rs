//! The newest Home Assistant tells a check what it needs to know.

use serde_json::json;

use crate::support::{Home, Household, Running, plain};

#[tokio::test(flavor = "multi_thread")]
async fn real_home_assistant_tells_its_version_and_whose_the_token_is() {
    let household = Household::shared().await;
    let home_assistant = &household.home_assistant;
    let mut home = Home::new().await;
    let other = home_assistant.other_token().await;
    let administrator = home_assistant.token().to_owned();
    for (token, code, says) in [
        (&*administrator, 0, "[ ok ] Home Assistant: version 20"),
        (&*other, 1, ", but the token is not an administrator's"),
        ("not a token at all", 1, "[fail] Home Assistant: it refuses the token"),
    ] {
        home.settings["home_assistant"] =
            json!({"url": home_assistant.url(), "token": token, "energy_dashboard": true});
        let told = Running::start(&mut home.command(&["check"])).finished().await;
        assert_eq!(told.code, Some(code), "{}{}", told.out, told.log);
        assert!(told.out.contains(says), "{}", plain(&home, &told.out));
    }
}
