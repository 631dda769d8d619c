//! The section of a configuration.
#![no_main]

fuzz::target!(openclaw_dingtalk::fuzzing::config);
