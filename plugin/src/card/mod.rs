//! AI Cards: one card shows one growing answer, or a part of a long one.
//!
//! [`session`] decides, in the words of [`request`]; [`driver`] carries out; [`content`] knows the
//! template. `tempo` keeps a card's rhythm, and `patience` says how long its end is tried.

pub(crate) mod content;
pub(crate) mod driver;
mod patience;
pub(crate) mod request;
pub(crate) mod session;
mod tempo;

pub(crate) use tempo::Pace;
