// What the test told this script, and the way back to it: one JSON object a line.

import { writeSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

export const setup = JSON.parse(process.env.SETUP);

/** The face of the addon, from the folder that the test names. */
export const { attach } = await import(pathToFileURL(join(setup.addon, "addon.js")));

/** Synchronous, so that an exit cannot lose it. */
export const say = (what) => writeSync(1, JSON.stringify(what) + "\n");
