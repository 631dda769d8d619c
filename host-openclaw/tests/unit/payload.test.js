// What a payload of OpenClaw's says in words.

import assert from "node:assert/strict";
import { test } from "node:test";
import { filesOf, words } from "../../js/payload.js";

test("text alone is told as it is, and what is for other platforms is not", () => {
  assert.equal(words({ text: " indented\n", channelData: { telegram: {} } }), " indented\n");
  assert.equal(words({ channelData: { telegram: {} } }), "");
  assert.equal(words({ text: "plain", presentation: { blocks: [{ type: "divider" }, { type: "later than us" }] } }), "plain");
});

test("what a model has left empty, or filled in with something else, is passed over", () => {
  const blocks = [null, 7, { type: "buttons", buttons: [null, { label: "Yes" }] }, { type: "select", options: "none" }];
  assert.equal(words({ text: "Well?", presentation: { blocks } }), "Well?\n\n- Yes");
  assert.equal(words({ location: { name: "The harbour" } }), "📍 The harbour");
});

test("of buttons and menus it is told what can be opened or written instead", () => {
  const buttons = [
    { label: "Open", action: { type: "url", url: "https://example.com/a" } },
    { label: "Log in", action: { type: "command", command: "/login" } },
    { label: "Yes", action: { type: "callback", value: "y:1" } },
    { label: "Not now", disabled: true, url: "https://example.com/b" },
  ];
  const options = [{ label: "Fast" }, { label: "Careful" }];
  const presentation = { title: "Sign in", blocks: [{ type: "text", text: "It has expired." }, { type: "buttons", buttons }] };
  const interactive = { blocks: [{ type: "select", placeholder: "Model", options }] };
  const told = words({ text: "Sorry.", presentation, interactive });
  const controls = "- Open: https://example.com/a\n- Log in: `/login`\n- Yes\n- Not now";
  assert.equal(told, `Sorry.\n\nSign in\n\nIt has expired.\n\n${controls}\n\nModel\n\n- Fast\n- Careful`);
});

test("a text that says the same as what is beside it is not followed by that", () => {
  const presentation = { blocks: [{ type: "text", text: "Shown." }] };
  assert.equal(words({ text: "Written.", presentation, presentationTextMode: "fallback" }), "Written.");
  assert.equal(words({ presentation, presentationTextMode: "fallback" }), "Shown.");
});

test("tables are tables, and charts and places are told", () => {
  const table = { type: "table", caption: "Rooms", headers: ["Room", "Seats"], rows: [["A|B", 4]] };
  const pie = { type: "chart", chartType: "pie", title: "Share", segments: [{ label: "tea", value: 3 }] };
  const lines = { type: "chart", chartType: "line", title: "Week", categories: ["Mo", "Tu"], series: [{ name: "calls", values: [1, 2] }] };
  const told = words({ presentation: { blocks: [table, pie, lines] } });
  assert.equal(told, "Rooms\n\n| Room | Seats |\n| --- | --- |\n| A\\|B | 4 |\n\nShare\n\n- tea: 3\n\nWeek\n\n- calls: Mo 1, Tu 2");
  assert.equal(words({ location: { latitude: 30.25, longitude: 120.5, name: "Lake" } }), "📍 Lake (30.25, 120.5)");
});

test("what is filled in wrongly costs nothing else that is said", () => {
  const blocks = [{ type: "table", headers: "x", rows: [4] }, { type: "chart", series: [{ name: "n" }], categories: ["c"] }, { type: "buttons" }];
  const told = words({ text: "Here.", presentation: { title: 4, blocks }, interactive: { blocks: "none" } });
  assert.ok(told.startsWith("Here.\n\n4\n\n"), told);
});

test("a payload has several files, one or none", () => {
  const all = [{ mediaUrls: ["a", "b"], mediaUrl: "a" }, { mediaUrls: [], mediaUrl: "a" }, {}].map(filesOf);
  assert.deepEqual(all, [["a", "b"], ["a"], []]);
});
