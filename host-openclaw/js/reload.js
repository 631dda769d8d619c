// What a change of the section takes. OpenClaw restarts the channel only for what the plugin cannot take in while it
// runs; of the rest the plugin is told here, and says whether it holds at once or reconnects for it.

import { setTimeout as wait } from "node:timers/promises";
import { ID } from "./host.js";

/** How often the section is looked at, in ms: OpenClaw tells nobody of a change that restarts nothing. */
const PACE = 500;

/** Which changes restart the channel, by the plugin's own table; read when OpenClaw wants to know. */
export function reloadRules(host) {
  return {
    configPrefixes: [`channels.${ID}`],
    get noopPrefixes() {
      const effects = Object.entries(host.resolve({}).effects);
      const options = effects.filter(([, effect]) => effect !== "reopen").map(([path]) => path);
      return options.flatMap((path) => [`channels.${ID}.${path}`, `channels.${ID}.accounts.*.${path}`]);
    },
    accountScopedRestart: true,
  };
}

/**
 * Tells an account's channel of each change of its section, and `changed` after it, until `signal` is aborted. An
 * account that is not there any more hears of none: OpenClaw is about to stop it.
 *
 * @param {{opened: object, section: () => object, isThere: () => boolean, channel: () => any, changed: () => void, log: any, accountId: string}} account
 */
export async function follow({ opened, section, isThere, channel, changed, log, accountId }, signal) {
  let seen = opened;
  let known = JSON.stringify(seen);
  while (await paced(signal)) {
    const now = section();
    if (now === seen) continue;
    seen = now;
    const text = JSON.stringify(now);
    if (text === known) continue;
    known = text;
    if (!isThere()) continue;
    try {
      const applied = await channel().reconfigure(now);
      log.info?.(`${accountId}: the changed configuration ${WORDS[applied] ?? applied}`);
      if (applied !== "needsReopen") changed();
    } catch (error) {
      log.warn?.(`${accountId}: the changed configuration is not used: ${error.message}`);
    }
  }
}

const WORDS = {
  live: "holds at once",
  reconnecting: "holds once the connection is renewed, which has begun",
  needsReopen: "holds once the account is started anew",
};

/** Waits until it is time to look again; `false`: there is no need to any more. */
function paced(signal) {
  return wait(PACE, true, { signal }).catch(() => false);
}
