//! Interactive cards: created and delivered in one call, streamed, updated.

use super::{
    client::{Api, Call},
    limiter::{Family, Permit},
};
use crate::error::{Error, ErrorKind, Result};
use reqwest::Method;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, time::Duration};

/// A card's variables. DingTalk wants every value as text, numbers and objects too.
pub(crate) type Variables = BTreeMap<String, String>;

/// Body of [`POST /v1.0/card/instances/createAndDeliver`](https://open.dingtalk.com/document/orgapp/create-and-deliver-cards).
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreateAndDeliver {
    card_template_id: String,
    out_track_id: String,
    callback_type: &'static str,
    card_data: CardData,
    open_space_id: String,
    user_id_type: u8,
    #[serde(flatten)]
    space: SpaceModels,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct CardData {
    card_param_map: Variables,
}

#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
enum SpaceModels {
    #[serde(rename_all = "camelCase")]
    Group { im_group_open_space_model: OpenSpace, im_group_open_deliver_model: GroupDeliver },
    #[serde(rename_all = "camelCase")]
    Person { im_robot_open_space_model: OpenSpace, im_robot_open_deliver_model: PersonDeliver },
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct OpenSpace {
    support_forward: bool,
    /// What the chat list shows instead of "interactive card".
    #[serde(rename = "lastMessageI18n")]
    last_message: BTreeMap<&'static str, String>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct GroupDeliver {
    robot_code: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    at_user_ids: BTreeMap<String, String>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct PersonDeliver {
    space_type: &'static str,
    robot_code: String,
}

/// Where a card is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Space {
    /// A group, by its conversation id.
    Group(String),
    /// The conversation of one person with the robot, by the person's staff id (not by the
    /// conversation's id, which DingTalk does not take here).
    Person(String),
}

/// What a new card is made of.
#[derive(Clone, Debug)]
pub(crate) struct NewCard {
    /// The template.
    pub(crate) template: String,
    /// Our own id of the card, at most 64 characters.
    pub(crate) out_track_id: String,
    /// The robot that delivers it.
    pub(crate) robot_code: String,
    /// Where it is shown.
    pub(crate) space: Space,
    /// Whom it mentions in a group: user id and name.
    pub(crate) mentions: Option<(String, String)>,
    /// What the chat list shows of it.
    pub(crate) summary: String,
    /// Its first variables.
    pub(crate) variables: Variables,
}

impl From<NewCard> for CreateAndDeliver {
    fn from(card: NewCard) -> Self {
        let last_message = ["ZH_CN", "ZH_TW", "EN_US"].map(|locale| (locale, card.summary.clone())).into();
        let open_space = OpenSpace { support_forward: true, last_message };
        let robot_code = card.robot_code;
        let (open_space_id, space) = match card.space {
            Space::Group(id) => (
                format!("dtv1.card//IM_GROUP.{id}"),
                SpaceModels::Group {
                    im_group_open_space_model: open_space,
                    im_group_open_deliver_model: GroupDeliver {
                        robot_code,
                        at_user_ids: card.mentions.into_iter().collect(),
                    },
                },
            ),
            Space::Person(id) => (
                format!("dtv1.card//IM_ROBOT.{id}"),
                SpaceModels::Person {
                    im_robot_open_space_model: open_space,
                    im_robot_open_deliver_model: PersonDeliver { space_type: "IM_ROBOT", robot_code },
                },
            ),
        };
        Self {
            card_template_id: card.template,
            out_track_id: card.out_track_id,
            callback_type: "STREAM", // without it no streaming call is answered
            card_data: CardData { card_param_map: card.variables },
            open_space_id,
            user_id_type: 1,
            space,
        }
    }
}

impl CreateAndDeliver {
    /// What its calls are counted as.
    pub(crate) const FAMILY: Family = Family::of(Self::PATH);
}

impl Call for CreateAndDeliver {
    const DURING: &'static str = "creating a card";
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/v1.0/card/instances/createAndDeliver";
    const TIMEOUT: Duration = Duration::from_secs(15);
    const SCOPE: &'static str = "Card.Instance.Write";
    type Answer = CreateAnswer;
}

/// Its answer.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct CreateAnswer {
    success: Option<bool>,
    result: Created,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Created {
    deliver_results: Vec<DeliverResult>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct DeliverResult {
    success: Option<bool>,
    carrier_id: Option<String>,
    error_msg: Option<String>,
}

impl CreateAnswer {
    /// DingTalk's id of the delivered card. HTTP 200 is no success: each delivery says for
    /// itself, and an `errorMsg` beside `success` means nothing.
    fn delivered(self) -> Result<String> {
        let failed = self.result.deliver_results.iter().find(|delivery| delivery.success == Some(false));
        if let Some(failed) = failed {
            return Err(refused::<CreateAndDeliver>("notDelivered", failed.error_msg.clone()));
        }
        if self.success == Some(false) {
            return Err(refused::<CreateAndDeliver>("notCreated", None));
        }
        Ok(self
            .result
            .deliver_results
            .into_iter()
            .find_map(|delivery| delivery.carrier_id)
            .unwrap_or_default())
    }
}

/// Body of [`PUT /v1.0/card/streaming`](https://open.dingtalk.com/document/orgapp/api-streamingupdate).
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Streaming {
    /// Our id of the card.
    pub(crate) out_track_id: String,
    /// The id of this very update: repeating it repeats the update harmlessly.
    pub(crate) guid: String,
    /// The variable.
    pub(crate) key: String,
    /// Its whole text.
    pub(crate) content: String,
    /// Whether `content` replaces what is there; markdown wants that.
    pub(crate) is_full: bool,
    /// Whether it is the last.
    pub(crate) is_finalize: bool,
    /// Whether the card has failed.
    pub(crate) is_error: bool,
}

impl Streaming {
    /// What its calls are counted as.
    pub(crate) const FAMILY: Family = Family::of(Self::PATH);
}

impl Call for Streaming {
    const DURING: &'static str = "updating a card";
    const METHOD: Method = Method::PUT;
    const PATH: &'static str = "/v1.0/card/streaming";
    const TIMEOUT: Duration = Duration::from_secs(10);
    const SCOPE: &'static str = "Card.Streaming.Write";
    type Answer = Done;
}

/// Body of [`PUT /v1.0/card/instances`](https://open.dingtalk.com/document/orgapp/interactive-card-update-interface).
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Update {
    out_track_id: String,
    card_data: CardData,
    card_update_options: UpdateOptions,
    user_id_type: u8,
}

#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct UpdateOptions {
    update_card_data_by_key: bool,
    update_private_data_by_key: bool,
}

impl Update {
    /// What its calls are counted as.
    pub(crate) const FAMILY: Family = Family::of(Self::PATH);

    /// Sets these variables of a card and leaves the others alone.
    pub(crate) fn by_key(out_track_id: impl Into<String>, variables: Variables) -> Self {
        Self {
            out_track_id: out_track_id.into(),
            card_data: CardData { card_param_map: variables },
            // Otherwise variables that are left out would disappear.
            card_update_options: UpdateOptions {
                update_card_data_by_key: true,
                update_private_data_by_key: false,
            },
            user_id_type: 1,
        }
    }
}

impl Call for Update {
    const DURING: &'static str = "setting a card's variables";
    const METHOD: Method = Method::PUT;
    const PATH: &'static str = "/v1.0/card/instances";
    const TIMEOUT: Duration = Duration::from_secs(10);
    const SCOPE: &'static str = "Card.Instance.Write";
    type Answer = Done;
}

/// The answer to both updates.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Done {
    success: Option<bool>,
}

impl Done {
    fn check<C: Call>(self) -> Result<()> {
        if self.success == Some(false) { Err(refused::<C>("notUpdated", None)) } else { Ok(()) }
    }
}

fn refused<C: Call>(code: &str, message: Option<String>) -> Error {
    let message = message.filter(|text| !text.is_empty()).unwrap_or_else(|| "no reason given".into());
    Error::new(ErrorKind::Rejected { code: code.into(), message, request_id: String::new() }, C::DURING)
}

impl Api {
    /// Creates a card and shows it, with a permit for [`CreateAndDeliver::FAMILY`]; answers with
    /// DingTalk's id of it, which may be empty.
    ///
    /// # Errors
    /// `Permission` without the scope; `Rejected` when it was created but not delivered, among
    /// others.
    pub(crate) async fn create_card(&self, permit: Permit, card: &CreateAndDeliver) -> Result<String> {
        self.call_with(permit, card).await?.delivered()
    }

    /// Replaces the text of a card, with a permit for [`Streaming::FAMILY`]. The same `guid` may be sent
    /// again after a timeout.
    pub(crate) async fn stream_card(&self, permit: Permit, update: &Streaming) -> Result<()> {
        self.call_with(permit, update).await?.check::<Streaming>()
    }

    /// Sets variables of a card, with a permit for [`Update::FAMILY`].
    pub(crate) async fn update_card(&self, permit: Permit, update: &Update) -> Result<()> {
        self.call_with(permit, update).await?.check::<Update>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn card(space: Space) -> Value {
        let variables = [("flowStatus", "1"), ("msgContent", "…")].map(|(k, v)| (k.to_owned(), v.to_owned()));
        let card = NewCard {
            template: "t.schema".into(),
            out_track_id: "card-1".into(),
            robot_code: "dingabc".into(),
            space,
            mentions: None,
            summary: "…".into(),
            variables: variables.into(),
        };
        serde_json::to_value(CreateAndDeliver::from(card)).unwrap()
    }

    fn answer(value: Value) -> Result<String> {
        serde_json::from_value::<CreateAnswer>(value).unwrap().delivered()
    }

    #[test]
    fn a_card_in_a_group_names_the_group_and_the_robot() {
        assert_eq!(
            card(Space::Group("cidA==".into())),
            json!({
                "cardTemplateId": "t.schema",
                "outTrackId": "card-1",
                "callbackType": "STREAM",
                "cardData": {"cardParamMap": {"flowStatus": "1", "msgContent": "…"}},
                "openSpaceId": "dtv1.card//IM_GROUP.cidA==",
                "userIdType": 1,
                "imGroupOpenSpaceModel": {
                    "supportForward": true,
                    "lastMessageI18n": {"ZH_CN": "…", "ZH_TW": "…", "EN_US": "…"},
                },
                "imGroupOpenDeliverModel": {"robotCode": "dingabc"},
            })
        );
    }

    #[test]
    fn a_card_for_a_person_goes_to_the_staff_id() {
        let card = card(Space::Person("user0001".into()));
        assert_eq!(card["openSpaceId"], "dtv1.card//IM_ROBOT.user0001");
        assert_eq!(card["imRobotOpenDeliverModel"], json!({"spaceType": "IM_ROBOT", "robotCode": "dingabc"}));
        assert!(card.get("imGroupOpenDeliverModel").is_none());
    }

    #[test]
    fn a_delivery_that_failed_is_a_failure_in_spite_of_http_200() {
        let delivered = json!({"success": true, "result": {"deliverResults":
            [{"success": true, "carrierId": "pqk", "errorMsg": "said in spite of success"}]}});
        assert_eq!(answer(delivered).unwrap(), "pqk");
        let failed = json!({"success": true, "result": {"deliverResults": [{"success": false, "errorMsg": "no robot"}]}});
        let error = answer(failed).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Rejected { message, .. } if message == "no robot"));
        assert_eq!(answer(json!({})).unwrap(), "", "older answers say nothing of deliveries");
    }

    #[test]
    fn an_update_leaves_other_variables_alone() {
        let update = Update::by_key("card-1", [("flowStatus".to_owned(), "3".to_owned())].into());
        assert_eq!(
            serde_json::to_value(update).unwrap(),
            json!({
                "outTrackId": "card-1",
                "cardData": {"cardParamMap": {"flowStatus": "3"}},
                "cardUpdateOptions": {"updateCardDataByKey": true, "updatePrivateDataByKey": false},
                "userIdType": 1,
            })
        );
    }

    #[test]
    fn a_streaming_update_says_whether_it_is_the_last() {
        let update = Streaming {
            out_track_id: "card-1".into(),
            guid: "g".into(),
            key: "msgContent".into(),
            content: "all".into(),
            is_full: true,
            is_finalize: true,
            is_error: false,
        };
        assert_eq!(
            serde_json::to_value(update).unwrap(),
            json!({"outTrackId": "card-1", "guid": "g", "key": "msgContent", "content": "all",
                "isFull": true, "isFinalize": true, "isError": false})
        );
    }
}
