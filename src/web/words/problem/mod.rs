//! What is wrong, and what to do about it.

mod dutch;
mod english;
mod french;

use std::borrow::Cow;

use chrono::{DateTime, Utc};

use super::Language;
use crate::web::Problem;

impl Language {
    /// What a problem is and what the user can do about it, each in sentences. `local` writes an instant.
    pub(in crate::web) fn problem(self, problem: &Problem, local: impl Fn(DateTime<Utc>) -> String) -> [String; 2] {
        match self {
            Self::English => english::tell(problem, local),
            Self::Dutch => dutch::tell(problem, local),
            Self::French => french::tell(problem, local),
        }
        .map(Cow::into_owned)
    }
}

/// What it is, and what to do.
type Told = [Cow<'static, str>; 2];
