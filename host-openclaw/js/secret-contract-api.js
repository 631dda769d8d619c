// Which options are secrets, where OpenClaw looks for that: by this file's name, before it loads an entry, so that an
// account's section has what references mean when it starts.

import { secretsAdapter } from "./secrets.js";

export const { secretTargetRegistryEntries, collectRuntimeConfigAssignments } = secretsAdapter();
