// What OpenClaw's agent is told of a message, besides its words.

import assert from "node:assert/strict";
import { test } from "node:test";
import { context } from "../../js/context.js";

const GROUPS = { cidA: { systemPrompt: " Be brief. " }, cidB: { allowFrom: ["Lin1"] }, "*": { systemPrompt: "Be kind." } };

/** What the agent is told of a message in that conversation, by a runtime that knows facts, and by an older one. */
function told(conversation, settings = { groups: GROUPS }) {
  const reply = { formatAgentEnvelope: ({ body }) => body, resolveEnvelopeFormatOptions: () => ({}), finalizeInboundContext: (older) => older };
  const of = (ingress, inbound) => {
    const host = { channels: { reply, inbound } };
    const message = { id: "1", conversation, sender: { id: "Lin1", name: "Lin" }, text: "hello" };
    const account = { accountId: "bot", settings };
    return context({ host, cfg: {}, account, route: {}, message, admission: { ingress }, media: [], missing: [], history: [] });
  };
  const facts = of({}, { buildContext: (facts) => facts });
  const older = of("unsupported", {});
  assert.equal(facts.supplemental.groupSystemPrompt, older.GroupSystemPrompt);
  return older.GroupSystemPrompt;
}

test("a group has its own prompt, or that of every group", () => {
  assert.equal(told({ id: "cidA", kind: "group", title: "Crew" }), "Be brief.");
  assert.equal(told({ id: "cidB", kind: "group", title: "Board" }), "Be kind.");
  for (const odd of [["cidB"], { cidB: { systemPrompt: 7 } }, undefined]) {
    assert.equal(told({ id: "cidB", kind: "group", title: "Board" }, { groups: odd }), undefined);
  }
});

test("a private chat has none of a group's", () => {
  assert.equal(told({ id: "cidA", kind: "direct", title: "" }), undefined);
});
