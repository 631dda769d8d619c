// People and groups that an account may be told to write to.

import { ID } from "./host.js";

export function directoryAdapter(host) {
  const listed = (cfg, accountId, read) => read(host.account(cfg, accountId).settings);
  return {
    self: async () => null,
    listPeers: async ({ cfg, accountId, query, limit }) =>
      matching(listed(cfg, accountId, ({ allowFrom, groupAllowFrom }) => [allowFrom, groupAllowFrom]), "user", query, limit),
    listGroups: async ({ cfg, accountId, query, limit }) =>
      matching(listed(cfg, accountId, ({ groups }) => [Array.isArray(groups) ? groups : Object.keys(groups ?? {})]), "group", query, limit),
  };
}

function matching(lists, kind, query = "", limit = 100) {
  const ids = new Set(lists.flatMap((list) => list ?? []).map(String));
  ids.delete("*");
  const wanted = query?.trim().toLowerCase() ?? "";
  return [...ids]
    .filter((id) => (kind === "group") === id.startsWith("cid") && id.toLowerCase().includes(wanted))
    .slice(0, limit)
    .map((id) => ({ kind, id, channel: ID }));
}
