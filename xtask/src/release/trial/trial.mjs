// Answers a message by the folder that it is told, in a fake DingTalk: `trial.mjs FOLDER GATEWAY`, where GATEWAY is the
// line that `host-mock gateway --json` prints. So every part is used: the loader, which checks digest and interface, the
// runtime and its threads, TLS, the Stream's socket, and the inbox on disk.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createServer } from "node:tls";
import { pathToFileURL } from "node:url";
import { certified } from "./certificate.mjs";

const QUESTION = "你好";
const ANSWER = "Hello, **Lin**. This is the whole answer.";

const folder = resolve(process.argv[2]);
const gateway = JSON.parse(process.argv[3]);
const root = mkdtempSync(join(tmpdir(), "trial-"));

/** DingTalk's APIs, by TLS. */
const { authority, cert, key } = certified();
const api = createServer({ cert, key }, (client) => {
  const server = connect(new URL(gateway.baseUrl).port, "127.0.0.1");
  client.pipe(server).pipe(client);
  for (const socket of [client, server]) socket.on("error", () => (client.destroy(), server.destroy()));
});
await new Promise((listening) => api.listen(0, "127.0.0.1", listening));
const caFile = join(root, "authority.pem");
writeFileSync(caFile, authority);

const { attach } = await import(pathToFileURL(join(folder, "addon.js")));
const plugin = attach().load();
assert.equal(plugin.describe().id, "dingtalk");

const base = `https://localhost:${api.address().port}`;
const { clientId, clientSecret } = gateway.apps[0];
const endpoints = { api: base, oapi: base };
const config = { clientId, clientSecret, caFile, endpoints, inboundMedia: { dir: join(root, "media") } };
assert.equal(plugin.resolve(config).accounts[0].configured, true);

const { stateDir, sharedStateDir, inbox: file } = plugin.places(root, "default");
const waiting = Promise.withResolvers();
const connected = Promise.withResolvers();
const inbox = await plugin.openInbox(file, { waiting: waiting.resolve });
const extra = { probeMs: 120_000 }; // what emulates a machine is slow
const context = { account: "default", config, stateDir, sharedStateDir, host: { name: "trial", version: "1" }, extra };
const status = ({ connected: is }) => is && connected.resolve();
const channel = plugin.open(context, { status }, inbox);
const { checks } = await channel.probe();
assert.deepEqual(checks.filter(({ verdict }) => verdict === "failed"), []);
await channel.start();
await connected.promise;

const { chats } = await simulator("state");
const { id: chat } = chats.find(({ kind }) => kind === "direct");
await simulator("messages", { chat, text: QUESTION });
await waiting.promise;
const { number } = inbox.next();
const { text, conversation, reply } = await inbox.read(number);
assert.equal(text, QUESTION);
const update = { turn: "t1", stream: "s1", conversation, reply };
await channel.streamUpdate({ ...update, seq: 1, phase: "open", text: ANSWER.slice(0, 5) });
await channel.streamUpdate({ ...update, seq: 2, phase: "done", text: ANSWER });
inbox.finish(number);

const { entries } = await simulator(`entries?chat=${encodeURIComponent(chat)}`);
const [asked, answered] = entries.slice(-2);
assert.equal(asked.delivery.state, "acked");
assert.deepEqual([answered.kind, answered.state, answered.text], ["card", "finished", ANSWER]);
assert.equal((await simulator("state")).violations, 0);

await channel.stop();
await inbox.close();
api.close();
rmSync(root, { recursive: true, force: true });

/** Asks the simulator; posts what is to be told. */
async function simulator(path, told) {
  const body = told && JSON.stringify(told);
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${gateway.baseUrl}/simulator/api/${path}`, { method: body ? "POST" : "GET", headers, body });
  assert.ok(answer.ok, `${path}: ${answer.status}`);
  return answer.json();
}
