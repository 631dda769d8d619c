// What a model thinks, as one line.

import assert from "node:assert/strict";
import { test } from "node:test";
import { thought } from "../../js/thought.js";

test("a thought is one line", () => {
  assert.equal(thought("Is it raining?\n\n  Let me look."), "💭 Is it raining? Let me look.");
});

test("nothing is no thought", () => {
  assert.deepEqual([thought(undefined), thought(" \n ")], ["", ""]);
});

test("of a long one the end is shown, with no character cut in two", () => {
  const shown = thought("今天下雨吗😀".repeat(1000));
  assert.match(shown, /^💭 …/u);
  assert.ok(shown.endsWith("今天下雨吗😀"));
  assert.equal([...shown].length, 163);
  assert.ok(shown.isWellFormed());
});
