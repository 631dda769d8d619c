// What the gateway serves to who has its token.

import assert from "node:assert/strict";
import { test } from "node:test";
import { place, slot } from "../../js/accounts.js";
import { PATH, registerMetrics } from "../../js/metrics.js";

function asked(route, method) {
  const answer = { status: 0, headers: {}, body: undefined };
  const response = {
    writeHead: (status, headers) => Object.assign(answer, { status, headers }),
    end: (body) => (answer.body = body),
  };
  assert.equal(route.handler({ method }, response), true);
  return answer;
}

test("what the accounts that run have counted is served behind the gateway's own lock", () => {
  const plugin = { exposition: (metrics) => `of ${JSON.stringify(metrics)}\n` };
  const accounts = [{ id: "metrics-one" }, { id: "metrics-off" }];
  const host = { plugin: () => plugin, config: () => ({}), resolve: () => ({ accounts }) };
  place(slot("metrics-one"), { metrics: () => ({ messages: 7 }) }, undefined);
  const routes = [];
  registerMetrics({ registerHttpRoute: (route) => routes.push(route) }, host);

  assert.deepEqual([routes[0].path, routes[0].auth], [PATH, "gateway"]);
  assert.equal(asked(routes[0], "GET").body, 'of {"metrics-one":{"messages":7}}\n');
  assert.equal(asked(routes[0], "HEAD").body, undefined);
  assert.equal(asked(routes[0], "POST").status, 405);
});

test("what cannot be told is an error of the gateway's, and not half an answer", () => {
  const broken = () => {
    throw new Error("closed");
  };
  const host = { plugin: () => ({ exposition: broken }), config: () => ({}), resolve: () => ({ accounts: [] }) };
  const routes = [];
  registerMetrics({ registerHttpRoute: (route) => routes.push(route) }, host);
  let hasBegun = false;
  assert.throws(() => routes[0].handler({ method: "GET" }, { writeHead: () => (hasBegun = true), end() {} }), /closed/);
  assert.equal(hasBegun, false);
});

test("a release that has no routes is none the worse", () => registerMetrics({}, {}));
