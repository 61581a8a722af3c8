// Two buttons beside a hit: right, and wrong. What was said last is pressed.

import { button, make } from "./dom.js";

// `say(row, right)` is told what a person says of a row.
export function addVerdict(row, right, say) {
  const { name } = row.hit;
  row.yes = button("Right", () => say(row, true), { class: "small", "aria-label": `${name} is right`, "aria-keyshortcuts": "y" });
  row.no = button("Wrong", () => say(row, false), { class: "small wrong-one", "aria-label": `${name} is wrong`, "aria-keyshortcuts": "n" });
  row.element.querySelector(".right").append(make("div", { class: "verdict" }, row.yes, row.no));
  row.pick.hidden = true; // nothing is exported here
  show(row, right);
}

export function show(row, right) {
  row.judged = right;
  row.yes.setAttribute("aria-pressed", String(right === true));
  row.no.setAttribute("aria-pressed", String(right === false));
}
