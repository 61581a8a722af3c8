// Light, dark, or as the system has it. This script runs before the page is drawn, so that it never flashes.
{
  const root = document.documentElement;
  const NEXT = { system: "light", light: "dark", dark: "system" };
  const kept = () => {
    try {
      return localStorage.getItem("theme") ?? "system";
    } catch {
      return "system"; // storage is forbidden
    }
  };

  const show = (name) => {
    if (name === "system") delete root.dataset.theme;
    else root.dataset.theme = name;
    const button = document.getElementById("theme");
    if (button) {
      button.textContent = name[0].toUpperCase() + name.slice(1);
      button.setAttribute("aria-label", `Colours: ${name}. Change to ${NEXT[name]}`);
    }
    dispatchEvent(new Event("theme"));
  };

  show(kept());
  addEventListener("DOMContentLoaded", () => {
    let name = kept() in NEXT ? kept() : "system";
    show(name);
    document.getElementById("theme").addEventListener("click", () => {
      name = NEXT[name];
      try {
        localStorage.setItem("theme", name);
      } catch {
        // then it holds as long as the page
      }
      show(name);
    });
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => dispatchEvent(new Event("theme")));
}
