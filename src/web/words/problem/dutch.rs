use chrono::{DateTime, Utc};

use super::Told;
use crate::web::Problem;

pub(super) fn tell(problem: &Problem, local: impl Fn(DateTime<Utc>) -> String) -> Told {
    match problem {
        Problem::WrongLogin => [
            "Mijn Fluvius weigert het e-mailadres of het wachtwoord.".into(),
            "Controleer beide door je aan te melden op mijn.fluvius.be, verbeter ze in de configuratie en herstart. \
             Zolang ze niet veranderen, wordt er niet aangemeld, zodat je account niet geblokkeerd raakt."
                .into(),
        ],
        Problem::AccountLockedUntil(until) => [
            "Mijn Fluvius heeft je account tijdelijk geblokkeerd.".into(),
            format!(
                "Wacht: er wordt niet aangemeld vóór {}. Meld je tot dan ook zelf niet aan op mijn.fluvius.be, want \
                 dat verlengt de blokkering.",
                local(*until)
            )
            .into(),
        ],
        Problem::AccountLocked => [
            "Mijn Fluvius heeft je account geblokkeerd.".into(),
            "Deblokkeer hem op mijn.fluvius.be met “wachtwoord vergeten”, of neem contact op met Fluvius. Zet het \
             nieuwe wachtwoord in de configuratie en herstart; is het wachtwoord hetzelfde gebleven, druk dan hier op \
             “Aanmelding opnieuw proberen”."
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
             mijn.fluvius.be opengaat in een browser; zo ja, kijk dan de internetverbinding van deze machine na."
                .into(),
        ],
        Problem::PortalChanged { .. } => [
            "Mijn Fluvius antwoordt op een manier die deze versie niet kent.".into(),
            "Kijk of er een update van fluvius2mqtt is. Er gaat niets verloren: het portaal bewaart drie jaar aan \
             gegevens. Is er geen update, meld dan de details hieronder."
                .into(),
        ],
        Problem::PortalInsecure => [
            "Mijn Fluvius verwijst door naar een adres zonder versleuteling; daar is niets naartoe gestuurd.".into(),
            "Blijft dat zo, kijk dan of er een update van fluvius2mqtt is, of meld dit.".into(),
        ],
        Problem::MeterRefused { status } => [
            format!("Mijn Fluvius weigert de historiek van deze meter (HTTP {status}).").into(),
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
            "Werk Home Assistant bij naar 2024.11 of nieuwer.".into(),
        ],
        Problem::HomeUnavailable { .. } => [
            "Home Assistant is niet bereikbaar, dus het Energie-dashboard wordt nu niet gevuld.".into(),
            "Het wordt vanzelf opnieuw geprobeerd, en er gaat niets verloren. Blijft dat zo, kijk dan home_assistant.url na.".into(),
        ],
        Problem::HomeRefusesCommand { .. } => [
            "Home Assistant aanvaardt de statistieken niet zoals het hoort.".into(),
            "Het wordt vanzelf opnieuw geprobeerd. Blijft dat zo, kijk dan of er een update van fluvius2mqtt is, of meld de \
             details hieronder en vermeld beide versies."
                .into(),
        ],
    }
}
