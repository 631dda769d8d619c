//! What only all parts together can show. One binary, one module a subject.
#![allow(clippy::unwrap_used, reason = "a test may, also in the functions it is made of")]

mod answers;
mod budget;
mod cards;
mod checkup;
mod child;
mod conformance;
mod doctor;
mod documents;
mod example;
mod fallback;
mod flood;
mod hesitation;
mod kinds;
mod ledger;
mod loading;
mod logs;
mod marks;
mod mistakes;
mod network;
mod notice;
mod opened;
mod order;
mod outbound;
mod permissions;
mod quotes;
mod reconfigure;
mod registering;
mod same_app;
mod setup;
mod several;
mod stop;
mod tokens;
mod trust;
mod turns;
