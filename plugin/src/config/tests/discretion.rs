//! What a configuration keeps to itself.

use super::*;

/// In every place where a configuration may have something that nobody may read.
fn marked() -> Value {
    json!({
        "clientId": "dingabc", "clientSecret": "marked-top", "proxy": "http://lin:marked-proxy@proxy.example:1",
        "accounts": {
            "one": {"clientId": "dingone", "clientSecret": "marked-one"},
            "two": {
                "clientId": "dingtwo", "clientSecret": {"source": "exec", "provider": "x", "id": "y"},
                "proxy": {"source": "env", "provider": "default", "id": "P"},
            },
            "three": {"appKey": "dingthree", "appSecret": "marked-three", "token": "marked-unknown"},
        },
    })
}

#[test]
fn no_form_of_a_configuration_shows_what_is_secret_in_it() {
    let section = marked();
    let resolved = resolve(&section);
    let mut forms =
        vec![format!("{resolved:?}"), format!("{resolved:#?}"), serde_json::to_string(&resolved).unwrap()];
    for id in ["one", "two", "three", ""] {
        forms.push(format!("{:?}", account(&section, id, "")));
        forms.push(format!("{:?}", applicant(&section, id, "")));
    }
    for form in forms {
        assert!(!form.contains("marked-"), "{form}");
    }
    assert!(format!("{:?}", open(&section, "one")).contains("<redacted>"), "it is there and does not print");
}

#[test]
fn no_mistake_quotes_a_secret_that_was_made_with_it() {
    for option in ["clientSecret", "appSecret", "proxy", "clientId"] {
        for wrong in
            [json!(["marked-list"]), json!({"marked-key": "marked-value"}), json!(" marked:// \n text ")]
        {
            let mut section = marked();
            section["accounts"]["one"][option] = wrong;
            let told = format!("{:?} {:?}", resolve(&section), account(&section, "one", ""));
            assert!(!told.contains("marked-") || option == "clientId", "{option}: {told}");
        }
    }
}
