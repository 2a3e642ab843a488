//! What to do after an attempt: the written table of status, method and fault.

use http::StatusCode;

use crate::{
    ErrorKind,
    call::quota::RetryCause,
    transport::{TransportError, TransportErrorKind},
};

/// Whether a request may be sent again when it may already have been carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Repeat {
    /// Sending it twice has the effect of sending it once.
    Safe,
    /// It makes something; a second one would make another.
    Never,
}

/// What an attempt that did not succeed means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Send it again, if there are attempts, time and quota left; else it is this kind of failure.
    Again(RetryCause, ErrorKind),
    /// The token was refused.
    TokenRefused,
    /// It failed.
    Failed(ErrorKind),
}

/// The verdict on a status that is no success.
pub(crate) fn on_status(status: StatusCode, repeat: Repeat) -> Verdict {
    let failed = Verdict::Failed;
    match (status.as_u16(), repeat) {
        (401, _) => Verdict::TokenRefused,
        (429, Repeat::Safe) => Verdict::Again(RetryCause::Throttled, ErrorKind::RateLimited),
        (429, Repeat::Never) => failed(ErrorKind::RateLimited),
        (408 | 500 | 502 | 503 | 504, Repeat::Safe) => Verdict::Again(RetryCause::Fault, ErrorKind::Unavailable),
        // A gateway that gives up says nothing about what is behind it.
        (408 | 500 | 502 | 503 | 504, Repeat::Never) => failed(ErrorKind::OutcomeUnknown),
        (403, _) => failed(ErrorKind::Forbidden),
        (404, _) => failed(ErrorKind::NotFound),
        (410, _) => failed(ErrorKind::Gone),
        (409, _) => failed(ErrorKind::Conflict),
        (412, _) => failed(ErrorKind::PreconditionFailed),
        (407, _) => failed(ErrorKind::Network),
        (400..=499, _) => failed(ErrorKind::InvalidRequest),
        _ => failed(ErrorKind::Protocol),
    }
}

/// The verdict on an attempt without a whole answer.
pub(crate) fn on_fault(fault: &TransportError, repeat: Repeat) -> Verdict {
    let kind = match fault.kind() {
        TransportErrorKind::Timeout => ErrorKind::Timeout,
        TransportErrorKind::TooLarge => ErrorKind::Protocol,
        TransportErrorKind::Request => ErrorKind::Configuration,
        TransportErrorKind::Connect | TransportErrorKind::Tls | TransportErrorKind::Interrupted => ErrorKind::Network,
    };
    match (fault.is_transient(), fault.was_sent(), repeat) {
        (_, true, Repeat::Never) => Verdict::Failed(ErrorKind::OutcomeUnknown),
        (true, _, _) => Verdict::Again(RetryCause::Fault, kind),
        (false, _, _) => Verdict::Failed(kind),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table as it is promised, written once more in other words: by status, for both kinds of request.
    fn promised(status: u16) -> (Verdict, Verdict) {
        let both = |verdict| (verdict, verdict);
        let failed = |kind| both(Verdict::Failed(kind));
        match status {
            400 | 402 | 405 | 406 | 411 | 413..=428 | 430..=499 => failed(ErrorKind::InvalidRequest),
            401 => both(Verdict::TokenRefused),
            403 => failed(ErrorKind::Forbidden),
            404 => failed(ErrorKind::NotFound),
            407 => failed(ErrorKind::Network),
            408 | 500 | 502 | 503 | 504 => {
                (Verdict::Again(RetryCause::Fault, ErrorKind::Unavailable), Verdict::Failed(ErrorKind::OutcomeUnknown))
            }
            409 => failed(ErrorKind::Conflict),
            410 => failed(ErrorKind::Gone),
            412 => failed(ErrorKind::PreconditionFailed),
            429 => {
                (Verdict::Again(RetryCause::Throttled, ErrorKind::RateLimited), Verdict::Failed(ErrorKind::RateLimited))
            }
            _ => failed(ErrorKind::Protocol),
        }
    }

    #[test]
    fn every_status_of_both_kinds_of_request_is_as_promised() {
        let mut cells = 0;
        for status in 100..=599 {
            let code = StatusCode::from_u16(status).unwrap();
            let found = (on_status(code, Repeat::Safe), on_status(code, Repeat::Never));
            assert_eq!(found, promised(status), "{status}");
            cells += 2;
        }
        println!("retry_table status_cells={cells} mismatches=0");
    }

    #[test]
    fn what_may_have_been_carried_out_is_never_sent_again() {
        let fault = |kind| TransportError::new(kind, "");
        for kind in [TransportErrorKind::Timeout, TransportErrorKind::Interrupted, TransportErrorKind::TooLarge] {
            let verdict = on_fault(&fault(kind), Repeat::Never);
            assert_eq!(verdict, Verdict::Failed(ErrorKind::OutcomeUnknown), "{kind:?}");
        }
        let unsent = on_fault(&fault(TransportErrorKind::Connect), Repeat::Never);
        assert_eq!(unsent, Verdict::Again(RetryCause::Fault, ErrorKind::Network));
        for repeat in [Repeat::Safe, Repeat::Never] {
            let untrusted = on_fault(&fault(TransportErrorKind::Tls), repeat);
            assert_eq!(untrusted, Verdict::Failed(ErrorKind::Network));
        }
    }
}
