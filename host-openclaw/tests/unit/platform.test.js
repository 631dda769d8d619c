// Which build is opened, and what is said where there is none.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, test } from "node:test";
import { ADDON, HERE, RELEASED, nativeFolder, whyNot } from "../../js/platform.js";

const GLIBC = { platform: "linux", arch: "x64", glibc: "2.36" };
const MUSL = { platform: "linux", arch: "x64" };
const MAC = { platform: "darwin", arch: "arm64" };
const BSD = { platform: "freebsd", arch: "x64" };

const folders = [];
afterEach(() => folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true })));

/** A plugin's folder with the addon in each of `builds`, where `""` is the folder itself. */
function folder(builds, fields = {}) {
  const root = mkdtempSync(join(tmpdir(), "platform-"));
  folders.push(root);
  writeFileSync(join(root, "package.json"), JSON.stringify({ version: "1.2.3", ...fields }));
  for (const build of builds) {
    mkdirSync(join(root, build), { recursive: true });
    writeFileSync(join(root, build, ADDON), "");
  }
  return root;
}

test("of several builds the machine's own is opened, and the libc counts", () => {
  const root = folder(["linux-x64", "linux-x64-musl", "darwin-arm64"]);
  assert.equal(nativeFolder(root, GLIBC), join(root, "linux-x64"));
  assert.equal(nativeFolder(root, MUSL), join(root, "linux-x64-musl"));
  assert.equal(nativeFolder(root, MAC), join(root, "darwin-arm64"));
});

test("a folder for one platform is opened without asking which", () => {
  const machine = {
    platform: "linux",
    arch: "x64",
    get glibc() {
      throw new Error("costs milliseconds");
    },
  };
  const root = folder([""]);
  assert.equal(nativeFolder(root, machine), root);
});

test("a build for another platform is named with the archive to install, in both languages", () => {
  const root = folder([""], { os: ["linux"], cpu: ["x64"], libc: ["glibc"] });
  const said = whyNot(root, new Error("Exec format error"), MUSL);
  assert.match(said, /没有 linux-x64-musl\/host-openclaw\.node（只有：linux-x64）.*no linux-x64-musl\/host-openclaw\.node here \(only for: linux-x64\)/);
  assert.match(said, /openclaw plugins install \.\/openclaw-dingtalk-1\.2\.3-linux-x64-musl\.tgz --force/);
  assert.match(whyNot(folder(["linux-x64"]), new Error("no such file"), MAC), /openclaw-dingtalk-1\.2\.3-darwin-arm64\.tgz/);
});

/** Each kind of machine that Node.js knows, and the name of its build. */
const MACHINES = [
  ["linux", "x64", "2.28", "linux-x64"],
  ["linux", "x64", undefined, "linux-x64-musl"],
  ["linux", "arm64", "2.36", "linux-arm64"],
  ["linux", "arm64", undefined, "linux-arm64-musl"],
  ["linux", "riscv64", "2.39", "linux-riscv64"],
  ["linux", "arm", "2.36", "linux-arm"],
  ["darwin", "arm64", undefined, "darwin-arm64"],
  ["darwin", "x64", undefined, "darwin-x64"],
  ["win32", "x64", undefined, "win32-x64"],
  ["win32", "arm64", undefined, "win32-arm64"],
  ["freebsd", "x64", undefined, "freebsd-x64"],
  ["android", "arm64", undefined, "android-arm64"],
];

for (const [platform, arch, glibc, name] of MACHINES) {
  const machine = { platform, arch, glibc };
  if (RELEASED.includes(name)) {
    test(`${name} opens its own of all builds, and without it is told which archive has it, in both languages`, () => {
      const root = folder(RELEASED);
      assert.equal(nativeFolder(root, machine), join(root, name));
      const others = RELEASED.filter((other) => other !== name);
      const said = whyNot(folder(others), new Error("no such file"), machine);
      const cure = `openclaw plugins install ./openclaw-dingtalk-1.2.3-${name}.tgz --force --accept-capabilities`;
      assert.equal(said.split(cure).length, 3, `${said}: once in each language`);
      assert.equal(said.split(`${name}/${ADDON}`).length, 3, said);
      assert.ok(said.includes(others.join(", ")), said);
    });
  } else {
    test(`${name} has no build: it opens none of the others, and is told to build its own, in both languages`, () => {
      const root = folder(RELEASED);
      assert.equal(nativeFolder(root, machine), root);
      const said = whyNot(root, new Error("no such file"), machine);
      assert.equal(said.split("cargo xtask dist").length, 3, said);
      assert.equal(said.split(`${name} `).length, 3, said);
    });
  }
}

test("a platform that nothing is released for is told how to build it", () => {
  assert.match(whyNot(folder(["linux-x64"]), new Error("no such file"), BSD), /freebsd-x64 发布.*cargo xtask dist.*freebsd-x64/);
});

test("an old glibc is named as the reason, and what else Node.js says is passed on", () => {
  const root = folder([""], { os: ["linux"], cpu: ["x64"], libc: ["glibc"] });
  const old = new Error("/lib/libc.so.6: version `GLIBC_2.28' not found (required by x)");
  assert.match(whyNot(root, old, { ...GLIBC, glibc: "2.17" }), /glibc 是 2\.17.*of this machine is 2\.17.*2\.28 or newer/);
  assert.match(whyNot(root, new Error("file too short"), GLIBC), /file too short/);
});

test("a Mac that mistrusts what was downloaded is told how to trust it", () => {
  const root = folder([""], { os: ["darwin"], cpu: ["arm64"] });
  const said = whyNot(root, new Error("not valid for use in process: library load disallowed by system policy"), MAC);
  assert.equal(said.split(`xattr -dr com.apple.quarantine "${root}"`).length, 3, said);
});

test("a folder without a description is not called a wrong one for that", () => {
  const root = folder(["linux-x64"]);
  rmSync(join(root, "package.json"));
  assert.match(whyNot(root, new Error("file too short"), GLIBC), /cannot be opened: file too short/);
});

test("this machine is known", () => {
  assert.equal(nativeFolder("/", HERE), "/");
  if (process.platform === "linux") assert.match(HERE.glibc ?? "2.0", /^2\.\d+$/);
});
