// Other plugins that own the same channel. OpenClaw gives a channel to whichever registers it first, and the
// other one is silent: so it is named, with the command that ends the quarrel.

import { readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { once } from "./advice.js";
import { ID, NAME, home, stateDir } from "./host.js";

const MANIFEST = "openclaw.plugin.json";
/** A manifest is not larger than this, in bytes. */
const LARGEST = 1024 * 1024;
/** So many folders are looked into at one place. */
const FOLDERS = 500;
/** OpenClaw's commands that evaluate this plugin before it takes part in anything. */
const COMMANDS = ["install", "enable", "update"];

/**
 * @typedef {object} Neighbour
 * @property {string} id
 * @property {string} name
 * @property {string} folder
 * @property {string[]} commands The first words of `openclaw` commands that it has.
 */

/** The plugins beside this one that are on and own its channel. @returns {Neighbour[]} */
export function neighbours(host, cfg) {
  return installed(host, cfg).filter(({ id, channels }) => channels.includes(ID) && isOn(cfg, id));
}

/** Whether another plugin has `word` as a command of its own. */
export function hasCommand(host, cfg, word) {
  return installed(host, cfg).some(({ id, commands, aliases }) => isOn(cfg, id) && [...commands, ...aliases].includes(word));
}

/** What is said of a neighbour. */
export function quarrel({ id, name, folder }) {
  const other = id === ID ? folder : `${name || id} (${id})`;
  const remedy = id === ID ? `remove ${folder}` : `openclaw plugins disable ${id}`;
  return (
    `插件 ${NAME} 和 ${other} 都占用 channels.${ID}，只有一个会生效，要用前者 ` +
    `(the plugins ${NAME} and ${other} both own channels.${ID}, and only one of them works; to use the former): ${remedy}`
  );
}

/** Tells the log of them, once. */
export function warnOfNeighbours(log, host, cfg) {
  for (const other of neighbours(host, cfg)) once(log, quarrel(other));
}

/**
 * Tells whoever installs or enables this plugin, or another one of its channel, of the others: at once, and not at
 * the next start. OpenClaw asks a plugin nothing then; it evaluates it in the process of its command, before the
 * command has done its work.
 */
export function warnAtInstall(argv = process.argv, log = console) {
  const [group, command] = argv.slice(2).filter((word) => !word.startsWith("-"));
  if (group !== "plugins" || !COMMANDS.includes(command)) return;
  // Now, as this is a copy, which is gone by then.
  const [own] = read(dirname(fileURLToPath(import.meta.url)));
  process.once("exit", () => warnOfNeighbours(log, { own, home }, onDisk()));
}

/** The configuration as it is written, as far as it is plain JSON, which is what OpenClaw writes. */
function onDisk() {
  try {
    return JSON.parse(readFileSync(process.env.OPENCLAW_CONFIG_PATH?.trim() || join(stateDir(), "openclaw.json"), "utf8"));
  } catch {
    return {}; // nobody is off, as far as that can be told
  }
}

/** All plugins that are installed beside this one, by their manifests. */
function installed(host, cfg) {
  const own = host.own ?? read(host.api.rootDir)[0];
  const folders = new Set(places(host, cfg).map(real).filter(Boolean));
  // By its names and not by its folder: OpenClaw runs a copy.
  const isOwn = ({ id, name }) => id === own?.id && name === own?.name;
  return [...folders].flatMap(read).filter((found) => !isOwn(found));
}

function places(host, cfg) {
  // Not by the runtime, which is not there yet where OpenClaw only asks for commands.
  const state = stateDir(host.home());
  const loaded = (cfg.plugins?.load?.paths ?? []).map((path) => String(path).replace(/^~(?=\/)/, host.home()));
  const roots = [join(state, "extensions"), ...loaded];
  const workspace = cfg.agents?.defaults?.workspace;
  if (typeof workspace === "string") roots.push(join(workspace.replace(/^~(?=\/)/, host.home()), ".openclaw", "extensions"));
  const packages = inside(join(state, "npm", "projects")).map((project) => join(project, "node_modules"));
  const scopes = packages.flatMap(inside).filter((folder) => /(^|[\\/])@[^\\/]+$/.test(folder));
  return [...loaded, ...[...roots, ...packages, ...scopes].flatMap(inside)];
}

function inside(folder) {
  try {
    return readdirSync(folder).slice(0, FOLDERS).map((name) => join(folder, name));
  } catch {
    return []; // there is no such place
  }
}

function real(folder) {
  try {
    return realpathSync(folder);
  } catch {
    return undefined;
  }
}

function read(folder) {
  try {
    const file = join(folder, MANIFEST);
    if (statSync(file).size > LARGEST) return [];
    const { id, name = "", channels = [], cliCommands = [], commandAliases = [] } = JSON.parse(readFileSync(file, "utf8"));
    if (typeof id !== "string" || !Array.isArray(channels)) return [];
    const names = (list) => (Array.isArray(list) ? list.map((command) => command?.name).filter(Boolean) : []);
    return [{ id, name, folder, channels, commands: names(cliCommands), aliases: names(commandAliases) }];
  } catch {
    return []; // no plugin, or one that OpenClaw cannot read either
  }
}

/** Whether the configuration lets a plugin run. */
function isOn(cfg, id) {
  const { enabled, allow = [], deny = [], entries = {} } = cfg.plugins ?? {};
  if (enabled === false || deny.includes(id) || entries[id]?.enabled === false) return false;
  return !allow.length || allow.includes(id);
}
