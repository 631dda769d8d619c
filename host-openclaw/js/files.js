// Files that come with messages, and files on their way out.

import { randomUUID } from "node:crypto";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { insist, slot } from "./accounts.js";

const KINDS = { picture: "image", audio: "audio", video: "video", file: "document" };
/** More than any way out of DingTalk's takes, in bytes. */
const LARGEST = 200 * 1024 * 1024;

/**
 * Fetches what a message comes with, and what it quotes comes with, once its author was admitted.
 *
 * @returns {Promise<{media: object[], missing: string[]}>} what was had, and a line for each that was not
 */
export async function fetchAll(reception, message) {
  const attachments = [...message.attachments, ...(message.quote?.attachments ?? [])];
  const fetched = await Promise.all(attachments.map((attachment) => fetchOne(reception, message, attachment)));
  return { media: fetched.flatMap(({ media }) => media ?? []), missing: fetched.flatMap(({ line }) => line ?? []) };
}

async function fetchOne(reception, message, attachment) {
  try {
    const file = await insist(reception.slot, (channel) => channel.fetch(attachment));
    const { path, mime, name, size } = file;
    const { kind, durationMs, transcript } = attachment;
    const media = { path, contentType: mime, kind: KINDS[kind], fileName: name, sizeBytes: size, messageId: message.id };
    // Else OpenClaw puts a transcript of its own in the place of DingTalk's.
    return { media: { ...media, transcribed: transcript ? true : undefined, durationMs: durationMs || undefined } };
  } catch (error) {
    const notice = error.extra?.notice;
    reception.log.warn?.(`${reception.ctx.accountId}: a file was not fetched: ${error.message}`);
    if (notice?.kind) void reception.notify(message, notice.kind, notice.params);
    return { line: `[${attachment.name || attachment.kind}: ${error.message}]` };
  }
}

/**
 * Sends files to where `target` says, each a message of its own, loaded as OpenClaw's rules allow.
 *
 * @param {object} target The part of an `OutboundMessage` that says where to.
 * @param {string[]} urls
 * @returns {Promise<any[]>} the receipts
 */
export async function sendFiles(host, accountId, target, urls, asVoice = false) {
  const receipts = [];
  for (const url of urls) {
    const send = (attachments) => {
      const message = { ...target, key: randomUUID(), attachments, asVoice };
      return insist(slot(accountId), (channel) => channel.send(message));
    };
    receipts.push(await withFiles(host, accountId, [url], {}, send));
  }
  return receipts;
}

/**
 * Does something with files while they lie where the plugin takes them from; with all of them or not at all.
 *
 * @template T
 * @param {string[]} urls
 * @param {{localRoots?: any, readFile?: any}} load Whence OpenClaw lets files be taken.
 * @param {(attachments: object[]) => Promise<T>} use
 */
export async function withFiles(host, accountId, urls, load, use) {
  const folders = [];
  try {
    const attachments = [];
    for (const url of urls) {
      const folder = join(host.plugin().places(host.stateRoot(), accountId).outbound, randomUUID());
      folders.push(folder);
      attachments.push(await bring(host, url, folder, load));
    }
    return await use(attachments);
  } finally {
    await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
  }
}

/**
 * Copies what is at `url` into `folder`, whence the plugin takes it.
 *
 * @param {{localRoots?: any, readFile?: any}} load
 */
async function bring(host, url, folder, load) {
  const { localRoots, readFile } = load;
  const options = readFile ? { maxBytes: LARGEST, localRoots: "any", readFile, hostReadCapability: true } : { maxBytes: LARGEST, localRoots };
  const { buffer, contentType, fileName } = await host.api.runtime.media.loadWebMedia(url, options);
  await mkdir(folder, { mode: 0o700 });
  const name = basename(fileName || "file");
  const path = join(folder, name);
  await writeFile(path, buffer, { mode: 0o600 });
  return { kind: kindOf(contentType), mime: contentType ?? "", name, path };
}

function kindOf(mime = "") {
  const [family] = mime.split("/");
  return { image: "picture", audio: "audio", video: "video" }[family] ?? "file";
}
