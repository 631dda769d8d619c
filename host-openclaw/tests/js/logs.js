// Listens to what belongs to no account, beside an account's own lines.

import { attach, say, setup } from "./setup.js";

const awake = setInterval(() => {}, 60_000); // neither lines nor accounts keep the process
const plugin = attach().load(setup.pulse);
say({ filters: ["pulse=loud", "warn", "info"].map((directives) => plugin.logFilter(directives)) });

/** Lines, and a promise of one that says `last`. */
class Ears {
  lines = [];
  #waits = [];

  hear(line) {
    this.lines.push(line);
    this.#waits.filter(({ last }) => line.message === last).forEach(({ resolve }) => resolve());
  }

  until(last) {
    return new Promise((resolve) => this.#waits.push({ last, resolve }));
  }
}

const [own, nobodys] = [new Ears(), new Ears()];
const end = plugin.logTo((line) => nobodys.hear(line));
const channel = plugin.open({ account: "default" }, { message: () => "refused", log: (line) => own.hear(line) });
await channel.start();

const first = [own.until("from blocking work"), nobodys.until("from a task of nobody's")];
await channel.send({ text: "elsewhere" });
await Promise.all(first);

end();
const second = own.until("from blocking work");
await channel.send({ text: "elsewhere" });
await second;

say({ own: own.lines.map(({ message }) => message) });
say({ nobodys: nobodys.lines });
await channel.stop("shutdown", 5000);
clearInterval(awake);
