// What `openclaw doctor` says of the section, and what `--fix` repairs of it: only what cannot be meant otherwise.

import { diagnoses } from "./advice.js";
import { CREDENTIALS } from "./config.js";
import { ID } from "./host.js";
import { neighbours, quarrel } from "./neighbours.js";

export function doctorAdapter(host) {
  return {
    groupModel: "hybrid",
    groupAllowFromFallbackToAllowFrom: false,
    warnOnEmptyGroupSenderAllowlist: false,
    collectPreviewWarnings: ({ cfg, doctorFixCommand }) => [
      ...diagnoses(host, cfg).map((found) => `- ${found}`),
      ...spaced(cfg).map((path) => `- ${path}: 首尾有空格，不属于它 (there are spaces around it, which are no part of it): ${doctorFixCommand}`),
      ...neighbours(host, cfg).map((other) => `- ${quarrel(other)}`),
    ],
    repairConfig: ({ cfg }) => ({ config: trimmed(cfg), changes: spaced(cfg).map((path) => `${path}: 去掉了首尾的空格 (took the spaces off).`) }),
  };
}

/** The places that hold a credential with spaces around it. */
function spaced(cfg) {
  const section = cfg.channels?.[ID] ?? {};
  const accounts = Object.entries(section.accounts ?? {}).map(([id, account]) => [`accounts.${id}.`, account]);
  return [["", section], ...accounts].flatMap(([place, options]) =>
    CREDENTIALS.filter((name) => isSpaced(options?.[name])).map((name) => `channels.${ID}.${place}${name}`),
  );
}

function isSpaced(value) {
  return typeof value === "string" && value !== value.trim();
}

function trimmed(cfg) {
  const section = cfg.channels?.[ID];
  if (!section) return cfg;
  const accounts = Object.entries(section.accounts ?? {}).map(([id, account]) => [id, tidy(account)]);
  const tidied = { ...tidy(section), ...(section.accounts && { accounts: Object.fromEntries(accounts) }) };
  return { ...cfg, channels: { ...cfg.channels, [ID]: tidied } };
}

function tidy(options) {
  if (!options || typeof options !== "object") return options;
  const fields = CREDENTIALS.filter((name) => isSpaced(options[name])).map((name) => [name, options[name].trim()]);
  return { ...options, ...Object.fromEntries(fields) };
}
