//! Reading the login page: two objects that its script assigns.

use serde_json::Value;

use super::error::{Error, Step};

/// What the login form needs, from the objects `SETTINGS` and `SA_FIELDS` of a B2C page.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct LoginPage {
    /// The token against forged requests, sent back with the form.
    pub(super) csrf: String,
    /// The transaction, sent back with every step.
    pub(super) transaction: String,
    /// Where the steps are: absolute, or a path on the page's own origin.
    pub(super) tenant: String,
    /// The name of the sign-in policy.
    pub(super) policy: String,
    /// The name of the page, part of the confirmation's address.
    pub(super) api: String,
    /// The form field of the e-mail address.
    pub(super) login_field: String,
    /// The form field of the password.
    pub(super) password_field: String,
}

impl LoginPage {
    /// Reads a page.
    pub(super) fn read(html: &str) -> Result<Self, Error> {
        let changed = |what: &str| Error::Changed { step: Step::LoginPage, what: what.to_owned() };
        let settings = object(html, "SETTINGS").ok_or_else(|| changed("the page holds no SETTINGS"))?;
        let text = |pointer: &str| settings.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
        let needed =
            |pointer: &str, what: &str| text(pointer).filter(|found| !found.is_empty()).ok_or_else(|| changed(what));
        let (login_field, password_field) = fields(&object(html, "SA_FIELDS").unwrap_or_default());
        Ok(Self {
            csrf: needed("/csrf", "its SETTINGS hold no csrf")?,
            transaction: needed("/transId", "its SETTINGS hold no transId")?,
            tenant: needed("/hosts/tenant", "its SETTINGS hold no tenant")?,
            policy: needed("/hosts/policy", "its SETTINGS hold no policy")?,
            api: text("/api").filter(|api| !api.is_empty()).unwrap_or_else(|| "CombinedSigninAndSignup".to_owned()),
            login_field: login_field.unwrap_or_else(|| "signInName".to_owned()),
            password_field: password_field.unwrap_or_else(|| "password".to_owned()),
        })
    }
}

/// The ids of the first attribute that is no password, and of the one that is.
fn fields(fields: &Value) -> (Option<String>, Option<String>) {
    let (mut login, mut password) = (None, None);
    for attribute in fields.get("AttributeFields").and_then(Value::as_array).into_iter().flatten() {
        let Some(id) = attribute.get("ID").and_then(Value::as_str) else { continue };
        let is_password = match attribute.get("IS_PASSWORD") {
            Some(Value::Bool(is)) => *is,
            Some(Value::String(is)) => is.eq_ignore_ascii_case("true"),
            _ => false,
        };
        (if is_password { &mut password } else { &mut login }).get_or_insert_with(|| id.to_owned());
    }
    (login, password)
}

/// The object that a script in the page assigns to a name, whichever keyword declares it.
fn object(html: &str, name: &str) -> Option<Value> {
    html.match_indices(name).find_map(|(at, _)| {
        let before = html.get(..at)?.trim_end();
        if !["var", "let", "const"].iter().any(|keyword| before.ends_with(keyword)) {
            return None;
        }
        let after = html.get(at.checked_add(name.len())?..)?.trim_start().strip_prefix('=')?.trim_start();
        let value: Value = serde_json::from_str(braced(after)?).ok()?;
        value.is_object().then_some(value)
    })
}

/// The text from its first character, a brace, to the brace that closes it; braces in strings don't count.
fn braced(text: &str) -> Option<&str> {
    if !text.starts_with('{') {
        return None;
    }
    let (mut depth, mut quote, mut escaped) = (0_usize, None, false);
    for (at, character) in text.char_indices() {
        match (quote, character) {
            (Some(_), _) if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(open), _) if open == character => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'' | '`') => quote = Some(character),
            (None, '{') => depth = depth.saturating_add(1),
            (None, '}') => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return text.get(..=at);
                }
            }
            (None, _) => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PAGE: &str = r#"<html><script data-container="true">
        // SETTINGS are below; var SETTINGS come first
        var SA_FIELDS = {"AttributeFields":[{"ID":"email","IS_PASSWORD":false},{"ID":"pin","IS_PASSWORD":true}]};
        const  SETTINGS={"note":"a }; b { \" c","csrf":"QUJD==","transId":"StateProperties=eyJ","hosts":{"tenant":"/t/P","policy":"P"},
        "other":[{}]};
        </script>"#;

    #[test]
    fn braces_and_quotes_in_strings_do_not_end_an_object() {
        let page = LoginPage::read(PAGE).unwrap();
        assert_eq!((page.csrf.as_str(), page.transaction.as_str()), ("QUJD==", "StateProperties=eyJ"));
        assert_eq!((page.tenant.as_str(), page.policy.as_str()), ("/t/P", "P"));
        assert_eq!((page.login_field.as_str(), page.password_field.as_str()), ("email", "pin"));
        assert_eq!(page.api, "CombinedSigninAndSignup");
    }

    #[test]
    fn a_page_without_its_objects_is_told_from_one_without_a_token() {
        let text = |html: &str| LoginPage::read(html).unwrap_err().to_string();
        assert!(text("<html>Onderhoud</html>").contains("no SETTINGS"));
        assert!(text(&PAGE.replace("csrf", "crsf")).contains("no csrf"));
        assert!(text("let SETTINGS = {\"csrf\": \"never closed").contains("no SETTINGS"));
        let without_fields = LoginPage::read(&PAGE.replace("SA_FIELDS", "OTHER")).unwrap();
        assert_eq!(without_fields.login_field, "signInName");
        assert_eq!(without_fields.password_field, "password");
    }

    proptest! {
        #[test]
        fn no_page_panics(text in ".*", cut in 0_usize..400, with in "[\\PC{}\"'\\\\;=]*") {
            let _ = LoginPage::read(&text);
            let cut = PAGE.char_indices().map(|(at, _)| at).nth(cut).unwrap_or(0);
            let _ = LoginPage::read(&format!("{}{with}{}", &PAGE[..cut], &PAGE[cut..]));
            let _ = LoginPage::read(&format!("{}{with}", &PAGE[..cut]));
            let _ = LoginPage::read(&format!("var SETTINGS = {with}"));
        }
    }
}
