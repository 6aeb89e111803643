use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::guard::digest;
use crate::config::Fluvius;

/// Tells whether an e-mail address and a password are still those of earlier, without holding them.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Fingerprint {
    salt: String,
    digest: String,
}

impl Fingerprint {
    pub(super) fn of(account: &Fluvius) -> Self {
        let salt = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 16]>());
        let digest = digest(account, &salt);
        Self { salt, digest }
    }

    pub(super) fn fits(&self, account: &Fluvius) -> bool {
        self.digest == digest(account, &self.salt)
    }
}
