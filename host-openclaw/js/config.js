// Accounts, as the plugin's own `resolve` reads them.

import { ID } from "./host.js";

/** The options without which no account runs. */
export const CREDENTIALS = ["clientId", "clientSecret"];

export function configAdapter(host) {
  const account = (cfg, id) => host.account(cfg, id);
  return {
    listAccountIds: (cfg) => host.resolve(cfg).accounts.map(({ id }) => id),
    resolveAccount: account,
    inspectAccount: (cfg, id) => snapshot(account(cfg, id)),
    defaultAccountId: (cfg) => host.account(cfg).accountId,
    isEnabled: ({ enabled }) => enabled,
    isConfigured: ({ configured }) => configured,
    disabledReason: ({ reason }) => reason,
    unconfiguredReason: ({ reason }) => reason,
    describeAccount: snapshot,
    resolveAllowFrom: ({ cfg, accountId }) => account(cfg, accountId).settings.allowFrom,
    formatAllowFrom: ({ allowFrom }) => allowFrom.map((entry) => String(entry).trim()).filter(Boolean),
    setAccountEnabled: ({ cfg, accountId, enabled }) => edited(cfg, accountId, { enabled }),
    deleteAccount: ({ cfg, accountId }) => withoutAccount(cfg, accountId),
  };
}

/** What people are shown of an account. Older releases ask it of what they were shown. */
export function snapshot(account) {
  if (!account.settings) return account;
  const { accountId, name, enabled, configured, settings } = account;
  const { dmPolicy, groupPolicy, clientId } = settings;
  const tokenStatus = configured ? "available" : "missing";
  return { accountId, name: name || undefined, enabled, configured, dmPolicy, groupPolicy, clientId, tokenStatus };
}

/** The configuration with `fields` written where the account has its own: at the top where there is no other. */
export function edited(cfg, accountId, fields) {
  const section = cfg.channels?.[ID] ?? {};
  const isAtTop = accountId === "default" && !section.accounts?.default;
  const changed = isAtTop
    ? { ...section, ...fields }
    : { ...section, accounts: { ...section.accounts, [accountId]: { ...section.accounts?.[accountId], ...fields } } };
  return { ...cfg, channels: { ...cfg.channels, [ID]: changed } };
}

/** The configuration without an account: without the whole section where that is all it has. */
export function withoutAccount(cfg, accountId) {
  const { [ID]: section = {}, ...others } = cfg.channels ?? {};
  const { [accountId]: _gone, ...accounts } = section.accounts ?? {};
  const isAtTop = accountId === "default" && !section.accounts?.default;
  if (isAtTop && !Object.keys(accounts).length) return { ...cfg, channels: others };
  const { clientId: _id, clientSecret: _secret, ...rest } = section;
  return { ...cfg, channels: { ...others, [ID]: isAtTop ? { ...rest, accounts } : { ...section, accounts } } };
}
