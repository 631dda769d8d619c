// A message in the words of OpenClaw's contexts.

import { randomUUID } from "node:crypto";
import { ID, NAME } from "./host.js";

/** Where answers to a message go, as targets: to the group, or to the person. */
export function target({ conversation, sender }) {
  return conversation.kind === "direct" ? `user:${sender.id}` : `group:${conversation.id}`;
}

/** Whom OpenClaw routes a message by. Ids keep their case. */
export function peer({ conversation, sender }) {
  return conversation.kind === "direct" ? { kind: "direct", id: sender.id } : { kind: "group", id: conversation.id };
}

/** What somebody wrote or spoke; DingTalk writes down what is spoken. */
export function words({ text, attachments = [] }) {
  return [text, ...attachments.map(({ transcript }) => transcript)].filter(Boolean).join("\n");
}

/** The context of a message that is to be answered. */
export function context({ host, cfg, account, route, message, admission, media, missing, history }) {
  const { channels } = host;
  const facts = factsOf({ channels, cfg, message, missing });
  if (admission.ingress === "unsupported" || !channels.inbound?.buildContext) {
    return channels.reply.finalizeInboundContext(older({ account, route, message, admission, media, history, facts }));
  }
  const { conversation, sender } = message;
  return channels.inbound.buildContext({
    channelIngress: admission.ingress,
    channel: ID,
    accountId: account.accountId,
    messageId: message.id,
    timestamp: facts.timestamp,
    from: facts.from,
    sender: { id: sender.id, name: sender.name || undefined, isBot: sender.isBot },
    conversation: { kind: facts.kind, id: conversation.id, label: facts.label },
    route: { agentId: route.agentId, dmScope: route.dmScope, accountId: route.accountId, routeSessionKey: route.sessionKey },
    reply: { to: facts.to, originatingTo: facts.to },
    message: { ...facts.text, inboundHistory: history.length ? history : undefined },
    access: {
      commands: { authorized: admission.commandAuthorised },
      mentions: {
        canDetectMention: message.canDetectMention,
        wasMentioned: message.wasMentioned,
        hasAnyMention: message.hasAnyMention,
      },
    },
    media,
    supplemental: { quote: facts.quote, groupSystemPrompt: prompt(account, message) },
    extra: facts.groupSubject ? { GroupSubject: facts.groupSubject } : {},
  });
}

/** An order to the session of a message, such as `/stop`, as if who wrote the message had written that next. */
export function order({ host, cfg, account, route, message, text }) {
  // OpenClaw hears nothing twice.
  const ordered = { ...message, id: randomUUID(), text, attachments: [], quote: undefined };
  const admission = { ingress: "unsupported", commandAuthorised: true };
  return context({ host, cfg, account, route, message: ordered, admission, media: [], missing: [], history: [] });
}

function factsOf({ channels, cfg, message, missing }) {
  const { conversation, sender, quote } = message;
  const isGroup = conversation.kind !== "direct";
  const label = (isGroup ? conversation.title : sender.name) || (isGroup ? conversation.id : sender.id);
  const timestamp = message.sentAtMs || message.receivedAtMs;
  const text = words(message);
  const said = [text, ...missing].filter(Boolean).join("\n");
  const body = channels.reply.formatAgentEnvelope({
    channel: NAME,
    from: isGroup ? `${label} · ${sender.name || sender.id}` : label,
    timestamp,
    body: said,
    envelope: channels.reply.resolveEnvelopeFormatOptions(cfg),
  });
  const to = target(message);
  return {
    kind: isGroup ? "group" : "direct",
    label,
    timestamp,
    to,
    from: isGroup ? `${ID}:${to}` : `${ID}:${sender.id}`,
    groupSubject: isGroup ? conversation.title : undefined,
    text: { body, bodyForAgent: said, rawBody: text, commandBody: text },
    quote: quote && { id: quote.id || undefined, body: words(quote), sender: quote.sender || undefined, isSelf: quote.ours, isQuote: true },
  };
}

/** What the configuration tells the agent of this group, or of every group. */
function prompt({ settings }, { conversation }) {
  if (conversation.kind === "direct") return undefined;
  const { [conversation.id]: own, "*": all } = settings.groups ?? {};
  const texts = [own?.systemPrompt, all?.systemPrompt].filter((text) => typeof text === "string");
  return texts.map((text) => text.trim()).find(Boolean);
}

/** The same for a runtime without facts: fields by their old names. */
function older({ account, route, message, admission, media, history, facts }) {
  const { sender, conversation } = message;
  return {
    Body: facts.text.body,
    BodyForAgent: facts.text.bodyForAgent,
    RawBody: facts.text.rawBody,
    CommandBody: facts.text.commandBody,
    From: facts.from,
    To: facts.to,
    SessionKey: route.sessionKey,
    AccountId: account.accountId,
    ChatType: facts.kind,
    ConversationLabel: facts.label,
    GroupSubject: facts.groupSubject,
    SenderName: sender.name || undefined,
    SenderId: sender.id,
    Provider: ID,
    Surface: ID,
    MessageSid: message.id,
    Timestamp: facts.timestamp,
    WasMentioned: message.wasMentioned,
    CommandAuthorized: admission.commandAuthorised,
    OriginatingChannel: ID,
    OriginatingTo: facts.to,
    NativeChannelId: conversation.id,
    GroupSystemPrompt: prompt(account, message),
    ReplyToId: facts.quote?.id,
    ReplyToBody: facts.quote?.body,
    ReplyToSender: facts.quote?.sender,
    InboundHistory: history.length ? history : undefined,
    MediaPath: media[0]?.path,
    MediaType: media[0]?.contentType,
    MediaPaths: media.map(({ path }) => path),
    MediaTypes: media.map(({ contentType }) => contentType),
    MediaTranscribedIndexes: media.flatMap(({ transcribed }, index) => (transcribed ? [index] : [])),
  };
}
