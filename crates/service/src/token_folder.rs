use std::{
    fs, io,
    path::{Path, PathBuf},
};

use purser_types::Coded;
use serde::{Deserialize, Serialize};

use crate::{
    timestamp::Timestamp,
    token_scope::TokenScope,
    token_secret::{SecretHash, TokenSecret, write_new},
};

/// The named tokens of a replica: the folder `tokens` in its own, one file each, so that making and
/// revoking one is making and removing a file, beside a running process too.
#[derive(Debug, Clone)]
pub struct TokenFolder {
    path: PathBuf,
}

/// A token by which somebody calls the API, as far as it is kept: without its secret.
#[derive(Clone)]
pub struct NamedToken {
    /// What it is called: journals and lists show it.
    pub name: String,
    /// What it is good for, each once.
    pub scopes: Vec<TokenScope>,
    /// When it was made, RFC 3339.
    pub created: String,
    hash: SecretHash,
}

/// A token file, as it is written.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Written {
    scopes: Vec<TokenScope>,
    created: String,
    blake3: String,
}

/// Why something could not be done with named tokens.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// The name cannot be.
    #[error("{0:?} cannot be a token's name: 1 to 32 of a-z, 0-9, '.', '_' and '-'")]
    Name(String),
    /// A token without a scope is good for nothing.
    #[error("say what the token is good for: --scope till, members, read, operation or admin")]
    NoScope,
    /// There is one of that name.
    #[error("there is a token {0} already: revoke it first, or choose another name")]
    Exists(String),
    /// There is none of that name.
    #[error("there is no token {0}: `token list` names them")]
    Unknown(String),
    /// There are too many.
    #[error("there are {TOKENS_MAX} tokens already: revoke those that nobody uses")]
    TooMany,
    /// The operating system refused.
    #[error("cannot use {}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The system has no random bytes.
    #[error("the system gives no random bytes: {0}")]
    Random(getrandom::Error),
}

impl Coded for TokenError {
    fn code(&self) -> &'static str {
        match self {
            TokenError::Name(_) => "token_name_invalid",
            TokenError::NoScope => "token_scope_missing",
            TokenError::Exists(_) => "token_exists",
            TokenError::Unknown(_) => "token_unknown",
            TokenError::TooMany => "tokens_too_many",
            TokenError::Io { .. } => "token_unusable",
            TokenError::Random(_) => "no_random_bytes",
        }
    }
}

const FOLDER: &str = "tokens";
/// The files are not named after the tokens alone: Windows opens a device where one is called `con`.
const FILE_START: &str = "token-";
const FILE_END: &str = ".toml";
const NAME_BYTES_MAX: usize = 32;
/// All of them are read when somebody shows an unknown one.
const TOKENS_MAX: usize = 256;
const FILE_BYTES_MAX: u64 = 4_096;

impl TokenFolder {
    /// The tokens of the replica whose folder is `dir`. The folder is made with the first token.
    pub fn of(dir: &Path) -> Self {
        Self { path: dir.join(FOLDER) }
    }

    /// Makes a token; tells its secret, of which only a hash is kept.
    ///
    /// # Errors
    /// If the name cannot be or is taken, there is no scope, or the file cannot be written.
    pub fn create(&self, name: &str, scopes: &[TokenScope], now_ms: u64) -> Result<TokenSecret, TokenError> {
        let file = self.file(name)?;
        if scopes.is_empty() {
            return Err(TokenError::NoScope);
        }
        self.make()?;
        if self.list()?.len() >= TOKENS_MAX {
            return Err(TokenError::TooMany);
        }
        let secret = TokenSecret::made_up().map_err(TokenError::Random)?;
        let mut scopes = scopes.to_vec();
        scopes.sort_unstable();
        scopes.dedup();
        let written =
            Written { scopes, created: Timestamp(now_ms).to_string(), blake3: secret.hash().text() };
        // A table of strings can always be written.
        let text = toml::to_string(&written).unwrap_or_default();
        write_new(&file, &text).map_err(|source| match source.kind() {
            io::ErrorKind::AlreadyExists => TokenError::Exists(name.to_owned()),
            _ => TokenError::Io { path: file, source },
        })?;
        Ok(secret)
    }

    /// Ends a token: nobody gets in by it any more.
    ///
    /// # Errors
    /// If there is none of that name, or its file cannot be removed.
    pub fn revoke(&self, name: &str) -> Result<(), TokenError> {
        let file = self.file(name)?;
        fs::remove_file(&file).map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => TokenError::Unknown(name.to_owned()),
            _ => TokenError::Io { path: file, source },
        })
    }

    /// The tokens, by name. A file that holds something else is passed over, and logged: it lets nobody in.
    ///
    /// # Errors
    /// If the folder cannot be read.
    pub fn list(&self) -> Result<Vec<NamedToken>, TokenError> {
        let failed = |source| TokenError::Io { path: self.path.clone(), source };
        let entries = match fs::read_dir(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(failed)?,
        };
        let mut tokens = Vec::new();
        for entry in entries.take(2 * TOKENS_MAX) {
            let file_name = entry.map_err(failed)?.file_name();
            let Some(name) = file_name.to_str().and_then(name_of) else { continue };
            if let Some(token) = read(&self.path.join(&file_name), name) {
                tokens.push(token);
            } else {
                tracing::warn!(name, "a token's file is not what `token create` writes");
            }
        }
        tokens.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(tokens)
    }

    fn file(&self, name: &str) -> Result<PathBuf, TokenError> {
        if !is_name(name) {
            return Err(TokenError::Name(name.to_owned()));
        }
        Ok(self.path.join(format!("{FILE_START}{name}{FILE_END}")))
    }

    fn make(&self) -> Result<(), TokenError> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&self.path).map_err(|source| TokenError::Io { path: self.path.clone(), source })
    }
}

impl NamedToken {
    /// Whether that is the hash of its secret, in a time that tells nothing of it.
    pub(crate) fn admits(&self, shown: SecretHash) -> bool {
        self.hash.is(shown)
    }
}

fn is_name(name: &str) -> bool {
    (1..=NAME_BYTES_MAX).contains(&name.len())
        && name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'-'))
}

fn name_of(file_name: &str) -> Option<&str> {
    let name = file_name.strip_prefix(FILE_START)?.strip_suffix(FILE_END)?;
    is_name(name).then_some(name)
}

fn read(path: &Path, name: &str) -> Option<NamedToken> {
    if fs::metadata(path).ok()?.len() > FILE_BYTES_MAX {
        return None;
    }
    let Written { scopes, created, blake3 } = toml::from_str(&fs::read_to_string(path).ok()?).ok()?;
    Some(NamedToken { name: name.to_owned(), scopes, created, hash: SecretHash::spelled(&blake3)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &TokenFolder) -> Vec<String> {
        folder.list().unwrap().into_iter().map(|token| token.name).collect()
    }

    #[test]
    fn a_token_is_told_once_and_kept_as_a_hash() {
        let dir = tempfile::tempdir().unwrap();
        let folder = TokenFolder::of(dir.path());
        assert!(names(&folder).is_empty());
        let scopes = [TokenScope::Read, TokenScope::Till, TokenScope::Till];
        let secret = folder.create("till-1", &scopes, 1_785_547_200_000).unwrap();
        let path = dir.path().join("tokens/token-till-1.toml");
        let text = fs::read_to_string(&path).unwrap();
        assert!(!text.contains(secret.text()) && text.contains("2026-08-01T01:20:00.000Z"), "{text}");
        assert!(!format!("{secret:?}").contains(secret.text()));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        let other = folder.create("con", &[TokenScope::Admin], 0).unwrap();
        let tokens = folder.list().unwrap();
        assert_eq!(names(&folder), ["con", "till-1"]);
        assert_eq!(tokens[1].scopes, [TokenScope::Till, TokenScope::Read]);
        assert!(tokens[1].admits(secret.hash()) && !tokens[1].admits(other.hash()));

        assert_eq!(folder.create("till-1", &scopes, 0).unwrap_err().code(), "token_exists");
        folder.revoke("till-1").unwrap();
        assert_eq!(names(&folder), ["con"]);
        assert_eq!(folder.revoke("till-1").unwrap_err().code(), "token_unknown");
    }

    #[test]
    fn names_stay_in_the_folder_and_strange_files_let_nobody_in() {
        let dir = tempfile::tempdir().unwrap();
        let folder = TokenFolder::of(dir.path());
        for name in ["", "../x", "a/b", "A", "a b", "é", &"a".repeat(33)] {
            let refused = folder.create(name, &[TokenScope::Till], 0).unwrap_err();
            assert_eq!(refused.code(), "token_name_invalid", "{name}");
            assert_eq!(folder.revoke(name).unwrap_err().code(), "token_name_invalid", "{name}");
        }
        assert_eq!(folder.create("a", &[], 0).unwrap_err().code(), "token_scope_missing");
        folder.create("a", &[TokenScope::Till], 0).unwrap();
        let good = fs::read_to_string(dir.path().join("tokens/token-a.toml")).unwrap();
        let strange = [
            ("token-b.toml", good[..good.len() / 2].to_owned()),
            ("token-c.toml", good.replace("till", "everything")),
            ("token-d.toml", format!("{good}{}", "#".repeat(5_000))),
            ("token-E.toml", good.clone()),
            ("note.txt", good.clone()),
        ];
        for (name, text) in strange {
            fs::write(dir.path().join("tokens").join(name), text).unwrap();
        }
        assert_eq!(names(&folder), ["a"]);
    }
}
