//! The login of Azure AD B2C, up to the code.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::call::{Call, Reply, query_of};
use super::fault::How;
use super::page;
use super::state::{POLICY, State, TENANT};
use super::tokens::Code;

/// The scopes that a login has to ask for.
pub(super) const SCOPES: [&str; 3] =
    ["openid", "offline_access", "https://klanten.onmicrosoft.com/MijnFluvius/user_impersonation"];

/// So many wrong passwords lock the account, for so long.
const WRONG_PASSWORDS: u32 = 10;
const LOCK: TimeDelta = TimeDelta::minutes(1);

const CACHE: &str = "x-ms-cpim-cache|id_0";
const SESSION: &str = "x-ms-cpim-sso:tenant_0";
const CSRF: &str = "x-ms-cpim-csrf";
const TRANSACTION: &str = "x-ms-cpim-trans";

/// A last redirect before the code, relative to the confirmation.
const RESUME: &str = "resume";

/// Logins on their way.
#[derive(Default)]
pub(super) struct SignIns {
    transactions: Vec<Transaction>,
    wrong: u32,
    locked_until: Option<DateTime<Utc>>,
}

struct Transaction {
    tx: String,
    csrf: String,
    cookies: Vec<(&'static str, String)>,
    state: String,
    challenge: String,
    stage: Stage,
}

#[derive(PartialEq, Eq)]
enum Stage {
    Started,
    PageShown,
    PasswordAccepted,
    Confirmed,
}

/// Whether a path is a redirect before the one that holds a step's result.
pub(super) fn is_on_the_way(path: &str) -> bool {
    path == format!("{TENANT}/{POLICY}/oauth2/v2.0/authorize") || path.ends_with(&format!("/{RESUME}"))
}

/// `GET /api/global/msal/config`
pub(super) fn settings(portal: &State, call: &Call, fault: Option<&How>) -> Reply {
    if call.method != "GET" {
        return Reply::bare(405);
    }
    let mut auth = json!({
        "clientId": portal.world.client_id,
        "authority": format!("{}{TENANT}/{POLICY}", portal.origin),
        "redirectUri": portal.redirect_uri(),
        "knownAuthorities": ["login.fluvius.be"],
    });
    if let Some(auth) = auth.as_object_mut() {
        match fault {
            Some(How::MissingClientId) => drop(auth.remove("clientId")),
            Some(How::MissingAuthority) => drop(auth.remove("authority")),
            _ => {}
        }
    }
    let [openid, offline, user] = SCOPES;
    Reply::json(
        200,
        &json!({
            "auth": auth,
            "cache": { "cacheLocation": "sessionStorage" },
            "authRequest": { "scopes": [openid, offline] },
            "protectedResourceMap": { format!("{}/verbruik/api", portal.origin): [user] },
        }),
    )
}

/// `GET …/oauth2/v2.0/authorize`: first a redirect to the tenant, then the page.
pub(super) fn authorize(portal: &mut State, call: &Call, fault: Option<&How>) -> Reply {
    if call.method != "GET" {
        return Reply::bare(405);
    }
    if !call.is_browser() {
        return Reply::bare(403);
    }
    if let Err(parameter) = check_authorize(portal, call) {
        return Reply::new(400, "text/plain", format!("The parameter {parameter} is missing or wrong"));
    }
    if call.path.starts_with(&format!("{TENANT}/{POLICY}/")) {
        return start(portal, call);
    }
    if call.query("p") != Some(POLICY) {
        return Reply::bare(400);
    }
    let transactions = &mut portal.sign_ins.transactions;
    let Some(transaction) = transactions.iter_mut().find(|known| known.stage == Stage::Started && known.knows(call))
    else {
        return Reply::bare(400);
    };
    if let Some(How::ErrorCode(code)) = fault {
        return Reply::redirect(refusal(&portal.origin, code, &transaction.state));
    }
    transaction.stage = Stage::PageShown;
    transaction.cookies.push((CACHE, random()));
    transaction.cookies.push((CSRF, transaction.csrf.clone()));
    transaction.cookies.push((TRANSACTION, random()));
    let html = page::login(
        &page::Login {
            csrf: &transaction.csrf,
            transaction: &transaction.tx,
            tenant: &format!("{TENANT}/{POLICY}"),
            policy: POLICY,
            page: &portal.world.page,
            login_field: &portal.world.login_field,
            password_field: &portal.world.password_field,
        },
        fault,
    );
    portal.secrets.extend(transaction.cookies.iter().map(|(_, value)| value.clone()));
    let page = Reply::html(html).with("cache-control", "no-store");
    transaction.cookies.iter().skip(1).fold(page, |page, (name, value)| page.with_cookie(name, value))
}

fn start(portal: &mut State, call: &Call) -> Reply {
    let session = random();
    let id = STANDARD.encode(format!("{{\"TID\":\"{:032x}\"}}", rand::random::<u128>()));
    portal.sign_ins.transactions.push(Transaction {
        tx: format!("StateProperties={id}"),
        csrf: random(),
        cookies: vec![(SESSION, session.clone())],
        state: call.query("state").unwrap_or_default().to_owned(),
        challenge: call.query("code_challenge").unwrap_or_default().to_owned(),
        stage: Stage::Started,
    });
    let same = call.parameters().iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let query = query_of([("p", POLICY)].into_iter().chain(same));
    Reply::redirect(format!("{}{TENANT}/oauth2/v2.0/authorize?{query}", portal.origin)).with_cookie(SESSION, &session)
}

fn check_authorize(portal: &State, call: &Call) -> Result<(), &'static str> {
    let is = |name, wanted: &str| if call.query(name) == Some(wanted) { Ok(()) } else { Err(name) };
    let long = |name, least| match call.query(name) {
        Some(text) if text.len() >= least => Ok(()),
        _ => Err(name),
    };
    is("client_id", &portal.world.client_id)?;
    is("redirect_uri", &portal.redirect_uri())?;
    is("response_type", "code")?;
    is("response_mode", "query")?;
    is("code_challenge_method", "S256")?;
    is("prompt", "login")?;
    long("state", 16)?;
    long("nonce", 16)?;
    check_scope(call.query("scope"))?;
    // A SHA-256 in base64url without padding.
    let url_safe = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let challenge = call.query("code_challenge").unwrap_or_default();
    if challenge.len() == 43 && challenge.bytes().all(url_safe) { Ok(()) } else { Err("code_challenge") }
}

pub(super) fn check_scope(asked: Option<&str>) -> Result<(), &'static str> {
    let asked: Vec<_> = asked.unwrap_or_default().split(' ').collect();
    if SCOPES.iter().all(|scope| asked.contains(scope)) { Ok(()) } else { Err("scope") }
}

/// `POST …/SelfAsserted`
pub(super) fn self_asserted(portal: &mut State, call: &Call, fault: Option<&How>) -> Reply {
    let now = portal.world.clock.now();
    let origin = &portal.origin;
    let Some(transaction) = portal.sign_ins.transactions.iter_mut().find(|known| known.is_asked_for(call)) else {
        return Reply::bare(400);
    };
    let in_order = call.method == "POST"
        && call.is_browser()
        && call.path == format!("{TENANT}/{POLICY}/SelfAsserted")
        && transaction.knows(call)
        && matches!(transaction.stage, Stage::PageShown | Stage::PasswordAccepted)
        && call.header("x-csrf-token") == Some(&transaction.csrf)
        && call.header("x-requested-with") == Some("XMLHttpRequest")
        && call.header("origin") == Some(origin)
        && call.header("referer").is_some_and(|from| from.starts_with(&format!("{origin}{TENANT}/")))
        && call.form("request_type") == Some("RESPONSE");
    let (Some(login), Some(password), true) =
        (call.form(&portal.world.login_field), call.form(&portal.world.password_field), in_order)
    else {
        return Reply::bare(400);
    };
    if let Some(How::ErrorCode(code)) = fault {
        return refused(code, "Er is iets misgegaan. Probeer het later opnieuw.");
    }
    if portal.sign_ins.locked_until.is_some_and(|until| now < until) {
        return refused("AADB2C90114", "Uw account is tijdelijk vergrendeld.");
    }
    if login != portal.world.email || password != portal.world.password {
        portal.sign_ins.wrong += 1;
        if portal.sign_ins.wrong >= WRONG_PASSWORDS {
            portal.sign_ins.locked_until = Some(now + LOCK);
        }
        return refused("AADB2C90053", "Het e-mailadres of het wachtwoord klopt niet.");
    }
    portal.sign_ins.wrong = 0;
    portal.sign_ins.locked_until = None;
    transaction.stage = Stage::PasswordAccepted;
    labelled_wrongly(&json!({ "status": "200" }))
}

/// `GET …/api/{page}/confirmed`, and the redirect after it.
pub(super) fn confirm(portal: &mut State, call: &Call, fault: Option<&How>) -> Reply {
    let api = format!("{TENANT}/{POLICY}/api/{}", portal.world.page);
    let transactions = &mut portal.sign_ins.transactions;
    let Some(at) = transactions.iter().position(|known| known.is_asked_for(call) && known.knows(call)) else {
        return Reply::bare(400);
    };
    let Some(transaction) = transactions.get_mut(at).filter(|_| call.method == "GET") else {
        return Reply::bare(400);
    };
    if call.path == format!("{api}/{RESUME}") && transaction.stage == Stage::Confirmed {
        let done = transactions.swap_remove(at);
        return Reply::redirect(success(portal, done.challenge, &done.state));
    }
    let in_order = call.path == format!("{api}/confirmed")
        && transaction.stage == Stage::PasswordAccepted
        && matches!(call.query("rememberMe"), Some("true" | "false"))
        && call.query("csrf_token") == Some(&transaction.csrf);
    if !in_order {
        return Reply::bare(400);
    }
    match fault {
        Some(How::ErrorCode(code)) => return Reply::redirect(refusal(&portal.origin, code, &transaction.state)),
        Some(How::NewPage) => return Reply::html(page::EXTRA_STEP),
        Some(How::WrongState) => {
            let challenge = transaction.challenge.clone();
            return Reply::redirect(success(portal, challenge, "c29tZWJvZHkgZWxzZQ"));
        }
        _ => {}
    }
    transaction.stage = Stage::Confirmed;
    let rotated = random();
    for (name, value) in &mut transaction.cookies {
        if *name == TRANSACTION {
            value.clone_from(&rotated);
        }
    }
    portal.secrets.push(rotated.clone());
    let query = query_of([("tx", transaction.tx.as_str()), ("p", POLICY)]);
    Reply::redirect(format!("{RESUME}?{query}")).with_cookie(TRANSACTION, &rotated)
}

impl Transaction {
    /// Whether all cookies came back untouched.
    fn knows(&self, call: &Call) -> bool {
        self.cookies.iter().all(|(name, value)| call.has_cookie(name, value))
    }

    fn is_asked_for(&self, call: &Call) -> bool {
        call.query("tx") == Some(&self.tx) && call.query("p") == Some(POLICY)
    }
}

/// The address with a new code.
fn success(portal: &mut State, challenge: String, state: &str) -> String {
    let code = random();
    let (client_id, redirect_uri) = (portal.world.client_id.clone(), portal.redirect_uri());
    let query = query_of([("state", state), ("client_info", "e30"), ("code", &code)]);
    let location = format!("{redirect_uri}?{query}");
    portal.secrets.push(code.clone());
    portal.tokens.add_code(Code::new(code, client_id, redirect_uri, challenge, portal.world.clock.now()));
    location
}

/// The address with a refusal.
fn refusal(origin: &str, code: &str, state: &str) -> String {
    let description = format!("{code}: Uw aanvraag is geweigerd.\r\nTimestamp: 2026-01-01 00:00:00Z\r\n");
    let query = query_of([("error", "access_denied"), ("error_description", &description), ("state", state)]);
    format!("{origin}/?{query}")
}

fn refused(code: &str, message: &str) -> Reply {
    labelled_wrongly(&json!({ "status": "400", "errorCode": code, "message": message }))
}

/// B2C gives its verdict on the password as JSON, and says that it is a page.
fn labelled_wrongly(verdict: &Value) -> Reply {
    Reply::html(verdict.to_string())
}

/// A random value of cookies and codes, with every character that is easily mangled on the way.
fn random() -> String {
    let bytes: [u8; 22] = rand::random();
    STANDARD.encode([&[0xFB, 0xFF, 0xBF], bytes.as_slice()].concat())
}
