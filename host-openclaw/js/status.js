// What OpenClaw shows of an account, and how it is examined.

import { channelOf } from "./accounts.js";
import { snapshot } from "./config.js";
import { ID } from "./host.js";
import { answered } from "./within.js";

/** What the checks are about, in OpenClaw's words; all others are about how it runs. */
const ABOUT = {
  token: "auth",
  configuration: "config",
  messageMode: "config",
  eventMode: "config",
  version: "config",
  allowList: "permissions",
  cardTemplate: "config",
};

export function statusAdapter(host) {
  return {
    defaultRuntime: { accountId: "default", running: false, lifecycle: "stopped", lastError: null },
    probeAccount: ({ account, cfg, timeoutMs }) => probe(host, cfg, account, timeoutMs),
    buildAccountSnapshot: ({ account, runtime, probe: report }) => ({
      ...runtime,
      ...snapshot(account),
      probe: report,
      lastProbeAt: report ? Date.now() : undefined,
    }),
    collectStatusIssues: (accounts) => accounts.flatMap(issues),
    formatCapabilitiesProbe: ({ probe: report }) =>
      (report?.checks ?? []).map(({ name, verdict, finding }) => ({ text: `${name}: ${verdict} ${finding}`.trim() })),
  };
}

/** Examines an account: the running one, or one that is opened for this and not started. */
function probe(host, cfg, { accountId }, timeoutMs) {
  return examine(() => channelOf(accountId) ?? opened(host, cfg ?? host.config(), accountId), timeoutMs);
}

/** Examines the channel that `open` gives, for so many ms. */
export async function examine(open, timeoutMs = 10_000) {
  try {
    const { ok, checks } = await answered(timeoutMs, open().probe());
    const failed = checks.filter(({ verdict }) => verdict === "failed");
    return { ok, checks, error: ok ? undefined : failed.map(({ name, finding }) => `${name}: ${finding}`).join("; ") };
  } catch (error) {
    return { ok: false, checks: [], error: error.message };
  }
}

/** An account that is opened to be asked something, and not started. */
export function opened(host, cfg, accountId, extra = {}) {
  const plugin = host.plugin();
  const places = plugin.places(host.stateRoot(), accountId);
  return plugin.open({ ...host.openContext(cfg, accountId, places), extra }, { message: () => "refused", log() {} });
}

/** What is the matter with an account, by its status and the last examination. */
function issues({ accountId, lifecycle, lastError, probe: report }) {
  const found = (report?.checks ?? [])
    .filter(({ verdict }) => verdict === "failed" || verdict === "warning")
    .map(({ name, finding, remedy, link }) => issue(accountId, about(name), `${name}: ${finding}`, [remedy, link].filter(Boolean).join(" ")));
  if (!found.length && lifecycle === "blocked" && lastError) found.push(issue(accountId, "auth", lastError));
  return found;
}

function issue(accountId, kind, message, fix) {
  return { channel: ID, accountId, kind, message, fix: fix || undefined };
}

function about(check) {
  return check.startsWith("permission") ? "permissions" : ABOUT[check] ?? "runtime";
}
