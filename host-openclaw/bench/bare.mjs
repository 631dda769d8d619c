// A host that is nothing but Node.js: what a plugin takes of memory is lost in a gateway, two of which differ by
// tens of MB although they do the same.
//
// It offers what a plugin needs that answers by the dispatch that all releases of OpenClaw have, and answers each
// message with its own words.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

// A gateway has used these already, which only the probe needs.
await (await fetch("data:,")).text();
void WebSocket.OPEN;

const { folder, state, channel, section } = JSON.parse(process.env.OPENCLAW_BENCH_BARE);
const cfg = { channels: { [channel]: section }, session: { dmScope: "per-channel-peer" } };
const log = { debug() {}, info() {}, warn: console.error, error: console.error };

const reply = {
  formatAgentEnvelope: ({ body }) => body,
  resolveEnvelopeFormatOptions: () => ({}),
  finalizeInboundContext: (context) => context,
  async dispatchReplyWithBufferedBlockDispatcher({ ctx, dispatcherOptions, replyOptions }) {
    await replyOptions.onPartialReply({ text: ctx.RawBody });
    await dispatcherOptions.deliver({ text: ctx.RawBody }, { kind: "final" });
    return {};
  },
};
const routing = {
  resolveAgentRoute: ({ peer }) => ({ agentId: "main", accountId: "default", sessionKey: `agent:main:${peer.id}` }),
};

let plugin;
const { main = "index.js" } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
const entry = await import(pathToFileURL(join(folder, main)).href);
entry.default.register({
  rootDir: folder,
  registrationMode: "full",
  logger: log,
  config: cfg,
  registerChannel: (registered) => (plugin = registered.plugin),
  runtime: {
    version: "bare",
    channel: { reply, routing },
    config: { current: () => cfg },
    state: { resolveStateDir: () => state },
  },
});

let status = {};
await plugin.gateway.startAccount({
  cfg,
  accountId: "default",
  account: plugin.config.resolveAccount(cfg, "default"),
  abortSignal: new AbortController().signal,
  log,
  getStatus: () => status,
  setStatus: (next) => (status = next),
});
