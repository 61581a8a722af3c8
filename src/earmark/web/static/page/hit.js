// Hits as the rows of the page need them, from the answers of the API, value for value.

// From the hits of a search, or the recordings of a list; `before` counts those that are shown already, and
// `words` says whether there is a query from which something can be taken away.
export function hitsOf(answer, roots, { before, words }) {
  if (answer.hits) return answer.hits.map((hit, n) => hitOf(hit, answer.links[n], answer.why?.[n] ?? null, roots, words));
  return answer.recordings.map((one, n) => recordingAs(one, before + n + 1, roots));
}

function hitOf(hit, link, why, roots, words) {
  const like = link.like?.isWellFormed?.() === false ? null : link.like; // a name that is no text cannot be typed
  return { ...hit, link, why, like, reason: null, less: words ? like : null, key: `${hit.path}@${hit.start}`, ...named(hit.path, roots) };
}

function recordingAs(one, rank, roots) {
  const link = { id: one.id, self: one.self, audio: one.reason ? null : one.audio, video: one.video, ucs: one.ucs };
  return {
    rank, link, path: one.path, start: 0, end: one.seconds, duration: one.seconds, tags: one.tags, away: one.away, reason: one.reason,
    confidence: null, why: null, like: null, less: null, key: `${one.path}@0`, ...named(one.path, roots),
  };
}

// The name of a file, and its folder as told from the folder of the library that it lies in.
function named(path, roots) {
  const mark = path.includes("\\") && !path.includes("/") ? "\\" : "/";
  const root = roots.map((one) => one.path + mark).filter((one) => path.startsWith(one)).sort((a, b) => b.length - a.length)[0] ?? "";
  const parts = path.slice(root.length).split(mark);
  return { name: parts.pop(), folder: parts.join(mark) };
}
