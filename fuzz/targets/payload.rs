//! A robot message.
#![no_main]

fuzz::target!(openclaw_dingtalk::fuzzing::payload);
