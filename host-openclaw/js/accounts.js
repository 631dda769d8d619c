// The accounts that run in this process, wherever they were started from.
//
// OpenClaw evaluates this code anew with every reload, while answers that the old code began are still
// growing. They go on through the account's new channel, and what they answer is finished in its new inbox:
// so both are found here, by the account's id, by old and new code alike.

const KEY = Symbol.for("openclaw-dingtalk.accounts.v1");

/** How long an answer waits for the account that shows it to be there again, in ms. */
const RETURN = 60_000;

/**
 * @typedef {object} Slot What there is of one account, across its restarts.
 * @property {any} channel Its channel that has started; `undefined` while there is none.
 * @property {any} inbox Its open inbox; `undefined` while none is.
 * @property {Map<number, any>} turns What is worked on, by the message's number.
 * @property {Set<() => void>} waiting Who waits for it to have started.
 * @property {Map<string, number>} [applicants] Who waits to be let in, since when; older code has none.
 */

/** @type {Map<string, Slot>} */
const slots = (globalThis[KEY] ??= new Map());

/** The slot of an account that is configured; it stays. @returns {Slot} */
export function slot(accountId) {
  let found = slots.get(accountId);
  if (!found) {
    found = { channel: undefined, inbox: undefined, turns: new Map(), waiting: new Set() };
    slots.set(accountId, found);
  }
  return found;
}

/** The channel of an account, where it runs in this process. */
export function channelOf(accountId) {
  return slots.get(accountId)?.channel;
}

/** What is worked on for an account. */
export function turnsOf(accountId) {
  return slots.get(accountId)?.turns.values() ?? [];
}

/** Puts an account's channel and inbox where they are found; nothing takes them away. */
export function place(own, channel, inbox) {
  Object.assign(own, { channel, inbox });
  if (!channel) return;
  for (const told of own.waiting) told();
  own.waiting.clear();
}

/** The channel of an account. Throws where it does not run in this process. */
export function running(accountId) {
  const channel = channelOf(accountId);
  if (!channel) {
    throw new Error(
      `钉钉账号 ${accountId} 没有运行，原因见 openclaw channels status --probe ` +
        `(the DingTalk account ${accountId} does not run: see \`openclaw channels status --probe\`)`,
    );
  }
  return channel;
}

/** Asks the account's channel for something; its successor, where it stops meanwhile. */
export async function insist(own, ask) {
  for (let attempt = 1; ; attempt += 1) {
    const channel = own.channel ?? (await returned(own));
    try {
      return await ask(channel);
    } catch (error) {
      const isGone = error.code === "cancelled" || error.code === "state";
      if (!isGone || own.channel === channel || attempt > 3) throw error;
    }
  }
}

function returned(own) {
  return new Promise((resolve, reject) => {
    const told = () => (clearTimeout(timer), resolve(own.channel));
    const late = () => (own.waiting.delete(told), reject(new Error("账号已不在运行 (the account does not run any more)")));
    const timer = setTimeout(late, RETURN);
    timer.unref();
    own.waiting.add(told);
  });
}
