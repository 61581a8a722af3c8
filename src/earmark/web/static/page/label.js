// The page on which hits are judged: a query, its first hits, and what a person says of each.

import * as api from "./api.js";
import { by, button, make, say } from "./dom.js";
import * as gone from "./gone.js";
import { hitsOf } from "./hit.js";
import * as keys from "./keys.js";
import * as player from "./player.js";
import { withoutFilters } from "./query.js";
import * as results from "./results.js";
import * as screen from "./screen.js";
import * as states from "./states.js";
import { counted } from "./times.js";
import * as verdict from "./verdict.js";

const PAGE = 10; // hits at once
const MOST = 100; // hits of a query
const SKIP = 2; // seconds
const KEYS = [["y", "right"], ["n", "wrong"], ["j", "next"], ["k", "before"], ["Space", "play"], ["← →", "two seconds"], ["l", "loop"], ["/", "another query"]];

let server = null; // the status of the server
let query = "";
let queries = []; // { query, right, wrong }
let limit = PAGE;
let asking = new AbortController();

async function ask() {
  asking.abort();
  asking = new AbortController();
  const { signal } = asking;
  by("q").value = query;
  by("answer").setAttribute("aria-busy", "true");
  by("took").textContent = "Searching ...";
  try {
    show(await api.labelHits({ q: query, limit }, signal), signal);
  } catch (error) {
    if (error.name !== "AbortError") failed(error, ask);
  } finally {
    if (!signal.aborted) by("answer").removeAttribute("aria-busy");
  }
}

function show(answer, signal) {
  results.clear(withoutFilters(query), signal);
  by("wrong").hidden = true;
  by("state").replaceChildren();
  const hits = hitsOf(answer, server.roots, { before: 0, words: false }).map((hit) => ({ ...hit, like: null }));
  results.add(hits, { levels: server.server.levels, line: 0 });
  results.all().forEach((row, n) => verdict.addVerdict(row, answer.right[n], judge));
  by("next").hidden = hits.length < limit || limit >= MOST;
  if (!hits.length) by("state").replaceChildren(make("p", { text: "The search finds nothing for this query." }));
  showProgress();
  showQueries();
  next(0);
}

// Keep what a person says, show it, and go on to what is not judged yet.
async function judge(row, right) {
  if (row.busy) return;
  row.busy = true;
  const { link, start, end, name } = row.hit;
  const asked = query;
  try {
    const told = await api.judge({ query: asked, id: link.id, start, end, right });
    if (asked !== query) return;
    verdict.show(row, right);
    queries = [...queries.filter((one) => one.query !== told.query), told];
    say(`${name} is ${right ? "right" : "wrong"}`);
    showProgress();
    showQueries();
    next(results.all().indexOf(row));
  } catch (error) {
    failed(error, () => judge(row, right));
  } finally {
    row.busy = false;
  }
}

// Choose the first hit from here on that nobody judged; what plays goes on with it.
function next(from) {
  const rows = results.all();
  const place = rows.findIndex((row, n) => n >= from && row.judged === null);
  if (place < 0) return;
  const plays = rows.some((row) => player.isPlaying(row.hit));
  results.choose(place, { focus: true });
  if (plays) player.play(rows[place].hit);
}

function showProgress() {
  const rows = results.all();
  const done = rows.filter(({ judged }) => judged !== null);
  const right = done.filter(({ judged }) => judged).length;
  by("count").textContent = rows.length && done.length === rows.length ? "All of these are judged" : "Is it right?";
  by("took").textContent = rows.length ? `${done.length} of ${counted(rows.length, "hit", "hits")} judged, ${right} right` : "";
  by("progress").hidden = !rows.length;
  by("progress").max = Math.max(1, rows.length);
  by("progress").value = done.length;
}

function showQueries() {
  const known = queries.some((one) => one.query === query);
  const every = known || !query ? queries : [...queries, { query, right: 0, wrong: 0 }];
  const ordered = every.toSorted((a, b) => a.query.localeCompare(b.query));
  const had = by("queries").contains(document.activeElement);
  by("queries").replaceChildren(...ordered.map((one) => make("li", {}, chip(one))));
  if (had) by("queries").querySelector("[aria-current]")?.focus();
}

function chip({ query: text, right, wrong }) {
  const made = button(text, () => take(text), { class: "small", "aria-current": text === query ? "true" : null, title: text });
  made.append(make("span", { class: "tally", text: `${right} right, ${wrong} wrong` }));
  return made;
}

// Judge the hits of another query; the address of the page keeps it.
function take(text, { replace = false } = {}) {
  [query, limit] = [text, PAGE];
  history[replace ? "replaceState" : "pushState"](null, "", text ? `/label?${new URLSearchParams({ q: text })}` : "/label");
  document.title = `${text || "Right or wrong"} - earmark`;
  if (text) ask();
  else begin();
}

function begin() {
  results.clear("", asking.signal);
  by("next").hidden = true;
  showProgress();
  showQueries();
  by("state").replaceChildren(make("p", { text: queries.length ? "Choose a query above, or type another one." : "Type what you would search for; then say of each hit whether it is right." }));
}

function failed(error, again) {
  if (error instanceof api.Gone) return gone.show(again);
  if (error.status === 401) return location.assign("/login");
  by("took").textContent = "";
  if (error.status === 400) {
    by("wrong").textContent = `${error.message}; ${error.hint}`;
    by("wrong").hidden = false;
    return say(by("wrong").textContent);
  }
  by("state").replaceChildren(...states.problem(error, again));
  say(error.message);
}

const withHit = (act) => () => {
  const row = results.current();
  return row ? act(row) : false;
};

// A key that is held down says something of one hit, not of all that follow.
const once = (act) => (event) => !event.repeat && act();

function listen() {
  by("ask").addEventListener("submit", (event) => {
    event.preventDefault();
    const text = by("q").value.replace(/\s+/g, " ").trim();
    if (text) take(text);
  });
  by("next").addEventListener("click", () => ((limit = Math.min(MOST, limit + PAGE)), ask()));
  addEventListener("popstate", () => take(new URLSearchParams(location.search).get("q") ?? "", { replace: true }));
  keys.listen({
    y: once(withHit((row) => void judge(row, true))),
    n: once(withHit((row) => void judge(row, false))),
    j: () => results.step(1),
    k: () => results.step(-1),
    ArrowDown: () => results.step(1),
    ArrowUp: () => results.step(-1),
    ArrowLeft: () => player.skip(-SKIP),
    ArrowRight: () => player.skip(SKIP),
    " ": withHit(({ hit }) => player.toggle(hit)),
    l: () => player.loop(),
    f: () => screen.full(),
    "/": () => (by("q").focus(), by("q").select()),
    Escape: () => by("count").focus(),
  });
}

async function start() {
  results.begin({ chosen: () => {}, open: ({ hit }) => player.toggle(hit), more: () => {}, less: () => {}, pick: () => {}, end: () => {} });
  by("keys").append(...KEYS.flatMap(([key, does]) => [make("kbd", { text: key }), ` ${does}`]));
  listen();
  await connect();
}

// Nothing can be shown before it is known how the library stands and what was judged.
async function connect() {
  try {
    [server, { queries }] = await Promise.all([api.status(), api.labels()]);
    take(new URLSearchParams(location.search).get("q") ?? "", { replace: true });
  } catch (error) {
    failed(error, connect);
  }
}

start();
