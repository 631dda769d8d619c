//! Interactive cards and AI card streaming (DingTalk protocol, §8).

mod overlap;
mod rules;
mod store;

use serde_json::{Value, json};

use self::rules::{NewCard, Space, Streaming, param_map};
use super::answer::Refusal;
use super::endpoint::Endpoint;
use super::people::direct_conversation;
use super::record::Changed;
use super::request::Fields;
use super::robot::own_robot;
use super::violation::Rule;
use super::world::World;

pub(super) use self::overlap::Overlaps;
pub use self::rules::Template;
pub(super) use self::store::CardStore;
use self::store::Flight;
pub use self::store::{Card, CardState, CardStep, Carrier, StepKind};

/// `POST /v1.0/card/instances` (DingTalk protocol, §8.4).
pub(super) fn create(world: &mut World, app: &str, fields: Fields<'_>) -> Result<Value, Refusal> {
    let new = NewCard::read(fields, &world.settings.strictness)?;
    let id = create_card(world, app, new)?;
    Ok(json!({"success": true, "result": id}))
}

/// `POST /v1.0/card/instances/deliver` (DingTalk protocol, §8.4).
pub(super) fn deliver(world: &mut World, app: &str, fields: Fields<'_>) -> Result<Value, Refusal> {
    let id = fields.filled("outTrackId").ok_or_else(|| Refusal::bad("param.outTrackIdEmpty"))?;
    let card = world.cards.own(app, id).ok_or_else(|| Refusal::bad("param.cardNotExist"))?;
    let models = card.space_models.clone();
    let spaces = checked_spaces(world, app, fields, &models)?;
    let results = deliver_card(world, app, id, &spaces, user_id_type(fields));
    Ok(json!({"success": true, "result": results}))
}

/// `POST /v1.0/card/instances/createAndDeliver` (DingTalk protocol, §8.2): 200 does not mean delivered.
pub(super) fn create_and_deliver(world: &mut World, app: &str, fields: Fields<'_>) -> Result<Value, Refusal> {
    let new = NewCard::read(fields, &world.settings.strictness)?;
    let spaces = checked_spaces(world, app, fields, &new.space_models)?;
    let id = create_card(world, app, new)?;
    let results = deliver_card(world, app, &id, &spaces, user_id_type(fields));
    Ok(json!({"success": true, "result": {"outTrackId": id, "deliverResults": results}}))
}

/// `PUT /v1.0/card/instances` (DingTalk protocol, §8.5).
pub(super) fn update(world: &mut World, app: &str, fields: Fields<'_>) -> Result<Value, Refusal> {
    let id = fields.filled("outTrackId").ok_or_else(|| Refusal::bad("param.outTrackIdEmpty"))?;
    let strictness = &world.settings.strictness;
    let values = fields.object("cardData").map(|data| param_map(data, strictness)).transpose()?.flatten();
    if values.is_none() && fields.object("privateData").is_none() {
        return Err(Refusal::bad("param.cardDataAndPrivateDataBothEmpty"));
    }
    let by_key =
        fields.object("cardUpdateOptions").is_some_and(|options| options.flag("updateCardDataByKey"));
    let moment = world.moment();
    let breach = world.cards.update(app, id, values, by_key, moment)?;
    note_card(world, id, "updated");
    if let Some((rule, detail)) = breach {
        world.violation(rule, detail);
    }
    Ok(json!({"success": true, "result": true}))
}

/// `PUT /v1.0/card/streaming` (DingTalk protocol, §8.6); `sent` is the call's place in the one order.
pub(super) fn streaming(
    world: &mut World,
    app: &str,
    fields: Fields<'_>,
    sent: u64,
) -> Result<Value, Refusal> {
    let strictness = world.settings.strictness.clone();
    let call = Streaming::read(fields, &strictness)?;
    let (id, verb) = (call.out_track_id.clone(), if call.finalize { "finalized" } else { "streamed" });
    let flight = Flight { sent, landed: world.moment() };
    let streamed = world.cards.stream(app, call, &strictness, flight);
    if streamed.changed {
        note_card(world, &id, verb);
    }
    if let Some((rule, detail)) = streamed.breach {
        world.violation(rule, detail);
    }
    streamed.answer.map(|()| json!({"success": true, "result": true}))
}

/// Looks whether a streaming call arrives while another one for its card is in flight: they carry no
/// sequence number and can land reversed (DingTalk protocol, §8.6).
pub(super) fn watch_flights(world: &mut World, fields: &Fields<'_>) {
    let Some(id) = fields.filled("outTrackId") else { return };
    let other = world.record.calls_in_flight().find(|call| {
        call.endpoint == Some(Endpoint::Streaming)
            && call.body.get("outTrackId").and_then(Value::as_str) == Some(id)
    });
    if let Some(sent) = other.map(|call| call.arrived.seq) {
        world.overlaps.overtaken(sent, id, world.clock.now());
    }
}

/// Reports a call that has ended, with an answer or without, and that another one had overtaken.
pub(super) fn flight_ended(world: &mut World, sent: u64, is_answered: bool) {
    if let Some(detail) = world.overlaps.ended(sent, is_answered, world.clock.now()) {
        world.violation(Rule::OneStreamingCallInFlight, detail);
    }
}

/// Applies what the answer to a card callback changes (DingTalk protocol, §8.8).
pub(super) fn answered(world: &mut World, id: &str, response: Fields<'_>) {
    let Some(data) = response.object("cardData") else { return };
    let Ok(Some(values)) = param_map(data, &world.settings.strictness) else { return };
    let by_key =
        response.object("cardUpdateOptions").is_some_and(|options| options.flag("updateCardDataByKey"));
    let moment = world.moment();
    world.cards.answered(id, values, by_key, moment);
    note_card(world, id, "answered a callback");
}

fn create_card(world: &mut World, app: &str, new: NewCard) -> Result<String, Refusal> {
    let id = new.out_track_id.clone();
    let created = world.moment();
    world.cards.create(app, new, &world.settings.strictness, created)?;
    note_card(world, &id, "created");
    Ok(id)
}

fn note_card(world: &mut World, id: &str, verb: &str) {
    let Some(card) = world.cards.card(id) else { return };
    let line = format!("card {id} {verb} ({:?}): {:?}", card.state, card.text());
    world.note(Changed::Card(id.to_owned()), line);
}

/// Whether ids of people are staff ids (1, the default) or union ids (DingTalk protocol, §8.2).
fn user_id_type(fields: Fields<'_>) -> i64 {
    fields.value("userIdType").and_then(Value::as_i64).unwrap_or(1)
}

/// The spaces of a delivery, each with its model (DingTalk protocol, §8.2, §8.10).
fn checked_spaces(
    world: &mut World,
    app: &str,
    fields: Fields<'_>,
    models: &[&str],
) -> Result<Vec<Space>, Refusal> {
    let id = fields.filled("openSpaceId").ok_or_else(|| Refusal::bad("param.openSpaceIdEmpty"))?;
    let spaces = Space::parse_all(id)?;
    for space in &spaces {
        let deliver_model = match space.kind.as_str() {
            "IM_GROUP" => "imGroupOpenDeliverModel",
            "IM_ROBOT" => "imRobotOpenDeliverModel",
            "IM_SINGLE" => "imSingleOpenDeliverModel",
            _ => "topOpenDeliverModel",
        };
        let model =
            fields.object(deliver_model).ok_or_else(|| Refusal::bad("param.openDeliverModelEmpty"))?;
        check_deliver_model(world, app, space, model)?;
        // Seen live when a model is missing (DingTalk protocol, §8.10).
        if space.kind.starts_with("IM_") && !models.contains(&space.kind.as_str()) {
            return Err(Refusal::bad("param.empty"));
        }
    }
    Ok(spaces)
}

fn check_deliver_model(
    world: &mut World,
    app: &str,
    space: &Space,
    model: Fields<'_>,
) -> Result<(), Refusal> {
    let broken = match space.kind.as_str() {
        "IM_GROUP" => model.filled("robotCode").is_none(),
        "IM_ROBOT" => model.text("spaceType") != Some("IM_ROBOT"),
        _ => false,
    };
    if broken {
        return Err(Refusal::bad("param.openDeliverModelError"));
    }
    if model.filled("robotCode").is_some() { own_robot(world, app, model) } else { Ok(()) }
}

/// Shows a card in its spaces and tells of each whether that worked.
fn deliver_card(world: &mut World, app: &str, id: &str, spaces: &[Space], id_type: i64) -> Vec<Value> {
    spaces.iter().map(|space| deliver_to(world, app, id, space, id_type)).collect()
}

fn deliver_to(world: &mut World, app: &str, id: &str, space: &Space, id_type: i64) -> Value {
    let place = failing(world).map_or_else(|| find_conversation(world, app, space, id_type), Err);
    let (carrier_id, error) = match place {
        Ok(conversation) => (carry(world, id, space, conversation), String::new()),
        Err(error) => (String::new(), error),
    };
    json!({
        "spaceType": space.kind,
        "spaceId": space.id,
        "success": error.is_empty(),
        "carrierId": carrier_id,
        "errorMsg": error,
    })
}

/// Shows a card in a conversation, once.
fn carry(world: &mut World, id: &str, space: &Space, conversation: String) -> String {
    let carrier_id = world.process_query_key();
    let delivered = world.moment();
    let Some(card) = world.cards.cards.get_mut(id) else { return carrier_id };
    if let Some(there) = card.carriers.iter().find(|carrier| carrier.conversation == conversation) {
        return there.carrier_id.clone();
    }
    card.carriers.push(Carrier {
        space_type: space.kind.clone(),
        space_id: space.id.clone(),
        conversation,
        carrier_id: carrier_id.clone(),
        delivered,
    });
    card.step(delivered, StepKind::Delivered);
    note_card(world, id, "delivered");
    carrier_id
}

fn failing(world: &mut World) -> Option<String> {
    let (error, left) = world.cards.failing_deliveries.as_mut()?;
    let error = error.clone();
    *left -= 1;
    if *left == 0 {
        world.cards.failing_deliveries = None;
    }
    Some(error)
}

/// The conversation that a space means; a direct one goes by the person, not by its own id (DingTalk
/// protocol, §8.3).
fn find_conversation(world: &World, app: &str, space: &Space, id_type: i64) -> Result<String, String> {
    let directory = &world.directory;
    match space.kind.as_str() {
        "IM_GROUP" => {
            let group = directory.group_by_id(&space.id).ok_or("the conversation does not exist")?;
            Ok(group.conversation_id.clone())
        }
        "IM_ROBOT" => {
            let mut people = directory.people.iter();
            let person = match id_type {
                2 => people.find(|person| person.union_id == space.id),
                _ => people.find(|person| person.staff_id == space.id),
            };
            let person = person.ok_or("the user does not exist")?;
            Ok(direct_conversation(app, &person.staff_id))
        }
        kind => Err(format!("the fake has no {kind}")),
    }
}
