// The page: its parts, and what they are told.

import { fill, h, icon, perFrame, toast } from "./dom.js";
import { listen, read } from "./api.js";
import { avatar, Chats } from "./chats.js";
import { Composer } from "./composer.js";
import { Connect, Faults, Timeline } from "./side.js";
import { remember, remembered, say, speak, spoken } from "./words.js";
import { Talk } from "./talk.js";

let state = null;
let chat = null;
let isLive = false;
let faultCount = 0;
/** What changes while everything is read anew, and how many readings are under way. */
let early = [];
let loading = 0;
let tab = remembered("tab") ?? "timeline";

const chats = new Chats(choose);
const composer = new Composer(() => chat && talk.open(chat));
const talk = new Talk(() => composer.speaker(), (entry) => composer.quote(entry));
const timeline = new Timeline();
const faults = new Faults((count) => {
  faultCount = count;
  drawTabs();
});
const connect = new Connect();
const panels = { timeline, faults, connect };

const top = h("header", { class: "top" });
const tabs = h("div", { class: "tabs", role: "tablist", onkeydown: arrows });
const side = h("aside", { class: "side" }, tabs, Object.values(panels).map((panel) => panel.element));
const brand = h("header", { class: "brand" });
const tail = h("footer", { class: "tail" });
const left = h("div", { class: "column" }, brand, chats.element, tail);
const page = h("div", { class: "app" }, left, h("main", { class: "talk" }, top, talk.element, composer.element), side);
const redrawChats = perFrame(() => chats.draw());

function choose(id) {
  const found = chats.get(id);
  if (!found) return;
  chat = found;
  remember("chat", id);
  chats.chosen(id);
  composer.open(chat, state);
  talk.open(chat);
  drawTop();
}

async function load() {
  loading += 1;
  const found = await read("state");
  if (found) {
    take(found);
    const kept = chat?.id ?? remembered("chat");
    choose(chats.get(kept) ? kept : chats.first());
    await Promise.all([timeline.load(), faults.load()]);
  }
  loading -= 1;
  if (loading === 0) update(early.splice(0));
}

function take(found) {
  state = found;
  chats.load(state);
  connect.load(state);
  drawTop();
}

function update(changes) {
  if (loading > 0) {
    // It may be newer than what is being read.
    early.push(...changes);
    return;
  }
  for (const change of changes) {
    if (change.type === "entry") {
      chats.heard(change.entry);
      talk.heard(change.entry);
      redrawChats();
    } else if (change.type === "line") timeline.heard(change.line);
    else if (change.type === "faults") faults.show(change.faults);
    else if (change.type === "connections" && state) {
      state.connections = change.connections;
      connect.load(state);
      drawTop();
    } else if (change.type === "state") {
      take(change.state);
      if (chat) composer.open(chats.get(chat.id) ?? chat, state);
    }
  }
}

function drawTop() {
  if (!chat || !state) return;
  const robot = state.apps.find((app) => app.clientId === chat.app)?.name ?? state.apps.map((app) => app.name).join("、");
  const words = chat.kind === "group" ? say("people", state.people.length, robot) : say("withRobot", robot);
  fill(top, avatar(chat.title, chat.kind === "group" ? "group" : "person"),
    h("div", { class: "title" }, h("h1", {}, chat.title), h("p", {}, words)),
    pill(),
    h("button", { class: "quiet round panel-button", title: say("panel"), "aria-label": say("panel"),
      onclick: () => page.classList.toggle("with-side") }, icon("panel")));
}

function pill() {
  const open = state.connections.filter((it) => !it.draining);
  const [kind, key] = !isLive ? ["bad", "offline"]
    : open.some((it) => it.zombie) ? ["warn", "zombie"]
    : open.length > 0 ? ["good", "connected"]
    : state.connections.length > 0 ? ["warn", "draining"] : ["bad", "notConnected"];
  return h("span", { class: `pill ${kind}`, role: "status" }, h("i"), say(key));
}

function drawTabs() {
  fill(tabs, Object.keys(panels).map((name) => h("button", { role: "tab", "aria-selected": String(name === tab),
    tabindex: name === tab ? "0" : "-1", "data-tab": name, onclick: () => openTab(name) }, say(name),
    name === "faults" && faultCount > 0 && h("b", { class: "count" }, faultCount))));
  for (const [name, panel] of Object.entries(panels)) panel.element.hidden = name !== tab;
}

function openTab(name) {
  tab = name;
  remember("tab", name);
  drawTabs();
  tabs.querySelector("[aria-selected=true]").focus();
}

function arrows(event) {
  const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!by) return;
  const names = Object.keys(panels);
  openTab(names[(names.indexOf(tab) + by + names.length) % names.length]);
}

function drawFrame() {
  fill(brand, h("span", { class: "logo" }, icon("send")), h("div", {}, h("strong", {}, say("simulator")),
    h("small", {}, "openclaw-dingtalk")));
  const tool = (name, key, act) => h("button", { class: "quiet round", title: say(key), "aria-label": say(key), onclick: act }, icon(name));
  fill(tail, tool("save", "exportChats", save), tool("moon", "theme", turnTheme),
    h("button", { class: "quiet", onclick: turnLanguage }, say("language")), h("small", {}, say("keys")));
}

function turnLanguage() {
  speak(spoken() === "zh" ? "en" : "zh");
  drawFrame();
  drawTabs();
  for (const panel of Object.values(panels)) panel.draw();
  if (state && chat) choose(chat.id);
}

function turnTheme() {
  const isDark = matchMedia("(prefers-color-scheme: dark)").matches;
  const now = document.documentElement.dataset.theme ?? (isDark ? "dark" : "light");
  dress(now === "dark" ? "light" : "dark");
}

function dress(theme) {
  document.documentElement.dataset.theme = theme;
  remember("theme", theme);
}

async function save() {
  const scenario = await read("scenario");
  if (!scenario) return;
  const address = URL.createObjectURL(new Blob([JSON.stringify(scenario, null, 2)], { type: "application/json" }));
  h("a", { href: address, download: "scenario.json" }).click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}

document.addEventListener("keydown", (event) => {
  const writes = /^(input|textarea|select)$/i.test(event.target.tagName);
  const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (event.altKey && by) {
    event.preventDefault();
    chats.step(by);
  } else if (event.key === "/" && !writes) {
    event.preventDefault();
    composer.focus();
  }
});

// Who opens the link of a registration is asked there.
if (new URLSearchParams(location.search).has("scan")) tab = "connect";
speak(spoken());
if (remembered("theme")) dress(remembered("theme"));
drawFrame();
drawTabs();
timeline.draw();
document.getElementById("app").replaceWith(page);

listen({
  hello: () => {
    isLive = true;
    load();
  },
  updates: update,
  gone: () => {
    isLive = false;
    drawTop();
  },
  missed: () => toast(say("missed")),
});
