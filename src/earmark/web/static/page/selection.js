// Hits for other programs: those that are picked, or all that are shown.

import * as api from "./api.js";
import { by, button, make, say } from "./dom.js";

const FORMATS = { csv: "CSV", m3u: "M3U", audacity: "Audacity", raven: "Raven", reaper: "Reaper" };
const MOST = 100; // hits in one file

// `asked()` gives what is shown: { state, example, rows, picked }; `clear()` picks nothing.
export function begin(asked, clear) {
  const what = make("span", { class: "what", id: "export-what" });
  const none = button("None", clear, { class: "plain", id: "export-none", hidden: true });
  const formats = Object.entries(FORMATS).map(([format, name]) => button(name, () => take(asked(), format), { class: "small", data: { format } }));
  by("export").append(what, none, ...formats, make("span", { class: "problem", id: "export-problem", role: "alert" }));
}

export function show({ rows, picked, words }) {
  const count = Math.min(MOST, (picked.length ? picked : rows).length);
  by("export").hidden = !rows.length || !words;
  by("export-what").textContent = picked.length ? `Export ${count} selected` : `Export these ${count}`;
  by("export-none").hidden = !picked.length;
  by("export-problem").textContent = "";
}

async function take({ state, example, rows, picked }, format) {
  const ranks = (picked.length ? picked : rows).slice(0, MOST).map(({ hit }) => hit.rank);
  try {
    const { bytes, name } = await api.exported(state, example, format, ranks);
    save(bytes, name);
    say(`${ranks.length} hits are exported as ${FORMATS[format]}`);
  } catch (error) {
    by("export-problem").textContent = error.message;
  }
}

function save(bytes, name) {
  const address = URL.createObjectURL(bytes);
  make("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
