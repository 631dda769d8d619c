// Registering: DingTalk makes an application for who scans a code. The plugin asks DingTalk; this shows the code and
// waits. Whatever goes wrong ends in typing the credentials in.

import { setTimeout as sleep } from "node:timers/promises";
import { edited } from "./config.js";
import { either } from "./language.js";
import { opened } from "./status.js";
import { answered } from "./within.js";

/** How long one answer may take, in ms. */
const PATIENCE = 60_000;
/** How wide a code may be where nothing says how wide the terminal is. */
const COLUMNS = 80;
/** What frames and indents of whoever shows it take of that. */
const MARGIN = 8;

const WORDS = {
  scan: ["用手机钉钉扫码，或打开", "Scan it with DingTalk, or open"],
  code: ["核对代码", "The code there"],
  granted: ["应用已创建，凭证已取得", "The application was made, and gave its credentials"],
  refused: ["没有获得同意，请手动输入", "It was refused, so type it in"],
  lapsed: ["二维码已过期，请手动输入", "The code has expired, so type it in"],
  failed: ["不能扫码创建，请手动输入", "It cannot be registered, so type it in"],
};

function own(name) {
  return either(WORDS[name]);
}

/**
 * What DingTalk gave, by option; `undefined` where it has to be typed in.
 *
 * @param {(ms: number) => Promise<void>} wait
 * @returns {Promise<Record<string, string> | undefined>}
 */
export async function registered(host, { cfg, accountId, prompter }, wait = sleep) {
  try {
    const channel = opened(host, edited(cfg, accountId, { enabled: true }), accountId, { registers: true });
    let answer = await asked(channel, "");
    await prompter.note(shown(host, answer), own("scan"));
    const lapses = Date.now() + answer.lapsesAfterMs;
    while (answer.state === "waiting" && Date.now() < lapses) {
      await wait(answer.askAfterMs);
      answer = await asked(channel, answer.ticket);
    }
    if (answer.state === "granted") {
      await prompter.note(own("granted"));
      return answer.options;
    }
    await prompter.note(answer.why || "", own(answer.state === "refused" ? "refused" : "lapsed"));
  } catch (error) {
    await prompter.note(error.message, own("failed"));
  }
  return undefined;
}

function asked(channel, ticket) {
  return answered(PATIENCE, channel.register(ticket));
}

/** The code, where there is room for it, and its link. */
function shown(host, { link, code }) {
  const columns = (process.stdout.columns ?? COLUMNS) - MARGIN;
  const drawn = process.stdout.isTTY ? host.plugin().qrCode?.(link, columns) : undefined;
  return [drawn, link, code && `${own("code")}: ${code}`].filter(Boolean).join("\n");
}
