// Which options are secrets, so that OpenClaw resolves references in them.

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
  };
}
