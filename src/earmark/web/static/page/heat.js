// How well a recording matches from its beginning to its end, as a strip of colour; and the same for each part
// of a query, one strip below the other, which shows why it matched.

import { colour, paint } from "./canvas.js";
import { make } from "./dom.js";
import { clock } from "./times.js";

const HOTTEST = 4; // spreads above what other sounds get
const FLAT = 1e-6;

// From what other sounds get (0) to far above it (1); null where nothing was heard.
export function heats(curve) {
  const heard = curve.values.filter((value) => value !== null);
  const [least, most] = curve.usual ? [curve.usual[0], curve.usual[0] + HOTTEST * curve.usual[1]] : [Math.min(...heard), Math.max(...heard)];
  const wide = Math.max(FLAT, most - least);
  return curve.values.map((value) => (value === null ? null : Math.min(1, Math.max(0, (value - least) / wide))));
}

export function drawHeat(canvas, curve, { start, end }, { unwanted = false, view = null } = {}) {
  const values = heats(curve);
  paint(canvas, (pen, width, height) => {
    const x = (seconds) => ((seconds - start) / (end - start)) * width;
    const scale = pen.canvas.width / width;
    const edge = (at) => Math.round(at * scale) / scale; // whole pixels, so that no seam is seen
    pen.fillStyle = colour(unwanted ? "heat-less" : "heat");
    values.forEach((value, n) => {
      if (!value) return;
      const left = edge(x(n * curve.step));
      pen.globalAlpha = value ** 1.3;
      pen.fillRect(left, 0, Math.max(1 / scale, edge(x((n + 1) * curve.step)) - left), height);
    });
    pen.globalAlpha = 1;
    if (view) frame(pen, x(view.start), x(view.end), height);
  });
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", told(curve, values));
}

// What part of a long recording is shown above.
function frame(pen, left, right, height) {
  pen.strokeStyle = colour("ink");
  pen.lineWidth = 1.5;
  pen.strokeRect(left + 0.75, 0.75, Math.max(3, right - left - 1.5), height - 1.5);
}

function told(curve, values) {
  const best = values.reduce((most, value, n) => ((value ?? -1) > (values[most] ?? -1) ? n : most), 0);
  return `${curve.kind === "query" ? "Match over time" : curve.name}: strongest at ${clock(best * curve.step, true)}`;
}

// Rows of a map: the query, its parts, its words.
export function heatMap(curves, seconds, seek) {
  const rows = curves.map((curve) => {
    const canvas = make("canvas", { class: "cell", on: { click: (event) => seek(placeOf(event) * seconds) } });
    const name = curve.kind === "query" ? "all of it" : `${curve.kind === "unwanted" ? "− " : ""}${shortName(curve.name)}`;
    const row = make("div", { class: `line ${curve.kind}` }, make("span", { class: "name", text: name, title: curve.name }), canvas);
    requestAnimationFrame(() => drawHeat(canvas, curve, { start: 0, end: seconds }, { unwanted: curve.kind === "unwanted" }));
    return row;
  });
  const axis = make("div", { class: "axis" }, make("span", { text: "0:00" }), make("span", { text: clock(seconds / 2) }), make("span", { text: clock(seconds) }));
  return make("div", { class: "map" }, ...rows, axis);
}

export const placeOf = (event) => event.offsetX / event.currentTarget.clientWidth;

// An example is told by its file alone.
const shortName = (name) => (name.startsWith("/") ? name.slice(name.lastIndexOf("/") + 1) : name);
