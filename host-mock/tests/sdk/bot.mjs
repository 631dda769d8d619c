// A bot made with the Stream SDK from npm, as its authors show it; only the base URL is another one.

import { pathToFileURL } from "node:url";

const { SDK_BASE, SDK_CLIENT_ID, SDK_CLIENT_SECRET, SDK_MODULES } = process.env;
const fetched = (file) => import(pathToFileURL(`${SDK_MODULES}/${file}`));
const { DWClient, EventAck, TOPIC_ROBOT } = await fetched("dingtalk-stream/dist/index.mjs");
const { default: axios } = await fetched("axios/index.js");

// The SDK has its addresses as constants: they are exchanged on their way out.
axios.interceptors.request.use((config) => {
  config.url = config.url.replace(/^https:\/\/o?api\.dingtalk\.com/, SDK_BASE);
  return config;
});

const client = new DWClient({ clientId: SDK_CLIENT_ID, clientSecret: SDK_CLIENT_SECRET, keepAlive: true });

async function api(method, path, data) {
  const headers = { "x-acs-dingtalk-access-token": await client.getAccessToken() };
  await axios({ method, url: `https://api.dingtalk.com${path}`, data, headers });
}

async function reply(message) {
  const text = message.text.content.trim();
  if (!text.startsWith("card")) {
    const body = { msgtype: "text", text: { content: `echo: ${text}` } };
    const headers = { "x-acs-dingtalk-access-token": await client.getAccessToken() };
    await axios.post(message.sessionWebhook, body, { headers });
    return;
  }
  const outTrackId = `card-${message.msgId}`;
  const words = ["one", "one two", "one two three"];
  await api("POST", "/v1.0/card/instances/createAndDeliver", {
    cardTemplateId: "382e4302-551d-4880-bf29-a30acfab2e71.schema",
    outTrackId,
    cardData: { cardParamMap: { flowStatus: "1" } },
    callbackType: "STREAM",
    openSpaceId: `dtv1.card//IM_ROBOT.${message.senderStaffId}`,
    imRobotOpenSpaceModel: { supportForward: true },
    imRobotOpenDeliverModel: { spaceType: "IM_ROBOT" },
  });
  for (const [number, content] of words.entries()) {
    const isFinalize = number === words.length - 1;
    const guid = `${outTrackId}-${number}`;
    const update = { outTrackId, guid, key: "msgContent", content, isFull: true, isFinalize, isError: false };
    await api("PUT", "/v1.0/card/streaming", update);
  }
  const cardParamMap = { msgContent: words.at(-1), flowStatus: "3" };
  await api("PUT", "/v1.0/card/instances", { outTrackId, cardData: { cardParamMap } });
}

client.registerCallbackListener(TOPIC_ROBOT, async (frame) => {
  await reply(JSON.parse(frame.data));
  client.socketCallBackResponse(frame.headers.messageId, "OK");
});
client.registerAllEventListener(() => ({ status: EventAck.SUCCESS }));
await client.connect();
