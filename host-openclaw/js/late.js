// Answers that OpenClaw gives by `outbound`: to messages that it has put behind a running turn, and to one whose
// turn a crash has ended, and that it resumes by itself.

import { target } from "./context.js";
import { ID } from "./host.js";
import { normalized } from "./messaging.js";

/** What an answer names that OpenClaw gives to a session and to no message: such as it resumes by itself. */
const SESSION = `${ID}:session`;

/** Which message something that OpenClaw sends answers. */
export function replyTransport(asked) {
  const isToMessage = "replyToId" in asked || "currentMessageId" in asked;
  return { replyToId: isToMessage ? (asked.replyToId ?? asked.currentMessageId) : SESSION };
}

/**
 * Whose answer it is that OpenClaw sends; `undefined`: nobody waits for it.
 *
 * @param {Iterable<any>} turns
 * @returns {{turn: any, others: any[]} | undefined} the turn that shows it, and those that it answers, too
 */
export function awaiting(turns, { replyToId, to }) {
  const waiting = [...turns].filter((turn) => turn.awaits).sort((one, other) => one.head.number - other.head.number);
  const named = waiting.find(({ message }) => message.id === replyToId);
  if (named) {
    // What was collected is answered once, on the card of the first.
    const [turn, ...others] = waiting.filter(({ sessionKey, head }) => sessionKey === named.sessionKey && head.number <= named.head.number);
    return { turn, others };
  }
  const there = waiting.filter(({ message }) => target(message) === normalized(to));
  const is = replyToId === SESSION ? ({ awaits }) => awaits === "resumption" : ({ isNext }) => isNext && !replyToId;
  const turn = there.find(is);
  return turn && { turn, others: [] };
}
