// What `openclaw doctor` says of the section, and what `--fix` repairs of it: only what cannot be meant otherwise.

import { diagnoses } from "./advice.js";
import { ID } from "./host.js";
import { neighbours, quarrel } from "./neighbours.js";

const CREDENTIALS = ["clientId", "clientSecret"];

export function doctorAdapter(host) {
  return {
    groupModel: "hybrid",
    groupAllowFromFallbackToAllowFrom: false,
    warnOnEmptyGroupSenderAllowlist: false,
    collectPreviewWarnings: ({ cfg, doctorFixCommand }) => [
      ...diagnoses(host, cfg).map((found) => `- ${found}`),
      ...spaced(cfg).map((path) => `- ${path}: there are spaces around it. They are not part of it: ${doctorFixCommand}`),
      ...neighbours(host, cfg).map((other) => `- ${quarrel(other)}`),
    ],
    repairConfig: ({ cfg }) => ({ config: trimmed(cfg), changes: spaced(cfg).map((path) => `Took the spaces off ${path}.`) }),
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
