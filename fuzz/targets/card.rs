//! The life of a card: updates, answers, losses and ends in any order.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| openclaw_dingtalk::fuzzing::card(bytes));
