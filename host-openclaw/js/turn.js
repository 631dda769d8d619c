// One message, from who may write it to the end of its answer.

import { admit, tell } from "./access.js";
import { Answer } from "./answer.js";
import { context, peer } from "./context.js";
import { dispatch, replyOptions, stop } from "./dispatch.js";
import { fetchAll } from "./files.js";
import { ID } from "./host.js";
import { Joined } from "./joined.js";
import { Late } from "./late.js";
import { filesOf, words } from "./payload.js";
import { Run } from "./run.js";
import { Shown } from "./shown.js";
import { within } from "./within.js";

/** How long a turn that is run again waits to hear whether its answer was given already, in ms. */
const ANSWERED = 5000;
/** How long OpenClaw may take to say who may write, in ms; what comes after it in the conversation waits. */
const DOOR = 60_000;

export class Turn {
  /** @type {any} */
  message;
  /** @type {Answer} */
  answer;
  /** @type {string | undefined} */
  sessionKey;
  /** Settles when the dispatch is over and the answer was shown. @type {Promise<void> | undefined} */
  done;
  /** @type {Shown} */
  #shown;
  #run = new Run();
  #late = new Late();
  #isAnswered = false;
  #stopping = new AbortController();
  /** @type {Joined} */
  #joined;
  /** Where OpenClaw runs it: what an order to its session needs. */
  #place;
  /** Whether anything came of the dispatch. */
  hasRun = false;

  constructor(reception, head) {
    this.reception = reception;
    this.head = head;
    /** Settles when nothing is left to do; whether the message is done with. */
    this.ended = new Promise((resolve) => (this.end = resolve));
  }

  /** Has OpenClaw answer the message: `done` then is. `false`: there is nothing to answer. */
  async begin(message) {
    this.message = message;
    const { reception, head } = this;
    const { host, ctx, doorman } = reception;
    this.answer = new Answer(ctx.accountId, message, head.attempts);
    this.#joined = new Joined(message);
    this.#shown = new Shown(reception, message, (sentence) => this.#warn(sentence));

    const cfg = host.config();
    const account = host.account(cfg, ctx.accountId);
    const route = host.channels.routing.resolveAgentRoute({ cfg, channel: ID, accountId: ctx.accountId, peer: peer(message) });
    const admission = await within(DOOR, admit({ host, doorman, account, cfg, route, message }));
    if (!admission) throw new Error(`OpenClaw has not said for ${DOOR / 1000} s whether it may be answered`);
    if (admission.verdict !== "answer") {
      if (admission.verdict === "ignore" && message.conversation.kind !== "direct") reception.history.add(message);
      else await tell(reception, message, admission);
      return false;
    }
    if (message.event === "withheld") {
      // DingTalk does not say what was written: nobody can answer it, and its author is told why.
      const { kind, params } = message.extra?.notice ?? {};
      if (kind) await reception.notify(message, kind, params);
      return false;
    }
    // Only now: it opens a card, and nobody would end that of a message which is not to be answered.
    if (head.replayed && (await this.#wasAnswered())) return false;
    host.channels.activity?.record?.({ channel: ID, accountId: ctx.accountId, direction: "inbound" });
    this.sessionKey = route.sessionKey;
    this.#place = { cfg, account, route };
    // What joins a running turn is answered by that: a card of its own would stay empty.
    if (!this.#leaders().length) this.#show(this.answer.open());

    const { media, missing } = await fetchAll(reception, message);
    const limit = cfg.messages?.groupChat?.historyLimit;
    const history = reception.history.take(message.conversation.id, limit);
    const ctxPayload = context({ host, cfg, account, route, message, admission, media, missing, history });
    this.done = this.#runs({ cfg, account, route, ctxPayload });
    return true;
  }

  /** Ends the answer where it is. */
  stop() {
    this.#stopping.abort();
    if (this.awaits === "resumption") this.#stopsResumed();
    // Its answer, or what is to become that, is the other turn's.
    this.#joined?.stop();
  }

  /** Why its answer comes later, as long as it is awaited. */
  get awaits() {
    return this.#late.awaits;
  }

  /** Whether it is its turn to be answered by what names no message. */
  get isNext() {
    return this.#late.isNext;
  }

  /** Nothing more is awaited. */
  settle() {
    this.#late.settle();
  }

  /** Whether whoever asked wants no more of it. */
  get isStopped() {
    return this.#stopping.signal.aborted;
  }

  /** Whether OpenClaw has broken its run off, to go on once it has started again. */
  get wasInterrupted() {
    return this.#run.isInterrupted;
  }

  /** Whether OpenClaw goes on with it once it has started again: the message then is not done with. */
  get isLeft() {
    return this.wasInterrupted && !this.#isAnswered && !this.isStopped;
  }

  /** What OpenClaw tells of a run in its session. */
  hears(runId, data) {
    const other = this.#run.hears(runId, data);
    if (!other || this.awaits !== "resumption") return;
    this.#late.begins();
    if (other === "stopped") this.#stopping.abort();
    if (other === "begins" && this.isStopped) this.#stopsSession();
    else if (this.isStopped) this.settle();
    else if (other === "ended") this.#late.ends();
  }

  /** Ends its card, and what OpenClaw resumes: that may begin only now, after what else was interrupted. */
  #stopsResumed() {
    this.#close("stopped").catch((error) => this.#warn(`its card was not ended: ${error.message}`));
    this.#stopsSession();
  }

  async #stopsSession() {
    try {
      await stop({ host: this.reception.host, ...this.#place, message: this.message });
    } catch (error) {
      this.#warn(`what OpenClaw resumed was not stopped: ${error?.message ?? error}`);
    }
  }

  /** It cannot be answered: a card that is there says so. `false`: there is none. */
  async fail() {
    return (await this.#close("failed")) !== undefined;
  }

  /** Ends what is still shown. */
  async #close(how) {
    const last = this.answer?.end(this.isStopped ? "stopped" : how);
    return last && this.#shown.finally(last);
  }

  async #runs({ cfg, account, route, ctxPayload }) {
    const { ctx } = this.reception;
    const leaders = this.#leaders();
    this.#joined.asks(leaders);
    const parts = {
      cfg,
      channel: ID,
      accountId: ctx.accountId,
      messageId: this.message.id,
      route: { agentId: route.agentId, dmScope: route.dmScope, sessionKey: route.sessionKey },
      ctxPayload,
      delivery: {
        deliver: (payload, info) => this.#deliver(payload, info),
        onError: (error, { kind }) => this.#warn(`a ${kind} was not delivered: ${error?.message ?? error}`),
      },
      replyOptions: replyOptions({
        answer: this.answer,
        late: this.#late,
        abortSignal: this.#stopping.signal,
        begins: (runId) => this.#begins(runId),
        show: (update) => this.#show(update),
      }),
      record: { onRecordError: (error) => this.#warn(`the session was not recorded: ${error?.message ?? error}`) },
    };
    const { dispatchResult } = (await this.#dispatch(parts)) ?? {};
    const deferred = dispatchResult?.deferredToActiveRun ?? this.#inferred(leaders);
    if (deferred === "steer") {
      await this.#follow(leaders, this.#isOlder);
      while (this.#isDropped && (await this.#asksAgain(parts)));
    } else if (deferred) await this.#await("place", leaders);
    // OpenClaw takes it for a duplicate of what it resumes by itself.
    else if (this.head.replayed && !this.hasRun && !this.isStopped) await this.#await("resumption", []);
    if (!this.isLeft) await this.#close("complete");
  }

  /** An older OpenClaw says nothing of what becomes of a message that it does not run. */
  get #isOlder() {
    return !this.reception.host.channels.inbound?.ingress;
  }

  /** Whether the turn that it seemed to have joined has ended without a word for it. */
  get #isDropped() {
    if (!this.#isOlder || this.hasRun || this.awaits || this.isStopped || this.wasInterrupted) return false;
    return this.#joined.isOwed;
  }

  /** Has an older OpenClaw asked again for what it has dropped. `false`: there is nothing more to ask for. */
  async #asksAgain(parts) {
    const MessageSid = await this.#joined.asksAgain(this.#stopping.signal);
    if (this.isStopped) return false;
    this.#show(this.answer.open());
    // What only waits, as this does, can be joined by nobody.
    const leaders = this.#leaders().filter((turn) => turn.hasRun);
    this.#joined.asks(leaders);
    await this.#dispatch({ ...parts, ctxPayload: { ...parts.ctxPayload, MessageSid } });
    const deferred = this.#inferred(leaders);
    if (deferred === "queue") await this.#await("place", leaders);
    if (deferred === "steer") await this.#follow(leaders, true);
    return deferred !== "queue";
  }

  /** Has OpenClaw run it. Without an answer it may have been broken off, which is told of only then. */
  async #dispatch(parts) {
    try {
      return await this.#run.whileHeard(dispatch(this.reception.host.channels, parts));
    } finally {
      if (!this.#isAnswered && !this.isStopped) await this.#run.hearsOut();
    }
  }

  /** What became of a message that nothing came of, where the runtime does not say so in the result. */
  #inferred(leaders) {
    if (!this.#isOlder || this.hasRun || this.isStopped) return undefined;
    if (this.#late.isFollowed) return "queue";
    return leaders.length ? "steer" : undefined;
  }

  /** The agent runs. */
  #begins(runId) {
    // It has not joined what seemed to run: that was just about to end.
    if (!this.hasRun) this.#show(this.answer.open());
    this.hasRun = true;
    this.#run.begins(runId);
  }

  async #deliver(payload, { kind }) {
    const { isError, isReasoning, audioAsVoice } = payload;
    const text = words(payload);
    const urls = filesOf(payload);
    this.hasRun = true;
    this.#run.heard();
    const receipts = [];
    const isAnswer = kind === "final" && !isReasoning;
    this.#isAnswered ||= isAnswer;
    const before = isAnswer && text.trim() ? this.answer.leftOut(text) : undefined;
    if (before) receipts.push(await this.#shown.finally(before));
    if (text.trim()) receipts.push(await (isAnswer ? this.#says(text, isError) : this.#shown.besides(text)));
    if (urls.length) receipts.push(...(await this.#shown.files(urls, audioAsVoice)));
    const messageIds = receipts.flatMap(({ parts }) => parts.map(({ id }) => id)).filter(Boolean);
    return { visibleReplySent: receipts.length > 0, messageIds };
  }

  /** Gives the answer. What cannot be shown now is tried once more when the turn ends, with its card. */
  async #says(text, isError) {
    try {
      return await this.#shown.finally(this.answer.final(text, isError));
    } catch (error) {
      this.answer.takeBack();
      throw error;
    }
  }

  /** Shows how far the answer has come. */
  #show(update) {
    this.#run.heard();
    if (update) this.#shown.soon(update);
  }

  /** Whether an earlier process gave the answer to its end and did not live to note that. */
  async #wasAnswered() {
    const shown = this.#shown.now(this.answer.open()).catch(() => undefined);
    return (await within(ANSWERED, shown))?.answered === true;
  }

  /** The turns of the same session that run. */
  #leaders() {
    const turns = [...this.reception.slot.turns.values()];
    return turns.filter((turn) => turn !== this && turn.sessionKey === this.sessionKey && turn.done);
  }

  /** The message has joined a running turn: it is done with when that is. */
  async #follow(leaders, isLumped) {
    this.#joined.joins(leaders[0], isLumped);
    await this.#after(leaders);
  }

  /** Waits for other turns. If OpenClaw goes on with them later, it does with this, too. */
  async #after(turns) {
    await Promise.all(turns.map((turn) => turn.ended));
    this.#run.isInterrupted ||= turns.some((turn) => turn.wasInterrupted);
  }

  /** The message waits for its answer, behind other turns where there are any. */
  async #await(what, before) {
    this.#late.awaits = what;
    await this.#after(before);
    this.#late.isNext = this.#late.isNameless;
    if (this.awaits && !this.hasRun) this.#show(this.answer.open());
    await this.#late.over();
  }

  /** Gives an answer that was awaited. It is also the answer to the messages of `others`, which waited, too. */
  async answerLate(text, others) {
    if (this.isStopped) return { parts: [] }; // nobody wants it any more
    this.hasRun = true;
    this.#isAnswered = true;
    this.answer.answersToo(others.map(({ message }) => message));
    const receipt = await this.#shown.finally(this.answer.final(text, false));
    if (!this.#late.isFollowed) for (const turn of [this, ...others]) turn.settle();
    return receipt;
  }

  #warn(sentence) {
    const { log, ctx } = this.reception;
    log.warn?.(`${ctx.accountId}: ${this.message.id}: ${sentence}`);
  }
}
