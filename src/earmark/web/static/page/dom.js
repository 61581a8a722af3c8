// Elements of the page, made without any text of ours or a stranger's ever being read as HTML.

const SVG = "http://www.w3.org/2000/svg";
const ICONS = {
  play: "M5 3.5v13l11-6.5z",
  pause: "M5 4h3.6v12H5zM11.4 4H15v12h-3.6z",
  stop: "M4.5 4.5h11v11h-11z",
  mic: "M10 2a2.6 2.6 0 0 0-2.6 2.6v4.8a2.6 2.6 0 0 0 5.2 0V4.6A2.6 2.6 0 0 0 10 2zM5 9.2h-1.4a6.4 6.4 0 0 0 5.7 6.3V18h1.4v-2.5a6.4 6.4 0 0 0 5.7-6.3H15a5 5 0 0 1-10 0z",
  file: "M10 2l5 5.2h-3.4V12H8.4V7.2H5zM3 13h1.6v3.2h10.8V13H17v4.8H3z",
};

// An element: `on` has listeners, `data` data attributes, `class` and `text` are what they say.
export function make(tag, props = {}, ...inside) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) set(element, name, value);
  element.append(...inside.flat().filter((one) => one !== null && one !== undefined && one !== false));
  return element;
}

function set(element, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name === "on") for (const [event, listen] of Object.entries(value)) element.addEventListener(event, listen);
  else if (name === "data") Object.assign(element.dataset, value);
  else if (name === "text") element.textContent = value;
  else if (name === "class") element.className = value;
  else element.setAttribute(name, value === true ? "" : value);
}

export const by = (id) => document.getElementById(id);

export function button(text, click, props = {}) {
  return make("button", { type: "button", text, on: { click }, ...props });
}

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 20 20");
  svg.setAttribute("aria-hidden", "true");
  svg.classList.add("icon");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

// A button that shows a picture and is called by a name.
export function iconButton(name, label, click, props = {}) {
  const made = button("", click, { "aria-label": label, title: label, ...props });
  made.append(icon(name));
  return made;
}

// Say something to who does not see it.
export function say(text) {
  by("say").textContent = "";
  requestAnimationFrame(() => (by("say").textContent = text));
}
