// What a model thinks, as somebody sees it meanwhile who has asked OpenClaw for that.

/** How much of it is shown, in characters: its end. */
const SHOWN = 160;

/** One line of it. */
export function thought(text = "") {
  const words = text.slice(-4 * SHOWN).toWellFormed().replace(/\s+/g, " ").trim();
  if (!words) return "";
  const shown = [...words].slice(-SHOWN).join("");
  return shown.length < words.length || text.length > 4 * SHOWN ? `💭 …${shown}` : `💭 ${shown}`;
}
