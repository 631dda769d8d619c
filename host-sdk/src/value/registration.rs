//! A platform that makes what an account needs while a person looks on, as by a code that they scan.

use super::{Handle, Json};
use crate::abi::{crossing_struct, open_set};

open_set! {
    /// How far a registration is.
    pub struct RegistrationState(u8) {
        /// The platform waits for the person.
        Waiting = 0 as "waiting",
        /// The account has what it needs.
        Granted = 1 as "granted",
        /// The person or the platform refused.
        Refused = 2 as "refused",
        /// It took too long; another one may be begun.
        Lapsed = 3 as "lapsed",
    }
}

crossing_struct! {
    /// Where a registration is. Since 1.1.
    pub struct Registration as RawRegistration {
        /// How far it is.
        pub state: RegistrationState,
        /// What is to be asked with next; empty where there is nothing more to ask.
        pub ticket: Handle,
        /// The page that the person opens, also by scanning it as a QR code; empty but at the beginning.
        pub link: String,
        /// What the page may want the person to compare or to type; empty if nothing.
        pub code: String,
        /// Milliseconds to wait before it is asked again.
        pub ask_after_ms: u64,
        /// Milliseconds after which it lapses, counted from the beginning; 0 but at the beginning.
        pub lapses_after_ms: u64,
        /// Once it is granted: options of the account with their values, by path inside an account. Credentials are
        /// among them: what prints or logs this passes them over.
        pub options: Json,
        /// Why it was refused, or why it waits for something else than the person; empty else.
        pub why: String,
        /// Details by name.
        pub extra: Json,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_the_ticket_nor_what_was_granted_prints() {
        let options = Json::new(&serde_json::json!({"clientSecret": "s3cret"}));
        let ticket = Handle::new("device");
        let printed = format!("{:?}", Registration { options, ticket, ..Registration::default() });
        assert!(!printed.contains("s3cret") && !printed.contains("device"), "{printed}");
    }
}
