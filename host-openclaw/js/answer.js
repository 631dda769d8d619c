// What one dispatch says, as streams: each a card, or a message, of its own.
//
// It is told what OpenClaw tells and says which updates to show; it knows no clock and no channel.
//
// - Partial text is cumulative within one message of the model's; a new message begins a new segment.
// - A final is authoritative. It ends the stream, but where it is the text of an earlier segment: then more of
//   the same answer follows.
// - After an end the next text begins a new stream. It answers the message that joined the turn meanwhile, if
//   one did, else the same message once more.

/**
 * @typedef {object} Stream
 * @property {any} message What it answers.
 * @property {string} id
 * @property {number} seq
 * @property {string[]} segments What the model has said, message by message.
 * @property {string[]} finals What of it is final.
 * @property {string} status
 */

/** So many updates a stream has at most while one turn gives it: it may go on in the next, and they are told apart. */
const MOST = 2 ** 32;

export class Answer {
  #account;
  #message;
  /** What the updates of its streams come after. */
  #before;
  #number = 0;
  /** What the stream before answered. */
  #last;
  /** @type {any[]} Messages that joined the turn and are not answered yet. */
  #joined = [];
  /** Those who joined since the last final. */
  #owed = new Set();
  /** Whether the runtime gives one final for all that joined, which is what was said last. */
  #isLumped = false;
  /** @type {any[]} */
  #besides = [];
  /** @type {Stream | undefined} */
  #stream;
  /** The one before. @type {Stream | undefined} */
  #ended;

  /** @param {number} attempts How often a turn was begun for the message before. */
  constructor(accountId, message, attempts = 0) {
    this.#account = accountId;
    this.#message = message;
    this.#before = attempts * MOST;
  }

  /** Whether something of it can be seen, or is about to be. */
  get isOpen() {
    return this.#stream !== undefined;
  }

  /** The turn runs: the card appears before the first word. */
  open() {
    return this.#stream ? undefined : this.#update("open");
  }

  /** The text of the present message so far. Whatever the agent did before is done. */
  partial(text) {
    const stream = this.#current();
    const { segments } = stream;
    segments[Math.max(segments.length - 1, 0)] = text ?? "";
    stream.status = "";
    return this.#update("open");
  }

  /** A new message of the model's begins. */
  messageStarts() {
    const segments = this.#stream?.segments;
    if (segments?.at(-1)) segments.push("");
  }

  /** What the agent does just now; empty: nothing that is worth a word. It opens no card by itself. */
  status(text = "") {
    if (!this.#stream || this.#stream.status === text) return undefined;
    this.#stream.status = text;
    return this.#update("open");
  }

  /** Another message has joined the turn, which answers it, too; older runtimes give one final for both. */
  joinedBy(message, isLumped = false) {
    this.#joined.push(message);
    this.#owed.add(message);
    this.#isLumped = isLumped;
  }

  /** Whether nothing has been said that could be the answer to a message that joined. */
  owes(message) {
    return this.#owed.has(message);
  }

  /** Something is about to be said besides, such as by a tool: once it is, who has joined by now is answered by it. */
  besides() {
    const answered = [...this.#owed];
    return () => answered.forEach((message) => this.#owed.delete(message));
  }

  /** What a final leaves out that answers those who joined: the answer before theirs, which ends there. */
  leftOut(text) {
    const stream = this.#stream;
    if (!stream || !this.#isLumped || !this.#joined.length || stream.finals.length) return undefined;
    const { segments } = stream;
    const found = segments.findIndex((segment) => segment.trim() === text.trim());
    const at = found < 0 ? segments.length - 1 : found;
    if (at < 1) return undefined;
    stream.segments = segments.slice(0, at);
    const update = this.#end("done");
    this.#current().segments = segments.slice(at);
    return update;
  }

  /** Messages that it answers besides, which wait for no answer of their own. */
  answersToo(messages) {
    this.#besides = messages;
  }

  /** A final text. */
  final(text, isError) {
    this.#owed.clear();
    const stream = this.#current();
    const { segments, finals } = stream;
    const at = segments.findIndex((segment) => segment.trim() === text.trim());
    const rest = at < 0 ? [] : segments.slice(at + 1).filter(Boolean);
    finals.push(text);
    if (rest.length && !this.#joined.length) {
      stream.segments = [...finals, ...rest];
      return this.#update("open");
    }
    stream.segments = [...finals];
    const update = this.#end(isError ? "failed" : "done");
    // Said already, but by the answer to the message that joined.
    if (rest.length) this.#current().segments = rest;
    return update;
  }

  /** The last end was shown to nobody: it is still to come. */
  takeBack() {
    this.#stream ??= this.#ended;
  }

  /**
   * The dispatch is over; `undefined` where nothing is left to be shown.
   *
   * @param {"complete" | "stopped" | "failed"} how
   */
  end(how) {
    const stream = this.#stream;
    if (!stream) return undefined;
    if (how === "stopped") return this.#end("cancelled");
    // A card without a word then says, in the plugin's words, that it failed.
    if (how === "failed") return this.#end("failed");
    if (stream.finals.length) {
      stream.segments = [...stream.finals];
      return this.#end("done");
    }
    return this.#end(text(stream) ? "cancelled" : "done");
  }

  #current() {
    if (!this.#stream) {
      this.#message = this.#joined.shift() ?? this.#message;
      const isFirst = this.#number === 0 || this.#message !== this.#last;
      this.#number = isFirst ? 1 : this.#number + 1;
      this.#last = this.#message;
      const id = `${this.#account}/${this.#message.id}${isFirst ? "" : `/${this.#number}`}`;
      this.#stream = { message: this.#message, id, seq: this.#before, segments: [], finals: [], status: "" };
    }
    return this.#stream;
  }

  #end(phase) {
    const update = this.#update(phase);
    this.#ended = this.#stream;
    this.#stream = undefined;
    return update;
  }

  #update(phase) {
    const stream = this.#current();
    stream.seq += 1;
    const { message, id, seq } = stream;
    const status = phase === "open" ? stream.status : "";
    const { conversation, reply } = message;
    const update = { turn: message.id, stream: id, seq, phase, text: text(stream), status, conversation, reply };
    const alsoAnswers = [...this.#joined, ...this.#besides].map((other) => other.id);
    return alsoAnswers.length ? { ...update, extra: { alsoAnswers } } : update;
  }
}

function text({ segments }) {
  return segments.filter(Boolean).join("\n\n");
}
