//! An embedded SCIM service provider, SCIM 2.0 and 1.1.
//!
//! One pure function, [`Provider::handle`], answers a [`Request`] with a [`Response`] over an
//! in-memory store; thin [`front`]s put it behind hyper, as a server or inside a process.
//! It knows nothing of the harness that tests it, so that a shared mistake cannot make both agree.

mod auth;
mod bulk;
mod characteristics;
mod config;
mod crud_faults;
mod cursor;
mod discovery;
mod error;
mod exchange;
mod faults;
mod filter;
pub mod front;
mod group_faults;
mod intake;
mod like;
mod links;
mod list;
mod message;
mod multi;
mod patch;
mod projection;
mod provider;
mod query;
mod race_faults;
mod resources;
pub mod rewrite;
mod route;
mod schema;
mod seed;
mod store;
mod switch;
#[cfg(test)]
mod tests;
mod variants;
mod view;

pub use config::{Asked, Auth, Config, Version};
pub use like::Like;
pub use message::{Request, Response};
pub use provider::Provider;
pub use switch::Switch;
