// Who may write in private, as OpenClaw's own commands show and change it, and what its audit says of that.

import { bare } from "./access.js";
import { ONE_GATEWAY, SEPARATE, SHARED_SESSION, sharesSession } from "./advice.js";
import { notifyApproval } from "./approval.js";
import { ID } from "./host.js";
import { plainSecrets } from "./secrets.js";

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
    // Asked for each account, and said once: OpenClaw takes findings that are alike for one. The doctor hears the
    // first; of secrets that are written out it speaks itself.
    collectWarnings: ({ cfg, accountId }) => [...shared(cfg, host.account(cfg, accountId)), ...rivals(host, cfg)],
    collectAuditFindings: ({ cfg, sourceConfig }) => plain(host.section(sourceConfig ?? cfg)),
  };
}

/** Where an account's options are written. */
function pathOf(host, cfg, accountId) {
  const section = host.section(cfg);
  return accountId && section.accounts?.[accountId] ? `channels.${ID}.accounts.${accountId}.` : `channels.${ID}.`;
}

/** That people share what they say. */
function shared(cfg, account) {
  if (!sharesSession(cfg, account)) return [];
  const found = {
    checkId: `channels.${ID}.dm.shared_session`,
    severity: "warn",
    title: "钉钉私聊共用一个会话 (DingTalk private chats share one session)",
    detail: `${SHARED_SESSION}.`,
    remediation: SEPARATE,
  };
  return [warning(found)];
}

/** What no process can see by itself: that another one, perhaps a hosted one, has the same application. */
function rivals(host, cfg) {
  if (!host.resolve(cfg).accounts.some(({ enabled, configured }) => enabled && configured)) return [];
  const found = {
    checkId: `channels.${ID}.one_gateway`,
    severity: "info",
    title: "一个 Client ID 只用一个网关 (one gateway for each DingTalk Client ID)",
    detail: ONE_GATEWAY,
    remediation: "停用其中一个，或各用一个应用 (switch one of the two off, or give each an application of its own).",
  };
  return [warning(found)];
}

/** A finding that is also its own text: older releases want warnings to be texts, and trim or join them. */
function warning(finding) {
  const text = `- ${finding.title}: ${finding.remediation}`;
  const says = { value: () => text };
  return Object.defineProperties({ ...finding }, { trim: says, toString: says });
}

/** Whoever reads the file, or a copy of it, has the secret. */
function plain(section) {
  const places = plainSecrets(section);
  if (!places.length) return [];
  const finding = {
    checkId: `channels.${ID}.secret_in_file`,
    severity: "info",
    title: "Client Secret 明文写在配置文件里 (the Client Secret is written out in the configuration file)",
    detail: places.join(", "),
    remediation: "想移走：openclaw secrets configure (to move it out of the file).",
  };
  return [finding];
}

export function pairingAdapter(host) {
  return {
    idLabel: "dingtalkStaffId",
    normalizeAllowEntry: (entry) => bare(host)(entry),
    notifyApproval: (params) => notifyApproval(host, params),
  };
}
