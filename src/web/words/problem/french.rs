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
            "Mijn Fluvius a bloqué temporairement votre compte.".into(),
            format!(
                "Attendez : aucune connexion ne sera tentée avant {}. D'ici là, ne vous connectez pas vous-même à \
                 mijn.fluvius.be, cela prolongerait le blocage.",
                local(*until)
            )
            .into(),
        ],
        Problem::AccountLocked => [
            "Mijn Fluvius a bloqué votre compte.".into(),
            "Débloquez-le sur mijn.fluvius.be avec « mot de passe oublié », ou adressez-vous à Fluvius. Mettez le \
             nouveau mot de passe dans la configuration et redémarrez ; s'il est resté le même, appuyez ici sur \
             « Réessayer la connexion »."
                .into(),
        ],
        Problem::LoginWantsUser => [
            "Mijn Fluvius demande une démarche que vous seul pouvez faire : un second facteur, un consentement ou un \
             nouveau mot de passe."
                .into(),
            "Connectez-vous à mijn.fluvius.be avec votre adresse e-mail et votre mot de passe, accomplissez cette \
             démarche et désactivez la connexion à deux facteurs. itsme, l'eID et les comptes professionnels ne sont \
             pas utilisables. Appuyez ensuite ici sur « Réessayer la connexion »."
                .into(),
        ],
        Problem::LoginPausedUntil(until) => [
            "Il a fallu plus de connexions que d'habitude ; aucune n'est tentée pour l'instant.".into(),
            format!(
                "Rien à faire : la prochaine se fera automatiquement, dès {}. Si cela dure des jours, cherchez une \
                 mise à jour.",
                local(*until)
            )
            .into(),
        ],
        Problem::PortalRestsUntil(until) => [
            "Mijn Fluvius demande de ne plus l'interroger pendant un moment.".into(),
            format!("Rien à faire : il sera réinterrogé automatiquement, dès {}.", local(*until)).into(),
        ],
        Problem::PortalDown { .. } => [
            "Mijn Fluvius est injoignable ou hors service.".into(),
            "Rien à faire : un nouvel essai suivra automatiquement, et rien n'est perdu. Si cela dure, voyez si \
             mijn.fluvius.be s'ouvre dans un navigateur ; si oui, vérifiez la connexion internet de cette machine."
                .into(),
        ],
        Problem::PortalChanged { .. } => [
            "Mijn Fluvius répond d'une façon que cette version ne connaît pas.".into(),
            "Cherchez une mise à jour de fluvius2mqtt. Rien n'est perdu : le portail conserve trois ans de données. \
             Sans mise à jour disponible, signalez les détails ci-dessous."
                .into(),
        ],
        Problem::PortalInsecure => [
            "Mijn Fluvius renvoie vers une adresse non chiffrée ; rien n'y a été envoyé.".into(),
            "Si cela dure, cherchez une mise à jour de fluvius2mqtt, ou signalez-le.".into(),
        ],
        Problem::MeterRefused { status } => [
            format!("Mijn Fluvius refuse l'historique de ce compteur (HTTP {status}).").into(),
            "Vérifiez que son EAN et son numéro de série sont corrects et appartiennent à ce compte. La commande check \
             en dit plus."
                .into(),
        ],
        Problem::MeterEmpty => [
            "Mijn Fluvius répond, mais n'a aucune donnée pour ce compteur.".into(),
            "Comparez son EAN et son numéro de série avec ceux de mijn.fluvius.be : avec une faute de frappe, le portail donne une \
             réponse vide. Si le compteur est neuf, attendez quelques jours."
                .into(),
        ],
        Problem::File { file, .. } => [
            format!("Le fichier {file} du dossier de données est inutilisable.").into(),
            "Vérifiez que l'utilisateur du service peut écrire dans ce dossier et que le disque n'est pas plein. Si le \
             fichier est endommagé, supprimez-le."
                .into(),
        ],
        Problem::Setup { .. } => [
            "HTTPS ne peut pas être mis en place.".into(),
            "Vérifiez que le système a ses certificats (paquet ca-certificates), et redémarrez.".into(),
        ],
        Problem::Ledger { .. } => [
            "Le registre, où toutes les mesures sont conservées, est inutilisable.".into(),
            "Vérifiez que le disque n'est pas plein et que le dossier de données est accessible en écriture. S'il est \
             endommagé, arrêtez le service et restaurez une sauvegarde du fichier ledger.sqlite."
                .into(),
        ],
        Problem::BrokerRefusesLogin => [
            "Le broker MQTT refuse la connexion.".into(),
            "Vérifiez mqtt.username et mqtt.password dans la configuration. Les mesures sont conservées, et seront \
             publiées dès que cela fonctionnera."
                .into(),
        ],
        Problem::BrokerRefusesClientId => [
            "Le broker MQTT refuse l'identifiant du client.".into(),
            "Indiquez un autre mqtt.client_id dans la configuration.".into(),
        ],
        Problem::BrokerRefuses => [
            "Le broker MQTT refuse la connexion pour l'instant.".into(),
            "Un nouvel essai suivra automatiquement. Si cela dure, consultez le journal du broker.".into(),
        ],
        Problem::BrokerSilent => [
            "Le broker MQTT ne répond pas.".into(),
            "Vérifiez qu'il tourne, ainsi que l'hôte et le port dans mqtt.url. Un nouvel essai suivra \
             automatiquement."
                .into(),
        ],
        Problem::BrokerUnreachable { .. } => [
            "Le broker MQTT est injoignable.".into(),
            "Vérifiez qu'il tourne, ainsi que l'hôte et le port dans mqtt.url. Un nouvel essai suivra automatiquement, \
             et rien n'est perdu."
                .into(),
        ],
        Problem::BrokerInsecure { .. } => [
            "La connexion chiffrée au broker MQTT échoue.".into(),
            "Vérifiez que le port parle TLS et que mqtt.url porte le nom du certificat du broker ; vérifiez aussi \
             mqtt.ca_file."
                .into(),
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
            "Installez et démarrez l'application Mosquitto broker, ou indiquez votre propre broker dans les options. \
             Un nouvel essai suivra automatiquement."
                .into(),
        ],
        Problem::HomeRefusesToken => [
            "Home Assistant refuse le jeton ; le tableau de bord Énergie n'est pas alimenté.".into(),
            "Créez un jeton d'accès de longue durée en tant qu'administrateur (votre profil > Sécurité), mettez-le \
             dans home_assistant.token, et redémarrez."
                .into(),
        ],
        Problem::HomeTooOld { version } => [
            format!("Home Assistant {version} est trop ancien pour alimenter ses statistiques.").into(),
            "Installez la version 2024.11 ou une version plus récente.".into(),
        ],
        Problem::HomeUnavailable { .. } => [
            "Home Assistant est injoignable ; le tableau de bord Énergie n'est pas alimenté pour l'instant.".into(),
            "Un nouvel essai suivra automatiquement, et rien n'est perdu. Si cela dure, vérifiez \
             home_assistant.url."
                .into(),
        ],
        Problem::HomeRefusesCommand { .. } => [
            "Home Assistant n'accepte pas les statistiques comme il le devrait.".into(),
            "Un nouvel essai suivra automatiquement. Si cela dure, cherchez une mise à jour de fluvius2mqtt, ou \
             signalez les détails ci-dessous en indiquant les deux versions."
                .into(),
        ],
    }
}
