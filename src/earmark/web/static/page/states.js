// What stands where the hits would: at the beginning, in an empty library, where nothing matches, where it failed.

import { button, make } from "./dom.js";
import { examples } from "./help.js";
import { filtersOf, withoutFilters } from "./query.js";

export function welcome(ask) {
  return [
    make("p", { text: "Say in your own words what you hear in your head. Or try one of these:" }),
    examples(ask),
    make("p", { class: "quiet", text: "Or drop a sound on the page to find what sounds like it. Keys and all that can be typed: press ? or Help." }),
  ];
}

export function empty(status) {
  const somewhere = status.roots.length > 0;
  return [
    make("p", { text: somewhere ? "The folders of this library hold no sound yet." : "This library is empty. Tell earmark where your sounds are; no file of yours is changed:" }),
    somewhere
      ? make("p", {}, ...status.roots.map(({ path }) => make("code", { text: path })))
      : make("pre", {}, make("code", { text: `earmark index FOLDER --library ${quoted(status.library)}` })),
    make("p", { class: "quiet", text: "What it is indexing shows up here while it goes on." }),
  ];
}

const quoted = (path) => (/^[\w/.:\\-]+$/.test(path) ? path : `"${path}"`);

// `go(change)` asks for something else.
export function nothing(state, isExample, go) {
  const filters = filtersOf(state.q);
  return [
    make("p", { text: "Nothing here matches well enough to be shown." }),
    make("div", { class: "doings" },
      !state.unsure && button("Show what is below the line", () => go({ unsure: true }), { class: "small strong", id: "show-below" }),
      filters.length > 0 && !isExample && button("Search without the filters", () => go({ q: withoutFilters(state.q) }), { class: "small", id: "no-filters" }),
    ),
    make("p", { class: "quiet", text: "Other words may help: say what it sounds like, in fewer words, in English." }),
  ];
}

export function problem(error, again) {
  return [
    make("p", { class: "problem", text: error.message }),
    error.hint && make("p", { class: "quiet", text: error.hint }),
    button("Try again", again, { class: "small" }),
  ].filter(Boolean);
}
