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
    title: "DingTalk private chats share one session",
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
    title: `DingTalk ${accountId}: one gateway for each Client ID`,
    detail: `DingTalk gives each message to only one of the connections that ${clientId} has: another gateway with it, also a hosted one, would take some of them.`,
    remediation: "Switch the bot off there, or give each gateway an application of its own.",
  };
  return clientId ? [finding] : [];
}

export function pairingAdapter(host) {
  return {
    idLabel: "dingtalkStaffId",
    normalizeAllowEntry: (entry) => bare(host)(entry),
    notifyApproval: async ({ cfg, id, accountId }) => {
      const own = slot(accountId || host.resolve(cfg).defaultAccount || "default");
      await insist(own, (channel) => channel.send({ target: `user:${id}`, notice: { kind: "approved", params: {} } }));
    },
  };
}
