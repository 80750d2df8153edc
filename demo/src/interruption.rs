//! Signals that end the demo: it does not die of them, but goes no further, so that processes
//! and files go as they do at its end.

use std::{
    process::ExitCode,
    sync::atomic::{AtomicU8, Ordering::SeqCst},
    thread,
};

use tokio::runtime::Builder;

use crate::CityError;

/// The exit code of the signal that came first; 0 while none has.
static EXIT_CODE: AtomicU8 = AtomicU8::new(0);

/// Takes signals from here on.
pub(crate) fn listen() -> Result<(), CityError> {
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(CityError::system("listen for signals"))?;
    let signals = {
        let _entered = runtime.enter();
        Signals::listen().map_err(CityError::system("listen for signals"))?
    };
    thread::spawn(move || {
        let exit_code = runtime.block_on(signals.first());
        EXIT_CODE.store(exit_code, SeqCst);
    });
    Ok(())
}

/// What the process has to end with because of a signal, if one has come.
pub(crate) fn exit_code() -> Option<ExitCode> {
    match EXIT_CODE.load(SeqCst) {
        0 => None,
        code => Some(ExitCode::from(code)),
    }
}

/// Goes on only if no signal has come.
pub(crate) fn check() -> Result<(), CityError> {
    exit_code().map_or(Ok(()), |_| Err(CityError::Interrupted))
}

/// What asks the process to end. As exit code each has 128 and its number, as in shells.
#[cfg(unix)]
struct Signals {
    hangup: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn listen() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            hangup: signal(SignalKind::hangup())?,
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn first(mut self) -> u8 {
        tokio::select! {
            Some(()) = self.hangup.recv() => 129,
            Some(()) = self.interrupt.recv() => 130,
            Some(()) = self.terminate.recv() => 143,
            else => std::future::pending().await,
        }
    }
}

/// Elsewhere there is ctrl-c only.
#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn listen() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn first(self) -> u8 {
        match tokio::signal::ctrl_c().await {
            Ok(()) => 130,
            Err(_) => std::future::pending().await,
        }
    }
}
