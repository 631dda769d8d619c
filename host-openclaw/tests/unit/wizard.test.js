// The steps that a person takes, with the person played here.

import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import { spoken } from "../../js/language.js";
import { registered } from "../../js/registration.js";
import { Terminal } from "../../js/terminal.js";
import { conversation, told, wizardAdapter } from "../../js/wizard.js";

const words = (title, text = "") => [{ locale: "en", title, text }];
const setup = {
  ways: [{ id: "long", words: words("By hand") }, { id: "ready", words: words("I have one") }],
  steps: [
    { id: "1", ways: ["long"], words: words("Create it"), link: "", fields: [] },
    {
      id: "2",
      ways: [],
      words: words("Credentials"),
      link: "https://open-dev.dingtalk.com",
      fields: [
        { option: "clientId", secret: false, words: words("Client ID") },
        { option: "clientSecret", secret: true, words: words("Client Secret") },
      ],
    },
  ],
};

/** A host whose DingTalk knows one secret. */
function world({ describe = { setup }, settings = {} } = {}) {
  const probe = async (secret) =>
    secret === "right" ? { ok: true, checks: [] } : { ok: false, checks: [{ name: "token", verdict: "failed", finding: "rejected", remedy: "look again" }] };
  const plugin = {
    describe: () => describe,
    places: () => ({}),
    open: ({ config }) => ({ probe: () => probe(config.clientSecret) }),
  };
  const resolve = (cfg) => {
    const { clientId = "" } = cfg.channels?.dingtalk ?? {};
    const diagnostics = clientId.includes(" ") ? [{ path: "clientId", message: "there is white space in it", suggestion: "" }] : [];
    return { accounts: [{ id: "default", enabled: true, configured: false }], defaultAccount: "default", diagnostics };
  };
  return {
    plugin: () => plugin,
    resolve,
    account: () => ({ accountId: "default", settings }),
    section: (cfg) => cfg.channels?.dingtalk ?? {},
    stateRoot: () => "",
    openContext: (cfg) => ({ config: cfg.channels.dingtalk }),
  };
}

/** A person who gives these answers, and what they were shown. */
function person(...answers) {
  const seen = [];
  const next = (question) => (seen.push(question.message), answers.shift());
  const text = async (question) => {
    for (;;) {
      const answer = next(question);
      const wrong = question.validate?.(answer);
      if (!wrong) return answer;
      seen.push(wrong);
    }
  };
  const note = async (what, title) => void seen.push(`${title}: ${what}`);
  return { seen, prompter: { text, note, confirm: async (question) => next(question), select: async (question) => next(question) } };
}

test("the steps of the chosen way are told, what is wrong is asked again, and what was entered is tried", async () => {
  const { seen, prompter } = person("long", "with space", " dingA ", "right");
  const answers = await conversation(world(), { cfg: {}, accountId: "default", prompter });
  assert.deepEqual(answers, { clientId: "dingA", clientSecret: "right" });
  assert.ok(seen.some((line) => line.startsWith("Create it")));
  assert.ok(seen.includes("there is white space in it"));
  assert.ok(seen.some((line) => line.includes("https://open-dev.dingtalk.com")));
});

/** A channel that registers: each answer in its turn, and the tickets that it was asked with. */
function registrar(...answers) {
  const tickets = [];
  const register = async (ticket) => {
    tickets.push(ticket);
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const host = world();
  const plugin = host.plugin();
  const open = (context) => (context.extra?.registers ? { register } : plugin.open(context));
  return { tickets, host: { ...host, plugin: () => ({ ...plugin, open }) } };
}

const begun = { state: "waiting", ticket: "t1", link: "https://open-dev.dingtalk.com/scan", code: "AB", askAfterMs: 1, lapsesAfterMs: 60_000 };

test("who scans a code gets what DingTalk gave, and no secret is shown", async () => {
  const options = { clientId: "dingNew", clientSecret: "right" };
  const { host, tickets } = registrar(begun, { state: "waiting", ticket: "t2", askAfterMs: 1 }, { state: "granted", options });
  const { seen, prompter } = person();
  assert.deepEqual(await registered(host, { cfg: {}, accountId: "default", prompter }), options);
  assert.deepEqual(tickets, ["", "t1", "t2"]);
  assert.ok(seen.some((line) => line.includes(begun.link) && line.includes("AB")), seen.join());
  assert.ok(!seen.join().includes("right"));
});

test("what comes of no registration is typed in", async () => {
  for (const end of [{ state: "refused", why: "no" }, { state: "lapsed" }, new Error("nobody may")]) {
    const { host } = registrar(begun, end);
    const { seen, prompter } = person();
    assert.equal(await registered(host, { cfg: {}, accountId: "default", prompter }), undefined);
    assert.ok(seen.length === 2, seen.join());
  }
});

test("a way that registers asks for nothing that it was given", async () => {
  const scans = { ...setup, ways: [{ id: "scan", words: words("Scan"), extra: { registers: true } }] };
  const options = { clientId: "dingNew", clientSecret: "right" };
  const { host } = registrar(begun, { state: "granted", options });
  const plugin = host.plugin();
  const { prompter } = person("scan");
  const both = { ...host, plugin: () => ({ ...plugin, describe: () => ({ setup: scans }) }) };
  assert.deepEqual(await conversation(both, { cfg: {}, accountId: "default", prompter }), options);
});

test("who has an application is told only what is asked", async () => {
  const { seen, prompter } = person("ready", "dingA", "right");
  assert.deepEqual(await conversation(world(), { cfg: {}, accountId: "default", prompter }), { clientId: "dingA", clientSecret: "right" });
  assert.ok(!seen.some((line) => line.startsWith("Create it")));
});

test("credentials that DingTalk rejects may be entered again, and are kept if the person wants that", async () => {
  const again = person("dingA", "wrong", true, "dingA", "right");
  const bare = world({ describe: {} });
  assert.equal((await conversation(bare, { cfg: {}, accountId: "default", prompter: again.prompter })).clientSecret, "right");
  assert.ok(again.seen.some((line) => line.includes("rejected") && line.includes("look again")));

  const kept = person("dingA", "wrong", false);
  assert.equal((await conversation(bare, { cfg: {}, accountId: "default", prompter: kept.prompter })).clientSecret, "wrong");
});

test("a secret that is there may be kept, and is not shown", async () => {
  const host = world({ describe: {}, settings: { clientId: "dingA", clientSecret: "config" } });
  const { seen, prompter } = person("dingA", true, false);
  const cfg = { channels: { dingtalk: { clientId: "dingA", clientSecret: "right" } } };
  assert.deepEqual(await conversation(host, { cfg, accountId: "default", prompter }), {}, "what is as it was is not written again");
  assert.ok(!seen.join().includes("right"));
});

test("a Client ID from the environment is no text to go on with: it is kept, or another one takes its place", async () => {
  const host = world({ describe: {}, settings: { clientId: "env:DING_ID" } });
  const cfg = { channels: { dingtalk: { clientId: "${DING_ID}" } } };
  const kept = person(true, "right");
  assert.deepEqual(await conversation(host, { cfg, accountId: "default", prompter: kept.prompter }), { clientSecret: "right" });
  assert.match(kept.seen[0], /env:DING_ID/);
  const replaced = person(false, "dingB", "right");
  assert.deepEqual(await conversation(host, { cfg, accountId: "default", prompter: replaced.prompter }), { clientId: "dingB", clientSecret: "right" });
});

test("what only OpenClaw can look up is not tried, and is said to be so", async () => {
  const secret = { source: "exec", provider: "vault", id: "bot" };
  const host = world({ describe: {}, settings: { clientId: "dingA", clientSecret: "exec:bot" } });
  const cfg = { channels: { dingtalk: { clientId: "dingA", clientSecret: secret } } };
  const { seen, prompter } = person("dingA", true);
  assert.deepEqual(await conversation(host, { cfg, accountId: "default", prompter }), {});
  assert.match(seen.at(-1), /channels status --probe/);
});

test("where a bot works already, another one may be meant", async () => {
  const host = world({ describe: {} });
  host.resolve = () => ({ accounts: [{ id: "default", configured: true }], defaultAccount: "default", diagnostics: [] });
  const { prompter } = person("", "bot2", "dingB", "right");
  const { accountId } = await wizardAdapter(host).configure({ cfg: {}, prompter, shouldPromptAccountIds: true });
  assert.equal(accountId, "bot2");
});

test("OpenClaw's setup writes the account where it belongs", async () => {
  const { prompter } = person("dingB", "right");
  const wizard = wizardAdapter(world({ describe: {} }));
  const { cfg, accountId } = await wizard.configure({ cfg: {}, prompter, accountOverrides: { dingtalk: "bot" }, shouldPromptAccountIds: false });
  assert.deepEqual([accountId, cfg.channels.dingtalk], ["bot", { accounts: { bot: { enabled: true, clientId: "dingB", clientSecret: "right" } } }]);
  assert.equal((await wizard.getStatus({ cfg: {} })).configured, false);
});

test("words are in the language of the place, else in the first there is", () => {
  const both = [{ locale: "zh-CN", title: "一" }, { locale: "en", title: "one" }];
  assert.equal(spoken(both, "en_US.UTF-8").title, "one");
  assert.equal(spoken(both, "zh").title, "一");
  assert.equal(spoken(both, "fr").title, "一");
  assert.equal(spoken(undefined), undefined);
  assert.match(told({ checks: [], error: "no library" }), /no library/);
  const checks = ["ok", "unknown", "failed"].map((verdict) => ({ verdict, finding: verdict, remedy: "", link: "" }));
  assert.equal(told({ checks }), "✘ failed", "only what somebody has to do something about");
});

test("a terminal takes a line for each answer, repeats no secret, and ends with its input", async () => {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const terminal = new Terminal(input, output);
  const chunks = [];
  output.on("data", (chunk) => chunks.push(chunk));
  input.end("first\n2\n\nhidden\n");
  const notFirst = (value) => (value === "first" ? "not this one" : undefined);
  assert.equal(await terminal.text({ message: "Which", validate: notFirst }), "2");
  const options = [{ value: "a", label: "A" }, { value: "b", label: "B" }];
  assert.equal(await terminal.select({ message: "One of", options, initialValue: "b" }), "b");
  assert.equal(await terminal.text({ message: "Secret", sensitive: true }), "hidden");
  await assert.rejects(terminal.confirm({ message: "More" }), /ended/);
  terminal.close();
  const shown = Buffer.concat(chunks).toString();
  assert.ok(shown.includes("not this one") && !shown.includes("hidden"), shown);
});
