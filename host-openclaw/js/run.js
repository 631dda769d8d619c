// The run by which OpenClaw answers a message, as far as it tells of it.

/** How long OpenClaw may say nothing of it, in ms: a model's silence it bounds itself, in minutes. */
const SILENCE = 2 * 60 * 60_000;

/** What a run comes to. */
const OVER = new Set(["end", "error"]);

export class Run {
  /** Whether OpenClaw has broken it off, to go on with it once it has started again. */
  isInterrupted = false;
  #id;
  #heardAt = Date.now();

  /** It begins, under this id. */
  begins(id) {
    this.#id = id;
    this.heard();
  }

  /** OpenClaw has said something of it. */
  heard() {
    this.#heardAt = Date.now();
  }

  /** How long OpenClaw may still say nothing before nothing more is expected, in ms. */
  get patience() {
    return this.#heardAt + SILENCE - Date.now();
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
      return undefined;
    }
    if (phase === "start") return "begins";
    if (!isOver || isInterrupted) return undefined;
    return aborted ? "stopped" : "ended";
  }
}
