// One hit as a line of the list: what it is, how sure, where it matches, and what can be done with it.

import * as api from "./api.js";
import { button, iconButton, icon, make } from "./dom.js";
import { drawHeat, placeOf } from "./heat.js";
import * as player from "./player.js";
import { addStill } from "./still.js";
import { clock, counted, span } from "./times.js";
import { inTurn } from "./turns.js";
import { drawWave, viewOf } from "./wave.js";

const POINTS = 600;
const WITHOUT = 409; // what a library that keeps no tokens answers, by which sounds are named
let tells = true;

// `acts`: choose, open, more, less, pick; a row is `{ hit, element, title, show, lanes ... }`.
export function newRow(hit, levels, acts) {
  const row = { hit, view: viewOf(hit), curve: null, lines: null };
  row.title = button(hit.name, () => acts.open(row), { class: "title", "aria-keyshortcuts": "Space Enter", title: hit.path });
  row.play = iconButton("play", `Play ${hit.name} from ${clock(hit.start, true)}`, () => (acts.choose(row), player.toggle(hit)), {
    class: "round", disabled: hit.away || !hit.link.audio,
  });
  row.pick = make("input", { type: "checkbox", "aria-label": `Select ${hit.name}`, on: { change: () => acts.pick(row) } });
  row.element = make("li", { class: "hit", data: { rank: hit.rank } },
    make("div", { class: "left" }, row.pick, make("span", { class: "rank", text: hit.rank }), row.play),
    make("div", { class: "what" }, make("h3", {}, row.title), facts(hit)),
    lanes(row),
    make("div", { class: "right" }, sure(hit, levels), likes(row, acts)),
  );
  for (const event of ["pointerdown", "focusin"]) row.element.addEventListener(event, () => acts.choose(row));
  return row;
}

// How sure: a word, a number and a bar.
export function sure(hit, levels) {
  if (hit.confidence === null) return make("div", { class: "sure" });
  const word = levels.find(({ least }) => hit.confidence >= least).word;
  const bar = make("span", { class: "fill" });
  bar.style.width = `${100 * hit.confidence}%`;
  return make("div", { class: `sure ${word}` },
    make("span", { class: "word", text: word }),
    make("span", { class: "number", text: hit.confidence.toFixed(2) }),
    make("span", { class: "track", role: "meter", "aria-label": "Confidence", "aria-valuemin": 0, "aria-valuemax": 1,
      "aria-valuenow": hit.confidence, "aria-valuetext": `${word}, ${hit.confidence.toFixed(2)}` }, bar),
  );
}

function facts(hit) {
  const copies = hit.copies?.length;
  const tags = Object.entries(hit.tags).map(([name, value]) => make("span", { class: "tag", text: value, title: name }));
  return [
    make("p", { class: "facts" },
      make("span", { class: "time", text: `${span(hit.start, hit.end)} of ${clock(hit.duration)}` }),
      hit.link.ucs && make("span", { class: "ucs", text: hit.link.ucs, title: "UCS category" }),
      hit.away && make("span", { class: "away", text: "away" }),
      copies ? make("span", { class: "copies", text: `+${counted(copies, "copy", "copies")}` }) : null,
    ),
    (hit.folder || tags.length > 0) && make("p", { class: "from" }, hit.folder && make("span", { class: "folder", text: hit.folder, title: hit.path }), ...tags),
  ];
}

function likes(row, acts) {
  const { name, like, less } = row.hit;
  if (!like) return null;
  return make("div", { class: "likes" },
    button("more like", () => acts.more(row), { class: "plain", "aria-label": `More like ${name}`, title: "More like this" }),
    less && button("not like", () => acts.less(row), { class: "plain", "aria-label": `Not like ${name}`, title: "Not like this" }),
  );
}

function lanes(row) {
  const { hit } = row;
  row.wave = make("canvas", { class: "wave", role: "img", "aria-label": `Waveform; the match is from ${span(hit.start, hit.end)}` });
  row.heat = make("canvas", { class: "heat", role: "img", "aria-label": "Match over time" });
  row.head = make("span", { class: "head", hidden: true });
  row.note = make("span", { class: "note" });
  row.heard = make("p", { class: "heard", id: `heard-${hit.rank}` });
  row.wave.setAttribute("aria-describedby", row.heard.id);
  row.wave.addEventListener("click", (event) => player.play(hit, at(row.view, placeOf(event))));
  row.heat.addEventListener("click", (event) => {
    const seconds = placeOf(event) * hit.duration;
    lookAt(row, seconds);
    player.play(hit, seconds);
  });
  return make("div", { class: "lanes" }, row.wave, row.head, row.heat, row.heard, row.note);
}

const at = ({ start, end }, share) => start + share * (end - start);

// Ask for the pictures of a row, once it is seen.
export async function fill(row, query, signal) {
  drawWave(row.wave, null, row.view, row.hit);
  if (row.hit.reason) return void (row.note.textContent = row.hit.reason);
  if (!row.hit.link.self) return;
  const seen = addStill(row, signal, () => player.play(row.hit)).catch(() => {}); // given up
  await Promise.all([wave(row, signal), query && heat(row, query, signal), seen]);
  await heard(row, signal);
}

async function wave(row, signal) {
  if (row.hit.away) return void (row.note.textContent = "its drive is away");
  try {
    const { start, end } = row.view;
    const peaks = await inTurn(signal, () => api.peaks(row.hit.link.self, { start, end, points: POINTS }, signal));
    drawWave(row.wave, peaks, row.view, row.hit);
  } catch (error) {
    if (error.name !== "AbortError") row.note.textContent = `no waveform: ${error.message}`;
  }
}

async function heat(row, query, signal) {
  try {
    const values = { q: query, limit: 1, points: POINTS };
    const found = await inTurn(signal, () => api.moments(row.hit.link.self, values, signal));
    [row.curve] = found.curves;
    showHeat(row);
  } catch (error) {
    if (error.name !== "AbortError") row.note.textContent = `no match over time: ${error.message}`;
  }
}

// What is heard in the stretch that is shown, in words: the waveform for who cannot see or hear it.
async function heard(row, signal) {
  if (!tells) return;
  try {
    const told = await inTurn(signal, () => api.description(row.hit.link.self, signal));
    row.lines = told.lines;
    showHeard(row);
  } catch (error) {
    if (error.status === WITHOUT) tells = false;
  }
}

function showHeard(row) {
  const { start, end } = row.view;
  const inside = row.lines.filter((line) => line.start < end && line.end > start);
  const texts = inside.map((line) => `${clock(line.start)}–${clock(Math.ceil(line.end))} ${line.text}`);
  row.heard.textContent = texts.length ? `Heard: ${texts.join("; ")}` : "";
}

function showHeat(row) {
  const whole = { start: 0, end: row.hit.duration };
  const isPart = row.view.end - row.view.start < row.hit.duration - 0.01;
  if (row.curve) drawHeat(row.heat, row.curve, whole, { view: isPart ? row.view : null });
}

// Show another part of a long recording.
function lookAt(row, seconds) {
  if (row.view.end - row.view.start >= row.hit.duration - 0.01) return;
  row.view = viewOf(row.hit, seconds);
  showHeat(row);
  if (row.lines) showHeard(row);
  wave(row, new AbortController().signal);
}

// Show whether it plays, and where.
export function follow(row) {
  const now = player.placeIn(row.hit);
  const { start, end } = row.view;
  row.head.hidden = now === null || now < start || now > end;
  if (now !== null) row.head.style.left = `${(100 * (now - start)) / (end - start)}%`;
}

export function showPlaying(row) {
  const plays = player.isPlaying(row.hit);
  row.element.classList.toggle("plays", plays);
  row.play.replaceChildren(icon(plays ? "pause" : "play"));
  row.play.setAttribute("aria-label", plays ? `Pause ${row.hit.name}` : `Play ${row.hit.name} from ${clock(row.hit.start, true)}`);
}
