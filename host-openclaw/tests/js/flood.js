// Does not turn its loop until the test has written a byte; then takes every message at once.

import { readSync } from "node:fs";
import { attach, say, setup } from "./setup.js";

let waiting = [];

const listener = {
  message({ id }) {
    if (waiting) waiting.push(id);
    else say({ message: id });
    return "new";
  },
};

const channel = attach().load(setup.plugin).open(setup.context, listener);
await channel.start();
say({ answer: null });
readSync(0, Buffer.alloc(1));
// Between two immediates the loop polls once, and so takes all that has waited.
setImmediate(() =>
  setImmediate(() => {
    say({ waited: { ids: waiting, refused: channel.metrics().stream.refused } });
    waiting = undefined;
  }),
);
process.stdin.resume(); // until the test closes it
