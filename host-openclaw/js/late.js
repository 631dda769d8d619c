// Answers that OpenClaw gives by `outbound`: to messages that it has put behind a running turn, and to one whose
// turn a crash has ended, and that it resumes by itself.

import { target } from "./context.js";
import { ID } from "./host.js";
import { normalized } from "./messaging.js";
import { within } from "./within.js";

/** What an answer names that OpenClaw gives to a session and to no message: such as it resumes by itself. */
const SESSION = `${ID}:session`;
/** How long a message may wait for such an answer, where OpenClaw does not tell its end, in ms. */
const LATE = 10 * 60_000;
/** How long an answer may take from the end of its run to here, where OpenClaw resumed that by itself, in ms. */
const ON_ITS_WAY = 30_000;

/** What one message waits for. */
export class Late {
  /**
   * Why its answer comes by `outbound`, as long as it is awaited: OpenClaw has put it behind a running turn, or
   * resumes by itself what a crash has ended.
   *
   * @type {"place" | "resumption" | undefined}
   */
  awaits;
  /** Whether OpenClaw tells when it is done with what it has put behind a turn. */
  isFollowed = false;
  /** Whether the answer that comes names no message. */
  isNameless = false;
  /** Whether it is its turn to be answered by what names no message. */
  isNext = false;
  /** Settles when nothing more is awaited. */
  #settled = Promise.withResolvers();
  /** Has it settled when no answer comes of a run that has ended. */
  #grace;

  /** Settles when nothing more is awaited, or for too long. */
  async over() {
    const { promise: settled } = this.#settled;
    await (this.isFollowed ? settled : within(LATE, settled));
    this.awaits = undefined;
  }

  /** What OpenClaw resumes begins. */
  begins() {
    clearTimeout(this.#grace);
  }

  /** It has ended: its answer may still be on its way. */
  ends() {
    this.#grace = setTimeout(() => this.settle(), ON_ITS_WAY).unref();
  }

  /** Nothing more is awaited. */
  settle() {
    clearTimeout(this.#grace);
    this.awaits = undefined;
    this.#settled.resolve(undefined);
  }
}

/** The id under which a message is given to an older OpenClaw once more, which drops one that it knows. */
export const renamed = (id, again) => `${id}/again${again || ""}`;

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
  const id = replyToId?.replace(/\/again\d*$/, "");
  const named = waiting.find(({ message }) => message.id === id);
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
