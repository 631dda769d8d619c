// `openclaw dingtalk setup`; and `openclaw china setup`, as guides for Chinese users have it, where that word is free.

import { ID } from "./host.js";
import { importSection } from "./import.js";
import { hasCommand } from "./neighbours.js";
import { setUp } from "./wizard.js";

const IMPORT = "导入其他钉钉插件的配置 · Take over what another DingTalk plugin was told";
const DESCRIPTION = "一步步接入钉钉 · Set DingTalk up, step by step";

export function registerCommands(api, host) {
  if (!api.registerCli) return;
  const words = hasCommand(host, api.config ?? {}, "china") ? [ID] : [ID, "china"];
  for (const word of words) {
    const registrar = ({ program, config }) => {
      const own = program.command(word).description(DESCRIPTION);
      if (word === ID) addImport(own, host, config);
      const setup = own.command("setup").description(DESCRIPTION);
      setup.option("--account <id>", "账号 · Account id").action(({ account }) => setUp(host, config, account));
    };
    api.registerCli(registrar, { commands: [word], descriptors: [{ name: word, description: DESCRIPTION, hasSubcommands: true }] });
  }
}

function addImport(command, host, config) {
  command
    .command("import")
    .description(IMPORT)
    .option("--from <channel>", "其他插件的渠道名 · Its channel, such as dingtalk-connector")
    .option("--yes", "不再询问 · Write it without asking")
    .action((options) => importSection(host, config, options));
}
