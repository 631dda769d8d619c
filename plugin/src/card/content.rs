//! What a card is made of: the template's variables, in DingTalk's words.

use super::request::Ending;
use crate::api::card::Variables;
use serde_json::json;

/// States of an AI card template, as its `flowStatus` variable has them.
mod flow_status {
    /// The turn runs, there is no text yet.
    pub(super) const PROCESSING: &str = "1";
    /// The text grows.
    pub(super) const INPUTTING: &str = "2";
    pub(super) const FINISHED: &str = "3";
    pub(super) const FAILED: &str = "5";
}

/// The id of the stop button: what a press of it is called.
pub(crate) const STOP: &str = "stop";

/// A card template, and the variable of it that takes the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Template {
    pub(crate) id: String,
    pub(crate) key: String,
}

impl Template {
    /// The variables of a new card. `growing`: the text is the answer's beginning, not a
    /// placeholder. `stop`: what the stop button says, if there is to be one.
    pub(crate) fn created(&self, text: &str, growing: bool, stop: Option<&str>) -> Variables {
        let state = if growing { flow_status::INPUTTING } else { flow_status::PROCESSING };
        let mut variables = self.state(state, text);
        variables.insert("config".to_owned(), r#"{"autoLayout":true}"#.to_owned());
        variables.extend(self.buttons(stop));
        variables
    }

    /// The variables that end a card.
    pub(crate) fn ended(&self, text: &str, ending: Ending) -> Variables {
        let state = match ending {
            Ending::Done | Ending::Cancelled => flow_status::FINISHED,
            Ending::Failed => flow_status::FAILED,
        };
        let mut variables = self.state(state, text);
        variables.extend(self.buttons(None));
        variables
    }

    fn state(&self, state: &str, text: &str) -> Variables {
        [("flowStatus".to_owned(), state.to_owned()), (self.key.clone(), text.to_owned())].into()
    }

    /// The stop button or its absence: an element of the layout in DingTalk's own templates, which have
    /// their text in `msgContent`, a variable of its own in those that others made.
    fn buttons(&self, stop: Option<&str>) -> Vec<(String, String)> {
        if self.key == "msgContent" {
            let layout = match stop {
                Some(label) => json!({
                    "order": ["msgContent", "msgButtons"],
                    "msgButtons": [{"id": STOP, "text": label, "color": "gray", "request": true}],
                }),
                None => json!({"order": ["msgContent"]}),
            };
            return vec![("sys_full_json_obj".to_owned(), layout.to_string())];
        }
        let has = stop.is_some().to_string();
        vec![("hasAction".to_owned(), has.clone()), ("stop_action".to_owned(), has)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template(key: &str) -> Template {
        Template { id: "t.schema".into(), key: key.into() }
    }

    #[test]
    fn a_new_card_is_processing_until_there_is_text() {
        assert_eq!(template("msgContent").created("…", false, None)["flowStatus"], "1");
        assert_eq!(template("msgContent").created("Hello", true, None)["flowStatus"], "2");
    }

    #[test]
    fn the_text_goes_into_the_templates_own_variable() {
        let variables = template("content").created("Hello", true, None);
        assert_eq!(variables["content"], "Hello");
        assert!(!variables.contains_key("msgContent") && !variables.contains_key("sys_full_json_obj"));
    }

    #[test]
    fn the_stop_button_is_there_while_the_card_grows_and_gone_when_it_has_ended() {
        let grows = template("msgContent").created("Hello", true, Some("Stop"));
        assert!(grows["sys_full_json_obj"].contains(r#""text":"Stop""#));
        let ended = template("msgContent").ended("Hello", Ending::Cancelled);
        assert_eq!(ended["sys_full_json_obj"], r#"{"order":["msgContent"]}"#);

        let grows = template("content").created("Hello", true, Some("Stop"));
        assert_eq!(grows["hasAction"], "true");
        assert_eq!(template("content").ended("Hello", Ending::Done)["hasAction"], "false");
    }

    #[test]
    fn an_ended_card_has_its_state_its_text_and_no_buttons() {
        let variables = template("msgContent").ended("Hello", Ending::Failed);
        let layout = r#"{"order":["msgContent"]}"#;
        let expected = [("flowStatus", "5"), ("msgContent", "Hello"), ("sys_full_json_obj", layout)];
        assert_eq!(variables, expected.map(|(k, v)| (k.into(), v.into())).into());
    }
}
