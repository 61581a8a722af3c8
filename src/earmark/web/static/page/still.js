// The picture of a film at the moment of a hit, small, beside its name.

import { address } from "./api.js";
import { make } from "./dom.js";
import { picturesOf } from "./film.js";
import { clock } from "./times.js";
import { inTurn } from "./turns.js";

const WIDTH = 240; // pixels: twice of what is shown, for sharp screens

// Put it before what is said of a hit, if there are pictures; `play` is done when it is clicked.
export async function addStill(row, signal, play) {
  const { hit } = row;
  if (!hit.link.video || hit.away) return;
  const pictures = await inTurn(signal, () => picturesOf(hit));
  if (!pictures || signal.aborted) return;
  await inTurn(signal, () => {
    const image = still(hit, WIDTH, { class: "still", on: { click: play } });
    row.element.querySelector(".what").prepend(image);
    return loaded(image);
  });
}

const loaded = (image) => new Promise((done) => ["load", "error"].forEach((event) => image.addEventListener(event, done)));

// A picture of a film at the beginning of a moment; it goes if it cannot be had.
export function still(hit, width, props) {
  const image = make("img", { alt: `Picture at ${clock(hit.start, true)}`, src: address(`${hit.link.self}/frame`, { at: hit.start, width }), ...props });
  image.addEventListener("error", () => image.remove());
  return image;
}
