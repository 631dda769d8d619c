// Who may write in private, as OpenClaw's own commands show and change it.

import { bare } from "./access.js";
import { insist, slot } from "./accounts.js";
import { ID } from "./host.js";

export function securityAdapter(host) {
  return {
    resolveDmPolicy: ({ cfg, accountId, account }) => {
      const { settings } = account ?? host.account(cfg, accountId);
      const policyPath = `${pathOf(host, cfg, accountId)}dmPolicy`;
      const allowFromPath = `${pathOf(host, cfg, accountId)}`;
      const isForAll = settings.dmPolicy === "open" && !settings.allowFrom;
      return {
        policy: settings.dmPolicy,
        allowFrom: isForAll ? ["*"] : settings.allowFrom ?? [],
        policyPath,
        allowFromPath,
        approveHint: `openclaw pairing approve ${ID} <code>`,
        normalizeEntry: bare(host),
      };
    },
    collectWarnings: ({ cfg, account }) => warnings(host, cfg, account),
  };
}

/** Where an account's options are written. */
function pathOf(host, cfg, accountId) {
  const section = host.section(cfg);
  return accountId && section.accounts?.[accountId] ? `channels.${ID}.accounts.${accountId}.` : `channels.${ID}.`;
}

/** What whoever runs it should know. */
export function warnings(host, cfg, account) {
  const found = host.resolve(cfg).diagnostics.map(({ path, message, suggestion }) => {
    const where = path ? `channels.${ID}.${path}: ` : "";
    return `- ${where}${message}${suggestion ? `. ${suggestion}` : ""}`;
  });
  const scope = cfg.session?.dmScope ?? "main";
  if (scope === "main" && account?.settings?.dmPolicy !== "disabled") {
    found.push(
      `- DingTalk: all private chats share one session, so that people see what others have said (所有私聊共用一个会话). ` +
        `Set it apart: openclaw config set session.dmScope per-channel-peer`,
    );
  }
  return found;
}

export function pairingAdapter(host) {
  return {
    idLabel: "dingtalkStaffId",
    normalizeAllowEntry: (entry) => bare(host)(entry),
    notifyApproval: async ({ cfg, id, accountId }) => {
      const own = slot(accountId || host.resolve(cfg).defaultAccount || "default");
      await insist(own, (channel) => channel.send({ target: `user:${id}`, text: "✅ 已获批准，可以开始对话了。 You are approved and may write now." }));
    },
  };
}
