// The server does not answer: say so, and look again until it does.

import { isThere } from "./api.js";
import { by, button, make, say } from "./dom.js";

const EVERY = 2000; // milliseconds
let timer = 0;

export function show(back) {
  if (timer) return;
  const look = async () => (await isThere()) && hide(back);
  timer = setInterval(look, EVERY);
  by("gone").hidden = false;
  by("gone").replaceChildren(
    make("strong", { text: "The server does not answer." }),
    make("span", {}, "Perhaps it was ended. Start it again with ", make("code", { text: "earmark serve" }), "; this page goes on by itself."),
    button("Look now", look, { class: "small" }),
  );
}

function hide(back) {
  if (!timer) return;
  clearInterval(timer);
  timer = 0;
  by("gone").hidden = true;
  say("The server answers again");
  back();
}
