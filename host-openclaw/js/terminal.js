// Questions at a terminal, or to whatever is piped in: one line is one answer.

import { createInterface } from "node:readline";
import { Writable } from "node:stream";

/** So many answers in a row may be wrong: what is piped in will not get better. */
const ATTEMPTS = 5;

export class Terminal {
  #isQuiet = false;
  #lines;
  #interface;

  constructor(input = process.stdin, output = process.stdout) {
    this.output = output;
    // Readline repeats what is typed; this repeats it unless it is a secret.
    const echo = new Writable({ write: (chunk, _, done) => (this.#isQuiet ? done() : output.write(chunk, done)) });
    this.#interface = createInterface({ input, output: echo, terminal: input.isTTY === true });
    this.#lines = this.#interface[Symbol.asyncIterator]();
  }

  async note(text, title) {
    this.output.write(`\n${title ? `● ${title}\n` : ""}${text.replaceAll(/^/gm, "  ")}\n`);
  }

  /**
   * @param {{message: string, placeholder?: string, initialValue?: string, sensitive?: boolean,
   *   validate?: (text: string) => string | undefined}} question
   */
  async text({ message, placeholder, initialValue, sensitive = false, validate }) {
    const hint = initialValue ? ` [${initialValue}]` : placeholder ? ` (${placeholder})` : "";
    for (let attempt = 1; ; attempt += 1) {
      this.output.write(`${message}${hint}: `);
      const value = (await this.#line(sensitive)) || initialValue || "";
      const wrong = validate?.(value);
      if (!wrong) return value;
      this.output.write(`  ✘ ${wrong}\n`);
      if (attempt === ATTEMPTS) throw new Error(wrong);
    }
  }

  async confirm({ message, initialValue = true }) {
    this.output.write(`${message} [${initialValue ? "Y/n" : "y/N"}]: `);
    const answer = (await this.#line()).toLowerCase();
    return answer ? ["y", "yes", "是"].includes(answer) : initialValue;
  }

  async select({ message, options, initialValue }) {
    options.forEach(({ label, hint }, index) => this.output.write(`  ${index + 1}. ${label}${hint ? ` — ${hint}` : ""}\n`));
    const at = Math.max(options.findIndex(({ value }) => value === initialValue), 0);
    const validate = (text) => (options[Number(text) - 1] ? undefined : `1–${options.length}`);
    return options[Number(await this.text({ message, initialValue: String(at + 1), validate })) - 1].value;
  }

  close() {
    this.#interface.close();
  }

  async #line(isSecret = false) {
    this.#isQuiet = isSecret;
    try {
      const { value, done } = await this.#lines.next();
      if (done) throw new Error("没有回答完，输入就结束了 (the input ended before all was answered)");
      return value.trim();
    } finally {
      if (isSecret) this.output.write("\n");
      this.#isQuiet = false;
    }
  }
}
