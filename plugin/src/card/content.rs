//! What a card is made of: the template's variables, in DingTalk's words.

use super::session::Ending;
use crate::api::card::Variables;

/// States of an AI card template, as its `flowStatus` variable has them.
mod flow_status {
    /// The turn runs, there is no text yet.
    pub(super) const PROCESSING: &str = "1";
    /// The text grows.
    pub(super) const INPUTTING: &str = "2";
    pub(super) const FINISHED: &str = "3";
    pub(super) const FAILED: &str = "5";
}

/// Layout of the public template: the text, and nothing else.
const ORDER: &str = r#"{"order":["msgContent"]}"#;

/// A card template, and the variable of it that takes the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Template {
    pub(crate) id: String,
    pub(crate) key: String,
}

impl Template {
    /// The variables of a new card. `growing`: the text is the answer's beginning, not a
    /// placeholder.
    pub(crate) fn created(&self, text: &str, growing: bool) -> Variables {
        let state = if growing { flow_status::INPUTTING } else { flow_status::PROCESSING };
        let mut variables = self.state(state, text);
        variables.insert("config".to_owned(), r#"{"autoLayout":true}"#.to_owned());
        if self.key == "msgContent" {
            variables.insert("sys_full_json_obj".to_owned(), ORDER.to_owned());
        }
        variables
    }

    /// The variables that end a card.
    pub(crate) fn ended(&self, text: &str, ending: Ending) -> Variables {
        let state = match ending {
            Ending::Done | Ending::Cancelled => flow_status::FINISHED,
            Ending::Failed => flow_status::FAILED,
        };
        self.state(state, text)
    }

    fn state(&self, state: &str, text: &str) -> Variables {
        [("flowStatus".to_owned(), state.to_owned()), (self.key.clone(), text.to_owned())].into()
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
        assert_eq!(template("msgContent").created("…", false)["flowStatus"], "1");
        assert_eq!(template("msgContent").created("Hello", true)["flowStatus"], "2");
    }

    #[test]
    fn the_text_goes_into_the_templates_own_variable() {
        let variables = template("content").created("Hello", true);
        assert_eq!(variables["content"], "Hello");
        assert!(!variables.contains_key("msgContent") && !variables.contains_key("sys_full_json_obj"));
    }

    #[test]
    fn an_ended_card_has_its_state_its_text_and_nothing_else() {
        let variables = template("msgContent").ended("Hello", Ending::Failed);
        assert_eq!(
            variables,
            [("flowStatus", "5"), ("msgContent", "Hello")].map(|(k, v)| (k.into(), v.into())).into()
        );
    }
}
