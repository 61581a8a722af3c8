// What can be typed and pressed, with examples to click.

import { by, button, make } from "./dom.js";
import * as keys from "./keys.js";

export const EXAMPLES = [
  "rain on a roof",
  "a dog barking - traffic",
  "rain + thunder",
  "2:church bells + wind",
  "someone playing the piano longer:10s",
  "footsteps on gravel newer:30d",
];
const WORDS = [
  ["rain on a roof", "words that stand together are one description"],
  ["rain + thunder", "both, as one mixture"],
  ['rain - "light music"', "without; quotes hold words together"],
  ["rain -music on a roof", "a sign that touches a word takes this word alone"],
  ["2:rain + wind", "rain counts twice"],
  ['"a dog" then "a door" within 10s', "one after the other"],
  ['"rain" while "wind"', "at the same time; with: both, at any time"],
  ['"rain" without "thunder"', "none about it; then not: none behind it"],
  ['"a bell" 3 times', "so many separate events"],
  ["in:field", "in a folder of that name, or in a whole path"],
  ["tag:night", "a word in the tags"],
  ["ucs:AMB", "a UCS category, or the beginning of one"],
  ["longer:5s shorter:1:30", "how long the whole recording is"],
  ["newer:7d newer:2024-03-01", "when the file was changed last: h, d, w, y"],
];
const KEYS = [
  ["/", "to the search field"],
  ["j or ↓", "next hit"],
  ["k or ↑", "hit before"],
  ["Space", "play from the moment, or stop"],
  ["← →", "two seconds back, or on"],
  ["Enter", "open or close what is known of the hit"],
  ["m", "more like this"],
  ["n", "not like this"],
  ["s", "spectrogram"],
  ["l", "loop the moment"],
  ["f", "a film on the whole screen, or back"],
  ["x", "select for export"],
  ["c", "copy the path"],
  ["d", "download the stretch"],
  ["Esc", "out of a field, or close"],
  ["?", "this help"],
];
const dialog = by("help-dialog");

// `ask(query)` searches for an example.
export function begin(ask) {
  const take = (query) => (dialog.close(), ask(query));
  dialog.append(
    make("div", { class: "title-line" }, make("h2", { id: "help-title", text: "Help" }), button("Close", () => dialog.close(), { class: "small", autofocus: true })),
    make("div", { class: "two" },
      make("section", {}, make("h3", { text: "What can be typed" }), table(WORDS, (text) => button(text, () => take(text), { class: "try" })), example()),
      make("section", {}, make("h3", { text: "Keys" }), table(KEYS, (text) => make("kbd", { text })), letters())),
    make("p", {}, "A sound file can be dropped anywhere on the page. ", make("a", { href: "/docs", text: "The API" }), " has all of this for programs."),
  );
  by("keys").addEventListener("click", open);
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
}

export const open = () => dialog.showModal();

const table = (rows, first) =>
  make("dl", { class: "help" }, rows.flatMap(([left, right]) => [make("dt", {}, first(left)), make("dd", { text: right })]));

const example = () => make("p", { class: "quiet" },
  "Like a recording of the library, or a stretch of it: ", make("code", { text: '@"/whole/path.wav"@3-5.5' }),
  ", which “more like this” writes for you.");

function letters() {
  const box = make("input", { type: "checkbox", id: "letters", on: { change: () => keys.want(box.checked) } });
  box.checked = keys.wanted();
  return make("label", { class: "letters" }, box, make("span", { text: "Letters alone are keys" }));
}

export const examples = (ask) =>
  make("ul", { class: "examples" }, EXAMPLES.map((text) => make("li", {}, button(text, () => ask(text), { class: "try" }))));
