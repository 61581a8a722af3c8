// What is asked for stands in the address of the page, so that it can be kept, sent, and gone back to.

const FLAGS = { keywords: true, moments: false, unsure: false, duplicates: false };
const listeners = [];

export function current() {
  const given = new URLSearchParams(location.search);
  const flags = Object.entries(FLAGS).map(([name, usual]) => [name, given.has(name) ? given.get(name) === "true" : usual]);
  return { q: given.get("q") ?? "", ...Object.fromEntries(flags) };
}

// Ask for something else; `replace` leaves no way back to what was asked before.
export function go(change, { replace = false } = {}) {
  const next = { ...current(), ...change };
  const given = new URLSearchParams();
  if (next.q) given.set("q", next.q);
  for (const [name, usual] of Object.entries(FLAGS)) if (next[name] !== usual) given.set(name, String(next[name]));
  const text = given.toString();
  history[replace ? "replaceState" : "pushState"](null, "", text ? `/?${text}` : "/");
  tell();
}

export function onChange(listen) {
  listeners.push(listen);
}

function tell() {
  for (const listen of listeners) listen(current());
}

addEventListener("popstate", tell);
