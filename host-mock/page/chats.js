// The left side: chats, and who is new.

import { fill, h, icon } from "./dom.js";
import { post } from "./api.js";
import { say, time } from "./words.js";

const COLOURS = 8;

/** A picture of somebody: the beginning of their name, on a colour of theirs. */
export function avatar(name, kind) {
  if (kind === "robot") return h("span", { class: "avatar robot" }, icon("robot"));
  if (kind === "group") return h("span", { class: "avatar group" }, icon("group"));
  let sum = 0;
  for (const letter of name) sum = (sum * 31 + letter.codePointAt(0)) % 9973;
  const [initial] = name.trim() || "?";
  return h("span", { class: `avatar colour-${sum % COLOURS}`, "aria-hidden": "true" }, initial);
}

/** One line that says what an entry is about. */
export function gist(entry) {
  if (!entry) return "";
  if (entry.recalled) return say("recalled");
  const words = { picture: say("picture"), file: say("file"), voice: say("voice"), video: say("video") }[entry.kind];
  const text = (entry.text ?? "").replace(/[#*`>]/g, "").replace(/\s+/g, " ").trim().slice(0, 60);
  return words ? `[${words}] ${entry.name ?? text}` : text || say(entry.state ?? "processing");
}

export class Chats {
  #choose;
  #list = h("div", { class: "chat-list" });
  #form = h("div", { class: "new" });
  #chats = new Map();
  #unread = new Map();
  #robots = new Map();
  #chosen = null;

  constructor(choose) {
    this.#choose = choose;
    this.element = h("nav", { class: "left" }, this.#list, this.#form);
  }

  /** All chats anew. */
  load(state) {
    this.#chats = new Map(state.chats.map((chat) => [chat.id, chat]));
    this.#robots = new Map(state.apps.map((app) => [app.clientId, app.name]));
    this.draw();
  }

  get(id) {
    return this.#chats.get(id);
  }

  first() {
    const all = [...this.#ordered("direct"), ...this.#ordered("group")];
    return all.find((chat) => chat.count > 0)?.id ?? all[0]?.id;
  }

  /** Something new was said, or has changed. */
  heard(entry) {
    const chat = this.#chats.get(entry.chat);
    if (!chat) return;
    const isNew = entry.seq > (chat.last?.seq ?? 0);
    if (isNew) chat.count += 1;
    if (isNew || entry.seq === chat.last.seq) chat.last = entry;
    if (isNew && entry.chat !== this.#chosen) this.#unread.set(entry.chat, (this.#unread.get(entry.chat) ?? 0) + 1);
  }

  chosen(id) {
    this.#chosen = id;
    this.#unread.delete(id);
    this.draw();
  }

  /** Goes up or down. */
  step(by) {
    const all = [...this.#ordered("direct"), ...this.#ordered("group")];
    const at = all.findIndex((chat) => chat.id === this.#chosen);
    const next = all[(at + by + all.length) % all.length];
    if (next) this.#choose(next.id);
  }

  #ordered(kind) {
    return [...this.#chats.values()].filter((chat) => chat.kind === kind);
  }

  draw() {
    const section = (kind, title, add) =>
      h("section", {},
        h("h2", {}, say(title), h("button", { class: "quiet round", title: say(add), "aria-label": say(add),
          onclick: () => this.#ask(kind) }, icon("plus"))),
        h("ul", {}, this.#ordered(kind).map((chat) => this.#row(chat))));
    fill(this.#list, section("direct", "private", "newPerson"), section("group", "groups", "newGroup"));
  }

  #row(chat) {
    const unread = this.#unread.get(chat.id);
    const many = this.#robots.size > 1 && chat.app;
    return h("li", {},
      h("button", { class: "chat", "aria-current": chat.id === this.#chosen && "true", "data-chat": chat.id,
        onclick: () => this.#choose(chat.id) },
        avatar(chat.title, chat.kind === "group" ? "group" : "person"),
        h("span", { class: "chat-words" },
          h("span", { class: "chat-title" }, chat.title,
            many && h("small", {}, this.#robots.get(chat.app)),
            chat.last && h("time", {}, time(chat.last.at).slice(0, 5))),
          h("span", { class: "chat-gist" }, gist(chat.last) || " ", unread && h("b", { class: "unread" }, unread)))));
  }

  #ask(kind) {
    const isGroup = kind === "group";
    const name = h("input", { name: "name", required: true, maxlength: 64, placeholder: say(isGroup ? "groupTitle" : "personName") });
    const id = !isGroup && h("input", { name: "id", required: true, maxlength: 64, placeholder: say("staffId") });
    const close = () => fill(this.#form);
    const submit = async (event) => {
      event.preventDefault();
      const done = isGroup
        ? await post("groups", { title: name.value })
        : await post("people", { staffId: id.value, nick: name.value });
      if (done) close();
    };
    fill(this.#form, h("form", { onsubmit: submit, onkeydown: (event) => event.key === "Escape" && close() }, name, id,
      h("div", { class: "row" }, h("button", { type: "submit", class: "primary" }, say("add")),
        h("button", { type: "button", onclick: close }, say("cancel")))));
    name.focus();
  }
}
