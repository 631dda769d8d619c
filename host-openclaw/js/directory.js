// People and groups that an account may be told to write to: those that it heard of, and those in its lists.

import { channelOf } from "./accounts.js";
import { ID } from "./host.js";
import { opened } from "./status.js";

/** How many are listed where OpenClaw names no number. */
const LISTED = 100;

export function directoryAdapter(host) {
  const people = (params) => listed(host, params, "user", ({ allowFrom = [], groupAllowFrom = [] }) => [...allowFrom, ...groupAllowFrom]);
  const groups = (params) =>
    listed(host, params, "group", ({ groups: known = {} }) => (Array.isArray(known) ? known : Object.keys(known)));
  return { self: async () => null, listPeers: people, listPeersLive: people, listGroups: groups, listGroupsLive: groups };
}

async function listed(host, { cfg, accountId, query, limit }, kind, named) {
  const account = host.account(cfg, accountId);
  const text = query?.trim() ?? "";
  const found = await heardOf(host, cfg, account.accountId, { kind: kind === "group" ? "group" : "direct", text, limit: limit || LISTED });
  const entries = found.map(({ id, name }) => ({ kind, id, name: name || undefined, channel: ID }));
  const known = new Set(entries.map(({ id }) => id.toLowerCase()));
  for (const id of new Set(named(account.settings).map(String))) {
    const isOne = id !== "*" && !known.has(id.toLowerCase()) && id.toLowerCase().includes(text.toLowerCase());
    if (isOne && (kind === "group") === id.startsWith("cid")) entries.push({ kind, id, name: undefined, channel: ID });
  }
  return entries.slice(0, limit || LISTED);
}

/** Whom the account heard of: the running one, or what is written down of it. */
async function heardOf(host, cfg, accountId, query) {
  try {
    const channel = channelOf(accountId) ?? opened(host, cfg, accountId);
    return (await channel.directory(query)).entries;
  } catch (error) {
    host.log.debug?.(`${accountId}: nobody is known by name: ${error.message}`);
    return [];
  }
}
