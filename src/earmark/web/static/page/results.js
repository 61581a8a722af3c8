// The list of hits: rows as they arrive, the one that is chosen, those that are picked for export.

import { by, make } from "./dom.js";
import * as player from "./player.js";
import { fill, follow, newRow, showPlaying } from "./row.js";

const list = by("hits");
let rows = [];
let chosen = -1;
let query = "";
let signal = null;
let acts = null;

const seen = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      seen.unobserve(target);
      const row = rows.find(({ element }) => element === target);
      if (row) fill(row, query, signal);
    }
  },
  { rootMargin: "200px" },
);

// `does`: what the page does when a row is chosen, opened, picked, or is to change the query.
export function begin(does) {
  acts = { ...does, choose: (row) => choose(rows.indexOf(row)), open: (row) => (choose(rows.indexOf(row)), does.open(row)) };
  player.on("change", () => rows.forEach(showPlaying));
  player.on("time", () => rows.forEach(follow));
}

// Begin a new list, for whose match over time a query without filters is asked.
export function clear(words, until) {
  const focused = list.contains(document.activeElement);
  seen.disconnect();
  list.replaceChildren();
  [rows, chosen, query, signal] = [[], -1, words, until];
  if (focused) by("count").focus();
}

export function add(hits, { levels, line }) {
  for (const hit of hits) {
    if (isFirstBelow(hit, line)) list.append(make("li", { class: "below", text: "Below the line: nothing here is likely to be right" }));
    const row = newRow(hit, levels, acts);
    rows.push(row);
    list.append(row.element);
    seen.observe(row.element);
  }
  if (chosen < 0 && rows.length) choose(0);
  rows.forEach(showPlaying);
}

function isFirstBelow(hit, line) {
  const before = rows.at(-1)?.hit.confidence ?? 1;
  return hit.confidence !== null && hit.confidence < line && before >= line;
}

export const all = () => rows;
export const current = () => rows[chosen] ?? null;
export const picked = () => rows.filter(({ pick }) => pick.checked);

export function choose(n, { focus = false } = {}) {
  if (!rows[n]) return;
  if (n !== chosen) {
    current()?.element.removeAttribute("aria-current");
    chosen = n;
    rows[n].element.setAttribute("aria-current", "true");
    acts.chosen(rows[n]);
  }
  if (!focus) return;
  rows[n].title.focus({ preventScroll: true });
  rows[n].element.scrollIntoView({ block: "nearest" });
}

// Go to the next row, or the one before; the first step leads to the one that is chosen already.
export function step(by_) {
  const inList = list.contains(document.activeElement);
  const next = inList ? chosen + by_ : chosen;
  if (next >= rows.length) return acts.end();
  choose(Math.max(0, next), { focus: true });
}
