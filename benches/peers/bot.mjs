// The least bot that DingTalk's Stream SDK from npm makes: it acknowledges.

import { pathToFileURL } from "node:url";

const { BENCH_CONNECTIONS, BENCH_MODULES, DINGTALK_OPENAPI_ENDPOINT } = process.env;
const fetched = (file) => import(pathToFileURL(`${BENCH_MODULES}/${file}`));
const { DWClient, TOPIC_ROBOT } = await fetched("dingtalk-stream/dist/index.mjs");
const { default: axios } = await fetched("axios/index.js");

// The SDK has its addresses as constants: they are exchanged on their way out.
axios.interceptors.request.use((config) => {
  config.url = config.url.replace(/^https:\/\/o?api\.dingtalk\.com/, DINGTALK_OPENAPI_ENDPOINT);
  return config;
});

for (let number = 0; number < Number(BENCH_CONNECTIONS); number += 1) {
  const clientId = `dingbench${String(number).padStart(12, "0")}`;
  const client = new DWClient({ clientId, clientSecret: "a secret for the bench alone" });
  client.registerCallbackListener(TOPIC_ROBOT, (frame) => {
    client.socketCallBackResponse(frame.headers.messageId, "OK");
  });
  await client.connect();
}
