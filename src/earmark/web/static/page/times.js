// Times, lengths, sizes and pitches as people read them.

const pad = (number) => String(number).padStart(2, "0");

// 3.24 -> 0:03.2; 3661 -> 1:01:01
export function clock(seconds, tenths = false) {
  const unit = tenths ? 10 : 1;
  const all = Math.floor(seconds * unit + 1e-6);
  const whole = Math.floor(all / unit);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const head = hours ? `${hours}:${pad(minutes)}` : `${minutes}`;
  return `${head}:${pad(rest)}${tenths ? `.${all % unit}` : ""}`;
}

export const span = (start, end) => `${clock(start, true)} – ${clock(end, true)}`;

// How long something is, in words: 5900 -> 1 h 38 min
export function length(seconds) {
  if (seconds >= 3600) return `${Math.floor(seconds / 3600)} h ${Math.round(seconds / 60) % 60} min`;
  return seconds >= 60 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds)} s`;
}

export function size(bytes) {
  return bytes >= 1e6 ? `${(bytes / 1e6).toFixed(1)} MB` : `${Math.max(1, Math.round(bytes / 1e3))} kB`;
}

export const day = (since1970) => new Date(since1970 * 1000).toISOString().slice(0, 10);

export const counted = (n, one, many) => `${n.toLocaleString("en")} ${n === 1 ? one : many}`;

export const hertz = (pitch) => (pitch >= 1000 ? `${pitch / 1000} kHz` : `${pitch} Hz`);
