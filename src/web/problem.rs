use chrono::{DateTime, Utc};

/// Something that is wrong, or that has to be waited for. `why` and `what` are what a system or a server says of it, in
/// English, without anything secret.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it, and the words for each are in `words::problem`")]
pub enum Problem {
    WrongLogin,
    AccountLockedUntil(DateTime<Utc>),
    AccountLocked,
    LoginWantsUser,
    LoginPausedUntil(DateTime<Utc>),
    PortalRestsUntil(DateTime<Utc>),
    PortalDown {
        why: String,
    },
    PortalChanged {
        what: String,
    },
    PortalInsecure,
    MeterRefused {
        status: u16,
    },
    /// The portal has never given anything for the meter.
    MeterEmpty,
    File {
        file: &'static str,
        why: String,
    },
    Setup {
        why: String,
    },
    Ledger {
        why: String,
    },
    BrokerRefusesLogin,
    BrokerRefusesClientId,
    BrokerRefuses,
    BrokerSilent,
    BrokerUnreachable {
        why: String,
    },
    BrokerInsecure {
        why: String,
    },
    BrokerBroke,
    BrokerStrange {
        why: String,
    },
    /// Nobody says where the broker is.
    BrokerUnknown {
        why: String,
    },
    HomeRefusesToken,
    HomeTooOld {
        version: String,
    },
    HomeUnavailable {
        why: String,
    },
    HomeRefusesCommand {
        why: String,
    },
}

impl Problem {
    /// Its name in JSON and in metrics.
    pub(super) const fn code(&self) -> &'static str {
        match self {
            Self::WrongLogin => "wrong_login",
            Self::AccountLockedUntil(_) => "account_locked_for_a_while",
            Self::AccountLocked => "account_locked",
            Self::LoginWantsUser => "login_wants_user",
            Self::LoginPausedUntil(_) => "login_paused",
            Self::PortalRestsUntil(_) => "portal_rests",
            Self::PortalDown { .. } => "portal_down",
            Self::PortalChanged { .. } => "portal_changed",
            Self::PortalInsecure => "portal_insecure",
            Self::MeterRefused { .. } => "meter_refused",
            Self::MeterEmpty => "meter_empty",
            Self::File { .. } => "file",
            Self::Setup { .. } => "setup",
            Self::Ledger { .. } => "ledger",
            Self::BrokerRefusesLogin => "broker_refuses_login",
            Self::BrokerRefusesClientId => "broker_refuses_client_id",
            Self::BrokerRefuses => "broker_refuses",
            Self::BrokerSilent => "broker_silent",
            Self::BrokerUnreachable { .. } => "broker_unreachable",
            Self::BrokerInsecure { .. } => "broker_insecure",
            Self::BrokerBroke => "broker_broke",
            Self::BrokerStrange { .. } => "broker_strange",
            Self::BrokerUnknown { .. } => "broker_unknown",
            Self::HomeRefusesToken => "home_assistant_refuses_token",
            Self::HomeTooOld { .. } => "home_assistant_too_old",
            Self::HomeUnavailable { .. } => "home_assistant_unavailable",
            Self::HomeRefusesCommand { .. } => "home_assistant_refuses_command",
        }
    }

    /// What a system or a server says of it, in English.
    pub(super) fn detail(&self) -> Option<&str> {
        match self {
            Self::PortalDown { why }
            | Self::PortalChanged { what: why }
            | Self::File { why, .. }
            | Self::Setup { why }
            | Self::Ledger { why }
            | Self::BrokerUnreachable { why }
            | Self::BrokerInsecure { why }
            | Self::BrokerStrange { why }
            | Self::BrokerUnknown { why }
            | Self::HomeUnavailable { why }
            | Self::HomeRefusesCommand { why } => Some(why),
            _ => None,
        }
    }

    /// Whether a try of the login makes sense once the user has done something at the portal, with the configuration as it is.
    pub(super) const fn ends_at_portal(&self) -> bool {
        matches!(self, Self::AccountLocked | Self::LoginWantsUser)
    }
}
