// Markdown as DingTalk shows it: cards know more of it than messages do. It becomes elements, never markup.

import { h } from "./dom.js";
import { say } from "./words.js";

/** Renders into an element. `inCard`: with what only cards show, which is code. */
export function markdown(text, inCard) {
  const place = h("div", { class: "markdown" });
  blocks(text.replace(/\r\n?/g, "\n").split("\n"), place, inCard, 0);
  return place;
}

const FENCE = /^\s{0,3}(`{3,}|~{3,})\s*([\w+#.-]*)\s*$/;
const HEADING = /^\s{0,3}(#{1,6})\s+(.*?)\s*#*\s*$/;
const RULE = /^\s{0,3}([-*_])\s*(\1\s*){2,}$/;
const ITEM = /^(\s*)([-*+]|\d{1,9}[.)])\s+(.*)$/;
const TABLE_RULE = /^\s*\|?\s*:?-{1,}:?\s*(\|\s*:?-{1,}:?\s*)*\|?\s*$/;
// Nobody writes deeper; somebody may try.
const DEEPEST = 8;

function blocks(lines, place, inCard, depth) {
  let at = 0;
  while (at < lines.length) {
    const line = lines[at];
    const fence = inCard && FENCE.exec(line);
    const heading = HEADING.exec(line);
    if (!line.trim()) at += 1;
    else if (fence) at = code(lines, at, fence, place);
    else if (heading) {
      place.append(inlineInto(h(`h${heading[1].length}`), heading[2], inCard));
      at += 1;
    } else if (RULE.test(line)) {
      place.append(h("hr"));
      at += 1;
    } else if (/^\s{0,3}>/.test(line) && depth < DEEPEST) at = quote(lines, at, place, inCard, depth);
    else if (ITEM.test(line) && depth < DEEPEST) at = list(lines, at, place, inCard, depth);
    else if (line.includes("|") && TABLE_RULE.test(lines[at + 1] ?? "") && lines[at + 1].includes("-")) {
      at = table(lines, at, place, inCard);
    } else at = paragraph(lines, at, place, inCard);
  }
}

function code(lines, at, fence, place) {
  const ends = (line) => line.trim().startsWith(fence[1]) && line.trim().replaceAll(fence[1][0], "") === "";
  let end = at + 1;
  while (end < lines.length && !ends(lines[end])) end += 1;
  const text = lines.slice(at + 1, end).join("\n");
  place.append(h("pre", { "data-language": fence[2] || undefined }, h("code", {}, text)));
  return end + 1;
}

function quote(lines, at, place, inCard, depth) {
  let end = at;
  while (end < lines.length && /^\s{0,3}>/.test(lines[end])) end += 1;
  const inside = lines.slice(at, end).map((line) => line.replace(/^\s{0,3}>\s?/, ""));
  const element = h("blockquote");
  blocks(inside, element, inCard, depth + 1);
  place.append(element);
  return end;
}

function list(lines, at, place, inCard, depth) {
  const [, indent, mark] = ITEM.exec(lines[at]);
  const ordered = /\d/.test(mark);
  const element = h(ordered ? "ol" : "ul", ordered ? { start: parseInt(mark, 10) } : {});
  while (at < lines.length) {
    const item = ITEM.exec(lines[at]);
    if (!item || item[1].length < indent.length || /\d/.test(item[2]) !== ordered) break;
    const inside = [item[3]];
    at += 1;
    while (at < lines.length && isInside(lines[at], indent.length)) {
      inside.push(lines[at].slice(Math.min(indent.length + 2, lines[at].search(/\S|$/))));
      at += 1;
    }
    const entry = h("li");
    blocks(inside, entry, inCard, depth + 1);
    element.append(entry);
    if (at < lines.length && !lines[at].trim() && ITEM.test(lines[at + 1] ?? "")) at += 1;
  }
  place.append(element);
  return at;
}

/** Whether a line still belongs to an item: deeper than its mark, and not empty. */
const isInside = (line, indent) => line.trim() !== "" && line.search(/\S/) > indent + 1;

function table(lines, at, place, inCard) {
  const cells = (line) => line.trim().replace(/^\||\|$/g, "").split("|").map((cell) => cell.trim());
  const sides = cells(lines[at + 1]).map((rule) => {
    if (/^:-*:$/.test(rule)) return "middle";
    return rule.endsWith(":") ? "end" : "begin";
  });
  const row = (line, tag) =>
    h("tr", {}, cells(line).slice(0, sides.length).map((cell, index) =>
      inlineInto(h(tag, { class: sides[index] }), cell, inCard)));
  const head = h("thead", {}, row(lines[at], "th"));
  const body = h("tbody");
  at += 2;
  while (at < lines.length && lines[at].includes("|")) {
    body.append(row(lines[at], "td"));
    at += 1;
  }
  place.append(h("div", { class: "table" }, h("table", {}, head, body)));
  return at;
}

function paragraph(lines, at, place, inCard) {
  const inside = [];
  const begins = (line) =>
    !line.trim() || HEADING.test(line) || ITEM.test(line) || /^\s{0,3}>/.test(line) || (inCard && FENCE.test(line));
  do {
    inside.push(lines[at]);
    at += 1;
  } while (at < lines.length && !begins(lines[at]));
  place.append(inlineInto(h("p"), inside.join("\n"), inCard));
  return at;
}

const INLINE = new RegExp(
  [
    "(?<code>`[^`\\n]+`)",
    "(?<picture>!\\[[^\\]\\n]*\\]\\([^()\\s]*\\))",
    "(?<link>\\[[^\\]\\n]+\\]\\([^()\\s]+\\))",
    "(?<bold>\\*\\*[^*\\n]+(?:\\*[^*\\n]+)*\\*\\*|__[^_\\n]+__)",
    "(?<italic>\\*[^*\\s][^*\\n]*\\*|\\b_[^_\\s][^_\\n]*_\\b)",
    "(?<line><br\\s*/?>| {2,}\\n {0,})",
    "(?<font><font[^<>\\n]*>[^<\\n]*</font>)",
    "(?<at><a\\s+atId=[^<>\\n]*>[^<\\n]*</a>|@[\\w$:.=+/-]{1,64})",
  ].join("|"),
  "gi",
);

/** Writes a line of text with its bold, links and so on into an element. */
function inlineInto(element, text, inCard) {
  let last = 0;
  for (const match of text.matchAll(INLINE)) {
    const made = piece(match, inCard);
    if (!made) continue;
    plain(element, text.slice(last, match.index));
    element.append(made);
    last = match.index + match[0].length;
  }
  plain(element, text.slice(last));
  return element;
}

/** A lone newline joins two lines. */
const plain = (element, text) => text && element.append(text.replace(/\s*\n\s*/g, " "));

function piece(match, inCard) {
  const { code, picture, link, bold, italic, line, font, at } = match.groups;
  if (code) return inCard ? h("code", {}, code.slice(1, -1)) : null;
  if (picture) return image(/^!\[(.*)\]\((.*)\)$/s.exec(picture));
  if (link) return anchor(/^\[(.*)\]\((.*)\)$/s.exec(link), inCard);
  if (bold) return inlineInto(h("strong"), bold.slice(2, -2), inCard);
  if (italic) return inlineInto(h("em"), italic.slice(1, -1), inCard);
  if (line) return h("br");
  if (font) return coloured(/^<font([^<>]*)>(.*)<\/font>$/is.exec(font), inCard);
  return h("span", { class: "mention" }, at.startsWith("<") ? `@${at.replace(/<[^>]*>/g, "")}` : at);
}

/** Media that a robot uploaded is shown; what lies elsewhere is named and never fetched. */
function image([, alt, address]) {
  const name = alt || say("pictureElsewhere");
  if (address.startsWith("@")) {
    const source = `/simulator/api/files?${new URLSearchParams({ media: address })}`;
    return h("img", { src: source, alt: name, loading: "lazy" });
  }
  return h("span", { class: "elsewhere", title: address }, `🖼 ${name}`);
}

function anchor([, text, address], inCard) {
  if (!/^(https?|dingtalk|dtmd):/i.test(address)) return inlineInto(h("span"), text, inCard);
  return inlineInto(h("a", { href: address, target: "_blank", rel: "noopener noreferrer" }), text, inCard);
}

function coloured([, attributes, text], inCard) {
  const element = inlineInto(h("span"), text, inCard);
  const colour = /color\s*=\s*["']?(#[0-9a-f]{3,8}|[a-z]{3,20})["']?(?:\s|$)/i.exec(attributes);
  if (colour) element.style.color = colour[1];
  return element;
}
