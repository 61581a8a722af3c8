// Every question to the server, and what its answers mean. Nothing on the page comes from elsewhere.

const BASE = "/api/v1";

// The server refused, and said why and what to do.
export class Problem extends Error {
  constructor(status, detail, hint) {
    super(detail);
    this.status = status;
    this.hint = hint;
  }
}

// The server does not answer at all.
export class Gone extends Error {}

async function ask(path, options = {}) {
  let answer;
  try {
    answer = await fetch(path, { headers: { Accept: "application/json" }, ...options });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Gone("the server does not answer");
  }
  if (answer.ok) return answer;
  throw await problemOf(answer);
}

async function problemOf(answer) {
  const told = await answer.json().catch((error) => {
    if (error.name === "AbortError") throw error; // nobody wants to know any more
    return {};
  });
  const detail = told.detail ?? `the server answered ${answer.status}`;
  return new Problem(answer.status, detail, told.hint ?? "try again");
}

async function json(path, values = {}, options = {}) {
  return (await ask(address(path, values), options)).json();
}

// An address of the API; values that are null or undefined are left out.
export function address(path, values = {}) {
  const given = Object.entries(values).filter(([, value]) => value !== null && value !== undefined);
  const text = new URLSearchParams(given).toString();
  return (path.startsWith("/api/") ? path : BASE + path) + (text ? `?${text}` : "");
}

const wishOf = ({ moments, unsure, duplicates }) => ({ moments, unsure, duplicates });

export const search = (state, page, signal) =>
  json("/search", { q: state.q, keywords: state.keywords, ...wishOf(state), ...page, explain: true }, { signal });

export const similar = (example, state, page, signal) =>
  json("/similar", { ...stretchOf(example), ...wishOf(state), ...page, explain: true }, { signal, ...upload(example) });

export const recordings = (filter, page, signal) =>
  json("/recordings", { filter: filter || null, ...page }, { signal });

export const recording = (home, signal) => json(home, {}, { signal });
export const description = (home, signal) => json(`${home}/description`, {}, { signal });
export const peaks = (home, values, signal) => json(`${home}/peaks`, values, { signal });
export const moments = (home, values, signal) => json(`${home}/moments`, values, { signal });

// A stretch of a film.
export async function bytes(home, values, signal) {
  return (await ask(address(home, values), { headers: {}, signal })).arrayBuffer();
}

export const status = () => json("/status");
export const failed = (offset) => json("/failed", { limit: 100, offset });
export const jobs = () => json("/jobs");
export const cancel = (id) => json(`/jobs/${id}`, {}, { method: "DELETE" });
export const events = (id) => new EventSource(`${BASE}/jobs/${id}/events`);
export const start = () => json("/jobs", {}, posted({ paths: [] }));

export const labels = () => json("/labels");
export const labelHits = (values, signal) => json("/labels/hits", values, { signal });
export const judge = (verdict) => json("/labels", {}, posted(verdict));

const posted = (value) => ({ method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(value) });

export async function isThere() {
  try {
    await ask(`${BASE}/health`, { cache: "no-store" });
    return true;
  } catch {
    return false;
  }
}

// The hits of a query, or of an example, as a file of another program: -> its bytes and its name.
export async function exported(state, example, format, ranks, signal) {
  const values = { format, ...wishOf(state), ranks: ranks.join(",") };
  const answer = example
    ? await ask(address("/export", { ...values, ...stretchOf(example) }), { signal, ...upload(example) })
    : await ask(address("/export", { q: state.q, keywords: state.keywords, ...values }), { signal });
  const name = /filename="([^"]+)"/.exec(answer.headers.get("Content-Disposition") ?? "");
  return { bytes: await answer.blob(), name: name ? name[1] : `earmark.${format}` };
}

const stretchOf = ({ start, end }) => ({ start, end });

function upload({ file }) {
  const body = new FormData();
  body.append("file", file, file.name);
  return { method: "POST", body };
}
