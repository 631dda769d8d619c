// References to secrets.

import assert from "node:assert/strict";
import { test } from "node:test";
import { secretsAdapter } from "../../js/secrets.js";

const reference = (id) => ({ source: "env", id });

function collected(section) {
  const context = { assignments: [] };
  const config = { channels: { dingtalk: section } };
  secretsAdapter().collectRuntimeConfigAssignments({ config, defaults: { env: "own" }, context });
  return context.assignments;
}

test("references are found at the top and in accounts, and what they mean is put in their place", () => {
  const section = { clientSecret: reference("A"), accounts: { bot: { clientSecret: reference("B") } } };
  const assignments = collected(section);
  assert.deepEqual(
    assignments.map(({ path, ref }) => [path, ref]),
    [
      ["channels.dingtalk.clientSecret", { source: "env", provider: "own", id: "A" }],
      ["channels.dingtalk.accounts.bot.clientSecret", { source: "env", provider: "own", id: "B" }],
    ],
  );
  assignments.forEach(({ apply }, index) => apply(`secret ${index}`));
  assert.deepEqual(section, { clientSecret: "secret 0", accounts: { bot: { clientSecret: "secret 1" } } });
});

test("plain secrets, and what is switched off, ask for nothing", () => {
  assert.deepEqual(collected({ clientSecret: "plain", accounts: { bot: null } }), []);
  assert.deepEqual(collected({ enabled: false, clientSecret: reference("A") }), []);
  assert.deepEqual(collected({ accounts: { bot: { enabled: false, clientSecret: reference("B") } } }), []);
  assert.deepEqual(collected(undefined), []);
});

test("OpenClaw finds them by the file that it looks for", async () => {
  const contract = await import("../../js/secret-contract-api.js");
  const context = { assignments: [] };
  contract.collectRuntimeConfigAssignments({ config: { channels: { dingtalk: { clientSecret: reference("A") } } }, defaults: undefined, context });
  assert.equal(context.assignments.length, 1);
  assert.ok(contract.secretTargetRegistryEntries.some(({ id }) => id === "channels.dingtalk.clientSecret"));
});
