//! Files of state.
#![no_main]

fuzz::target!(openclaw_dingtalk::fuzzing::state);
