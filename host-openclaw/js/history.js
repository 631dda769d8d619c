// What was said in groups without the bot being meant, so that who asks it about that is understood.

import { words } from "./context.js";

/** Groups that are remembered, and lines of each. */
const [GROUPS, LINES] = [500, 50];

export class History {
  #groups = new Map();

  /** Adds a line; OpenClaw's own limit, where there is one, may be smaller. */
  add(message) {
    const { conversation, sender, sentAtMs, id } = message;
    const lines = this.#groups.get(conversation.id) ?? [];
    this.#groups.delete(conversation.id);
    lines.push({ sender: sender.name || sender.id, body: words(message), timestamp: sentAtMs || undefined, messageId: id });
    this.#groups.set(conversation.id, lines.slice(-LINES));
    if (this.#groups.size > GROUPS) this.#groups.delete(this.#groups.keys().next().value);
  }

  /** What was said since the last answer, at most `limit` lines of it; it is told once. */
  take(group, limit = LINES) {
    const lines = this.#groups.get(group) ?? [];
    this.#groups.delete(group);
    return limit > 0 ? lines.slice(-limit) : [];
  }
}
