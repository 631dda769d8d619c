// What was said in groups meanwhile.

import assert from "node:assert/strict";
import { test } from "node:test";
import { History } from "../../js/history.js";

const line = (group, text) => ({ conversation: { id: group }, sender: { id: "u1", name: "Lin" }, text, sentAtMs: 7, id: text });

test("what was said is told once, the last of it, and each group's alone", () => {
  const history = new History();
  for (let number = 0; number < 60; number += 1) history.add(line("a", `line ${number}`));
  history.add(line("b", "elsewhere"));
  const told = history.take("a", 2);
  assert.deepEqual(told, [
    { sender: "Lin", body: "line 58", timestamp: 7, messageId: "line 58" },
    { sender: "Lin", body: "line 59", timestamp: 7, messageId: "line 59" },
  ]);
  assert.deepEqual(history.take("a"), []);
  assert.equal(history.take("b").length, 1);
});

test("a limit of nothing tells nothing", () => {
  const history = new History();
  history.add(line("a", "x"));
  assert.deepEqual(history.take("a", 0), []);
});

test("only so many groups are remembered, and those that spoke last", () => {
  const history = new History();
  for (let number = 0; number <= 500; number += 1) history.add(line(`g${number}`, "x"));
  assert.deepEqual(history.take("g0"), []);
  assert.equal(history.take("g500").length, 1);
});
