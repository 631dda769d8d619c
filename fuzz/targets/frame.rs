//! A frame of the Stream connection.
#![no_main]

fuzz::target!(openclaw_dingtalk::fuzzing::frame);
