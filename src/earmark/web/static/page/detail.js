// All that is known of the chosen hit: why it matched, what else is in it, its tags, and what can be taken from it.

import * as api from "./api.js";
import { by, button, iconButton, make, say } from "./dom.js";
import { heatMap } from "./heat.js";
import * as player from "./player.js";
import { picturesOf } from "./film.js";
import { sure } from "./row.js";
import { still } from "./still.js";
import { clock, day, hertz, size, span } from "./times.js";
import { viewOf } from "./wave.js";

const WIDE = matchMedia("(min-width: 70rem)");
const SOON = 150; // milliseconds; who steps through hits quickly asks for none of them
const MOST = 10; // moments of a recording
let shown = null;
let picture = false; // whether spectrograms are shown
let open = false; // whether it is shown below its row, where there is no room beside the list
let leaving = new AbortController();
let timer = 0;
let context = null;

// `given`: { levels, picture, query, more, less }
export function show(row, given) {
  [shown, context] = [row, given];
  if (!WIDE.matches && !open) return clear();
  clearTimeout(timer);
  timer = setTimeout(draw, SOON);
}

export function hide() {
  shown = null;
  clear();
}

// Open it below its row, or close it there; beside the list it is always open.
export function toggle(row, given) {
  const again = by("detail") !== null && row.element.contains(by("detail"));
  open = WIDE.matches ? open : !again;
  if (!open && !WIDE.matches) return clear();
  show(row, given);
}

export const isOpen = () => open && !WIDE.matches && by("detail") !== null;

export function togglePicture() {
  picture = !picture;
  if (shown && !by("detail")) open = true;
  if (shown) draw();
  say(picture ? "The spectrogram is shown" : "The spectrogram is not shown");
}

export function close() {
  open = false;
  if (!WIDE.matches) clear();
}

WIDE.addEventListener("change", () => shown && draw());

function clear() {
  clearTimeout(timer);
  leaving.abort();
  by("detail")?.remove();
}

function draw() {
  clear();
  leaving = new AbortController();
  const { hit } = shown;
  const parts = { why: make("section"), moments: make("section"), words: make("section"), facts: make("section") };
  const box = make("section", { id: "detail", class: "detail", "aria-label": `About ${hit.name}` },
    head(hit), doings(hit), spectrogram(hit), parts.why, parts.moments, parts.words, parts.facts);
  (WIDE.matches ? by("aside") : shown.element).append(box);
  says(hit, parts.why);
  seen(hit, box, leaving.signal);
  if (!hit.link.self) return;
  facts(hit, parts.facts, leaving.signal);
  if (hit.reason) return;
  within(hit, parts, leaving.signal);
  described(hit, parts.words, leaving.signal);
}

function head(hit) {
  return make("div", { class: "head-line" },
    make("h3", { class: "name", text: hit.name }),
    sure(hit, context.levels),
    make("p", { class: "path" }, make("code", { text: hit.path }), copyButton(hit)),
  );
}

function copyButton(hit) {
  return button("Copy path", () => copyPath(hit), { class: "plain", id: "copy", "aria-keyshortcuts": "c" });
}

export async function copyPath(hit) {
  try {
    await navigator.clipboard.writeText(hit.path);
    tell("Copied");
  } catch {
    const path = document.querySelector("#detail .path code"); // on another machine, without https
    if (path) getSelection().selectAllChildren(path);
    tell("Press Ctrl-C");
  }
}

// Take the moment as a file of its own.
export function download(hit) {
  if (!hit.link.audio || hit.away) return false;
  make("a", { download: "", href: part(hit) }).click();
  say("The stretch is downloaded");
  return true;
}

const part = (hit) => api.address(hit.link.audio, { start: hit.start, end: hit.end, download: true });

function tell(text) {
  const copy = by("copy");
  if (copy) {
    copy.textContent = text;
    setTimeout(() => (copy.textContent = "Copy path"), 1500);
  }
  say(text === "Copied" ? "The path is copied" : "The path is selected: press Ctrl-C");
}

function doings(hit) {
  const takes = hit.link.audio && !hit.away;
  return make("div", { class: "doings" },
    takes && button("Play the moment", () => player.play(hit), { class: "small" }),
    takes && button("From the beginning", () => player.play(hit, 0), { class: "small" }),
    hit.like && button("More like this", () => context.more(shown), { class: "small", "aria-keyshortcuts": "m" }),
    hit.less && button("Not like this", () => context.less(shown), { class: "small", "aria-keyshortcuts": "n" }),
    takes && make("a", { class: "small", id: "take-part", download: "", href: part(hit), text: "Download the stretch" }),
    takes && make("a", { class: "small", download: "", href: api.address(hit.link.audio, { download: true }), text: "Download the file" }),
  );
}

// Of a film: the picture at the moment, and the stretch with its pictures.
async function seen(hit, box, signal) {
  const pictures = hit.away ? null : await picturesOf(hit);
  if (!pictures || signal.aborted) return;
  box.querySelector(".head-line").append(still(hit, 640, { class: "still wide" }));
  const values = { start: hit.start, end: hit.end, download: true };
  box.querySelector(".doings").append(make("a", { class: "small", id: "take-film", download: "", href: api.address(hit.link.video, values), text: "Download the stretch of the film" }));
}

const shape = ({ codec, width, height, rate }) => `${codec}, ${width} × ${height}${rate ? `, ${rate} a second` : ""}`;

function spectrogram(hit) {
  if (!hit.link.self || hit.away || hit.reason) return null;
  const toggle_ = button("Spectrogram", togglePicture, { class: "fold", "aria-expanded": String(picture), "aria-keyshortcuts": "s" });
  const section = make("section", {}, make("h4", {}, toggle_));
  if (picture) section.append(drawing(hit));
  return section;
}

function drawing(hit) {
  const { start, end } = viewOf(hit);
  const percent = (seconds) => `${(100 * (seconds - start)) / (end - start)}%`;
  const image = make("img", { class: "spectrogram", width: 1000, height: 192, alt: `Spectrogram from ${span(start, end)}`,
    src: api.address(`${hit.link.self}/spectrogram`, { start, end, width: 1000, height: 192 }) });
  image.addEventListener("error", () => image.replaceWith(make("p", { class: "quiet", text: "No spectrogram: the sound cannot be read now." })));
  const mark = make("span", { class: "bracket" });
  mark.style.left = percent(hit.start);
  mark.style.width = `calc(${percent(hit.end)} - ${percent(hit.start)})`;
  const axis = make("div", { class: "axis" }, make("span", { text: clock(start, true) }), make("span", { text: range() }), make("span", { text: clock(end, true) }));
  return make("figure", { class: "picture" }, image, mark, axis);
}

const range = () => `${hertz(context.picture.low)} to ${hertz(context.picture.high)}, mel`;

function says(hit, section) {
  if (!hit.why) return;
  section.append(make("h4", { text: "Why this matched" }), make("div", { class: "slot" }),
    make("ul", { class: "says" }, hit.why.says.map((text) => make("li", { text }))));
}

// The query's words against time, and other moments of the recording.
async function within(hit, parts, signal) {
  const slot = parts.why.querySelector(".slot");
  if (!context.query) return void slot?.append(make("p", { class: "quiet", text: "A sent sound is not kept, so that there is no match over time." }));
  const { curves, hits } = await api
    .moments(hit.link.self, { q: context.query, parts: "words", limit: MOST, points: 800 }, signal)
    .catch((error) => failed(error, slot));
  if (!curves) return;
  slot.append(heatMap(told(curves), hit.duration, (at) => player.play(hit, at)), scale());
  if (hits.length > 1) parts.moments.append(make("h4", { text: "Moments in it, as if it were searched alone" }), moments(hit, hits));
}

// A part that is the whole query, or a word that is a part, is shown once.
function told(curves) {
  const seen = new Set();
  const fresh = curves.filter(({ kind, values }) => {
    const same = JSON.stringify(values);
    const known = seen.has(same);
    seen.add(same);
    return kind === "query" || !known;
  });
  return fresh.length === 2 ? [fresh[0], ...fresh.slice(1).filter(({ kind }) => kind === "word")] : fresh;
}

function scale() {
  return make("p", { class: "scale" }, make("span", { text: "as other sounds" }), make("span", { class: "ramp" }), make("span", { text: "far above" }));
}

function moments(hit, hits) {
  return make("ul", { class: "moments" }, hits.map((one) => make("li", {},
    iconButton("play", `Play from ${clock(one.start, true)}`, () => player.play(hit, one.start), { class: "round tiny" }),
    make("span", { class: "time", text: span(one.start, one.end) }), sure(one, context.levels))));
}

async function described(hit, section, signal) {
  const { sayings } = await api.description(hit.link.self, signal).catch((error) => failed(error, null));
  if (!sayings?.length) return;
  section.append(make("h4", { text: "What is heard in it" }), make("ul", { class: "moments" }, sayings.map((one) => make("li", {},
    iconButton("play", `Play ${one.words} from ${clock(one.start, true)}`, () => player.play(hit, one.start), { class: "round tiny" }),
    make("span", { class: "words", text: one.words }), make("span", { class: "time", text: span(one.start, one.end) }),
    make("span", { class: "number", text: one.confidence.toFixed(2) })))));
}

async function facts(hit, section, signal) {
  const one = await api.recording(hit.link.self, signal).catch((error) => failed(error, section));
  if (!one.path) return;
  const rows = [
    ["Length", clock(one.seconds, true)], ["Size", size(one.bytes)], ["Changed", day(one.changed)], ["UCS", one.ucs],
    ["Pictures", one.pictures && shape(one.pictures)],
    ["Not heard", one.reason],
    ...Object.entries(one.tags), ...one.copies.map((path) => ["Copy", path]),
  ].filter(([, value]) => value);
  section.append(make("h4", { text: "Recording" }),
    make("dl", { class: "facts-list" }, rows.flatMap(([name, value]) => [make("dt", { text: name }), make("dd", { text: value })])));
}

function failed(error, place) {
  if (error.name !== "AbortError") place?.append(make("p", { class: "quiet", text: `${error.message}${error.hint ? `; ${error.hint}` : ""}` }));
  return {};
}
