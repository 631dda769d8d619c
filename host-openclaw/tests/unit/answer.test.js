// What one dispatch says, told event by event.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Answer } from "../../js/answer.js";

const conversation = { id: "cid1", kind: "direct" };
const question = { id: "m1", conversation, reply: "r1" };
const later = { id: "m2", conversation, reply: "r2" };

/** What of an update people could tell. */
const seen = ({ stream, phase, text }) => [stream, phase, text];

test("a card is opened before the first word and ends with the final text", () => {
  const answer = new Answer("bot", question);
  const first = answer.open();
  assert.deepEqual(first, {
    turn: "m1",
    stream: "bot/m1",
    seq: 1,
    phase: "open",
    text: "",
    status: "",
    conversation,
    reply: "r1",
  });
  assert.deepEqual(seen(answer.partial("Hel")), ["bot/m1", "open", "Hel"]);
  const last = answer.final("Hello", false);
  assert.deepEqual(seen(last), ["bot/m1", "done", "Hello"]);
  assert.ok(last.seq > first.seq);
  assert.equal(answer.end("complete"), undefined, "nothing is left to be shown");
});

test("what was said before a tool stays above what is said after it, and one card has both", () => {
  const answer = new Answer("bot", question);
  answer.partial("Let me look.");
  answer.messageStarts();
  assert.equal(answer.partial("It").text, "Let me look.\n\nIt");
  assert.deepEqual(seen(answer.final("Let me look.", false)), ["bot/m1", "open", "Let me look.\n\nIt"]);
  assert.deepEqual(seen(answer.final("It rains.", false)), ["bot/m1", "done", "Let me look.\n\nIt rains."]);
});

test("what is not final at last is not in the final text", () => {
  const answer = new Answer("bot", question);
  answer.partial("Thinking aloud");
  answer.messageStarts();
  answer.partial("It rains.");
  assert.deepEqual(seen(answer.final("It rains.", false)), ["bot/m1", "done", "It rains."]);
});

test("a second final of the same turn is a card of its own", () => {
  const answer = new Answer("bot", question);
  answer.final("one", false);
  answer.messageStarts();
  assert.deepEqual(seen(answer.final("two", false)), ["bot/m1/2", "done", "two"]);
  assert.deepEqual(seen(answer.final("three", false)), ["bot/m1/3", "done", "three"]);
});

test("the answer to a message that joined the turn is that message's", () => {
  const answer = new Answer("bot", question);
  answer.partial("one");
  answer.joinedBy(later);
  answer.final("one", false);
  answer.messageStarts();
  const update = answer.partial("two");
  assert.deepEqual([update.turn, update.stream, update.reply, update.text], ["m2", "bot/m2", "r2", "two"]);
  assert.deepEqual(seen(answer.final("two", false)), ["bot/m2", "done", "two"]);
});

test("finals that come late are told apart where a message joined", () => {
  const answer = new Answer("bot", question);
  answer.partial("one");
  answer.joinedBy(later);
  answer.messageStarts();
  answer.partial("two");
  assert.deepEqual(seen(answer.final("one", false)), ["bot/m1", "done", "one"]);
  assert.deepEqual(seen(answer.final("two", false)), ["bot/m2", "done", "two"]);
});

test("where one final comes for all who joined, each answer still ends on a card of its own", () => {
  const answer = new Answer("bot", question);
  answer.partial("one");
  answer.joinedBy(later, true);
  answer.messageStarts();
  answer.partial("two");
  assert.deepEqual(seen(answer.leftOut("two")), ["bot/m1", "done", "one"]);
  assert.deepEqual(seen(answer.final("two", false)), ["bot/m2", "done", "two"]);
  assert.equal(answer.end("complete"), undefined);
});

test("a final that leaves nothing out ends one answer", () => {
  const answer = new Answer("bot", question);
  answer.partial("one");
  answer.joinedBy(later, true);
  assert.equal(answer.leftOut("one"), undefined);
  assert.deepEqual(seen(answer.final("one", false)), ["bot/m1", "done", "one"]);
});

test("whoever joined is named until it is answered, so that its files are kept", () => {
  const answer = new Answer("bot", question);
  answer.partial("one");
  answer.joinedBy(later);
  assert.deepEqual(answer.final("one", false).extra, { alsoAnswers: ["m2"] });
  assert.equal(answer.final("two", false).extra, undefined);
});

test("a turn that says nothing ends its card without a word", () => {
  const answer = new Answer("bot", question);
  answer.open();
  assert.deepEqual(seen(answer.end("complete")), ["bot/m1", "done", ""]);
});

test("a turn that never showed anything stays silent", () => {
  assert.equal(new Answer("bot", question).end("complete"), undefined);
});

test("a stopped answer keeps the words that were said", () => {
  const answer = new Answer("bot", question);
  answer.partial("One, two");
  assert.deepEqual(seen(answer.end("stopped")), ["bot/m1", "cancelled", "One, two"]);
});

test("a failure is shown as one", () => {
  const answer = new Answer("bot", question);
  answer.open();
  assert.deepEqual(seen(answer.final("The model is overloaded.", true)), ["bot/m1", "failed", "The model is overloaded."]);
});

test("what the agent does is told beside the text and not after the end", () => {
  const answer = new Answer("bot", question);
  answer.partial("So far");
  const update = answer.status("web_search");
  assert.deepEqual([update.text, update.status], ["So far", "web_search"]);
  assert.equal(answer.final("So far so good", false).status, "");
  assert.equal(answer.status("late"), undefined, "what a tool does after the end opens no card");
});

test("words end what was told of a tool", () => {
  const answer = new Answer("bot", question);
  answer.open();
  answer.status("web_search");
  assert.equal(answer.partial("It").status, "");
});
