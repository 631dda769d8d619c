// What OpenClaw loads where it wants to know of the channel and not to run it: in its doctor, its audit and its
// setup. There is no `register` here, so that what it would bring stands in for by what a process knows by itself.

import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { channel } from "./channel.js";
import { Host, stateDir } from "./host.js";
import { warnAtInstall } from "./neighbours.js";

// OpenClaw looks in here, too, when another plugin of the channel is installed.
warnAtInstall();

const quiet = { info() {}, warn() {}, error() {}, debug() {} };

const runtime = {
  version: "",
  config: { current: () => ({}) },
  state: { resolveStateDir: () => stateDir() },
};

export default { plugin: channel(new Host({ rootDir: dirname(fileURLToPath(import.meta.url)), logger: quiet, runtime })) };
