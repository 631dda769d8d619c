// Files that come with messages, and files on their way out.

import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { place, slot } from "../../js/accounts.js";
import { fetchAll, sendFiles } from "../../js/files.js";

test("a file is fetched by the successor of an account that is opened anew meanwhile", async () => {
  const own = slot("fetching");
  const message = { id: "m1", attachments: [{ kind: "picture" }] };
  const reception = { slot: own, ctx: { accountId: "fetching" }, log: {} };
  const fetched = fetchAll(reception, message);
  place(own, { fetch: async () => ({ path: "/p", mime: "image/png", name: "p.png", size: 1 }) }, {});
  const { media, missing } = await fetched;
  assert.deepEqual([media.map(({ path }) => path), missing], [["/p"], []]);
});

test("a file that a stop crosses goes out by the successor under the same key, and leaves no copy", async (context) => {
  const own = slot("sending");
  const outbound = mkdtempSync(join(tmpdir(), "outbound-"));
  context.after(() => rmSync(outbound, { recursive: true }));
  const keys = [];
  const successor = { send: async ({ key }) => (keys.push(key), { parts: [] }) };
  const stopping = {
    send: async ({ key }) => {
      keys.push(key);
      place(own, successor, {});
      throw Object.assign(new Error("it stops"), { code: "cancelled" });
    },
  };
  place(own, stopping, {});
  const loadWebMedia = async () => ({ buffer: Buffer.from("x"), contentType: "image/png", fileName: "p.png" });
  const host = { plugin: () => ({ places: () => ({ outbound }) }), stateRoot: () => "", api: { runtime: { media: { loadWebMedia } } } };
  await sendFiles(host, "sending", { target: "user:Lin1" }, ["p.png"]);
  assert.deepEqual([keys.length, keys[0] !== "" && keys[0] === keys[1], readdirSync(outbound)], [2, true, []]);
});
