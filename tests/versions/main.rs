//! Host and plugin with different versions of host-sdk, and libraries that only a build can get
//! wrong. The other versions are the SDK of this tree with a few lines changed, built here.
#![allow(clippy::unwrap_used, reason = "a test may, also in the functions it is made of")]

mod changes;
mod fixtures;
mod matrix;
mod programs;
mod sdk;
mod unprivileged;
mod wrong;
