use crate::Failure;

/// What asks a process to stop: ctrl-c, and SIGTERM where there is one.
pub(crate) struct StopSignal {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
}

impl StopSignal {
    /// From here on the process no longer dies of SIGTERM by itself.
    #[cfg(unix)]
    pub(crate) fn listen() -> Result<Self, Failure> {
        use tokio::signal::unix::{SignalKind, signal};
        let terminate = signal(SignalKind::terminate()).map_err(|error| {
            Failure::new("cannot_take_signals", format!("cannot listen for SIGTERM: {error}"))
        })?;
        Ok(Self { terminate })
    }

    #[cfg(not(unix))]
    pub(crate) fn listen() -> Result<Self, Failure> {
        Ok(Self {})
    }

    /// Waits for one; says which.
    #[cfg(unix)]
    pub(crate) async fn received(&mut self) -> &'static str {
        tokio::select! {
            Ok(()) = tokio::signal::ctrl_c() => "SIGINT",
            Some(()) = self.terminate.recv() => "SIGTERM",
            else => std::future::pending().await,
        }
    }

    #[cfg(not(unix))]
    pub(crate) async fn received(&mut self) -> &'static str {
        match tokio::signal::ctrl_c().await {
            Ok(()) => "ctrl-c",
            Err(_) => std::future::pending().await,
        }
    }
}
