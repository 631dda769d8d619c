//! What card requests must look like (DingTalk protocol, §8.2 to §8.6).

use std::collections::BTreeMap;

use serde_json::Value;

use crate::dingtalk::answer::Refusal;
use crate::dingtalk::request::Fields;
use crate::dingtalk::settings::Strictness;

/// A card's values; every one is a string (DingTalk protocol, §8.2).
pub(super) type ParamMap = BTreeMap<String, String>;

/// The longest `outTrackId` (DingTalk protocol, §8.2).
const MAX_OUT_TRACK_ID: usize = 100;

/// A card template (DingTalk protocol, §8.7).
#[derive(Debug, Clone)]
pub struct Template {
    /// The id, without `.schema`.
    pub id: String,
    /// The variable that people read.
    pub text_key: String,
    /// Whether that variable can be streamed.
    pub streaming: bool,
    /// Whether the template is published.
    pub published: bool,
}

impl Template {
    /// A published template with one streamed variable.
    #[must_use]
    pub fn new(id: &str, text_key: &str) -> Self {
        let id = id.trim_end_matches(".schema").to_owned();
        Self { id, text_key: text_key.into(), streaming: true, published: true }
    }

    /// The templates that every organisation can use (DingTalk protocol, §0.1, §8.7).
    pub(super) fn public() -> Vec<Self> {
        let plain = Self::new("589420e2-c1e2-46ef-a5ed-b8728e654da9", "markdown");
        vec![
            Self::new("382e4302-551d-4880-bf29-a30acfab2e71", "msgContent"),
            Self::new("02fcf2f4-5e02-4a85-b672-46d1f715543e", "msgContent"),
            Self::new("1366a1eb-bc54-4859-ac88-517c56a9acb1", "msgContent"),
            Self::new("8aebdfb9-28f4-4a98-98f5-396c3dde41a0", "content"),
            Self::new("675cde2f-f526-40cb-b828-f5b2b57b8b77", "content"),
            Self::new("5570ddbd-1114-42ab-87aa-5fbe55751da0", "content"),
            Self { streaming: false, ..plain },
        ]
    }
}

/// A place that a card goes to (DingTalk protocol, §8.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Space {
    /// The type in upper case.
    pub(super) kind: String,
    pub(super) id: String,
}

impl Space {
    /// Reads an `openSpaceId`: several are joined by `;`, which may also end it, the type counts in
    /// either case and ends at the first dot (DingTalk protocol, §0.1, §8.3).
    pub(super) fn parse_all(open_space_id: &str) -> Result<Vec<Self>, Refusal> {
        let invalid = || Refusal::bad("param.openSpaceIdInvalid");
        let spaces: Vec<_> = open_space_id
            .split(';')
            .filter(|part| !part.is_empty())
            .map(|part| {
                let (kind, id) = part.strip_prefix("dtv1.card//")?.split_once('.')?;
                let known = ["IM_GROUP", "IM_ROBOT", "IM_SINGLE", "ONE_BOX"];
                let kind = kind.to_uppercase();
                (known.contains(&kind.as_str()) && !id.is_empty()).then(|| Self { kind, id: id.into() })
            })
            .collect::<Option<_>>()
            .ok_or_else(invalid)?;
        if spaces.is_empty() { Err(invalid()) } else { Ok(spaces) }
    }
}

/// What a create call asks for.
#[derive(Debug, Clone)]
pub(super) struct NewCard {
    pub(super) out_track_id: String,
    pub(super) template_id: String,
    pub(super) callback_type: Option<String>,
    pub(super) data: ParamMap,
    /// The kinds of spaces the card was given a model for.
    pub(super) space_models: Vec<&'static str>,
}

impl NewCard {
    pub(super) fn read(fields: Fields<'_>, strictness: &Strictness) -> Result<Self, Refusal> {
        let template_id =
            fields.filled("cardTemplateId").ok_or_else(|| Refusal::bad("param.cardTemplateIdEmpty"))?;
        let out_track_id =
            fields.filled("outTrackId").ok_or_else(|| Refusal::bad("param.outTrackIdEmpty"))?;
        if out_track_id.chars().count() > MAX_OUT_TRACK_ID {
            return Err(Refusal::bad("outTrackId.outOfLimit"));
        }
        // `cardData` is required, the map inside is not (DingTalk protocol, §0.1).
        let data = fields.object("cardData").ok_or_else(|| Refusal::bad("param.cardPublicDataEmpty"))?;
        Ok(Self {
            out_track_id: out_track_id.into(),
            template_id: template_id.trim_end_matches(".schema").into(),
            callback_type: fields.filled("callbackType").map(str::to_owned),
            data: param_map(data, strictness)?.unwrap_or_default(),
            space_models: space_models(fields)?,
        })
    }
}

/// The kinds of spaces a create call has models for; both may come whatever the target is (DingTalk
/// protocol, §0.1), and each must say whether the card can be forwarded (§8.2).
fn space_models(fields: Fields<'_>) -> Result<Vec<&'static str>, Refusal> {
    const MODELS: [(&str, &str); 3] = [
        ("IM_GROUP", "imGroupOpenSpaceModel"),
        ("IM_ROBOT", "imRobotOpenSpaceModel"),
        ("IM_SINGLE", "imSingleOpenSpaceModel"),
    ];
    let mut kinds = Vec::new();
    for (kind, model) in MODELS {
        if let Some(model) = fields.object(model) {
            if model.value("supportForward").is_none() {
                return Err(Refusal::bad("param.openSpaceModelInvalid"));
            }
            kinds.push(kind);
        }
    }
    Ok(kinds)
}

/// The `cardParamMap` of a `cardData`, if there is one.
pub(super) fn param_map(data: Fields<'_>, strictness: &Strictness) -> Result<Option<ParamMap>, Refusal> {
    let Some(params) = data.object("cardParamMap") else { return Ok(None) };
    let mut map = ParamMap::new();
    for (key, value) in params.iter() {
        let text = match value {
            Value::String(text) => text.clone(),
            // A strictness of this fake (DingTalk protocol, §0.1).
            _ if strictness.string_card_values => return Err(Refusal::bad("param.invalid")),
            other => other.to_string(),
        };
        map.insert(key.clone(), text);
    }
    let size: usize = map.iter().map(|(key, value)| key.len() + value.len()).sum();
    if size > strictness.max_card_data {
        return Err(Refusal::bad("param.invalid"));
    }
    Ok(Some(map))
}

/// What a streaming call asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Streaming {
    pub(super) out_track_id: String,
    pub(super) guid: String,
    pub(super) key: String,
    pub(super) content: String,
    pub(super) full: bool,
    pub(super) finalize: bool,
    pub(super) error: bool,
}

impl Streaming {
    /// Reads a streaming call, each missing field with its own code (DingTalk protocol, §8.6).
    pub(super) fn read(fields: Fields<'_>, strictness: &Strictness) -> Result<Self, Refusal> {
        let need =
            |key: &str, code: &str| fields.filled(key).map(str::to_owned).ok_or_else(|| Refusal::bad(code));
        let content = fields
            .text("content")
            .filter(|text| !(text.is_empty() && strictness.nonempty_content))
            .ok_or_else(|| Refusal::bad("param.stream.contentEmpty"))?;
        if content.len() > strictness.max_stream_content {
            return Err(Refusal::api(400, "param.stream.content", "content is too large"));
        }
        Ok(Self {
            out_track_id: need("outTrackId", "param.outTrackIdEmpty")?,
            guid: need("guid", "param.stream.guidEmpty")?,
            key: need("key", "param.stream.keyEmpty")?,
            content: content.into(),
            full: fields.flag("isFull"),
            finalize: fields.flag("isFinalize"),
            error: fields.flag("isError"),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_space_id_may_contain_dots_and_end_with_a_semicolon() {
        let spaces = Space::parse_all("dtv1.card//IM_GROUP.cidA.b==;dtv1.card//im_robot.user0001;").unwrap();

        let expected = [("IM_GROUP", "cidA.b=="), ("IM_ROBOT", "user0001")];
        let expected = expected.map(|(kind, id)| Space { kind: kind.into(), id: id.into() });
        assert_eq!(spaces, expected);
    }

    #[test]
    fn other_space_ids_are_invalid() {
        for id in ["", "cidA", "dtv1.card//", "dtv1.card//IM_GROUP.", "dtv1.card//IM_PARTY.cidA"] {
            assert_eq!(Space::parse_all(id), Err(Refusal::bad("param.openSpaceIdInvalid")), "{id:?}");
        }
    }

    #[test]
    fn card_values_are_strings_unless_the_service_is_lenient() {
        let data = json!({"cardParamMap": {"flowStatus": 1}});
        let strict = Strictness::default();
        let lenient = Strictness { string_card_values: false, ..Strictness::default() };

        assert_eq!(param_map(Fields::of(&data), &strict), Err(Refusal::bad("param.invalid")));
        let map = param_map(Fields::of(&data), &lenient).unwrap().unwrap();
        assert_eq!(map["flowStatus"], "1");
    }

    #[test]
    fn each_missing_field_of_a_streaming_call_has_its_code() {
        let whole = json!({"outTrackId": "c", "guid": "g", "key": "k", "content": ""});
        assert!(Streaming::read(Fields::of(&whole), &Strictness::default()).is_ok());

        let codes = [
            ("guid", "param.stream.guidEmpty"),
            ("key", "param.stream.keyEmpty"),
            ("content", "param.stream.contentEmpty"),
        ];
        for (field, code) in codes {
            let mut body = whole.clone();
            body.as_object_mut().unwrap().remove(field);
            let refusal = Streaming::read(Fields::of(&body), &Strictness::default()).unwrap_err();
            assert_eq!(refusal, Refusal::bad(code));
        }
    }

    #[test]
    fn empty_content_is_a_choice() {
        let body = json!({"outTrackId": "c", "guid": "g", "key": "k", "content": ""});
        let strict = Strictness { nonempty_content: true, ..Strictness::default() };

        let refusal = Streaming::read(Fields::of(&body), &strict).unwrap_err();
        assert_eq!(refusal, Refusal::bad("param.stream.contentEmpty"));
    }
}
