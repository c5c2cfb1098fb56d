//! Tells the kinds of trouble on the way to an answer apart.

use std::{error::Error as _, io};

use crate::exchange::{Failure, FailureKind};

/// What an error of reqwest means, by the causes below reqwest's error.
pub(super) fn of(error: &reqwest::Error) -> Failure {
    let kind = if error.is_timeout() {
        FailureKind::Timeout
    } else if error.is_connect() {
        FailureKind::Unreachable
    } else if is_cut(error) {
        FailureKind::Cut
    } else {
        FailureKind::Garbled
    };
    let message = match kind {
        FailureKind::Timeout => "no answer within the time limit".to_owned(),
        _ => chain(error),
    };
    Failure { kind, message }
}

fn is_cut(error: &reqwest::Error) -> bool {
    let mut cause = error.source();
    while let Some(inner) = cause {
        let text = inner.to_string();
        let by_peer = inner.downcast_ref::<io::Error>().is_some_and(|error| {
            matches!(
                error.kind(),
                io::ErrorKind::ConnectionReset
                    | io::ErrorKind::BrokenPipe
                    | io::ErrorKind::UnexpectedEof
            )
        });
        if by_peer
            || text.contains("closed before message completed")
            || text.contains("end of file before message length")
        {
            return true;
        }
        cause = inner.source();
    }
    false
}

/// The innermost cause of an error, which is the one that helps; URLs are left out.
pub(super) fn chain(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
