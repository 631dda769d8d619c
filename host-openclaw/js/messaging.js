// How targets are written. Ids keep their case; which of them means whom is the plugin's to say.

import { ID } from "./host.js";

const CHANNEL = /^(?:dingtalk|ding|dd):/i;
const GROUP = /^(?:group|chat):/i;
const PERSON = /^(?:user|direct|dm):/i;

/** A target as people and OpenClaw write it, in the form that OpenClaw keeps. */
export function normalized(raw) {
  const bare = String(raw ?? "").trim().replace(CHANNEL, "").trim();
  if (!bare) return undefined;
  if (GROUP.test(bare)) return `group:${bare.replace(GROUP, "").trim()}`;
  if (PERSON.test(bare)) return `user:${bare.replace(PERSON, "").trim()}`;
  return bare;
}

/** What a target is, as far as it says so itself. Ids of groups begin with `cid`. */
export function chatType(raw) {
  const target = normalized(raw) ?? "";
  if (GROUP.test(target) || target.startsWith("cid")) return "group";
  return PERSON.test(target) ? "direct" : undefined;
}

export function messagingAdapter() {
  return {
    targetPrefixes: [ID, "ding", "dd"],
    targetIdComparison: "case-sensitive",
    normalizeTarget: normalized,
    inferTargetChatType: ({ to }) => chatType(to),
    targetResolver: {
      hint: "user:<staffId>, group:<openConversationId>",
      looksLikeId: (raw) => chatType(raw) !== undefined || /^[\w$+/=-]{4,}$/.test(normalized(raw) ?? ""),
    },
  };
}
