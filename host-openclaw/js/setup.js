// How an account is written by `openclaw channels add`, and what is said against what is written.

import { CREDENTIALS, edited } from "./config.js";
import { ID } from "./host.js";

/** Where credentials are with `--use-env`. */
const VARIABLES = { clientId: "DINGTALK_CLIENT_ID", clientSecret: "DINGTALK_CLIENT_SECRET" };

export function setupAdapter(host) {
  return {
    resolveAccountId: ({ accountId }) => accountId || "default",
    validateInput: ({ cfg, accountId, input }) => missing(input) ?? complaint(host, cfg, accountId, credentials(input)),
    applyAccountName: ({ cfg, accountId, name }) => (name ? edited(cfg, accountId, { name }) : cfg),
    applyAccountConfig: ({ cfg, accountId, input }) => {
      const { clientId, clientSecret } = credentials(input);
      const name = input.name?.trim();
      const fields = { enabled: true, ...(name && { name }), ...(clientId && { clientId }), ...(clientSecret && { clientSecret }) };
      return edited(cfg, accountId, fields);
    },
    // What stands at the top is what all accounts take, so that it stays there when a second one comes: who may
    // talk to the bot is not for the first account alone. Releases that know no such wish are told what to move.
    configPromotion: "preserve-root",
    singleAccountKeysToMove: [...CREDENTIALS, "name"],
  };
}

/** What the plugin has to say against an account's options; `null` if nothing. */
export function complaint(host, cfg, accountId, options) {
  const { diagnostics } = host.resolve(edited(cfg, accountId, options));
  const isOfAnother = (path) => path.startsWith("accounts.") && !path.startsWith(`accounts.${accountId}.`);
  const found = diagnostics.find(({ path }) => !isOfAnother(path) && path.split(".").at(-1) in options);
  return found ? [found.message, found.suggestion].filter(Boolean).join("; ") : null;
}

/** The credentials, by the names of their own and by those that OpenClaw has for every channel. */
function credentials({ clientId, clientSecret, appToken, token, secret, userId, useEnv }) {
  const from = (name, value) => value?.trim() || (useEnv ? `\${${VARIABLES[name]}}` : undefined);
  return { clientId: from("clientId", clientId ?? appToken ?? userId), clientSecret: from("clientSecret", clientSecret ?? token ?? secret) };
}

function missing(input) {
  const unset = Object.values(VARIABLES).filter((name) => input.useEnv && !process.env[name]?.trim());
  if (unset.length) return `没有设置 (not set): ${unset.join(", ")}`;
  const { clientId, clientSecret } = credentials(input);
  if (clientId && clientSecret) return null;
  return (
    `需要应用“凭证与基础信息”页上的 Client ID (AppKey) 和 Client Secret (AppSecret) ` +
    `(DingTalk needs both, from the application's credentials page): ` +
    `openclaw channels add --channel ${ID} --client-id … --client-secret …`
  );
}
