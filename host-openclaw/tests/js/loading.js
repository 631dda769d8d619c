// Initialises the addon several times: in this thread, in others, and from a copy of its file.

import { appendFileSync, copyFileSync, cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker, isMainThread, parentPort } from "node:worker_threads";
import { attach, say, setup } from "./setup.js";

const WORKERS = 4;

function load(folder) {
  const plugin = attach(folder).load(setup.plugin);
  const { accounts } = plugin.resolve(setup.context.config);
  return { id: plugin.describe().id, accounts: accounts.map((account) => account.id) };
}

/** Ends each worker while its account runs. */
async function worker() {
  const worker = new Worker(new URL(import.meta.url));
  const [loaded] = await new Promise((resolve, reject) => {
    worker.once("error", reject);
    worker.once("message", (message) => resolve([message]));
  });
  await worker.terminate();
  return loaded;
}

/** Calls `work` with a folder that holds a copy of the addon: a library of its own to the system. */
function withCopy(work) {
  const folder = mkdtempSync(join(tmpdir(), "addon-"));
  try {
    copyFileSync(join(setup.addon, "host-openclaw.node"), join(folder, "host-openclaw.node"));
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Opens the account of the one plugin library; counts the times that its host hears of a connection. */
function opened(host) {
  const heard = { connected: 0 };
  const said = { connected: Promise.withResolvers(), waits: Promise.withResolvers() };
  const channel = host.load(setup.plugin).open(setup.context, {
    message: () => "refused",
    status: ({ connected, lifecycle, lastError }) => {
      if (connected) said.connected.resolve();
      if (lifecycle === "starting" && lastError) said.waits.resolve(lastError);
    },
    log: ({ message }) => (heard.connected += message === "connected"),
  });
  return { channel, heard, connected: said.connected.promise, waits: said.waits.promise };
}

/** Two copies of a host in this process with the same account of the same library, as while a plugin is renewed. */
async function hosts() {
  const awake = setInterval(() => {}, 60_000); // running channels do not keep the process
  const both = [opened(attach()), withCopy((folder) => opened(attach(folder)))];
  const [old, renewed] = both;
  await old.channel.start();
  await old.connected;
  await renewed.channel.start();
  const waits = await renewed.waits;
  await old.channel.stop("reload", 5000);
  await renewed.connected;
  await renewed.channel.stop("shutdown", 5000);
  clearInterval(awake);
  return { waits, connected: both.map(({ heard }) => heard.connected) };
}

/** What is said of a manifest with a key that no host knows. */
function unknown() {
  const folder = mkdtempSync(join(tmpdir(), "plugin-"));
  try {
    cpSync(setup.plugin, folder, { recursive: true });
    appendFileSync(join(folder, "manifest.toml"), 'homepage = "https://example.com"\n');
    return [attach().load(setup.plugin), attach().load(folder)].map((plugin) => plugin.unknownKeys());
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function refused() {
  try {
    attach().load(tmpdir());
  } catch ({ name, code, message }) {
    return { name, code, message, directory: tmpdir() };
  }
}

if (isMainThread) {
  say({ twice: [load(), load()] });
  say({ workers: await Promise.all(Array.from({ length: WORKERS }, worker)) });
  say({ copy: withCopy(load) });
  say({ hosts: await hosts() });
  say({ unknown: unknown() });
  say({ refused: refused() });
} else {
  const channel = attach().load(setup.plugin).open(setup.context, { message: () => "refused" });
  await channel.start();
  parentPort.postMessage(load());
}
