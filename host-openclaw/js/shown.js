// What a person is shown of an answer: by whichever channel the account has by then.

import { randomUUID } from "node:crypto";
import { insist } from "./accounts.js";
import { sendFiles } from "./files.js";

export class Shown {
  #reception;
  #message;
  #warn;
  /** The update that is shown next. */
  #pending;
  #isWarned = false;

  /** @param {(sentence: string) => void} warn */
  constructor(reception, message, warn) {
    this.#reception = reception;
    this.#message = message;
    this.#warn = warn;
  }

  /** How far the answer has come, once per turn of the loop however many words came in it. */
  soon(update) {
    const isDue = !this.#pending;
    this.#pending = update;
    if (isDue) setImmediate(() => this.#showPending());
  }

  #showPending() {
    const update = this.#pending;
    this.#pending = undefined;
    if (!update) return;
    this.#reception.slot.channel?.streamUpdate(update).catch((error) => {
      // The first failure tells what the others would.
      if (error.code === "cancelled" || this.#isWarned) return;
      this.#isWarned = true;
      this.#warn(`an update was not shown: ${error.message}`);
    });
  }

  /** A last update. */
  finally(update) {
    this.#pending = undefined;
    return this.now(update);
  }

  /** An update, and what became of it. */
  now(update) {
    return this.#insist((channel) => channel.streamUpdate(update));
  }

  /** What is no part of the answer, such as what a tool did. */
  besides(text) {
    const { conversation, reply } = this.#message;
    const key = randomUUID(); // a successor that is asked again does not repeat it
    return this.#insist((channel) => channel.send({ key, conversation, reply, text }));
  }

  files(urls, asVoice) {
    const { host, ctx } = this.#reception;
    const { conversation, reply } = this.#message;
    return sendFiles(host, ctx.accountId, { conversation, reply }, urls, asVoice);
  }

  #insist(ask) {
    return insist(this.#reception.slot, ask);
  }
}
