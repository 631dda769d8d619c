// Which of the builds in a folder is for this machine, and what to do where none is.
//
// A folder is for one platform, which its package.json names, or has a folder for each of several.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const ADDON = "host-openclaw.node";
/** What `cargo xtask release` makes archives for. */
export const RELEASED = ["linux-x64", "linux-arm64", "linux-x64-musl", "darwin-arm64", "win32-x64"];

/** This machine. Its `glibc` is the version, where it has one, and costs milliseconds to find out. */
export const HERE = {
  platform: process.platform,
  arch: process.arch,
  /** @returns {string | undefined} */
  get glibc() {
    if (process.platform !== "linux") return undefined;
    const report = /** @type {any} */ (process.report);
    const { excludeNetwork } = report;
    report.excludeNetwork = true; // it would look up names
    try {
      return report.getReport().header.glibcVersionRuntime;
    } finally {
      report.excludeNetwork = excludeNetwork;
    }
  },
};

/** @typedef {{platform: string, arch: string, glibc?: string}} Machine */

/**
 * The folder in which a machine's build is, with the library and the addon.
 *
 * @param {string} root The plugin's folder.
 * @param {Machine} machine
 */
export function nativeFolder(root, machine = HERE) {
  if (existsSync(join(root, ADDON))) return root;
  const own = join(root, named(machine));
  return existsSync(join(own, ADDON)) ? own : root;
}

/**
 * Why the addon cannot be opened, and what to install; Chinese first.
 *
 * @param {string} root The plugin's folder.
 * @param {unknown} error What Node.js says.
 * @param {Machine} machine
 */
export function whyNot(root, error, machine = HERE) {
  const name = named(machine);
  const { version, builds } = contents(root);
  if (!builds.includes(name)) return missing(name, version, builds);
  const said = error instanceof Error ? error.message : String(error);
  if (/GLIBC_[\d.]+' not found/.test(said)) {
    return (
      `这台机器的 glibc 是 ${machine.glibc}，插件需要 2.28 或更新的版本：请使用更新的系统。` +
      ` The glibc of this machine is ${machine.glibc}, and the plugin needs 2.28 or newer: use a newer system.`
    );
  }
  // What a browser has downloaded, a Mac mistrusts until it is told otherwise.
  if (machine.platform === "darwin" && /code sign|system policy|quarantine/i.test(said)) {
    const trust = `xattr -dr com.apple.quarantine "${root}"`;
    return `macOS 不信任从网上下载的文件：请核对 SHA256SUMS，然后运行 ${trust} macOS mistrusts what was downloaded: check SHA256SUMS, and run ${trust}`;
  }
  return `无法打开 ${ADDON}（${name}）。 ${ADDON} for ${name} cannot be opened: ${said}`;
}

/** A machine by the name that its archive has. */
function named(machine) {
  const name = `${machine.platform}-${machine.arch}`;
  return machine.platform === "linux" && !machine.glibc ? `${name}-musl` : name;
}

/** What a folder says of itself. */
function contents(root) {
  const builds = RELEASED.filter((name) => existsSync(join(root, name, ADDON)));
  try {
    const { version, os, cpu, libc } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    if (os && existsSync(join(root, ADDON))) builds.push(`${os[0]}-${cpu[0]}${libc?.[0] === "musl" ? "-musl" : ""}`);
    return { version, builds };
  } catch {
    return { version: undefined, builds };
  }
}

function missing(name, version, builds) {
  const there = builds.join(", ") || "—";
  const wanted = `${name}/${ADDON}`;
  if (!RELEASED.includes(name)) {
    return (
      `还没有为 ${name} 发布的版本（这里只有：${there}）：请在这样的机器上用 cargo xtask dist 构建。` +
      ` Nothing is released for ${name} (here is: ${there}): build it on such a machine with \`cargo xtask dist\`.`
    );
  }
  const archive = `openclaw-dingtalk-${version ?? "…"}-${name}.tgz`;
  const install = `openclaw plugins install ./${archive} --force --accept-capabilities`;
  return (
    `这里没有 ${wanted}（只有：${there}）：请下载 ${archive}，然后运行 ${install}` +
    ` There is no ${wanted} here (only for: ${there}): download ${archive}, and run ${install}`
  );
}
