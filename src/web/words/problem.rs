//! What is wrong, and what to do about it.

use chrono::{DateTime, Utc};

use super::Language;
use crate::web::Problem;

impl Language {
    /// What a problem is and what the user can do about it, each in sentences. `local` writes an instant.
    pub(in crate::web) fn problem(self, problem: &Problem, local: impl Fn(DateTime<Utc>) -> String) -> [String; 2] {
        match self {
            Self::English => english(problem, local),
            Self::Dutch => dutch(problem, local),
            Self::French => french(problem, local),
        }
        .map(|text| text.into_owned())
    }
}

type Told = [std::borrow::Cow<'static, str>; 2];

fn english(problem: &Problem, local: impl Fn(DateTime<Utc>) -> String) -> Told {
    match problem {
        Problem::WrongLogin => [
            "Mijn Fluvius refuses the e-mail address or the password.".into(),
            "Check both by logging in at mijn.fluvius.be, correct them in the configuration, and restart. Until they change, \
             no login is tried, so that your account can't be locked."
                .into(),
        ],
        Problem::AccountLockedUntil(until) => [
            "Mijn Fluvius has locked the account for a while.".into(),
            format!(
                "Wait: no login is tried before {}. Don't log in at mijn.fluvius.be yourself before that, which would make \
                 the lock longer.",
                local(*until)
            )
            .into(),
        ],
        Problem::AccountLocked => [
            "Mijn Fluvius has locked the account.".into(),
            "Unlock it at mijn.fluvius.be with “forgotten password”, or ask Fluvius. Put the new password in the configuration \
             and restart; if the password has stayed the same, press “Try the login again” here."
                .into(),
        ],
        Problem::LoginWantsUser => [
            "Mijn Fluvius asks for a step that only you can do: a second factor, a consent or a new password.".into(),
            "Log in at mijn.fluvius.be with e-mail address and password, complete the step, and switch two-factor login off. \
             itsme, eID and professional accounts can't be used. Then press “Try the login again” here."
                .into(),
        ],
        Problem::LoginPausedUntil(until) => [
            "More logins were needed than is normal, so none is tried for now.".into(),
            format!(
                "Nothing to do: the next one comes by itself, from {} on. If this goes on for days, look for an update.",
                local(*until)
            )
            .into(),
        ],
        Problem::PortalRestsUntil(until) => [
            "Mijn Fluvius asks to be left alone for a while.".into(),
            format!("Nothing to do: it is asked again by itself, from {} on.", local(*until)).into(),
        ],
        Problem::PortalDown { .. } => [
            "Mijn Fluvius can't be reached or is out of order.".into(),
            "Nothing to do: it is tried again by itself, and nothing is lost. If it lasts, look whether mijn.fluvius.be opens \
             in a browser; if it does, check the internet connection of this machine."
                .into(),
        ],
        Problem::PortalChanged { .. } => [
            "Mijn Fluvius answers in a way that this version doesn't know.".into(),
            "Look for an update of fluvius2mqtt. Nothing is lost: the portal keeps three years. If there is no update, report \
             the details below."
                .into(),
        ],
        Problem::PortalInsecure => [
            "Mijn Fluvius leads to an address without encryption, so nothing was sent there.".into(),
            "If it lasts, look for an update of fluvius2mqtt, or report this.".into(),
        ],
        Problem::MeterRefused { status } => [
            format!("Mijn Fluvius refuses the history of this meter (HTTP {status}).").into(),
            "Check that its EAN and serial number are right and belong to this account. The command check tells more.".into(),
        ],
        Problem::MeterEmpty => [
            "Mijn Fluvius answers, and has nothing at all for this meter.".into(),
            "Compare its EAN and serial number with those at mijn.fluvius.be: with a typo in them, the portal gives an empty \
             answer. If the meter is new, wait some days."
                .into(),
        ],
        Problem::File { file, .. } => [
            format!("The file {file} in the data directory can't be used.").into(),
            "Check that the folder can be written by the user that runs the service, and that the disk isn't full. If the file is \
             damaged, remove it."
                .into(),
        ],
        Problem::Setup { .. } => [
            "HTTPS can't be set up.".into(),
            "Check that the system has its certificates (package ca-certificates), and restart.".into(),
        ],
        Problem::Ledger { .. } => [
            "The ledger, in which all readings are kept, can't be used.".into(),
            "Check that the disk isn't full and that the data directory can be written. If it is damaged, stop the service and put \
             back a backup of the file ledger.sqlite."
                .into(),
        ],
        Problem::BrokerRefusesLogin => [
            "The MQTT broker refuses the login.".into(),
            "Check mqtt.username and mqtt.password in the configuration. Readings are kept, and are published once it works.".into(),
        ],
        Problem::BrokerRefusesClientId => [
            "The MQTT broker refuses the client id.".into(),
            "Set another mqtt.client_id in the configuration.".into(),
        ],
        Problem::BrokerRefuses => [
            "The MQTT broker refuses the connection for now.".into(),
            "It is tried again by itself. If it lasts, look at the broker's log.".into(),
        ],
        Problem::BrokerSilent => [
            "The MQTT broker doesn't answer.".into(),
            "Check that it runs, and the host and port in mqtt.url. It is tried again by itself.".into(),
        ],
        Problem::BrokerUnreachable { .. } => [
            "The MQTT broker can't be reached.".into(),
            "Check that it runs, and the host and port in mqtt.url. It is tried again by itself, and nothing is lost.".into(),
        ],
        Problem::BrokerInsecure { .. } => [
            "The encrypted connection to the MQTT broker fails.".into(),
            "Check that the port speaks TLS, that mqtt.url has the name in the broker's certificate, and mqtt.ca_file.".into(),
        ],
        Problem::BrokerBroke => [
            "The connection to the MQTT broker broke.".into(),
            "It is made again by itself. If it lasts, look at the broker's log.".into(),
        ],
        Problem::BrokerStrange { .. } => [
            "What answers in place of the MQTT broker doesn't speak MQTT as expected.".into(),
            "Check that mqtt.url leads to an MQTT broker.".into(),
        ],
        Problem::BrokerUnknown { .. } => [
            "Home Assistant doesn't say where its MQTT broker is.".into(),
            "Install and start the app Mosquitto broker, or set a broker of your own in the options. It is asked again by itself."
                .into(),
        ],
        Problem::HomeRefusesToken => [
            "Home Assistant refuses the token, so the Energy dashboard isn't filled.".into(),
            "Make a long-lived access token as an administrator (your profile > Security), put it in home_assistant.token, and \
             restart."
                .into(),
        ],
        Problem::HomeTooOld { version } => [
            format!("Home Assistant {version} is too old for its statistics to be filled.").into(),
            "Update it to 2024.11 or newer.".into(),
        ],
        Problem::HomeUnavailable { .. } => [
            "Home Assistant can't be reached, so the Energy dashboard isn't filled for now.".into(),
            "It is tried again by itself, and nothing is lost. If it lasts, check home_assistant.url.".into(),
        ],
        Problem::HomeRefusesCommand { .. } => [
            "Home Assistant doesn't take the statistics as it should.".into(),
            "It is tried again by itself. If it lasts, look for an update of fluvius2mqtt, or report the details below with \
             both versions."
                .into(),
        ],
    }
}

fn dutch(problem: &Problem, local: impl Fn(DateTime<Utc>) -> String) -> Told {
    match problem {
        Problem::WrongLogin => [
            "Mijn Fluvius weigert het e-mailadres of het wachtwoord.".into(),
            "Ga beide na door je aan te melden op mijn.fluvius.be, verbeter ze in de configuratie en herstart. Zolang ze niet \
             veranderen, wordt er niet aangemeld, zodat je account niet geblokkeerd raakt."
                .into(),
        ],
        Problem::AccountLockedUntil(until) => [
            "Mijn Fluvius heeft de account een tijd geblokkeerd.".into(),
            format!(
                "Wachten: er wordt niet aangemeld vóór {}. Meld je tot dan ook zelf niet aan op mijn.fluvius.be, want dat \
                 verlengt de blokkering.",
                local(*until)
            )
            .into(),
        ],
        Problem::AccountLocked => [
            "Mijn Fluvius heeft de account geblokkeerd.".into(),
            "Deblokkeer hem op mijn.fluvius.be met “wachtwoord vergeten”, of vraag het Fluvius. Zet het nieuwe wachtwoord in de \
             configuratie en herstart; is het wachtwoord hetzelfde gebleven, druk dan hier op “Aanmelding opnieuw proberen”."
                .into(),
        ],
        Problem::LoginWantsUser => [
            "Mijn Fluvius vraagt een stap die alleen jij kunt doen: een tweede factor, een toestemming of een nieuw wachtwoord."
                .into(),
            "Meld je op mijn.fluvius.be aan met e-mailadres en wachtwoord, doe die stap, en zet aanmelden in twee stappen af. \
             itsme, eID en professionele accounts zijn niet bruikbaar. Druk daarna hier op “Aanmelding opnieuw proberen”."
                .into(),
        ],
        Problem::LoginPausedUntil(until) => [
            "Er waren meer aanmeldingen nodig dan normaal, dus nu even geen.".into(),
            format!(
                "Niets te doen: de volgende komt vanzelf, vanaf {}. Houdt dit dagen aan, kijk dan of er een update is.",
                local(*until)
            )
            .into(),
        ],
        Problem::PortalRestsUntil(until) => [
            "Mijn Fluvius vraagt om even met rust gelaten te worden.".into(),
            format!("Niets te doen: er wordt vanzelf opnieuw gevraagd, vanaf {}.", local(*until)).into(),
        ],
        Problem::PortalDown { .. } => [
            "Mijn Fluvius is niet bereikbaar of buiten dienst.".into(),
            "Niets te doen: het wordt vanzelf opnieuw geprobeerd, en er gaat niets verloren. Duurt het lang, kijk dan of \
             mijn.fluvius.be opengaat in een browser; zo ja, kijk de internetverbinding van deze machine na."
                .into(),
        ],
        Problem::PortalChanged { .. } => [
            "Mijn Fluvius antwoordt op een manier die deze versie niet kent.".into(),
            "Kijk of er een update van fluvius2mqtt is. Er gaat niets verloren: het portaal bewaart drie jaar. Is er geen update, \
             meld dan de details hieronder."
                .into(),
        ],
        Problem::PortalInsecure => [
            "Mijn Fluvius leidt naar een adres zonder versleuteling; daar is niets naartoe gestuurd.".into(),
            "Blijft dat zo, kijk dan of er een update van fluvius2mqtt is, of meld dit.".into(),
        ],
        Problem::MeterRefused { status } => [
            format!("Mijn Fluvius weigert de geschiedenis van deze meter (HTTP {status}).").into(),
            "Ga na of EAN en serienummer juist zijn en bij deze account horen. Het commando check zegt meer.".into(),
        ],
        Problem::MeterEmpty => [
            "Mijn Fluvius antwoordt, maar heeft helemaal niets voor deze meter.".into(),
            "Vergelijk EAN en serienummer met die op mijn.fluvius.be: bij een tikfout geeft het portaal een leeg antwoord. Is de \
             meter nieuw, wacht dan enkele dagen."
                .into(),
        ],
        Problem::File { file, .. } => [
            format!("Het bestand {file} in de datamap is niet bruikbaar.").into(),
            "Ga na of de gebruiker van de dienst in de map mag schrijven, en of de schijf niet vol is. Is het bestand beschadigd, \
             verwijder het dan."
                .into(),
        ],
        Problem::Setup { .. } => [
            "HTTPS kan niet opgezet worden.".into(),
            "Ga na of het systeem zijn certificaten heeft (pakket ca-certificates), en herstart.".into(),
        ],
        Problem::Ledger { .. } => [
            "Het bestand waarin alle meetwaarden bewaard worden, is niet bruikbaar.".into(),
            "Ga na of de schijf niet vol is en of in de datamap geschreven mag worden. Is het beschadigd, stop dan de dienst en zet \
             een back-up van ledger.sqlite terug."
                .into(),
        ],
        Problem::BrokerRefusesLogin => [
            "De MQTT-broker weigert de aanmelding.".into(),
            "Kijk mqtt.username en mqtt.password in de configuratie na. De meetwaarden worden bewaard, en gepubliceerd zodra het \
             werkt."
                .into(),
        ],
        Problem::BrokerRefusesClientId => [
            "De MQTT-broker weigert de client-id.".into(),
            "Stel een andere mqtt.client_id in de configuratie in.".into(),
        ],
        Problem::BrokerRefuses => [
            "De MQTT-broker weigert de verbinding voorlopig.".into(),
            "Het wordt vanzelf opnieuw geprobeerd. Blijft dat zo, kijk dan in het logboek van de broker.".into(),
        ],
        Problem::BrokerSilent => [
            "De MQTT-broker antwoordt niet.".into(),
            "Ga na of hij draait, en kijk host en poort in mqtt.url na. Het wordt vanzelf opnieuw geprobeerd.".into(),
        ],
        Problem::BrokerUnreachable { .. } => [
            "De MQTT-broker is niet bereikbaar.".into(),
            "Ga na of hij draait, en kijk host en poort in mqtt.url na. Het wordt vanzelf opnieuw geprobeerd, en er gaat niets \
             verloren."
                .into(),
        ],
        Problem::BrokerInsecure { .. } => [
            "De versleutelde verbinding met de MQTT-broker lukt niet.".into(),
            "Ga na of de poort TLS spreekt, of mqtt.url de naam uit het certificaat van de broker heeft, en kijk mqtt.ca_file na."
                .into(),
        ],
        Problem::BrokerBroke => [
            "De verbinding met de MQTT-broker is verbroken.".into(),
            "Ze wordt vanzelf opnieuw gemaakt. Blijft dit duren, kijk dan in het logboek van de broker.".into(),
        ],
        Problem::BrokerStrange { .. } => [
            "Wat in de plaats van de MQTT-broker antwoordt, spreekt geen MQTT zoals verwacht.".into(),
            "Ga na of mqtt.url naar een MQTT-broker leidt.".into(),
        ],
        Problem::BrokerUnknown { .. } => [
            "Home Assistant zegt niet waar zijn MQTT-broker is.".into(),
            "Installeer en start de app Mosquitto broker, of stel in de opties een eigen broker in. Het wordt vanzelf opnieuw \
             gevraagd."
                .into(),
        ],
        Problem::HomeRefusesToken => [
            "Home Assistant weigert het token, dus het Energie-dashboard wordt niet gevuld.".into(),
            "Maak als beheerder een langlevend toegangstoken (je profiel > Beveiliging), zet het in home_assistant.token, en \
             herstart."
                .into(),
        ],
        Problem::HomeTooOld { version } => [
            format!("Home Assistant {version} is te oud om zijn statistieken te vullen.").into(),
            "Werk het bij tot 2024.11 of nieuwer.".into(),
        ],
        Problem::HomeUnavailable { .. } => [
            "Home Assistant is niet bereikbaar, dus het Energie-dashboard wordt nu niet gevuld.".into(),
            "Het wordt vanzelf opnieuw geprobeerd, en er gaat niets verloren. Blijft dat zo, kijk dan home_assistant.url na.".into(),
        ],
        Problem::HomeRefusesCommand { .. } => [
            "Home Assistant neemt de statistieken niet aan zoals het hoort.".into(),
            "Het wordt vanzelf opnieuw geprobeerd. Blijft dat zo, kijk dan of er een update van fluvius2mqtt is, of meld de \
             details hieronder met beide versies."
                .into(),
        ],
    }
}

fn french(problem: &Problem, local: impl Fn(DateTime<Utc>) -> String) -> Told {
    match problem {
        Problem::WrongLogin => [
            "Mijn Fluvius refuse l'adresse e-mail ou le mot de passe.".into(),
            "Vérifiez-les en vous connectant à mijn.fluvius.be, corrigez-les dans la configuration et redémarrez. Tant qu'ils ne \
             changent pas, aucune connexion n'est tentée, afin que votre compte ne soit pas bloqué."
                .into(),
        ],
        Problem::AccountLockedUntil(until) => [
            "Mijn Fluvius a bloqué le compte pour un certain temps.".into(),
            format!(
                "Attendez : aucune connexion n'est tentée avant {}. D'ici là, ne vous connectez pas vous-même à \
                 mijn.fluvius.be, cela prolongerait le blocage.",
                local(*until)
            )
            .into(),
        ],
        Problem::AccountLocked => [
            "Mijn Fluvius a bloqué le compte.".into(),
            "Débloquez-le sur mijn.fluvius.be avec « mot de passe oublié », ou demandez à Fluvius. Mettez le nouveau mot de passe \
             dans la configuration et redémarrez ; s'il est resté le même, appuyez ici sur « Réessayer la connexion »."
                .into(),
        ],
        Problem::LoginWantsUser => [
            "Mijn Fluvius demande une étape que vous seul pouvez faire : un second facteur, un consentement ou un nouveau mot \
             de passe."
                .into(),
            "Connectez-vous à mijn.fluvius.be avec adresse e-mail et mot de passe, accomplissez cette étape et désactivez la \
             connexion à deux facteurs. itsme, eID et comptes professionnels ne sont pas utilisables. Puis appuyez ici sur \
             « Réessayer la connexion »."
                .into(),
        ],
        Problem::LoginPausedUntil(until) => [
            "Il a fallu plus de connexions que d'habitude ; aucune n'est tentée pour l'instant.".into(),
            format!(
                "Rien à faire : la prochaine vient d'elle-même, à partir de {}. Si cela dure des jours, cherchez une mise à jour.",
                local(*until)
            )
            .into(),
        ],
        Problem::PortalRestsUntil(until) => [
            "Mijn Fluvius demande qu'on le laisse tranquille un moment.".into(),
            format!("Rien à faire : il sera interrogé de nouveau, à partir de {}.", local(*until)).into(),
        ],
        Problem::PortalDown { .. } => [
            "Mijn Fluvius est injoignable ou hors service.".into(),
            "Rien à faire : un nouvel essai vient de lui-même, et rien n'est perdu. Si cela dure, voyez si mijn.fluvius.be \
             s'ouvre dans un navigateur ; si oui, vérifiez la connexion internet de cette machine."
                .into(),
        ],
        Problem::PortalChanged { .. } => [
            "Mijn Fluvius répond d'une façon que cette version ne connaît pas.".into(),
            "Cherchez une mise à jour de fluvius2mqtt. Rien n'est perdu : le portail garde trois ans. S'il n'y en a pas, signalez \
             les détails ci-dessous."
                .into(),
        ],
        Problem::PortalInsecure => [
            "Mijn Fluvius mène à une adresse non chiffrée ; rien n'y a été envoyé.".into(),
            "Si cela dure, cherchez une mise à jour de fluvius2mqtt, ou signalez-le.".into(),
        ],
        Problem::MeterRefused { status } => [
            format!("Mijn Fluvius refuse l'historique de ce compteur (HTTP {status}).").into(),
            "Vérifiez que son EAN et son numéro de série sont justes et appartiennent à ce compte. La commande check en dit plus."
                .into(),
        ],
        Problem::MeterEmpty => [
            "Mijn Fluvius répond, mais n'a rien du tout pour ce compteur.".into(),
            "Comparez son EAN et son numéro de série avec ceux de mijn.fluvius.be : avec une faute de frappe, le portail donne une \
             réponse vide. Si le compteur est neuf, attendez quelques jours."
                .into(),
        ],
        Problem::File { file, .. } => [
            format!("Le fichier {file} du dossier de données n'est pas utilisable.").into(),
            "Vérifiez que l'utilisateur du service peut écrire dans ce dossier et que le disque n'est pas plein. Si le fichier est \
             abîmé, supprimez-le."
                .into(),
        ],
        Problem::Setup { .. } => [
            "HTTPS ne peut pas être mis en place.".into(),
            "Vérifiez que le système a ses certificats (paquet ca-certificates), et redémarrez.".into(),
        ],
        Problem::Ledger { .. } => [
            "Le registre, où toutes les mesures sont gardées, n'est pas utilisable.".into(),
            "Vérifiez que le disque n'est pas plein et que le dossier de données est accessible en écriture. S'il est abîmé, arrêtez \
             le service et remettez une sauvegarde du fichier ledger.sqlite."
                .into(),
        ],
        Problem::BrokerRefusesLogin => [
            "Le broker MQTT refuse la connexion.".into(),
            "Vérifiez mqtt.username et mqtt.password dans la configuration. Les mesures sont gardées, et publiées dès que cela \
             fonctionne."
                .into(),
        ],
        Problem::BrokerRefusesClientId => [
            "Le broker MQTT refuse l'identifiant du client.".into(),
            "Mettez un autre mqtt.client_id dans la configuration.".into(),
        ],
        Problem::BrokerRefuses => [
            "Le broker MQTT refuse la connexion pour l'instant.".into(),
            "Un nouvel essai vient de lui-même. Si cela dure, consultez le journal du broker.".into(),
        ],
        Problem::BrokerSilent => [
            "Le broker MQTT ne répond pas.".into(),
            "Vérifiez qu'il tourne, ainsi que l'hôte et le port dans mqtt.url. Un nouvel essai vient de lui-même.".into(),
        ],
        Problem::BrokerUnreachable { .. } => [
            "Le broker MQTT est injoignable.".into(),
            "Vérifiez qu'il tourne, ainsi que l'hôte et le port dans mqtt.url. Un nouvel essai vient de lui-même, et rien n'est \
             perdu."
                .into(),
        ],
        Problem::BrokerInsecure { .. } => [
            "La connexion chiffrée au broker MQTT échoue.".into(),
            "Vérifiez que le port parle TLS, que mqtt.url porte le nom du certificat du broker, et mqtt.ca_file.".into(),
        ],
        Problem::BrokerBroke => [
            "La connexion au broker MQTT s'est rompue.".into(),
            "Elle se rétablit d'elle-même. Si cela dure, consultez le journal du broker.".into(),
        ],
        Problem::BrokerStrange { .. } => [
            "Ce qui répond à la place du broker MQTT ne parle pas MQTT comme prévu.".into(),
            "Vérifiez que mqtt.url mène à un broker MQTT.".into(),
        ],
        Problem::BrokerUnknown { .. } => [
            "Home Assistant ne dit pas où est son broker MQTT.".into(),
            "Installez et démarrez l'application Mosquitto broker, ou indiquez votre propre broker dans les options. Un nouvel \
             essai vient de lui-même."
                .into(),
        ],
        Problem::HomeRefusesToken => [
            "Home Assistant refuse le jeton ; le tableau de bord Énergie n'est pas rempli.".into(),
            "Créez un jeton d'accès de longue durée comme administrateur (votre profil > Sécurité), mettez-le dans \
             home_assistant.token, et redémarrez."
                .into(),
        ],
        Problem::HomeTooOld { version } => [
            format!("Home Assistant {version} est trop ancien pour que ses statistiques soient remplies.").into(),
            "Mettez-le à jour vers 2024.11 ou plus récent.".into(),
        ],
        Problem::HomeUnavailable { .. } => [
            "Home Assistant est injoignable ; le tableau de bord Énergie n'est pas rempli pour l'instant.".into(),
            "Un nouvel essai vient de lui-même, et rien n'est perdu. Si cela dure, vérifiez home_assistant.url.".into(),
        ],
        Problem::HomeRefusesCommand { .. } => [
            "Home Assistant n'accepte pas les statistiques comme il le devrait.".into(),
            "Un nouvel essai vient de lui-même. Si cela dure, cherchez une mise à jour de fluvius2mqtt, ou signalez les détails \
             ci-dessous avec les deux versions."
                .into(),
        ],
    }
}
