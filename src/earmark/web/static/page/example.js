// Search by a sound: a file that is dropped, chosen or pasted, or what the microphone hears.

import { by, button, iconButton, icon, make, say } from "./dom.js";
import { clock } from "./times.js";

const LONGEST = 60; // seconds of the microphone

let take = null;
let address = null; // of the sound that is shown
let recorder = null;

// `found({ file, start, end })` searches by it; `dropped()` goes back to words.
export function begin(found, dropped) {
  take = { found, dropped };
  by("file").append(icon("file"));
  by("file").setAttribute("aria-label", "Search by a sound file");
  by("file").addEventListener("click", () => by("pick").click());
  by("pick").addEventListener("change", () => chosen(by("pick")));
  by("mic").append(icon("mic"));
  by("mic").setAttribute("aria-label", "Search by a recording from the microphone");
  by("mic").addEventListener("click", () => (recorder ? recorder.stop() : record()));
  listenForDrops();
  addEventListener("paste", ({ clipboardData }) => offered(clipboardData.files[0]));
}

function chosen(input) {
  offered(input.files[0]);
  input.value = "";
}

const offered = (file) => file && take.found({ file, start: null, end: null });

function listenForDrops() {
  const drop = by("drop");
  const hasFile = (event) => event.dataTransfer?.types.includes("Files");
  addEventListener("dragenter", (event) => hasFile(event) && (drop.hidden = false));
  addEventListener("dragover", (event) => hasFile(event) && event.preventDefault());
  addEventListener("dragleave", (event) => event.relatedTarget === null && (drop.hidden = true));
  addEventListener("drop", (event) => {
    drop.hidden = true;
    if (!hasFile(event)) return;
    event.preventDefault();
    offered(event.dataTransfer.files[0]);
  });
}

async function record() {
  if (!navigator.mediaDevices) return problem("The microphone can be used only on this machine, or over https.");
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  } catch (error) {
    return problem(`The microphone cannot be used: ${error.message}.`);
  }
  const parts = [];
  recorder = new MediaRecorder(stream);
  recorder.addEventListener("dataavailable", ({ data }) => parts.push(data));
  recorder.addEventListener("stop", () => ended(stream, parts));
  recorder.start();
  showRecording();
}

function showRecording() {
  const began = performance.now();
  const mic = by("mic");
  mic.replaceChildren(icon("stop"));
  mic.classList.add("live");
  mic.setAttribute("aria-label", "Stop recording, and search");
  const time = make("span", { class: "time", text: "0:00.0" });
  by("example").hidden = false;
  by("example").replaceChildren(make("span", { class: "live", text: "Recording" }), time, button("Stop, and search", () => recorder.stop(), { class: "small" }));
  say("Recording");
  const tick = () => {
    if (!recorder) return;
    const seconds = (performance.now() - began) / 1000;
    time.textContent = clock(seconds, true);
    if (seconds > LONGEST && recorder.state === "recording") recorder.stop();
    requestAnimationFrame(tick);
  };
  tick();
}

function ended(stream, parts) {
  stream.getTracks().forEach((track) => track.stop());
  const kind = recorder.mimeType;
  recorder = null;
  const mic = by("mic");
  mic.replaceChildren(icon("mic"));
  mic.classList.remove("live");
  mic.setAttribute("aria-label", "Search by a recording from the microphone");
  offered(new File(parts, `microphone.${kind.includes("mp4") ? "m4a" : "webm"}`, { type: kind }));
}

function problem(text) {
  by("example").hidden = false;
  by("example").replaceChildren(make("span", { role: "alert", text }), button("Close", hide, { class: "small" }));
}

// Show which sound is searched by, let it be heard, and let a stretch of it be named.
export function show({ file, start, end }) {
  hide();
  address = URL.createObjectURL(file);
  const sound = new Audio(address);
  const play = iconButton("play", `Play ${file.name}`, () => (sound.paused ? sound.play().catch(() => say("The browser cannot play it")) : sound.pause()), { class: "round tiny" });
  sound.addEventListener("play", () => play.replaceChildren(icon("pause")));
  sound.addEventListener("pause", () => play.replaceChildren(icon("play")));
  const [from, to] = [seconds("from", start, "0"), seconds("to", end, "its end")];
  const again = () => take.found({ file, start: read(from), end: read(to) });
  for (const one of [from, to]) one.querySelector("input").addEventListener("change", again);
  by("example").hidden = false;
  by("example").replaceChildren(make("span", { text: "Like" }), play, make("strong", { text: file.name }), from, to,
    button("Back to words", () => take.dropped(), { class: "small" }));
}

function seconds(name, value, hint) {
  return make("label", {}, make("span", { text: name }), make("input", { type: "number", min: 0, step: 0.1, placeholder: hint, value: value ?? "", "aria-label": `${name}, in seconds` }));
}

const read = (label) => {
  const { value } = label.querySelector("input");
  return value === "" ? null : Number(value);
};

export function hide() {
  if (address) URL.revokeObjectURL(address);
  address = null;
  by("example").hidden = true;
  by("example").replaceChildren();
}
