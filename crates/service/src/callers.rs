use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::sync::Mutex;

use crate::{
    api_token::ApiToken,
    token_folder::{NamedToken, TokenFolder},
    token_scope::TokenScope,
    token_secret::SecretHash,
};

/// Who may call the API: whoever shows the token in `api-token`, or a named one. Cheap to clone.
#[derive(Clone)]
pub struct Callers {
    api_token: ApiToken,
    folder: TokenFolder,
    named: Arc<Mutex<Known>>,
}

/// The named tokens, as they were read last.
#[derive(Default)]
struct Known {
    read_at: Option<Instant>,
    tokens: Arc<[NamedToken]>,
}

/// Somebody who has shown a token.
#[derive(Clone)]
pub(crate) enum Caller {
    /// The one in `api-token`.
    Owner,
    /// A named one.
    Named {
        /// What it is called.
        name: Arc<str>,
        /// What it is good for.
        scopes: Arc<[TokenScope]>,
    },
}

/// A token that is made or revoked beside the running process is so for it after this time.
const READ_AGAIN: Duration = Duration::from_secs(1);

impl Callers {
    /// Those who show `api_token`, or a token of `folder` as it is then.
    pub fn new(api_token: ApiToken, folder: TokenFolder) -> Self {
        Self { api_token, folder, named: Arc::default() }
    }

    /// Who shows that; `None` if it is no token.
    pub(crate) async fn showing(&self, shown: &[u8]) -> Option<Caller> {
        let shown = SecretHash::of(shown);
        if self.api_token.admits(shown) {
            return Some(Caller::Owner);
        }
        let tokens = self.tokens().await;
        // To the end: how long it takes does not tell which one it was.
        let found =
            tokens.iter().fold(None, |found, token| if token.admits(shown) { Some(token) } else { found });
        found.map(|token| Caller::Named {
            name: token.name.as_str().into(),
            scopes: token.scopes.as_slice().into(),
        })
    }

    async fn tokens(&self) -> Arc<[NamedToken]> {
        let mut known = self.named.lock().await;
        if known.read_at.is_none_or(|at| at.elapsed() >= READ_AGAIN) {
            let folder = self.folder.clone();
            let read = tokio::task::spawn_blocking(move || folder.list()).await;
            known.tokens = match read {
                Ok(Ok(tokens)) => tokens.into(),
                // Nobody knows what is revoked, so none of them counts.
                Ok(Err(error)) => {
                    tracing::warn!(%error, "named tokens cannot be read");
                    Arc::default()
                }
                Err(_) => Arc::default(),
            };
            known.read_at = Some(Instant::now());
        }
        Arc::clone(&known.tokens)
    }
}

impl Caller {
    /// Whether what wants one of these scopes is allowed.
    pub(crate) fn may(&self, wanted: &[TokenScope]) -> bool {
        match self {
            Caller::Owner => true,
            Caller::Named { scopes, .. } => wanted.iter().any(|scope| scopes.contains(scope)),
        }
    }

    /// What the journal calls whoever has something done; an account cannot be called so.
    pub(crate) fn journal_name(&self) -> Option<String> {
        match self {
            Caller::Owner => None,
            Caller::Named { name, .. } => Some(format!("token:{name}")),
        }
    }
}
