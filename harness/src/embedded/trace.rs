//! What a run touched of the provider: which faults it could have met.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use scim_provider::{Asked, Request, Response};

use crate::fault::Fault;

/// What requests came by in the provider, which tells what a fault could have changed for them.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    pub(super) asked: Asked,
    answered: Arc<Mutex<Vec<(Request, u16)>>>,
}

impl Trace {
    /// Whether any answer would have been another with this fault.
    pub fn meets(&self, fault: &Fault) -> bool {
        let answered = self.answered();
        let rewritten = |(request, status): &(Request, u16)| {
            let mut rewrites = fault.rewrites.iter();
            rewrites.any(|rewrite| rewrite.when.holds(request, *status))
        };
        fault.like.is_some()
            || fault.switch.is_some_and(|switch| self.asked.has(switch))
            || answered.iter().any(rewritten)
    }

    /// How many requests there were.
    pub fn requests(&self) -> usize {
        self.answered().len()
    }

    pub(super) fn note(&self, request: &Request, response: &Response) {
        self.answered().push((request.clone(), response.status));
    }

    fn answered(&self) -> MutexGuard<'_, Vec<(Request, u16)>> {
        self.answered.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
