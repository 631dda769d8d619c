// How a person gets a bot: the plugin's own steps, told and asked one after the other, with what is entered looked at
// at once and tried in the end. OpenClaw's `channels add` and `onboard` bring a prompter; our commands have a terminal.

import { edited, withoutCredentials, write, written } from "./config.js";
import { ID, NAME } from "./host.js";
import { either, spoken } from "./language.js";
import { reference } from "./secrets.js";
import { complaint } from "./setup.js";
import { registered } from "./registration.js";
import { examine, opened } from "./status.js";
import { Terminal } from "./terminal.js";

/** What is asked where the plugin names nothing. */
const FIELDS = [
  { option: "clientId", secret: false, words: [{ locale: "", title: "Client ID (AppKey)", text: "" }] },
  { option: "clientSecret", secret: true, words: [{ locale: "", title: "Client Secret (AppSecret)", text: "" }] },
];
/** So often may one be wrong before it is written down all the same. */
const ATTEMPTS = 3;
/** What stands for an account that is not there yet. */
const ANOTHER = "";
/** How OpenClaw writes an account's id. */
const ACCOUNT_ID = /^[a-z0-9][a-z0-9_-]{0,63}$/;

const WORDS = {
  way: ["怎样接入钉钉？", "How do you want to connect DingTalk?"],
  keep: ["已有，保留？", "There is one already. Keep it?"],
  missing: ["不能为空", "This cannot be empty"],
  works: ["连接检查通过", "The bot works"],
  fine: ["没有发现问题", "Nothing wrong was found"],
  fails: ["连接检查未通过", "The bot does not work yet"],
  again: ["重新填写 Client ID 和 Client Secret？", "Enter Client ID and Client Secret again?"],
  later: ["由 OpenClaw 提供，启动后检查：", "OpenClaw provides it; look once it runs:"],
  account: ["哪个账号？", "Which account?"],
  another: ["新账号", "Another one"],
  accountId: ["新账号的 ID", "Id of the new account"],
  badId: ["小写字母、数字、- 和 _，如 bot2", "Lower-case letters, digits, - and _, such as bot2"],
  written: ["已保存", "Saved"],
  configured: ["已配置", "configured"],
  incomplete: ["需要应用凭证", "needs the application's credentials"],
  login: ["网关运行时即可对话；启动网关：openclaw gateway run", "Write to the bot while the gateway runs: openclaw gateway run"],
};

/** What the wizard says itself. */
function own(name) {
  return either(WORDS[name]);
}

/**
 * Walks through the steps; what was entered, by option.
 *
 * @returns {Promise<Record<string, string>>}
 */
export async function conversation(host, { cfg, accountId, prompter }) {
  const { ways = [], steps = [] } = host.plugin().describe().setup ?? {};
  const way = ways.length ? await chosenWay(ways, prompter) : undefined;
  /** @type {Record<string, string>} */
  const answers = {};
  const asked = new Set();
  for (const step of steps.filter((step) => !step.ways.length || step.ways.includes(way))) {
    const { title = step.id, text = "" } = spoken(step.words) ?? {};
    await prompter.note([text, step.link].filter(Boolean).join("\n"), title);
    const granted = step.fields.length && registers(ways, way) ? await registered(host, { cfg, accountId, prompter }) : undefined;
    Object.assign(answers, granted);
    for (const field of step.fields) {
      asked.add(field.option);
      if (!granted?.[field.option]) await enter(host, { cfg, accountId, prompter, answers }, field);
    }
  }
  for (const field of FIELDS.filter(({ option }) => !asked.has(option))) await enter(host, { cfg, accountId, prompter, answers }, field);
  await tried(host, { cfg, accountId, prompter, answers });
  return answers;
}

/** Whether what is asked for on a way is given to who registers. */
function registers(ways, chosen) {
  return ways.find(({ id }) => id === chosen)?.extra?.registers === true;
}

function chosenWay(ways, prompter) {
  const options = ways.map(({ id, words }) => ({ value: id, label: spoken(words)?.title ?? id, hint: spoken(words)?.text }));
  return prompter.select({ message: own("way"), options });
}

/** Asks for one value until there is nothing to say against it; for none where what is there is kept. */
async function enter(host, { cfg, accountId, prompter, answers }, { option, secret, words }) {
  const { title = option, text = "" } = spoken(words) ?? {};
  const present = option in answers ? undefined : host.account(cfg, accountId).settings[option];
  // Of a secret, and of what stands elsewhere, there is only said where it is from: nothing to go on typing at.
  const isText = !secret && present === written(cfg, accountId, option);
  const origin = present === "config" ? title : `${title} (${present})`;
  if (present && !isText && (await prompter.confirm({ message: `${origin}: ${own("keep")}`, initialValue: true }))) return;
  const entered = await prompter.text({
    message: title,
    placeholder: text || undefined,
    initialValue: secret ? undefined : answers[option] ?? (isText ? present : undefined),
    sensitive: secret,
    validate: (value) =>
      value?.trim() ? complaint(host, cfg, accountId, { ...answers, [option]: value.trim() }) ?? undefined : own("missing"),
  });
  // What is as it was stays as it is written, which may be by a variable that OpenClaw has put in.
  if (!isText || entered.trim() !== present) answers[option] = entered.trim();
}

/** Tries what was entered, and lets it be entered again. */
async function tried(host, { cfg, accountId, prompter, answers }) {
  for (let attempt = 1; ; attempt += 1) {
    const draft = edited(cfg, accountId, { enabled: true, ...answers });
    const secret = reference(written(draft, accountId, "clientSecret"));
    if (secret && secret.source !== "env") return prompter.note(`${own("later")} openclaw channels status --probe`, "Client Secret");
    const report = await examine(() => opened(host, draft, accountId));
    await prompter.note(told(report), own(report.ok ? "works" : "fails"));
    if (report.ok || attempt === ATTEMPTS || !(await prompter.confirm({ message: own("again"), initialValue: true }))) return;
    for (const field of FIELDS) await enter(host, { cfg, accountId, prompter, answers }, field);
  }
}

/** What of a report somebody has to do something about; what cannot be known here is for the doctor to say. */
export function told({ checks, error }) {
  const marks = { failed: "✘", warning: "!" };
  const lines = checks
    .filter(({ verdict }) => verdict in marks)
    .map(({ verdict, words, finding, remedy, link }) => {
      const said = spoken(words) ?? { finding, remedy };
      return [`${marks[verdict]} ${said.finding}`, said.remedy, link].filter(Boolean).join("\n    ");
    });
  return lines.join("\n") || error || own("fine");
}

/** The wizard as OpenClaw's own commands drive it. */
export function wizardAdapter(host) {
  return {
    channel: ID,
    getStatus: async ({ cfg }) => {
      const configured = host.resolve(cfg).accounts.some((account) => account.enabled && account.configured);
      const state = own(configured ? "configured" : "incomplete");
      return { channel: ID, configured, statusLines: [`${NAME}: ${state}`], selectionHint: state };
    },
    configure: async ({ cfg, prompter, accountOverrides, shouldPromptAccountIds }) => {
      const accountId = accountOverrides?.[ID] ?? (await chosenAccount(host, cfg, prompter, shouldPromptAccountIds));
      const answers = await conversation(host, { cfg, accountId, prompter });
      return { cfg: edited(cfg, accountId, { enabled: true, ...answers }), accountId };
    },
    dmPolicy: {
      label: NAME,
      channel: ID,
      policyKey: `channels.${ID}.dmPolicy`,
      allowFromKey: `channels.${ID}.allowFrom`,
      getCurrent: (cfg, accountId) => host.account(cfg, accountId).settings.dmPolicy,
      setPolicy: (cfg, dmPolicy, accountId) => edited(cfg, accountId ?? host.account(cfg).accountId, { dmPolicy }),
    },
    disable: (cfg) => ({ ...cfg, channels: { ...cfg.channels, [ID]: { ...host.section(cfg), enabled: false } } }),
  };
}

/** The account that is meant: asked where there is one that works already, which may be meant, and another one. */
async function chosenAccount(host, cfg, prompter, isAsked) {
  const { accounts } = host.resolve(cfg);
  const present = host.account(cfg).accountId;
  if (!isAsked || !accounts.some(({ configured }) => configured)) return present;
  const options = accounts.map(({ id, name }) => ({ value: id, label: name ? `${id} (${name})` : id }));
  const another = { value: ANOTHER, label: own("another") };
  const chosen = await prompter.select({ message: own("account"), options: [...options, another], initialValue: present });
  if (chosen !== ANOTHER) return chosen;
  const validate = (id) => (ACCOUNT_ID.test(id?.trim() ?? "") ? undefined : own("badId"));
  return (await prompter.text({ message: own("accountId"), validate })).trim();
}

/** `openclaw channels login`: a bot has no session, so that this is its credentials, looked at and tried. */
export function loginAdapter(host) {
  return { login: ({ cfg, accountId }) => setUp(host, cfg, accountId) };
}

/** Walks through the steps at a terminal and writes what was entered. */
export async function setUp(host, cfg, wanted) {
  const { accountId } = host.account(cfg, wanted);
  const prompter = new Terminal();
  try {
    const answers = await conversation(host, { cfg, accountId, prompter });
    await write(host, (draft) => edited(draft, accountId, { enabled: true, ...answers }));
    await prompter.note(own("login"), own("written"));
  } finally {
    prompter.close();
  }
}

/** `openclaw channels logout`: the account keeps its options and has no credentials of its own any more. */
export async function logout(host, { accountId }) {
  const result = { cleared: false, loggedOut: true };
  await write(host, (draft) => {
    const changed = withoutCredentials(draft, accountId);
    result.cleared = changed !== undefined;
    result.loggedOut = !host.account(changed ?? draft, accountId).configured;
    return changed;
  });
  return result;
}
