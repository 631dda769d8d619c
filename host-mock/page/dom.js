// Elements from values. Text only ever becomes text: nothing here parses markup.

/** An element: `h("p", { class: "quiet", onclick: act }, "text", child)`; empty children are left out. */
export function h(tag, properties, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "value") element.value = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  append(element, children);
  return element;
}

function append(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child === undefined || child === null || child === false) continue;
    element.append(child);
  }
}

/** Puts new children in place of the old ones. */
export function fill(element, ...children) {
  element.replaceChildren();
  append(element, children);
  return element;
}

const SHAPES = {
  robot: "M12 3v3M7 6h10a3 3 0 0 1 3 3v7a3 3 0 0 1-3 3H7a3 3 0 0 1-3-3V9a3 3 0 0 1 3-3zM9 12h.01M15 12h.01M9.5 15.5h5",
  group: "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 20a6.5 6.5 0 0 1 13 0M16 4.5a3.5 3.5 0 0 1 0 6.5M18 14a6.5 6.5 0 0 1 3.5 6",
  picture: "M4 5h16v14H4zM4 16l5-5 4 4 2-2 5 5M15.5 9h.01",
  file: "M7 3h7l5 5v13H7zM14 3v5h5",
  voice: "M12 3a3 3 0 0 1 3 3v5a3 3 0 0 1-6 0V6a3 3 0 0 1 3-3zM5.5 11a6.5 6.5 0 0 0 13 0M12 17.5V21",
  video: "M3 6h12v12H3zM15 10l6-3v10l-6-3",
  send: "M4 12l16-8-5 16-3-7z",
  quote: "M9 7L4 12l5 5M4 12h10a6 6 0 0 1 6 6",
  plus: "M12 5v14M5 12h14",
  close: "M6 6l12 12M18 6L6 18",
  moon: "M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5z",
  save: "M12 4v11M7 11l5 5 5-5M4 20h16",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  panel: "M3 5h18v14H3zM15 5v14",
  down: "M12 5v14M6 13l6 6 6-6",
  bolt: "M13 3L5 14h6l-1 7 8-11h-6z",
};

/** A drawing of one line. */
export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const drawing = document.createElementNS(space, "svg");
  drawing.setAttribute("viewBox", "0 0 24 24");
  drawing.setAttribute("class", "icon");
  drawing.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", SHAPES[name]);
  drawing.append(path);
  return drawing;
}

/** Calls `act` once before the next frame, however often it is asked to. */
export function perFrame(act) {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    // A page that nobody looks at has no frames.
    const later = document.hidden ? (go) => setTimeout(go, 100) : requestAnimationFrame;
    later(() => {
      asked = false;
      act();
    });
  };
}

// What is drawn anew between a press and its release has no click: the button that is in its place takes it.
let pressed = null;
document.addEventListener("pointerdown", (event) => (pressed = event.button === 0 ? event.target.closest("button") : null));
document.addEventListener("pointerup", ({ clientX, clientY }) => {
  const [was, is] = [pressed, document.elementFromPoint(clientX, clientY)?.closest("button")];
  pressed = null;
  if (was && is && !was.isConnected && looks(was) === looks(is)) is.click();
});

/** By what a person knows a button, whatever state it is in. */
const looks = (button) =>
  JSON.stringify([button.classList[0], button.title, button.getAttribute("aria-label"), { ...button.dataset }]);

/** Tells something that passes. */
export function toast(text, isError = false) {
  const note = h("div", { class: isError ? "toast error" : "toast" }, text);
  const toasts = document.getElementById("toasts");
  toasts.append(note);
  while (toasts.childElementCount > 4) toasts.firstChild.remove();
  setTimeout(() => note.remove(), 6000);
}
