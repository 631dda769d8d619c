// What OpenClaw loads: registers the channel, and starts nothing.
//
// OpenClaw evaluates this more than once in a process, from copies of the folder, and in short-lived
// processes of its own commands. It imports nothing of OpenClaw's, whose modules come and go between
// releases: all it needs comes in by `register`.

import { channel } from "./channel.js";
import { registerCommands } from "./commands.js";
import { Host, ID, NAME } from "./host.js";
import { registerMetrics } from "./metrics.js";
import { warnAtInstall, warnOfNeighbours } from "./neighbours.js";

warnAtInstall();

export default {
  id: ID,
  name: NAME,
  description: "DingTalk (钉钉) for OpenClaw: Stream mode, AI Card streaming, no public address needed.",
  register(api) {
    const host = new Host(api);
    api.registerChannel({ plugin: channel(host) });
    registerCommands(api, host);
    registerMetrics(api, host);
    // Here and not when an account starts: whoever registers a channel second has no accounts.
    if (api.registrationMode !== "cli-metadata") warnOfNeighbours(host.log, host, api.config ?? {});
    api.on?.("gateway_stop", ({ reason }) => host.gatewayStops(reason));
  },
};
