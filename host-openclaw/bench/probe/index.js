// The least JavaScript that answers DingTalk with a card in OpenClaw: what every plugin is measured beside.
//
// It keeps nothing, repairs nothing and lets everyone in. It acknowledges a message before anything else, and
// shows each text as soon as the one before has been taken.

const ID = "dingtalk-probe";
const TOPIC = "/v1.0/im/bot/messages/get";
const TEMPLATE = "02fcf2f4-5e02-4a85-b672-46d1f715543e.schema";
/** Between two partial texts, in ms: DingTalk takes twenty calls a second. */
const PACE = 100;

export default {
  id: ID,
  name: "DingTalk probe",
  register(api) {
    const section = (cfg) => cfg?.channels?.[ID] ?? {};
    const account = (cfg) => ({ accountId: "default", enabled: true, configured: Boolean(section(cfg).clientId) });
    const plugin = {
      id: ID,
      meta: { id: ID, label: ID, selectionLabel: ID, docsPath: `/channels/${ID}`, blurb: "probe", markdownCapable: true },
      capabilities: { chatTypes: ["direct"], blockStreaming: false },
      config: {
        listAccountIds: (cfg) => (section(cfg).clientId ? ["default"] : []),
        resolveAccount: account,
        defaultAccountId: () => "default",
        isEnabled: () => true,
        isConfigured: ({ configured }) => configured,
      },
      gateway: { startAccount: (ctx) => run(api, section(ctx.cfg), ctx) },
    };
    api.registerChannel({ plugin });
  },
};

async function run(api, section, ctx) {
  const dingtalk = new DingTalk(section);
  const { endpoint, ticket } = await dingtalk.call("POST", "/v1.0/gateway/connections/open", {
    clientId: section.clientId,
    clientSecret: section.clientSecret,
    subscriptions: [{ type: "CALLBACK", topic: TOPIC }],
    ua: "dingtalk-probe/1.0.0",
  });
  const socket = new WebSocket(`${endpoint}?ticket=${encodeURIComponent(ticket)}`);
  socket.onmessage = ({ data: text }) => {
    const { type, headers, data } = JSON.parse(text);
    if (headers.topic === "disconnect") return;
    const echoed = type === "SYSTEM" ? data : '{"response":null}';
    const { messageId } = headers;
    socket.send(JSON.stringify({ code: 200, headers: { contentType: "application/json", messageId }, message: "OK", data: echoed }));
    if (headers.topic === TOPIC) answer(api, dingtalk, ctx, JSON.parse(data)).catch((error) => ctx.log?.error(String(error.stack ?? error)));
  };
  socket.onopen = () => ctx.setStatus({ ...ctx.getStatus(), connected: true });
  await new Promise((resolve) => ctx.abortSignal.addEventListener("abort", resolve, { once: true }));
  socket.close();
}

async function answer(api, dingtalk, ctx, message) {
  const { channel, config } = api.runtime;
  const cfg = config.current();
  const { accountId } = ctx;
  const card = new Card(dingtalk, message);
  const peer = { kind: "direct", id: message.senderStaffId };
  const route = channel.routing.resolveAgentRoute({ cfg, channel: ID, accountId, peer });
  const text = message.text.content.trim();
  const to = `user:${peer.id}`;
  const ctxPayload = channel.reply.finalizeInboundContext({
    Body: text,
    BodyForAgent: text,
    RawBody: text,
    CommandBody: text,
    From: `${ID}:${peer.id}`,
    To: to,
    SessionKey: route.sessionKey,
    AccountId: accountId,
    ChatType: "direct",
    SenderName: message.senderNick,
    SenderId: peer.id,
    Provider: ID,
    Surface: ID,
    MessageSid: message.msgId,
    Timestamp: message.createAt,
    OriginatingChannel: ID,
    OriginatingTo: to,
  });
  await channel.reply.dispatchReplyWithBufferedBlockDispatcher({
    ctx: ctxPayload,
    cfg,
    dispatcherOptions: {
      deliver: ({ text: said }, { kind }) => (kind === "final" ? card.end(said) : undefined),
      onError: (error) => ctx.log?.error(String(error)),
    },
    replyOptions: { disableBlockStreaming: true, onPartialReply: (partial) => card.show(partial.text) },
  });
}

/** One card: made as soon as the message is there, at most one call at a time. */
class Card {
  #text = "";
  #isShowing = false;
  #isEnding = false;
  /** Settles when no call is under way. */
  #quiet;

  constructor(dingtalk, { msgId, senderStaffId, robotCode }) {
    this.dingtalk = dingtalk;
    this.id = `probe-${msgId}`;
    this.#quiet = dingtalk.call("POST", "/v1.0/card/instances/createAndDeliver", {
      cardTemplateId: TEMPLATE,
      outTrackId: this.id,
      callbackType: "STREAM",
      cardData: { cardParamMap: { flowStatus: "1", msgContent: "" } },
      imRobotOpenSpaceModel: { supportForward: true },
      openSpaceId: `dtv1.card//IM_ROBOT.${senderStaffId}`,
      imRobotOpenDeliverModel: { spaceType: "IM_ROBOT", robotCode },
      userIdType: 1,
    });
  }

  show(text) {
    this.#text = text ?? "";
    if (this.#isShowing || this.#isEnding) return;
    this.#isShowing = true;
    this.#quiet = this.#quiet.then(() => this.#showLatest());
  }

  async #showLatest() {
    if (this.#isEnding) return;
    await this.#stream(this.#text, false);
    setTimeout(() => {
      this.#isShowing = false;
    }, PACE);
  }

  async end(text) {
    this.#isEnding = true;
    await this.#quiet;
    await this.#stream(text, true);
    await this.dingtalk.call("PUT", "/v1.0/card/instances", {
      outTrackId: this.id,
      cardData: { cardParamMap: { flowStatus: "3", msgContent: text } },
      cardUpdateOptions: { updateCardDataByKey: true },
    });
  }

  #stream(content, isFinalize) {
    const guid = crypto.randomUUID();
    const body = { outTrackId: this.id, guid, key: "msgContent", content, isFull: true, isFinalize, isError: false };
    return this.dingtalk.call("PUT", "/v1.0/card/streaming", body);
  }
}

/** DingTalk's HTTP calls, with one token for good. */
class DingTalk {
  #token;

  constructor({ clientId, clientSecret, endpoints }) {
    this.base = endpoints.api;
    this.credentials = { appKey: clientId, appSecret: clientSecret };
  }

  async call(method, path, body) {
    const headers = { "content-type": "application/json", accept: "application/json" };
    if (!path.startsWith("/v1.0/gateway/")) {
      this.#token ??= this.#ask("POST", "/v1.0/oauth2/accessToken", this.credentials, headers);
      headers["x-acs-dingtalk-access-token"] = (await this.#token).accessToken;
    }
    return this.#ask(method, path, body, headers);
  }

  async #ask(method, path, body, headers) {
    const answer = await fetch(this.base + path, { method, headers: { ...headers }, body: JSON.stringify(body) });
    const said = await answer.text();
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${said}`);
    return JSON.parse(said);
  }
}
