//! The file of those who asked to be let in, and those who were.
#![no_main]

use host_sdk::access::Pairing;

fuzz::target!(claim);

/// One that is read can be written, and is read the same then.
fn claim(text: &str) {
    let Ok(read) = Pairing::from_json(text) else { return };
    let written = read.to_json();
    let again = Pairing::from_json(&written).expect("what was just written can be read");
    assert_eq!(again.to_json(), written, "it is read otherwise the second time");
}
