use chrono::NaiveDate;

/// What a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Where {
    /// The addresses and names that a login needs.
    Settings,
    /// The page with the login form, the redirects to it included.
    LoginPage,
    /// The e-mail address and the password.
    Credentials,
    /// The redirects that end with a code.
    Confirmation,
    /// Tokens for a code.
    Token,
    /// Tokens for a refresh token.
    Refresh,
    /// The history of a meter.
    History,
    /// The monthly peaks of a meter.
    Peaks,
}

/// In what way a request goes wrong. One that makes no sense where it is put answers 501, so that it shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum How {
    /// An HTTP status without a body, and perhaps a wait in seconds (`Retry-After`).
    Status(u16, Option<u64>),
    /// A page for people, with HTTP 200.
    Html,
    /// The right answer, cut off halfway.
    Truncated,
    /// A JSON object in place of the right answer.
    Object,
    /// No answer, ever.
    Hang,
    /// The connection breaks before the answer.
    Drop,
    /// A B2C error code, in the form that the step has for it.
    ErrorCode(String),
    /// At the confirmation: a code for somebody else's login.
    WrongState,
    /// At the confirmation: a page that asks for one more step.
    NewPage,
    /// On the login page: no `SETTINGS`.
    MissingSettings,
    /// On the login page: `SETTINGS` without `csrf`.
    MissingCsrf,
    /// In the settings: no `clientId`.
    MissingClientId,
    /// In the settings: no `authority`.
    MissingAuthority,
}

/// Something that goes wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// In which requests.
    pub at: Where,
    /// In what way.
    pub how: How,
    /// How often; `None` until the faults are cleared.
    pub times: Option<u32>,
    /// Only for the meter with this EAN.
    pub ean: Option<String>,
    /// Only for requests whose days include this one.
    pub date: Option<NaiveDate>,
}

impl Fault {
    /// Goes wrong once.
    #[must_use]
    pub const fn once(at: Where, how: How) -> Self {
        Self { at, how, times: Some(1), ean: None, date: None }
    }

    /// Goes wrong until the faults are cleared.
    #[must_use]
    pub const fn always(at: Where, how: How) -> Self {
        Self { at, how, times: None, ean: None, date: None }
    }

    /// Goes wrong so many times.
    #[must_use]
    pub const fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    /// Only for one meter.
    #[must_use]
    pub fn for_ean(mut self, ean: &str) -> Self {
        self.ean = Some(ean.to_owned());
        self
    }

    /// Only for one day.
    #[must_use]
    pub const fn for_date(mut self, date: NaiveDate) -> Self {
        self.date = Some(date);
        self
    }

    /// Whether it happens to a request, for a meter and its days if it is for one.
    pub(super) fn matches(&self, at: Where, ean: Option<&str>, days: Option<(NaiveDate, NaiveDate)>) -> bool {
        self.at == at
            && self.times != Some(0)
            && self.ean.as_deref().is_none_or(|wanted| ean == Some(wanted))
            && self.date.is_none_or(|wanted| days.is_some_and(|(first, last)| (first..=last).contains(&wanted)))
    }
}
