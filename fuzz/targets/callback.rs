//! A callback of a card.
#![no_main]

fuzz::target!(openclaw_dingtalk::fuzzing::callback);
