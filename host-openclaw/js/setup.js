// How an account is written by `openclaw channels add`.

import { edited } from "./config.js";
import { ID } from "./host.js";

export function setupAdapter(host) {
  return {
    resolveAccountId: ({ accountId }) => accountId || "default",
    validateInput: ({ input }) => missing(credentials(input)),
    applyAccountName: ({ cfg, accountId, name }) => (name ? edited(cfg, accountId, { name }) : cfg),
    applyAccountConfig: ({ cfg, accountId, input }) => {
      const { clientId, clientSecret } = credentials(input);
      const name = input.name?.trim();
      const fields = { enabled: true, ...(name && { name }), ...(clientId && { clientId }), ...(clientSecret && { clientSecret }) };
      return edited(cfg, accountId, fields);
    },
    singleAccountKeysToMove: ["clientId", "clientSecret", "name"],
  };
}

/** The credentials, by the names of their own and by those that OpenClaw has for every channel. */
function credentials({ clientId, clientSecret, appToken, token, secret, userId }) {
  return { clientId: (clientId ?? appToken ?? userId)?.trim(), clientSecret: (clientSecret ?? token ?? secret)?.trim() };
}

function missing({ clientId, clientSecret }) {
  if (clientId && clientSecret) return null;
  return (
    `DingTalk needs a Client ID (AppKey) and a Client Secret (AppSecret), ` +
    `from the application's credentials page: openclaw config set channels.${ID} '{"clientId":"…","clientSecret":"…"}' --json`
  );
}
