// What the benchmark puts into every process of a gateway, whichever plugin runs in it.
//
// - Calls to DingTalk's own addresses go to the fake one: most plugins have no option for that.
// - When the file `<pid>-<number>.ask` appears in a folder, the process collects its garbage and writes into
//   `<pid>-<number>.json` how much memory it has then, so that two gateways can be compared. OpenClaw has a use
//   of its own for every signal that could ask instead.

const { existsSync, mkdirSync, renameSync, watch, writeFileSync } = require("node:fs");
const { join } = require("node:path");
const { syncBuiltinESMExports } = require("node:module");
const { isMainThread } = require("node:worker_threads");
const http = require("node:http");
const https = require("node:https");

const folder = process.env.OPENCLAW_BENCH_MEMORY;
const fake = new URL(process.env.OPENCLAW_BENCH_DINGTALK);
const OWN = /(^|\.)dingtalk\.com$/;

if (isMainThread) {
  mkdirSync(folder, { recursive: true });
  watch(folder, { persistent: false }, (_, name) => {
    const isOwn = name?.startsWith(`${process.pid}-`) && name.endsWith(".ask");
    // That it goes is told, too.
    if (isOwn && existsSync(join(folder, name))) tell(name.replace(/ask$/, "json"));
  });
}

function tell(name) {
  globalThis.gc?.({ type: "major", flavor: "last-resort" }); // several collections in one
  const file = join(folder, name);
  writeFileSync(`${file}.new`, JSON.stringify(process.memoryUsage()));
  renameSync(`${file}.new`, file);
}

/** The fake one's address for one of DingTalk's. */
function moved(url) {
  const to = new URL(url);
  if (!OWN.test(to.hostname)) return undefined;
  return new URL(to.pathname + to.search, fake);
}

const { fetch } = globalThis;
globalThis.fetch = (input, init) => {
  const to = moved(input.url ?? input);
  if (!to) return fetch(input, init);
  return fetch(input.url ? new Request(to, input) : to, init);
};

for (const verb of ["request", "get"]) {
  const original = https[verb];
  https[verb] = (...asked) => {
    const [first, ...rest] = asked;
    const isOptions = typeof first === "object" && !(first instanceof URL);
    const host = isOptions ? first.hostname ?? first.host : new URL(first).hostname;
    if (!OWN.test(host ?? "")) return original(...asked);
    const there = { protocol: "http:", hostname: fake.hostname, host: fake.hostname, port: fake.port, agent: undefined };
    if (isOptions) return http[verb]({ ...first, ...there }, ...rest);
    return http[verb](moved(first), ...rest.map((more) => (typeof more === "object" ? { ...more, ...there } : more)));
  };
}
syncBuiltinESMExports();
