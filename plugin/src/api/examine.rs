//! Calls that do nothing, and tell by how they are refused whether they may be made.

use super::{
    client::{Api, Call},
    limiter::Family,
    message_file::Locate,
    turn::not_its_turn,
};
use crate::error::{ErrorKind, Result};
use reqwest::{Method, Url};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use tokio::time::timeout;
use uuid::Uuid;

/// What stands where DingTalk wants an id of something that is there.
const NOTHING: &str = "openclaw-dingtalk-doctor";
const TIMEOUT: Duration = Duration::from_secs(5);
/// How long a call waits for its turn: less than the time that a host leaves the doctor for all of them.
const TURN: Duration = Duration::from_secs(2);

/// Body of [`POST /v1.0/card/instances`](https://open.dingtalk.com/document/orgapp/interface-for-creating-a-card-instance).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Create<'a> {
    card_template_id: &'a str,
    out_track_id: String,
    callback_type: &'static str,
    card_data: NoData,
    user_id_type: u8,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NoData {
    card_param_map: serde_json::Map<String, serde_json::Value>,
}

impl Call for Create<'_> {
    const DURING: &'static str = "making a card that nobody sees";
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/v1.0/card/instances";
    const TIMEOUT: Duration = TIMEOUT;
    const SCOPE: &'static str = "Card.Instance.Write";
    type Answer = Ignored;
}

/// Body of a streaming call for a card that does not exist.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StreamNothing<'a> {
    out_track_id: &'a str,
    guid: String,
    key: &'a str,
    content: &'static str,
    is_full: bool,
    is_finalize: bool,
}

impl Call for StreamNothing<'_> {
    const DURING: &'static str = "updating a card that does not exist";
    const METHOD: Method = Method::PUT;
    const PATH: &'static str = "/v1.0/card/streaming";
    const TIMEOUT: Duration = TIMEOUT;
    const SCOPE: &'static str = "Card.Streaming.Write";
    type Answer = Ignored;
}

/// An answer of which nothing is wanted but that it came.
#[derive(Deserialize)]
struct Ignored {}

impl Api {
    /// Where DingTalk's two interfaces are.
    pub(crate) fn bases(&self) -> [Url; 2] {
        [self.0.endpoints.api("/"), self.0.endpoints.oapi("/")]
    }

    /// Tries what takes the permission to send as the robot, with nothing to do: it asks for a file that is none.
    ///
    /// # Errors
    /// `Permission` where that is missing, and whatever else keeps calls from being made.
    pub(crate) async fn examine_robot(&self) -> Result<()> {
        let locate = Locate { download_code: NOTHING, robot_code: self.client_id() };
        refused_as_meant(self.examine(&locate).await.map(drop))
    }

    /// Makes a card of `template` and shows it to nobody.
    ///
    /// # Errors
    /// `Permission` where that is missing; `Rejected` where the template is of no use.
    pub(crate) async fn examine_card(&self, template: &str) -> Result<()> {
        let create = Create {
            card_template_id: template,
            out_track_id: Uuid::new_v4().to_string(),
            callback_type: "STREAM",
            card_data: NoData { card_param_map: serde_json::Map::new() },
            user_id_type: 1,
        };
        self.examine(&create).await.map(drop)
    }

    /// Tries what takes the permission to stream to cards, for a card that does not exist.
    ///
    /// # Errors
    /// `Permission` where that is missing, and whatever else keeps calls from being made.
    pub(crate) async fn examine_streaming(&self, key: &str) -> Result<()> {
        let stream = StreamNothing {
            out_track_id: NOTHING,
            guid: Uuid::new_v4().to_string(),
            key,
            content: ".",
            is_full: true,
            is_finalize: false,
        };
        refused_as_meant(self.examine(&stream).await.map(drop))
    }

    /// Makes a call once: that it is refused for its pace, or has to wait for long, is what the doctor asks for.
    async fn examine<C: Call>(&self, call: &C) -> Result<C::Answer> {
        let family = Family::of(C::PATH);
        match timeout(TURN, self.permit(family, C::PRIORITY)).await {
            Ok(permit) => self.call_with(permit, call).await,
            Err(_) => Err(not_its_turn(&self.0.gate, family, C::DURING)),
        }
    }
}

/// DingTalk looks at permissions first: who is told that there is no such thing may ask for it.
fn refused_as_meant(outcome: Result<()>) -> Result<()> {
    match outcome {
        // A 403 without a code that is known may be about a permission.
        Err(error) if matches!(error.kind(), ErrorKind::Rejected { code, .. } if !code.starts_with("Forbidden") && code != "403") => {
            Ok(())
        }
        outcome => outcome,
    }
}
