// Opens accounts and lets go of them, with a stop and without: says which listeners are gone with them.

import { setImmediate as turn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { attach, say, setup } from "./setup.js";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc");
const plugin = attach().load(setup.pulse);

async function listener(isStopped) {
  const listener = { message: () => "refused", status() {}, log() {} };
  const channel = plugin.open({ account: isStopped ? "stopped" : "dropped" }, listener);
  await channel.start();
  if (isStopped) await channel.stop("reload", 5000);
  return new WeakRef(listener);
}

const listeners = [await listener(true), await listener(false)];
const gone = () => listeners.map((listener) => listener.deref() === undefined);
for (let turns = 0; turns < 1000 && gone().includes(false); turns += 1) {
  await turn(); // what was looked at is kept until then
  collect();
  await turn();
}
say({ gone: gone() });
