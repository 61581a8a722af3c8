// One sound at a time, from the moment on, and the bar at the foot of the page that shows where it is.

import { address } from "./api.js";
import { by, iconButton, icon, make, button, say } from "./dom.js";
import { clock } from "./times.js";

const TINY = 0.05; // seconds
const sound = by("sound");
const listeners = new EventTarget();
let held = null; // the hit whose sound is loaded
let wanted = null; // seconds at which to begin once the sound is known
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
  if (!held || held.link.audio !== hit.link.audio) {
    sound.src = address(hit.link.audio, { format: "playable" });
    wanted = at;
  } else seek(at);
  held = hit;
  dock.problem.textContent = "";
  dock.name.textContent = hit.name;
  dock.name.title = hit.path;
  begin();
  changed();
  say(`Playing ${hit.name} from ${clock(at, true)}`);
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
    problem: make("span", { class: "problem", role: "alert" }),
  };
  parts.seek.addEventListener("input", () => seek(Number(parts.seek.value)));
  by("dock").append(parts.play, parts.name, parts.seek, parts.now, parts.loop, parts.problem);
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
  listeners.dispatchEvent(new Event("time"));
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
  if (!held) return;
  const answer = await fetch(sound.src, { headers: { Range: "bytes=0-0" } }).catch(() => null);
  const told = await answer?.json().catch(() => null);
  failed(told?.detail ?? (answer ? "the browser does not understand it" : "the server does not answer"));
});
