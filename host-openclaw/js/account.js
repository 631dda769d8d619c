// One account, from its start to its stop.

import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import { place, slot } from "./accounts.js";
import { tellLog } from "./advice.js";
import { ID } from "./host.js";
import { Reception } from "./reception.js";
import { follow } from "./reload.js";

/** How long a stop may take, in ms: less than the 5 s after which OpenClaw counts it as late, also on a busy machine. */
const STOP = 3000;
/** How often an inbox that is somebody else's is asked for, in ms: at first, and after a few seconds. */
const [SOON, LATER, PATIENCE] = [50, 5000, 6000];

/** Runs an account until it is aborted. Whatever a person has to repair first is a status, not a failure. */
export async function run(host, ctx) {
  const { accountId, abortSignal: signal } = ctx;
  const own = slot(accountId);
  const tell = (patch) => ctx.setStatus({ ...ctx.getStatus(), accountId, ...patch });
  const plugin = host.plugin();
  const places = plugin.places(host.stateRoot(), accountId);
  const reception = new Reception(host, ctx, own);
  tellLog(reception.log, host, ctx.cfg, host.account(ctx.cfg, accountId));

  const inbox = await openInbox(plugin, places.inbox, reception, signal, tell);
  if (!inbox) return;
  let channel;
  try {
    place(own, undefined, inbox);
    const context = host.openContext(ctx.cfg, accountId, places);
    channel = plugin.open(context, reception.listener(tell), inbox);
    await channel.start();
    // Only now: answers that waited for it are told of it, and one that has not started refuses them.
    place(own, channel, inbox);
    reception.open();
    await follow(followed(host, ctx, own, reception), signal);
  } catch (error) {
    if (error.code !== "config") throw error;
    ctx.log?.error(`${accountId}: ${error.message}`);
    tell({ connected: false, lifecycle: "blocked", lastError: error.message });
    if (!signal.aborted) await once(signal, "abort");
  } finally {
    reception.close();
    place(own, undefined, undefined);
    await channel?.stop(reason(host, accountId, reception), STOP).catch((error) => ctx.log?.warn(`${accountId}: ${error.message}`));
    await inbox.close().catch((error) => ctx.log?.warn(`${accountId}: ${error.message}`));
  }
}

/** Opens the inbox; waits while a predecessor, or another gateway, has it. `undefined`: it is too late. */
async function openInbox(plugin, file, reception, signal, tell) {
  for (const began = Date.now(); !signal.aborted; ) {
    try {
      return await plugin.openInbox(file, reception.inboxListener());
    } catch (error) {
      const isEarly = error.code === "inUse" && Date.now() - began < PATIENCE;
      if (!isEarly) tell({ connected: false, lifecycle: "blocked", lastError: error.message });
      await wait(isEarly ? SOON : LATER, undefined, { signal }).catch(() => {}); // stopped
    }
  }
}

/** What a change of the section is told to. */
function followed(host, { accountId, cfg }, own, reception) {
  return {
    accountId,
    opened: host.section(cfg),
    log: reception.log,
    section: () => host.section(host.config()),
    isThere: () => host.resolve(host.config()).accounts.some(({ id }) => id === accountId),
    channel: () => own.channel,
    changed: () => reception.adopt(host.account(host.config(), accountId).settings),
  };
}

/** Why an account stops: it was switched off or removed, OpenClaw ends, or else a successor follows at once. */
function reason(host, accountId, { hasInterrupted }) {
  const cfg = host.config();
  const isThere = cfg?.channels?.[ID] && cfg.plugins?.entries?.[ID]?.enabled !== false;
  if (!isThere || !host.account(cfg, accountId).enabled) return "disabled";
  // What OpenClaw goes on with when it starts again goes on on the card that it has.
  return host.isEnding && !hasInterrupted ? "shutdown" : "reload";
}
