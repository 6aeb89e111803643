use chrono::{DateTime, Utc};

use super::Told;
use crate::web::Problem;

pub(super) fn tell(problem: &Problem, local: impl Fn(DateTime<Utc>) -> String) -> Told {
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
