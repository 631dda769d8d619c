// How targets are written.

import assert from "node:assert/strict";
import { test } from "node:test";
import { chatType, normalized } from "../../js/messaging.js";

test("a target loses the channel before it and keeps its case", () => {
  for (const [written, kept] of [
    ["dingtalk:user:Manager8031", "user:Manager8031"],
    ["ding:group:cidAbC==", "group:cidAbC=="],
    ["DingTalk: cidAbC==", "cidAbC=="],
    ["chat:cidAbC==", "group:cidAbC=="],
    ["dm:u1", "user:u1"],
    [" 张三 ", "张三"],
  ]) {
    assert.equal(normalized(written), kept, written);
  }
  assert.equal(normalized("dingtalk:"), undefined);
  assert.equal(normalized(undefined), undefined);
});

test("a target says what it is, or does not", () => {
  assert.equal(chatType("dingtalk:group:x"), "group");
  assert.equal(chatType("cidAbC=="), "group");
  assert.equal(chatType("user:cidney"), "direct");
  assert.equal(chatType("张三"), undefined);
});
