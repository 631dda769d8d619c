//! AI Cards: one card is one growing answer.
//!
//! [`session`] decides, [`driver`] carries out, [`content`] knows the template.

pub(crate) mod content;
pub(crate) mod driver;
pub(crate) mod session;
