// Initialises the addon several times: in this thread, in others, and from a copy of its file.

import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
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

function copy() {
  const folder = mkdtempSync(join(tmpdir(), "addon-"));
  try {
    mkdirSync(folder, { recursive: true });
    copyFileSync(join(setup.addon, "host-openclaw.node"), join(folder, "host-openclaw.node"));
    return load(folder);
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
  say({ copy: copy() });
  say({ refused: refused() });
} else {
  const channel = attach().load(setup.plugin).open(setup.context, { message: () => "refused" });
  await channel.start();
  parentPort.postMessage(load());
}
