// Who waits to be let in hears of it once.

import assert from "node:assert/strict";
import { test } from "node:test";
import { place, slot } from "../../js/accounts.js";
import { Applicants, notifyApproval } from "../../js/approval.js";

const HOUR = 3_600_000;

/** Some who wait, and a clock that is moved by hand. */
function waiting(t, since = new Map()) {
  t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
  const world = { since, listed: [], looks: 0, told: [], failures: [] };
  const applicants = new Applicants(since);
  const admitted = async () => {
    world.looks += 1;
    if (world.broken) throw new Error("no such table");
    return world.listed;
  };
  const watch = () =>
    applicants.watch({ admitted, tell: (id) => world.told.push(id), failed: (error) => world.failures.push(error.message) });
  const passes = async (ms) => {
    t.mock.timers.tick(ms);
    await new Promise(setImmediate);
  };
  return Object.assign(world, { applicants, watch, passes });
}

test("who was let in is told so once, and nobody is looked for any more", async (t) => {
  const { applicants, watch, passes, ...world } = waiting(t);
  watch();
  applicants.add("Lin1");
  await passes(2000);
  world.listed.push("An0", "Lin1");
  await passes(2000);
  await passes(2000);
  assert.deepEqual([world.told, world.since.size], [["Lin1"], 0]);
});

test("while nobody waits, nothing is read", async (t) => {
  const world = waiting(t);
  world.watch();
  await world.passes(HOUR);
  assert.equal(world.looks, 0);
});

test("who waits is remembered while the account is started anew, and nothing is read meanwhile", async (t) => {
  const before = waiting(t);
  before.watch();
  before.applicants.add("Lin1");
  before.applicants.rest();
  await before.passes(10_000);
  assert.equal(before.looks, 0);
  t.mock.timers.reset();

  const after = waiting(t, before.since);
  after.listed.push("Lin1");
  after.watch();
  await after.passes(2000);
  assert.deepEqual(after.told, ["Lin1"]);
});

test("nobody is waited for longer than their code holds", async (t) => {
  const world = waiting(t);
  world.watch();
  world.applicants.add("Lin1");
  await world.passes(HOUR + 1);
  assert.equal(world.since.size, 0);
  const { looks } = world;
  await world.passes(HOUR);
  assert.equal(world.looks, looks);
});

test("no more than a hundred are waited for", (t) => {
  const { applicants, since } = waiting(t);
  for (let person = 0; person < 150; person += 1) applicants.add(`p${person}`);
  assert.equal(since.size, 100);
});

test("of a list that cannot be read it is told once, and who waits is told when it can be", async (t) => {
  const world = waiting(t);
  world.broken = true;
  world.watch();
  world.applicants.add("Lin1");
  await world.passes(2000);
  await world.passes(2000);
  assert.deepEqual([world.failures, world.looks], [["no such table"], 2]);
  world.broken = false;
  world.listed.push("Lin1");
  await world.passes(2000);
  assert.deepEqual(world.told, ["Lin1"]);
});

test("whom OpenClaw has told of it is not told again", async (t) => {
  const sent = [];
  const own = slot("approval");
  own.applicants = new Map([["Lin1", 0]]);
  place(own, { send: async (message) => sent.push(message) }, {});
  await notifyApproval({ account: () => ({ accountId: "approval" }) }, { cfg: {}, id: "Lin1", accountId: "approval" });
  assert.deepEqual(sent.map(({ target, notice }) => [target, notice.kind]), [["user:Lin1", "approved"]]);
  assert.equal(own.applicants.size, 0);
});

test("a process in which no channel runs leaves it to the gateway", async () => {
  const own = slot("elsewhere");
  own.applicants = new Map([["Lin1", 0]]);
  await notifyApproval({ account: () => ({ accountId: "elsewhere" }) }, { cfg: {}, id: "Lin1", accountId: "elsewhere" });
  assert.equal(own.applicants.size, 1);
});
