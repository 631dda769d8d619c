// That somebody who asked to be let in was let in, as they are told. OpenClaw's command for it is a process of its own,
// in which no channel runs, and which tells the gateway nothing. So while somebody waits, the list is looked at.

import { randomUUID } from "node:crypto";
import { channelOf, insist, slot } from "./accounts.js";

/** How often it is looked at, and how long somebody is waited for, in ms: as long as their code holds. */
const [PACE, PATIENCE] = [2000, 3_600_000];
/** For how many at once, of an account; OpenClaw has three. */
const MOST = 100;

/** Those who wait to be let in to one account. */
export class Applicants {
  /** Since when each of them waits, by id, in ms; kept by the account, across its restarts. */
  #since;
  #watch;
  #timer;
  #hasFailed = false;

  /** @param {Map<string, number>} since */
  constructor(since) {
    this.#since = since;
  }

  /** Somebody was told a code. */
  add(id) {
    if (this.#since.size < MOST || this.#since.has(id)) this.#since.set(id, Date.now());
    this.#arm();
  }

  /**
   * Looks for them until it is told to rest.
   *
   * @param {{ admitted: () => Promise<string[]>, tell: (id: string) => void, failed: (error: Error) => void }} watch
   */
  watch(watch) {
    this.#watch = watch;
    this.#arm();
  }

  rest() {
    this.#watch = undefined;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #arm() {
    if (!this.#watch || this.#timer || !this.#since.size) return;
    const timer = setTimeout(() => this.#look(timer), PACE);
    this.#timer = timer;
    timer.unref();
  }

  async #look(timer) {
    const { admitted, tell, failed } = this.#watch;
    try {
      for (const id of await admitted()) if (this.#since.delete(id)) tell(id);
    } catch (error) {
      if (!this.#hasFailed) failed(error); // rather than say so again and again
      this.#hasFailed = true;
    }
    for (const [id, since] of this.#since) if (Date.now() - since > PATIENCE) this.#since.delete(id);
    if (this.#timer !== timer) return; // it rested meanwhile
    this.#timer = undefined;
    this.#arm();
  }
}

/** Where OpenClaw itself has the channel say it, as at its web page. In a command no channel runs: the gateway sees it. */
export async function notifyApproval(host, { cfg, id, accountId }) {
  const account = host.account(cfg, accountId).accountId;
  if (!channelOf(account)) return;
  slot(account).applicants?.delete(id);
  await tellApproved(slot(account), id);
}

export async function tellApproved(own, id) {
  const message = { key: randomUUID(), target: `user:${id}`, notice: { kind: "approved", params: {} } };
  await insist(own, (channel) => channel.send(message));
}
