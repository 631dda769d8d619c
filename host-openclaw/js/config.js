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

/** What is written for an account's option, which may be a reference: its own, else what all accounts take. */
export function written(cfg, accountId, option) {
  const section = cfg.channels?.[ID] ?? {};
  return section.accounts?.[accountId]?.[option] ?? section[option];
}

/** The configuration with `fields` written where the account has its own: at the top where there is no other. */
export function edited(cfg, accountId, fields) {
  const section = cfg.channels?.[ID] ?? {};
  const changed = isAtTop(section, accountId)
    ? { ...section, ...fields }
    : { ...section, accounts: { ...section.accounts, [accountId]: { ...section.accounts?.[accountId], ...fields } } };
  return { ...cfg, channels: { ...cfg.channels, [ID]: changed } };
}

/** The configuration without an account's own credentials, and what is empty then; `undefined` where it has none. */
export function withoutCredentials(cfg, accountId) {
  const { [ID]: section = {}, ...others } = cfg.channels ?? {};
  const own = isAtTop(section, accountId) ? section : section.accounts?.[accountId];
  if (!CREDENTIALS.some((option) => own?.[option] !== undefined)) return undefined;
  const { clientId: _id, clientSecret: _secret, ...rest } = own;
  const changed = own === section ? rest : filled({ ...section, accounts: filled({ ...section.accounts, [accountId]: filled(rest) }) });
  return { ...cfg, channels: filled({ ...others, [ID]: filled(changed) }) };
}

/** Whether an account's options are those at the top of the section. */
function isAtTop(section, accountId) {
  return accountId === "default" && !section.accounts?.default;
}

/** An object without fields that have no value; `undefined` if it has no other. */
function filled(object = {}) {
  const fields = Object.entries(object).filter(([, value]) => value !== undefined);
  return fields.length ? Object.fromEntries(fields) : undefined;
}

/** The configuration without an account: without the whole section where that is all it has. */
export function withoutAccount(cfg, accountId) {
  const { [ID]: section = {}, ...others } = cfg.channels ?? {};
  const { [accountId]: _gone, ...accounts } = section.accounts ?? {};
  const isTop = isAtTop(section, accountId);
  if (isTop && !Object.keys(accounts).length) return { ...cfg, channels: others };
  const { clientId: _id, clientSecret: _secret, ...rest } = section;
  return { ...cfg, channels: { ...others, [ID]: filled({ ...(isTop ? rest : section), accounts: filled(accounts) }) ?? {} } };
}

/** OpenClaw writes the file whatever its content, unless the change fails. */
const UNCHANGED = new Error("nothing is changed");

/**
 * Writes what `change` makes of the configuration, and has the gateway take it in. What is changed is the file as it
 * is written, where secrets may be references. `undefined` leaves the file alone.
 */
export async function write(host, change) {
  const mutate = (draft) => {
    const changed = change(draft);
    if (!changed) throw UNCHANGED;
    const { channels = {}, bindings } = changed;
    draft.channels = JSON.parse(JSON.stringify(channels));
    if (bindings !== draft.bindings) draft.bindings = JSON.parse(JSON.stringify(bindings));
  };
  try {
    await host.api.runtime.config.mutateConfigFile({ afterWrite: { mode: "auto" }, mutate });
  } catch (error) {
    if (error !== UNCHANGED) throw error;
  }
}
