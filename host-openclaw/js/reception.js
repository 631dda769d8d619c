// Takes an account's messages out of its inbox and has each answered.
//
// The messages of one conversation are dispatched in their order, each once the one before has been: OpenClaw
// decides whether it joins a running turn, waits or stops it. A message leaves the inbox when its turn has
// ended, so that a process which dies leaves it to the next one.

import { pairedIds } from "./access.js";
import { insist } from "./accounts.js";
import { Applicants, tellApproved } from "./approval.js";
import { History } from "./history.js";
import { Turn } from "./turn.js";

/** How many messages are worked on at once; OpenClaw has its own, smaller, limits for its agents. */
const SIDE_BY_SIDE = 256;
/** How many processes may die of a message before it is given up. */
const ATTEMPTS = 3;

export class Reception {
  #isOpen = false;
  /** The last dispatch of each conversation that has one under way. */
  #lanes = new Map();
  /** Has OpenClaw tell nothing any more of what its agents do. */
  #deafen = () => {};
  /** Whether answers were broken off that OpenClaw gives once it has started again. */
  hasInterrupted = false;

  constructor(host, ctx, slot) {
    this.host = host;
    this.ctx = ctx;
    this.slot = slot;
    this.log = ctx.log ?? host.log;
    this.history = new History();
    this.doorman = host.plugin().doorman(ctx.account.settings);
    this.applicants = new Applicants((slot.applicants ??= new Map()));
  }

  /** Who may talk is settled anew. */
  adopt(settings) {
    this.doorman = this.host.plugin().doorman(settings);
  }

  open() {
    this.#isOpen = true;
    this.#deafen = this.host.hearRuns((run) => this.#hear(run));
    this.applicants.watch({
      admitted: () => pairedIds(this.host.channels, this.ctx.accountId),
      tell: (id) => tellApproved(this.slot, id).catch((error) => this.#log("warn", `${id} was not told of the approval: ${error.message}`)),
      failed: (error) => this.#log("warn", `who was let in cannot be read, and so they are not told: ${error.message}`),
    });
    this.#pump();
  }

  /** Begins nothing any more; what runs goes on. */
  close() {
    this.#isOpen = false;
    this.#deafen();
    this.applicants.rest();
  }

  /** A run begins or ends: each turn of its session hears of it. */
  #hear({ runId, sessionKey, data }) {
    for (const turn of this.slot.turns.values()) if (turn.sessionKey === sessionKey) turn.hears?.(runId, data);
  }

  /** What the inbox tells. */
  inboxListener() {
    return {
      waiting: () => this.#pump(),
      flooded: (message) => this.notify(message, "flooded"),
      log: ({ level, message }) => this.#log(level, message),
      failed: (error, where) => this.#log("error", `${where}: ${error.message}`),
    };
  }

  /** What the channel tells. */
  listener(tell) {
    return {
      action: (action) => this.#act(action),
      status: tell,
      log: ({ level, message, fields }) => this.#log(level, [message, ...pairs(fields)].join(" ")),
      failed: (error, where) => this.#log("error", `${where}: ${error.message}`),
    };
  }

  /** Tells whoever wrote a message something in the plugin's words. `false`: it did not arrive. */
  async notify(message, kind, params = {}) {
    const { conversation, reply, id } = message;
    try {
      const notice = { key: `${kind}/${id}`, conversation, reply, notice: { kind, params } };
      await insist(this.slot, (channel) => channel.send(notice));
      return true;
    } catch (error) {
      this.#log("warn", `the notice ${kind} was not sent: ${error.message}`);
      return false;
    }
  }

  #pump() {
    const { inbox, turns } = this.slot;
    while (this.#isOpen && turns.size < SIDE_BY_SIDE) {
      const head = inbox.next();
      if (!head) return;
      const predecessor = turns.get(head.number);
      if (predecessor) predecessor.ended.then((isDone) => this.#takeOver(head, isDone));
      else this.#begin(head);
    }
  }

  /** The account was opened anew in this process while a message was worked on, which has ended now. */
  #takeOver(head, isDone) {
    if (!isDone && this.#isOpen) this.#begin(head);
    else this.#pump();
  }

  #begin(head) {
    const turn = new Turn(this, head);
    this.slot.turns.set(head.number, turn);
    const lane = JSON.stringify([head.conversation, head.thread]);
    const dispatched = (this.#lanes.get(lane) ?? Promise.resolve()).then(() => this.#take(turn));
    this.#lanes.set(lane, dispatched);
    dispatched.then(() => this.#lanes.get(lane) === dispatched && this.#lanes.delete(lane));
  }

  /** Settles once the message has been dispatched, or needs no dispatch. */
  async #take(turn) {
    const { number, attempts, id } = turn.head;
    if (!this.#isOpen) return this.#leave(turn); // the successor's
    try {
      const message = await this.slot.inbox.read(number);
      if (!message) return this.#leave(turn, true);
      if (!this.#isOpen) return this.#leave(turn);
      if (attempts >= ATTEMPTS) {
        this.#log("error", `${id} is given up: ${attempts} processes ended while it was answered`);
        await this.notify(message, "failed");
        return this.#finish(turn);
      }
      if (await turn.begin(message)) turn.done.then(() => this.#finish(turn), (error) => this.#failed(turn, error));
      else this.#finish(turn);
    } catch (error) {
      await this.#failed(turn, error);
    }
  }

  async #failed(turn, error) {
    if (turn.isLeft) return this.#finish(turn);
    this.#log("error", `${turn.head.id} was not answered: ${error.stack ?? error}`);
    const isTold = await turn.fail().catch(() => false);
    if (turn.message && !isTold) await this.notify(turn.message, "failed");
    this.#finish(turn);
  }

  /** The turn has ended: the message is done with, in whichever inbox there is by now, or the next process's. */
  #finish(turn) {
    if (turn.isLeft) {
      this.hasInterrupted = true;
      return this.#leave(turn);
    }
    this.slot.inbox?.finish(turn.head.number);
    this.#leave(turn, true);
  }

  #leave(turn, isDone = false) {
    this.slot.turns.delete(turn.head.number);
    turn.end(isDone);
    this.#pump();
  }

  /** Somebody pressed a button: the one that stops an answer is for who asked. */
  #act({ kind, turn: id, actor }) {
    const turn = [...this.slot.turns.values()].find(({ message }) => message?.id === id);
    if (kind !== "stop" || !turn || turn.message.sender.id !== actor.id) return { accepted: false };
    turn.stop();
    return { accepted: true };
  }

  #log(level, sentence) {
    const write = { error: "error", warn: "warn", info: "info" }[level] ?? "debug";
    this.log[write]?.(`${this.ctx.accountId}: ${sentence}`);
  }
}

function pairs(fields = {}) {
  return Object.entries(fields).map(([name, value]) => `${name}=${value}`);
}
