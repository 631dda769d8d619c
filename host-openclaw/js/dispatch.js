// What OpenClaw is asked to run, by what its runtime offers, and what it tells while it does.

import { order } from "./context.js";
import { thought } from "./thought.js";

/** Has OpenClaw run a turn, by what its runtime offers. */
export async function dispatch(channels, { ctxPayload, delivery, ...rest }) {
  if (channels.inbound?.ingress) return channels.inbound.dispatch({ ...rest, ctxPayload, delivery });
  const { deliver, onError } = delivery;
  const dispatchResult = await channels.reply.dispatchReplyWithBufferedBlockDispatcher({
    ctx: ctxPayload,
    cfg: rest.cfg,
    dispatcherOptions: { deliver, onError },
    replyOptions: rest.replyOptions,
  });
  return { dispatchResult };
}

/** Has OpenClaw stop what it runs in the session of a message, which is not ours to abort. */
export async function stop({ host, cfg, account, route, message }) {
  const ctx = order({ host, cfg, account, route, message, text: "/stop" });
  const dispatcherOptions = { deliver: async () => ({ visibleReplySent: false }) };
  await host.channels.reply.dispatchReplyWithBufferedBlockDispatcher({ ctx, cfg, dispatcherOptions, replyOptions: {} });
}

/**
 * What OpenClaw tells of a turn while the agent works.
 *
 * @param {object} turn
 * @param {import("./answer.js").Answer} turn.answer
 * @param {import("./late.js").Late} turn.late
 * @param {AbortSignal} turn.abortSignal
 * @param {(runId: string) => void} turn.begins
 * @param {(update: any) => void} turn.show
 */
export function replyOptions({ answer, late, abortSignal, begins, show }) {
  return {
    abortSignal,
    disableBlockStreaming: true,
    suppressDefaultToolProgressMessages: true,
    // OpenClaw hands on what a model thinks where its session asks for that: as messages, or while it thinks.
    reasoningPayloadsEnabled: true,
    onReasoningStream: ({ text }) => show(answer.status(thought(text))),
    onReasoningEnd: () => show(answer.status()),
    onAgentRunStart: begins,
    onPartialReply: ({ text }) => show(answer.partial(text)),
    onAssistantMessageStart: () => answer.messageStarts(),
    onToolStart: ({ name }) => show(answer.status(name)),
    onItemEvent: ({ kind, phase }) => show(kind === "tool" && phase === "end" ? answer.status() : undefined),
    turnAdoptionLifecycle: {
      abortSignal,
      onAdopted() {},
      onDeferred: () => (late.isFollowed = true),
      onSettled: () => late.settle(),
    },
    // Older runtimes tell the same in these words, and give the answer to no message in particular.
    queuedFollowupLifecycle: {
      onEnqueued: () => (late.isFollowed = late.isNameless = true),
      onComplete: () => late.settle(),
    },
  };
}
