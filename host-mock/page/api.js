// The simulator's interface, as docs/simulator-api.md describes it.

import { toast } from "./dom.js";
import { say } from "./words.js";

const ROOT = "/simulator/api/";

async function ask(path, options) {
  let answer;
  try {
    answer = await fetch(ROOT + path, options);
  } catch {
    toast(say("offline"), true);
    return null;
  }
  const body = await answer.json().catch(() => null);
  if (answer.ok) return body;
  toast(body?.error?.message ?? `${answer.status}`, true);
  return null;
}

/** Reads; `null` if it was refused, which has been told then. */
export const read = (path, query = {}) => ask(`${path}?${new URLSearchParams(query)}`);

/** Does something; `null` if it was refused. */
export const post = (path, body) =>
  ask(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });

/** Takes something back. */
export const remove = (path) => ask(path, { method: "DELETE" });

/**
 * Listens: `hello` whenever it begins, also anew, `updates` for each frame's worth of changes, `gone` when
 * the simulator cannot be heard, `missed` when the page was too slow.
 */
export function listen({ hello, updates, gone, missed }) {
  const events = new EventSource(`${ROOT}events`);
  events.addEventListener("hello", hello);
  events.addEventListener("batch", (event) => updates(JSON.parse(event.data)));
  events.addEventListener("missed", missed);
  events.addEventListener("error", gone);
}
