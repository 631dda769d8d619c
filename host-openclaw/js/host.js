// OpenClaw as this channel sees it, and the plugin's native side, loaded when it is first needed.

import { homedir } from "node:os";
import { join } from "node:path";
import { attach } from "./addon.js";
import { locale } from "./language.js";

export const ID = "dingtalk";
export const NAME = "DingTalk 钉钉";

/**
 * @typedef {object} Account What `resolve` says of one account. Holds no secret.
 * @property {string} accountId
 * @property {string} name
 * @property {boolean} enabled
 * @property {boolean} configured
 * @property {string} reason Why it will not run; empty if it will.
 * @property {Record<string, any>} settings Its effective options.
 */

export class Host {
  /** What the sections that were seen mean; the host hands the same object in again and again. */
  #resolved = new WeakMap();
  #plugin;
  #failure;
  /** Whether OpenClaw ends, and no successor follows at once. */
  isEnding = false;

  constructor(api) {
    this.api = api;
    this.log = api.logger ?? console;
  }

  /** OpenClaw tells it before it stops the accounts; a restart and a reload have words of their own. */
  gatewayStops(reason) {
    this.isEnding = reason === "gateway stopping";
  }

  /** What OpenClaw offers channels; grows and shrinks between its releases. */
  get channels() {
    return this.api.runtime.channel;
  }

  /** The configuration as it is now, which is newer than what came in by `register`. */
  config() {
    return this.api.runtime.config.current();
  }

  section(cfg) {
    return cfg?.channels?.[ID] ?? {};
  }

  /** The native side. Loading starts nothing. Throws what the loader says, each time the same. */
  plugin() {
    if (this.#failure) throw this.#failure;
    try {
      this.#plugin ??= attach(this.api.rootDir).load();
      return this.#plugin;
    } catch (error) {
      this.#failure = error;
      this.log.error(`${ID}: the native library cannot be loaded: ${error.message}`);
      throw error;
    }
  }

  /** What the section of `cfg` means. Where that cannot be told, one account that says why. */
  resolve(cfg) {
    const section = this.section(cfg);
    let resolved = this.#resolved.get(section);
    if (!resolved) {
      resolved = this.#resolve(section);
      this.#resolved.set(section, resolved);
    }
    return resolved;
  }

  #resolve(section) {
    try {
      return this.plugin().resolve(section);
    } catch (error) {
      const settings = { dmPolicy: "disabled", groupPolicy: "disabled" };
      const account = { id: "default", name: "", enabled: true, configured: false, reason: error.message, settings };
      const diagnostic = { severity: "error", path: "", message: error.message, suggestion: "" };
      return { accounts: [account], defaultAccount: "default", effects: {}, diagnostics: [diagnostic] };
    }
  }

  /** @returns {Account} */
  account(cfg, accountId) {
    const { accounts, defaultAccount } = this.resolve(cfg);
    const id = accountId || defaultAccount || "default";
    const found = accounts.find((account) => account.id === id);
    const { name, enabled, configured, reason, settings } = found ?? {
      name: "",
      enabled: false,
      configured: false,
      reason: `没有账号 ${id} (there is no account ${id})`,
      settings: {},
    };
    return { accountId: id, name, enabled, configured, reason, settings };
  }

  /** What `~` means. */
  home() {
    return home();
  }

  /** The directory for all that is kept. */
  stateRoot() {
    return join(this.api.runtime.state.resolveStateDir(), ID);
  }

  /** What an account is opened with. */
  openContext(cfg, accountId, places) {
    return {
      account: accountId,
      config: this.section(cfg),
      stateDir: places.stateDir,
      sharedStateDir: places.sharedStateDir,
      home: this.home(),
      mediaRoots: [places.outbound],
      locale: locale(),
      host: { name: "openclaw", version: this.api.runtime.version ?? "" },
    };
  }
}

export function home() {
  return process.env.OPENCLAW_HOME?.trim() || homedir();
}

/** Where OpenClaw keeps what it knows, for code that runs without a runtime to ask. */
export function stateDir(under = home()) {
  return process.env.OPENCLAW_STATE_DIR?.trim() || join(under, ".openclaw");
}
