// Who may write in private, as OpenClaw's own commands show and change it, and what its audit says of that.

import { bare } from "./access.js";
import { insist, slot } from "./accounts.js";
import { SEPARATE, SHARED_SESSION, sharesSession } from "./advice.js";
import { ID } from "./host.js";

export function securityAdapter(host) {
  return {
    // By the account's id: what the audit calls an account is what it was shown of it.
    resolveDmPolicy: ({ cfg, accountId }) => {
      const { settings } = host.account(cfg, accountId);
      const place = pathOf(host, cfg, accountId);
      const isForAll = settings.dmPolicy === "open" && !settings.allowFrom;
      return {
        policy: settings.dmPolicy,
        allowFrom: isForAll ? ["*"] : settings.allowFrom ?? [],
        policyPath: `${place}dmPolicy`,
        // OpenClaw puts the option's name behind it.
        allowFromPath: place,
        approveHint: `openclaw pairing approve ${ID} <code>`,
        normalizeEntry: bare(host),
      };
    },
    collectWarnings: ({ cfg, accountId }) => findings(cfg, host.account(cfg, accountId)),
    collectAuditFindings: ({ cfg, accountId }) => rivals(host.account(cfg, accountId)),
  };
}

/** Where an account's options are written. */
function pathOf(host, cfg, accountId) {
  const section = host.section(cfg);
  return accountId && section.accounts?.[accountId] ? `channels.${ID}.accounts.${accountId}.` : `channels.${ID}.`;
}

/** What is dangerous in who may write. */
function findings(cfg, account) {
  if (!sharesSession(cfg, account)) return [];
  const finding = {
    checkId: `channels.${ID}.dm.shared_session.${account.accountId}`,
    severity: "warn",
    title: "钉钉私聊共用一个会话 (DingTalk private chats share one session)",
    detail: `${SHARED_SESSION}.`,
    remediation: SEPARATE,
  };
  return [finding];
}

/** What no process can see by itself: that another one, perhaps a hosted one, has the same application. */
function rivals({ accountId, settings: { clientId } }) {
  const finding = {
    checkId: `channels.${ID}.one_gateway.${accountId}`,
    severity: "info",
    title: `钉钉 ${accountId}：一个 Client ID 只用一个网关 (DingTalk ${accountId}: one gateway for each Client ID)`,
    detail:
      `钉钉把每条消息只发给 ${clientId} 的一条连接：用它的另一个网关（包括托管的）会分走一部分 ` +
      `(DingTalk gives each message to one of the connections of this Client ID: another gateway, also a hosted one, takes some).`,
    remediation: "停用其中一个，或各用一个应用 (switch one of the two off, or give each an application of its own).",
  };
  return clientId ? [finding] : [];
}

export function pairingAdapter(host) {
  return {
    idLabel: "dingtalkStaffId",
    normalizeAllowEntry: (entry) => bare(host)(entry),
    notifyApproval: async ({ cfg, id, accountId }) => {
      const own = slot(host.account(cfg, accountId).accountId);
      await insist(own, (channel) => channel.send({ target: `user:${id}`, notice: { kind: "approved", params: {} } }));
    },
  };
}
