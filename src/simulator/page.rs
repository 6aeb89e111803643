//! Pages for people.

use serde_json::{Value, json};

use super::fault::How;

/// What a portal out of order shows.
pub(super) const MAINTENANCE: &str = "<!DOCTYPE html>\n<html lang=\"nl\"><head><title>Onderhoud</title></head>\
    <body><h1>Mijn Fluvius is even niet beschikbaar</h1><p>Probeer het later opnieuw.</p></body></html>\n";

/// The portal's own front page.
pub(super) const PORTAL: &str =
    "<!DOCTYPE html>\n<html lang=\"nl\"><head><title>Mijn Fluvius</title></head><body></body></html>\n";

/// One more step that only a person can take.
pub(super) const EXTRA_STEP: &str = "<!DOCTYPE html>\n<html lang=\"nl\"><head><title>Verificatie</title></head>\
    <body><form><label>Geef de code die we u stuurden</label><input id=\"otp\"></form></body></html>\n";

/// What the login page is made of.
pub(super) struct Login<'a> {
    pub(super) csrf: &'a str,
    pub(super) transaction: &'a str,
    /// The path of the sign-in policy.
    pub(super) tenant: &'a str,
    pub(super) policy: &'a str,
    pub(super) page: &'a str,
    pub(super) login_field: &'a str,
    pub(super) password_field: &'a str,
}

/// The login page. Its strings hold what ends an object for a careless reader.
pub(super) fn login(login: &Login<'_>, fault: Option<&How>) -> String {
    let mut settings = json!({
        "remoteResource": "/static/{culture}/unified.html",
        "notice": "Sluit met \"};\" of met '};' en vergeet { niet \\",
        "retryLimit": 3,
        "api": login.page,
        "csrf": login.csrf,
        "transId": login.transaction,
        "hosts": { "tenant": login.tenant, "policy": login.policy, "static": "/static/" },
        "locale": { "lang": "nl" },
        "config": { "forgotPassword": "True", "nested": [{}, { "end": "}" }] },
    });
    if let (Some(How::MissingCsrf), Some(object)) = (fault, settings.as_object_mut()) {
        object.remove("csrf");
    }
    let fields = json!({
        "AttributeFields": [
            attribute(login.login_field, "email", "E-mailadres (bv. \"jan@example.com\"};)"),
            attribute(login.password_field, "password", "Wachtwoord"),
        ],
    });
    let script = match fault {
        Some(How::MissingSettings) => String::new(),
        _ => format!(
            "<script data-container=\"true\" nonce=\"{}\">\n\
             // SETTINGS = {{ \"csrf\": \"not here\" }};\n\
             window.SETTINGS_VERSION = \"2.1\";\nvar CP = {{\"list\":[{{}}]}};\n\
             var SETTINGS = {settings};\nconst SA_FIELDS = {fields};\n</script>\n",
            login.csrf
        ),
    };
    format!(
        "<!DOCTYPE html>\n<!-- Build: 1.1.555.0 -->\n<html lang=\"nl-BE\"><head><title>Aanmelden</title>\n{script}</head>\n\
         <body><div id=\"api\"></div></body></html>\n"
    )
}

fn attribute(id: &str, kind: &str, label: &str) -> Value {
    json!({ "UX_INPUT_TYPE": if kind == "password" { "Password" } else { "TextBox" }, "ID": id, "DN": label,
        "IS_TEXT": kind != "password", "IS_PASSWORD": kind == "password", "IS_REQ": true, "PAT": "^[^{}]{1,64}$" })
}
