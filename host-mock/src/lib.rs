//! A simulated OpenClaw host and a fake DingTalk.

pub mod dingtalk;
