//! The signals that end a run early, and one that must not.

use tokio::runtime::Builder;

/// Waits for Ctrl-C, SIGTERM, or the end of the terminal (SIGHUP).
pub async fn interrupted() {
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = unix::received(unix::TERMINATE) => {}
        () = unix::received(unix::HANG_UP) => {}
    }
}

/// From now on a file that may not grow (`ulimit -f`) is an error of the write, and not the end of
/// the process, which would leave behind what a run created, or parts of files.
pub fn keep_writing() {
    // Only a runtime can register the handler, which stays when that is gone.
    if let Ok(runtime) = Builder::new_current_thread().enable_io().build() {
        let _inside = runtime.enter();
        unix::catch(unix::FILE_TOO_LONG);
    }
}

#[cfg(unix)]
mod unix {
    use tokio::signal::unix::{SignalKind, signal};

    pub(super) const HANG_UP: i32 = 1;
    pub(super) const TERMINATE: i32 = 15;
    pub(super) const FILE_TOO_LONG: i32 = if cfg!(any(target_arch = "mips", target_arch = "mips64"))
    {
        31
    } else {
        25
    };

    /// Waits for a signal; for ever where it cannot be caught, or was ignored when we began:
    /// `nohup` asks for that.
    pub(super) async fn received(number: i32) {
        if !is_ignored(number)
            && let Ok(mut signals) = signal(SignalKind::from_raw(number))
        {
            signals.recv().await;
            return;
        }
        std::future::pending::<()>().await;
    }

    /// Has a signal do nothing; a handler stays once it is there.
    pub(super) fn catch(number: i32) {
        drop(signal(SignalKind::from_raw(number)));
    }

    /// Whether a signal is ignored, where the system says so.
    fn is_ignored(number: i32) -> bool {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        let ignored = ignored.and_then(|digits| u64::from_str_radix(digits.trim(), 16).ok());
        ignored.unwrap_or(0) >> (number - 1) & 1 == 1
    }
}

#[cfg(not(unix))]
mod unix {
    pub(super) const HANG_UP: i32 = 1;
    pub(super) const TERMINATE: i32 = 15;
    pub(super) const FILE_TOO_LONG: i32 = 25;

    pub(super) async fn received(_: i32) {
        std::future::pending::<()>().await;
    }

    pub(super) fn catch(_: i32) {}
}
