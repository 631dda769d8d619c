//! What an agent writes.
#![no_main]

fuzz::target!(openclaw_dingtalk::fuzzing::markdown);
