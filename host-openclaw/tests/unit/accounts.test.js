// Accounts that are stopped and opened anew while an answer grows.

import assert from "node:assert/strict";
import { test } from "node:test";
import { channelOf, insist, place, running, slot, turnsOf } from "../../js/accounts.js";

const gone = Object.assign(new Error("stopped"), { code: "cancelled" });

test("a last word that a stop cuts off is said through the successor", async () => {
  const own = slot("a");
  const said = [];
  place(own, { say: () => Promise.reject(gone) }, {});
  const insisted = insist(own, (channel) => channel.say("all")).then((answer) => said.push(answer));
  place(own, undefined, undefined);
  place(own, { say: async (text) => text }, {});
  await insisted;
  assert.deepEqual(said, ["all"]);
});

test("who asks while nothing runs is answered once something does", async () => {
  const own = slot("b");
  const asked = insist(own, async (channel) => channel);
  const channel = {};
  place(own, channel, {});
  assert.equal(await asked, channel);
});

test("a failure that is no stop is told at once", async () => {
  const own = slot("c");
  place(own, {}, {});
  await assert.rejects(insist(own, async () => Promise.reject(new Error("no permission"))), /no permission/);
});

test("an account that does not run says how to find out why", () => {
  assert.throws(() => running("nobody"), /nobody.*channels status --probe/);
});

test("who asks after an account that never ran leaves nothing behind", () => {
  const kept = globalThis[Symbol.for("openclaw-dingtalk.accounts.v1")];
  const before = kept.size;
  assert.deepEqual([channelOf("never"), [...turnsOf("never")]], [undefined, []]);
  assert.throws(() => running("never"));
  assert.equal(kept.size, before);
});
