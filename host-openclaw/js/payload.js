// What a payload of OpenClaw's says: in words also where other platforms have buttons, menus and places.

/** The files of a payload. @returns {string[]} */
export function filesOf({ mediaUrl, mediaUrls }) {
  return mediaUrls?.length ? mediaUrls : mediaUrl ? [mediaUrl] : [];
}

/** All that a payload says; empty: only what is for others. */
export function words({ text = "", presentation, presentationTextMode, interactive, location }) {
  // It says the same in words already.
  const isWhole = presentationTextMode === "fallback" && text.trim();
  const besides = isWhole ? [] : [presentation?.title, ...blocks(presentation), ...blocks(interactive), place(location)];
  return besides.some(Boolean) ? [text, ...besides].filter((part) => String(part ?? "").trim()).join("\n\n") : text;
}

function blocks(shown) {
  return objects(shown?.blocks).map(block);
}

function block(shown) {
  if (shown.type === "buttons") return list(shown.buttons, choice);
  if (shown.type === "select") return titled(shown.placeholder, list(shown.options, choice));
  if (shown.type === "table") return titled(shown.caption, table(shown));
  if (shown.type === "chart") return titled(shown.title, chart(shown));
  return shown.text;
}

function titled(title, rest) {
  return [title, rest].filter(Boolean).join("\n\n");
}

/** A choice that nobody can press here: what can be opened or written instead is told. */
function choice({ label, action, url, disabled }) {
  const link = url ?? action?.url;
  if (link && !disabled) return `${label}: ${link}`;
  return action?.type === "command" && !disabled ? `${label}: \`${action.command}\`` : label;
}

function table({ headers, rows }) {
  const row = (cells) => `| ${many(cells).map((cell) => String(cell).replace(/\s+/g, " ").replaceAll("|", "\\|")).join(" | ")} |`;
  return [row(headers), row(many(headers).map(() => "---")), ...many(rows).map(row)].join("\n");
}

function chart({ segments, categories, series }) {
  if (segments) return list(segments, ({ label, value }) => `${label}: ${value}`);
  return list(series, ({ name, values }) => `${name}: ${many(categories).map((category, at) => `${category} ${many(values)[at]}`).join(", ")}`);
}

function place(location) {
  if (!location) return undefined;
  const { name, address, latitude, longitude } = location;
  const isKnown = Number.isFinite(latitude) && Number.isFinite(longitude);
  return ["📍", name, address, isKnown && `(${latitude}, ${longitude})`].filter(Boolean).join(" ");
}

function list(items, line) {
  return objects(items).map((item) => `- ${line(item)}`).join("\n");
}

function objects(items) {
  return many(items).filter((item) => item && typeof item === "object");
}

/** What a model has filled in may be anything. @returns {any[]} */
function many(items) {
  return Array.isArray(items) ? items : [];
}
