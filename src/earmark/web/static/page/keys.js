// The keys. A letter alone does something only where nothing is typed, and only as long as that is wanted.

const KEPT = "keys";

export function wanted() {
  try {
    return localStorage.getItem(KEPT) !== "off";
  } catch {
    return true;
  }
}

export function want(on) {
  try {
    localStorage.setItem(KEPT, on ? "on" : "off");
  } catch {
    // then as long as the page
  }
  letters = on;
}

let letters = wanted();

const isTyped = (element) => element.matches("input:not([type=checkbox]):not([type=range]), textarea, select");
// Space and Enter belong to what has the focus, but for the names of hits, where Space plays.
const takesSpace = (element) => element.matches("button:not(.title), a, input, summary, select");
const isLetter = (key) => key.length === 1 && key !== " ";

// `does`: key -> what it does
export function listen(does) {
  document.addEventListener("keydown", (event) => {
    const { key, target } = event;
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || document.querySelector("dialog[open]")) return;
    if (isTyped(target) && key !== "Escape") return;
    if (key === " " && takesSpace(target)) return;
    if (target.matches("input[type=range]") && key.startsWith("Arrow")) return;
    if (isLetter(key) && !letters) return;
    const act = does[isLetter(key) ? key.toLowerCase() : key];
    if (!act || (key === "Enter" && target !== document.body)) return;
    if (act(event) === false) return;
    event.preventDefault();
  });
  // Firefox presses a button when Space is let go
  document.addEventListener("keyup", (event) => event.key === " " && event.target.matches?.(".title") && event.preventDefault());
}
