// The page put together: what is asked for leads to hits, and what is pressed leads to another question.

import * as api from "./api.js";
import * as detail from "./detail.js";
import { by, say } from "./dom.js";
import * as example from "./example.js";
import * as filters from "./filters.js";
import * as gone from "./gone.js";
import * as help from "./help.js";
import { hitsOf } from "./hit.js";
import * as keys from "./keys.js";
import * as player from "./player.js";
import { filtersAlone, withLess, withMore, withoutFilters } from "./query.js";
import * as results from "./results.js";
import * as screen from "./screen.js";
import * as selection from "./selection.js";
import * as state from "./state.js";
import * as states from "./states.js";
import * as status from "./status.js";
import { counted } from "./times.js";

const PAGE = 20; // hits at once
const PAUSE = 350; // milliseconds without a key until what was typed is asked
const SKIP = 2; // seconds

let sent = null; // the sound that is searched by, if it is none of the library: { file, start, end }
let asking = new AbortController();
let next = null; // where the next page begins
let typing = 0;
let settled = true; // whether Enter, or a button, stood behind what is asked; what is typed meanwhile is no step back

// What is asked of the server, from the first page on.
async function ask() {
  const wish = state.current();
  asking.abort();
  asking = new AbortController();
  next = null;
  if (!status.known()) return; // what was asked is asked once it is known how the library stands
  if (!sent && !wish.q) return begin();
  by("answer").setAttribute("aria-busy", "true");
  by("took").textContent = sent ? `Listening to ${sent.file.name} ...` : "Searching ...";
  await page(wish, 0, asking.signal);
}

// The field follows what is asked when that changes, and at no other time: letters that are being typed stay.
function showAsked(wish) {
  const field = by("q");
  if (document.activeElement !== field || field.value.trim() !== wish.q) field.value = wish.q;
  grow();
  filters.show(wish, sent !== null);
  document.title = sent ? `Like ${sent.file.name} - earmark` : wish.q ? `${wish.q} - earmark` : "earmark";
}

async function page(wish, offset, signal) {
  try {
    const answer = await asked(wish, offset, signal);
    if (!offset) clear(wish, signal);
    show(answer, wish);
  } catch (error) {
    if (error.name !== "AbortError") failed(error, wish, signal);
  } finally {
    if (!signal.aborted) by("answer").removeAttribute("aria-busy");
  }
}

// Words, a sound, or filters alone, which list what they let through.
async function asked(wish, offset, signal) {
  if (sent) return api.similar(sent, wish, { limit: PAGE, offset }, signal);
  if (withoutFilters(wish.q)) return api.search(wish, { limit: PAGE, offset }, signal);
  return api.recordings(filtersAlone(wish.q), { limit: PAGE, after: offset }, signal);
}

function clear(wish, signal) {
  results.clear(sent ? "" : withoutFilters(wish.q), signal);
  detail.hide();
  by("wrong").hidden = true;
  by("state").replaceChildren();
}

function show(answer, wish) {
  const { server, roots } = status.known();
  results.add(hitsOf(answer, roots, { before: results.all().length, words: !sent }), server);
  next = answer.next_offset ?? answer.next_after ?? null;
  by("next").hidden = next === null;
  const count = results.all().length;
  by("count").textContent = title(answer, count);
  by("took").textContent = answer.took_ms === undefined ? "" : took(answer);
  if (!count) by("state").replaceChildren(...states.nothing(wish, sent !== null, state.go));
  showSelection();
  say(by("count").textContent);
}

function took({ took_ms: ms, calibrated, read_as: readAs }) {
  const more = [readAs && `read as ${readAs}`, !calibrated && "confidence is a rough rule here"];
  return [`${Math.round(ms)} ms`, ...more.filter(Boolean)].join("; ");
}

function title(answer, count) {
  if (!count) return "Nothing here matches";
  if (answer.total !== undefined) return counted(answer.total, "recording", "recordings");
  return `${next === null ? "" : "First "}${counted(count, "hit", "hits")}`;
}

function failed(error, wish, signal) {
  by("took").textContent = "";
  if (error instanceof api.Gone) return gone.show(ask);
  if (error.status === 401) return location.assign("/login");
  if (error.status === 400 && !sent) return wrong(error);
  clear(wish, signal);
  by("count").textContent = "That did not work";
  by("next").hidden = true;
  by("state").replaceChildren(...states.problem(error, ask));
  showSelection();
}

// What was typed cannot be understood, perhaps because it is not finished; the hits before stay.
function wrong(error) {
  by("wrong").textContent = `${error.message}; ${error.hint}`;
  by("wrong").hidden = false;
  say(by("wrong").textContent);
}

function begin() {
  clear({ q: "" }, asking.signal);
  by("answer").removeAttribute("aria-busy");
  by("took").textContent = "";
  by("next").hidden = true;
  const known = status.known();
  const isEmpty = known.recordings - known.failed === 0;
  by("count").textContent = isEmpty ? "No sounds yet" : "What should be heard?";
  by("state").replaceChildren(...(isEmpty ? states.empty(known) : states.welcome(words)));
  showSelection();
}

function more() {
  if (next === null) return;
  const offset = next;
  next = null;
  page(state.current(), offset, asking.signal);
}

function showSelection() {
  const rows = results.all();
  const isBrowsed = rows.length > 0 && rows[0].hit.confidence === null;
  selection.show({ rows, picked: results.picked(), words: !isBrowsed });
}

// Ask in other words; a sound that was sent is left behind.
function words(q, { typing: isTyping = false } = {}) {
  const replace = !settled;
  settled = !isTyping;
  sent = null;
  example.hide();
  if (q.length > (status.known()?.server.limits.query ?? Infinity)) return wrong({ message: "this query is too long", hint: "take something out of it" });
  state.go({ q }, { replace });
}

function typed({ typing: isTyping }) {
  clearTimeout(typing);
  const q = by("q").value.replace(/\s+/g, " ").trim();
  if (q !== state.current().q || sent) return words(q, { typing: isTyping });
  if (isTyping) return;
  settled = true;
  ask();
}

function grow() {
  const field = by("q");
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight}px`;
}

function listenToField() {
  const field = by("q");
  field.addEventListener("input", () => {
    grow();
    clearTimeout(typing);
    if (field.value.trim()) typing = setTimeout(() => typed({ typing: true }), PAUSE);
  });
  field.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Enter") typed({ typing: false });
    else if (event.key === "ArrowDown" && field.selectionEnd === field.value.length) results.step(1);
    else return;
    event.preventDefault();
  });
  by("ask").addEventListener("submit", (event) => {
    event.preventDefault();
    typed({ typing: false });
  });
}

const withHit = (act) => () => {
  const row = results.current();
  return row ? act(row) : false;
};
const base = () => (sent ? "" : state.current().q);
const context = () => ({
  levels: status.known().server.levels,
  picture: status.known().server.spectrogram,
  query: sent ? "" : withoutFilters(state.current().q),
  more: moreLike,
  less: lessLike,
});
const moreLike = ({ hit }) => hit.like !== null && words(withMore(base(), hit.like));
const lessLike = ({ hit }) => hit.less !== null && words(withLess(base(), hit.less));

function listenToKeys() {
  keys.listen({
    "/": () => (by("q").focus(), by("q").select()),
    "?": help.open,
    j: () => results.step(1),
    k: () => results.step(-1),
    ArrowDown: () => results.step(1),
    ArrowUp: () => results.step(-1),
    ArrowLeft: () => player.skip(-SKIP),
    ArrowRight: () => player.skip(SKIP),
    " ": withHit(({ hit }) => player.toggle(hit)),
    Enter: withHit((row) => detail.toggle(row, context())),
    m: withHit(moreLike),
    n: withHit(lessLike),
    s: withHit(detail.togglePicture),
    l: () => player.loop(),
    f: () => screen.full(),
    x: withHit((row) => ((row.pick.checked = !row.pick.checked), showSelection())),
    c: withHit(({ hit }) => detail.copyPath(hit)),
    d: withHit(({ hit }) => detail.download(hit)),
    Escape: () => (document.activeElement === by("q") ? by("count").focus() : detail.close()),
  });
}

async function start() {
  state.onChange((wish) => (showAsked(wish), ask()));
  addEventListener("popstate", () => (settled = true));
  results.begin({
    chosen: (row) => detail.show(row, context()),
    open: (row) => detail.toggle(row, context()),
    more: moreLike,
    less: lessLike,
    pick: showSelection,
    end: more,
  });
  selection.begin(
    () => ({ state: state.current(), example: sent, rows: results.all(), picked: results.picked() }),
    () => (results.picked().forEach(({ pick }) => (pick.checked = false)), showSelection()),
  );
  filters.begin((q) => words(q), (name, on) => state.go({ [name]: on }));
  example.begin((given) => ((sent = given), example.show(given), state.go({ q: "" }, { replace: true })), () => words(""));
  help.begin(words);
  status.begin((known) => {
    filters.offerFolders(known.roots);
    if (!results.all().length) ask(); // who looks at hits keeps them
  });
  listenToField();
  listenToKeys();
  showAsked(state.current());
  by("next").addEventListener("click", more);
  await connect();
}

// Nothing can be shown before it is known how the library stands.
async function connect() {
  try {
    await status.connect();
    if (state.current().q || sent) await ask();
  } catch (error) {
    if (error instanceof api.Gone) gone.show(connect);
    else failed(error, state.current(), asking.signal);
  }
}

start();
