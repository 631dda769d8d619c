// How accounts are written.

import assert from "node:assert/strict";
import { test } from "node:test";
import { edited, snapshot, withoutAccount, withoutCredentials } from "../../js/config.js";
import { complaint, setupAdapter } from "../../js/setup.js";
import { logout } from "../../js/wizard.js";

const one = { channels: { dingtalk: { clientId: "a", clientSecret: "s" }, other: {} } };
const two = { channels: { dingtalk: { enableAICard: false, accounts: { bot1: { clientId: "a" }, bot2: { clientId: "b" } } } } };

test("an account is changed where it is written, and nothing else is", () => {
  assert.deepEqual(edited(one, "default", { enabled: false }).channels, {
    dingtalk: { clientId: "a", clientSecret: "s", enabled: false },
    other: {},
  });
  assert.deepEqual(edited(two, "bot2", { enabled: false }).channels.dingtalk.accounts, {
    bot1: { clientId: "a" },
    bot2: { clientId: "b", enabled: false },
  });
  assert.deepEqual(edited({}, "bot3", { clientId: "c" }), {
    channels: { dingtalk: { accounts: { bot3: { clientId: "c" } } } },
  });
});

test("the last account takes the section with it, and another one only itself", () => {
  assert.deepEqual(withoutAccount(one, "default"), { channels: { other: {} } });
  assert.deepEqual(withoutAccount(two, "bot1").channels.dingtalk, {
    enableAICard: false,
    accounts: { bot2: { clientId: "b" } },
  });
  const { channels } = withoutAccount(two, "bot1");
  assert.deepEqual(withoutAccount({ channels }, "bot2").channels.dingtalk, { enableAICard: false });
});

test("who logs out has no credentials of their own, and nothing empty is left", () => {
  assert.equal(withoutCredentials(one, "nobody"), undefined, "the section's are not theirs");
  assert.equal(withoutCredentials({}, "default"), undefined);
  assert.deepEqual(withoutCredentials(one, "default").channels, { other: {} });
  assert.deepEqual(withoutCredentials(two, "bot1").channels.dingtalk, { enableAICard: false, accounts: { bot2: { clientId: "b" } } });
  const named = { channels: { dingtalk: { accounts: { bot: { name: "Bot", clientId: "a", clientSecret: "s" } } } } };
  assert.deepEqual(withoutCredentials(named, "bot").channels.dingtalk, { accounts: { bot: { name: "Bot" } } });
});

test("`channels add` needs both credentials, by whichever of OpenClaw's names, and writes them", () => {
  const setup = setupAdapter({ resolve: () => ({ diagnostics: [] }) });
  const judged = (input) => setup.validateInput({ cfg: {}, accountId: "default", input });
  assert.match(judged({ clientId: "a" }) ?? "", /Client Secret/);
  assert.match(judged({ useEnv: true }) ?? "", /DINGTALK_CLIENT_ID/);
  for (const input of [{ clientId: " a ", clientSecret: "s" }, { appToken: "a", token: "s" }]) {
    assert.equal(setup.validateInput({ cfg: {}, accountId: "default", input }), null);
    const cfg = setup.applyAccountConfig({ cfg: {}, accountId: "default", input });
    assert.deepEqual(cfg.channels.dingtalk, { enabled: true, clientId: "a", clientSecret: "s" });
  }
});

test("what the plugin has against an account's own options is said, and what it has against others is not", () => {
  const diagnostics = [
    { path: "accounts.other.clientId", message: "other", suggestion: "" },
    { path: "enableAICad", message: "unknown", suggestion: "" },
    { path: "accounts.bot.clientId", message: "exchanged", suggestion: "swap them" },
  ];
  const host = { resolve: () => ({ diagnostics }) };
  assert.equal(complaint(host, {}, "bot", { clientId: "a" }), "exchanged; swap them");
  assert.equal(complaint(host, {}, "bot", { clientSecret: "s" }), null);
});

test("what was shown of an account may be shown again", () => {
  const shown = snapshot({ accountId: "bot", enabled: true, configured: true, settings: { dmPolicy: "open" } });
  assert.deepEqual([shown.dmPolicy, snapshot(shown)], ["open", shown]);
});

test("the file is written when an account is logged out, and left alone when there is nothing to take away", async () => {
  const writes = [];
  const mutateConfigFile = async ({ mutate }) => {
    const draft = structuredClone(one);
    mutate(draft);
    writes.push(draft.channels);
  };
  const account = (cfg) => ({ configured: cfg.channels.dingtalk?.clientId !== undefined });
  const host = { account, api: { runtime: { config: { mutateConfigFile } } } };

  assert.deepEqual(await logout(host, { accountId: "default" }), { cleared: true, loggedOut: true });
  assert.deepEqual(writes, [{ other: {} }]);

  assert.deepEqual(await logout(host, { accountId: "nobody" }), { cleared: false, loggedOut: false });
  assert.equal(writes.length, 1);
});

test("what keeps OpenClaw from writing the file is told", async () => {
  const mutateConfigFile = async () => Promise.reject(new Error("read-only"));
  const host = { api: { runtime: { config: { mutateConfigFile } } } };
  await assert.rejects(logout(host, { accountId: "default" }), /read-only/);
});
