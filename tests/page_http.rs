//! The status page answers what it should to whom it should, and nothing that a client does wrong reaches the portal, or
//! holds up anybody else.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use chrono::Utc;
use fluvius2mqtt::simulator::{Fault, How, Where};
use reqwest::header::{ALLOW, CONTENT_LENGTH, CONTENT_TYPE, HOST, ORIGIN};
use reqwest::{Client, Method, Response, StatusCode};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::{EAN, Home, House, Page, Running, before};

const HTML: &str = "text/html; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";

/// All that can be read, and what it is.
const PAGES: [(&str, &str); 14] = [
    ("/", HTML),
    ("/days/0011", HTML),
    ("/days/0011/2026-01", HTML),
    ("/day/0011/2026-01-01", HTML),
    ("/peaks/0011", HTML),
    ("/year/0011", HTML),
    ("/year/0011/2025", HTML),
    ("/quality/0011", HTML),
    ("/api/v1/days.json", "application/json"),
    ("/api/v1/status.json", "application/json"),
    ("/metrics", "application/openmetrics-text; version=1.0.0; charset=utf-8"),
    ("/health", TEXT),
    ("/style.css", "text/css; charset=utf-8"),
    ("/icon.svg", "image/svg+xml"),
];

/// Meters, days, months and years that there are not.
const WRONG: [&str; 14] = [
    "/days/9999",
    "/days/0011/2026-13",
    "/days/0011/2026-1",
    "/days/0011/9999-12",
    "/day/9999/2026-01-01",
    "/day/0011/2026-02-30",
    "/day/0011/2026-1-1",
    "/day/0011/9999-12-31",
    "/day/0011/-262143-01-01",
    "/peaks/9999",
    "/year/9999",
    "/year/0011/9999",
    "/year/0011/26",
    "/quality/9999",
];

/// What the buttons send to.
const BUTTONS: [&str; 2] = ["/poll", "/login"];

/// How long a client may take to say what it wants, and with the slowness of machines.
const HEAD: Duration = Duration::from_secs(10);
const HEAD_AT_MOST: Duration = Duration::from_secs(25);

/// A home with a short history, and its page.
async fn home() -> (Home, Page) {
    let mut home = Home::new().await;
    home.settings["meters"][0]["history_from"] = json!(before(4));
    let page = Page::of(&mut home);
    (home, page)
}

/// A service whose first poll is over.
async fn polled(home: &Home) -> Running {
    let bridge = home.run();
    bridge.logs("Next poll").await;
    bridge
}

/// Whether a browser may do no more with an answer than to show it.
#[track_caller]
fn assert_hardened(answer: &Response, what: &str) {
    let header = |name: &str| answer.headers().get(name).map(|value| value.to_str().unwrap());
    let policy = header("content-security-policy").unwrap_or_default();
    for part in ["default-src 'none'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'self'"] {
        assert!(policy.split("; ").any(|directive| directive == part), "{what}: {policy}");
    }
    assert!(!policy.contains("script") && !policy.contains("unsafe"), "{what}: {policy}");
    assert_eq!(header("x-content-type-options"), Some("nosniff"), "{what}");
    assert_eq!(header("referrer-policy"), Some("same-origin"), "{what}");
    assert_eq!(header("cache-control"), Some("no-store"), "{what}");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_path_says_what_it_is_and_takes_no_other_method() {
    let (home, page) = home().await;
    let _bridge = polled(&home).await;
    let origin = format!("http://{}", page.address);
    for (path, kind) in PAGES {
        let answer = page.ask(path).await;
        assert_eq!(
            (answer.status(), answer.headers()[CONTENT_TYPE].to_str().unwrap()),
            (StatusCode::OK, kind),
            "{path}"
        );
        assert_hardened(&answer, path);
        assert!(!answer.text().await.unwrap().is_empty(), "{path}");

        let head = page.request(Method::HEAD, path).send().await.unwrap();
        assert_eq!((head.status(), head.headers()[CONTENT_TYPE].to_str().unwrap()), (StatusCode::OK, kind), "{path}");
        assert_ne!(head.headers()[CONTENT_LENGTH], "0", "{path}");
        assert_hardened(&head, path);
        assert_eq!(head.bytes().await.unwrap().len(), 0, "{path}");

        for method in [Method::POST, Method::PUT, Method::DELETE, Method::PATCH] {
            let refused = page.request(method.clone(), path).header(ORIGIN, &origin).send().await.unwrap();
            assert_eq!(refused.status(), StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
            assert_eq!(refused.headers()[ALLOW], "GET,HEAD", "{method} {path}");
            assert_hardened(&refused, path);
        }
    }
    for path in BUTTONS {
        for method in [Method::GET, Method::HEAD, Method::PUT] {
            let refused = page.request(method.clone(), path).header(ORIGIN, &origin).send().await.unwrap();
            assert_eq!(refused.status(), StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
            assert_eq!(refused.headers()[ALLOW], "POST", "{method} {path}");
            assert_hardened(&refused, path);
        }
    }
    let paths = PAGES.iter().map(|(path, _)| *path).chain(BUTTONS).filter(|path| *path != "/");
    let wrong =
        paths.flat_map(|path| [format!("{path}/"), format!("{path}x"), format!("/x{path}"), path.to_uppercase()]);
    let others = ["//", "/index.html", "/..%2fhealth", "/ledger.sqlite", "/api", "/health%00"];
    let others = others.into_iter().chain(WRONG);
    for path in wrong.chain(others.map(str::to_owned)) {
        let nothing = page.ask(&path).await;
        assert_eq!(nothing.status(), StatusCode::NOT_FOUND, "{path}");
        assert_hardened(&nothing, &path);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_a_stranger_can_own_gets_no_answer() {
    let (home, page) = home().await;
    let _bridge = polled(&home).await;
    for (path, _) in PAGES {
        for (host, status) in [
            ("evil.example", StatusCode::FORBIDDEN),
            ("127.0.0.1.evil.example:8099", StatusCode::FORBIDDEN),
            ("", StatusCode::FORBIDDEN),
            ("nas.local", StatusCode::OK),
            ("[::1]:8099", StatusCode::OK),
        ] {
            let answer = page.request(Method::GET, path).header(HOST, host).send().await.unwrap();
            assert_eq!(answer.status(), status, "{path} {host}");
            assert_hardened(&answer, path);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_but_the_button_polls_and_that_once_a_minute() {
    let (home, page) = home().await;
    let _bridge = polled(&home).await;
    let requests = home.portal.requests().len();
    let token = page.token().await;
    let origin = format!("http://{}", page.address);
    let stale = Some("./?poll=stale");
    for path in BUTTONS {
        let post = || page.request(Method::POST, path);
        let ours = || post().header(ORIGIN, &origin);
        let right = [("token", token.as_str())];
        let table = [
            ("another token", page.form(path, "guessed"), StatusCode::SEE_OTHER, stale),
            ("an empty token", page.form(path, ""), StatusCode::SEE_OTHER, stale),
            ("half a token", page.form(path, &token[..token.len() / 2]), StatusCode::SEE_OTHER, stale),
            ("no token", ours().form(&[("other", "x")]), StatusCode::UNPROCESSABLE_ENTITY, None),
            ("nothing", ours(), StatusCode::UNSUPPORTED_MEDIA_TYPE, None),
            (
                "JSON",
                ours().header(CONTENT_TYPE, "application/json").body(json!({"token": token}).to_string()),
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                None,
            ),
            ("two tokens", ours().form(&[right[0], right[0]]), StatusCode::UNPROCESSABLE_ENTITY, None),
            (
                "a long body",
                ours().form(&[right[0], ("more", &"x".repeat(2_000))]),
                StatusCode::PAYLOAD_TOO_LARGE,
                None,
            ),
            ("no origin", post().form(&right), StatusCode::FORBIDDEN, None),
            ("another page", post().header(ORIGIN, "http://evil.example").form(&right), StatusCode::FORBIDDEN, None),
            ("another port", post().header(ORIGIN, "http://127.0.0.1:1").form(&right), StatusCode::FORBIDDEN, None),
            ("a page of no origin", post().header(ORIGIN, "null").form(&right), StatusCode::FORBIDDEN, None),
            (
                "a name of its own",
                post().header(ORIGIN, "http://evil.example").header(HOST, "evil.example").form(&right),
                StatusCode::FORBIDDEN,
                None,
            ),
        ];
        for (what, request, status, location) in table {
            let answer = request.send().await.unwrap();
            assert_eq!(answer.status(), status, "{path}: {what}");
            assert_eq!(answer.headers().get("location").map(|to| to.to_str().unwrap()), location, "{path}: {what}");
            assert_hardened(&answer, what);
            assert_eq!(home.portal.requests().len(), requests, "{path}: {what}");
        }
    }
    // Nor has any of them taken the button's turn.
    assert_eq!(page.press("/poll").await, "./?poll=done");
    let polled = home.portal.requests().len();
    assert!(polled > requests);
    assert!(page.text("/?poll=done").await.contains(r#"role="status""#));
    for path in BUTTONS {
        assert_eq!(page.press(path).await, "./?poll=too_soon");
    }
    assert_eq!(home.portal.requests().len(), polled);
}

/// What the page offers to send.
async fn buttons(page: &Page) -> Vec<String> {
    let text = page.text("/").await;
    let mut found: Vec<_> =
        text.split(r#"action="."#).skip(1).map(|after| after.split('"').next().unwrap().to_owned()).collect();
    found.sort();
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_not_sent_again_by_any_button() {
    let (mut home, page) = home().await;
    home.settings["fluvius"]["password"] = json!("not the password");
    let _bridge = polled(&home).await;
    let requests = home.portal.requests().len();
    assert_eq!(buttons(&page).await, ["/poll"]);
    for path in BUTTONS {
        assert_eq!(page.press(path).await, "./?poll=refused");
    }
    assert_eq!((home.portal.logins(), home.portal.requests().len()), (1, requests));
}

/// How many logins are spent.
fn attempts(home: &Home) -> usize {
    let memory: Value = serde_json::from_slice(&std::fs::read(home.data("login.json")).unwrap()).unwrap();
    memory["attempts"].as_array().unwrap().len()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_that_the_user_has_taken_at_the_portal_needs_no_other_configuration() {
    let (home, page) = home().await;
    home.portal.fail(Fault::always(Where::Confirmation, How::NewPage));
    let _bridge = polled(&home).await;
    assert_eq!(buttons(&page).await, ["/login", "/poll"]);
    assert_eq!(page.press("/poll").await, "./?poll=refused", "a poll is no login");
    assert_eq!((home.portal.logins(), attempts(&home)), (1, 1));

    home.portal.clear_faults();
    assert_eq!(page.press("/login").await, "./?poll=done");
    assert_eq!((home.portal.logins(), attempts(&home)), (2, 2), "it is spent as any other");
    assert_eq!(home.state(EAN).await["status"], "ok");
    assert_eq!(buttons(&page).await, ["/poll"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_by_button_keeps_to_the_budget_of_logins() {
    let (home, page) = home().await;
    std::fs::create_dir_all(home.data_dir()).unwrap();
    let spent = json!({"attempts": vec![Utc::now(); 3], "latch": null, "rest_until": null});
    std::fs::write(home.data("login.json"), spent.to_string()).unwrap();
    home.portal.fail(Fault::always(Where::Confirmation, How::NewPage));
    let bridge = polled(&home).await;
    assert_eq!(page.press("/login").await, "./?poll=done");
    bridge.logs("no login was tried: 4 password logins").await;
    assert_eq!(home.portal.logins(), 1);
    assert_eq!(page.press("/login").await, "./?poll=refused");
    assert_eq!((home.portal.logins(), attempts(&home)), (1, 4));
}

/// How far each thread of a process lets others go first.
fn niceness(bridge: &Running) -> Vec<i32> {
    let threads = std::fs::read_dir(format!("/proc/{}/task", bridge.id())).unwrap();
    let of = |thread: std::io::Result<std::fs::DirEntry>| {
        // One that has ended in the meantime is of no interest.
        let stat = std::fs::read_to_string(thread.unwrap().path().join("stat")).ok()?;
        // The 19th field; the name, which may hold spaces, is the second.
        stat.rsplit_once(") ").unwrap().1.split(' ').nth(16).unwrap().parse().ok()
    };
    threads.filter_map(of).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_serves_the_page_lets_the_service_go_first() {
    let (home, page) = home().await;
    let bridge = polled(&home).await;
    page.text("/").await;
    let nice = niceness(&bridge);
    let usual = nice.iter().min().unwrap();
    let behind = nice.iter().filter(|nice| *nice >= &(usual + 10)).count();
    assert_eq!(behind, 2, "one thread for requests, one for pages: {nice:?}");
}

/// How long a connection lasts, and what comes over it.
async fn until_closed(mut stream: TcpStream) -> (Duration, String) {
    let (started, mut read) = (Instant::now(), Vec::new());
    // One that is reset is closed as well.
    let _ = stream.read_to_end(&mut read).await;
    (started.elapsed(), String::from_utf8_lossy(&read).into_owned())
}

/// A client that has sent something.
async fn sent(page: &Page, text: &str) -> TcpStream {
    let mut stream = TcpStream::connect(&page.address).await.unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    stream
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_that_dawdle_are_cut_off_and_hold_up_nobody() {
    let (home, page) = home().await;
    let _bridge = polled(&home).await;
    let silent = tokio::spawn(until_closed(sent(&page, "").await));
    let halfway = tokio::spawn(until_closed(sent(&page, "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n").await));
    let (read, mut write) = TcpStream::connect(&page.address).await.unwrap().into_split();
    let dripping = tokio::spawn(async move {
        let (mut read, started) = (read, Instant::now());
        let dripped = async {
            write.write_all(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ").await?;
            loop {
                write.write_all(b"x").await?;
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        let mut answer = Vec::new();
        tokio::select! {
            broke = dripped => drop::<std::io::Result<()>>(broke),
            _ = read.read_to_end(&mut answer) => {}
        }
        (started.elapsed(), String::from_utf8_lossy(&answer).into_owned())
    });

    let started = Instant::now();
    assert_eq!(page.text("/health").await, "The service is running.\n");
    assert!(started.elapsed() < Duration::from_secs(3), "{:?}", started.elapsed());
    assert_eq!(page.press("/poll").await, "./?poll=done");
    let clients = [("silent", silent), ("halfway", halfway), ("dripping", dripping)];
    assert!(clients.iter().all(|(_, client)| !client.is_finished()), "they were there meanwhile");
    for (what, client) in clients {
        let (lasted, answer) = client.await.unwrap();
        assert!(lasted > HEAD / 2 && lasted < HEAD_AT_MOST, "{what}: {lasted:?}");
        assert!(!answer.contains("200 OK"), "{what}: {answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_that_read_nothing_take_no_place() {
    let (home, page) = home().await;
    let _bridge = polled(&home).await;
    let mut deaf = Vec::new();
    // More than are served at once.
    for _ in 0..300 {
        deaf.push(sent(&page, "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").await);
    }
    assert_eq!(page.text("/health").await, "The service is running.\n");
    let (_, answer) = until_closed(deaf.pop().unwrap()).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_makes_no_sense_or_has_no_end_is_refused() {
    let (home, page) = home().await;
    let _bridge = polled(&home).await;
    let long = "x".repeat(20_000);
    for (request, status) in [
        (format!("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: {long}\r\n\r\n"), "431"),
        (format!("GET /{long} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"), "4"),
        ("\r\n\r\nnonsense\r\n\r\n".to_owned(), "400"),
        ("GET / HTTP/1.1\r\n\r\n".to_owned(), "403"),
        ("GET / HTTP/1.0\r\n\r\n".to_owned(), "403"),
        // Two bodies where there may be one.
        (
            "POST /poll HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd".to_owned(),
            "400",
        ),
    ] {
        let (_, answer) = until_closed(sent(&page, &request).await).await;
        let told = answer.split(' ').nth(1).unwrap_or_default();
        assert!(told.starts_with(status), "{:.60}: {answer}", request);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_clients_at_once_are_all_answered_with_little_memory_and_a_poll_goes_on() {
    let (home, page) = home().await;
    let bridge = polled(&home).await;
    let token = page.token().await;
    let memory = || {
        let status = std::fs::read_to_string(format!("/proc/{}/status", bridge.id())).unwrap();
        let highest = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        highest.trim().trim_end_matches(" kB").parse::<u64>().unwrap()
    };
    let before = memory();
    let clients: Vec<_> = (0..200)
        .map(|client| {
            let (path, kind) = PAGES[client % PAGES.len()];
            let request = page.request(Method::GET, path);
            tokio::spawn(async move { (request.send().await.unwrap(), path, kind) })
        })
        .collect();
    let pressed = page.form("/poll", &token).send().await.unwrap();
    assert_eq!(pressed.headers()["location"], "./?poll=done");
    for client in clients {
        let (answer, path, kind) = client.await.unwrap();
        assert_eq!(
            (answer.status(), answer.headers()[CONTENT_TYPE].to_str().unwrap()),
            (StatusCode::OK, kind),
            "{path}"
        );
    }
    assert_eq!(home.state(EAN).await["status"], "ok");
    let grown = memory() - before;
    assert!(grown < 10 * 1024, "{grown} kB");
}

#[tokio::test(flavor = "multi_thread")]
async fn as_an_app_it_answers_home_assistant_and_nobody_else() {
    let house = House::new().await;
    house.supervisor.provide_broker(house.home.broker.port, House::FIRST);
    let app = house.run();
    app.logs("Next poll").await;
    let page = Page::at(house.web);
    // Home Assistant is at 127.0.0.1 in this house, and passes on the name by which it is asked.
    let other = Client::builder().no_proxy().local_address(IpAddr::from([127, 0, 0, 2])).build().unwrap();
    for (path, kind) in PAGES {
        let passed = page.request(Method::GET, path).header(HOST, "home.evil.example").send().await.unwrap();
        assert_eq!(
            (passed.status(), passed.headers()[CONTENT_TYPE].to_str().unwrap()),
            (StatusCode::OK, kind),
            "{path}"
        );
        let refused = other.get(format!("http://{}{path}", page.address)).send().await.unwrap();
        let status = if path == "/health" { StatusCode::OK } else { StatusCode::FORBIDDEN };
        assert_eq!(refused.status(), status, "{path}");
        assert_hardened(&refused, path);
    }
    let token = page.token().await;
    let requests = house.home.portal.requests().len();
    let press = |client: &Client| client.post(format!("http://{}/poll", page.address)).form(&[("token", &token)]);
    assert_eq!(press(&other).send().await.unwrap().status(), StatusCode::FORBIDDEN);
    assert_eq!(house.home.portal.requests().len(), requests);
    assert_eq!(page.press("/poll").await, "./?poll=done");
    house.stop(app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn as_an_app_with_wrong_options_every_page_says_what_is_wrong() {
    let mut house = House::new().await;
    house.supervisor.provide_broker(house.home.broker.port, House::FIRST);
    house.options["email"] = json!("hunter2");
    let app = house.run();
    house.supervisor.notification().await;
    let page = Page::at(house.web);
    for path in ["/", "/api/v1/status.json", "/metrics"] {
        let answer = page.ask(path).await;
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE, "{path}");
        assert_eq!(answer.headers()[CONTENT_TYPE], HTML, "{path}");
        assert_hardened(&answer, path);
        let text = answer.text().await.unwrap();
        assert!(text.contains("option email: is not an e-mail address") && !text.contains("hunter2"), "{path}: {text}");
    }
    for path in ["/health", "/style.css", "/icon.svg"] {
        assert_eq!(page.ask(path).await.status(), StatusCode::OK, "{path}");
    }
    for path in BUTTONS {
        assert_eq!(page.form(path, "x").send().await.unwrap().status(), StatusCode::SERVICE_UNAVAILABLE, "{path}");
    }
    house.stop(app).await;
    assert!(house.home.portal.requests().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_press_that_never_says_what_it_wants_is_cut_off() {
    let (home, page) = home().await;
    let _bridge = polled(&home).await;
    let mut stream = TcpStream::connect(&page.address).await.unwrap();
    let head = format!(
        "POST /poll HTTP/1.1\r\nHost: {0}\r\nOrigin: http://{0}\r\nContent-Length: 40\r\n\
         Content-Type: application/x-www-form-urlencoded\r\n\r\ntoken=",
        page.address
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    tokio::time::timeout(HEAD_AT_MOST, stream.read_to_end(&mut answer)).await.expect("it is cut off").unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 408 "), "{}", String::from_utf8_lossy(&answer));
}
