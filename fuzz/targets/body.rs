//! What comes back in place of an answer.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| openclaw_dingtalk::fuzzing::body(bytes));
