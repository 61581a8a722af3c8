// Canvases that are sharp, and drawn again when their size or the colours of the page change.

const paints = new WeakMap();
const sizes = new ResizeObserver((changes) => changes.forEach(({ target }) => redraw(target)));

export function paint(canvas, draw) {
  if (!paints.has(canvas)) sizes.observe(canvas);
  paints.set(canvas, draw);
  redraw(canvas);
}

export function redraw(canvas) {
  const { clientWidth: width, clientHeight: height } = canvas;
  if (!width || !height) return;
  const scale = devicePixelRatio || 1;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const pen = canvas.getContext("2d");
  pen.scale(scale, scale);
  paints.get(canvas)?.(pen, width, height);
}

export const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`);

addEventListener("theme", () => document.querySelectorAll("canvas").forEach((one) => paints.has(one) && redraw(one)));
