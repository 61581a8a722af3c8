// A film: what is known of its pictures, and how it comes to be played. A browser that knows the kind of file gets
// it as it is; of other kinds it is given stretches, which are put together here; of the rest, the sound alone.

import * as api from "./api.js";

const AHEAD = 30; // seconds that are held before they are shown ...
const BEHIND = 60; // ... and after
const PIECE = 10; // seconds at once
const SHORT = 1; // seconds by which pictures or sound may end before the other
const NEAR = 0.1; // seconds between pieces that belong together
const SOUND = "sound";
const known = new Map(); // the address of a recording -> what is known of its pictures, or null
let feed = null;

// What is known of the pictures of a hit; null if there are none.
export function picturesOf({ link }) {
  if (!link.video || !link.self) return Promise.resolve(null);
  if (!known.has(link.self)) {
    const asked = api.recording(link.self).then(({ pictures }) => pictures);
    known.set(link.self, asked);
    asked.catch(() => known.delete(link.self));
  }
  return known.get(link.self).catch(() => null);
}

// How this browser gets a film: file, stretches or sound.
export function wayOf(pictures, element) {
  if (!pictures) return SOUND;
  const { playable, type } = pictures;
  if (playable === "file" && element.canPlayType(type)) return "file";
  return playable === "stretches" && globalThis.MediaSource?.isTypeSupported(type) ? "stretches" : SOUND;
}

export const why = (pictures) => pictures.why ?? `this browser does not play ${pictures.codec}`;

// Give an element what it is to play, from a place on.
export function open(element, hit, way, pictures, at) {
  feed?.close();
  feed = null;
  if (way === "file") element.src = api.address(hit.link.video, { format: "playable" });
  else if (way === "stretches") feed = new Feed(element, hit, pictures, at);
  else element.src = api.address(hit.link.audio, { format: "playable" });
}

// Stretches of a film as they are needed: around the place that is shown, and not all of it.
class Feed {
  constructor(element, hit, { type, shift }, at) {
    Object.assign(this, { element, hit, type, shift, at, busy: false, begun: false, ended: null });
    this.leaving = new AbortController();
    this.source = new MediaSource();
    this.source.addEventListener("sourceopen", () => this.begin(), { once: true });
    element.src = URL.createObjectURL(this.source);
  }

  close() {
    this.leaving.abort();
  }

  begin() {
    if (this.leaving.signal.aborted) return;
    URL.revokeObjectURL(this.element.src);
    this.source.duration = this.hit.duration;
    this.buffer = this.source.addSourceBuffer(this.type);
    this.buffer.timestampOffset = -this.shift;
    const { signal } = this.leaving;
    this.element.addEventListener("seeking", () => ((this.begun = true), this.fill()), { signal });
    this.element.addEventListener("timeupdate", () => this.fill(), { signal });
    this.fill();
  }

  // Ask for what is missing, one piece after the other.
  async fill() {
    if (this.busy) return;
    this.busy = true;
    try {
      for (let from = this.missing(); from !== null; from = this.missing()) await this.add(from);
      this.finish();
    } catch (error) {
      if (error.name !== "AbortError") this.fail();
    } finally {
      this.busy = false;
    }
  }

  // Where the next piece begins; null if enough is there.
  missing() {
    if (this.leaving.signal.aborted || this.source.readyState === "closed") return null;
    const from = this.heldTo(this.now());
    return from < Math.min(this.now() + AHEAD, this.hit.duration - NEAR) && from !== this.ended ? from : null;
  }

  // Before it is known what there is, the element is at its beginning.
  now() {
    return this.begun ? this.element.currentTime : this.at;
  }

  heldTo(now) {
    const { buffered } = this.buffer;
    for (let n = 0; n < buffered.length; n += 1) {
      if (buffered.start(n) <= now + NEAR && buffered.end(n) > now) return buffered.end(n);
    }
    return now;
  }

  async add(from) {
    const values = { format: "playable", start: from, end: Math.min(from + PIECE, this.hit.duration) };
    const bytes = await api.bytes(this.hit.link.video, values, this.leaving.signal);
    await this.done(() => this.buffer.appendBuffer(bytes));
    await this.forget();
    if (this.heldTo(from) > from + NEAR) return;
    if (from < this.hit.duration - SHORT) throw new Error("a piece has pictures or sound alone");
    this.ended = from; // nothing more comes
  }

  // Say that all is there, or the element waits at the end for more.
  finish() {
    const to = this.leaving.signal.aborted ? 0 : this.heldTo(this.now());
    const isLast = to === this.ended || to >= this.hit.duration - NEAR;
    if (isLast && this.source.readyState === "open") this.source.endOfStream();
  }

  async forget() {
    const until = this.element.currentTime - BEHIND;
    if (until > 0 && this.buffer.buffered.length && this.buffer.buffered.start(0) < until) await this.done(() => this.buffer.remove(0, until));
  }

  done(act) {
    return new Promise((resolve, reject) => {
      this.buffer.addEventListener("updateend", resolve, { once: true });
      this.buffer.addEventListener("error", () => reject(new Error("not understood")), { once: true });
      act();
    });
  }

  fail() {
    if (this.source.readyState === "open") this.source.endOfStream("network");
  }
}
