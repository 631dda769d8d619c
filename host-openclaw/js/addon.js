// The face of the addon: objects in, objects out, errors with codes, and listeners that may fail.
//
// It imports nothing of OpenClaw's, and starts nothing: what it loads runs once an account is started. It may be
// evaluated any number of times in one process.

import { realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ChannelError, later, now } from "./failure.js";
import { Listening } from "./listening.js";
import { ADDON, nativeFolder, whyNot } from "./platform.js";

/**
 * Opens the addon in `folder`, which is to be the plugin's real folder and not a copy of it: hosts
 * that copy plugins before they load them would otherwise map it anew each time.
 */
export function attach(folder = dirname(fileURLToPath(import.meta.url))) {
  const module = { exports: {} };
  const own = nativeFolder(folder);
  try {
    process.dlopen(module, realpathSync(join(own, ADDON)));
  } catch (error) {
    throw new ChannelError({ code: "platform", message: whyNot(folder, error), causes: error.message });
  }
  const native = module.exports;
  return {
    /** Loads the plugin in `directory`, or the one beside the addon. Throws what the loader finds wrong with it. */
    load: (directory = own) => new Plugin(now(() => native.load(directory))),
  };
}

/** A loaded plugin. */
class Plugin {
  #native;
  #logs = new Set();

  constructor(native) {
    this.#native = native;
  }

  /** What the plugin says about itself. */
  describe() {
    return JSON.parse(now(() => this.#native.describe()));
  }

  /** Keys of its manifest that this host does not know, newer ones or misspelt: worth a warning. */
  unknownKeys() {
    return this.#native.unknownKeys();
  }

  /** What a section `channels.<id>` means: accounts, effects of changes, diagnostics. */
  resolve(config) {
    return JSON.parse(now(() => this.#native.resolve(JSON.stringify(config))));
  }

  /** Makes the places of an account below `root`: `stateDir`, `sharedStateDir`, `inbox`, `outbound`. */
  places(root, account) {
    return JSON.parse(now(() => this.#native.places(root, account)));
  }

  /**
   * Opens the inbox in `file`; a failure with the code `inUse` is a predecessor's that may yet end. The
   * listener: `waiting()` when something waits where nothing did, `flooded(message)` when somebody has to
   * be told that a message of theirs was dropped, `log({level, message})`, and `failed` as in `open`.
   *
   * @returns {Promise<Inbox>}
   */
  async openInbox(file, listener) {
    const listening = new Listening(listener);
    try {
      return new Inbox(await this.#native.openInbox(file, (text) => listening.news(text)));
    } catch (error) {
      throw ChannelError.from(error);
    }
  }

  /** Who may talk, by the settings of a resolved account. */
  doorman(settings) {
    return new Doorman(now(() => this.#native.doorman(JSON.stringify(settings))));
  }

  /**
   * Opens one account; nothing runs before `start`. The listener, all of it optional but `message`:
   *
   * - `message(message)` answers `"new"`, `"duplicate"` or `"refused"`, now or by a promise. The
   *   platform is told "received" after that. One that throws has refused. With an `inbox` it is not
   *   called: the inbox takes messages in, and hands them out.
   * - `action(action)` answers `{accepted, update}`, now or by a promise.
   * - `status(patch)` and `log(line)` are told.
   * - `failed(error, where)` hears what the others throw; without it, stderr does.
   */
  open(context, listener, inbox) {
    const listening = new Listening(listener);
    const native = now(() =>
      this.#native.open(
        JSON.stringify(context),
        (text) => listening.event(text),
        (text) => listening.line(text),
        inbox?.native,
      ),
    );
    listening.native = native;
    return new Channel(native);
  }

  /** What accounts say of themselves by `metrics`, by id, as Prometheus reads it. */
  exposition(metrics) {
    return now(() => this.#native.exposition(JSON.stringify(metrics)));
  }

  /** A link as a QR code for a terminal; `undefined` where it has more columns. */
  qrCode(link, columns) {
    return this.#native.qrCode(link, columns) ?? undefined;
  }

  /**
   * Tells `log(line)` the lines that belong to no account, such as those of a connection pool. Ends
   * with this plugin, or when the function is called that it returns.
   */
  logTo(log) {
    const listening = new Listening({ log });
    const subscription = now(() => this.#native.logTo((text) => listening.line(text)));
    this.#logs.add(subscription);
    return () => {
      this.#logs.delete(subscription);
      subscription.end();
    };
  }

  /**
   * Says which lines are logged, as in `info,openclaw_dingtalk=debug`; `info` without it. Holds for
   * all accounts of the library. `false`: that cannot be read, and nothing changed.
   */
  logFilter(directives) {
    return this.#native.logFilter(directives);
  }
}

/** One open account. Every answer is a promise; a failure is a `ChannelError`. */
class Channel {
  #native;

  constructor(native) {
    this.#native = native;
  }

  start() {
    return later(() => this.#native.start());
  }

  /**
   * Ends the account: `why` is `"shutdown"`, `"reload"` or `"disabled"`. What waits may be offered once more
   * meanwhile; what is not answered when it has ended is nobody's concern any more.
   */
  stop(why = "shutdown", deadlineMs = 5000) {
    return later(() => this.#native.stop(why, deadlineMs));
  }

  /** Sends an `OutboundMessage`; its `Receipt`. */
  send(message) {
    return later(() => this.#native.send(JSON.stringify(message)));
  }

  /**
   * Shows one state of a growing answer, a `StreamUpdate`; its `Receipt`. Where that is `answered`, an
   * earlier process gave the answer to its end: the turn is not run, and its message is finished.
   */
  streamUpdate(update) {
    return later(() => this.#native.streamUpdate(JSON.stringify(update)));
  }

  /** Takes a changed section in: `"live"`, `"reconnecting"` or `"needsReopen"`. */
  reconfigure(config) {
    return later(() => this.#native.reconfigure(JSON.stringify(config)));
  }

  /** Brings the bytes behind an attachment into a `LocalFile`. */
  fetch(attachment) {
    return later(() => this.#native.fetch(JSON.stringify(attachment)));
  }

  /** Takes back what a `Recall` names: where it was sent, as in the message, and the ids of its receipt. */
  recall(recall) {
    return later(() => this.#native.recall(JSON.stringify(recall)));
  }

  /** Whom a `DirectoryQuery` (`{kind, text, limit}`) names, also before `start`: a `DirectoryListing`. */
  directory(query) {
    return later(() => this.#native.directory(JSON.stringify(query)));
  }

  /** Examines configuration, credentials and platform, also before `start`: a `Report`. */
  probe() {
    return later(() => this.#native.probe());
  }

  /**
   * Has DingTalk make what the account needs, of a channel that was opened with `extra.registers`: begins with an
   * empty ticket, and goes on with the one of the last answer, a `Registration`.
   */
  register(ticket) {
    return later(() => this.#native.register(ticket));
  }

  /** Counters and gauges by name. */
  metrics() {
    return JSON.parse(this.#native.metrics());
  }
}

/** One account's inbox: what was accepted waits here until its turn has ended. */
class Inbox {
  constructor(native) {
    this.native = native;
  }

  /**
   * What is next in line, oldest first: `{number, id, conversation, thread, sender, attempts, replayed}`;
   * `undefined` when nothing waits, until the listener is told again that something does.
   */
  next() {
    const head = this.native.next();
    return head ? JSON.parse(head) : undefined;
  }

  /** The message of a number; its turn starts. `undefined`: it is finished. */
  async read(number) {
    try {
      const message = await this.native.read(number);
      return message ? JSON.parse(message) : undefined;
    } catch (error) {
      throw ChannelError.from(error);
    }
  }

  /** The turn of a message has ended: it is removed for good. `false`: it had before. */
  finish(number) {
    return this.native.finish(number);
  }

  /** How many are not finished. */
  unfinished() {
    return this.native.unfinished();
  }

  /** Writes what was handed in, and gives the file up. */
  close() {
    return later(() => this.native.close());
  }
}

/** Who may talk to an account, by the channel's own rules. */
class Doorman {
  #native;

  constructor(native) {
    this.#native = native;
  }

  /**
   * What becomes of a message: `{admission: "admit" | "pair" | "deny" | "ignore", commandAuthorised, id,
   * why}`. `paired`: the owner has approved who wrote it.
   */
  judge(message, paired) {
    return JSON.parse(now(() => this.#native.judge(JSON.stringify(message), paired)));
  }

  /** Whether a group has to mention the bot. */
  requiresMention(group) {
    return this.#native.requiresMention(group);
  }

  /** Whether it is time to tell somebody that they may not write: once an hour. */
  isDue(whom) {
    return this.#native.isDue(whom);
  }

  /** They could not be told. */
  takeBack(whom) {
    this.#native.takeBack(whom);
  }
}
