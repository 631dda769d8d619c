// The running turn that a message has joined, and what comes of it there.
//
// An older OpenClaw does not say whether a message has joined: it may have dropped it, too. Where the turn has ended
// without a word for it, it is asked again.

import { once } from "node:events";
import { target } from "./context.js";
import { renamed } from "./late.js";
import { normalized } from "./messaging.js";
import { within } from "./within.js";

/** Before what was dropped is asked again, in ms, each time. */
const PAUSES = [0, 250, 1000, 3000];

export class Joined {
  #message;
  /** @type {any} */
  #leader;
  /** Whether what runs had been stopped before the message came. */
  #comesAfterStop = false;
  #again = 0;

  constructor(message) {
    this.#message = message;
  }

  /** OpenClaw is asked while these turns of the same session run. */
  asks(leaders) {
    this.#leader = undefined;
    this.#comesAfterStop = leaders.some((turn) => turn.isStopped);
  }

  /** It has joined this one. */
  joins(leader, isLumped) {
    this.#leader = leader;
    leader?.answer.joinedBy(this.#message, isLumped);
  }

  stop() {
    this.#leader?.stop();
  }

  /** Whether nothing that the turn has said could be its answer. */
  get isOwed() {
    // Who stops an answer stops what has joined it, but not what was written afterwards.
    const isStopped = this.#leader?.isStopped && !this.#comesAfterStop;
    return !isStopped && (this.#leader?.answer.owes(this.#message) ?? true);
  }

  /**
   * An older OpenClaw drops what interrupts a turn while that takes its time to end, and an id that it knows.
   *
   * @param {AbortSignal} stopping
   * @returns {Promise<string>} when it is time to ask again, the id to do so with
   */
  async asksAgain(stopping) {
    const again = this.#again++;
    if (again === PAUSES.length) throw new Error("OpenClaw has dropped it, as often as it was asked");
    await within(PAUSES[again], once(stopping, "abort"));
    return renamed(this.#message.id, again);
  }
}

/**
 * What OpenClaw sends into a conversation answers those who joined a turn there before: its agent may answer by a
 * tool, and end with no word more.
 *
 * @param {Iterable<any>} turns
 * @returns {() => void} to be called once it is sent
 */
export function saying(turns, { to }) {
  const there = [...turns].filter(({ message }) => message && target(message) === normalized(to));
  // Turns of earlier code, which go on after an update, may know nothing of it.
  const answered = there.map(({ answer }) => answer?.besides?.());
  return () => answered.forEach((settle) => settle?.());
}
