// Which options are secrets, so that OpenClaw resolves references in them before an account sees its section.

import { ID } from "./host.js";

const FIELD = "clientSecret";

export function secretsAdapter() {
  return {
    secretTargetRegistryEntries: [`channels.${ID}.${FIELD}`, `channels.${ID}.accounts.*.${FIELD}`].map((pathPattern) => ({
      id: pathPattern,
      targetType: pathPattern,
      configFile: "openclaw.json",
      pathPattern,
      secretShape: "secret_input",
      expectedResolvedValue: "string",
      includeInPlan: true,
      includeInConfigure: true,
      includeInAudit: true,
    })),
    collectRuntimeConfigAssignments: ({ config, defaults, context }) => {
      for (const { path, holder } of holders(config.channels?.[ID])) {
        const ref = reference(holder[FIELD], defaults);
        if (ref) context.assignments.push(assignment(`${path}.${FIELD}`, ref, holder));
      }
    },
  };
}

/** Where a section has secrets written out. @returns {string[]} */
export function plainSecrets(section) {
  const isPlain = ({ holder }) => typeof holder[FIELD] === "string" && holder[FIELD].trim() && !/^\$\{\w+\}$/.test(holder[FIELD].trim());
  return holders(section).filter(isPlain).map(({ path }) => `${path}.${FIELD}`);
}

/** The places of a section that may hold a secret and are in use. */
function holders(section) {
  if (!section || section.enabled === false) return [];
  const accounts = Object.entries(section.accounts ?? {}).filter(([, account]) => account && account.enabled !== false);
  const path = `channels.${ID}`;
  return [{ path, holder: section }, ...accounts.map(([id, holder]) => ({ path: `${path}.accounts.${id}`, holder }))];
}

/** What a value refers to, if it is one of OpenClaw's references. */
export function reference(value, defaults) {
  if (typeof value?.source !== "string" || typeof value.id !== "string") return undefined;
  return { source: value.source, provider: value.provider ?? defaults?.[value.source] ?? "default", id: value.id };
}

function assignment(path, ref, holder) {
  return {
    ref,
    path,
    expected: "string",
    ownerKind: "unknown",
    ownerId: path,
    requiredForGateway: false,
    disposition: "isolate",
    apply: (secret) => {
      holder[FIELD] = secret;
    },
  };
}
