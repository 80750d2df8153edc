use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
};

use purser_types::Coded;

use crate::token_secret::{SecretHash, TokenSecret, write_new};

/// The token in `api-token`, good for everything: what commands of this machine show. Only a hash of
/// it is kept in memory.
#[derive(Clone)]
pub struct ApiToken {
    hash: SecretHash,
}

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub enum ApiTokenError {
    /// No file.
    #[error("{} does not exist: `run` makes a new one, which tills have to be given", .0.display())]
    Missing(PathBuf),
    /// A file is there already.
    #[error("{} exists already and is not overwritten: tills that use it would be locked out", .0.display())]
    Exists(PathBuf),
    /// The file holds something else.
    #[error("{} holds no token (52 letters and digits): remove it, and `run` makes a new one", .0.display())]
    Malformed(PathBuf),
    /// The operating system refused.
    #[error("cannot use {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The system has no random bytes.
    #[error("the system gives no random bytes: {0}")]
    Random(getrandom::Error),
}

impl Coded for ApiTokenError {
    fn code(&self) -> &'static str {
        match self {
            ApiTokenError::Missing(_) => "token_missing",
            ApiTokenError::Exists(_) => "token_exists",
            ApiTokenError::Malformed(_) => "token_malformed",
            ApiTokenError::Io { .. } => "token_unusable",
            ApiTokenError::Random(_) => "no_random_bytes",
        }
    }
}

const FILE: &str = "api-token";

impl ApiToken {
    /// Makes a token of 32 random bytes and writes it to `api-token` in `dir`, readable by its
    /// owner only (on Windows: by whom the folder is for). Never overwrites one.
    ///
    /// # Errors
    /// If there is one already, or it cannot be written.
    pub fn create(dir: &Path) -> Result<Self, ApiTokenError> {
        let path = dir.join(FILE);
        let secret = TokenSecret::made_up().map_err(ApiTokenError::Random)?;
        write_new(&path, &format!("{}\n", secret.text())).map_err(|source| match source.kind() {
            io::ErrorKind::AlreadyExists => ApiTokenError::Exists(path),
            _ => ApiTokenError::Io { path, source },
        })?;
        Ok(Self { hash: secret.hash() })
    }

    /// Reads the token of `dir`.
    ///
    /// # Errors
    /// If there is none, or the file holds something else.
    pub fn load(dir: &Path) -> Result<Self, ApiTokenError> {
        let path = dir.join(FILE);
        let text = fs::read_to_string(&path).map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => ApiTokenError::Missing(path.clone()),
            _ => ApiTokenError::Io { path: path.clone(), source },
        })?;
        let secret = TokenSecret::spelled(text.trim()).ok_or(ApiTokenError::Malformed(path))?;
        Ok(Self { hash: secret.hash() })
    }

    /// Whether that is the hash of the token, in a time that tells nothing of it.
    pub(crate) fn admits(&self, shown: SecretHash) -> bool {
        self.hash.is(shown)
    }
}

impl fmt::Debug for ApiToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiToken")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_made_once_and_admits_itself_only() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(ApiToken::load(dir.path()).unwrap_err().code(), "token_missing");
        ApiToken::create(dir.path()).unwrap();
        assert_eq!(ApiToken::create(dir.path()).unwrap_err().code(), "token_exists");

        let path = dir.path().join(FILE);
        let text = fs::read_to_string(&path).unwrap();
        let token = ApiToken::load(dir.path()).unwrap();
        let admits = |shown: &[u8]| token.admits(SecretHash::of(shown));
        assert!(admits(text.trim().as_bytes()));
        assert!(!admits(b"") && !admits(text.as_bytes()));
        assert!(!format!("{token:?}").contains(text.trim()));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        fs::write(&path, "changeme").unwrap();
        assert_eq!(ApiToken::load(dir.path()).unwrap_err().code(), "token_malformed");
    }
}
