//! Reports: what a run found, for people and for machines. They show verdicts and compute none.
//!
//! A run that is over becomes a [`Report`], and each format is a module that writes it.

pub mod annotations;
mod assemble;
pub mod cause;
pub mod coverage;
mod curl;
pub mod documents;
pub mod group;
mod har;
mod html;
pub mod json;
mod junit;
pub mod known;
pub(crate) mod markdown;
pub mod merge;
pub mod model;
mod operation;
pub mod phrase;
mod read;
mod request;
mod sarif;
pub mod terminal;

pub use assemble::Span;
pub use merge::merge;
pub use model::Report;
pub use read::{files, read};
pub use request::{Format, Request, written_twice};
