// What the accounts that run in this gateway have counted, as Prometheus reads it: on the gateway's own port, for who
// has its token.

import { channelOf } from "./accounts.js";

/** Where it is. */
export const PATH = "/plugins/dingtalk/metrics";
/** The media type of the text. */
const PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";

export function registerMetrics(api, host) {
  api.registerHttpRoute?.({
    path: PATH,
    auth: "gateway",
    match: "exact",
    handler: (request, response) => {
      const isRead = request.method === "GET" || request.method === "HEAD";
      const body = request.method === "GET" ? text(host) : undefined; // before the head, for it may fail
      response.writeHead(isRead ? 200 : 405, isRead ? { "content-type": PROMETHEUS } : { allow: "GET, HEAD" });
      response.end(body);
      return true;
    },
  });
}

/** Every account that runs, by id. */
function text(host) {
  const running = host.resolve(host.config()).accounts.map(({ id }) => [id, channelOf(id)?.metrics()]);
  return host.plugin().exposition(Object.fromEntries(running.filter(([, metrics]) => metrics)));
}
