// The middle: one chat. However much is said in it, few elements are there at a time, and few are made in a frame.

import { fill, h, icon, perFrame } from "./dom.js";
import { post, read } from "./api.js";
import { avatar, gist } from "./chats.js";
import { markdown } from "./markdown.js";
import { say, span, time } from "./words.js";

/** How many entries are asked for at once, how many stand there at most, and how long a frame may work. */
const PAGE = 60;
const MOST = 400;
const FRAME_MS = 8;
/** Closer than this to the end counts as being there. */
const NEAR = 120;

export class Talk {
  #speaker;
  #quote;
  #stream = h("div", { class: "stream", role: "log", tabindex: "0" });
  #more = h("button", { class: "newer", hidden: true, onclick: () => this.#toEnd() });
  #chat = null;
  /** What stands there, by key: the entry and its element, in the order of the elements. */
  #shown = new Map();
  #waiting = new Map();
  #isWhole = false;
  #isLoading = false;
  /** How many readings of a whole chat are under way. */
  #opening = 0;
  #unseen = 0;
  /** Whether the end stays in sight, where it was last, and whether newer ones are left out. */
  #follows = true;
  #top = 0;
  #isCut = false;
  #flush = perFrame(() => this.#work());

  /** `speaker` tells who writes now; `quote` is told what is to be quoted. */
  constructor(speaker, quote) {
    this.#speaker = speaker;
    this.#quote = quote;
    this.#stream.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    this.element = h("div", { class: "talk-body" }, this.#stream, this.#more);
  }

  /** Shows a chat from its end. */
  async open(chat) {
    this.#chat = chat.id;
    this.#waiting.clear();
    this.#opening += 1;
    const found = await read("entries", { chat: chat.id, limit: PAGE });
    this.#opening -= 1;
    if (found && this.#chat === chat.id) this.#begin(found.entries);
    // What was heard meanwhile may be newer than what was read.
    if (this.#waiting.size > 0) this.#flush();
  }

  #begin(entries) {
    this.#shown.clear();
    this.#isCut = false;
    this.#isWhole = entries.length < PAGE;
    fill(this.#stream, entries.length === 0 && h("p", { class: "empty" }, say("empty")));
    for (const entry of entries) this.#put(entry);
    this.#toEnd();
  }

  /** Something was said here or has changed; it is shown by the next frame. */
  heard(entry) {
    if (entry.chat !== this.#chat) return;
    this.#waiting.set(entry.key, entry);
    this.#flush();
  }

  #isAtEnd() {
    return this.#stream.scrollHeight - this.#stream.scrollTop - this.#stream.clientHeight < NEAR;
  }

  #work() {
    if (this.#opening > 0) return;
    const begun = performance.now();
    // Who follows will not read what would be gone the next moment.
    if (this.#follows && this.#waiting.size > MOST) this.#skip();
    for (const [key, entry] of this.#waiting) {
      this.#waiting.delete(key);
      this.#put(entry);
      if (performance.now() - begun > FRAME_MS) break;
    }
    if (this.#follows) {
      this.#trim();
      this.#scrollToEnd();
    }
    this.#tell();
    if (this.#waiting.size > 0) this.#flush();
  }

  #skip() {
    const newest = [...this.#waiting.keys()].slice(-MOST);
    const kept = newest.map((key) => [key, this.#waiting.get(key)]);
    this.#waiting = new Map(kept);
    this.#shown.clear();
    this.#isWhole = false;
    fill(this.#stream);
  }

  /** What is far above the end goes; it is loaded again by whoever goes there. */
  #trim() {
    for (const [key, { element }] of this.#shown) {
      if (this.#shown.size <= MOST) return;
      element.remove();
      this.#shown.delete(key);
      this.#isWhole = false;
    }
  }

  #put(entry) {
    const known = this.#shown.get(entry.key);
    if (known && entry.kind === "card" && this.#grow(known, entry)) return;
    const element = this.#draw(entry);
    if (known) {
      known.element.replaceWith(element);
      this.#shown.set(entry.key, { entry, element });
      return;
    }
    this.#stream.querySelector(".empty")?.remove();
    if (!this.#follows && this.#shown.size >= 2 * MOST) {
      // Who reads further up is not given more below, and comes to the end by the button.
      this.#isCut = true;
      this.#unseen += 1;
      return;
    }
    const last = [...this.#lastShown()].pop();
    if (!last || last.entry.seq < entry.seq) {
      this.#stream.append(element);
      this.#shown.set(entry.key, { entry, element });
      this.#newest = entry.key;
      this.#unseen += 1;
    } else this.#between(entry, element);
  }

  /** A card grows in its place, so that whoever is about to press its button meets it. */
  #grow(known, entry) {
    const card = known.element.querySelector(".card");
    const isSame = JSON.stringify(known.entry.buttons) === JSON.stringify(entry.buttons);
    if (!card || entry.recalled || !isSame) return false;
    card.className = `card ${entry.state}`;
    card.dataset.state = entry.state;
    card.querySelector(".card-head").replaceWith(cardHead(entry));
    if (known.entry.text !== entry.text) card.querySelector(".markdown").replaceWith(markdown(entry.text || "…", true));
    known.entry = entry;
    return true;
  }

  #newest = null;

  #lastShown() {
    const last = this.#shown.get(this.#newest);
    return last ? [last] : [...this.#shown.values()].slice(-1);
  }

  /** Older than the newest: it goes where it belongs, unless that is above what is shown. */
  #between(entry, element) {
    const all = [...this.#shown.values()];
    const next = all.find((shown) => shown.entry.seq > entry.seq);
    if (next === all[0] && !this.#isWhole) return;
    next.element.before(element);
    const rest = new Map([...this.#shown, [entry.key, { entry, element }]]);
    this.#shown = new Map([...rest].sort(([, a], [, b]) => a.entry.seq - b.entry.seq));
  }

  #tell() {
    if (this.#follows) this.#unseen = 0;
    this.#more.hidden = this.#unseen === 0;
    if (this.#unseen > 0) fill(this.#more, icon("down"), say("newer", this.#unseen));
  }

  #toEnd() {
    this.#follows = true;
    if (this.#isCut) this.open({ id: this.#chat });
    this.#scrollToEnd();
    this.#tell();
  }

  #scrollToEnd() {
    this.#stream.scrollTop = this.#stream.scrollHeight;
    this.#top = this.#stream.scrollTop;
  }

  /** Sizes change while things are drawn: only who goes up stops following. */
  #scrolled() {
    const { scrollTop } = this.#stream;
    if (this.#isAtEnd()) this.#follows = !this.#isCut;
    else if (scrollTop < this.#top) this.#follows = false;
    this.#top = scrollTop;
    this.#tell();
    if (this.#stream.scrollTop < 400) this.#older();
  }

  async #older() {
    const [oldest] = this.#shown.values();
    if (this.#isLoading || this.#isWhole || !oldest) return;
    this.#isLoading = true;
    const found = await read("entries", { chat: this.#chat, before: oldest.entry.seq, limit: PAGE });
    this.#isLoading = false;
    if (!found || oldest.entry.chat !== this.#chat) return;
    this.#isWhole = found.entries.length < PAGE;
    const above = this.#stream.scrollHeight - this.#stream.scrollTop;
    const drawn = found.entries.map((entry) => ({ entry, element: this.#draw(entry) }));
    this.#stream.prepend(...drawn.map(({ element }) => element));
    this.#shown = new Map([...drawn.map((one) => [one.entry.key, one]), ...this.#shown]);
    this.#stream.scrollTop = this.#stream.scrollHeight - above;
  }

  #draw(entry) {
    const isMine = entry.from?.kind === "person" && entry.from.id === this.#speaker();
    const name = entry.from?.name ?? "?";
    const shape = entry.kind === "card" ? card(entry, this.#speaker) : bubble(entry);
    const quote = entry.id && !entry.recalled && h("button", { class: "quiet round quote-it", title: say("quote"),
      "aria-label": `${say("quote")}: ${gist(entry)}`, onclick: () => this.#quote(entry) }, icon("quote"));
    return h("article", { class: isMine ? "entry mine" : "entry", "data-key": entry.key, "data-kind": entry.kind },
      avatar(name, entry.from?.kind),
      h("div", { class: "said" },
        h("header", {}, h("b", {}, name), h("time", {}, time(entry.at)), quote),
        shape, footer(entry)));
  }
}

function bubble(entry) {
  if (entry.recalled) return h("div", { class: "bubble gone" }, say("recalled"));
  if (entry.withheld) return h("div", { class: "bubble gone" }, say("withheld"));
  const quoted = entry.quote && h("blockquote", { class: "quoted" }, entry.quote.text || `[${entry.quote.kind}]`);
  return h("div", { class: `bubble ${entry.kind}` }, quoted, content(entry));
}

function content(entry) {
  const text = entry.text && h("div", { class: "plain" }, entry.text);
  switch (entry.kind) {
    case "markdown":
      return markdown(entry.text ?? "", false);
    case "picture":
      return [text, (entry.pictures ?? []).map((source) => source
        ? h("img", { src: source, alt: say("picture"), loading: "lazy" })
        : h("span", { class: "elsewhere" }, `🖼 ${say("pictureElsewhere")}`))];
    case "file":
      return h("a", { class: "file", href: entry.url, download: entry.name }, icon("file"), h("span", {}, entry.name ?? say("file")));
    case "voice":
      return [h("span", { class: "voice" }, icon("voice"), span(Number(entry.durationMs ?? 0))), text];
    case "video":
      return h("span", { class: "voice" }, icon("video"), say("video"));
    default:
      return text;
  }
}

function card(entry, speaker) {
  if (entry.recalled) return h("div", { class: "bubble gone" }, say("recalled"));
  const press = (button) => () => post("presses", { person: speaker(), card: entry.id, button: button.id });
  return h("div", { class: `card ${entry.state}`, "data-card": entry.id, "data-state": entry.state },
    cardHead(entry),
    markdown(entry.text || "…", true),
    entry.buttons.length > 0 && h("div", { class: "card-buttons" }, entry.buttons.map((button) =>
      h("button", { "data-button": button.id, onclick: press(button) }, button.text || say("stop")))));
}

const cardHead = (entry) => h("div", { class: "card-head" }, h("span", { class: "state" }, h("i"), say(entry.state)),
  h("span", { class: "steps" }, say("updates", entry.steps, span(entry.tookMs))));

/** How far a message has come, and what stands under it. */
function footer(entry) {
  const parts = (entry.reactions ?? []).map((name) => h("span", { class: "reaction" }, name));
  if (entry.aside) parts.push(h("span", {}, say("aside")));
  if (entry.delivery) {
    const { state, ms, times } = entry.delivery;
    parts.push(h("span", { class: `delivery ${state}` }, say(state, span(ms))));
    if (times > 1) parts.push(h("span", { class: "delivery" }, say("again", times)));
  }
  return parts.length > 0 && h("footer", {}, parts);
}
