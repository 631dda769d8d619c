//! What a channel finds when it examines itself.

use super::Json;
use crate::abi::{crossing_struct, open_set};

open_set! {
    /// How a check came out.
    pub struct Verdict(u8) {
        /// It cannot be told from here.
        Unknown = 0 as "unknown",
        /// All is well.
        Ok = 1 as "ok",
        /// It works, but not for long or not fully.
        Warning = 2 as "warning",
        /// It does not work.
        Failed = 3 as "failed",
    }
}

crossing_struct! {
    /// One thing that was examined.
    pub struct Check as RawCheck {
        /// Its stable name, such as `token`.
        pub name: String,
        /// How it came out.
        pub verdict: Verdict,
        /// What was found.
        pub finding: String,
        /// What to do about it; empty if nothing.
        pub remedy: String,
        /// Details by name.
        pub extra: Json,
    }
}

crossing_struct! {
    /// What a probe found, in the order it looked.
    pub struct Report as RawReport {
        /// Whether nothing failed.
        pub ok: bool,
        /// What was examined.
        pub checks: Vec<Check>,
        /// Details by name.
        pub extra: Json,
    }
}
