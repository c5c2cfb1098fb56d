//! Reports: what a run found, for people and for machines. They show verdicts and compute none.
//!
//! A run that is over becomes a [`Report`], and each format is a module that writes it.

mod assemble;
pub mod coverage;
mod curl;
pub mod group;
pub mod json;
pub mod model;
mod request;
pub mod terminal;

pub use assemble::Span;
pub use model::Report;
pub use request::{Format, Request, write_whole};
