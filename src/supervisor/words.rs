//! What a notification says, in the languages that are spoken where Fluvius reads meters. The sentences of the log, which
//! say what is wrong exactly, are English.

use super::notices::Problem;

/// The words of a language.
pub(super) struct Words {
    options: [&'static str; 2],
    login: [&'static str; 2],
}

impl Words {
    /// The words of a language by its code, such as `nl` or `nl-BE`; English ones for all others.
    pub(super) fn of(language: &str) -> &'static Self {
        match language.split(['-', '_']).next() {
            Some("nl") => &DUTCH,
            Some("fr") => &FRENCH,
            Some("de") => &GERMAN,
            _ => &ENGLISH,
        }
    }

    /// The title of a notification and its text, as Markdown.
    pub(super) fn tell(&self, problem: &Problem) -> (&'static str, String) {
        match problem {
            Problem::Options(faults) => {
                let [title, explanation] = self.options;
                let faults: String = faults.iter().map(|fault| format!("\n- {fault}")).collect();
                (title, format!("{explanation}\n{faults}"))
            }
            Problem::Login(refusal) => {
                let [title, explanation] = self.login;
                (title, format!("{explanation}\n\n- {refusal}"))
            }
        }
    }
}

const ENGLISH: Words = Words {
    options: [
        "Fluvius meters: check the options",
        "The app waits until this is corrected on its tab *Configuration* (Settings > Apps > Fluvius meters) and the app is \
         restarted:",
    ],
    login: [
        "Fluvius meters: Mijn Fluvius refuses the login",
        "The app doesn't try again by itself, so that it can't lock your account. Check that you can log in on \
         mijn.fluvius.be with the e-mail address and password of the tab *Configuration*, correct them, and restart the app.",
    ],
};

const DUTCH: Words = Words {
    options: [
        "Fluvius-meters: kijk de opties na",
        "De app wacht tot dit verbeterd is op haar tabblad *Configuratie* (Instellingen > Apps > Fluvius meters) en de app \
         herstart is:",
    ],
    login: [
        "Fluvius-meters: Mijn Fluvius weigert de aanmelding",
        "De app probeert het niet uit zichzelf opnieuw, zodat ze je account niet kan blokkeren. Ga na of je op \
         mijn.fluvius.be kunt aanmelden met het e-mailadres en wachtwoord van het tabblad *Configuratie*, verbeter ze, en \
         herstart de app.",
    ],
};

const FRENCH: Words = Words {
    options: [
        "Compteurs Fluvius : vérifiez les options",
        "L'application attend que ceci soit corrigé sous son onglet *Configuration* (Paramètres > Applications > Fluvius \
         meters), puis qu'elle soit redémarrée :",
    ],
    login: [
        "Compteurs Fluvius : Mijn Fluvius refuse la connexion",
        "L'application ne réessaie pas d'elle-même, afin de ne pas bloquer votre compte. Vérifiez que vous pouvez vous \
         connecter sur mijn.fluvius.be avec l'adresse e-mail et le mot de passe de l'onglet *Configuration*, corrigez-les et \
         redémarrez l'application.",
    ],
};

const GERMAN: Words = Words {
    options: [
        "Fluvius-Zähler: Bitte die Optionen prüfen",
        "Die App wartet, bis dies auf ihrer Registerkarte *Konfiguration* (Einstellungen > Apps > Fluvius meters) berichtigt \
         und die App neu gestartet ist:",
    ],
    login: [
        "Fluvius-Zähler: Mijn Fluvius lehnt die Anmeldung ab",
        "Die App versucht es nicht von selbst noch einmal, damit sie das Konto nicht sperrt. Prüfen Sie, ob Sie sich auf \
         mijn.fluvius.be mit der E-Mail-Adresse und dem Passwort der Registerkarte *Konfiguration* anmelden können, \
         berichtigen Sie sie und starten Sie die App neu.",
    ],
};
