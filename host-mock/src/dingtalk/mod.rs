//! The fake DingTalk.
