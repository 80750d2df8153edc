use std::{
    fmt,
    fs::OpenOptions,
    io::{self, Write},
    path::Path,
};

use data_encoding::BASE32_NOPAD;
use subtle::ConstantTimeEq;

/// What a caller of the API shows: 32 random bytes as 52 letters and digits. Told once, never logged.
pub struct TokenSecret(String);

/// What is kept of a secret. That of 32 random bytes tells nothing of them.
#[derive(Clone, Copy)]
pub(crate) struct SecretHash(blake3::Hash);

const SECRET_BYTES: usize = 32;

impl TokenSecret {
    /// A new one.
    ///
    /// # Errors
    /// If the system has no random bytes.
    pub(crate) fn made_up() -> Result<Self, getrandom::Error> {
        let mut secret = [0; SECRET_BYTES];
        getrandom::fill(&mut secret)?;
        Ok(Self(BASE32_NOPAD.encode(&secret).to_ascii_lowercase()))
    }

    /// The secret that is spelled so; `None` if none is.
    pub(crate) fn spelled(text: &str) -> Option<Self> {
        let secret = BASE32_NOPAD.decode(text.to_ascii_uppercase().as_bytes()).ok()?;
        (secret.len() == SECRET_BYTES).then(|| Self(text.to_owned()))
    }

    /// As it is shown.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// What to keep of it.
    pub(crate) fn hash(&self) -> SecretHash {
        SecretHash::of(self.0.as_bytes())
    }
}

impl fmt::Debug for TokenSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenSecret")
    }
}

impl SecretHash {
    /// The hash of what somebody shows.
    pub(crate) fn of(shown: &[u8]) -> Self {
        Self(blake3::hash(shown))
    }

    /// The hash that is spelled so; `None` if none is.
    pub(crate) fn spelled(text: &str) -> Option<Self> {
        blake3::Hash::from_hex(text).ok().map(Self)
    }

    /// In hexadecimal.
    pub(crate) fn text(self) -> String {
        self.0.to_hex().to_string()
    }

    /// Whether both are of one secret, in a time that tells nothing of it.
    pub(crate) fn is(self, other: Self) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }
}

/// Writes a file that only its owner may read (on Windows: whom the folder is for), where none may be yet.
pub(crate) fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
