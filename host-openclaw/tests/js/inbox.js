// An account whose inbox takes messages in. First it does not turn its loop until the test has written a byte;
// then it says what waits, and finishes what the test names.

import { readSync } from "node:fs";
import { createInterface } from "node:readline";
import { attach, say, setup } from "./setup.js";

const plugin = attach().load(setup.plugin);
const places = plugin.places(setup.context.stateDir, "default");
let inbox;
let drained = Promise.resolve();

/** Says what is next in line, message by message, once all that was told before has been said. */
const drain = () => (drained = drained.then(each));

async function each() {
  for (let head; (head = inbox?.next()); ) {
    const message = await inbox.read(head.number);
    say({ message: { id: message.id, text: message.text, number: head.number, replayed: head.replayed } });
  }
}

inbox = await plugin.openInbox(places.inbox, { waiting: drain });
const channel = plugin.open({ ...setup.context, ...places }, {}, inbox);
await channel.start();
say({ answer: null });
readSync(0, Buffer.alloc(1));
await drain();

for await (const line of createInterface({ input: process.stdin })) {
  if (!line.trim()) continue;
  const { do: what, with: value } = JSON.parse(line);
  if (what === "finish") say({ answer: inbox.finish(value) });
  if (what === "read") say({ answer: (await inbox.read(value)) ?? null });
  if (what === "second") {
    const answer = await plugin.openInbox(places.inbox, {}).then(() => "opened", ({ code }) => code);
    say({ answer });
  }
  if (what === "stop") {
    await channel.stop("reload", 5000);
    await inbox.close();
    say({ answer: null });
  }
}
