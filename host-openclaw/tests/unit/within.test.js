// Patience with an end.

import assert from "node:assert/strict";
import { test } from "node:test";
import { answered, within } from "../../js/within.js";

test("what comes in time is given, and a failure is one", async () => {
  assert.equal(await within(60_000, Promise.resolve("in time")), "in time");
  await assert.rejects(within(60_000, Promise.reject(new Error("it failed"))), /it failed/);
});

test("what does not come is waited for no longer than was said", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const waited = within(5000, new Promise(() => {}));
  context.mock.timers.tick(5000);
  assert.equal(await waited, undefined);
});

test("where an answer is owed, none in time is an error in both languages", async (context) => {
  assert.equal(await answered(60_000, Promise.resolve("in time")), "in time");
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const waited = answered(5000, new Promise(() => {}));
  context.mock.timers.tick(5000);
  await assert.rejects(waited, /5 秒内没有回答 \(no answer within 5 s\)/);
});
