// Loads the folder that it is told, and uses every part of it a little: the loader, which checks the digest
// and the interface, the runtime, its threads, TLS and a socket, to a port that nobody listens on.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const folder = resolve(process.argv[2]);
const { attach } = await import(pathToFileURL(join(folder, "addon.js")));
const plugin = attach().load();
assert.equal(plugin.describe().id, "dingtalk");

const nobody = "https://127.0.0.1:9";
const config = { clientId: "dingtrial00000000001", clientSecret: "s".repeat(43), endpoints: { api: nobody, oapi: nobody } };
assert.equal(plugin.resolve(config).accounts[0].configured, true);

const root = mkdtempSync(join(tmpdir(), "trial-"));
const { stateDir, sharedStateDir } = plugin.places(root, "default");
const host = { name: "trial", version: "1" };
const channel = plugin.open({ account: "default", config, stateDir, sharedStateDir, host }, { message: () => "refused" });
const report = await channel.probe();
assert.equal(report.ok, false, "nobody is there");
await channel.stop();
rmSync(root, { recursive: true, force: true });
console.log(`${plugin.describe().version} on ${process.platform} ${process.arch}, Node.js ${process.version}`);
