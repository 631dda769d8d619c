// The right side: what goes over the line, what goes wrong on purpose, and how to connect.

import { fill, h, icon, perFrame, toast } from "./dom.js";
import { post, read, remove } from "./api.js";
import { say, span, spoken, time } from "./words.js";

/** How many lines stand there at most, and how many are made in a frame. */
const MOST = 400;
const PER_FRAME = 60;

const LANES = ["allLanes", "api", "frame", "connection"];
const SHORT = { connection: ["connection", "fault", "violation"] };

export class Timeline {
  #list = h("ol", { class: "lines" });
  #rows = new Map();
  #waiting = new Map();
  #lane = "allLanes";
  #words = "";
  #flush = perFrame(() => this.#work());
  #bar = h("div", { class: "bar" });

  constructor() {
    this.element = h("div", { class: "panel timeline", role: "tabpanel" }, this.#bar, this.#list);
  }

  async load() {
    const found = await read("timeline", { limit: 200 });
    if (!found) return;
    this.#rows.clear();
    fill(this.#list);
    for (const line of found.lines) this.#put(line);
  }

  heard(line) {
    this.#waiting.set(line.id, line);
    this.#flush();
  }

  draw() {
    const lane = (name) => h("button", { class: "chip", "aria-pressed": String(name === this.#lane),
      onclick: () => this.#choose(name) }, say(name));
    const search = h("input", { type: "search", placeholder: say("filter"), "aria-label": say("filter"), value: this.#words,
      oninput: (event) => {
        this.#words = event.target.value.toLowerCase();
        this.#filter();
      } });
    fill(this.#bar, h("div", { class: "chips" }, LANES.map(lane)), search);
  }

  #choose(lane) {
    this.#lane = lane;
    this.draw();
    this.#filter();
  }

  #filter() {
    for (const { line, element } of this.#rows.values()) element.hidden = !this.#wants(line);
  }

  #wants(line) {
    const lanes = SHORT[this.#lane] ?? [this.#lane];
    const inLane = this.#lane === "allLanes" || lanes.includes(line.lane);
    return inLane && (!this.#words || `${line.label} ${line.method} ${line.status} ${line.code}`.toLowerCase().includes(this.#words));
  }

  #work() {
    let left = PER_FRAME;
    if (this.#waiting.size > MOST) this.#waiting = new Map([...this.#waiting].slice(-MOST));
    for (const [id, line] of this.#waiting) {
      if (left === 0) break;
      left -= 1;
      this.#waiting.delete(id);
      this.#put(line);
    }
    for (const [id, { element }] of this.#rows) {
      if (this.#rows.size <= MOST) break;
      element.remove();
      this.#rows.delete(id);
    }
    if (this.#waiting.size > 0) this.#flush();
  }

  #put(line) {
    const known = this.#rows.get(line.id);
    const element = known?.element ?? h("li", { "data-line": line.id });
    const detail = known?.element.querySelector(".detail");
    fill(element, this.#row(line, element), detail);
    element.hidden = !this.#wants(line);
    this.#rows.set(line.id, { line, element });
    // The newest is on top.
    if (!known) this.#list.prepend(element);
  }

  #row(line, element) {
    const label = line.label.replace(/^\/v1\.0/, "");
    const what = line.lane === "api" ? line.method : line.lane === "frame" ? "PUSH" : say(line.lane);
    return h("button", { class: `line ${line.lane} ${line.state}`, "aria-expanded": "false", title: line.label,
      onclick: (event) => this.#open(line, element, event.currentTarget) },
      h("time", {}, time(line.at)), h("span", { class: "lane" }, what), h("span", { class: "label" }, label),
      h("span", { class: "status" }, line.code ?? line.status ?? (line.state === "open" ? "…" : "")),
      h("span", { class: "ms" }, span(line.ms)));
  }

  async #open(line, element, button) {
    const open = element.querySelector(".detail");
    button.setAttribute("aria-expanded", String(!open));
    if (open) {
      open.remove();
      return;
    }
    const found = await read("timeline", { id: line.id });
    if (!found || element.querySelector(".detail")) return;
    const part = (name) => found[name] !== undefined && found[name] !== null &&
      [h("h4", {}, say(name)), h("pre", {}, JSON.stringify(found[name], null, 2))];
    element.append(h("div", { class: "detail" }, h("p", { class: "whole" }, found.label),
      part("request"), part("answer"), part("data"), part("deliveries")));
  }
}

export class Faults {
  #faults = [];
  #changed;

  /** `changed` is told how many are on. */
  constructor(changed) {
    this.#changed = changed;
    this.element = h("div", { class: "panel faults", role: "tabpanel" });
  }

  async load() {
    const found = await read("faults");
    if (found) this.show(found.faults);
  }

  show(faults) {
    this.#faults = faults;
    this.draw();
  }

  /** Those that are on; what is on by itself is none. */
  #on() {
    return this.#faults.filter((fault) => fault.on && !fault.usual);
  }

  draw() {
    const focused = document.activeElement?.dataset?.fault;
    const groups = Map.groupBy(this.#faults, (fault) => fault.group);
    const count = this.#on().length;
    this.#changed(count);
    fill(this.element,
      h("div", { class: "bar" }, h("b", { class: count ? "warn" : "good" }, count ? say("someOn", count) : say("noneOn")),
        h("button", { disabled: count === 0, onclick: () => this.#clear() }, say("allOff"))),
      [...groups].map(([group, faults]) => h("section", {}, h("h3", {}, say(group)), faults.map((fault) => this.#row(fault)))));
    if (focused) this.element.querySelector(`[data-fault="${CSS.escape(focused)}"]`)?.focus();
  }

  #row(fault) {
    const label = spoken() === "zh" ? fault.zh : fault.en;
    const number = fault.number && h("input", { type: "number", min: 1, max: fault.number.most, value: fault.number.value,
      "aria-label": `${label} (${fault.number.unit})`,
      onchange: () => fault.on && this.#turn(fault, true, Number(number.value)) });
    const control = fault.once
      ? h("button", { class: "shot", "data-fault": fault.name, onclick: () => this.#turn(fault, true) }, icon("bolt"), say("once"))
      : h("button", { class: "switch", role: "switch", "aria-checked": String(fault.on), "aria-label": label, "data-fault": fault.name,
        onclick: () => this.#turn(fault, !fault.on, number && !fault.on ? Number(number.value) : undefined) }, h("i"));
    return h("div", { class: fault.on && !fault.usual ? "fault on" : "fault" }, h("span", { title: fault.name }, label),
      number && h("span", { class: "number" }, number, fault.number.unit), control);
  }

  async #turn(fault, on, value) {
    const found = await post("faults", { name: fault.name, on, value });
    if (found) this.show(found.faults);
  }

  async #clear() {
    const found = await remove("faults");
    if (found) this.show(found.faults);
  }
}

export class Connect {
  #state = null;

  constructor() {
    this.element = h("div", { class: "panel connect", role: "tabpanel" });
  }

  load(state) {
    this.#state = state;
    this.draw();
  }

  draw() {
    if (!this.#state) return;
    const { baseUrl, apps, connections, scannable = [] } = this.#state;
    const row = (label, value) => h("div", { class: "fact" }, h("span", {}, label), h("code", {}, value),
      h("button", { class: "quiet round", "aria-label": `${say("copy")}: ${label}`, title: say("copy"),
        onclick: () => copy(value) }, icon("copy")));
    const config = `channels: {\n  dingtalk: {\n    clientId: "${apps[0]?.clientId}",\n    clientSecret: "${apps[0]?.clientSecret}",\n` +
      `    endpoints: { api: "${baseUrl}", oapi: "${baseUrl}" },\n  },\n}`;
    const scan = (code) => h("div", { class: "fact scan" }, h("span", {}, say("waitsForScan")), h("code", {}, code),
      h("button", { onclick: () => post("scans", { code, allow: true }) }, say("allowScan")),
      h("button", { class: "quiet", onclick: () => post("scans", { code, allow: false }) }, say("refuseScan")));
    fill(this.element, scannable.map(scan), h("p", {}, say("howTo")), row(say("baseUrl"), baseUrl),
      apps.map((app) => h("section", {}, h("h3", {}, app.name), row("Client ID", app.clientId), row("Client Secret", app.clientSecret))),
      h("h3", {}, "openclaw.json"), h("pre", {}, config),
      h("h3", {}, say("connections")),
      h("ul", { class: "connections" }, connections.map((it) => h("li", {}, `#${it.id} `, h("code", {}, it.userAgent || it.app),
        it.draining && ` · ${say("draining")}`, it.zombie && ` · ${say("zombie")}`))),
      connections.length === 0 && h("p", { class: "warn" }, say("notConnected")));
  }
}

async function copy(text) {
  await navigator.clipboard.writeText(text);
  toast(say("copied"));
}
