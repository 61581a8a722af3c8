// What is seen while a film plays: the film, or single pictures of it where this browser cannot play it.

import { address } from "./api.js";
import { by, make, say } from "./dom.js";

const EVERY = 1; // seconds between single pictures
const TINY = 0.02; // seconds
const WIDTH = 960; // pixels
let wanted = true; // whether pictures are to be seen
let way = null; // how the film is played; null: there is none
let still = null; // { hit, image, at }

export function show(hit, how, why) {
  const screen = by("screen");
  [still, way] = [null, how];
  screen.querySelectorAll(":not(video)").forEach((one) => one.remove());
  screen.hidden = way === null || !wanted;
  by("sound").hidden = way === "sound";
  screen.setAttribute("aria-label", `Pictures of ${hit.name}`);
  if (way === "sound") single(hit, why);
}

export const isShown = () => !by("screen").hidden;

// Show pictures, or do not; the sound goes on.
export function toggle() {
  wanted = !wanted;
  by("screen").hidden = way === null || !wanted;
  say(wanted ? "The picture is shown" : "The picture is not shown");
  return wanted;
}

// Show the picture of a place, where single ones are shown; one is asked for when the one before is there.
export function follow(seconds, stands) {
  if (!still || !isShown() || !still.image.complete || Math.abs(seconds - still.at) < (stands ? TINY : EVERY)) return;
  still.at = seconds;
  still.image.src = picture(still.hit, seconds);
}

export function full() {
  if (!isShown()) return false;
  if (document.fullscreenElement) document.exitFullscreen();
  else by("screen").requestFullscreen().catch(() => say("The whole screen is not to be had"));
  return true;
}

function single(hit, why) {
  const image = make("img", { alt: "", src: picture(hit, hit.start) });
  still = { hit, image, at: hit.start };
  image.addEventListener("error", () => (image.hidden = true));
  image.addEventListener("load", () => (image.hidden = false));
  by("screen").append(image, make("p", { text: `Single pictures and the sound: ${why}.` }));
}

const picture = ({ link }, seconds) => address(`${link.self}/frame`, { at: Math.max(0, seconds).toFixed(2), width: WIDTH });
