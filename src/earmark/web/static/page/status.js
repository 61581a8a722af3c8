// How the library stands: what it holds, what could not be heard, and index runs as they go.

import * as api from "./api.js";
import { by, button, make, say } from "./dom.js";
import { counted, length, size } from "./times.js";

let now = null; // the status that was asked last
let following = null;
let changed = null;

const dialog = by("status-dialog");

// `does(status)` is told whenever the library has changed.
export function begin(does) {
  changed = does;
  by("status").addEventListener("click", open);
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
}

export async function connect() {
  await refresh();
  await lookForRun();
}

export const known = () => now;

export async function refresh() {
  now = await api.status();
  showShort(null);
  changed(now);
  if (dialog.open) await draw();
}

function showShort(job) {
  const at = job?.progress;
  by("status").textContent = at
    ? `Indexing ${at.files_done} of ${at.files_total}`
    : now.recordings ? `${counted(now.recordings, "recording", "recordings")}, ${length(now.seconds)}` : "Empty library";
}

async function lookForRun() {
  if (now.server.read_only) return;
  const { jobs } = await api.jobs();
  if (jobs[0]?.state === "running") follow(jobs[0]);
}

function follow(job) {
  following?.close();
  following = api.events(job.id);
  const take = (event) => JSON.parse(event.data);
  following.addEventListener("progress", (event) => shown(take(event)));
  following.addEventListener("end", (event) => {
    following.close();
    following = null;
    shown(take(event));
    say("Indexing has ended");
    refresh();
  });
  shown(job);
}

function shown(job) {
  showShort(job.state === "running" ? job : null);
  const place = by("run");
  if (place) drawRun(place, job);
}

export async function open() {
  dialog.replaceChildren(make("h2", { id: "status-title", text: "Library" }), make("p", { text: "Asking the server ..." }));
  if (!dialog.open) dialog.showModal();
  try {
    now = await api.status();
    await draw();
  } catch (error) {
    dialog.append(make("p", { class: "problem", text: error.message }), closer());
  }
}

async function draw() {
  const { failed, total, next_offset: next } = await api.failed(0);
  const list = make("ul", { class: "failed" }, failed.map(failedLine));
  dialog.replaceChildren(
    make("div", { class: "title-line" }, make("h2", { id: "status-title", text: "Library" }), closer()),
    make("p", {}, make("code", { text: now.library })),
    figures(),
    make("h3", { text: "Folders" }),
    now.roots.length ? make("ul", { class: "roots" }, now.roots.map(rootLine)) : make("p", { text: "None yet. Where earmark runs: earmark index FOLDER" }),
    ...now.notes.map((note) => make("p", { class: "problem", text: note })),
    await runs(),
    make("h3", { text: total ? `${counted(total, "file", "files")} could not be heard` : "Every file could be heard" }),
    list,
  );
  if (next !== null) dialog.append(moreFailed(list, next));
}

const closer = () => button("Close", () => dialog.close(), { class: "small", autofocus: true });

function figures() {
  const { server, identity } = now;
  const rows = [
    ["Holds", `${counted(now.recordings - now.failed, "recording", "recordings")}, ${length(now.seconds)} of sound`],
    ["On the drive", size(now.bytes)],
    ["Model", identity.model],
    ["Confidence", server.calibrated ? "a measured probability" : "a rough rule: the model is not calibrated"],
    ["earmark", server.version],
    now.writer && ["Writing now", now.writer],
  ].filter(Boolean);
  return make("dl", { class: "facts-list" }, rows.flatMap(([name, value]) => [make("dt", { text: name }), make("dd", { text: value })]));
}

const rootLine = ({ path, away }) => make("li", {}, make("code", { text: path }), away && make("span", { class: "away", text: "away" }));
const failedLine = ({ path, reason }) => make("li", {}, make("code", { text: path }), make("span", { text: reason }));

function moreFailed(list, offset) {
  const more = button("Show more", async () => {
    const page = await api.failed(offset);
    list.append(...page.failed.map(failedLine));
    offset = page.next_offset;
    more.hidden = offset === null;
  }, { class: "small" });
  return more;
}

async function runs() {
  const section = make("section", { id: "run", class: "run" });
  if (now.server.read_only) {
    section.append(make("p", { class: "quiet", text: "This server only reads: nothing can be indexed from here." }));
    return section;
  }
  const { jobs } = await api.jobs();
  drawRun(section, jobs[0]);
  return section;
}

function drawRun(place, job) {
  const running = job?.state === "running";
  const had = place.contains(document.activeElement);
  place.replaceChildren(...(running ? underWay(job) : [
    make("p", { text: job ? ended(job) : "No run was started from here yet." }),
    button("Look for new and changed files", start, { class: "small", id: "start-run", disabled: !now.roots.length }),
  ]));
  if (had) place.querySelector("button")?.focus();
}

function underWay(job) {
  const at = job.progress;
  const share = at && (at.seconds_total ? at.seconds_done / at.seconds_total : at.files_done / Math.max(1, at.files_total));
  const told = at ? `${at.files_done} of ${at.files_total} files, ${length(at.seconds_done)} of sound heard${at.left === null ? "" : `, ${length(at.left)} to go`}` : "Looking at the folders";
  return [
    make("p", { text: told }),
    make("progress", { max: 1, value: share ?? null, "aria-label": "Index run" }),
    button("Cancel", () => api.cancel(job.id).catch(failed), { class: "small", id: "cancel-run" }),
  ];
}

function ended({ state, report, problem }) {
  if (state === "cancelled") return "The last run was cancelled; what was finished is kept.";
  if (state === "failed") return `The last run failed: ${problem.detail}; ${problem.hint}.`;
  const told = ["indexed", "skipped", "moved", "copied", "failed", "removed"].filter((name) => report[name]);
  return `The last run: ${told.map((name) => `${report[name]} ${name}`).join(", ") || "nothing was there"}.`;
}

async function start() {
  try {
    follow(await api.start());
  } catch (error) {
    failed(error);
  }
}

function failed(error) {
  by("run")?.append(make("p", { class: "problem", role: "alert", text: `${error.message}; ${error.hint}` }));
}
