// Where people write.

import { fill, h, icon, toast } from "./dom.js";
import { post } from "./api.js";
import { gist } from "./chats.js";
import { say } from "./words.js";

/** The largest file that DingTalk takes, in bytes. */
const LARGEST = 20 * 1024 * 1024;

export class Composer {
  #chat = null;
  #state = null;
  #quote = null;
  #spoken;
  #people = h("select", { class: "speaker", onchange: () => this.#spoken() });
  #robot = h("select", { class: "robot-choice" });
  #mention = h("button", { type: "button", class: "mention-it", "aria-pressed": "true", onclick: () => this.#toggle() });
  #text = h("textarea", { rows: 1, maxlength: 20000, onkeydown: (event) => this.#key(event), oninput: () => this.#grow() });
  #above = h("div", { class: "above" });
  #tools = h("div", { class: "tools" });

  /** `spoken` is told when somebody else is to write. */
  constructor(spoken) {
    this.#spoken = spoken;
    this.element = h("form", { class: "composer", onsubmit: (event) => this.#submit(event) });
  }

  /** Who writes now, by staff id. */
  speaker() {
    return this.#chat?.kind === "group" ? this.#people.value : this.#chat?.person;
  }

  open(chat, state) {
    if (this.#chat?.id !== chat.id) this.#quote = null;
    this.#chat = chat;
    this.#state = state;
    this.draw();
  }

  quote(entry) {
    this.#quote = entry;
    this.draw();
    this.focus();
  }

  focus() {
    this.#text.focus();
  }

  draw() {
    if (!this.#chat) return;
    const isGroup = this.#chat.kind === "group";
    const [was, robot] = [this.#people.value, this.#robot.value];
    const { people, apps } = this.#state;
    fill(this.#people, people.map((it) => h("option", { value: it.staffId }, it.nick)));
    fill(this.#robot, apps.map((it) => h("option", { value: it.clientId }, it.name)));
    if (people.some((it) => it.staffId === was)) this.#people.value = was;
    if (apps.some((it) => it.clientId === robot)) this.#robot.value = robot;
    this.#people.setAttribute("aria-label", say("as"));
    this.#text.setAttribute("placeholder", say("writeTo"));
    this.#text.setAttribute("aria-label", say("writeTo"));
    this.#drawMention();
    const pick = (kind, accept) => this.#tool(kind, () => this.#pick(kind, accept));
    fill(this.#tools,
      isGroup && h("label", { class: "as" }, say("as"), this.#people),
      isGroup && this.#mention, isGroup && apps.length > 1 && this.#robot,
      h("span", { class: "space" }),
      pick("picture", "image/*"), !isGroup && pick("file", ""), !isGroup && this.#tool("voice", () => this.#speak()));
    fill(this.#above, this.#quote && h("div", { class: "quoting" }, h("span", {}, say("quoting", gist(this.#quote))),
      h("button", { type: "button", class: "quiet round", "aria-label": say("cancel"), onclick: () => this.quote(null) }, icon("close"))));
    if (!this.element.firstChild) {
      this.element.append(this.#above, this.#tools, h("div", { class: "row" }, this.#text,
        h("button", { class: "primary send", type: "submit" }, icon("send"))));
    }
    this.element.querySelector(".send").setAttribute("aria-label", say("send"));
  }

  #tool(kind, act) {
    return h("button", { type: "button", class: "quiet round", title: say(kind), "aria-label": say(kind), onclick: act }, icon(kind));
  }

  #toggle() {
    this.#mention.setAttribute("aria-pressed", String(!this.#mentions()));
    this.#drawMention();
  }

  #mentions() {
    return this.#mention.getAttribute("aria-pressed") === "true";
  }

  #drawMention() {
    const app = this.#state.apps.find((it) => it.clientId === this.#robot.value) ?? this.#state.apps[0];
    fill(this.#mention, say("mention", app?.name ?? ""));
    this.#mention.setAttribute("title", say("mentionHint"));
  }

  #key(event) {
    // While an input method is open, Enter belongs to it.
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) this.#submit(event);
    if (event.key === "Escape" && this.#quote) this.quote(null);
  }

  #grow() {
    this.#text.style.height = "auto";
    this.#text.style.height = `${Math.min(this.#text.scrollHeight, 160)}px`;
  }

  /** What every message says of its way. */
  #way() {
    if (this.#chat.kind !== "group") return { chat: this.#chat.id };
    const to = this.#robot.value || undefined;
    return { chat: this.#chat.id, person: this.speaker(), mention: this.#mentions(), to };
  }

  async #submit(event) {
    event.preventDefault();
    const text = this.#text.value;
    if (!text.trim()) return;
    this.#text.value = "";
    this.#grow();
    const sent = await post("messages", { ...this.#way(), text, quote: this.#quote?.id });
    if (sent) this.quote(null);
    else if (!this.#text.value) this.#text.value = text;
  }

  #pick(kind, accept) {
    const input = h("input", { type: "file", accept });
    input.addEventListener("change", async () => {
      const [file] = input.files;
      if (!file) return;
      if (file.size > LARGEST) {
        toast(say("tooLarge"), true);
        return;
      }
      const text = kind === "picture" && this.#text.value.trim() ? this.#text.value : undefined;
      const sent = await post("messages", { ...this.#way(), text, [kind]: { name: file.name, base64: await base64(file) } });
      if (sent && text) this.#text.value = "";
    });
    input.click();
  }

  #speak() {
    const words = h("input", { class: "grow", placeholder: say("voiceText"), "aria-label": say("voiceText") });
    const seconds = h("input", { type: "number", min: 1, max: 60, value: 3, "aria-label": say("voiceSeconds") });
    const submit = async () => {
      const durationMs = Math.round(Number(seconds.value) * 1000);
      if (await post("messages", { ...this.#way(), voice: { transcript: words.value, durationMs } })) this.draw();
    };
    const keys = (event) => {
      if (event.key === "Escape") this.draw();
      if (event.key === "Enter") {
        event.preventDefault();
        submit();
      }
    };
    fill(this.#above, h("div", { class: "quoting", onkeydown: keys }, icon("voice"), words, seconds, say("voiceSeconds"),
      h("button", { type: "button", class: "primary", onclick: submit }, say("send")),
      h("button", { type: "button", class: "quiet round", "aria-label": say("cancel"), onclick: () => this.draw() }, icon("close"))));
    words.focus();
  }
}

function base64(file) {
  return new Promise((done, failed) => {
    const reader = new FileReader();
    reader.onload = () => done(reader.result.slice(reader.result.indexOf(",") + 1));
    reader.onerror = () => failed(reader.error);
    reader.readAsDataURL(file);
  });
}
