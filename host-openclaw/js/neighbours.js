// Other plugins that own the same channel. OpenClaw gives a channel to whichever registers it first, and the
// other one is silent: so it is named, with the command that ends the quarrel.

import { readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { join } from "node:path";
import { once } from "./advice.js";
import { ID, stateDir } from "./host.js";

const MANIFEST = "openclaw.plugin.json";
/** A manifest is not larger than this, in bytes. */
const LARGEST = 1024 * 1024;
/** So many folders are looked into at one place. */
const FOLDERS = 500;

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
  const other = id === ID ? `${folder} (插件 id 同为 ${ID})` : `${name || id} (${id})`;
  const remedy = id === ID ? `remove ${folder}` : `openclaw plugins disable ${id}`;
  return (
    `另一个插件 ${other} 也占用了 channels.${ID}，只有一个会生效 ` +
    `(another plugin owns channels.${ID}, too, and only one of the two works). To use this one: ${remedy}`
  );
}

/** Tells the log of them, once. */
export function warnOfNeighbours(log, host, cfg) {
  for (const other of neighbours(host, cfg)) once(log, quarrel(other));
}

/** All plugins that are installed beside this one, by their manifests. */
function installed(host, cfg) {
  const [own] = read(host.api.rootDir);
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
