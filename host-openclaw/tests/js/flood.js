// Does not turn its loop until the test has written a line; then takes every message at once.

import { readSync } from "node:fs";
import { attach, say, setup } from "./setup.js";

const listener = {
  message({ id }) {
    say({ message: id });
    return "new";
  },
};

const channel = attach().load(setup.plugin).open(setup.context, listener);
await channel.start();
say({ answer: null });
readSync(0, Buffer.alloc(1));
process.stdin.resume(); // until the test closes it
