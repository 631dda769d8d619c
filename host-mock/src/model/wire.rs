//! The JSON of chat completions.

use super::line::ToolCall;
use crate::host::Delta;
use serde_json::{Value, json};

/// What hosts put into a message of its own, beside what somebody wrote, begins with one of these.
const INTERNAL: [&str; 2] = [
    "<<<BEGIN_OPENCLAW_INTERNAL_CONTEXT>>>",
    "OpenClaw runtime context for the immediately preceding user message",
];

/// One request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// What a person wrote last, with whatever the host put around it.
    pub text: String,
    /// What the host tells of it in messages of its own, such as what it quotes.
    pub context: String,
    /// What came before it that a person wrote, oldest first.
    pub before: Vec<String>,
    /// What the host has told the model to be.
    pub instructions: String,
    /// How many pictures came with it.
    pub pictures: usize,
    /// How many results of tools there are since.
    pub tool_results: usize,
    /// What the last of them says.
    pub last_result: Option<String>,
    /// Whether the answer is to come word by word.
    pub streamed: bool,
    /// The tools that may be called.
    pub tools: Vec<String>,
}

impl Asked {
    pub(super) fn read(body: &Value) -> Self {
        let none = Vec::new();
        let messages = body["messages"].as_array().unwrap_or(&none);
        let is_internal = |content: &Value| INTERNAL.iter().any(|begin| text(content).starts_with(begin));
        let is_a_person_s = |message: &&Value| message["role"] == "user" && !is_internal(&message["content"]);
        let is_an_instruction =
            |message: &&Value| message["role"] == "system" || message["role"] == "developer";
        let last = messages.iter().rposition(|message| is_a_person_s(&message)).unwrap_or(0);
        let (before, since) = messages.split_at(last);
        let results: Vec<_> = since.iter().filter(|message| message["role"] == "tool").collect();
        Self {
            text: since.first().map(|message| text(&message["content"])).unwrap_or_default(),
            context: joined(since.iter().filter(|message| is_internal(&message["content"]))),
            before: before.iter().filter(is_a_person_s).map(|message| text(&message["content"])).collect(),
            instructions: joined(messages.iter().filter(is_an_instruction)),
            pictures: since.iter().map(|message| pictures(&message["content"])).sum(),
            tool_results: results.len(),
            last_result: results.last().map(|message| text(&message["content"])),
            streamed: body["stream"] == true,
            tools: body["tools"].as_array().unwrap_or(&none).iter().filter_map(tool_name).collect(),
        }
    }
}

fn tool_name(tool: &Value) -> Option<String> {
    tool["function"]["name"].as_str().map(str::to_owned)
}

fn joined<'a>(messages: impl Iterator<Item = &'a Value>) -> String {
    messages.map(|message| text(&message["content"])).collect::<Vec<_>>().join("\n")
}

/// A content is a text, or a list of parts.
fn text(content: &Value) -> String {
    match content {
        Value::Array(parts) => {
            parts.iter().filter_map(|part| part["text"].as_str()).collect::<Vec<_>>().join("\n")
        }
        other => other.as_str().unwrap_or_default().to_owned(),
    }
}

fn pictures(content: &Value) -> usize {
    content.as_array().map_or(0, |parts| parts.iter().filter(|part| part["type"] == "image_url").count())
}

pub(super) fn models(id: &str) -> Value {
    json!({"object": "list", "data": [{"id": id, "object": "model", "owned_by": "nobody"}]})
}

pub(super) fn refusal(status: u16) -> Value {
    json!({"error": {"message": format!("refused with {status}, as the message asked"), "type": "scripted"}})
}

/// The first chunk.
pub(super) fn begin() -> String {
    chunk(&json!({"role": "assistant", "content": ""}), None)
}

/// The chunk of a piece of the answer, or of what it thinks meanwhile.
pub(super) fn delta(delta: &Delta) -> Option<String> {
    match delta {
        Delta::Text(text) => Some(chunk(&json!({"content": text}), None)),
        Delta::Status(thought) => Some(chunk(&json!({"reasoning_content": thought}), None)),
        Delta::NoFinal | Delta::Failed(_) => None,
    }
}

/// The last chunks.
pub(super) fn end(call: Option<&ToolCall>) -> Vec<String> {
    let mut chunks = Vec::new();
    if let Some(call) = call {
        chunks.push(chunk(&json!({"tool_calls": [tool_call(call, true)]}), None));
    }
    chunks.push(chunk(&json!({}), Some(reason(call))));
    chunks.push("data: [DONE]\n\n".to_owned());
    chunks
}

/// The whole answer at once.
pub(super) fn whole(deltas: &[Delta], call: Option<&ToolCall>) -> Value {
    let mut said = String::new();
    for delta in deltas {
        if let Delta::Text(text) = delta {
            said.push_str(text);
        }
    }
    let mut message = json!({"role": "assistant", "content": said});
    if let Some(call) = call {
        message["tool_calls"] = json!([tool_call(call, false)]);
    }
    json!({
        "id": "scripted", "object": "chat.completion", "created": 0, "model": super::ID,
        "choices": [{"index": 0, "message": message, "finish_reason": reason(call)}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
    })
}

fn reason(call: Option<&ToolCall>) -> &'static str {
    if call.is_some() { "tool_calls" } else { "stop" }
}

fn tool_call(call: &ToolCall, indexed: bool) -> Value {
    let arguments = call.arguments.to_string();
    let mut value = json!({
        "id": format!("call_{}", uuid::Uuid::new_v4().simple()),
        "type": "function",
        "function": {"name": call.name, "arguments": arguments},
    });
    if indexed {
        value["index"] = json!(0);
    }
    value
}

fn chunk(delta: &Value, finish_reason: Option<&str>) -> String {
    let chunk = json!({
        "id": "scripted", "object": "chat.completion.chunk", "created": 0, "model": super::ID,
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish_reason}],
    });
    format!("data: {chunk}\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_person_wrote_last_is_found_behind_what_the_host_adds() {
        let asked = Asked::read(&json!({"stream": true, "messages": [
            {"role": "system", "content": "be kind"},
            {"role": "user", "content": "first"},
            {"role": "assistant", "content": "yes"},
            {"role": "user", "content": [{"type": "text", "text": "look"}, {"type": "image_url"}]},
            {"role": "user", "content": format!("{} nothing runs", INTERNAL[0])},
            {"role": "user", "content": format!("{}.\nnothing runs", INTERNAL[1])},
            {"role": "assistant", "tool_calls": []},
            {"role": "tool", "content": "a file"},
        ]}));

        assert_eq!((asked.text.as_str(), asked.before.as_slice()), ("look", &["first".to_owned()][..]));
        assert_eq!((asked.pictures, asked.tool_results, asked.streamed), (1, 1, true));
        assert_eq!(asked.last_result.as_deref(), Some("a file"));
    }

    #[test]
    fn a_request_that_is_none_asks_nothing() {
        assert_eq!(Asked::read(&json!({"messages": 1})).text, "");
    }
}
