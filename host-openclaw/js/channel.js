// The channel as OpenClaw wants it: one object of adapters, each in a file of its own.

import { ID, NAME } from "./host.js";
import { run } from "./account.js";
import { configAdapter } from "./config.js";
import { directoryAdapter } from "./directory.js";
import { doctorAdapter } from "./doctor.js";
import { replyTransport } from "./late.js";
import { messagingAdapter } from "./messaging.js";
import { outboundAdapter } from "./outbound.js";
import { reloadRules } from "./reload.js";
import { pairingAdapter, securityAdapter } from "./security.js";
import { secretsAdapter } from "./secrets.js";
import { setupAdapter } from "./setup.js";
import { statusAdapter } from "./status.js";
import { loginAdapter, logout, wizardAdapter } from "./wizard.js";

export function channel(host) {
  return {
    id: ID,
    meta: {
      id: ID,
      label: NAME,
      selectionLabel: "DingTalk 钉钉 (Stream mode, AI Card)",
      docsPath: `/channels/${ID}`,
      blurb:
        "钉钉机器人：Stream 模式收消息，AI 卡片流式回复，无需公网地址。" +
        " A DingTalk bot in Stream mode: answers grow on AI Cards, no public address needed.",
      aliases: ["dingding", "钉钉"],
      markdownCapable: true,
    },
    capabilities: { chatTypes: ["direct", "group"], media: true, reply: true, blockStreaming: false },
    reload: reloadRules(host),
    config: configAdapter(host),
    setup: setupAdapter(host),
    setupWizard: wizardAdapter(host),
    auth: loginAdapter(host),
    doctor: doctorAdapter(host),
    secrets: secretsAdapter(),
    security: securityAdapter(host),
    pairing: pairingAdapter(host),
    groups: {
      resolveRequireMention: ({ cfg, accountId, groupId }) =>
        host.plugin().doorman(host.account(cfg, accountId).settings).requiresMention(groupId ?? ""),
    },
    // So that what OpenClaw sends later is known by the message that it answers.
    threading: { resolveReplyToMode: () => "all", resolveReplyTransport: replyTransport },
    messaging: messagingAdapter(),
    outbound: outboundAdapter(host),
    directory: directoryAdapter(host),
    status: statusAdapter(host),
    gateway: { startAccount: (ctx) => run(host, ctx), logoutAccount: (ctx) => logout(host, ctx) },
  };
}
