// The way from the addon to who listens: it tells by JSON, and an exception of a listener's ends nothing.

/**
 * A listener as the addon needs it: one that never throws. The addon holds it as long as there is the account that it
 * listens to; so it holds that weakly, or neither would ever be let go of.
 */
export class Listening {
  /** @type {WeakRef<any> | undefined} */
  #native;
  #listener;

  constructor(listener) {
    this.#listener = listener;
  }

  /** What answers go to: set before the loop turns, and so before the first event. */
  set native(native) {
    this.#native = new WeakRef(native);
  }

  event(text) {
    const { event, token, ...told } = JSON.parse(text);
    if (event === "message") {
      this.#ask("message", told.message, "refused", (word) => this.#native?.deref()?.accept(token, word));
    } else if (event === "action") {
      const answer = (answer) => this.#native?.deref()?.answerAction(token, JSON.stringify(answer));
      this.#ask("action", told.action, { accepted: false }, answer);
    } else {
      this.#tell("status", told.status);
    }
  }

  news(text) {
    const { event, message, ...line } = JSON.parse(text);
    if (event === "log") this.#tell("log", { ...line, message });
    else this.#tell(event, message);
  }

  line(text) {
    this.#tell("log", JSON.parse(text));
  }

  /** Gives the listener's answer, or `otherwise` if it fails. */
  async #ask(method, value, otherwise, answer) {
    try {
      answer((await this.#listener[method]?.(value)) ?? otherwise);
    } catch (error) {
      this.#failed(error, method);
      answer(otherwise);
    }
  }

  async #tell(method, value) {
    try {
      await this.#listener[method]?.(value);
    } catch (error) {
      this.#failed(error, method);
    }
  }

  #failed(error, method) {
    try {
      if (this.#listener.failed) return void this.#listener.failed(error, method);
    } catch {
      // a listener that cannot even fail: stderr hears of the first failure
    }
    console.error(`the listener's ${method} failed:`, error);
  }
}
