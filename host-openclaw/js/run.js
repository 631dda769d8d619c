// The run by which OpenClaw answers a message, as far as it tells of it.

import { within } from "./within.js";

/** How long OpenClaw may say nothing of it, in ms: a model's silence it bounds itself, in minutes. */
const SILENCE = 2 * 60 * 60_000;

/** How long OpenClaw may take from the end of a dispatch to telling that of its run, in ms. */
const HINDSIGHT = 2000;

/** What a run comes to. */
const OVER = new Set(["end", "error"]);

export class Run {
  /** Whether OpenClaw has broken it off, to go on with it once it has started again. */
  isInterrupted = false;
  #id;
  #heardAt = Date.now();
  /** Settles when OpenClaw has told its end. */
  #end = Promise.withResolvers();

  /** It begins, under this id. */
  begins(id) {
    this.#id = id;
    this.#end = Promise.withResolvers();
    this.heard();
  }

  /** Waits until OpenClaw has told its end, if it has begun: that may be after its dispatch has ended. */
  async hearsOut() {
    if (this.#id) await within(HINDSIGHT, this.#end.promise);
  }

  /** OpenClaw has said something of it. */
  heard() {
    this.#heardAt = Date.now();
  }

  /** How long OpenClaw may still say nothing before nothing more is expected, in ms. */
  get #patience() {
    return this.#heardAt + SILENCE - Date.now();
  }

  /** What the dispatch comes to; an error, if OpenClaw says nothing of it for too long. */
  async whileHeard(dispatched) {
    const ended = dispatched.then((result) => ({ result }));
    ended.catch(() => {}); // if it fails once it is not awaited any more
    while (this.#patience > 0) {
      const outcome = await within(this.#patience, ended);
      if (outcome) return outcome.result;
    }
    throw new Error("OpenClaw has said nothing of it for two hours");
  }

  /**
   * What OpenClaw tells of a run in the message's session: of this one, or of another.
   *
   * @returns {"begins" | "ended" | "stopped" | undefined} what becomes of another
   */
  hears(id, { phase, aborted, stopReason }) {
    const isOver = OVER.has(phase);
    const isInterrupted = isOver && stopReason === "restart";
    if (id === this.#id) {
      this.heard();
      this.isInterrupted = isInterrupted;
      if (isOver) this.#end.resolve(undefined);
      return undefined;
    }
    if (phase === "start") return "begins";
    if (!isOver || isInterrupted) return undefined;
    return aborted ? "stopped" : "ended";
  }
}
