// A host that does what the test tells it, line by line, and says what it hears.

import { createInterface } from "node:readline";
import { attach, say, setup } from "./setup.js";

const unanswered = new Map();
const thrown = new Set();
const shown = {};
let awaited;

/** Takes a change in, and says whether what the test awaits is now so. */
function show(change) {
  Object.assign(shown, change);
  if (!awaited || shown[awaited.key] !== awaited.value) return;
  awaited = undefined;
  say({ answer: true });
}

const listener = {
  message(message) {
    say({ message });
    if (message.text === "throw" && !thrown.has(message.id)) {
      thrown.add(message.id);
      throw new Error("not yet");
    }
    return new Promise((answer) => unanswered.set(message.id, answer));
  },
  status: show,
  log: ({ level, target, message, fields }) => show({ logged: Boolean(level && target && message && fields) }),
  failed: (error, where) => say({ failed: { where, message: error.message } }),
};

const channel = attach().load(setup.plugin).open(setup.context, listener);

for await (const line of createInterface({ input: process.stdin })) {
  const { do: what, with: values } = JSON.parse(line);
  if (what === "accept") {
    setImmediate(() => unanswered.get(values.id)(values.answer));
  } else if (what === "await") {
    awaited = values;
    show({});
  } else if (what === "exit") {
    process.exit(0);
  } else {
    Promise.try(() => channel[what](...values)).then(
      (answer) => say({ answer }),
      ({ name, code, message, retryAfterMs }) => say({ failure: { name, code, message, retryAfterMs } }),
    );
  }
}
