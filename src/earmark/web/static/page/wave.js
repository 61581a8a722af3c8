// The waveform of a stretch, with the matching moment marked. Heights are square roots of samples, so that
// a quiet recording is seen as well, and a loud one still stands higher.

import { colour, paint } from "./canvas.js";

const WHOLE = 90; // seconds; longer recordings are shown around the moment
const LEAST = 30; // seconds that are shown then

// Which stretch of a recording is shown, so that its moment can be seen.
export function viewOf(hit, centre = (hit.start + hit.end) / 2) {
  if (hit.duration <= WHOLE) return { start: 0, end: hit.duration };
  const long = Math.min(hit.duration, Math.max(LEAST, 3 * (hit.end - hit.start)));
  const start = Math.min(Math.max(0, centre - long / 2), hit.duration - long);
  return { start, end: start + long };
}

export function drawWave(canvas, peaks, view, moment) {
  paint(canvas, (pen, width, height) => {
    const x = (seconds) => ((seconds - view.start) / (view.end - view.start)) * width;
    drawMoment(pen, x(moment.start), x(moment.end), height);
    if (peaks) drawPeaks(pen, peaks, x, moment, height);
  });
}

function drawMoment(pen, left, right, height) {
  pen.fillStyle = colour("mark-wash");
  pen.fillRect(left, 0, Math.max(2, right - left), height);
}

function drawPeaks(pen, peaks, x, moment, height) {
  const middle = height / 2;
  const tall = (sample) => Math.sign(sample) * Math.sqrt(Math.min(1, Math.abs(sample))) * (middle - 1);
  const thick = Math.max(1, x(peaks.start + peaks.step) - x(peaks.start) + 0.3);
  const [usual, mark] = [colour("wave"), colour("mark")];
  peaks.low.forEach((low, n) => {
    const at = peaks.start + n * peaks.step;
    const inside = at + peaks.step > moment.start && at < moment.end;
    const top = middle - tall(peaks.high[n]);
    pen.fillStyle = inside ? mark : usual;
    pen.fillRect(x(at), top, thick, Math.max(1, middle - tall(low) - top));
  });
}
