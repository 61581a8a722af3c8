// Pictures are asked for a few at a time, so that a search or a sound never waits behind forty of them.

const MOST = 3;
let busy = 0;
const waiting = [];

export async function inTurn(signal, work) {
  if (busy >= MOST) await new Promise((done) => waiting.push(done));
  busy += 1;
  try {
    signal.throwIfAborted();
    return await work();
  } finally {
    busy -= 1;
    waiting.shift()?.();
  }
}
