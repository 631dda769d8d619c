// `openclaw dingtalk setup`; and `openclaw china setup`, as guides for Chinese users have it, where that word is free.

import { ID } from "./host.js";
import { hasCommand } from "./neighbours.js";
import { setUp } from "./wizard.js";

const DESCRIPTION = "Set DingTalk up, step by step · 一步步接入钉钉";

export function registerCommands(api, host) {
  if (!api.registerCli) return;
  const words = hasCommand(host, api.config ?? {}, "china") ? [ID] : [ID, "china"];
  for (const word of words) {
    const registrar = ({ program, config }) => {
      const setup = program.command(word).description(DESCRIPTION).command("setup").description(DESCRIPTION);
      setup.option("--account <id>", "账号 · Account id").action(({ account }) => setUp(host, config, account));
    };
    api.registerCli(registrar, { commands: [word], descriptors: [{ name: word, description: DESCRIPTION, hasSubcommands: true }] });
  }
}
