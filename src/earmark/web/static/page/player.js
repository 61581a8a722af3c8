// One sound at a time, from the moment on, and the bar at the foot of the page that shows where it is.

import { by, iconButton, icon, make, button, say } from "./dom.js";
import * as film from "./film.js";
import * as screen from "./screen.js";
import { clock } from "./times.js";

const TINY = 0.05; // seconds
const sound = by("sound");
const listeners = new EventTarget();
let held = null; // the hit whose sound is loaded
let wanted = null; // seconds at which to begin once the sound is known
let way = null; // how it is played: file, stretches or sound; null: it has no pictures
let loading = false; // what is known of its pictures was asked for
let loops = false;
let dock = null;
let frame = 0;

// Events `change` (another sound, or play and pause) and `time`.
export const on = (event, listen) => listeners.addEventListener(event, listen);
export const isPlaying = (hit) => held !== null && held.key === hit.key && !sound.paused;
export const placeIn = (hit) => (held !== null && held.key === hit.key ? sound.currentTime : null);
export const heldHit = () => held;

export function play(hit, at = hit.start) {
  if (!hit.link.audio) return;
  by("dock").hidden = false;
  dock ??= build();
  const isNew = !held || held.link.audio !== hit.link.audio;
  held = hit;
  dock.problem.textContent = "";
  dock.name.textContent = hit.name;
  dock.name.title = hit.path;
  if (isNew) load(hit, at);
  else if (loading) wanted = at;
  else (seek(at), begin());
  changed();
  say(`Playing ${hit.name} from ${clock(at, true)}`);
}

// A film is played once it is known what can be done with it.
async function load(hit, at) {
  wanted = at;
  loading = true;
  if (!hit.link.video) return use(hit, null, null);
  sound.pause();
  const pictures = await film.picturesOf(hit);
  if (held.link.audio === hit.link.audio && loading) use(hit, pictures, pictures && film.wayOf(pictures, sound));
}

function use(hit, pictures, how) {
  [loading, way] = [false, how];
  screen.show(hit, how, pictures && film.why(pictures));
  dock.full.hidden = dock.picture.hidden = how === null;
  film.open(sound, hit, how, pictures, wanted);
  begin();
}

// Play from the moment, or stop where it plays.
export function toggle(hit) {
  if (isPlaying(hit)) sound.pause();
  else play(hit);
}

export function skip(seconds) {
  if (held) seek(Math.max(0, sound.currentTime + seconds));
}

export function loop(on_ = !loops) {
  loops = on_;
  dock?.loop.setAttribute("aria-pressed", String(loops));
  say(loops ? "The moment is repeated" : "The moment is not repeated");
}

function begin() {
  sound.play().catch((error) => {
    if (error.name !== "AbortError" && !sound.error) failed(error.message);
  });
}

function seek(at) {
  if (sound.readyState >= HTMLMediaElement.HAVE_METADATA) sound.currentTime = at;
  else wanted = at;
}

function build() {
  const toggleSound = () => (sound.paused ? begin() : sound.pause());
  const parts = {
    play: iconButton("play", "Play", toggleSound, { class: "round" }),
    name: make("span", { class: "name" }),
    now: make("span", { class: "now", text: "0:00.0" }),
    seek: make("input", { type: "range", min: 0, max: 1, step: 0.01, value: 0, "aria-label": "Place in the recording" }),
    loop: button("Loop the moment", () => loop(), { class: "plain", "aria-pressed": String(loops) }),
    picture: button("Picture", () => parts.picture.setAttribute("aria-pressed", String(screen.toggle())), { class: "plain", hidden: true, "aria-pressed": "true" }),
    full: button("Full screen", () => screen.full(), { class: "plain", hidden: true, "aria-keyshortcuts": "f" }),
    problem: make("span", { class: "problem", role: "alert" }),
  };
  parts.seek.addEventListener("input", () => seek(Number(parts.seek.value)));
  by("dock").append(parts.play, parts.name, parts.seek, parts.now, parts.loop, parts.picture, parts.full, parts.problem);
  by("screen").addEventListener("click", toggleSound);
  return parts;
}

function changed() {
  if (!held) return;
  dock.play.replaceChildren(icon(sound.paused ? "play" : "pause"));
  dock.play.setAttribute("aria-label", sound.paused ? "Play" : "Pause");
  dock.play.title = sound.paused ? "Play" : "Pause";
  listeners.dispatchEvent(new Event("change"));
  tick();
}

function tick() {
  cancelAnimationFrame(frame);
  moved();
  if (!sound.paused) frame = requestAnimationFrame(tick);
}

function moved() {
  if (!held) return;
  const now = sound.currentTime;
  if (loops && now >= held.end - TINY && now < held.end + 1) sound.currentTime = held.start;
  dock.seek.max = held.duration;
  dock.seek.value = now;
  dock.seek.setAttribute("aria-valuetext", clock(now, true));
  dock.now.textContent = `${clock(now, true)} / ${clock(held.duration)}`;
  screen.follow(now, sound.paused);
  listeners.dispatchEvent(new Event("time"));
}

// What could not be played as a film is heard.
function withoutPictures() {
  wanted = sound.currentTime || wanted || held.start;
  use(held, { why: "its film cannot be played here" }, "sound");
}

function failed(why) {
  dock.problem.textContent = `This sound cannot be played: ${why}`;
  changed();
}

sound.addEventListener("loadedmetadata", () => {
  if (wanted !== null) sound.currentTime = wanted;
  wanted = null;
});
for (const event of ["play", "pause", "ended"]) sound.addEventListener(event, changed);
sound.addEventListener("seeked", moved);
sound.addEventListener("error", async () => {
  if (!held || loading) return;
  if (way === "file" || way === "stretches") return withoutPictures();
  const answer = await fetch(sound.src, { headers: { Range: "bytes=0-0" } }).catch(() => null);
  const told = await answer?.json().catch(() => null);
  failed(told?.detail ?? (answer ? "the browser does not understand it" : "the server does not answer"));
});
