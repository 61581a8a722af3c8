// Filters and wishes as fields; they only edit the query and the address, which say all there is.

import { by, button, make } from "./dom.js";
import { filtersOf, withFilter } from "./query.js";

const FIELDS = [
  { name: "in", label: "In folder", hint: "field", list: "roots" },
  { name: "tag", label: "Tag", hint: "night" },
  { name: "ucs", label: "UCS", hint: "AMBRain, or AMB" },
  { name: "longer", label: "Longer than", hint: "5s, 1:30, 2h" },
  { name: "shorter", label: "Shorter than", hint: "30s" },
  { name: "newer", label: "Newer than", hint: "7d, or 2024-03" },
];
const WISHES = [
  { name: "moments", label: "All moments", does: "Every moment of a recording, not its best alone" },
  { name: "unsure", label: "Below the line", does: "Also hits that are probably wrong" },
  { name: "duplicates", label: "Copies apart", does: "Copies one by one" },
  { name: "keywords", label: "Names and tags count", does: "Names and tags of recordings count as well as their sound" },
];

// `edit(query)` asks for another query, `wish(name, value)` for other hits.
export function begin(edit, wish) {
  by("filters").append(...FIELDS.map((field) => fieldOf(field, edit)), make("datalist", { id: "roots" }));
  by("wishes").append(...WISHES.map((one) => button(one.label, () => wish(one.name, !isOn(one.name)), {
    class: "wish", id: `wish-${one.name}`, title: one.does, "aria-pressed": "false" })));
  const opener = by("more-filters");
  opener.addEventListener("click", () => open(opener.getAttribute("aria-expanded") !== "true"));
}

function fieldOf({ name, label, hint, list }, edit) {
  const input = make("input", { id: `filter-${name}`, placeholder: hint, list, autocomplete: "off", spellcheck: "false" });
  input.addEventListener("change", () => edit(withFilter(by("q").value, name, input.value)));
  return make("label", {}, make("span", { text: label }), input);
}

const isOn = (name) => by(`wish-${name}`).getAttribute("aria-pressed") === "true";

function open(wide) {
  by("more-filters").setAttribute("aria-expanded", String(wide));
  by("filters").hidden = !wide;
}

// Show what is asked for.
export function show(state, isExample) {
  const found = filtersOf(state.q);
  for (const { name } of FIELDS) by(`filter-${name}`).value = found.filter((one) => one.name === name).map(({ value }) => value).join(" ");
  for (const { name } of WISHES) by(`wish-${name}`).setAttribute("aria-pressed", String(state[name]));
  by("wish-keywords").disabled = isExample; // a sound that is sent has no words
  by("more-filters").textContent = found.length ? `Filters (${found.length})` : "Filters";
}

export function offerFolders(roots) {
  by("roots").replaceChildren(...roots.map(({ path }) => make("option", { value: path })));
}
