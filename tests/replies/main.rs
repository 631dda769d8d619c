//! What becomes of a reply under each fault, as the person sees it: whole, once, and with no card left
//! open. Each scenario is played to the library that ships; the table in the README has a row for each.
#![allow(clippy::unwrap_used, reason = "a test may, also in the functions it is made of")]

mod creation;
mod growing;
mod last_words;
mod messages;
mod play;
mod verdict;
mod words;
