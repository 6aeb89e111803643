use super::Problem;
use super::words::Words;

#[test]
fn a_notification_speaks_the_language_of_the_house() {
    for (language, title) in [
        ("nl", "Fluvius-meters: kijk de opties na"),
        ("nl-BE", "Fluvius-meters: kijk de opties na"),
        ("fr", "Compteurs Fluvius : vérifiez les options"),
        ("de", "Fluvius-Zähler: Bitte die Optionen prüfen"),
        ("en-GB", "Fluvius meters: check the options"),
        ("it", "Fluvius meters: check the options"),
        ("", "Fluvius meters: check the options"),
    ] {
        let problem = Problem::Options(vec!["option email: is missing".to_owned(), "option log: is wrong".to_owned()]);
        let (told, message) = Words::of(language).tell(&problem);
        assert_eq!(told, title, "{language}");
        assert!(message.ends_with(":\n\n- option email: is missing\n- option log: is wrong"), "{message}");
    }
}

#[test]
fn a_refused_login_says_what_the_log_says() {
    for language in ["nl", "fr", "de", "en"] {
        let (title, message) = Words::of(language).tell(&Problem::Login("the portal refuses it".to_owned()));
        assert!(title.contains("Mijn Fluvius"), "{title}");
        assert!(message.ends_with("\n\n- the portal refuses it"), "{message}");
    }
}
